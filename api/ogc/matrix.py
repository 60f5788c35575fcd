"""The tiling scheme of web maps as OGC describes it.

Source: OGC 17-083r4, Two Dimensional Tile Matrix Set, annex D.1 (WebMercatorQuad).
"""

from typing import Any

from registry.tiles import LAST_ZOOM

SCHEME = "WebMercatorQuad"
SCHEMES = (SCHEME,)
SCHEME_URI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
WORLD_CRS = "http://www.opengis.net/def/crs/EPSG/0/3857"
HALF_WORLD_M = 20037508.342789244
SIDE_PX = 256
PIXEL_M = 0.00028
"""The side of a pixel that scale denominators speak of."""


def matrix_set() -> dict[str, Any]:
    """The whole scheme."""
    return {
        "id": SCHEME,
        "title": "Google Maps Compatible for the World",
        "uri": SCHEME_URI,
        "crs": WORLD_CRS,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": [_matrix(zoom) for zoom in range(LAST_ZOOM + 1)],
    }


def _matrix(zoom: int) -> dict[str, Any]:
    cell_m = 2 * HALF_WORLD_M / (SIDE_PX * 2**zoom)
    return {
        "id": str(zoom),
        "scaleDenominator": cell_m / PIXEL_M,
        "cellSize": cell_m,
        "pointOfOrigin": [-HALF_WORLD_M, HALF_WORLD_M],
        "tileWidth": SIDE_PX,
        "tileHeight": SIDE_PX,
        "matrixWidth": 2**zoom,
        "matrixHeight": 2**zoom,
    }
