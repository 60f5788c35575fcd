"""Names an act makes double: streets and areas, and divisions (地名管理条例 art 9).

A name is unique, and without a homophone, inside one built-up area. The registry knows no built-up
areas, so a township-level unit stands for one, and the county for the legal text, which leaves
townships out. Only what an act newly brings together is its concern; doubles that were there
before are legacy.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from uuid import UUID

from registry.changes.timeline import at
from registry.names.model import written_with
from registry.names.romanisation import romanise
from registry.restructuring.door_book import DoorMove
from registry.restructuring.drawing import Drawing
from registry.restructuring.findings import Finding, error, warning
from registry.restructuring.ledger import Census, Place
from registry.restructuring.paper import Precision

SCOPES = (4, 3)
"""Levels of the units inside which a name must be one; smallest first."""
RULE_SINCE = date(2022, 5, 1)
"""地名管理条例 (Order 753) in force: doubles of division names made before are legacy, not breaches."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """A street or area with its name after the act, and the scopes it lies in before and after."""

    place: Place
    text: str
    spoken: str | None
    level: int | None
    """Level it is written with, if it is."""
    before: Mapping[int, frozenset[UUID]]
    after: Mapping[int, frozenset[UUID]]

    def moved(self) -> bool:
        """Whether the act puts it into another scope, or renames it."""
        return any(self.after[level] - self.before[level] for level in SCOPES)


def double_names(drawing: Drawing, after: Census, moves: Sequence[DoorMove]) -> Iterator[Finding]:
    """Streets and areas whose names the act makes double, or sound alike, in one scope."""
    standings = list(_standings(drawing, after, moves))
    moved = {
        one.place.named_place_id
        for one in standings
        if one.moved() or one.place.named_place_id in drawing.standard
    }
    if not moved:
        return
    touched = frozenset(
        scope
        for one in standings
        if one.place.named_place_id in moved
        for level in SCOPES
        for scope in one.after[level]
    )
    near = [one for one in standings if any(one.after[level] & touched for level in SCOPES)]
    yield from _doubles(_grouped(near, lambda one: one.text), moved, after, drawing, same=True)
    sounds = _grouped(near, lambda one: one.spoken or _spoken(one))
    yield from _doubles(sounds, moved, after, drawing, same=False)


def _doubles(
    groups: Mapping[str, list[_Standing]],
    moved: set[UUID],
    after: Census,
    drawing: Drawing,
    *,
    same: bool,
) -> Iterator[Finding]:
    for group in groups.values():
        for one, other in combinations(group, 2):
            if not {one.place.named_place_id, other.place.named_place_id} & moved:
                continue
            if same != (one.text == other.text):
                continue
            scope = _newly_shared(one, other, drawing)
            if scope is None or _told_apart(one, other, scope, after):
                continue
            yield (
                _same_name(one, other, scope, after)
                if same
                else _same_sound(one, other, scope, after)
            )


def _newly_shared(one: _Standing, other: _Standing, drawing: Drawing) -> UUID | None:
    """The smallest scope that holds both after the act, if none of its level did before."""
    renamed = {one.place.named_place_id, other.place.named_place_id} & drawing.standard.keys()
    for level in SCOPES:
        shared = one.after[level] & other.after[level]
        together = one.before[level] & other.before[level]
        if shared and (not together or _renamed_into(renamed, drawing)):
            return min(shared, key=lambda unit: unit.bytes)
        if together:
            return None
    return None


def _renamed_into(renamed: set[UUID], drawing: Drawing) -> bool:
    """Whether one of the names is new, so that a double is the act's own doing."""
    return any(drawing.standard[place][-1].cause == "rename" for place in renamed)


def _told_apart(one: _Standing, other: _Standing, scope: UUID, after: Census) -> bool:
    level = max(one.level or 0, other.level or 0)
    if not level or level <= after.level(scope):
        return False
    mine = {_above(after, unit, level) for unit in one.place.where}
    theirs = {_above(after, unit, level) for unit in other.place.where}
    return not (mine & theirs) - {None}


def _same_name(one: _Standing, other: _Standing, scope: UUID, after: Census) -> Finding:
    where, first, second = after.name(scope), _ground(one, after), _ground(other, after)
    ids = f"{one.place.named_place_id}, {other.place.named_place_id}"
    return error(
        "N09",
        f"{where} would hold {one.text} twice ({first}; {second}): `rename` one of the places "
        f"{ids}, or have it `written_with: township` (or village)",
        f"{where}内将有两处{one.text}（{first}；{second}）：请在方案中为其一更名（rename place），"
        "或注明冠以乡镇街道、村社区书写（written_with）",
        scope,
    )


def _same_sound(one: _Standing, other: _Standing, scope: UUID, after: Census) -> Finding:
    where = after.name(scope)
    return warning(
        "N10",
        f"{one.text} and {other.text} sound alike and would both lie in {where}: consider a rename",
        f"{one.text}与{other.text}同音，将同在{where}内：可考虑更名",
        scope,
    )


def _standings(drawing: Drawing, after: Census, moves: Sequence[DoorMove]) -> Iterator[_Standing]:
    gone: dict[tuple[UUID, UUID], set[UUID]] = {}
    for move in moves:
        for carrier in move.carriers:
            gone.setdefault((move.from_division, carrier), set()).add(move.to_division)
    for place in drawing.ledger.places.values():
        name = drawing.standard.get(place.named_place_id, place.name)
        version = at(name, drawing.on)
        if version is None or version.value("status") != "standard":
            continue
        ground = frozenset(
            unit for one in place.where for unit in _afterwards(drawing, place, one, gone)
        )
        yield _Standing(
            Place(place.named_place_id, place.category, place.place_name_id, name, ground),
            str(version.value("text")),
            version.value("romanisation"),
            written_with(version.value("language")),
            {level: _scopes(drawing.before, place.where, level) for level in SCOPES},
            {level: _scopes(after, ground, level) for level in SCOPES},
        )


def _afterwards(
    drawing: Drawing, place: Place, unit: UUID, gone: Mapping[tuple[UUID, UUID], set[UUID]]
) -> set[UUID]:
    """Where the part of a place that lay in a unit lies after the act."""
    if unit in drawing.divided:
        found = set(gone.get((unit, place.named_place_id), set()))
        if place.named_place_id in drawing.door_book.carriers_left(unit):
            found.add(unit)
        return found or {drawing.heir(one) for one in drawing.divided[unit]}
    successors, _note = drawing.ended.get(unit, ((), None))
    return {drawing.heir(one) for one in successors} or {unit}


def _scopes(census: Census, units: frozenset[UUID], level: int) -> frozenset[UUID]:
    found = {_above(census, unit, level) for unit in units}
    return frozenset(one for one in found if one is not None)


def _above(census: Census, unit: UUID, level: int) -> UUID | None:
    if unit not in census.units:
        return None
    return next((one for one in census.ancestors(unit) if census.level(one) == level), None)


def _grouped(
    standings: list[_Standing], key: Callable[[_Standing], str]
) -> dict[str, list[_Standing]]:
    groups: dict[str, list[_Standing]] = {}
    for one in standings:
        groups.setdefault(_plain(key(one)), []).append(one)
    return {word: group for word, group in groups.items() if len(group) > 1}


def _spoken(one: _Standing) -> str:
    version = one.place.name[-1]
    return romanise(str(version.value("specific")), str(version.value("generic")))


def _plain(text: str) -> str:
    return "".join(text.casefold().replace("'", "").split())


def _ground(one: _Standing, after: Census) -> str:
    names = sorted({after.name(unit) for unit in one.place.where if unit in after.units})
    return "、".join(names[:3]) or "?"


def doubled_divisions(drawing: Drawing, after: Census) -> Iterator[Finding]:
    """Divisions whose names the act makes double in the scope of their level (art 9).

    An act dated by an edition tells what others did and published; that it should not have been
    is said, but cannot be refused.
    """
    before = _bearers(drawing.before)
    told = drawing.paper.effective_precision is Precision.BY_EDITION
    late = drawing.on >= RULE_SINCE and not told
    for (level, scope, name), units in _bearers(after).items():
        old = before.get((level, scope, name), set())
        if len(units) < 2 or not (units - old) or not (units & set(drawing.causes)):
            continue
        where = "the nation" if scope is None else after.name(scope)
        strict = (late and level in (1, 2, 3, 5)) or (late and not _has_subdistrict(after, units))
        found = error if strict else warning
        yield found(
            "N09",
            f"{len(units)} units of {where} are called {name}: `rename` one of them",
            f"{where}内有 {len(units)} 个单位同名{name}：请为其一更名（rename）",
            *sorted(units, key=lambda one: one.bytes),
        )


SCOPE_OF_LEVEL: dict[int, int | None] = {1: None, 2: None, 3: None, 4: 1, 5: 3}
"""Inside which level a division's name must be one; None: the nation."""


def _bearers(census: Census) -> dict[tuple[int, UUID | None, str], set[UUID]]:
    found: dict[tuple[int, UUID | None, str], set[UUID]] = {}
    for unit in census.units:
        level = census.level(unit)
        if level not in SCOPE_OF_LEVEL:
            continue
        wide = SCOPE_OF_LEVEL[level]
        scope = None if wide is None else _above(census, unit, wide)
        found.setdefault((level, scope, census.name(unit)), set()).add(unit)
    return found


def _has_subdistrict(census: Census, units: set[UUID]) -> bool:
    """街道 are not named in the regulation: a double in the province is a warning by default."""
    return any(census.units[unit].value("kind") == "subdistrict" for unit in units)
