"""From a text to addresses (地址匹配), each with its proof."""

import asyncio
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, cast

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.address_examples import MATCHES
from api.coordinates import CRS_ASKED, Crs
from api.encoding import JSON, answer, encode
from api.examples import shows
from api.geocode_view import GeocodeView, geocode_view, in_crs, said_in_parts
from api.problems import Refusal
from api.time_travel import At, Known, PlanId, asked_day, hot_headers, reader
from geo.geocode.normalise import LONGEST_TEXT
from registry.hot import AsyncHotReads
from registry.search.finder import Answer, Finder
from registry.search.held_doors import NotAtHand

router = APIRouter(tags=["geocoding"])

PARTS = (
    "province", "city", "county", "township", "village", "carrier",
    "number", "building", "unit", "floor", "room",
)  # fmt: skip
PARAMETERS = [
    {
        "name": part,
        "in": "query",
        "required": False,
        "schema": {"type": "string", "maxLength": LONGEST_TEXT},
        "description": "Instead of q: this part of the address.",
    }
    for part in PARTS
]
"""Read from the request as it is: validating eleven texts costs more than finding the door."""


@router.get(
    "/v1/geocode",
    operation_id="geocode",
    responses=shows(MATCHES),
    openapi_extra={"parameters": PARAMETERS},
)
async def geocode_text(
    request: Request,
    q: Annotated[
        str | None,
        Query(
            min_length=1,
            description=f"An address as people write it, under names of any time; at most {LONGEST_TEXT} characters.",
            examples=["翔安区马巷镇琼头社区琼头中里9号"],
        ),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 5,
    crs: Annotated[Crs | None, CRS_ASKED] = None,
    at: At = None,
    known: Known = None,
    plan: PlanId = None,
) -> Response:  # fmt: skip
    """Addresses a text may mean, best first: A certain, B safely repaired, C candidates."""
    parts = {part: request.query_params.get(part) for part in PARTS}
    text = _one_question(q, said_in_parts(parts))
    if known is None and plan is None:
        found = await _hot_answer(request, text, at, limit, crs)
        if found is not None:
            return found
    where = (at, known, plan)
    return await run_in_threadpool(_plain_answer, request, text, where, limit, crs)


def _one_question(q: str | None, parts: str) -> str:
    """The text asked about, written whole or in parts.

    Raises:
        Refusal: neither, or both.
    """
    if (q is None) == (not parts):
        what = "give either q or parts of an address, such as county, carrier and number"
        raise Refusal("request-is-invalid", HTTPStatus.UNPROCESSABLE_ENTITY, what, what=what)
    return parts if q is None else q


async def _hot_answer(
    request: Request, text: str, at: str | None, limit: int, crs: Crs | None
) -> Response | None:
    """The answer on the bare driver with one statement; None when that is not enough."""
    day = asked_day(request, at)
    finder = cast(Finder, request.app.state.finder)
    hot = cast(AsyncHotReads, request.app.state.async_hot)
    begun = finder.begin(text)
    if begun is None or not begun.questions:
        return None
    rows = await asyncio.gather(
        *(
            hot.rows(statement, **values, on=day, known=None)
            for statement, values in begun.questions
        )
    )
    try:
        found, seen = finder.finish(begun, rows, day, limit=limit)
    except NotAtHand:
        return None
    travels = at is not None or "accept-datetime" in request.headers
    headers = hot_headers(request, seen, travels=travels)
    return Response(encode(_shown(text, found, crs)), media_type=JSON, headers=headers)


def _plain_answer(
    request: Request,
    text: str,
    where: tuple[str | None, str | None, str | None],
    limit: int,
    crs: Crs | None,
) -> Response:
    with contextmanager(reader)(request, *where) as reading:
        found = reading.finder.ask(reading.connection, text, reading.at, limit=limit)
        return answer(reading, _shown(text, found, crs))


def _shown(text: str, found: Answer, crs: Crs | None) -> GeocodeView:
    view = geocode_view(text, found)
    return view if crs is None else in_crs(view, crs)
