"""`/v1/boundary-markers`: markers (界桩) of boundary lines, how they stand, their photographs."""

from datetime import date
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Path, Query, Request, Response, UploadFile
from shapely.geometry import Point

from api import clock
from api.coordinates import bbox_of
from api.encoding import answer
from api.examples import shows
from api.line_requests import (
    Bbox,
    Format,
    Judge,
    Landmarks,
    Limit,
    NewMarker,
    Standing,
    Words,
    after_of,
    intent,
    listed,
    refuse_repetition,
    refuse_stale,
    tag_of,
    told,
)
from api.line_views import MARKER, marker_of
from api.marker_sheets import PHOTOS
from api.plate_photos import LARGEST_BYTES, keep_photo, photo_file
from api.problems import Refusal
from api.security import Staff
from api.time_travel import Recorded, asked_day
from api.work import works_on
from registry.changes.model import Verb
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.lines import commands, particulars
from registry.lines.model import refuse_to_come
from registry.lines.store import LineStore

router = APIRouter(tags=["surveyors"])
FOR_EVER = "private, max-age=31536000, immutable"
"""A photograph is kept under its digest: under one address there is never another."""


@router.get(
    "/v1/boundary-markers",
    operation_id="listBoundaryMarkers",
    responses=shows({"markers": [MARKER], "next": None}),
)
def list_markers(
    request: Request,
    reading: Recorded,
    line: Annotated[UUID | None, Query(description="Markers of this line")] = None,
    bbox: Bbox = None,
    limit: Limit = 100,
    cursor: str | None = None,
    format_: Format = None,
) -> Response:
    """Boundary markers on a day, by id."""
    found = LineStore(reading.connection).markers(
        reading.at,
        line=line,
        bbox=None if bbox is None else bbox_of(bbox),
        limit=limit + 1,
        after=after_of(cursor),
    )
    shown = [marker_of(one) for one in found[:limit]]
    return listed(request, reading, "markers", shown, more=len(found) > limit, format_=format_)


@router.get(
    "/v1/boundary-markers/{marker_id}", operation_id="getBoundaryMarker", responses=shows(MARKER)
)
def get_marker(marker_id: UUID, request: Request, reading: Recorded) -> Response:
    """One marker on a day; its ETag is what `If-Match` of an edit names."""
    shown = marker_of(LineStore(reading.connection).marker(marker_id, reading.at))
    refuse_repetition(request, tag_of(shown))
    answered = answer(reading, shown)
    answered.headers["ETag"] = tag_of(shown)
    return answered


@router.post(
    "/v1/boundary-lines/{line_id}/markers",
    status_code=HTTPStatus.CREATED,
    operation_id="setBoundaryMarker",
    responses={201: shows(MARKER)[200]},
)
def set_marker(line_id: UUID, said: NewMarker, request: Request, staff: Judge) -> Response:
    """Put a marker up on a line, or say otherwise of the one with that number."""
    day = said.on or clock.today()
    with works_on(request.app.state.engine)(intent(staff, "设置界桩", Verb.CHANGE, day)) as work:
        made = commands.set_marker(
            work,
            line_id,
            number=said.number,
            kind=said.kind,
            spot=Point(said.lon, said.lat),
            on=day,
            more=said.more(),
        )
    return told(marker_of(made), HTTPStatus.CREATED)


@router.post(
    "/v1/boundary-markers/{marker_id}/state",
    operation_id="reportBoundaryMarker",
    responses=shows(MARKER),
)
def report_marker(marker_id: UUID, said: Standing, request: Request, staff: Judge) -> Response:
    """How a marker stands from a day on.

    With `If-Match` it is refused when the marker changed since it was read.
    """
    day = said.on or clock.today()
    with works_on(request.app.state.engine)(intent(staff, "界桩状况", Verb.CHANGE, day)) as work:
        store = LineStore(work.connection)
        if "if-match" in request.headers:
            held = store.marker(marker_id, AsOf(clock.today(), work.number))
            refuse_stale(request, marker_of(held))
        commands.report_marker(work, marker_id, said.state, on=day)
        found = store.marker(marker_id, AsOf(day, work.number))
    return told(marker_of(found))


@router.put(
    "/v1/boundary-markers/{marker_id}/landmarks",
    operation_id="noteMarkerLandmarks",
    responses=shows(MARKER),
)
def note_landmarks(marker_id: UUID, said: Landmarks, request: Request, staff: Judge) -> Response:
    """Say of a marker, from a day on, what it is found again by: things nearby, seen from it."""
    day = said.on or clock.today()
    with works_on(request.app.state.engine)(intent(staff, "界桩方位物", Verb.CHANGE, day)) as work:
        store = LineStore(work.connection)
        if "if-match" in request.headers:
            held = store.marker(marker_id, AsOf(clock.today(), work.number))
            refuse_stale(request, marker_of(held))
        particulars.note_landmarks(work, marker_id, said.values(), on=day)
        found = store.marker(marker_id, AsOf(day, work.number))
    return told(marker_of(found))


@router.post(
    "/v1/boundary-markers/{marker_id}/photos",
    status_code=HTTPStatus.CREATED,
    operation_id="addMarkerPhoto",
    responses={201: shows(MARKER)[200]},
)
def add_photo(
    marker_id: UUID,
    request: Request,
    _staff: Staff,
    photo: Annotated[UploadFile, File(description="JPEG or PNG of the marker")],
    on: Annotated[date | None, Form()] = None,
    note: Annotated[Words | None, Form(max_length=500)] = None,
) -> Response:
    """A photograph of a marker, kept without what a camera adds about place and person."""
    day = on or clock.today()
    refuse_to_come(day, today=clock.today())
    body = photo.file.read(LARGEST_BYTES + 1)
    with request.app.state.engine.connect() as connection:
        at = ChangeStore(connection).as_of(day)
        LineStore(connection).marker(marker_id, at)
        digest = keep_photo(request.app.state.settings.home, body, PHOTOS)
        commands.add_photo(connection, marker_id, digest, taken_on=day, note=note)
        found = LineStore(connection).marker(marker_id, at)
        connection.commit()
    answered = told(marker_of(found), HTTPStatus.CREATED)
    answered.headers["Location"] = f"/v1/boundary-markers/{marker_id}/photos/{digest}"
    return answered


@router.get(
    "/v1/boundary-markers/{marker_id}/photos/{sha256}",
    operation_id="getMarkerPhoto",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
)
def get_photo(
    marker_id: UUID,
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="As the marker lists it")],
    request: Request,
    _staff: Staff,
) -> Response:
    """A photograph of a marker; for staff, as it may show more than a marker."""
    asked_day(request, None)
    with request.app.state.engine.connect() as connection:
        kept = LineStore(connection).has_photo(marker_id, sha256)
    file = photo_file(request.app.state.settings.home, sha256, PHOTOS)
    if not kept or not file.exists():
        raise Refusal("not-found", HTTPStatus.NOT_FOUND, "there is no such photo of this marker")
    refuse_repetition(request, f'"{sha256}"')
    headers = {
        "Cache-Control": FOR_EVER,
        "ETag": f'"{sha256}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(file.read_bytes(), media_type="image/jpeg", headers=headers)
