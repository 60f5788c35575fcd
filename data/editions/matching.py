"""Who is who in two editions: identities that live on, by name first and by code where names fail.

A published list says nothing of identity: codes are given anew, names are spelt otherwise, both at
once. What is matched here is a proposal that a person confirms.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from data.editions.reader import EditionRow

COUNTY, TOWNSHIP, VILLAGE = 6, 9, 12
"""Lengths of codes."""
ENDINGS = {
    COUNTY: ("区", "县", "市"),
    TOWNSHIP: ("街道", "镇", "乡"),
    VILLAGE: ("社区", "村"),
}

Rows = Mapping[str, EditionRow]


@dataclass(frozen=True, slots=True)
class Edition:
    """The divisions of one edition by code; lines that are no division are left out."""

    units: Rows
    counties: Mapping[str, Rows]
    """The same by county, whether the edition has a line for the county or not."""

    @classmethod
    def of(cls, rows: Iterable[EditionRow], within: str | None = None) -> "Edition":
        """Take rows whose codes begin so."""
        kept = (row for row in rows if row.is_division and row.code.startswith(within or ""))
        return cls._sorted({row.code: row for row in kept})

    @classmethod
    def _sorted(cls, units: Rows) -> "Edition":
        counties: dict[str, dict[str, EditionRow]] = {}
        for code, row in units.items():
            if len(code) >= COUNTY:
                counties.setdefault(code[:COUNTY], {})[code] = row
        return cls(units, counties)

    def part(self, counties: Iterable[str]) -> "Edition":
        """Only what lies in these counties."""
        held = {one: self.counties[one] for one in counties if one in self.counties}
        return Edition({code: row for rows in held.values() for code, row in rows.items()}, held)

    def level(self, length: int) -> Rows:
        """The units with codes of that length."""
        return {code: row for code, row in self.units.items() if len(code) == length}

    def name(self, code: str) -> str:
        """The name, or the code of a unit that has no line."""
        row = self.units.get(code)
        return code if row is None else row.name


@dataclass(frozen=True, slots=True)
class Matches:
    """Old code -> new code of the same unit, per level; several old counties may share a new one."""

    counties: Mapping[str, str]
    townships: Mapping[str, str]
    villages: Mapping[str, str]


def match(before: Edition, after: Edition) -> Matches:
    """Match villages by names, townships by names and villages, counties by townships."""
    villages = _match_villages(before, after)
    townships = _match_townships(before, after, villages)
    counties = _match_counties(before, after, townships)
    return Matches(counties, townships, villages)


def stem(name: str, length: int) -> str:
    """The specific part of a name (专名): 马巷 of 马巷镇 and of 马巷街道."""
    for ending in ENDINGS[length]:
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name.removesuffix(ending)
    return name


Key = Callable[[EditionRow], tuple[str, ...]]


def _match_villages(before: Edition, after: Edition) -> dict[str, str]:
    old, new = dict(before.level(VILLAGE)), dict(after.level(VILLAGE))
    matched: dict[str, str] = {}
    for key_before, key_after in zip(_village_keys(before), _village_keys(after), strict=True):
        found = _pair(old, key_before, new, key_after)
        for one, other in found.items():
            del old[one], new[other]
        matched.update(found)
    return matched


def _village_keys(edition: Edition) -> Iterator[Key]:
    """Ways to tell a village, the surest first; the last one is the bare code."""

    def town(row: EditionRow) -> str:
        return stem(edition.name(row.code[:TOWNSHIP]), TOWNSHIP)

    scopes: tuple[Key, ...] = (
        lambda row: (row.code,),
        lambda row: (row.code[:TOWNSHIP],),
        lambda row: (row.code[:COUNTY], town(row)),
        lambda row: (row.code[:4], town(row)),
        lambda row: (row.code[:COUNTY],),
        lambda row: (row.code[:4],),
    )
    texts: tuple[Callable[[EditionRow], str], ...] = (
        lambda row: row.name,
        lambda row: stem(row.name, VILLAGE),
    )
    for scope, text in product(scopes, texts):
        yield lambda row, scope=scope, text=text: (*scope(row), text(row))  # type: ignore[misc]  # -- the default binds the loop's value
    yield lambda row: (row.code,)


def _pair(old: Rows, key_before: Key, new: Rows, key_after: Key) -> dict[str, str]:
    """Pairs whose key occurs once on both sides."""
    ours, theirs = _unique(old.values(), key_before), _unique(new.values(), key_after)
    return {ours[key]: theirs[key] for key in ours.keys() & theirs.keys()}


def _unique(rows: Iterable[EditionRow], key: Key) -> dict[tuple[str, ...], str]:
    keys = {row.code: key(row) for row in rows}
    count = Counter(keys.values())
    return {found: code for code, found in keys.items() if count[found] == 1}


def _match_townships(
    before: Edition, after: Edition, villages: Mapping[str, str]
) -> dict[str, str]:
    old, new = before.level(TOWNSHIP), after.level(TOWNSHIP)
    matched = {code: code for code in old.keys() & new.keys()}
    gone = {code: row for code, row in old.items() if code not in matched}
    come = {code: row for code, row in new.items() if code not in matched}

    def by_county(row: EditionRow) -> tuple[str, ...]:
        return (row.code[:COUNTY], stem(row.name, TOWNSHIP))

    def by_city(row: EditionRow) -> tuple[str, ...]:
        return (row.code[:4], stem(row.name, TOWNSHIP))

    for key in (by_county, by_city):
        matched |= _pair(
            {code: row for code, row in gone.items() if code not in matched},
            key,
            {code: row for code, row in come.items() if code not in matched.values()},
            key,
        )
    left = {code for code in gone if code not in matched}
    free = {code for code in come if code not in matched.values()}
    return matched | _whole(left, free, villages)


def _whole(left: set[str], free: set[str], villages: Mapping[str, str]) -> dict[str, str]:
    """Units that have another code and another name, but all their members and nobody else's."""
    heirs: dict[str, set[str]] = {}
    origins: dict[str, set[str]] = {}
    for one, other in villages.items():
        heirs.setdefault(one[:TOWNSHIP], set()).add(other[:TOWNSHIP])
        origins.setdefault(other[:TOWNSHIP], set()).add(one[:TOWNSHIP])
    found = {}
    for code in left:
        if len(heirs.get(code, ())) == 1:
            (heir,) = heirs[code]
            if heir in free and origins[heir] == {code}:
                found[code] = heir
    return found


def _match_counties(
    before: Edition, after: Edition, townships: Mapping[str, str]
) -> dict[str, str]:
    come = after.counties.keys()
    heirs: dict[str, Counter[str]] = {}
    for one, other in townships.items():
        heirs.setdefault(one[:COUNTY], Counter())[other[:COUNTY]] += 1
    matched = {}
    for code in before.counties:
        if code in come:
            matched[code] = code
        elif code in heirs:
            matched[code] = heirs[code].most_common(1)[0][0]
    return matched
