"""Where a reader stands in time, and what every answer therefore carries."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Query, Request
from sqlalchemy import Connection, Engine

from api import clock
from api.problems import NotModified, Refusal
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.errors import ChangeIsUnknown, DateIsInvalid


@dataclass(frozen=True, slots=True)
class Reader:
    """A connection, and the point of both clocks a request reads at."""

    connection: Connection
    at: AsOf
    travels: bool
    """Whether the request chose a time itself."""
    etag: str
    head: int

    def refuse_unknown(self, number: int) -> None:
        """Refuse to read on from a change that was not recorded by then.

        Raises:
            ChangeIsUnknown: the number lies beyond what is known.
        """
        if number > self.at.known:
            raise ChangeIsUnknown(number=number, head=self.at.known)

    def headers(self) -> dict[str, str]:
        """What every answer carries."""
        found = {
            "Registry-Change": str(self.at.known),
            "ETag": self.etag,
            "Vary": "Accept, Accept-Language, Accept-Datetime",
        }
        if self.travels:
            moment = datetime(
                self.at.valid_on.year, self.at.valid_on.month, self.at.valid_on.day, tzinfo=UTC
            )
            found["Memento-Datetime"] = format_datetime(moment, usegmt=True)
        return found


At = Annotated[
    str | None,
    Query(
        alias="at",
        description="Day the answer holds for (生效), YYYY-MM-DD; default today.",
        examples=["2020-12-31"],
    ),
]
Known = Annotated[
    str | None,
    Query(
        alias="known",
        description="Moment the registry's knowledge is taken at (登记), RFC 3339; default now.",
        examples=["2026-01-01T00:00:00Z"],
    ),
]


def reader(request: Request, at: At = None, known: Known = None) -> Iterator[Reader]:
    """A reader for one request; refuses parameters the route does not know.

    Raises:
        DateIsInvalid: `at` or `known` is not a date or moment that exists.
    """
    _refuse_unknown_parameters(request)
    engine: Engine = request.app.state.engine
    header = request.headers.get("accept-datetime")
    valid_on = _date(at) if at else _memento(header) if header else clock.today()
    moment = _moment(known) if known else None
    with engine.connect() as connection:
        store = ChangeStore(connection)
        head = store.head()
        as_of = AsOf(valid_on, head if moment is None else store.known_at(moment))
        etag = _etag(request, as_of)
        if etag in request.headers.get("if-none-match", ""):
            raise NotModified(etag)
        yield Reader(connection, as_of, bool(at or known or header), etag, head)


Reading = Annotated[Reader, Depends(reader)]


def parse_date(text: str) -> date:
    """A calendar date.

    Raises:
        DateIsInvalid: it does not exist, or is written otherwise.
    """
    return _date(text)


def _date(text: str) -> date:
    try:
        if len(text) != len("2020-12-31"):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError as error:
        raise DateIsInvalid(text) from error


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise DateIsInvalid(text) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.SHANGHAI)


def _memento(text: str) -> date:
    try:
        return parsedate_to_datetime(text).astimezone(clock.SHANGHAI).date()
    except (ValueError, TypeError) as error:
        raise DateIsInvalid(text) from error


def _etag(request: Request, at: AsOf) -> str:
    seen = f"{request.url.path}?{request.url.query}|{request.headers.get('accept', '')}|{request.headers.get('accept-language', '')}"
    digest = hashlib.sha256(seen.encode()).hexdigest()[:12]
    return f'"{at.known}-{at.valid_on:%Y%m%d}-{digest}"'


def _refuse_unknown_parameters(request: Request) -> None:
    route = request.scope.get("route")
    known = getattr(route, "known_parameters", None)
    if known is None:
        return
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        what = f"unknown parameter: {', '.join(unknown)}"
        raise Refusal("request-is-invalid", HTTPStatus.UNPROCESSABLE_ENTITY, what, what=what)


def time_links(path: str) -> str:
    """What a resource says of its own past (RFC 7089): it is its time gate, and there is a map."""
    timemap = f'<{path}/timemap>; rel="timemap"; type="application/link-format"'
    return f'<{path}>; rel="original timegate", {timemap}'


def asked_day(request: Request, at: str | None) -> date:
    """The day a request asks about, without a connection: for hot reads.

    Raises:
        DateIsInvalid: it does not exist.
    """
    _refuse_unknown_parameters(request)
    header = request.headers.get("accept-datetime")
    return _date(at) if at else _memento(header) if header else clock.today()


def hot_headers(request: Request, at: AsOf, *, travels: bool) -> dict[str, str]:
    """What the answer to a hot read carries; see `Reader.headers`.

    Raises:
        NotModified: the client has this very answer already.
    """
    etag = _etag(request, at)
    if etag in request.headers.get("if-none-match", ""):
        raise NotModified(etag)
    found = {
        "Registry-Change": str(at.known),
        "ETag": etag,
        "Vary": "Accept, Accept-Language, Accept-Datetime",
    }
    if travels:
        moment = datetime(at.valid_on.year, at.valid_on.month, at.valid_on.day, tzinfo=UTC)
        found["Memento-Datetime"] = format_datetime(moment, usegmt=True)
    return found
