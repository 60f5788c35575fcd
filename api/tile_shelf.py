"""Tiles kept ready to be handed out: what was drawn of a state, and whole answers of the present one."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from starlette.datastructures import State
from starlette.types import ASGIApp, Receive, Scope, Send

from api import clock
from registry.coverages import Coverages

MOST_BYTES = 96 * 1024 * 1024
PLACE_BYTES = 1024
"""About what a key, its place and headers take: most tiles of the world are empty, and take no less."""
PREFIX = "/tiles/"
Key = tuple[object, ...]
Kept = TypeVar("Kept")


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


class MostUsed(Generic[Kept]):
    """Things by their key, the most used of them, up to so many bytes together."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes, self._bytes = most_bytes, 0
        self._kept: OrderedDict[Key, tuple[Kept, int]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Key) -> Kept | None:
        """What was kept under a key."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def keep(self, key: Key, thing: Kept, size: int) -> None:
        """Keep a thing of so many bytes, and drop what was not asked for for longest."""
        weight = size + PLACE_BYTES
        with self._lock:
            _thing, before = self._kept.pop(key, (None, 0))
            self._kept[key] = thing, weight
            self._bytes += weight - before
            while self._bytes > self._most_bytes:
                _key, (_thing, dropped) = self._kept.popitem(last=False)
                self._bytes -= dropped


class Tiles:
    """Tiles that were drawn, the most used of them, and the coverages they are cut from."""

    def __init__(self) -> None:
        self.coverages = Coverages()
        self._drawn: MostUsed[bytes] = MostUsed(MOST_BYTES)
        self._answers: MostUsed[Answer] = MostUsed(MOST_BYTES)

    def find(self, key: Key) -> bytes | None:
        """A tile of a state."""
        return self._drawn.find(key)

    def keep(self, key: Key, tile: bytes) -> None:
        """Keep a tile."""
        self._drawn.keep(key, tile, len(tile))

    def put_out(self, path: str, query: bytes, answer: Answer) -> None:
        """Lay a whole answer ready, where the shelf will look for it."""
        if path.startswith(PREFIX):
            self._answers.keep((path, query), answer, len(query) + len(answer.body))

    def ready(self, path: str, query: bytes, head: int) -> Answer | None:
        """An answer that is still true."""
        found = self._answers.find((path, query))
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
