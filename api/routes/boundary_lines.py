"""`/v1/boundary-lines`: lines (界线) between divisions, what was agreed of them, inspections."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api import clock
from api.coordinates import bbox_of
from api.encoding import JSON, answer, encode
from api.examples import shows
from api.line_requests import (
    Bbox,
    Course,
    Derive,
    Described,
    Format,
    Inspected,
    Judge,
    Limit,
    Series,
    after_of,
    intent,
    listed,
    refuse_repetition,
    refuse_stale_line,
    tag_of,
    told,
)
from api.line_views import LINE, MARKER, line_of, marker_of
from api.time_travel import Recorded
from api.work import works_on
from registry.changes.model import Verb
from registry.changes.period import AsOf
from registry.divisions.store import DivisionStore
from registry.lines import commands, particulars
from registry.lines.following import derive_all
from registry.lines.store import LineStore

router = APIRouter(prefix="/v1/boundary-lines", tags=["surveyors"])


@router.get("", operation_id="listBoundaryLines", responses=shows({"lines": [LINE], "next": None}))
def list_lines(
    request: Request,
    reading: Recorded,
    division: Annotated[str | None, Query(description="Lines of it, by id or code")] = None,
    within: Annotated[str | None, Query(description="Lines of what lies in it")] = None,
    level: Annotated[int | None, Query(ge=1, le=5)] = None,
    bbox: Bbox = None,
    limit: Limit = 100,
    cursor: str | None = None,
    format_: Format = None,
) -> Response:
    """Boundary lines that hold on a day, by id."""
    resolve = DivisionStore(reading.connection).resolve
    found = LineStore(reading.connection).lines(
        reading.at,
        division=None if division is None else resolve(division, reading.at),
        within=None if within is None else resolve(within, reading.at),
        level=level,
        bbox=None if bbox is None else bbox_of(bbox),
        limit=limit + 1,
        after=after_of(cursor),
    )
    shown = [line_of(one) for one in found[:limit]]
    return listed(request, reading, "lines", shown, more=len(found) > limit, format_=format_)


@router.get("/{line_id}", operation_id="getBoundaryLine", responses=shows(LINE))
def get_line(line_id: UUID, request: Request, reading: Recorded) -> Response:
    """One line on a day; its ETag is what `If-Match` of an edit names."""
    shown = line_of(LineStore(reading.connection).line(line_id, reading.at))
    refuse_repetition(request, tag_of(shown))
    answered = answer(reading, shown)
    answered.headers["ETag"] = tag_of(shown)
    return answered


@router.post("", status_code=HTTPStatus.CREATED, operation_id="deriveBoundaryLines")
def derive_lines(asked: Derive, request: Request, staff: Judge) -> Response:
    """Begin the lines of a level in a division, read off the territories; those known stay."""
    with works_on(request.app.state.engine)(intent(staff, "生成界线", Verb.IMPORT)) as work:
        at = AsOf(clock.today(), work.number)
        within = DivisionStore(work.connection).resolve(asked.within, at)
        count = derive_all(work, within, asked.level, on=clock.today())
        number = work.number
    body = encode({"lines": count, "change": number})
    headers = {"Cache-Control": "no-store"}
    return Response(body, HTTPStatus.CREATED, media_type=JSON, headers=headers)


@router.patch("/{line_id}", operation_id="describeBoundaryLine", responses=shows(LINE))
def describe_line(line_id: UUID, said: Described, request: Request, staff: Judge) -> Response:
    """Say what was agreed of a line, and how well it is known, from a day on.

    With `If-Match` it is refused when the line changed since it was read.
    """
    day = said.on or clock.today()
    with works_on(request.app.state.engine)(intent(staff, "界线资料", Verb.CHANGE, day)) as work:
        refuse_stale_line(request, work, line_id)
        commands.describe(work, line_id, said.values(), on=day)
        found = LineStore(work.connection).line(line_id, AsOf(day, work.number))
    return told(line_of(found))


@router.post(
    "/{line_id}/inspections",
    status_code=HTTPStatus.CREATED,
    operation_id="inspectBoundaryLine",
    responses={201: shows(LINE)[200]},
)
def inspect_line(line_id: UUID, said: Inspected, request: Request, staff: Judge) -> Response:
    """Both sides have inspected the line together; one that is agreed is due again in five years."""
    asked = intent(staff, "联合检查", Verb.CHANGE, said.on)
    with works_on(request.app.state.engine)(asked) as work:
        refuse_stale_line(request, work, line_id)
        commands.inspect(work, line_id, inspected_on=said.on)
        found = LineStore(work.connection).line(line_id, AsOf(said.on, work.number))
    return told(line_of(found), HTTPStatus.CREATED)


@router.put("/{line_id}/segments", operation_id="describeBoundaryCourse", responses=shows(LINE))
def describe_course(line_id: UUID, said: Course, request: Request, staff: Judge) -> Response:
    """Say of a line, from a day on, what shows it on the ground, segment by segment.

    Segments follow each other: one ends where the next begins.
    """
    day = said.on or clock.today()
    with works_on(request.app.state.engine)(intent(staff, "界线走向", Verb.CHANGE, day)) as work:
        refuse_stale_line(request, work, line_id)
        particulars.describe_course(work, line_id, said.values(), on=day)
        found = LineStore(work.connection).line(line_id, AsOf(day, work.number))
    return told(line_of(found))


@router.post(
    "/{line_id}/markers/series",
    status_code=HTTPStatus.CREATED,
    operation_id="setMarkerSeries",
    responses={201: shows({"markers": [MARKER]})[200]},
)
def set_series(line_id: UUID, said: Series, request: Request, staff: Judge) -> Response:
    """Put markers up on a line together: numbered in one series, from west or north.

    All of them or none. Numbers go on after the highest the line ever gave.
    """
    day = said.on or clock.today()
    with works_on(request.app.state.engine)(intent(staff, "设置界桩", Verb.CHANGE, day)) as work:
        made = particulars.set_series(work, line_id, said.stands(), on=day)
    body = encode({"markers": [marker_of(one) for one in made]})
    headers = {"Cache-Control": "no-store"}
    return Response(body, HTTPStatus.CREATED, media_type=JSON, headers=headers)
