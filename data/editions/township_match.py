"""Which township is which: by name, code and what each holds, weighed together."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from data.editions.assignment import best_pairs, groups
from data.editions.flows import Flows
from data.editions.matching import (
    CLEAR,
    ENOUGH,
    NAME_ENOUGH,
    Found,
    ambiguity,
    prefix_moved,
    same_code,
)
from data.editions.spelling import SAME_STEM, likeness, stem
from data.editions.units import TOWNSHIP, Edition

WEIGHTS = {"name": 0.45, "code": 0.3, "flow": 0.25}
OTHER_COUNTY = 0.85
"""Weight of what speaks for a pair across counties."""


def match_townships(before: Edition, after: Edition, counties: Found, flows: Flows) -> Found:
    """By name, code and what they hold, all weighed at once; then those that hold all of another."""
    found = Found()
    _at_first_sight(before, after, flows, found)
    rest = _Rest(before, after, counties, flows, found)
    for ours, theirs in groups(rest.candidates()):
        for pair in best_pairs(ours, theirs, rest.score):
            if pair.score < ENOUGH:
                continue
            if pair.margin >= CLEAR or rest.is_borne_out(pair.old, pair.new):
                sure = min(0.99, pair.score + 0.2)
                found.add(pair.old, pair.new, sure, *rest.why(pair.old, pair.new))
            else:
                found.ambiguities[pair.old] = ambiguity(pair.old, theirs, rest.score)
    for one, other in _whole(rest.old, rest.new, flows):
        if found.is_open(one, other):
            found.add(one, other, 0.8, "all its parts and nobody else's")
    return found


def _at_first_sight(before: Edition, after: Edition, flows: Flows, found: Found) -> None:
    """The same code and a like name, unless all its parts went elsewhere and the name differs."""
    old, new = before.level(TOWNSHIP), after.level(TOWNSHIP)
    for key in sorted(old.keys() & new.keys()):
        alike = likeness(old[key].name, new[key].name, TOWNSHIP)
        parts_left = flows.knows(key) and not flows.share(key, key)
        if alike < NAME_ENOUGH or (alike < SAME_STEM and parts_left):
            continue
        name = "same name" if alike == 1.0 else "like name"
        found.add(key, key, 0.5 + 0.5 * alike, "same code", name)


class _Rest:
    """Townships that are not the same at first sight, and how well each would fit another."""

    def __init__(
        self, before: Edition, after: Edition, counties: Found, flows: Flows, found: Found
    ) -> None:
        self.before, self.after, self._counties, self._flows = before, after, counties, flows
        self.old = [key for key in before.level(TOWNSHIP) if key not in found.matches]
        self.new = [key for key in after.level(TOWNSHIP) if key not in found.origins]

    def candidates(self) -> list[tuple[str, str]]:
        """Pairs with a code, a county and part of a name, or parts in common."""
        gone, come = set(self.old), set(self.new)
        pairs = {(key, key) for key in gone & come}
        pairs |= {
            (old, new) for old in gone for new in self._flows.heirs.get(old, {}) if new in come
        }
        by_place: dict[tuple[str, str], list[str]] = defaultdict(list)
        for new in self.new:
            for place in (self.after.county_of[new], self.after.city_of[new]):
                by_place[place, stem(self.after.name(new), TOWNSHIP)].append(new)
        by_county: dict[str, list[str]] = defaultdict(list)
        for new in self.new:
            by_county[self.after.county_of[new]].append(new)
        for old in self.old:
            county = self.before.county_of[old]
            name = stem(self.before.name(old), TOWNSHIP)
            county = self._counties.new_of(county) or county
            for place in (county, self.before.city_of[old]):
                pairs |= {(old, new) for new in by_place[place, name]}
            pairs |= {(old, new) for new in by_county[county] if self._like(old, new)}
        return sorted(pairs)

    def score(self, old: str, new: str) -> float:
        """0 to 1: name, code and flow, of those that can be known."""
        code = 1.0 if same_code(self.before, self.after, old, new) else 0.0
        if prefix_moved(self.before, self.after, old, new):
            code = 0.5 if self._same_county(old, new) else 0.0
        said = {"name": self._likeness(old, new), "code": code}
        if self._flows.knows(old) or self._flows.origins.get(new):
            share, source = self._flows.share(old, new), self._flows.source_share(old, new)
            if not share:
                return 0.0
            said["flow"] = max(share, source)
        elif said["name"] < NAME_ENOUGH and not code:
            return 0.0
        weight = sum(WEIGHTS[kind] for kind in said)
        same_place = 1.0 if self._same_county(old, new) or code == 1.0 else OTHER_COUNTY
        return same_place * sum(WEIGHTS[kind] * value for kind, value in said.items()) / weight

    def is_borne_out(self, old: str, new: str) -> bool:
        """Whether more than a name speaks for a pair."""
        code = same_code(self.before, self.after, old, new)
        return code or self._flows.share(old, new) > 0.0

    def why(self, old: str, new: str) -> Iterator[str]:
        """The evidence in words."""
        alike = self._likeness(old, new)
        if alike >= NAME_ENOUGH:
            yield "same name" if alike == 1.0 else f"like name ({alike:.2f})"
        if same_code(self.before, self.after, old, new):
            yield "same code"
        elif prefix_moved(self.before, self.after, old, new):
            yield "same number under another county"
        if share := self._flows.share(old, new):
            source = self._flows.source_share(old, new)
            yield f"{share:.0%} of its {self._flows.basis} went there, {source:.0%} came from it"

    def _likeness(self, old: str, new: str) -> float:
        return likeness(self.before.name(old), self.after.name(new), TOWNSHIP)

    def _like(self, old: str, new: str) -> bool:
        return self._likeness(old, new) >= NAME_ENOUGH

    def _same_county(self, old: str, new: str) -> bool:
        county = self.before.county_of[old]
        return (self._counties.new_of(county) or county) == self.after.county_of[new]


def _whole(left: Iterable[str], free: Iterable[str], flows: Flows) -> Iterator[tuple[str, str]]:
    """Units that have another code and another name, but all their parts and nobody else's."""
    unclaimed = set(free)
    for old in left:
        heirs = flows.heirs.get(old, {})
        if len(heirs) == 1:
            (heir,) = heirs
            if heir in unclaimed and set(flows.origins[heir]) == {old}:
                yield old, heir
