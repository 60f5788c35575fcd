"""What geocoding answers with: addresses with their proof, and how the text was understood."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

import msgspec

from api.address_view import (
    AddressView,
    DivisionView,
    PositionView,
    division_of,
    placed,
    position_of,
    view_of,
)
from api.coordinates import Crs, given_out
from api.encoding import encode
from api.reverse_view import shifted
from api.views import DecreeOut, decree_out
from data.nation import national_lexicon
from geo.geocode.locate import Located
from geo.geocode.match import Match, Outcome
from geo.geocode.missing import Missing
from geo.geocode.normalise import Step
from geo.geocode.proof import UNKNOWN, MatchedToken, Via
from geo.geocode.segment import segment
from registry.addresses.model import Vicinity
from registry.changes.model import Change
from registry.search.finder import Answer, Found

MOST_VICINITIES = 1 << 16
"""Of which the divisions are kept as they are written."""


class ViaView(msgspec.Struct, frozen=True):
    """A former name, division or number that led to the door, and the act that ended it."""

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
    of_address: int
    """Which of the addresses in the line it answers, from 0."""


class ResultView(msgspec.Struct, frozen=True):
    """One address a text may mean."""

    address: AddressView
    position: PositionView | None
    match: MatchView
    divisions: tuple[DivisionView, ...]


class ElementView(msgspec.Struct, frozen=True):
    """A piece of the text and the part of an address (地址要素) it was taken for."""

    text: str
    role: str


class ReadingView(msgspec.Struct, frozen=True):
    """How the text was understood."""

    text: str
    """In plain form, persons and telephones dropped."""
    steps: tuple[Step, ...]
    notes: tuple[str, ...]
    addresses: tuple[str, ...]
    """More than one: the line holds several addresses."""
    elements: tuple[ElementView, ...]


class GeocodeView(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything a text leads to."""

    query: str
    results: tuple[ResultView, ...]
    reading: ReadingView
    missing: tuple[Missing, ...]
    located: Located | None
    crs: Crs | None = None
    """What all coordinates here are in, when that was asked for; else CGCS2000."""


def geocode_view(
    query: str, answer: Answer, show: Callable[[Found], ResultView] | None = None
) -> GeocodeView:
    """The public shape of an answer."""
    outcome = answer.outcome
    return GeocodeView(
        query,
        tuple(map(show or result_of, answer.found)),
        reading_of(outcome),
        outcome.missing,
        outcome.located,
    )


def in_crs(view: GeocodeView, crs: Crs) -> GeocodeView:
    """The same with its coordinates as the client wants them."""
    located = view.located
    if located is not None:
        lon, lat = given_out(located.lon, located.lat, crs)
        located = replace(located, lon=lon, lat=lat)
    results = tuple(
        msgspec.structs.replace(one, position=shifted(one.position, crs)) for one in view.results
    )
    return msgspec.structs.replace(view, results=results, located=located, crs=crs)


def encoded(query: str, answer: Answer) -> bytes:
    """The public shape of an answer as JSON."""
    return encode(geocode_view(query, answer, _near_others))


def _near_others(found: Found) -> ResultView:
    """A match whose divisions are written out once for all addresses of one vicinity."""
    address = found.address
    if address.vicinity is None:
        return result_of(found)
    return ResultView(
        view_of(address),
        position_of(address.position),
        match_of(found),
        divisions_raw(address.vicinity),
    )


@lru_cache(maxsize=MOST_VICINITIES)
def divisions_raw(vicinity: Vicinity) -> tuple[DivisionView, ...]:
    """The divisions of a vicinity, written once."""
    # Raw stands for what it says, and is written as it is.
    written = msgspec.Raw(encode(tuple(map(division_of, vicinity.chain))))
    return cast(tuple[DivisionView, ...], written)


def reading_of(outcome: Outcome) -> ReadingView:
    """How a text was understood; by the registry's names, or else by its structure alone."""
    reading = outcome.reading
    plain = reading.normalised
    parses = reading.parses[0] if reading.parses else ()
    known = bool(parses) and not any(token.role in UNKNOWN for token in parses[0].tokens)
    known = known and (parses[0].carrier is not None or bool(parses[0].divisions))
    elements = (
        tuple(ElementView(token.text, token.role) for token in parses[0].tokens)
        if known
        else tuple(
            ElementView(plain.text[one.start : one.end], one.role)
            for one in segment(plain.text, national_lexicon())
            if one.role != "separator"
        )
    )
    return ReadingView(plain.text, plain.steps, plain.notes, reading.addresses, elements)


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
        via=tuple(via_of(via, found.acts) for via in match.via),
        of_address=match.address,
    )


def via_of(via: Via, acts: Mapping[int, Change]) -> ViaView:
    """A former name with the act that ended it."""
    act = None if via.change is None else acts.get(via.change)
    return ViaView(
        via.text,
        via.now,
        via.division_id,
        via.ended_on,
        via.change,
        None if act is None else act.title,
        None if act is None else decree_out(act.decree),
    )


def said_in_parts(parts: dict[str, str | None]) -> str:
    """Structured fields, from large to small, as one text."""
    ends: dict[str, Any] = {"number": "号", "room": "室"}
    return "".join(
        value if value.endswith(ends.get(name, "")) else f"{value}{ends[name]}"
        for name, value in parts.items()
        if value
    )
