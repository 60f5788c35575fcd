"""The straight way from a text to a door: names that can be read in one way, and one door to look for.

Most texts go it: 翔安区琼头中里9号3栋501室. What they mean falls into two halves that know nothing of each
other: where to look, which the names say, and what to look for, which the parts behind the number
say. Both are worked out by `readings` and `lookups`, as for any text, and kept; a text whose halves
are known takes two look-ups in a dictionary.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple, TypeVar
from uuid import UUID

from geo.geocode.lookups import Attempt, attempts
from geo.geocode.normalise import LONGEST_TEXT
from geo.geocode.parse import Parse, Token
from geo.geocode.readings import MOST_FORMS, MOST_NAMES, Halves, Readings, Way, door_behind

Inner = tuple[str | None, str | None, str | None, str | None, str | None]
"""Sub-number, building, unit, floor, room."""
Half = TypeVar("Half")


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """Names before a door (where to look)."""

    parse: Parse
    """Of a text with these names; the door in it is an example."""
    names: tuple[Token, ...]
    carriers: tuple[UUID, ...]
    villages: tuple[UUID, ...]
    """Where doors have no carrier."""


@dataclass(frozen=True, slots=True, eq=False)
class Ending:
    """A door without its number (what to look for)."""

    attempt: Attempt
    """The only look-up; where and under which number is an example."""
    pieces: tuple[Token, ...]
    """The number and the parts; the number in it is an example."""
    wanted: Inner


class Route(NamedTuple):
    """What a text says, in its halves."""

    opening: Opening
    digits: str
    ending: Ending


class Routes:
    """The halves of texts by the names of one gazetteer."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings
        self._openings: OrderedDict[str, Opening] = OrderedDict()
        self._endings: OrderedDict[str, Ending] = OrderedDict()

    def route(self, text: str) -> Route | None:
        """The straight way; None: there is none, or the names have not been read before."""
        cut = self._readings.halves(text)
        if cut is None or len(text) > LONGEST_TEXT:
            return None
        opening, ending = self._openings.get(cut.names), self._endings.get(cut.rest)
        if opening is None or ending is None:
            return self._learnt(cut)
        return Route(opening, cut.digits, ending)

    def _learnt(self, cut: Halves) -> Route | None:
        ways = self._readings.ways(cut.names)
        door = door_behind(cut)
        if len(ways) != 1 or door is None:
            return None
        tail, pieces = door
        parse = ways[0].before(tail, pieces)
        tried = attempts(parse, self._readings.gazetteer)
        if len(tried) != 1 or tried[0].doubt or tried[0].several or not tried[0].complete:
            return None
        opening = _kept(self._openings, cut.names, _opening(ways[0], parse, tried[0]), MOST_NAMES)
        ending = _kept(self._endings, cut.rest, _ending(pieces, tried[0]), MOST_FORMS)
        return Route(opening, cut.digits, ending)


def _opening(way: Way, parse: Parse, only: Attempt) -> Opening:
    return Opening(parse, way.names, only.lookup.carrier_ids, only.lookup.division_ids)


def _ending(pieces: tuple[Token, ...], only: Attempt) -> Ending:
    asked = only.lookup
    return Ending(only, pieces, (asked.sub, asked.building, asked.unit, asked.floor, asked.room))


def _kept(held: OrderedDict[str, Half], key: str, made: Half, most: int) -> Half:
    while len(held) >= most:
        held.popitem(last=False)
    return held.setdefault(key, made)
