"""`/v1/boundary-lines`, `/v1/boundary-markers`: lines (界线) and markers (界桩) between divisions."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from shapely.geometry import Point

from api import clock
from api.coordinates import bbox_of
from api.encoding import JSON, answer, encode, geojson_answer, next_link, wanted
from api.examples import shows
from api.line_views import LINE, MARKER, feature_of, line_of, marker_of
from api.plate_photos import LARGEST_BYTES, keep_photo
from api.security import Holder, Staff, require
from api.time_travel import Reader, Recorded
from api.work import works_on
from registry.changes.model import Intent, Verb
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.divisions.store import DivisionStore
from registry.errors import CursorIsInvalid
from registry.lines import commands
from registry.lines.following import derive_all
from registry.lines.model import LegalStatus, MarkerKind, MarkerState, TechnicalStatus
from registry.lines.store import LineStore

router = APIRouter(tags=["surveyors"])
Judge = Annotated[Holder, Depends(require("reviewer", "approver"))]
PHOTOS = "marker-photos"
Format = Annotated[str | None, Query(alias="format", pattern="^(json|geojson)$")]
Bbox = Annotated[
    str | None,
    Query(description="west,south,east,north in degrees", examples=["118,24.4,118.2,24.6"]),
]
Limit = Annotated[int, Query(ge=1, le=1000)]


class Derive(BaseModel):
    """Where lines are to be read off the territories."""

    model_config = ConfigDict(extra="forbid")

    within: str = Field(description="Id or code of a division")
    level: int = Field(ge=1, le=5)


class Described(BaseModel):
    """What is said of a line from a day on."""

    model_config = ConfigDict(extra="forbid")

    on: date | None = Field(default=None, description="Default today")
    number: str | None = Field(default=None, pattern=r"^\d{4}$")
    legal_status: LegalStatus | None = None
    technical_status: TechnicalStatus | None = None
    accuracy_m: float | None = Field(default=None, gt=0, lt=1000)
    agreed_length_m: float | None = Field(default=None, gt=0)
    agreement_number: str | None = Field(default=None, max_length=200)
    agreement_on: date | None = None
    agreement_sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    description: str | None = Field(default=None, max_length=20_000)


class Inspected(BaseModel):
    """A joint inspection."""

    model_config = ConfigDict(extra="forbid")

    on: date


class NewMarker(BaseModel):
    """A marker that is put up."""

    model_config = ConfigDict(extra="forbid")

    number: str
    kind: MarkerKind
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    on: date | None = None
    material: str | None = Field(default=None, max_length=100)
    face_texts: str | None = Field(default=None, max_length=500)
    keeper: str | None = Field(default=None, max_length=200, description="An office, no person")
    accuracy_m: float | None = Field(default=None, gt=0, lt=1000)


class Standing(BaseModel):
    """How a marker stands from a day on."""

    model_config = ConfigDict(extra="forbid")

    state: MarkerState
    on: date | None = None


@router.get(
    "/v1/boundary-lines",
    operation_id="listBoundaryLines",
    responses=shows({"lines": [LINE], "next": None}),
)
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
        after=_after(cursor),
    )
    shown = [line_of(one) for one in found[:limit]]
    return _listed(request, reading, "lines", shown, more=len(found) > limit, format_=format_)


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
        after=_after(cursor),
    )
    shown = [marker_of(one) for one in found[:limit]]
    return _listed(request, reading, "markers", shown, more=len(found) > limit, format_=format_)


@router.post(
    "/v1/boundary-lines", status_code=HTTPStatus.CREATED, operation_id="deriveBoundaryLines"
)
def derive_lines(asked: Derive, request: Request, staff: Judge) -> Response:
    """Begin the lines of a level in a division, read off the territories; those known stay."""
    with works_on(request.app.state.engine)(_intent(staff, "生成界线", Verb.IMPORT)) as work:
        at = AsOf(clock.today(), work.number)
        within = DivisionStore(work.connection).resolve(asked.within, at)
        count = derive_all(work, within, asked.level, on=clock.today())
        number = work.number
    return _answer({"lines": count, "change": number}, HTTPStatus.CREATED)


@router.patch(
    "/v1/boundary-lines/{line_id}", operation_id="describeBoundaryLine", responses=shows(LINE)
)
def describe_line(line_id: UUID, said: Described, request: Request, staff: Judge) -> Response:
    """Say what was agreed of a line, and how well it is known, from a day on."""
    day = said.on or clock.today()
    values = said.model_dump(exclude_unset=True, exclude={"on"})
    plain = {
        name: value.value if isinstance(value, LegalStatus | TechnicalStatus) else value
        for name, value in values.items()
    }
    with works_on(request.app.state.engine)(_intent(staff, "界线资料", Verb.CHANGE, day)) as work:
        commands.describe(work, line_id, plain, on=day)
        found = LineStore(work.connection).line(line_id, AsOf(day, work.number))
    return _answer(line_of(found))


@router.post(
    "/v1/boundary-lines/{line_id}/inspections",
    status_code=HTTPStatus.CREATED,
    operation_id="inspectBoundaryLine",
    responses={201: shows(LINE)[200]},
)
def inspect_line(line_id: UUID, said: Inspected, request: Request, staff: Judge) -> Response:
    """Both sides have inspected the line together; it is due again in five years."""
    intent = _intent(staff, "联合检查", Verb.CHANGE, said.on)
    with works_on(request.app.state.engine)(intent) as work:
        commands.inspect(work, line_id, inspected_on=said.on)
        found = LineStore(work.connection).line(line_id, AsOf(said.on, work.number))
    return _answer(line_of(found), HTTPStatus.CREATED)


@router.post(
    "/v1/boundary-lines/{line_id}/markers",
    status_code=HTTPStatus.CREATED,
    operation_id="setBoundaryMarker",
    responses={201: shows(MARKER)[200]},
)
def set_marker(line_id: UUID, said: NewMarker, request: Request, staff: Judge) -> Response:
    """Put a marker up on a line, or say otherwise of the one with that number."""
    day = said.on or clock.today()
    more = said.model_dump(
        include={"material", "face_texts", "keeper", "accuracy_m"}, exclude_none=True
    )
    with works_on(request.app.state.engine)(_intent(staff, "设置界桩", Verb.CHANGE, day)) as work:
        made = commands.set_marker(
            work,
            line_id,
            number=said.number,
            kind=said.kind,
            spot=Point(said.lon, said.lat),
            on=day,
            more=more,
        )
    return _answer(marker_of(made), HTTPStatus.CREATED)


@router.post(
    "/v1/boundary-markers/{marker_id}/state",
    operation_id="reportBoundaryMarker",
    responses=shows(MARKER),
)
def report_marker(marker_id: UUID, said: Standing, request: Request, staff: Judge) -> Response:
    """How a marker stands from a day on."""
    day = said.on or clock.today()
    with works_on(request.app.state.engine)(_intent(staff, "界桩状况", Verb.CHANGE, day)) as work:
        commands.report_marker(work, marker_id, said.state, on=day)
        found = LineStore(work.connection).marker(marker_id, AsOf(day, work.number))
    return _answer(marker_of(found))


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
    note: Annotated[str | None, Form(max_length=500)] = None,
) -> Response:
    """A photograph of a marker, kept without what a camera adds about place and person."""
    day = on or clock.today()
    body = photo.file.read(LARGEST_BYTES + 1)
    with request.app.state.engine.connect() as connection:
        at = ChangeStore(connection).as_of(day)
        LineStore(connection).marker(marker_id, at)
        digest = keep_photo(request.app.state.settings.home, body, PHOTOS)
        commands.add_photo(connection, marker_id, digest, taken_on=day, note=note)
        found = LineStore(connection).marker(marker_id, at)
        connection.commit()
    return _answer(marker_of(found), HTTPStatus.CREATED)


def _listed(
    request: Request,
    reading: Reader,
    name: Literal["lines", "markers"],
    shown: list[dict[str, Any]],
    *,
    more: bool,
    format_: str | None,
) -> Response:
    cursor = str(shown[-1]["id"]) if more else None
    links = next_link(request, cursor)
    if wanted(request, format_, of=("json", "geojson")) == "geojson":
        return geojson_answer(reading, [feature_of(one) for one in shown], links=links)
    return answer(reading, {name: shown, "next": cursor}, links=links)


def _after(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(cursor)
    except ValueError as error:
        raise CursorIsInvalid(cursor) from error


def _intent(staff: Holder, title: str, verb: Verb, day: date | None = None) -> Intent:
    return Intent(author=staff.name, verb=verb, title=title, effective_on=day)


def _answer(body: Any, status: int = HTTPStatus.OK) -> Response:
    return Response(
        encode(body), status_code=status, media_type=JSON, headers={"Cache-Control": "no-store"}
    )
