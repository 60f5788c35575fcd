"""Readings that are kept: what the names before a door mean does not depend on the door.

Most texts are names followed by a door: 翔安区琼头中里9号3栋501室. What the names mean takes most of the
time, and every door of a road repeats it. So it is kept, and the next text with the same names only
has its door read.

That is exact because of what `_PLAIN` and `_kept_of` let through. Normalising changes nothing in a
door of that form (no dash, sign, numeral, telephone or code in it), a door that is read to its end
leaves nothing behind that could be a name, names hold no digits, and nothing but the length of the
text changes how several ways of reading the names compare: `_kept_of` sees to it that they compare
alike at any length.
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
from geo.geocode.parts import INNER, Piece, Tail, read_tail

MOST_NAMES = 100_000
MOST_FORMS = 1 << 16
"""Of doors, with their parts, whatever their number."""
_PART = r"(?:[栋幢座号楼单元梯层室]|(?<=[号栋幢座楼元梯层室])之|[A-H](?![A-H])|\d{1,5}(?!\d))"
_PLAIN = re.compile(
    rf"(?P<names>[{HAN}]{{2,{LONGEST_TEXT}}})\d{{1,5}}号{_PART}*(?:(?<=[\dA-H]) {_PART}+)?"
)
"""Names, a door and its parts: single letters, runs of five digits, and no more than one blank."""
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class _Way:
    """One way of reading names before a door."""

    names: tuple[Token, ...]
    near: bool
    reordered: bool
    inside_longer: bool


class Readings:
    """Reads texts by the names of one gazetteer, as `match.read` does."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        # Where names hold digits, the beginning of a door may be the end of a name.
        self._usable = not any(_DIGIT.search(name) for name in gazetteer.names())
        self._kept: OrderedDict[str, tuple[_Way, ...] | None] = OrderedDict()

    def read(self, text: str) -> Reading:
        """Normalise and parse a text.

        Raises:
            TextIsTooLong: longer than `LONGEST_TEXT` characters.
        """
        plain = _PLAIN.fullmatch(text) if self._usable else None
        door = None if plain is None else _door(text[plain.end("names") :], plain.end("names"))
        if plain is None or door is None or len(text) > LONGEST_TEXT:
            return read(text, self.gazetteer)
        names = plain["names"]
        ways = self._kept.get(names)
        if ways is not None:
            return _filled_in(ways, text, *door)
        reading = read(text, self.gazetteer)
        if names not in self._kept:
            while len(self._kept) >= MOST_NAMES:
                self._kept.popitem(last=False)
            self._kept[names] = _kept_of(reading, text, *door)
        return reading


def _door(text: str, at: int) -> tuple[Tail, tuple[Token, ...]] | None:
    """A door and its parts as read from a place in a text that ends with them.

    None when something is left that is no part.
    """
    digits = text.index("号")
    form = _form("0" * digits + text[digits:])
    if form is None:
        return None
    # Only the number and the places differ: no part is read otherwise for it.
    first, *others = form.pieces
    pieces = (
        Piece(text[first.start : first.end], first.role, first.start + at, first.end + at),
        *(Piece(one.text, one.role, one.start + at, one.end + at) for one in others),
    )
    tail = Tail(
        int(text[:digits]), form.last_number, form.more_numbers, form.sub, form.named,
        form.building, form.unit, form.floor, form.last_floor, form.room, form.last_room,
        pieces, form.end + at, block_like=form.block_like, joined=form.joined,
    )  # fmt: skip
    return tail, tuple(pieces_of(tail))


@lru_cache(maxsize=MOST_FORMS)
def _form(text: str) -> Tail | None:
    """A door whose number is all zeros, and its parts; None when something else is left."""
    tail = read_tail(text, 0)
    return tail if tail is not None and tail.end == len(text) else None


def _kept_of(
    reading: Reading, text: str, tail: Tail, pieces: tuple[Token, ...]
) -> tuple[_Way, ...] | None:
    """A reading without its door; None when the door cannot be told from the rest."""
    normalised = reading.normalised
    if normalised != Normalised(text, text, (), ()) or reading.addresses != (text,):
        return None
    parses = reading.parses[0]
    comparing = {(one.repaired, _is_safe(one), one.inside_longer) for one in parses}
    if len(comparing) > 1:
        return None
    ways = [_way(parse, tail, pieces) for parse in parses]
    return None if None in ways else tuple(way for way in ways if way is not None)


def _is_safe(parse: Parse) -> bool:
    return parse.carrier is None or parse.carrier.safe


def _way(parse: Parse, tail: Tail, pieces: tuple[Token, ...]) -> _Way | None:
    names = parse.tokens[: len(parse.tokens) - len(pieces)]
    told = parse.crossing is None and parse.tail == tail and parse.tokens == (*names, *pieces)
    if not told or any(token.role in INNER for token in names):
        return None
    return _Way(names, parse.near, parse.reordered, parse.inside_longer)


def _filled_in(ways: tuple[_Way, ...], text: str, tail: Tail, pieces: tuple[Token, ...]) -> Reading:
    parses = tuple(
        Parse(
            (*way.names, *pieces),
            tail,
            way.near,
            reordered=way.reordered,
            inside_longer=way.inside_longer,
            names=way.names,
        )
        for way in ways
    )
    return Reading(Normalised(text, text, (), ()), (text,), (parses,))
