"""What somebody who is typing may mean (输入提示)."""

from contextlib import contextmanager
from typing import Annotated, Literal, cast
from uuid import UUID

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.address_examples import COMPLETED
from api.address_view import PositionView, position_of
from api.coordinates import Crs, CrsAsked
from api.encoding import JSON, answer, encode
from api.examples import shows
from api.reverse_view import shifted
from api.time_travel import At, Known, PlanId, asked_day, hot_headers, reader
from geo.geocode.normalise import LONGEST_TEXT
from registry.hot import AsyncHotReads
from registry.search.finder import Finder
from registry.search.suggestions import NotAtHand, Suggestion

router = APIRouter(tags=["geocoding"])


class SuggestionView(msgspec.Struct, frozen=True):
    """A name or a door that may be meant."""

    text: str
    type: Literal["division", "carrier", "door"]
    kind: str
    """Of division (区划类别), of carrier (thoroughfare, area), of door its stage."""
    id: UUID
    code: str | None
    """The address code of a door."""
    former: bool
    """It is not a name of the day."""
    now: tuple[str, ...]
    """What the bearer of a former name is called on the day."""
    within: tuple[tuple[str, ...], ...]
    """Names of the divisions it lies in, smallest first; several when it lies in several."""
    position: PositionView | None


class CompletedView(msgspec.Struct, frozen=True):
    """What may be meant, the likeliest first."""

    query: str
    crs: Crs
    """What positions are in."""
    results: tuple[SuggestionView, ...]


@router.get("/v1/autocomplete", operation_id="autocomplete", responses=shows(COMPLETED))
async def complete(
    request: Request,
    q: Annotated[
        str,
        Query(
            min_length=1,
            max_length=LONGEST_TEXT,
            description="What has been typed: characters, pinyin, initials or a mixture; "
            "a number after a name gives its doors.",
            examples=["hblu", "湖滨n", "湖滨南路3"],
        ),
    ],
    limit: Annotated[int, Query(ge=1, le=20)] = 8,
    crs: CrsAsked = Crs.CGCS2000,
    at: At = None,
    known: Known = None,
    plan: PlanId = None,
) -> Response:
    """Names and doors that what was typed may begin: names of the day first, former ones marked."""
    if known is None and plan is None:
        day = asked_day(request, at)
        finder = cast(Finder, request.app.state.finder)
        hot = cast(AsyncHotReads, request.app.state.async_hot)
        typed = finder.suggester.begin(q, day, limit=limit)
        if typed is not None:
            statement, values = typed.question
            rows = await hot.rows(statement, **values, on=day, known=None)
            try:
                found, seen = finder.suggester.finish(typed, rows, day, limit=limit)
            except NotAtHand:
                pass
            else:
                travels = at is not None or "accept-datetime" in request.headers
                headers = hot_headers(request, seen, travels=travels)
                body = encode(_shown(q, found, crs))
                return Response(body, media_type=JSON, headers=headers)

    def plain() -> Response:
        with contextmanager(reader)(request, at, known, plan) as reading:
            found = reading.finder.suggester.ask(reading.connection, q, reading.at, limit=limit)
            return answer(reading, _shown(q, found, crs))

    return await run_in_threadpool(plain)


def _shown(query: str, found: list[Suggestion], crs: Crs) -> CompletedView:
    return CompletedView(query, crs, tuple(_view(one, crs) for one in found))


def _view(one: Suggestion, crs: Crs) -> SuggestionView:
    if one.name is not None:
        return SuggestionView(
            text=one.name.text,
            type="carrier" if one.name.is_carrier() else "division",
            kind=one.name.kind,
            id=one.name.of_id,
            code=None,
            former=one.former,
            now=one.now,
            within=one.within,
            position=None,
        )
    door = one.door
    assert door is not None
    return SuggestionView(
        text=door.text(),
        type="door",
        kind=str(door.stage),
        id=door.address_id,
        code=door.code,
        former=False,
        now=(),
        within=(tuple(link.name for link in door.chain),),
        position=shifted(position_of(door.position), crs),
    )
