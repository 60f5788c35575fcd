"""Whether two texts are of the same place, as far as the texts alone can tell."""

from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

from geo.geocode.normalise import normalise
from geo.geocode.segment import Lexicon, segment

Relation = Literal["same", "part", "different"]
_NAMES = frozenset({"place", "village", "zone"})


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far the elements of two texts agree; shares from 0 to 1, None where one has none."""

    divisions: float | None
    road: float | None
    number: float | None
    place: float | None
    whole: float


def compare(one: str, other: str, lexicon: Lexicon) -> Comparison:
    """Compare the elements of two texts role by role."""
    left, right = _parts(one, lexicon), _parts(other, lexicon)
    return Comparison(
        _agree(left["divisions"], right["divisions"]),
        _agree(left["road"], right["road"]),
        _same(left["number"], right["number"]),
        _agree(left["place"], right["place"]),
        fuzz.partial_ratio(one, other) / 100,
    )


def relation(one: str, other: str, lexicon: Lexicon) -> Relation:
    """Tell whether texts are of the same place, of places of which one holds the other, or not."""
    found = compare(one, other, lexicon)
    return _judged(found)


LIKE = 0.8
"""Shares above it are the same name, written a little differently."""
SAME_ROAD = 0.92
NEAR_BY = 0.54
"""Divisions that agree this much do not exclude each other."""
HALF = 0.5


def _judged(found: Comparison) -> Relation:
    """The road decides first, then the place's name, then the divisions.

    The limits were read off a decision tree over the first half of the CCKS 2021 pairs.
    """
    place, divisions = found.place or 0.0, found.divisions or 0.0
    if (found.road or 0.0) <= SAME_ROAD:
        return "part" if place > LIKE and divisions > NEAR_BY else "different"
    if place > LIKE:
        return "same" if place == 1 and found.number == 1 and divisions == 1 else "part"
    if found.number is None:
        return "part" if divisions > NEAR_BY else "different"
    return "part" if found.whole > HALF else "different"


def _parts(text: str, lexicon: Lexicon) -> dict[str, str]:
    plain = normalise(text).text
    found = {"divisions": "", "road": "", "number": "", "place": ""}
    for one in segment(plain, lexicon):
        word = plain[one.start : one.end]
        if one.role in ("province", "city", "county", "township"):
            found["divisions"] += word
        elif one.role in ("road", "lane"):
            found["road"] += word
        elif one.role in ("number", "lane number"):
            found["number"] = found["number"] or word
        elif one.role in _NAMES:
            found["place"] += word
    return found


def _agree(one: str, other: str) -> float | None:
    return fuzz.partial_ratio(one, other) / 100 if one and other else None


def _same(one: str, other: str) -> float | None:
    return float(one == other) if one and other else None
