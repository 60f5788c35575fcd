"""Readings that are kept: what the names before a door mean does not depend on the door.

Most texts are names followed by a door: 翔安区琼头中里9号3栋501室. What the names mean takes most of the
time, and every door of a road repeats it. So it is kept, and the next text with the same names only
has its door read.

That is exact because of what `halves` and `_kept_of` let through. Normalising changes nothing in a
door of that form (no dash, sign, numeral, telephone or code in it), a door that is read to its end
leaves nothing behind that could be a name, no name reaches into it, and nothing but the length of the
text changes how several ways of reading the names compare: `_kept_of` sees to it that they compare
alike at any length.
"""

import re
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from geo.geocode.characters import HAN
from geo.geocode.gazetteer import Gazetteer
from geo.geocode.match import Reading, read
from geo.geocode.normalise import LONGEST_TEXT, Normalised
from geo.geocode.parse import Parse, Token, pieces_of
from geo.geocode.parts import INNER, Piece, Tail, read_tail

MOST_NAMES = 100_000
MOST_FORMS = 1 << 16
"""Of doors, with their parts, whatever their number."""
_PART = r"(?:[栋幢座号楼单元梯层室]|(?<=[号栋幢座楼元梯层室])之|[A-H](?![A-H])|[0-9]{1,5}(?![0-9]))"
_HALVES = re.compile(
    rf"(?P<names>[{HAN}]{{2,{LONGEST_TEXT}}})(?P<digits>[0-9]{{1,5}})(?P<rest>号.*)"
)
_REST = re.compile(rf"号{_PART}*(?:(?<=[0-9A-H]) {_PART}+)?")
"""A door and its parts: single letters, runs of five digits, and no more than one blank."""
_IN_DOOR = "0-9栋幢座号楼单元梯层室之A-H "
_REACHING = re.compile(rf"(?P<head>[^0-9]*)[0-9][{_IN_DOOR}]*")
"""A name that may end within a door: 国贸1号, but not 3号路."""
_WITHIN = re.compile(rf"[{_IN_DOOR}]*[0-9][{_IN_DOOR}]*")
"""A name that may stand within one: 3号楼."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way of reading names before a door."""

    names: tuple[Token, ...]
    near: bool
    reordered: bool
    inside_longer: bool

    def before(self, tail: Tail, pieces: tuple[Token, ...]) -> Parse:
        """The whole parse, with a door behind the names."""
        return Parse(
            (*self.names, *pieces),
            tail,
            self.near,
            reordered=self.reordered,
            inside_longer=self.inside_longer,
            names=self.names,
        )


class Halves(NamedTuple):
    """A text of names and a door, cut before the number and behind it."""

    names: str
    digits: str
    rest: str


class Readings:
    """Reads texts by the names of one gazetteer, as `match.read` does."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        names = gazetteer.names()
        self._usable = not any(_WITHIN.fullmatch(name) for name in names)
        reaching = (_REACHING.fullmatch(name) for name in names)
        self._reaching = tuple({one["head"] for one in reaching if one is not None})
        self._kept: OrderedDict[str, tuple[Way, ...] | None] = OrderedDict()

    def read(self, text: str) -> Reading:
        """Normalise and parse a text.

        Raises:
            TextIsTooLong: longer than `LONGEST_TEXT` characters.
        """
        cut = self.halves(text)
        door = None if cut is None or len(text) > LONGEST_TEXT else door_behind(cut)
        if cut is None or door is None:
            return read(text, self.gazetteer)
        ways = self._kept.get(cut.names)
        if ways is not None:
            parses = tuple(way.before(*door) for way in ways)
            return Reading(Normalised(text, text, (), ()), (text,), (parses,))
        reading = read(text, self.gazetteer)
        if cut.names not in self._kept:
            while len(self._kept) >= MOST_NAMES:
                self._kept.popitem(last=False)
            reaching = cut.names.endswith(self._reaching)
            self._kept[cut.names] = None if reaching else _kept_of(reading, text, *door)
        return reading

    def halves(self, text: str) -> Halves | None:
        """A text cut around its number; None when it is more than names and a door."""
        cut = _HALVES.fullmatch(text) if self._usable else None
        return None if cut is None else Halves(*cut.groups())

    def ways(self, names: str) -> tuple[Way, ...]:
        """The ways names before a door are read; none when they are not kept."""
        return self._kept.get(names) or ()


def door_behind(cut: Halves) -> tuple[Tail, tuple[Token, ...]] | None:
    """The door and its parts; None when something is left that is no part."""
    form = _form(cut.rest)
    if form is None:
        return None
    at = len(cut.names)
    on = at + len(cut.digits) - 1
    # Only the number and the places differ: no part is read otherwise for it.
    first, *others = form.pieces
    pieces = (
        Piece(cut.digits + first.text[1:], first.role, at, first.end + on),
        *(Piece(one.text, one.role, one.start + on, one.end + on) for one in others),
    )
    tail = Tail(
        int(cut.digits), form.last_number, form.more_numbers, form.sub, form.named,
        form.building, form.unit, form.floor, form.last_floor, form.room, form.last_room,
        pieces, form.end + on, block_like=form.block_like, joined=form.joined,
    )  # fmt: skip
    return tail, tuple(pieces_of(tail))


@lru_cache(maxsize=MOST_FORMS)
def _form(rest: str) -> Tail | None:
    """A door with the number 0, and its parts; None when something else is left."""
    tail = read_tail(f"0{rest}", 0) if _REST.fullmatch(rest) else None
    return tail if tail is not None and tail.end == len(rest) + 1 else None


def _kept_of(
    reading: Reading, text: str, tail: Tail, pieces: tuple[Token, ...]
) -> tuple[Way, ...] | None:
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


def _way(parse: Parse, tail: Tail, pieces: tuple[Token, ...]) -> Way | None:
    names = parse.tokens[: len(parse.tokens) - len(pieces)]
    told = parse.crossing is None and parse.tail == tail and parse.tokens == (*names, *pieces)
    if not told or any(token.role in INNER for token in names):
        return None
    return Way(names, parse.near, parse.reordered, parse.inside_longer)
