"""From a place to what lies around it (逆地理编码)."""

import asyncio
from contextlib import contextmanager
from typing import Annotated, cast

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.address_examples import NEAREST
from api.coordinates import Crs, CrsAsked, taken_in
from api.encoding import JSON, answer, encode
from api.examples import shows
from api.reverse_view import reverse_view
from api.time_travel import At, Known, PlanId, asked_day, hot_headers, reader
from registry.hot import AsyncHotReads
from registry.search.finder import Finder
from registry.search.nearby import NotTogether, Surroundings
from registry.search.nearby_reads import NEAREST as NEAREST_DOORS
from registry.search.nearby_reads import STATEMENTS

router = APIRouter(tags=["geocoding"])


@router.get("/v1/reverse", operation_id="reverse", responses=shows(NEAREST))
async def reverse_point(
    request: Request,
    lon: Annotated[float, Query(ge=-180, le=180, description="Degrees, in `crs`.", examples=[118.251])],
    lat: Annotated[float, Query(ge=-90, le=90, description="Degrees, in `crs`.", examples=[24.652])],
    limit: Annotated[int, Query(ge=1, le=20)] = 1,
    crs: CrsAsked = Crs.CGCS2000,
    at: At = None,
    known: Known = None,
    plan: PlanId = None,
) -> Response:  # fmt: skip
    """Where a point lies: divisions by territory, nearest doors, side of the road, crossing."""
    point = (lon, lat)
    inside = taken_in(lon, lat, crs)
    if known is None and plan is None:
        found = await around(request, inside, at, limit)
        if found is not None:
            travels = at is not None or "accept-datetime" in request.headers
            headers = hot_headers(request, found.at, travels=travels)
            view = reverse_view(point, crs, found)
            return Response(encode(view), media_type=JSON, headers=headers)

    def plain() -> Response:
        with contextmanager(reader)(request, at, known, plan) as reading:
            found = reading.finder.around.ask(*inside, reading.at, limit=limit)
            return answer(reading, reverse_view(point, crs, found))

    return await run_in_threadpool(plain)


async def around(
    request: Request, point: tuple[float, float], at: str | None, limit: int
) -> Surroundings | None:
    """What lies around a point (EPSG:4490) on the bare driver; None when that is not enough."""
    day = asked_day(request, at)
    hot = cast(AsyncHotReads, request.app.state.async_hot)
    finder = cast(Finder, request.app.state.finder)
    values = {"lon": point[0], "lat": point[1], "on": day, "known": None}
    answers = await asyncio.gather(
        *(
            hot.rows(one, **values, limit=limit)
            if one is NEAREST_DOORS
            else hot.rows(one, **values)
            for one in STATEMENTS
        )
    )
    try:
        return finder.around.finish(point, answers, day)
    except NotTogether:
        return None
