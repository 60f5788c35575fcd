"""`/v1/diff`: what is not the same at two points in time, as JSON, GeoJSON or a page for people."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from shapely.geometry import mapping

from api.diff_example import DIFFERENCE
from api.difference import (
    AskedDifference,
    FoundDifference,
    find_difference,
    point_of,
    scope_of,
)
from api.encoding import answer, geojson_answer, next_link
from api.examples import shows
from api.feed_view import Collections, known_names
from api.language import preferred
from api.time_travel import Reader, Reading
from api.web.difference import difference_page, render_difference
from registry.changes.period import AsOf
from registry.divisions.difference import Difference
from registry.divisions.store import DivisionStore
from registry.tables import COLLECTIONS

router = APIRouter(prefix="/v1/diff", tags=["changes"])

MOST = 10_000
ON_A_PAGE = 200

Point = Query(description="A day, or the number of a change", examples=["2021-01-05"])


@router.get("", operation_id="getDifference", responses=shows(DIFFERENCE))
def get_difference(
    request: Request,
    reading: Reading,
    from_: Annotated[str, Query(alias="from", description="A day, or the number of a change")],
    to: Annotated[str, Query(description="Another day, or number of a change")],
    within: Annotated[str | None, Query(description="Id, or code at either point")] = None,
    collection: Collections = None,
    limit: Annotated[int | None, Query(ge=1, le=MOST)] = None,
    cursor: Annotated[str | None, Query(description="From the link rel=next")] = None,
    format_: Annotated[str | None, Query(alias="format", pattern="^(json|geojson|html)$")] = None,
) -> Response:
    """Every division, name and address that is not the same at two points of both clocks.

    A day is read with the knowledge of `known`; a change number is the registry as known after
    that change, on the day `at`. An address whose rows stayed as they were but whose text did
    not is a difference: its town became a subdistrict.
    """
    start, end = point_of(reading, from_), point_of(reading, to)
    form = format_ or _accepted(request)
    wanted = known_names(collection, frozenset(COLLECTIONS), "collection")
    asked = AskedDifference(
        start=start,
        end=end,
        within=scope_of(reading, within, start, end),
        collections=wanted or frozenset(COLLECTIONS),
        limit=limit or (ON_A_PAGE if form == "html" else 1000),
        cursor=cursor,
    )
    found = find_difference(reading, asked)
    links = next_link(request, found.cursor)
    if form == "html":
        page = difference_page(reading, asked, found, request, preferred(request))
        return HTMLResponse(render_difference(page), headers=reading.headers())
    if form == "geojson":
        return geojson_answer(reading, _features(reading, asked, found), links=links)
    body = {
        "from": {"at": start.valid_on, "change": start.known},
        "to": {"at": end.valid_on, "change": end.known},
        "within": asked.within,
        "counts": found.counts,
        "differences": found.differences,
        "next": found.cursor,
    }
    return answer(reading, body, links=links)


def _accepted(request: Request) -> str:
    accept = request.headers.get("accept", "")
    if "application/geo+json" in accept:
        return "geojson"
    return "html" if "text/html" in accept else "json"


def _features(
    reading: Reader, asked: AskedDifference, found: FoundDifference
) -> list[dict[str, Any]]:
    """Each difference where it is after, or where it was when it is no more."""
    units = [one.id for one in found.differences if one.collection == "divisions"]
    store = DivisionStore(reading.connection)
    sides = {
        side: {unit: mapping(held.territory) for unit, held in store.territories(units, at).items()}
        for side, at in (("before", asked.start), ("after", asked.end))
    }
    return [_feature(one, sides, asked.end) for one in found.differences]


def _feature(one: Difference, sides: dict[str, dict[UUID, Any]], _end: AsOf) -> dict[str, Any]:
    side = "before" if one.after is None else "after"
    shown = one.before if one.after is None else one.after
    geometry = sides[side].get(one.id)
    position = (shown or {}).get("position")
    if position is not None:
        geometry = {"type": "Point", "coordinates": [position["lon"], position["lat"]]}
    properties: dict[str, Any] = msgspec.to_builtins(one)
    return {
        "type": "Feature",
        "id": str(one.id),
        "properties": {**properties, "side": side},
        "geometry": geometry,
    }
