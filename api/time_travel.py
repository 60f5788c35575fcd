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
from api.rehearsing import AskedPlan, plan_asked_for, wanted_of
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.errors import ChangeIsUnknown, DateIsInvalid
from registry.restructuring.model import Restructuring
from registry.search.finder import Finder


@dataclass(frozen=True, slots=True)
class Reader:
    """A connection, and the point of both clocks a request reads at."""

    connection: Connection
    at: AsOf
    travels: bool
    """Whether the request chose a time itself."""
    etag: str
    head: int
    finder: Finder
    """What finds addresses as this reader sees them."""
    plan: AskedPlan | None = None
    """The plan whose outcome is read; None: what is recorded."""

    @property
    def change(self) -> int:
        """The last change of the registry that the answer takes into account."""
        return self.at.known if self.plan is None else self.plan.drawn_at

    @property
    def proposal(self) -> AskedPlan | None:
        """The plan that is read and has not come to be."""
        return self.plan if self.plan and self.plan.committed_as is None else None

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
            "Registry-Change": str(self.change),
            "ETag": self.etag,
            "Vary": "Accept, Accept-Language, Accept-Datetime",
        }
        if self.plan is not None:
            found |= self.plan.headers()
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


PlanId = Annotated[
    str | None,
    Query(
        alias="plan",
        description="Id of a restructuring: the registry as it would be after it (预演). "
        "`at` is then its effective date by default; `known` does not go with it.",
        examples=["7f3a1c1e-6f0d-5c55-9a35-0a8f6ad8b4c7"],
    ),
]


def reader(
    request: Request, at: At = None, known: Known = None, plan: PlanId = None
) -> Iterator[Reader]:
    """A reader for one request; refuses parameters the route does not know.

    Raises:
        DateIsInvalid: `at` or `known` is not a date or moment that exists.
        RegistryError: the plan asked for cannot be carried out; the class says why.
        Refusal: the plan is nobody's business yet, or `known` was asked for with it.
    """
    _refuse_unknown_parameters(request)
    header = request.headers.get("accept-datetime")
    day = _date(at) if at else _memento(header) if header else None
    moment = parse_moment(known) if known else None
    engine: Engine = request.app.state.engine
    if plan is not None:
        yield from _rehearsing_reader(request, day, moment, plan)
        return
    with engine.connect() as connection:
        store = ChangeStore(connection)
        head = store.head()
        as_of = AsOf(day or clock.today(), head if moment is None else store.known_at(moment))
        etag = _etag(request, as_of)
        _refuse_repetition(request, etag)
        travels = bool(at or known or header)
        yield Reader(connection, as_of, travels, etag, head, request.app.state.finder)


def recorded_reader(request: Request, at: At = None, known: Known = None) -> Iterator[Reader]:
    """A reader of what is recorded, for routes that no plan can be asked of."""
    yield from reader(request, at, known)


Reading = Annotated[Reader, Depends(reader)]
Recorded = Annotated[Reader, Depends(recorded_reader)]


def _rehearsing_reader(
    request: Request, day: date | None, moment: datetime | None, plan: str
) -> Iterator[Reader]:
    if moment is not None:
        what = "known does not go with plan: a plan is drawn up on what is known now"
        raise Refusal("plan-goes-without-known", HTTPStatus.UNPROCESSABLE_ENTITY, what)
    state = request.app.state
    with state.engine.connect() as connection:
        filed = plan_asked_for(request, connection, plan)
        if filed.change_number is not None:
            head = ChangeStore(connection).head()
            yield _reader_of_what_came(request, connection, filed, head, day)
            return
        anew = "no-cache" in request.headers.get("cache-control", "")
        wanted = wanted_of(connection, filed, anew=anew)
    with state.rehearsals.open(wanted) as stage:
        found = stage.rehearsal
        asked = AskedPlan.proposed(filed, found)
        as_of = AsOf(day or max(clock.today(), found.effective_on), found.number)
        etag = _etag(request, as_of, asked)
        _refuse_repetition(request, etag)
        yield Reader(
            stage.connection, as_of, day is not None, etag, found.number, stage.finder, asked
        )


def _reader_of_what_came(
    request: Request, connection: Connection, filed: Restructuring, head: int, day: date | None
) -> Reader:
    """A plan that has been committed is read in the registry itself."""
    asked = AskedPlan.came(filed, head)
    as_of = AsOf(day or max(clock.today(), filed.effective_on), head)
    etag = _etag(request, as_of, asked)
    _refuse_repetition(request, etag)
    return Reader(connection, as_of, day is not None, etag, head, request.app.state.finder, asked)


def _refuse_repetition(request: Request, etag: str) -> None:
    if etag in request.headers.get("if-none-match", ""):
        raise NotModified(etag)


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


def parse_moment(text: str) -> datetime:
    """A moment with a time zone, Shanghai's when it names none.

    Raises:
        DateIsInvalid: it does not exist, or is written otherwise.
    """
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


def _etag(request: Request, at: AsOf, plan: AskedPlan | None = None) -> str:
    seen = asked_as(
        request.url.path,
        request.url.query,
        request.headers.get("accept", ""),
        request.headers.get("accept-language", ""),
    )
    if plan is not None:
        seen += f"|{plan.restructuring_id}|{plan.digest}|{plan.committed_as}"
    return etag_of(seen, at)


def asked_as(path: str, query: str, accept: str, language: str) -> str:
    """What an answer depends on beside its place in time."""
    return f"{path}?{query}|{accept}|{language}"


def etag_of(seen: str, at: AsOf) -> str:
    """The ETag of an answer to what was asked (`asked_as`)."""
    digest = hashlib.sha256(seen.encode()).hexdigest()[:12]
    day = at.valid_on
    return f'"{at.known}-{day.year:04d}{day.month:02d}{day.day:02d}-{digest}"'


async def refuse_plan(request: Request) -> None:
    """A dependency of every route: those that do not take a plan say so.

    Raises:
        Refusal: a plan was asked for where only what is recorded is shown.
    """
    known: frozenset[str] = getattr(request.scope.get("route"), "known_parameters", frozenset())
    if "plan" in request.query_params and "plan" not in known:
        path = request.url.path
        what = f"{path} shows what is recorded; it does not take a plan"
        raise Refusal("plan-does-not-apply", HTTPStatus.UNPROCESSABLE_ENTITY, what, path=path)


def _refuse_unknown_parameters(request: Request) -> None:
    route = request.scope.get("route")
    known = getattr(route, "known_parameters", None)
    if known is None or getattr(route, "tolerant", False):
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
    _refuse_repetition(request, etag)
    return headers_of(etag, at, travels=travels)


def headers_of(etag: str, at: AsOf, *, travels: bool) -> dict[str, str]:
    """What every answer carries that shows what is recorded."""
    found = {
        "Registry-Change": str(at.known),
        "ETag": etag,
        "Vary": "Accept, Accept-Language, Accept-Datetime",
    }
    if travels:
        moment = datetime(at.valid_on.year, at.valid_on.month, at.valid_on.day, tzinfo=UTC)
        found["Memento-Datetime"] = format_datetime(moment, usegmt=True)
    return found
