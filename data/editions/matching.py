"""Who is who in two editions: identities that live on, each with its evidence.

A published list says nothing of identity: codes are given anew, names are spelt otherwise, both at
once. What is matched here is a proposal that a person confirms; what could be matched in several
ways is not matched at all, but listed with the candidates.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from data.editions.units import TOWNSHIP, VILLAGE, Edition

CERTAIN = 1.0
ENOUGH = 0.5
"""Score a pair of townships or counties needs."""
NAME_ENOUGH = 0.6
"""Score a pair of villages with different names needs."""
CLEAR = 0.1
"""Margin over the best alternative below which a person must choose."""
SHOWN = 5
"""Candidates listed for a person."""


@dataclass(frozen=True, slots=True)
class Match:
    """One unit in both editions (同一单位), how sure that is, and why."""

    old: str
    new: str
    confidence: float
    """0 to 1."""
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What an old unit might be."""

    new: str
    score: float


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A unit that could be several (待辨), or only doubtfully one: a person chooses."""

    old: str
    candidates: tuple[Candidate, ...]
    """Best first."""


@dataclass
class Found:
    """Matches as they accumulate, on one level or all."""

    matches: dict[str, Match] = field(default_factory=dict)
    """By old unit."""
    origins: dict[str, str] = field(default_factory=dict)
    """New unit -> old unit."""
    ambiguities: dict[str, Ambiguity] = field(default_factory=dict)

    def add(self, old: str, new: str, confidence: float, *evidence: str) -> None:
        """Take a pair; neither side may be matched yet."""
        self.matches[old] = Match(old, new, round(confidence, 3), evidence)
        self.origins[new] = old
        self.ambiguities.pop(old, None)

    def is_open(self, old: str, new: str) -> bool:
        """Whether both sides are still to be had."""
        return old not in self.matches and new not in self.origins

    def new_of(self, old: str) -> str | None:
        """What an old unit is now."""
        match = self.matches.get(old)
        return None if match is None else match.new

    def pairs(self) -> dict[str, str]:
        """Old -> new."""
        return {old: match.new for old, match in self.matches.items()}


@dataclass(frozen=True, slots=True)
class Matches:
    """Who is who, per level."""

    counties: Found
    townships: Found
    villages: Found

    def new_of(self, old: str) -> str | None:
        """What an old unit of any level is now."""
        levels = (self.counties, self.townships, self.villages)
        return next((new for level in levels if (new := level.new_of(old))), None)

    def origin_of(self, new: str) -> str | None:
        """What a new unit of any level was before."""
        levels = (self.counties, self.townships, self.villages)
        return next((old for level in levels if (old := level.origins.get(new))), None)

    def match_of(self, old: str) -> Match | None:
        """The match of an old unit with its evidence."""
        levels = (self.counties, self.townships, self.villages)
        return next((one for level in levels if (one := level.matches.get(old))), None)

    def ambiguities(self) -> Mapping[str, Ambiguity]:
        """Everything a person must choose, by old unit."""
        return {
            **self.counties.ambiguities,
            **self.townships.ambiguities,
            **self.villages.ambiguities,
        }


def prefix_moved(before: Edition, after: Edition, old: str, new: str) -> bool:
    """Whether a code differs only in the part that belongs to the units above (350681 -> 350604)."""
    ours, theirs = before.units[old], after.units[new]
    if ours.code is None or theirs.code is None or ours.level not in (TOWNSHIP, VILLAGE):
        return False
    return ours.code != theirs.code and ours.code[-3:] == theirs.code[-3:]


def same_code(before: Edition, after: Edition, old: str, new: str) -> bool:
    """Whether both lists give the code."""
    code = before.units[old].code
    return code is not None and code == after.units[new].code


def ambiguity(old: str, candidates: Iterable[str], score: Callable[[str, str], float]) -> Ambiguity:
    """What a unit might be, for a person to choose from."""
    scored = sorted(
        (Candidate(new, round(score(old, new), 3)) for new in candidates),
        key=lambda one: (-one.score, one.new),
    )
    return Ambiguity(old, tuple(one for one in scored[:SHOWN] if one.score >= NAME_ENOUGH / 2))
