"""What must have happened between two editions, county by county, as operations of a paper."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from data.editions.loading import layer_of
from data.editions.matching import COUNTY, TOWNSHIP, VILLAGE, Edition, Matches, stem
from data.editions.reader import EditionRow
from registry.divisions.model import STATUTORY, DivisionKind

Operation = dict[str, dict[str, Any]]
Pairs = dict[str, str]
"""Old code -> new code."""

NEW = "new:"
"""Begins the alias of a new unit whose code somebody else bore before."""
GONE = "后一期名录没有，去向不明：写 abolish（successors 或 no_successor），或指明更名"


@dataclass(frozen=True, slots=True)
class Difference:
    """Two editions and who is who in them, sorted by counties of the later one."""

    before: Edition
    after: Edition
    matches: Matches
    heirs: Mapping[str, Counter[str]]
    """How many villages of an old township each new one got."""
    origins: Mapping[str, Counter[str]]
    """How many villages of a new township came from each old one."""
    townships: Mapping[str, Pairs]
    """By new county."""
    villages: Mapping[str, Pairs]
    """By new county."""
    old_counties: Mapping[str, set[str]]
    """The old counties that a new one continues."""

    @classmethod
    def between(cls, before: Edition, after: Edition, matches: Matches) -> "Difference":
        """Sort the matches so that a county finds its own."""
        heirs: dict[str, Counter[str]] = defaultdict(Counter)
        origins: dict[str, Counter[str]] = defaultdict(Counter)
        for old, new in matches.villages.items():
            heirs[old[:TOWNSHIP]][new[:TOWNSHIP]] += 1
            origins[new[:TOWNSHIP]][old[:TOWNSHIP]] += 1
        old_counties: dict[str, set[str]] = defaultdict(set)
        for old, new in matches.counties.items():
            old_counties[new].add(old)
        townships, villages = _by_county(matches.townships), _by_county(matches.villages)
        return cls(before, after, matches, heirs, origins, townships, villages, old_counties)

    def counties(self) -> list[str]:
        """All counties of the later edition, and those that vanished without a trace."""
        lost = self.before.counties.keys() - self.matches.counties.keys()
        return sorted(self.after.counties.keys() | lost)


class CountyDifference:
    """What happened in one county, as the later edition draws it."""

    def __init__(self, difference: Difference, county: str) -> None:
        self._all = difference
        self._matches = difference.matches
        self._county = county
        self._old_counties = difference.old_counties.get(county, {county})
        self._before = difference.before.part(self._old_counties)
        self._after = difference.after.part({county})
        self._townships = difference.townships.get(county, {})
        self._villages = difference.villages.get(county, {})
        self._lost = sorted(self._before.level(TOWNSHIP).keys() - self._matches.townships.keys())
        self._absorbed = dict(self._absorptions())
        self._held_before = {new: old for old, new in self._townships.items()}
        if len(self._old_counties) == 1:
            self._held_before[county] = next(iter(self._old_counties))
        self._converted = set(self.conversions_before_a_split())
        self.name = self._after.name(county)

    def conversions_before_a_split(self) -> list[str]:
        """Towns that became subdistricts and, in the same difference, lost or won members."""
        return [
            old
            for old, new in sorted(self._townships.items())
            if self._kind_changed(old)
            and (len(self._all.heirs.get(old, ())) > 1 or len(self._all.origins.get(new, ())) > 1)
        ]

    def operations(self) -> list[Operation]:
        """Everything besides those conversions, in an order that reads from the county down."""
        return [
            *self._county_changes(),
            *self._new_townships(),
            *self._township_changes(),
            *self._village_moves(),
            *self._village_names(),
            *self._new_villages(),
            *self._lost_townships(),
        ]

    def township_change(self, old: str) -> Operation:
        """The operation that turns a township into what the later edition shows."""
        new = self._townships[old]
        row = self._after.units[new]
        if self._matches.counties.get(old[:COUNTY]) != self._county:
            return {"reparent": {"division": old, "to": self._reference(self._county), "code": new}}
        if self._kind_changed(old):
            fields = {"division": old, "kind": str(row.kind), "name": row.name}
            return {"retype": fields if old == new else {**fields, "code": new}}
        if old == new:
            return {"rename": {"division": old, "name": row.name}}
        return {"recode": {"codes": {old: new}}}

    def unplaced(self) -> Iterator[dict[str, str]]:
        """Units of the earlier edition that no operation speaks of."""
        for code, row in sorted(self._before.units.items()):
            village = len(code) == VILLAGE and code not in self._matches.villages
            township = code in self._lost and code not in self._all.heirs
            if village or township:
                yield {"code": code, "name": row.published_name, "why": GONE}

    def questions(self) -> Iterator[str]:
        """What the names leave open, one by one."""
        for old, new in sorted(self._villages.items()):
            was, now = self._all.before.units[old], self._after.units[new]
            if old == new and stem(was.name, VILLAGE) != stem(now.name, VILLAGE):
                yield f"{old} 由{was.name}变为{now.name}：同一单位更名，还是撤一设一？"
            elif old != new and new in self._all.before.units:
                other = self._all.before.name(new)
                yield f"{was.name}改用 {new}，前一期该代码属{other}：须写 reuse 的理由，或改读为更名"
        for code in sorted(self._taken_over()):
            bearer, newcomer = self._all.before.name(code), self._after.name(code)
            yield f"新设的{newcomer}使用 {code}，前一期该代码属{bearer}：须写 reuse 的理由"

    def _taken_over(self) -> set[str]:
        """Codes of new units that somebody else bore in the earlier edition."""
        known = {*self._villages.values(), *self._townships.values(), self._county}
        return (self._after.units.keys() - known) & self._all.before.units.keys()

    def _reference(self, code: str) -> str:
        """The code a paper names a unit of the later edition by: the one it bears before the act."""
        old = self._held_before.get(code, code)
        return code if old in self._converted else old

    def _kind_changed(self, old: str) -> bool:
        was, now = self._all.before.units[old], self._after.units[self._townships[old]]
        return was.kind is not now.kind

    def _name_changed(self, old: str) -> bool:
        return self._all.before.name(old) != self._after.name(self._townships[old])

    def _township_changed(self, old: str) -> bool:
        return old != self._townships[old] or self._kind_changed(old) or self._name_changed(old)

    def _township_changes(self) -> Iterator[Operation]:
        for old, new in sorted(self._townships.items()):
            if old in self._converted or not self._township_changed(old):
                continue
            change = self.township_change(old)
            yield change
            if self._name_changed(old) and not change.keys() & {"retype", "rename"}:
                yield {"rename": {"division": old, "name": self._after.name(new)}}

    def _county_changes(self) -> Iterator[Operation]:
        others = sorted(self._old_counties - {self._county})
        row = self._after.units.get(self._county)
        if not others:
            was = self._before.units.get(self._county)
            if row is not None and was is not None and row.name != was.name:
                yield {"rename": {"division": self._county, "name": row.name}}
        elif self._county in self._old_counties:
            yield {"absorb": {"divisions": others, "into": self._county}}
        elif row is None:
            yield {"recode": {"codes": {others[0]: self._county}}}
        else:
            made = {"kind": str(row.kind), "name": row.name, "code": self._county}
            if len(others) > 1:
                yield {"merge": {"divisions": others, "into": made}}
            else:
                yield {"retype": {"division": others[0], **made}}

    def _new_townships(self) -> Iterator[Operation]:
        known = set(self._townships.values())
        for code, row in sorted(self._after.level(TOWNSHIP).items()):
            if code not in known:
                yield from self._establishment(row, self._county)

    def _absorptions(self) -> Iterator[tuple[str, str]]:
        """Townships that ended whole in one other township."""
        going_on = set(self._townships.values())
        size = Counter(code[:TOWNSHIP] for code in self._before.level(VILLAGE))
        for old in self._lost:
            heirs = self._all.heirs.get(old, Counter())
            if len(heirs) == 1 and heirs.total() == size[old] and going_on & heirs.keys():
                yield old, next(iter(heirs))

    def _lost_townships(self) -> Iterator[Operation]:
        for old in self._lost:
            if old in self._absorbed:
                yield {"absorb": {"divisions": [old], "into": self._reference(self._absorbed[old])}}
            elif old in self._all.heirs:
                heirs = [
                    self._reference(heir) for heir, _count in self._all.heirs[old].most_common()
                ]
                yield {"abolish": {"division": old, "successors": heirs}}

    def _village_moves(self) -> Iterator[Operation]:
        transfers: dict[str, Pairs] = defaultdict(dict)
        recodes: dict[str, Pairs] = defaultdict(dict)
        for old, new in sorted(self._villages.items()):
            town, to = old[:TOWNSHIP], new[:TOWNSHIP]
            if to not in (self._matches.townships.get(town), self._absorbed.get(town)):
                transfers[to][old] = new
            elif old != new:
                recodes[to][old] = new
        for to, codes in sorted(transfers.items()):
            yield {
                "transfer": {"to": self._reference(to), "divisions": list(codes), "codes": codes}
            }
        for _to, codes in sorted(recodes.items()):
            yield {"recode": {"codes": codes}}

    def _village_names(self) -> Iterator[Operation]:
        for old, new in sorted(self._villages.items()):
            was, now = self._all.before.units[old], self._after.units[new]
            if was.published_name == now.published_name:
                continue
            fields = {"division": old, "name": now.name, "published_name": now.published_name}
            if was.kind is now.kind:
                yield {"rename": fields}
            else:
                yield {"retype": {**fields, "kind": str(now.kind)}}

    def _new_villages(self) -> Iterator[Operation]:
        known = set(self._villages.values())
        for code, row in sorted(self._after.level(VILLAGE).items()):
            if code not in known:
                yield from self._establishment(row, code[:TOWNSHIP])

    def _establishment(self, row: EditionRow, parent: str) -> Iterator[Operation]:
        kind = DivisionKind(str(row.kind))
        fields = {
            "name": row.name,
            "published_name": row.published_name,
            "kind": kind.value,
            "parent": self._reference(parent),
        }
        if layer_of(kind) != STATUTORY:
            fields["layer"] = layer_of(kind)
        if row.code not in self._all.before.units:
            yield {"establish": {**fields, "code": row.code}}
        else:
            # A code that was somebody else's is refused until a person says why it comes again.
            alias = f"{NEW}{row.code}"
            yield {"establish": {**fields, "as": alias}}
            yield {"recode": {"codes": {alias: row.code}}}


def _by_county(pairs: Mapping[str, str]) -> dict[str, Pairs]:
    found: dict[str, Pairs] = defaultdict(dict)
    for old, new in pairs.items():
        found[new[:COUNTY]][old] = new
    return found
