"""What is said of boundary lines and markers over HTTP."""

import hashlib
from datetime import date
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from shapely.geometry import Point

from api import clock
from api.encoding import JSON, answer, encode, geojson_answer, next_link, wanted
from api.line_views import feature_of, line_of
from api.problems import NotModified, Refusal
from api.security import Holder, require
from api.time_travel import Reader
from registry.changes.model import Intent, Verb
from registry.changes.period import AsOf
from registry.changes.work import Work
from registry.errors import CursorIsInvalid
from registry.lines.model import (
    Landmark,
    LegalStatus,
    MarkerKind,
    MarkerState,
    Segment,
    SegmentKind,
    TechnicalStatus,
)
from registry.lines.particulars import Stand
from registry.lines.store import LineStore

Judge = Annotated[Holder, Depends(require("reviewer", "approver"))]
Format = Annotated[str | None, Query(alias="format", pattern="^(json|geojson)$")]
Bbox = Annotated[
    str | None,
    Query(description="west,south,east,north in degrees", examples=["118,24.4,118.2,24.6"]),
]
Limit = Annotated[int, Query(ge=1, le=1000)]
LONGEST_M = 1e8
"""More than the earth is round."""
MOST_IN_SERIES = 999
FARTHEST_LANDMARK_M = 5000.0


def _writable(text: str) -> str:
    # JSON can escape both; no database and no answer can hold them.
    if "\x00" in text or any("\ud800" <= one <= "\udfff" for one in text):
        raise ValueError("a text holds neither NUL nor half a character")
    return text


Words = Annotated[str, AfterValidator(_writable)]


class Derive(BaseModel):
    """Where lines are to be read off the territories."""

    model_config = ConfigDict(extra="forbid")

    within: str = Field(description="Id or code of a division")
    level: int = Field(ge=1, le=5)


class Described(BaseModel):
    """What is said of a line from a day on."""

    model_config = ConfigDict(extra="forbid")

    on: date | None = Field(default=None, description="Default today")
    number: str | None = Field(default=None, pattern=r"^[0-9]{4}$")
    legal_status: LegalStatus | None = None
    technical_status: TechnicalStatus | None = None
    accuracy_m: float | None = Field(default=None, gt=0, lt=1000)
    agreed_length_m: float | None = Field(default=None, gt=0, lt=LONGEST_M)
    agreement_number: Words | None = Field(default=None, max_length=200)
    agreement_on: date | None = None
    agreement_sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    description: Words | None = Field(default=None, max_length=20_000)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        said = self.model_fields_set - {"on"}
        if not said:
            raise ValueError("nothing is said of the line")
        for name in ("legal_status", "technical_status"):
            if name in said and getattr(self, name) is None:
                raise ValueError(f"{name} cannot be taken away")
        return self

    def values(self) -> dict[str, Any]:
        """What was said, as it is recorded."""
        return {
            name: value.value if isinstance(value, StrEnum) else value
            for name, value in self.model_dump(exclude_unset=True, exclude={"on"}).items()
        }


class Inspected(BaseModel):
    """A joint inspection."""

    model_config = ConfigDict(extra="forbid")

    on: date


class Post(BaseModel):
    """Where a marker is put up, and what it is."""

    model_config = ConfigDict(extra="forbid")

    kind: MarkerKind
    lon: float = Field(ge=-180, le=180, allow_inf_nan=False)
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False)
    material: Words | None = Field(default=None, max_length=100)
    face_texts: Words | None = Field(default=None, max_length=500)
    keeper: Words | None = Field(default=None, max_length=200, description="An office, no person")
    accuracy_m: float | None = Field(default=None, gt=0, lt=1000)

    def more(self) -> dict[str, Any]:
        """What is said beside kind and spot."""
        told = {"material", "face_texts", "keeper", "accuracy_m"}
        return self.model_dump(include=told, exclude_none=True)


class NewMarker(Post):
    """A marker that is put up."""

    number: Words = Field(max_length=20)
    on: date | None = None


class Series(BaseModel):
    """Markers that are put up on a line together, numbered by the rule."""

    model_config = ConfigDict(extra="forbid")

    markers: list[Post] = Field(min_length=1, max_length=MOST_IN_SERIES)
    on: date | None = Field(default=None, description="Default today")

    def stands(self) -> list[Stand]:
        """The same as values."""
        return [Stand(one.kind, Point(one.lon, one.lat), one.more()) for one in self.markers]


class SegmentIn(BaseModel):
    """A stretch of a line and what it follows."""

    model_config = ConfigDict(extra="forbid")

    kind: SegmentKind
    begins: Words = Field(
        min_length=1, max_length=200, description="A marker's number, or the spot in words"
    )
    ends: Words = Field(min_length=1, max_length=200)
    along: Words | None = Field(
        default=None, max_length=200, description="Name of the river, road or object"
    )
    length_m: float | None = Field(default=None, gt=0, lt=LONGEST_M)
    description: Words | None = Field(default=None, max_length=5000)


class Course(BaseModel):
    """The segments of a line from a day on; none: they are not said any more."""

    model_config = ConfigDict(extra="forbid")

    segments: list[SegmentIn] = Field(max_length=MOST_IN_SERIES)
    on: date | None = Field(default=None, description="Default today")

    def values(self) -> list[Segment]:
        """The same as values."""
        return [Segment(**one.model_dump()) for one in self.segments]


class LandmarkIn(BaseModel):
    """A thing near a marker, seen from it."""

    model_config = ConfigDict(extra="forbid")

    name: Words = Field(min_length=1, max_length=200)
    bearing_deg: float = Field(ge=0, lt=360, description="Clockwise from north")
    distance_m: float = Field(gt=0, le=FARTHEST_LANDMARK_M)


class Landmarks(BaseModel):
    """What a marker is found again by from a day on."""

    model_config = ConfigDict(extra="forbid")

    landmarks: list[LandmarkIn] = Field(max_length=12)
    on: date | None = Field(default=None, description="Default today")

    def values(self) -> list[Landmark]:
        """The same as values."""
        return [Landmark(**one.model_dump()) for one in self.landmarks]


class Standing(BaseModel):
    """How a marker stands from a day on."""

    model_config = ConfigDict(extra="forbid")

    state: MarkerState
    on: date | None = None


def intent(staff: Holder, title: str, verb: Verb, day: date | None = None) -> Intent:
    """Who does a work on lines and markers, and what it is called."""
    return Intent(author=staff.name, verb=verb, title=title, effective_on=day)


def tag_of(shown: dict[str, Any]) -> str:
    """The ETag of a line or marker: of what is said of it, not of the registry's state."""
    return f'"{hashlib.sha256(encode(shown)).hexdigest()[:20]}"'


def refuse_repetition(request: Request, tag: str) -> None:
    """Say so when the reader has this very state already.

    Raises:
        NotModified: it has.
    """
    if tag in request.headers.get("if-none-match", ""):
        raise NotModified(tag)


def refuse_stale(request: Request, shown: dict[str, Any]) -> None:
    """Refuse an edit made on another state than the one there is; without If-Match it may.

    Raises:
        Refusal: `feature-is-stale`.
    """
    given = request.headers.get("if-match")
    if given is None or given.strip() == "*":
        return
    if tag_of(shown) not in (one.strip() for one in given.split(",")):
        what = "the line or marker changed since it was read; read it again"
        raise Refusal("feature-is-stale", HTTPStatus.PRECONDITION_FAILED, what)


def refuse_stale_line(request: Request, work: Work, line_id: UUID) -> None:
    """The same of a line, as it is under the lock of a work."""
    if "if-match" in request.headers:
        held = LineStore(work.connection).line(line_id, AsOf(clock.today(), work.number))
        refuse_stale(request, line_of(held))


def told(shown: dict[str, Any], status: int = HTTPStatus.OK) -> Response:
    """A line or marker after an edit, with the ETag for the next."""
    headers = {"Cache-Control": "no-store", "ETag": tag_of(shown)}
    return Response(encode(shown), status_code=status, media_type=JSON, headers=headers)


def listed(
    request: Request,
    reading: Reader,
    name: Literal["lines", "markers"],
    shown: list[dict[str, Any]],
    *,
    more: bool,
    format_: str | None,
) -> Response:
    """A page of lines or markers, as JSON or GeoJSON."""
    cursor = str(shown[-1]["id"]) if more else None
    links = next_link(request, cursor)
    if wanted(request, format_, of=("json", "geojson")) == "geojson":
        return geojson_answer(reading, [feature_of(one) for one in shown], links=links)
    return answer(reading, {name: shown, "next": cursor}, links=links)


def after_of(cursor: str | None) -> UUID | None:
    """The id a page begins after.

    Raises:
        CursorIsInvalid: it is none.
    """
    if cursor is None:
        return None
    try:
        return UUID(cursor)
    except ValueError as error:
        raise CursorIsInvalid(cursor) from error
