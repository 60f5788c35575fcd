"""Two editions side by side: who is who, where the parts went, and what each edition speaks of."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from data.editions.flows import Flows, flows_of
from data.editions.matching import Matches
from data.editions.spelling import words
from data.editions.units import COUNTY, TOWNSHIP, VILLAGE, Edition
from data.editions.who_is_who import match
from registry.divisions.model import DivisionKind

OUTSIDE_THE_LAW = (DivisionKind.SPECIAL_AREA, DivisionKind.SPECIAL_VILLAGE)
SHORTEST_WORD = 4
RARE = 12
"""In how many names of an edition a word may occur and still point at one of them."""


@dataclass(frozen=True)
class Comparison:
    """Two editions and who is who in them (两期名录对照)."""

    before: Edition
    after: Edition
    matches: Matches
    flows: Flows
    """Parts of townships by the townships they are in."""
    county_flows: Flows
    """Townships of counties by the counties they are in."""
    uncovered: frozenset[str]
    """Old units of a sort the later edition has none of: their absence says nothing."""

    @classmethod
    def between(cls, before: Edition, after: Edition) -> "Comparison":
        """Compare two editions of the same country, as far as both speak of it.

        A province that one of them leaves out altogether is left out; it was not abolished.
        """
        before, after = _shared_part(before, after)
        matches, flows = match(before, after)
        return cls(
            before,
            after,
            matches,
            flows,
            _county_flows(before, after, matches, flows),
            uncovered(before, after),
        )

    def gone(self, level: int) -> list[str]:
        """Old units that the later edition should have and has not."""
        return [
            key
            for key, unit in sorted(self.before.level(level).items())
            if unit.listed and key not in self.uncovered and self.matches.new_of(key) is None
        ]

    def come(self, level: int) -> list[str]:
        """New units that continue none."""
        return [
            key
            for key, unit in sorted(self.after.level(level).items())
            if unit.listed and self.matches.origin_of(key) is None
        ]

    def county_now(self, old: str) -> str:
        """The county of the later edition that an old unit's county became, or is part of."""
        county = self.before.county_of[old]
        heirs = self.county_flows.heirs.get(county, {})
        likeliest = max(heirs, key=lambda heir: heirs[heir]) if heirs else county
        return self.matches.counties.new_of(county) or likeliest

    def named_after(self, old: str) -> list[str]:
        """Units of the same county whose new, compound name names a vanished one.

        Goupil-Othon names Le Tilleul-Othon: a word it did not have before, and a rare one.
        """
        wanted = {word for word in words(self.before.name(old)) if self._is_rare(word)}
        if not wanted:
            return []
        county = self.county_now(old)
        return sorted(
            new for new, fresh in self._fresh_words.get(county, {}).items() if fresh & wanted
        )

    def _is_rare(self, word: str) -> bool:
        return len(word) >= SHORTEST_WORD and self._frequency[word] <= RARE

    @cached_property
    def _frequency(self) -> Counter[str]:
        names = (unit.name for unit in self.before.level(TOWNSHIP).values())
        return Counter(word for name in names for word in words(name))

    @cached_property
    def _fresh_words(self) -> Mapping[str, Mapping[str, frozenset[str]]]:
        found: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
        for new, unit in self.after.level(TOWNSHIP).items():
            origin = self.matches.origin_of(new)
            known = words(self.before.name(origin)) if origin else frozenset()
            fresh = words(unit.name) - known
            if fresh:
                found[self.after.county_of[new]][new] = fresh
        return found


def _shared_part(before: Edition, after: Edition) -> tuple[Edition, Edition]:
    if not before.roots & after.roots:
        # Nothing in common, or a registry that is still empty: all of it is compared.
        return before, after
    return before.without(before.roots - after.roots), after.without(after.roots - before.roots)


def uncovered(before: Edition, after: Edition) -> frozenset[str]:
    """Old units of a level, or outside the law, of which the later edition has not one.

    Early lists stop at the townships, some leave out all farms and zones (4xx, 5xx), some have a
    county's line and then nothing below it: not being in such a list is not being abolished.
    """
    missing = {level for level in (COUNTY, TOWNSHIP, VILLAGE) if not _listed(after, level)}
    kinds = {unit.kind for unit in after.units.values() if unit.listed}
    absent = {kind for kind in OUTSIDE_THE_LAW if kind not in kinds}
    found: set[str] = set()
    # Parents come before their members, so that what lies in an uncovered unit is found too.
    for key, unit in sorted(before.units.items(), key=lambda item: item[1].level):
        if not unit.listed:
            continue
        if (
            unit.level in missing
            or unit.kind in absent
            or unit.parent in found
            or (unit.level == TOWNSHIP and _is_gap(after, unit.parent) and key not in after.units)
        ):
            found.add(key)
    return frozenset(found)


def gaps(edition: Edition) -> list[str]:
    """Counties the edition has a line for, but not one township of."""
    return sorted(key for key in edition.level(COUNTY) if _is_gap(edition, key))


def _is_gap(edition: Edition, county: str | None) -> bool:
    unit = edition.units.get(county or "")
    return unit is not None and unit.listed and not edition.members(unit.key)


def _listed(edition: Edition, level: int) -> bool:
    return any(unit.listed for unit in edition.level(level).values())


def _county_flows(before: Edition, after: Edition, matches: Matches, flows: Flows) -> Flows:
    moves: dict[tuple[str, str], float] = defaultdict(float)
    for old in before.level(TOWNSHIP):
        new = matches.townships.new_of(old)
        shares: Mapping[str, float] = {new: 1.0} if new else flows.heirs.get(old, {})
        total = sum(shares.values())
        for heir, amount in shares.items():
            moves[before.county_of[old], after.county_of[heir]] += amount / total
    whole = Counter(before.county_of[key] for key in before.level(TOWNSHIP))
    return flows_of(
        "townships", ((old, new, amount) for (old, new), amount in sorted(moves.items())), whole
    )
