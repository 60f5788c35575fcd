"""Straight answers: a text whose names can be read in one way, and the one door that it proves.

Such an answer is put together from three pieces: what the names say of all doors on a carrier in a
division, what the parts say of all doors with the same parts, and the row of the door in the index.
The first two are worked out by what answers any text, and kept; so an answer takes little more
than finding the row. `Finder.at_hand` says the same, at five times the cost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from uuid import UUID

from geo.geocode.grades import Grade, graded
from geo.geocode.proof import Ground, Said, doubts_in_all, said_by_names, said_by_parts
from geo.geocode.straight import Ending, Opening, Route
from registry.addresses.model import Vicinity
from registry.addresses.text import AddressParts, Profile, behind
from registry.changes.model import Change
from registry.search.door_index import DoorRow, Inner, door_of

MOST_PLACES = 1 << 16
MOST_DOORS = 1 << 16
FULL = str(Profile.FULL)
_EXAMPLE = 0
"""A number to write texts with, cut out again."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """What some names say of all doors on a carrier in a division."""

    opening: Opening
    vicinity: Vicinity
    said: Said
    acts: Mapping[int, Change]
    """By number, those the `via` of what is said names."""
    before: Mapping[str, str]
    """The text of an address before its number, by profile."""
    grades: dict[tuple[int, int], tuple[Grade, float] | None] = field(default_factory=dict)
    """By contradictions and doubts of the parts; None: too many."""


@dataclass(frozen=True, slots=True, eq=False)
class Behind:
    """What some parts say of all doors with the same parts."""

    ending: Ending
    said: Said
    """Without the number."""
    told: tuple[int, int]
    """Contradictions and doubts."""
    after: Mapping[str, str]
    """The text of an address behind its number, by profile."""


class Straight(NamedTuple):
    """A door and the proof that a text means it: certain, or safely repaired."""

    place: Place
    behind: Behind
    digits: str
    """The number as the text has it."""
    row: DoorRow
    grade: Grade
    score: float

    @property
    def level(self) -> str:
        """The smallest part looked for."""
        return self.behind.ending.attempt.level

    def text(self) -> str:
        """The address written out in full."""
        return f"{self.place.before[FULL]}{self.row.number}{self.behind.after[FULL]}"

    def texts(self) -> dict[str, str]:
        """The address written out, by profile."""
        number, after = str(self.row.number), self.behind.after
        return {one: text + number + after[one] for one, text in self.place.before.items()}


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces straight answers of one day are put together from."""

    ground: Ground
    _places: dict[tuple[Opening, UUID, UUID | None], Place] = field(default_factory=dict)
    _behind: dict[tuple[Ending, Inner], Behind] = field(default_factory=dict)

    def put_together(self, route: Route, row: DoorRow, place: Place) -> Straight | None:
        """The answer; None: the door is a candidate at most."""
        behind_ = self._behind.get((route.ending, row.parts)) or self._learnt(route.ending, row)
        proved = place.grades.get(behind_.told)
        if proved is None and behind_.told not in place.grades:
            proved = place.grades[behind_.told] = self._graded(route, place.said, behind_.said)
        return None if proved is None else Straight(place, behind_, route.digits, row, *proved)

    def place(
        self, opening: Opening, row: DoorRow, vicinity: Vicinity, acts: Mapping[int, Change]
    ) -> Place | None:
        """What names say of the place of a door; None: an act is not among those given."""
        key = opening, row.within.division_id, row.carrier_id
        found = self._places.get(key)
        if found is not None and found.vicinity is vicinity and _holds(found.acts, acts):
            return found
        said = said_by_names(opening.parse, door_of(row), self.ground)
        named = {via.change for via in said.via if via.change is not None}
        if named - acts.keys():
            return None
        if len(self._places) >= MOST_PLACES:
            self._places.clear()
        found = self._places[key] = Place(
            opening,
            vicinity,
            said,
            {number: acts[number] for number in named},
            {str(one): _before(head, one) for one, head in vicinity.heads.items()},
        )
        return found

    def _learnt(self, ending: Ending, row: DoorRow) -> Behind:
        said = said_by_parts(ending.pieces, door_of(row), self.ground)
        if len(self._behind) >= MOST_DOORS:
            self._behind.clear()
        after = {str(one): _after(row.parts, one) for one in Profile}
        told = said.contradictions, said.doubts
        made = Behind(ending, replace(said, tokens=said.tokens[1:]), told, after)
        self._behind[ending, row.parts] = made
        return made

    def _graded(self, route: Route, names: Said, parts: Said) -> tuple[Grade, float] | None:
        parse, attempt = route.opening.parse, route.ending.attempt
        of_words = names.doubts + parts.doubts
        doubts = doubts_in_all(parse, attempt, of_words, together=bool(names.together))
        grade, score = graded(parse, attempt, names.contradictions + parts.contradictions, doubts)
        return None if grade == "C" else (grade, score)


def _holds(kept: Mapping[int, Change], acts: Mapping[int, Change]) -> bool:
    return all(acts.get(number) is act for number, act in kept.items())


def _before(head: str, profile: Profile) -> str:
    text = behind(head, AddressParts(_EXAMPLE), profile)
    return text.removesuffix(behind("", AddressParts(_EXAMPLE), profile))


def _after(parts: Inner, profile: Profile) -> str:
    return behind("", AddressParts(_EXAMPLE, *parts), profile).removeprefix(str(_EXAMPLE))
