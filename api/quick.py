"""Geocoding without the database: the usual question, answered in front of all routes.

What a route does around an answer (matching its path, validating parameters, threads) costs several
times what it takes to find a door that is at hand. So the plain question, a text as of any day with
what is known now, is answered here; everything else, and everything that goes wrong, is left to the
route behind, which says the same and more.
"""

import re
import time
from http import HTTPStatus

from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from starlette.datastructures import State
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import clock
from api.courtesies import Headers, with_original
from api.encoding import JSON
from api.geocode_view import encoded
from api.measuring import note
from api.present import Present
from api.straight_view import encoded_straight
from api.time_travel import asked_as, etag_of, headers_of, parse_date
from geo.geocode.normalise import LONGEST_TEXT
from registry.changes.period import AsOf
from registry.errors import DateIsInvalid
from registry.search.finder import Finder
from registry.search.held_doors import NotAtHand

PATH = "/v1/geocode"
TAKEN = frozenset({b"q", b"at", b"limit", b"lang"})
LIMITS = {str(limit).encode(): limit for limit in range(1, 51)}
DEFAULT = b"5"
LEFT = frozenset({b"accept-datetime", b"if-none-match", b"cache-control"})
"""Headers that ask for more, or for nothing that was read before the question."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that write nothing."""
_ESCAPED = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")


class Quick:
    """ASGI middleware in front of everything else."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["method"] not in READING:
            await self._app(scope, receive, self._telling(send))
        elif scope["path"] != PATH or not await self._has_answered(scope, send):
            await self._app(scope, receive, send)

    def _telling(self, send: Send) -> Send:
        """Let it be known that something may have been written before it is answered."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._state.present.written()
            await send(message)

        return sending

    async def _has_answered(self, scope: Scope, send: Send) -> bool:
        began = time.perf_counter()
        if scope["method"] != "GET":
            return False
        try:
            found = await self._answered(scope)
        except Exception:  # noqa: BLE001 -- the route behind says what is wrong, in the form of errors
            return False
        if found is None:
            return False
        body, headers = found
        await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        note(self._state.measured, PATH, HTTPStatus.OK, time.perf_counter() - began)
        return True

    async def _answered(self, scope: Scope) -> tuple[bytes, Headers] | None:
        state = self._state
        finder: Finder = state.finder
        state.doors.want()
        asked = _asked(scope)
        if asked is None or finder.doors is None or finder.doors.newest is None:
            return None
        text, at, limit = asked
        present: Present = state.present
        try:
            known = await present.lately()
            point = AsOf(clock.today() if at is None else parse_date(at), known)
            body = _body(finder, text, point, limit)
        except (NotAtHand, DateIsInvalid, OperationalError, PoolTimeout):
            return None
        headers = headers_to(seen(scope, PATH), point, body, travels=at is not None)
        return body, with_original(scope, headers) if at is not None else headers


def _body(finder: Finder, text: str, point: AsOf, limit: int) -> bytes:
    """The answer as JSON.

    Raises:
        NotAtHand: it takes more than is at hand.
    """
    straight = finder.straight(text, point)
    if straight is not None:
        return encoded_straight(text, straight)
    return encoded(text, finder.at_hand(text, point, limit=limit))


def _asked(scope: Scope) -> tuple[str, str | None, int] | None:
    """Text, day and limit of a plain question; None: it asks for more, or for nothing."""
    if any(name in LEFT for name, _value in scope["headers"]):
        return None
    pairs = [one.partition(b"=") for one in scope["query_string"].split(b"&")]
    given = {name: value for name, _equals, value in pairs}
    if len(given) < len(pairs) or not given.keys() <= TAKEN:
        return None
    text = _unquoted(given.get(b"q", b""))
    at = _unquoted(given[b"at"]) if b"at" in given else None
    limit = LIMITS.get(given.get(b"limit", DEFAULT))
    if limit is None or not 0 < len(text) <= LONGEST_TEXT or at == "":
        return None
    return text, at, limit


def _unquoted(value: bytes) -> str:
    """A value of a query as it is meant; whole runs at once, since every Chinese character is one."""
    plain = _ESCAPED.sub(
        lambda run: bytes.fromhex(run[0].replace(b"%", b"").decode()), value.replace(b"+", b" ")
    )
    return plain.decode("utf-8", "replace")


def headers_to(asked: str, at: AsOf, body: bytes, *, travels: bool) -> list[tuple[bytes, bytes]]:
    """What goes with an answer to what was asked (`seen`)."""
    told = headers_of(etag_of(asked, at), at, travels=travels)
    headers = [(name.lower().encode(), value.encode()) for name, value in told.items()]
    headers.append((b"content-length", str(len(body)).encode()))
    headers.append((b"content-type", JSON.encode()))
    return headers


def seen(scope: Scope, path: str) -> str:
    """What an answer depends on beside its place in time."""
    accept = language = b""
    for name, value in scope["headers"]:
        if name == b"accept" and not accept:
            accept = value
        elif name == b"accept-language" and not language:
            language = value
    query = scope["query_string"].decode()
    return asked_as(path, query, accept.decode("latin-1"), language.decode("latin-1"))
