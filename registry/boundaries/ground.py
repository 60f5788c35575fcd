"""The ground around an update: territories before and after, what passes from whom to whom, and the
coverages that must hold of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

import shapely
from shapely.geometry import MultiPoint, MultiPolygon
from shapely.geometry.base import BaseGeometry

from geo.coverage.areas import areal, ground_m2, roughly_m2, sound
from geo.coverage.model import Coverage, Piece, Tolerance, metres_to_degrees
from geo.coverage.sharing import aligned, with_shared_vertices
from registry.boundaries.model import DraftTerritory, MovedGround
from registry.boundaries.surroundings import Surroundings, Unit
from registry.errors import DivisionIsUnknown

TOLERANCE = Tolerance()
LEAST_M2 = 0.01
"""Less ground is rounding, not a piece that passes to somebody."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Divisions around an update, on its day."""

    units: Mapping[UUID, Unit]
    before: Mapping[UUID, MultiPolygon]
    drawn: Mapping[UUID, MultiPolygon]
    """As the update has them."""
    followed: Mapping[UUID, MultiPolygon]
    """Units above that follow ground passing between their members and another's."""

    @property
    def after(self) -> dict[UUID, MultiPolygon]:
        """Every territory as it would be."""
        return {**self.before, **self.followed, **self.drawn}

    @property
    def changed(self) -> frozenset[UUID]:
        """Units whose territory the update writes."""
        return frozenset({*self.drawn, *self.followed})

    def name(self, division_id: UUID | None) -> str | None:
        """Its name; None where it is nobody."""
        return None if division_id is None else self.units[division_id].name


@dataclass(frozen=True, slots=True)
class Group:
    """Members of one parent, before and after: a coverage each."""

    parent_id: UUID | None
    before: Coverage
    after: Coverage


def survey(around: Surroundings, drawn: Mapping[UUID, DraftTerritory]) -> Ground:
    """Look around an update.

    Raises:
        DivisionIsUnknown: a division drawn is not in force on the day.
    """
    units = around.units(list(drawn))
    missing = next((one for one in drawn if one not in units), None)
    if missing is not None:
        raise DivisionIsUnknown(str(missing))
    new = {one: territory.territory for one, territory in drawn.items()}
    own = around.territories(list(new))
    for level in {units[one].level for one in drawn}:
        ground = [
            sound(geometry)
            for one, geometry in chain(new.items(), own.items())
            if units[one].level == level
        ]
        units |= around.neighbours(shapely.union_all(ground), level)
    units |= _above(around, units)
    units |= around.children(_parents(units, new) | set(new))
    held = around.territories(list(units))
    new = {
        one: aligned(geometry, _fixed(held, one, new), reach_m=TOLERANCE.vertex_m)
        for one, geometry in new.items()
    }
    followed = _followed(units, held, new)
    # The members of what follows above, and its neighbours, are looked at as well.
    units |= around.children(_parents(units, followed))
    for one in followed:
        units |= around.neighbours(held[one], units[one].level)
    units |= _above(around, units)
    return Ground(units, around.territories(list(units)), new, followed)


def groups(ground: Ground) -> list[Group]:
    """The coverages an update takes part in: of its units' parents, and of their own members."""
    changed = ground.changed
    parents = {ground.units[one].parent_id for one in changed}
    parents |= {one for one in changed if _members(ground, one)}
    ordered = sorted(parents, key=lambda one: b"" if one is None else one.bytes)
    return [_group(ground, parent) for parent in ordered]


def passing(ground: Ground) -> list[MovedGround]:
    """What passes from whom to whom, piece by piece, the largest first."""
    found: list[MovedGround] = []
    for level in {ground.units[one].level for one in ground.changed}:
        units = [one for one in ground.changed if ground.units[one].level == level]
        gained, lost = _gained_and_lost(ground.before, ground.after, units)
        for taker in units:
            rest: BaseGeometry = gained[taker]
            for giver in units:
                if giver != taker:
                    passed = shapely.intersection(gained[taker], lost[giver])
                    found += _pieces(giver, taker, passed)
                    rest = shapely.difference(rest, lost[giver])
            found += _pieces(None, taker, rest)
        taken = shapely.union_all(list(gained.values()))
        for giver in units:
            found += _pieces(giver, None, shapely.difference(lost[giver], taken))
    return sorted(found, key=lambda one: (-one.area_m2, str(one.from_division)))


def altered(ground: Ground) -> BaseGeometry:
    """Where an update differs from what is recorded; empty: nowhere."""
    parts: list[BaseGeometry] = []
    for one, new in ground.drawn.items():
        old = ground.before.get(one, MultiPolygon())
        differing = areal(shapely.symmetric_difference(sound(new), sound(old)))
        if ground_m2(differing) >= LEAST_M2:
            parts.append(differing)
        elif not new.normalize().equals_exact(old.normalize()):
            fresh = set(map(tuple, shapely.get_coordinates(new).tolist()))
            fresh ^= set(map(tuple, shapely.get_coordinates(old).tolist()))
            parts.append(MultiPoint(sorted(fresh)))
    return shapely.union_all(parts)


def edges_of(ground: Ground, where: BaseGeometry) -> list[str]:
    """Pairs of divisions whose common edge an update touches, as `id|id`, ids in order."""
    reach = metres_to_degrees(1.0)
    near = {
        one for one, territory in ground.before.items() if shapely.dwithin(territory, where, reach)
    }
    found = set()
    for mine in ground.drawn:
        for other in near:
            same = ground.units[other].level == ground.units[mine].level
            if other != mine and same:
                found.add("|".join(sorted((str(mine), str(other)))))
    return sorted(found)


def _fixed(
    held: Mapping[UUID, MultiPolygon], one: UUID, drawn: Mapping[UUID, BaseGeometry]
) -> list[MultiPolygon]:
    """What is recorded around a territory, and it itself: vertices of it are not drawn again."""
    near = sound(drawn[one]).buffer(metres_to_degrees(1.0))
    return [territory for territory in held.values() if shapely.intersects(territory, near)]


def _above(around: Surroundings, units: Mapping[UUID, Unit]) -> dict[UUID, Unit]:
    found: dict[UUID, Unit] = {}
    known = {**units}
    while wanted := _parents(known, known) - known.keys():
        more = around.units(list(wanted))
        if not more:
            break
        found |= more
        known |= more
    return found


def _parents(units: Mapping[UUID, Unit], of: Iterable[UUID]) -> set[UUID]:
    found = {units[one].parent_id for one in of}
    return {one for one in found if one is not None}


def _members(ground: Ground, parent: UUID | None) -> list[UUID]:
    found = [one for one, unit in ground.units.items() if unit.parent_id == parent]
    after = ground.after
    return sorted((one for one in found if one in after), key=lambda one: one.bytes)


def _group(ground: Ground, parent: UUID | None) -> Group:
    members = _members(ground, parent)
    if parent is None:
        members = [one for one in members if one in ground.changed]
    level = ground.units[members[0]].level
    after = ground.after
    touched = [after[one] for one in members if one in ground.changed]
    reach = metres_to_degrees(1.0)
    where = shapely.union_all([sound(one) for one in touched]) if touched else MultiPolygon()
    neighbours = [
        one
        for one, unit in ground.units.items()
        if unit.level == level
        and one not in members
        and one in after
        and shapely.dwithin(sound(after[one]), where, reach)
    ]
    # Where some member's territory is unknown, land that nobody covers says nothing.
    complete = all(
        one in after for one, unit in ground.units.items() if unit.parent_id == parent
    )  # fmt: skip
    above = parent if complete else None
    return Group(
        parent,
        _coverage(ground, ground.before, members, above, neighbours),
        _coverage(ground, after, members, above, neighbours),
    )


def _coverage(
    ground: Ground,
    territories: Mapping[UUID, MultiPolygon],
    members: Sequence[UUID],
    parent: UUID | None,
    neighbours: Sequence[UUID],
) -> Coverage:
    def pieces(ids: Sequence[UUID]) -> tuple[Piece, ...]:
        return tuple(
            Piece(str(one), territories[one], ground.units[one].seat)
            for one in ids
            if one in territories
        )

    outline = None if parent is None else territories.get(parent)
    return Coverage(pieces(members), outline, pieces(neighbours))


def _gained_and_lost(
    before: Mapping[UUID, MultiPolygon], after: Mapping[UUID, MultiPolygon], units: Sequence[UUID]
) -> tuple[dict[UUID, MultiPolygon], dict[UUID, MultiPolygon]]:
    nothing = MultiPolygon()
    gained, lost = {}, {}
    for one in units:
        old, new = sound(before.get(one, nothing)), sound(after[one])
        gained[one] = areal(shapely.difference(new, old))
        lost[one] = areal(shapely.difference(old, new))
    return gained, lost


def _pieces(giver: UUID | None, taker: UUID | None, ground: BaseGeometry) -> list[MovedGround]:
    found = []
    for part in areal(ground).geoms:
        if roughly_m2(part) < LEAST_M2 / 2:
            continue
        size = ground_m2(part)
        if size >= LEAST_M2:
            found.append(MovedGround(giver, taker, part, size))
    return found


def _followed(
    units: Mapping[UUID, Unit],
    before: Mapping[UUID, MultiPolygon],
    drawn: Mapping[UUID, MultiPolygon],
) -> dict[UUID, MultiPolygon]:
    """Units above whose members exchange ground with another's: they exchange it too."""
    gains: dict[UUID, list[BaseGeometry]] = defaultdict(list)
    losses: dict[UUID, list[BaseGeometry]] = defaultdict(list)
    for level in {units[one].level for one in drawn}:
        own = [one for one in drawn if units[one].level == level]
        gained, lost = _gained_and_lost(before, drawn, own)
        for taker in own:
            for giver in own:
                passed = areal(shapely.intersection(gained[taker], lost[giver]))
                if giver != taker and not passed.is_empty:
                    _pass_up(units, (giver, taker), passed, gains, losses)
    result = {
        one: areal(
            shapely.difference(
                shapely.union_all([sound(before[one]), *gains.get(one, ())]),
                shapely.union_all(losses.get(one, [])),
            )
        )
        for one in {*gains, *losses}
        if one in before and one not in drawn
    }
    around = {str(one): sound(geometry) for one, geometry in {**before, **drawn}.items()}
    keys = [str(one) for one in result]
    shared = with_shared_vertices(
        {**around, **{str(one): geometry for one, geometry in result.items()}},
        keys,
        reach_m=TOLERANCE.vertex_m,
        fixed=[key for key in around if key not in keys],
    )
    return {one: shared.get(str(one), geometry) for one, geometry in result.items()}


def _pass_up(
    units: Mapping[UUID, Unit],
    ends: tuple[UUID, UUID],
    passed: BaseGeometry,
    gains: dict[UUID, list[BaseGeometry]],
    losses: dict[UUID, list[BaseGeometry]],
) -> None:
    giver, taker = units[ends[0]].parent_id, units[ends[1]].parent_id
    while giver is not None and taker is not None and giver != taker:
        gains[taker].append(passed)
        losses[giver].append(passed)
        giver = units[giver].parent_id if giver in units else None
        taker = units[taker].parent_id if taker in units else None
