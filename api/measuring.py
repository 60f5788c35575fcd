"""Counts and durations by route, taken without touching requests or answers."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Measured = dict[tuple[str, int], tuple[int, float]]
"""(route, status) → (requests, seconds in all)."""


class Measuring:
    """ASGI middleware; thinner than the framework's own, which would copy every body."""

    def __init__(self, app: ASGIApp, measured: Measured) -> None:
        self._app = app
        self._measured = measured

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and note how long it took."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = time.perf_counter()
        try:
            await self._app(scope, receive, noting)
        finally:
            path: str = getattr(scope.get("route"), "path", "unmatched")
            note(self._measured, path, status, time.perf_counter() - began)


def note(measured: Measured, path: str, status: int, took_s: float) -> None:
    """Count one request."""
    count, seconds = measured.get((path, status), (0, 0.0))
    measured[path, status] = (count + 1, seconds + took_s)
