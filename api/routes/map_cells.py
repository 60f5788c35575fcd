"""`/map/{x}/{y}.json`: what the map of the door's page is drawn from, square by square."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.encoding import answer
from api.map_cells import cell
from api.time_travel import Recorded

router = APIRouter(tags=["pages"])


@router.get("/map/{x}/{y}.json", operation_id="mapCell")
def map_cell(
    reading: Recorded,
    x: Annotated[int, Path(ge=-18_000, lt=18_000, description="Longitude / 0.01°, rounded down.")],
    y: Annotated[int, Path(ge=-9_000, lt=9_000, description="Latitude / 0.01°, rounded down.")],
) -> Response:
    """Territories, roads and door numbers in one square of 0.01°, EPSG:4490."""
    return answer(reading, cell(reading, x, y))
