"""`/tiles`: vector tiles of the registry, their TileJSON, and a style to begin a map with."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from api.encoding import answer
from api.language import preferred
from api.ogc.examples import tile_answers
from api.tile_answers import MVT, refuse_unknown_tile, tile_answer
from api.tile_styles import style, tile_json
from api.time_travel import At, Known, PlanId, Recorded

router = APIRouter(prefix="/tiles", tags=["tiles"])

SetName = Annotated[str, Path(description="divisions, names, addresses, thoroughfares or boundary-lines.", examples=["divisions"])]  # fmt: skip
Zoom = Annotated[int, Path(description="Zoom, 0 to 16.", examples=[9])]
Column = Annotated[int, Path(description="Column, from the west.", examples=[423])]
Row = Annotated[int, Path(description="Row, from the north.", examples=[218])]
EXAMPLE: dict[str, Any] = {"tilejson": "3.0.0", "name": "divisions", "minzoom": 0, "maxzoom": 16}


@router.get(
    "/style.json",
    operation_id="getTileStyle",
    responses={200: {"content": {"application/json": {"example": {"version": 8}}}}},
)
def get_style(request: Request, reading: Recorded) -> Response:
    """A MapLibre style over all sets."""
    return answer(reading, style(request.app.state.settings.public_url, preferred(request)))


@router.get(
    "/{tile_set}.json",
    operation_id="getTileJson",
    responses={200: {"content": {"application/json": {"example": EXAMPLE}}}},
)
def get_tile_json(tile_set: SetName, request: Request, reading: Recorded) -> Response:
    """One set, described as TileJSON 3.0."""
    refuse_unknown_tile(tile_set, (0, 0, 0))
    url = request.app.state.settings.public_url
    return answer(reading, tile_json(url, reading.connection, tile_set, preferred(request)))


@router.get(
    "/{tile_set}/{z}/{x}/{y}.mvt", operation_id="getTile", responses=tile_answers(MVT),
    response_class=Response,
)  # fmt: skip
def get_tile(
    tile_set: SetName,
    z: Zoom,
    x: Column,
    y: Row,
    request: Request,
    at: At = None,
    known: Known = None,
    plan: PlanId = None,
) -> Response:
    """One vector tile (Mapbox Vector Tile 2.1) at a point of both clocks."""
    return tile_answer(request, tile_set, (z, x, y), (at, known, plan))
