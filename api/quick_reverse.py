"""Reverse without the database: the usual point, answered in front of all routes; see `quick.py`."""

import re
from typing import cast

from fastapi import FastAPI
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from api import clock
from api.coordinates import Crs, taken_in
from api.door_keeper import DoorKeeper
from api.present import Present
from api.quick import LEFT, headers_to, seen
from api.reverse_view import encoded
from registry.changes.period import AsOf
from registry.hot import AsyncHotReads
from registry.search.finder import Finder
from registry.search.landscape import CrossingsUnknown
from registry.search.nearby import Surroundings
from registry.search.nearby_reads import MEETINGS

PATH = "/v1/reverse"
TAKEN = frozenset({b"lon", b"lat", b"limit", b"crs", b"lang"})
LIMITS = {str(limit).encode(): limit for limit in range(1, 21)}
SYSTEMS = {one.value.encode(): one for one in Crs}
_DEGREES = re.compile(rb"-?[0-9]{1,3}(?:\.[0-9]{1,15})?")
Asked = tuple[float, float, int, Crs]


class QuickReverse:
    """ASGI middleware in front of the routes."""

    def __init__(self, app: ASGIApp, service: FastAPI, route: BaseRoute) -> None:
        """`route`: the one behind, under whose name answers are counted."""
        self._app = app
        self._service = service
        self._route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        if scope["type"] == "http" and scope["path"] == PATH and scope["method"] == "GET":
            found = await self._answered(scope)
            if found is not None:
                scope["route"] = self._route
                body, headers = found
                start = {"type": "http.response.start", "status": 200, "headers": headers}
                await send(start)
                await send({"type": "http.response.body", "body": body})
                return
        await self._app(scope, receive, send)

    async def _answered(self, scope: Scope) -> tuple[bytes, list[tuple[bytes, bytes]]] | None:
        state = self._service.state
        cast(DoorKeeper, state.doors).want()
        asked = _asked(scope)
        if asked is None:
            return None
        lon, lat, limit, crs = asked
        try:
            at = AsOf(clock.today(), await cast(Present, state.present).lately())
            found = await self._around(taken_in(lon, lat, crs), at, limit)
            body = encoded((lon, lat), crs, found)
        except Exception:  # noqa: BLE001 -- the route behind says what is wrong, in the form of errors
            return None
        return body, headers_to(seen(scope, PATH), at, body, travels=False)

    async def _around(self, point: tuple[float, float], at: AsOf, limit: int) -> Surroundings:
        state = self._service.state
        around = cast(Finder, state.finder).around
        try:
            return around.at_hand(*point, at, limit=limit)
        except CrossingsUnknown as unknown:
            hot = cast(AsyncHotReads, state.async_hot)
            around.learn(at, unknown, await hot.rows(MEETINGS, **unknown.asked(at)))
            return around.at_hand(*point, at, limit=limit)


def _asked(scope: Scope) -> Asked | None:
    """Point, limit and system of a plain question; None: it asks for more, or for nothing."""
    if any(name in LEFT for name, _value in scope["headers"]):
        return None
    pairs = [one.partition(b"=") for one in scope["query_string"].split(b"&")]
    given = {name: value for name, _equals, value in pairs}
    if len(given) < len(pairs) or not given.keys() <= TAKEN:
        return None
    limit = LIMITS.get(given.get(b"limit", b"1"))
    crs = SYSTEMS.get(given.get(b"crs", b"cgcs2000"))
    lon, lat = given.get(b"lon", b""), given.get(b"lat", b"")
    if limit is None or crs is None or not (_DEGREES.fullmatch(lon) and _DEGREES.fullmatch(lat)):
        return None
    x, y = float(lon), float(lat)
    return (x, y, limit, crs) if abs(x) <= 180 and abs(y) <= 90 else None
