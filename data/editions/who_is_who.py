"""The matching itself: counties from above, villages by name, townships by their villages, rest.

Order matters. Names within one township are the surest; a township is known by the villages it
has; and what is left over is paired last, within townships that are known by then.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product

from data.editions.assignment import best_pairs
from data.editions.flows import Flows, by_parts, by_territory, by_villages
from data.editions.matching import (
    CERTAIN,
    CLEAR,
    ENOUGH,
    NAME_ENOUGH,
    Found,
    Matches,
    ambiguity,
    prefix_moved,
    same_code,
)
from data.editions.spelling import likeness, sound, stem
from data.editions.township_match import match_townships
from data.editions.units import COUNTY, TOWNSHIP, VILLAGE, Edition, ListedUnit, Units

CODE_ONLY = 0.5
"""Confidence when only the code speaks: codes are not given twice, but lists do give them twice."""
SURE_NAME = 0.95
Key = Callable[[ListedUnit], tuple[str, ...]]


def match(before: Edition, after: Edition) -> tuple[Matches, Flows]:
    """Match all levels; returns also where the parts of townships went.

    Land counts more than named parts, and these more than villages, where the editions have them.
    """
    villages = Found()
    counties = _match_counties(before, after)
    _by_names(before, after, counties, villages)
    flows = _flows(before, after, villages)
    townships = match_townships(before, after, counties, flows)
    _among_the_rest(before, after, townships, villages)
    _by_code(before, after, villages)
    flows = _flows(before, after, villages)
    return Matches(counties, townships, villages), flows


def _flows(before: Edition, after: Edition, villages: Found) -> Flows:
    if before.territories and after.territories:
        return by_territory(before, after)
    if before.parts and after.parts:
        return by_parts(before, after)
    return by_villages(before, after, villages.pairs())


def _match_upper(before: Edition, after: Edition, found: Found) -> None:
    """Provinces and cities, by code or else by name."""
    for level in (1, 2):
        old, new = before.level(level), after.level(level)
        for key in sorted(old.keys() & new.keys()):
            found.add(key, key, CERTAIN, "same code")
        names = {unit.name: key for key, unit in new.items() if key not in found.origins}
        for key, unit in sorted(old.items()):
            if key not in found.matches and unit.name in names:
                found.add(key, names[unit.name], SURE_NAME, "same name")


def _match_counties(before: Edition, after: Edition) -> Found:
    """By code with a like name; then by name and the townships they hold."""
    found = Found()
    _match_upper(before, after, found)
    old, new = before.level(COUNTY), after.level(COUNTY)
    for code in sorted(old.keys() & new.keys()):
        known = old[code].listed and new[code].listed
        alike = likeness(old[code].name, new[code].name, COUNTY) if known else 1.0
        if alike >= ENOUGH or _shared_members(before, after, code, code) >= ENOUGH:
            found.add(code, code, max(0.9, alike), "same code", *(["same name"] * (alike == 1.0)))
    ours = [key for key in old if key not in found.matches]
    theirs = [key for key in new if key not in found.origins]

    def score(one: str, other: str) -> float:
        if before.city_of[one] != after.city_of[other] and one[:2] != other[:2]:
            return 0.0
        name = likeness(before.name(one), after.name(other), COUNTY)
        return 0.5 * name + 0.5 * _shared_members(before, after, one, other)

    for pair in best_pairs(ours, theirs, score):
        if pair.score >= ENOUGH and pair.margin >= CLEAR:
            found.add(pair.old, pair.new, pair.score, "like name and the same townships")
    return found


def _shared_members(before: Edition, after: Edition, old: str, new: str) -> float:
    """How much of the smaller one's townships both have by name, 0 to 1."""
    ours = {stem(before.name(key), TOWNSHIP) for key in before.members(old)}
    theirs = {stem(after.name(key), TOWNSHIP) for key in after.members(new)}
    return len(ours & theirs) / min(len(ours), len(theirs)) if ours and theirs else 0.0


def _by_names(before: Edition, after: Edition, counties: Found, found: Found) -> None:
    """Villages whose name occurs once on both sides of a scope, the narrowest scope first."""
    old, new = before.level(VILLAGE), after.level(VILLAGE)
    ours, theirs = dict(old), dict(new)
    for rank, (before_key, after_key, confidence, why) in enumerate(_ways(before, after, counties)):
        pairs = _pair(ours, before_key, theirs, after_key)
        if rank >= FIRST_FAR_WAY:
            pairs = dict(_borne_out(before, after, pairs))
        for one, other in sorted(pairs.items()):
            del ours[one], theirs[other]
            code = ["same code"] if same_code(before, after, one, other) else []
            found.add(one, other, min(1.0, confidence + 0.02 * len(code)), why, *code)


SCOPES = (
    ("code", 0.98, "same name and code"),
    ("township", 0.97, "same name in the same township"),
    ("town-in-county", 0.96, "same name in the township of that name"),
    ("county", 0.9, "only one of that name in the county"),
    ("city", 0.75, "only one of that name in the city, others moved likewise"),
)
FORMS = ((1.0, ""), (0.98, ", other type of committee"), (0.9, ", another spelling"))
FIRST_FAR_WAY = len(FORMS) * 4


def _ways(
    before: Edition, after: Edition, counties: Found
) -> Iterator[tuple[Key, Key, float, str]]:
    """Ways to tell a village, the surest first."""
    for (scope, confidence, why), (weight, form) in product(SCOPES, FORMS):
        text = TEXTS[form]
        old_scope = _scope(scope, before, lambda key: counties.new_of(key) or key)
        new_scope = _scope(scope, after, lambda key: key)
        yield (
            lambda unit, scope=old_scope, text=text: (*scope(unit), text(unit.name)),  # type: ignore[misc]  # -- the default binds the loop's value
            lambda unit, scope=new_scope, text=text: (*scope(unit), text(unit.name)),  # type: ignore[misc]  # -- likewise
            confidence * weight,
            why + form,
        )


TEXTS: Mapping[str, Callable[[str], str]] = {
    "": lambda name: name,
    ", other type of committee": lambda name: stem(name, VILLAGE),
    ", another spelling": lambda name: sound(stem(name, VILLAGE)),
}


def _scope(scope: str, edition: Edition, county: Callable[[str], str]) -> Key:
    def town(unit: ListedUnit) -> str:
        return stem(edition.name(unit.parent or ""), TOWNSHIP)

    scopes: dict[str, Key] = {
        "code": lambda unit: (unit.code or unit.key,),
        "township": lambda unit: (unit.parent or "",),
        "town-in-county": lambda unit: (county(edition.county_of[unit.key]), town(unit)),
        "county": lambda unit: (county(edition.county_of[unit.key]),),
        "city": lambda unit: (edition.city_of[unit.key],),
    }
    return scopes[scope]


def _pair(old: Units, key_before: Key, new: Units, key_after: Key) -> dict[str, str]:
    """Pairs whose key occurs once on both sides."""
    ours, theirs = _unique(old.values(), key_before), _unique(new.values(), key_after)
    return {ours[key]: theirs[key] for key in ours.keys() & theirs.keys()}


def _unique(units: Iterable[ListedUnit], key: Key) -> dict[tuple[str, ...], str]:
    keys = {unit.key: key(unit) for unit in units}
    count = Counter(keys.values())
    return {found: one for one, found in keys.items() if count[found] == 1}


def _borne_out(
    before: Edition, after: Edition, pairs: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Across counties a name alone is no proof: two villages must have gone the same way."""
    ways = {one: (before.units[one].parent, after.units[pairs[one]].parent) for one in pairs}
    count = Counter(ways.values())
    for one, other in pairs.items():
        if count[ways[one]] > 1:
            yield one, other


def _among_the_rest(before: Edition, after: Edition, townships: Found, found: Found) -> None:
    """Villages left over in one township: the best pairing by name and number, where it is clear."""
    old_left = _by_town(before, found.matches)
    new_left = _by_town(after, found.origins)
    for town, ours in sorted(old_left.items()):
        home = townships.new_of(town)
        theirs = new_left.get(home or "", [])
        if not theirs:
            continue

        def score(one: str, other: str) -> float:
            name = likeness(before.name(one), after.name(other), VILLAGE)
            code = same_code(before, after, one, other)
            number = prefix_moved(before, after, one, other)
            return min(1.0, name + 0.25 * code + 0.15 * number) if name else 0.0

        for pair in best_pairs(ours, theirs, score):
            if pair.score < NAME_ENOUGH:
                continue
            if pair.margin >= CLEAR:
                alike = likeness(before.name(pair.old), after.name(pair.new), VILLAGE)
                code = ["same code"] if same_code(before, after, pair.old, pair.new) else []
                found.add(
                    pair.old, pair.new, min(0.95, pair.score), f"like name ({alike:.2f})", *code
                )
            else:
                found.ambiguities[pair.old] = ambiguity(pair.old, theirs, score)


def _by_town(edition: Edition, matched: Mapping[str, object]) -> dict[str, list[str]]:
    left: dict[str, list[str]] = defaultdict(list)
    for key, unit in sorted(edition.level(VILLAGE).items()):
        if key not in matched and unit.parent is not None:
            left[unit.parent].append(key)
    return left


def _by_code(before: Edition, after: Edition, found: Found) -> None:
    """The same code with another name: one unit renamed, as far as anybody can tell from lists."""
    for key in sorted(before.level(VILLAGE).keys() & after.level(VILLAGE).keys()):
        if before.units[key].code and key not in found.ambiguities and found.is_open(key, key):
            found.add(key, key, CODE_ONLY, "same code only")
