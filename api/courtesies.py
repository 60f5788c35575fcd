"""What HTTP promises of every resource: HEAD wherever GET is, and the original of every memento."""

import asyncio
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode

from starlette.types import ASGIApp, Message, Receive, Scope, Send

TIME = frozenset({"at", "known"})
Headers = list[tuple[bytes, bytes]]


class Courtesies:
    """ASGI middleware; it neither reads nor keeps a body.

    Source: RFC 9110, 9.3.2 (HEAD); RFC 7089, 4.1.1 (a resource that is its own time gate).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; HEAD as a GET whose body nobody waits for."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = with_original(scope, message["headers"])
            await send(message)

        if scope["method"] == "HEAD":
            await self._head({**scope, "method": "GET"}, sending)
        else:
            await self._app(scope, receive, sending)

    async def _head(self, scope: Scope, send: Send) -> None:
        answered = asyncio.Event()
        asked = False

        async def receiving() -> Message:
            nonlocal asked
            if not asked:
                asked = True
                return {"type": "http.request", "body": b"", "more_body": False}
            # A stream ends as soon as its headers are known.
            await answered.wait()
            return {"type": "http.disconnect"}

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                answered.set()

        await self._app(scope, receiving, sending)


def with_original(scope: Scope, headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Headers that name the original of a memento, unless they do already."""
    found = list(headers)
    if all(name != b"memento-datetime" for name, _value in found):
        return found
    named = any(name == b"link" and b"original" in value for name, value in found)
    if named:
        return found
    asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    query = urlencode([(name, value) for name, value in asked if name not in TIME])
    path = scope.get("raw_path", scope["path"].encode()).decode("latin-1").partition("?")[0]
    target = f"{path}?{query}" if query else path
    return [*found, (b"link", f'<{target}>; rel="original timegate"'.encode("latin-1"))]
