"""What became of each unit as a whole: goes on, is merged, is absorbed, ended, or is new."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from data.editions.comparison import Comparison
from data.editions.flows import PARTS, TERRITORY, Flows
from data.editions.matching import prefix_moved, same_code
from data.editions.units import COUNTY, TOWNSHIP, VILLAGE, Edition

WHOLE = 0.999
"""A share that counts as all."""
MOST_OF_THE_LAND = 0.85
"""The same of land: lines are drawn anew between two editions, and nobody moved."""
FOUND_ENOUGH = 0.75
"""How much of a unit's parts must be found again before anything is said of the whole."""

Uid = str
"""One unit through both editions: `-` and its old key, or `+` and its new key when it is new."""


@dataclass(frozen=True)
class Roles:
    """Who goes on as what, read off the flows."""

    comparison: Comparison
    merged: dict[str, tuple[str, ...]] = field(init=False)
    """New unit -> the old ones that ended in it, where several became one new."""
    absorbed: dict[str, str] = field(init=False)
    """Old unit that ended whole in one that goes on -> that one, by its new key."""
    merged_into: dict[str, str] = field(init=False)
    """Old unit -> the new one it was merged into."""

    def __post_init__(self) -> None:
        merged = dict(self._mergers(COUNTY)) | dict(self._mergers(TOWNSHIP))
        object.__setattr__(self, "merged", merged)
        into = {old: new for new, olds in merged.items() for old in olds}
        object.__setattr__(self, "merged_into", into)
        absorbed = dict(self._absorptions(COUNTY)) | dict(self._absorptions(TOWNSHIP))
        object.__setattr__(self, "absorbed", absorbed)

    @property
    def before(self) -> Edition:
        """The earlier edition."""
        return self.comparison.before

    @property
    def after(self) -> Edition:
        """The later edition."""
        return self.comparison.after

    def flows(self, level: int) -> Flows:
        """Where the parts of units of a level went."""
        return self.comparison.county_flows if level == COUNTY else self.comparison.flows

    def going_on(self, level: int) -> Iterator[tuple[str, str]]:
        """Old and new key of the units that live on as themselves."""
        for old in sorted(self.before.level(level)):
            new = self.comparison.matches.new_of(old)
            if new is not None and new not in self.merged:
                yield old, new

    def come(self, level: int) -> list[str]:
        """New units that continue none and merge none."""
        return [key for key in self.comparison.come(level) if key not in self.merged]

    def ended(self, level: int) -> list[str]:
        """Old units that ended, neither merged nor absorbed."""
        joined = self.merged_into.keys() | self.absorbed.keys()
        return [key for key in self.comparison.gone(level) if key not in joined]

    def has_heirs(self, old: str) -> bool:
        """Whether it is known where the parts of an ended unit went."""
        return self.before.units[old].level in (COUNTY, TOWNSHIP) and bool(self.heirs(old))

    def newcomers(self, level: int, city: str) -> list[str]:
        """New units of a level in a city that continue none."""
        return self._newcomers.get((level, city), [])

    @cached_property
    def _newcomers(self) -> Mapping[tuple[int, str], list[str]]:
        found: dict[tuple[int, str], list[str]] = {}
        for level in (1, 2, COUNTY, TOWNSHIP, VILLAGE):
            for new in self.come(level):
                found.setdefault((level, self.after.city_of[new]), []).append(new)
        return found

    def uid_of_new(self, new: str) -> Uid:
        """The unit a key of the later edition stands for."""
        old = None if new in self.merged else self.comparison.matches.origin_of(new)
        return f"+{new}" if old is None else f"-{old}"

    def home(self, old: str) -> str | None:
        """Where the members of an old unit are when nobody moves them: its new self or its heir."""
        return (
            self.merged_into.get(old)
            or self.comparison.matches.new_of(old)
            or self.absorbed.get(old)
        )

    def heirs(self, old: str) -> list[str]:
        """New units that hold parts of an old one, the greatest part first."""
        flows = self.flows(self.before.units[old].level).heirs.get(old, {})
        return sorted(flows, key=lambda new: (-flows[new], new))

    def confidence_of_end(self, old: str) -> float:
        """How sure the heirs of an ended unit are: as far as its parts were found again."""
        flows = self.flows(self.before.units[old].level)
        return round(0.98 * flows.found_share(old), 3)

    def _enough(self, flows: Flows) -> float:
        return MOST_OF_THE_LAND if flows.basis == TERRITORY else WHOLE

    def _ends_whole_in(self, flows: Flows, old: str, new: str) -> bool:
        if flows.share(old, new) < self._enough(flows):
            return False
        # Named parts may be given up while the unit that held them lives on.
        return flows.basis == PARTS or flows.found_share(old) >= FOUND_ENOUGH

    def _mergers(self, level: int) -> Iterator[tuple[str, tuple[str, ...]]]:
        flows = self.flows(level)
        gone = set(self.comparison.gone(level))
        for new in self.after.level(level):
            self_before = self.comparison.matches.origin_of(new)
            joining = {
                old
                for old in flows.origins.get(new, {})
                if old in gone and self._ends_whole_in(flows, old, new)
            }
            if self_before is not None:
                if not joining or not self._is_made_anew(self_before, new):
                    continue
                joining.add(self_before)
            if len(joining) > 1:
                yield new, tuple(sorted(joining))

    def _is_made_anew(self, old: str, new: str) -> bool:
        """A unit that took others in and got a number of its own is a new one; one that only
        changed its kind, or its county's number, is the old one."""
        if same_code(self.before, self.after, old, new):
            return False
        if prefix_moved(self.before, self.after, old, new):
            return False
        return self.before.units[old].kind is self.after.units[new].kind or (
            self.before.units[old].level == COUNTY
        )

    def _absorptions(self, level: int) -> Iterator[tuple[str, str]]:
        flows = self.flows(level)
        for old in self.comparison.gone(level):
            if old in self.merged_into:
                continue
            for new in flows.heirs.get(old, {}):
                goes_on = self.comparison.matches.origin_of(new) and new not in self.merged
                if goes_on and self._ends_whole_in(flows, old, new):
                    yield old, new
            named = self.comparison.named_after(old) if level == TOWNSHIP else []
            if not flows.knows(old) and len(named) == 1:
                origin = self.comparison.matches.origin_of(named[0])
                if origin and named[0] not in self.merged:
                    yield old, named[0]
