"""From a text or a place to addresses (地址匹配), each with its proof."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Query, Response

from api.address_examples import MATCHES, NEAREST
from api.address_view import AddressView, DivisionView, PositionView, placed
from api.encoding import answer
from api.examples import shows
from api.time_travel import Reading
from api.views import DecreeOut, decree_out
from geo.geocode.match import Match, MatchedToken, Via
from registry.changes.model import Change
from registry.search.finder import Found

router = APIRouter(tags=["geocoding"])

LONGEST_TEXT = 200


class ViaView(msgspec.Struct, frozen=True):
    """A former name or division that led to the door, and the act that ended it."""

    text: str
    now: str | None
    division_id: UUID
    ended_on: date | None
    change: int | None
    title: str | None
    decree: DecreeOut | None


class MatchView(msgspec.Struct, frozen=True):
    """How well the text proves the address."""

    grade: str
    score: float
    found: str
    tokens: tuple[MatchedToken, ...]
    via: tuple[ViaView, ...]


class ResultView(msgspec.Struct, frozen=True):
    """One address a text may mean."""

    address: AddressView
    position: PositionView | None
    match: MatchView
    divisions: tuple[DivisionView, ...]


class NearView(msgspec.Struct, frozen=True):
    """One address near a point."""

    address: AddressView
    position: PositionView | None
    divisions: tuple[DivisionView, ...]
    distance_m: float


@router.get("/v1/geocode", operation_id="geocode", responses=shows(MATCHES))
def geocode_text(
    reading: Reading,
    q: Annotated[
        str,
        Query(
            min_length=1,
            max_length=LONGEST_TEXT,
            description="An address as people write it, under names of any time.",
            examples=["翔安区马巷镇琼头社区琼头中里9号"],
        ),
    ],
    limit: Annotated[int, Query(ge=1, le=50)] = 5,
) -> Response:
    """Addresses a text may mean, best first: A certain, B safely repaired, C candidates."""
    found = reading.finder.by_text(reading.connection, q, reading.at, limit=limit)
    return answer(reading, {"query": q, "results": list(map(result_of, found))})


@router.get("/v1/reverse", operation_id="reverse", responses=shows(NEAREST))
def reverse_point(
    reading: Reading,
    lon: Annotated[float, Query(ge=-180, le=180, description="Degrees, EPSG:4490.", examples=[118.251])],
    lat: Annotated[float, Query(ge=-90, le=90, description="Degrees, EPSG:4490.", examples=[24.652])],
    limit: Annotated[int, Query(ge=1, le=20)] = 1,
) -> Response:  # fmt: skip
    """The addresses nearest to a point, nearest first."""
    found = reading.finder.near(lon, lat, reading.at, limit=limit)
    shown = []
    for near in found:
        one = placed(near.address)
        metres = round(near.distance_m, 1)
        shown.append(NearView(one.address, one.position, one.divisions, metres))
    return answer(reading, {"results": shown})


def result_of(found: Found) -> ResultView:
    """The public shape of a match."""
    one = placed(found.address)
    return ResultView(one.address, one.position, match_of(found), one.divisions)


def match_of(found: Found) -> MatchView:
    """The proof."""
    match: Match = found.match
    return MatchView(
        grade=match.grade,
        score=round(match.score, 3),
        found=match.found,
        tokens=match.tokens,
        via=tuple(_via(via, found) for via in match.via),
    )


def _via(via: Via, found: Found) -> ViaView:
    act: Change | None = None if via.change is None else found.acts.get(via.change)
    return ViaView(
        via.text,
        via.now,
        via.division_id,
        via.ended_on,
        via.change,
        None if act is None else act.title,
        None if act is None else decree_out(act.decree),
    )
