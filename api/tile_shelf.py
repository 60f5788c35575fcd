"""Tiles kept ready to be handed out: what was drawn of a state, and whole answers of the present one."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.datastructures import State
from starlette.types import ASGIApp, Receive, Scope, Send

from api import clock
from registry.coverages import Coverages

MOST_BYTES = 96 * 1024 * 1024
MOST_ANSWERS = 20_000
PREFIX = "/tiles/"
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Stands for a route where requests are counted by theirs."""

    path: str = "/tiles/{tile_set}/{z}/{x}/{y}.mvt"


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, and the state it is true of."""

    head: int
    today: date
    tag: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class Tiles:
    """Tiles that were drawn, the most used of them, and the coverages they are cut from."""

    def __init__(self) -> None:
        self.coverages = Coverages()
        self._drawn: OrderedDict[Key, bytes] = OrderedDict()
        self._answers: OrderedDict[tuple[str, bytes], Answer] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def find(self, key: Key) -> bytes | None:
        """A tile of a state."""
        with self._lock:
            found = self._drawn.get(key)
            if found is not None:
                self._drawn.move_to_end(key)
            return found

    def keep(self, key: Key, tile: bytes) -> None:
        """Keep a tile, and drop what was not asked for for longest."""
        with self._lock:
            if key not in self._drawn:
                self._bytes += len(tile)
            self._drawn[key] = tile
            while self._bytes > MOST_BYTES:
                _key, dropped = self._drawn.popitem(last=False)
                self._bytes -= len(dropped)

    def put_out(self, path: str, query: bytes, answer: Answer) -> None:
        """Lay a whole answer ready."""
        with self._lock:
            self._answers[path, query] = answer
            while len(self._answers) > MOST_ANSWERS:
                self._answers.popitem(last=False)

    def ready(self, path: str, query: bytes, head: int) -> Answer | None:
        """An answer that is still true."""
        found = self._answers.get((path, query))
        if found is None or found.head != head or found.today != clock.today():
            return None
        return found


class TileShelf:
    """ASGI middleware: hands out answers that lie ready, before anything is looked at.

    An answer lies ready for exactly one path and query, and as long as no later change is known.
    """

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app, self._state = app, state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from the shelf, or pass the request on."""
        if (
            scope["type"] == "http"
            and scope["method"] == "GET"
            and scope["path"].startswith(PREFIX)
        ):
            found = self._state.tiles.ready(
                scope["path"], scope["query_string"], self._state.bulletin.head
            )
            headers = dict(scope["headers"]) if found is not None else {}
            if found is not None and b"accept-datetime" not in headers:
                scope["route"] = Place()
                await _hand_out(found, headers, send)
                return
        await self._app(scope, receive, send)


async def _hand_out(found: Answer, asked: Mapping[bytes, bytes], send: Send) -> None:
    same = found.tag in asked.get(b"if-none-match", b"")
    start: dict[str, Any] = {
        "type": "http.response.start",
        "status": 304 if same else 200,
        "headers": [(b"etag", found.tag)] if same else list(found.headers),
    }
    await send(start)
    await send({"type": "http.response.body", "body": b"" if same else found.body})
