"""Readings that are kept: texts that differ in their digits alone are read alike.

Most texts are names followed by a door: 翔安区琼头中里9号3栋501室. What the names mean takes most of the
time, and every door of a road repeats it. So the reading of such a text is kept as a pattern, under
the text with all its digits written 0, and the next one of its form only has its door read.

That is exact, because nothing that reads a text looks at what a digit is: all expressions ask for
*a* digit, as often. The exceptions are shut out by `_PLAIN` and `_patterned`: runs of six digits
(codes, postcodes, telephones), dashes (1-3号 is judged by its numbers), names with digits in them,
and texts that normalising changes.
"""

import re
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache

from geo.geocode.characters import HAN
from geo.geocode.gazetteer import Gazetteer
from geo.geocode.match import Reading, read
from geo.geocode.normalise import LONGEST_TEXT, Normalised
from geo.geocode.parse import Parse, Token, pieces_of
from geo.geocode.parts import INNER, Tail, read_tail

MOST_PATTERNS = 50_000
MOST_DOORS = 1 << 16
"""Doors whose parts are kept."""
_PLAIN = re.compile(
    rf"(?P<names>[{HAN}]{{2,{LONGEST_TEXT}}})\d{{1,5}}号"
    r"(?:[之栋幢座号楼单元梯层室]|[A-H](?![A-H])|\d{1,5}(?!\d))*"
    r"(?: (?:[之栋幢座号楼单元梯层室]|[A-H](?![A-H])|\d{1,5}(?!\d))*)?"
)
"""Names, a door and its parts: single letters, and no more than one blank."""
_ZEROS = str.maketrans("123456789", "000000000")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class _Way:
    """One way of reading a text, without its door."""

    parse: Parse
    names: tuple[Token, ...]


class Readings:
    """Reads texts by the names of one gazetteer, as `match.read` does."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        # Where names hold digits, a text may name another thing by another number.
        self._usable = not any(_DIGIT.search(name) for name in gazetteer.names())
        self._kept: OrderedDict[str, tuple[_Way, ...] | None] = OrderedDict()

    def read(self, text: str) -> Reading:
        """Normalise and parse a text.

        Raises:
            TextIsTooLong: longer than `LONGEST_TEXT` characters.
        """
        plain = _PLAIN.fullmatch(text) if self._usable else None
        if plain is None:
            return read(text, self.gazetteer)
        key, at = text.translate(_ZEROS), plain.end("names")
        if key not in self._kept:
            reading = read(text, self.gazetteer)
            self._keep(key, _patterned(reading, text, at))
            return reading
        ways = self._kept[key]
        return read(text, self.gazetteer) if ways is None else _filled_in(ways, text, at)

    def _keep(self, key: str, ways: tuple[_Way, ...] | None) -> None:
        while len(self._kept) >= MOST_PATTERNS:
            self._kept.popitem(last=False)
        self._kept[key] = ways


def _patterned(reading: Reading, text: str, at: int) -> tuple[_Way, ...] | None:
    """A reading without its door; None when the door cannot be told from the rest."""
    normalised = reading.normalised
    if normalised != Normalised(text, text, (), ()) or reading.addresses != (text,):
        return None
    tail = read_tail(text, at)
    if tail is None:
        return None
    pieces = tuple(pieces_of(tail))
    ways = [_way(parse, tail, pieces, at) for parse in reading.parses[0]]
    return None if None in ways else tuple(way for way in ways if way is not None)


def _way(parse: Parse, tail: Tail, pieces: tuple[Token, ...], at: int) -> _Way | None:
    names = tuple(token for token in parse.tokens if token.end <= at)
    if any(token.role in INNER for token in names):
        return None
    if parse.crossing is None and parse.tail == tail and parse.tokens == (*names, *pieces):
        return _Way(parse, names)
    return None


@lru_cache(maxsize=MOST_DOORS)
def _door(text: str, at: int) -> tuple[Tail, tuple[Token, ...]]:
    """A door and its parts as they are read from a place in a text that ends with them."""
    tail = read_tail(" " * at + text, at)
    assert tail is not None
    return tail, tuple(pieces_of(tail))


def _filled_in(ways: tuple[_Way, ...], text: str, at: int) -> Reading:
    tail, pieces = _door(text[at:], at)
    parses = tuple(
        Parse(
            (*way.names, *pieces),
            tail,
            way.parse.near,
            reordered=way.parse.reordered,
            inside_longer=way.parse.inside_longer,
            names=way.names,
        )
        for way in ways
    )
    return Reading(Normalised(text, text, (), ()), (text,), (parses,))
