"""`/v1/crosswalk`: old to new between two days."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.encoding import answer, csv_answer, wanted
from api.examples import CROSSWALK, shows
from api.time_travel import Reading, parse_date
from registry.changes.period import AsOf
from registry.divisions.crosswalk import crosswalk
from registry.divisions.store import DivisionStore

router = APIRouter(prefix="/v1/crosswalk", tags=["crosswalk"])


@router.get("", operation_id="getCrosswalk", responses=shows(CROSSWALK))
def get_crosswalk(
    request: Request,
    reading: Reading,
    from_: Annotated[str, Query(alias="from", description="The old day", examples=["2020-06-30"])],
    to: Annotated[str, Query(description="The new day", examples=["2022-10-31"])],
    within: Annotated[str | None, Query(description="Id, or code on the new day")] = None,
    level: Annotated[int | None, Query(ge=1, le=5)] = None,
    format_: Annotated[str | None, Query(alias="format", pattern="^(json|csv)$")] = None,
) -> Response:
    """What every division of one day is on another: code, name, relation, shares, decrees."""
    start, end = parse_date(from_), parse_date(to)
    scope = None
    if within is not None:
        scope = DivisionStore(reading.connection).resolve(within, AsOf(end, reading.at.known))
    rows = crosswalk(
        reading.connection, start=start, end=end, known=reading.at.known, within=scope, level=level
    )
    if wanted(request, format_, of=("json", "csv")) == "csv":
        return csv_answer(reading, rows)
    return answer(reading, {"from": start, "to": end, "rows": rows})
