"""An edition as a tree of units, whatever list it came from: what two editions are compared by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from shapely.geometry.base import BaseGeometry

from data.editions.reader import EditionRow
from data.editions.tree import PREFIXES
from registry.divisions.model import STATISTICAL, DivisionKind

COUNTY, TOWNSHIP, VILLAGE = 3, 4, 5
"""Levels that are compared one by one."""
LEVELS_BY_LENGTH = {2: 1, 4: 2, 6: COUNTY, 9: TOWNSHIP, 12: VILLAGE}
PLACEHOLDERS = {
    1: DivisionKind.PROVINCE,
    2: DivisionKind.PREFECTURE,
    COUNTY: DivisionKind.COUNTY,
    TOWNSHIP: DivisionKind.TOWN,
}
PATH = "name:"


@dataclass(frozen=True, slots=True)
class ListedUnit:
    """One division as an edition, or the registry on a day, has it."""

    key: str
    """Tells it from every other unit of the edition: its code where it has one."""
    code: str | None
    level: int
    kind: DivisionKind
    name: str
    published_name: str
    parent: str | None
    """Key of the unit above."""
    reference: str
    """What a paper calls it: a code, an id or a path of names."""
    listed: bool = True
    """False: no line of its own, known only because others lie in it."""


Units = Mapping[str, ListedUnit]


@dataclass(frozen=True)
class Edition:
    """The divisions of one edition by key; lines that are no division are left out."""

    units: Units
    parts: Mapping[str, str] = field(default_factory=dict)
    """Named parts of townships that are no divisions (delegated communes): code -> township."""
    territories: Mapping[str, BaseGeometry] = field(default_factory=dict)
    """Where the edition draws them: key -> territory in a plane or in degrees, both alike."""
    scheme: str = STATISTICAL

    @classmethod
    def of(cls, rows: Iterable[EditionRow], within: str | None = None) -> "Edition":
        """Take the rows of division lists whose codes begin so, each under the unit above it."""
        rows = list(rows)
        pseudo = {row.code for row in rows if not row.is_division}
        kept = [row for row in rows if row.is_division and row.place.startswith(within or "")]
        coded = {row.code: row for row in kept if row.code}
        units: dict[str, ListedUnit] = {}
        for row in sorted(coded.values(), key=lambda one: (len(one.code), one.code)):
            parent = _parent(row.code, coded.keys(), pseudo, units)
            units[row.code] = _unit(row, row.code, row.code, parent, row.code)
        for row in kept:
            if not row.code:
                _add_codeless(units, row)
        return cls(units)

    def level(self, level: int) -> Units:
        """The units of a level."""
        return self._levels.get(level, {})

    def name(self, key: str) -> str:
        """The name; the key of what is no unit here."""
        unit = self.units.get(key)
        return key if unit is None else unit.name

    def members(self, key: str) -> list[str]:
        """Keys of the units right below."""
        return self._members.get(key, [])

    def over(self, key: str, level: int) -> str:
        """Key of the unit of that level above a unit, or of the nearest above that level."""
        unit = self.units[key]
        while unit.level > level and unit.parent is not None:
            unit = self.units[unit.parent]
        return unit.key

    @cached_property
    def roots(self) -> frozenset[str]:
        """Keys of the provinces, or cities, that nothing lies above."""
        return frozenset(
            key for key, unit in self.units.items() if unit.parent is None and unit.level < COUNTY
        )

    def without(self, roots: frozenset[str]) -> "Edition":
        """All but what lies in these."""
        if not roots:
            return self
        kept = {key: unit for key, unit in self.units.items() if self.over(key, 0) not in roots}
        parts = {one: town for one, town in self.parts.items() if town in kept}
        territories = {key: one for key, one in self.territories.items() if key in kept}
        return Edition(kept, parts, territories, self.scheme)

    @cached_property
    def county_of(self) -> Mapping[str, str]:
        """The county, or what stands in its place, of every unit."""
        return {key: self.over(key, COUNTY) for key in self.units}

    @cached_property
    def city_of(self) -> Mapping[str, str]:
        """The city, or what stands in its place, of every unit."""
        return {key: self.over(key, COUNTY - 1) for key in self.units}

    @cached_property
    def _levels(self) -> Mapping[int, Units]:
        found: dict[int, dict[str, ListedUnit]] = {}
        for key, unit in self.units.items():
            found.setdefault(unit.level, {})[key] = unit
        return found

    @cached_property
    def _members(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for key, unit in self.units.items():
            if unit.parent is not None:
                found.setdefault(unit.parent, []).append(key)
        return found


def _unit(
    row: EditionRow, key: str, code: str | None, parent: str | None, reference: str
) -> ListedUnit:
    assert row.kind is not None  # lines that are no division were left out
    return ListedUnit(
        key, code, row.kind.level, row.kind, row.name, row.published_name, parent, reference
    )


def _add_codeless(units: dict[str, ListedUnit], row: EditionRow) -> None:
    """A village of a list that gives no village codes: told by its township and its name."""
    assert row.under is not None  # a row has a code or says what it lies in
    if row.under not in units:
        _add_placeholder(units, row.under, _parent(row.under, units.keys(), set(), units))
    key, number = f"{row.under}/{row.name}", 1
    while key in units:
        number += 1
        key = f"{row.under}/{row.name}#{number}"
    units[key] = _unit(row, key, None, row.under, f"{PATH}{_path(units, row.under)}/{row.name}")


def _path(units: Units, key: str | None) -> str:
    names = []
    while key is not None:
        names.append(units[key].name)
        key = units[key].parent
    return "/".join(reversed(names))


def _parent(
    code: str, known: Iterable[str], pseudo: set[str], units: dict[str, ListedUnit]
) -> str | None:
    """The nearest unit above; a county or township without a line of its own is put in."""
    for length in PREFIXES[len(code)]:
        above = code[:length]
        if above in known or above in units:
            return above
        if above not in pseudo and LEVELS_BY_LENGTH[length] >= COUNTY:
            _add_placeholder(units, above, _parent(above, known, pseudo, units))
            return above
    return None


def _add_placeholder(units: dict[str, ListedUnit], code: str, parent: str | None) -> None:
    level = LEVELS_BY_LENGTH[len(code)]
    units[code] = ListedUnit(
        code, code, level, PLACEHOLDERS[level], code, code, parent, code, listed=False
    )
