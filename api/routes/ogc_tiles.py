"""OGC API Tiles under `/ogc`: the tile sets of collections in the tiling scheme of web maps."""

from typing import Any

from fastapi import APIRouter, Request, Response

from api.language import preferred
from api.ogc.asking import SHARED, TIME, day_named, known_collection, refuse_unknown
from api.ogc.catalogue import JSON, OGC_CRS84, REL, TILED, TOLD, WORDS, base_of, extent, link
from api.ogc.described import described
from api.ogc.examples import DATED, DESCRIBED, answers, tile_answers
from api.ogc.matrix import SCHEME, SCHEME_URI, SCHEMES, WORLD_CRS, matrix_set
from api.ogc.refusals import invalid, unknown
from api.tile_answers import MVT, tile_answer
from api.time_travel import At, Known, PlanId, Recorded
from geo.tiling import tile_at
from registry.tiles import LAST_ZOOM, SETS

router = APIRouter(prefix="/ogc", tags=["ogc"])


@router.get(
    "/tileMatrixSets",
    operation_id="listTileMatrixSets",
    openapi_extra=DESCRIBED,
    responses=answers({}),
)
def tile_matrix_sets(request: Request, reading: Recorded) -> Response:
    """The tiling schemes there are."""
    href = f"{base_of(request)}/tileMatrixSets/{SCHEME}"
    one = {"id": SCHEME, "title": SCHEME, "uri": SCHEME_URI}
    links = [link(href, f"{REL}tiling-scheme", JSON, SCHEME)]
    return described(request, reading, {"tileMatrixSets": [{**one, "links": links}]})


@router.get(
    "/tileMatrixSets/{scheme}",
    operation_id="getTileMatrixSet",
    openapi_extra=DESCRIBED,
    responses=answers({}),
)
def tile_matrix_set(scheme: str, request: Request, reading: Recorded) -> Response:
    """A tiling scheme: the tile matrix of every zoom."""
    _known_scheme(scheme)
    return described(request, reading, matrix_set())


@router.get(
    "/collections/{collection}/tiles",
    operation_id="listOgcTileSets",
    openapi_extra=DESCRIBED,
    responses=answers({}),
)
def tile_sets(collection: str, request: Request, reading: Recorded) -> Response:
    """The tile sets of a collection."""
    name = _tiled(collection)
    here = f"{base_of(request)}/collections/{name}/tiles"
    one = {
        **_about(request, name),
        "links": [link(f"{here}/{SCHEME}", "self", JSON, SCHEME), *_scheme_links(request)],
    }
    links = [link(here, "self", JSON, WORDS[preferred(request)]["this"])]
    return described(request, reading, {"links": links, "tilesets": [one]})


@router.get(
    "/collections/{collection}/tiles/{scheme}",
    operation_id="getOgcTileSet",
    openapi_extra=DESCRIBED,
    responses=answers({}),
)
def tile_set(collection: str, scheme: str, request: Request, reading: Recorded) -> Response:
    """One tile set: its scheme, how far it reaches, where its tiles are."""
    name = _tiled(collection)
    _known_scheme(scheme)
    here = f"{base_of(request)}/collections/{name}/tiles/{SCHEME}"
    west, south, east, north = extent(reading.connection, name)
    one = SETS[TILED[name]]
    body = {
        **_about(request, name),
        "boundingBox": {"lowerLeft": [west, south], "upperRight": [east, north], "crs": OGC_CRS84},
        "tileMatrixSetLimits": [
            _limits(zoom, (west, south, east, north)) for zoom in range(one.first_zoom, LAST_ZOOM + 1)
        ],
        "layers": [
            {
                "id": one.name,
                "dataType": "vector",
                "geometryDimension": {"point": 0, "line": 1, "polygon": 2}[one.kind],
                "propertiesSchema": {
                    "type": "object",
                    "properties": {field: {"type": kind.lower()} for field, kind in one.fields.items()},
                },
            }
        ],
        "links": [
            link(here, "self", JSON, WORDS[preferred(request)]["this"]),
            link(f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", "item", MVT, one.name) | {"templated": True},
            *_scheme_links(request),
        ],
    }  # fmt: skip
    return described(request, reading, body)


@router.get(
    "/collections/{collection}/tiles/{scheme}/{matrix}/{row}/{column}",
    operation_id="getOgcTile",
    openapi_extra=DATED,
    responses=tile_answers(MVT),
    response_class=Response,
)
def tile(
    collection: str,
    scheme: str,
    matrix: str,
    row: str,
    column: str,
    request: Request,
    at: At = None,
    known: Known = None,
    plan: PlanId = None,
) -> Response:
    """One vector tile: matrix (zoom), row from the north, column from the west."""
    refuse_unknown(request, TIME | SHARED)
    name = _tiled(collection)
    _known_scheme(scheme)
    moment = request.query_params.get("datetime")
    if moment is not None and at is not None:
        raise invalid("give datetime or at, not both")
    place = _place(matrix), _place(column), _place(row)
    day = at if moment is None else day_named(moment).isoformat()
    return tile_answer(request, TILED[name], place, (day, known, plan))


def _tiled(collection: str) -> str:
    name = known_collection(collection)
    if name not in TILED:
        raise unknown(f"collection {name} has no tiles")
    return name


def _known_scheme(scheme: str) -> None:
    if scheme not in SCHEMES:
        raise unknown(f"there is no tiling scheme {scheme}; there is {SCHEME}")


def _place(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise unknown(f"there is no tile {text}")
    return int(text)


def _about(request: Request, name: str) -> dict[str, Any]:
    return {
        "title": TOLD[name].title(preferred(request)),
        "dataType": "vector",
        "crs": WORLD_CRS,
        "tileMatrixSetURI": SCHEME_URI,
    }


def _scheme_links(request: Request) -> list[dict[str, str]]:
    href = f"{base_of(request)}/tileMatrixSets/{SCHEME}"
    return [link(href, f"{REL}tiling-scheme", JSON, SCHEME)]


def _limits(zoom: int, bounds: tuple[float, float, float, float]) -> dict[str, Any]:
    west, south, east, north = bounds
    left, top = tile_at(west, north, zoom)
    right, bottom = tile_at(east, south, zoom)
    return {
        "tileMatrix": str(zoom),
        "minTileRow": top,
        "maxTileRow": bottom,
        "minTileCol": left,
        "maxTileCol": right,
    }
