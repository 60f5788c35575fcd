"""What a browser is told of every page: load nothing from anybody else, run nothing but ours.

Pages made from the house's template carry one style, known by its digest, and scripts of this
server; no page sets a cookie. Pages and scripts go out compressed: they are read on phones.
"""

import base64
import gzip
import hashlib
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.web.style import STYLE

_STYLE = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
PAGE_POLICY: Final = (
    f"default-src 'none'; script-src 'self'; style-src 'sha256-{_STYLE}'; img-src 'self' data:; "
    "connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""Of pages made from the template."""
PLAIN_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""Of every other page: reports and references with a style of their own, without any script."""
SAFE: Final = {
    "Content-Security-Policy": PLAIN_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
COMPRESSED: Final = ("text/html", "text/javascript")
SHORTEST_BYTES: Final = 500


class PageSafety:
    """ASGI middleware: adds what is missing to pages, and compresses pages and scripts."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        zips = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        await self._app(scope, receive, _Sender(send, zips=zips))


class _Sender:
    """Holds the head of a page back until its body is there; lets everything else through."""

    def __init__(self, send: Send, *, zips: bool) -> None:
        self._send = send
        self._zips = zips
        self._head: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            if headers.get("content-type", "").startswith(COMPRESSED):
                _add_safety(headers)
                self._head = message
                return
        elif self._head is not None:
            head, self._head = self._head, None
            message = self._compressed(head, message)
            await self._send(head)
        await self._send(message)

    def _compressed(self, head: Message, body: Message) -> Message:
        headers = MutableHeaders(raw=head["headers"])
        headers.add_vary_header("Accept-Encoding")
        whole = body.get("body", b"")
        fits = self._zips and not body.get("more_body") and "content-encoding" not in headers
        if not fits or len(whole) < SHORTEST_BYTES:
            return body
        packed = gzip.compress(whole, 6, mtime=0)
        headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(packed))
        return {**body, "body": packed}


def _add_safety(headers: MutableHeaders) -> None:
    for name, value in SAFE.items():
        headers.setdefault(name, value)
