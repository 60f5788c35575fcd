"""What is told of tile sets: TileJSON 3.0, and a MapLibre style (version 8) that draws them."""

from typing import Any

from sqlalchemy import Connection

from api.language import Language
from api.ogc.catalogue import TILED, extent
from registry.tiles import LAST_ZOOM, SETS

PAPER, INK, WATER = "#f6f4ee", "#1f2a37", "#cfdfee"
LINE_WIDTHS = {1: 3.0, 2: 2.4, 3: 1.8, 4: 1.2, 5: 0.6}


def tile_json(url: str, connection: Connection, name: str, language: Language) -> dict[str, Any]:
    """One set as TileJSON."""
    one = SETS[name]
    collection = next(key for key, tiled in TILED.items() if tiled == name)
    return {
        "tilejson": "3.0.0",
        "name": one.title_zh if language == "zh" else one.title_en,
        "scheme": "xyz",
        "tiles": [f"{url}/tiles/{name}/{{z}}/{{x}}/{{y}}.mvt"],
        "minzoom": one.first_zoom,
        "maxzoom": LAST_ZOOM,
        "bounds": list(extent(connection, collection)),
        "vector_layers": [{"id": name, "fields": dict(one.fields), "minzoom": one.first_zoom, "maxzoom": LAST_ZOOM}],
    }  # fmt: skip


def style(url: str, language: Language) -> dict[str, Any]:
    """A style over all sets; labels want glyphs, which are the map's to choose."""
    return {
        "version": 8,
        "name": "地名地址登记库" if language == "zh" else "Place Registry",
        "sources": {name: {"type": "vector", "url": f"{url}/tiles/{name}.json"} for name in SETS},
        "layers": [
            {"id": "paper", "type": "background", "paint": {"background-color": PAPER}},
            {
                "id": "divisions-fill",
                "type": "fill",
                "source": "divisions",
                "source-layer": "divisions",
                "filter": ["==", ["get", "level"], 3],
                "paint": {"fill-color": WATER, "fill-opacity": 0.4},
            },
            _thoroughfares(),
            *(_lines(level) for level in sorted(LINE_WIDTHS, reverse=True)),
            _dots("names", "#14489c", 2.5),
            _dots("addresses", "#d3202c", 2.0),
        ],
    }


def _thoroughfares() -> dict[str, Any]:
    return {
        "id": "thoroughfares",
        "type": "line",
        "source": "thoroughfares",
        "source-layer": "thoroughfares",
        "paint": {"line-color": "#ffffff", "line-width": 2.0},
    }


def _lines(level: int) -> dict[str, Any]:
    return {
        "id": f"boundary-lines-{level}",
        "type": "line",
        "source": "boundary-lines",
        "source-layer": "boundary-lines",
        "filter": ["==", ["get", "level"], level],
        "paint": {"line-color": INK, "line-width": LINE_WIDTHS[level]},
    }


def _dots(name: str, colour: str, radius: float) -> dict[str, Any]:
    return {
        "id": name,
        "type": "circle",
        "source": name,
        "source-layer": name,
        "paint": {"circle-color": colour, "circle-radius": radius},
    }
