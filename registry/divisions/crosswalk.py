"""The crosswalk (新旧对照): what every division of one point in time is at another."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, func, select

from registry.addresses.tables import address
from registry.changes.model import Change, Verb
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.divisions.inheritance import UNKNOWN, Heirs, Path, heirs
from registry.divisions.lineage import Act, LineageStore, SuccessionEdge, in_order
from registry.divisions.model import STATISTICAL
from registry.divisions.population import NOBODY, NOTHING_TO_SHARE, People, PopulationShare
from registry.divisions.sides import Sides
from registry.divisions.values import Division
from registry.errors import KnowledgeRunsBackwards, PeriodIsEmpty

UNDIVIDED = "whole"
"""Basis of a share of 1 that no act divided: nothing had to be measured."""
ADDRESSES, GENERATED_ADDRESSES = "addresses in force", "generated addresses in force"


@dataclass(frozen=True, slots=True)
class CrosswalkRow:
    """One old division and one new; either side may be missing."""

    level: int
    old_id: UUID | None
    old_code: str | None
    old_name: str | None
    old_kind: str | None
    old_parent: str | None
    new_id: UUID | None
    new_code: str | None
    new_name: str | None
    new_kind: str | None
    new_parent: str | None
    relation: str
    """unchanged; or what changed, joined by `+`: corrected renamed retyped recoded moved; or
    split, merged, succeeded, ended, withdrawn, new, added."""
    share_members: float | None
    share_area: float | None
    share_addresses: float | None
    on: tuple[date, ...]
    decrees: tuple[str, ...]
    share_population: float | None
    """Of the old division's people, as counted in the smallest units it had on the old day."""
    basis_area: str | None
    basis_population: str | None
    basis_addresses: str | None
    shares_on: tuple[date, ...]
    """Days the shares were measured on: one for each act that divided something."""
    changes: tuple[int, ...]
    """Numbers of the changes that carried the acts out."""
    old_codes: dict[str, str] | None
    """By scheme."""
    new_codes: dict[str, str] | None
    population_on: tuple[date, ...]
    """Days the people were counted on."""
    population_missing: str | None
    """Why `share_population` is not known; None: it is, or there is nothing to share."""


@dataclass(frozen=True, slots=True)
class Acts:
    """What is known of the acts between two points."""

    own: Mapping[UUID, Sequence[Act]]
    """Of a division itself: its name, kind, parent or code."""
    decrees: Mapping[int, str]
    """By change: the number of the decree, else who issued it."""
    corrections: Set[int]
    """Changes by which the registry put itself right; the world did not move."""
    first_real_address: int | None
    """Change that recorded the first address not made up for demonstration."""
    people: People = NOBODY


def crosswalk(
    connection: Connection,
    *,
    start: AsOf,
    end: AsOf,
    within: UUID | None = None,
    level: int | None = None,
    only: Set[int] | None = None,
) -> list[CrosswalkRow]:
    """Old to new between two points of both clocks; ordered by level, old code, new code.

    Args:
        within: what lay in this division at either point, what came into it, and every part of a
            division of which any part did.
        level: of the old division, or of the new one where there is no old one.
        only: changes whose acts are told, and nothing else; None: all.

    Raises:
        PeriodIsEmpty: the day of `end` is before that of `start`.
        KnowledgeRunsBackwards: `end` knows less than `start`.
    """
    if end.valid_on < start.valid_on:
        raise PeriodIsEmpty(start=start.valid_on, end=end.valid_on)
    if end.known < start.known:
        raise KnowledgeRunsBackwards(start=start.known, end=end.known)
    lineage = LineageStore(connection)
    edges, own = lineage.between(start, end), lineage.own_acts(start, end)
    if only is not None:
        edges = [edge for edge in edges if edge.change in only]
        own = {unit: [act for act in acts if act[1] in only] for unit, acts in own.items()}
    numbers = {edge.change for edge in edges}
    numbers |= {number for acts in own.values() for _day, number in acts}
    changes = ChangeStore(connection).many(sorted(numbers), end.known)
    sides = Sides.read(connection, start, end, within)
    acts = Acts(
        own=own,
        decrees=decrees_of(changes.values()),
        corrections={one.number for one in changes.values() if one.verb is Verb.CORRECT},
        first_real_address=first_real_address(connection),
        people=People.read(connection, sides.old, AsOf(start.valid_on, end.known)),
    )
    return [
        row
        for row in tabulate(sides, edges, acts)
        if (level is None or row.level == level) and (only is None or row.changes)
    ]


def decrees_of(changes: Iterable[Change]) -> dict[int, str]:
    """By change, what to call its decree."""
    return {
        one.number: one.decree.number or one.decree.authority
        for one in changes
        if one.decree is not None
    }


def first_real_address(connection: Connection) -> int | None:
    """The change that recorded the first address not made up for demonstration; None: none is."""
    number: int | None = connection.scalar(
        select(func.min(address.c.recorded_from)).where(~address.c.generated)
    )
    return number


def tabulate(sides: Sides, edges: Sequence[SuccessionEdge], acts: Acts) -> list[CrosswalkRow]:
    """The rows of a crosswalk, without reading anything."""
    followed = heirs(list(sides.old), edges, sides.new)
    predecessors = Counter(
        heir for paths in followed.values() for heir in paths if heir in sides.new
    )
    rows: list[CrosswalkRow] = []
    for old_id, paths in followed.items():
        if sides.holds(old_id) or any(sides.holds(heir) for heir in paths if heir in sides.new):
            people = acts.people.shares(sides, old_id, followed)
            rows += _followed(sides, sides.old[old_id], paths, predecessors, acts, people)
    rows += _new(sides, edges, predecessors, acts)
    return sorted(rows, key=_order)


def touched(rows: Iterable[CrosswalkRow]) -> list[CrosswalkRow]:
    """Rows that say more than "as before"."""
    return [row for row in rows if row.relation != "unchanged" or row.on or row.changes]


def _followed(
    sides: Sides,
    old: Division,
    paths: Heirs,
    predecessors: Mapping[UUID | None, int],
    acts: Acts,
    people: Mapping[UUID | None, PopulationShare],
) -> Iterator[CrosswalkRow]:
    reached = {one: path for one, path in paths.items() if one is not None and one in sides.new}
    lost = [path for heir, path in paths.items() if heir not in reached]
    parts = len(reached) + bool(lost)
    for heir, path in reached.items():
        new = sides.new[heir]
        own = acts.own.get(heir, ())
        relation = _relation(old, new, parts, predecessors[heir])
        if old.division_id == heir and parts == 1 and relation != "unchanged":
            relation = _correction(path, own, acts) + relation
        yield _row(sides, old, new, relation, path, own, acts, people[heir])
    if lost:
        path = lost[0]
        for other in lost[1:]:
            path = path.plus(other)
        known = bool(path.trail) or sides.existed(old.division_id)
        relation = "ended" if known else "withdrawn"
        yield _row(sides, old, None, relation, path, (), acts, people[None])


def _new(
    sides: Sides,
    edges: Sequence[SuccessionEdge],
    predecessors: Mapping[UUID | None, int],
    acts: Acts,
) -> Iterator[CrosswalkRow]:
    leading: dict[UUID, list[SuccessionEdge]] = {}
    for edge in edges:
        if edge.successor_id is not None:
            leading.setdefault(edge.successor_id, []).append(edge)
    for division_id, new in sides.new.items():
        if division_id not in predecessors and sides.holds(division_id):
            trail = tuple(leading.get(division_id, ()))
            relation = "added" if not trail and sides.existed(division_id) else "new"
            own = acts.own.get(division_id, ())
            yield _row(sides, None, new, relation, Path(UNKNOWN, trail), own, acts)


def _relation(old: Division, new: Division, parts: int, predecessors: int) -> str:
    if parts > 1:
        return "split"
    if old.division_id != new.division_id:
        return "merged" if predecessors > 1 else "succeeded"
    different = [
        word
        for word, changed in (
            ("renamed", old.name != new.name),
            ("retyped", old.kind != new.kind),
            ("recoded", old.codes != new.codes),
            ("moved", old.parent_id != new.parent_id),
        )
        if changed
    ]
    return "+".join(different) or "unchanged"


def _correction(path: Path, own: Sequence[Act], acts: Acts) -> str:
    numbers = {number for _day, number in own} | {edge.change for edge in path.trail}
    return "corrected+" if numbers and numbers <= acts.corrections else ""


def _row(
    sides: Sides,
    old: Division | None,
    new: Division | None,
    relation: str,
    path: Path,
    own: Sequence[Act],
    acts: Acts,
    people: PopulationShare = NOTHING_TO_SHARE,
) -> CrosswalkRow:
    dated = in_order({*((edge.on, edge.change) for edge in path.trail), *own})
    either = old if old is not None else new
    assert either is not None
    share = path.share
    return CrosswalkRow(
        level=either.level,
        old_id=old.division_id if old else None,
        old_code=old.codes.get(STATISTICAL) if old else None,
        old_name=old.name if old else None,
        old_kind=old.kind.value if old else None,
        old_parent=_parent(old, sides.old),
        new_id=new.division_id if new else None,
        new_code=new.codes.get(STATISTICAL) if new else None,
        new_name=new.name if new else None,
        new_kind=new.kind.value if new else None,
        new_parent=_parent(new, sides.new),
        relation=relation,
        share_members=share.members,
        share_area=share.area,
        share_addresses=share.addresses,
        on=tuple(sorted({day for day, _number in dated if day is not None})),
        decrees=tuple(
            dict.fromkeys(acts.decrees[number] for _, number in dated if number in acts.decrees)
        ),
        share_population=people.share,
        basis_area=_basis(share.area, [edge.basis_area for edge in path.measured]),
        basis_population=people.basis,
        basis_addresses=_basis(
            share.addresses, [_address_basis(edge, acts) for edge in path.measured]
        ),
        shares_on=tuple(sorted({edge.on for edge in path.measured if edge.on is not None})),
        changes=tuple(sorted({number for _day, number in dated})),
        old_codes=dict(sorted(old.codes.items())) if old else None,
        new_codes=dict(sorted(new.codes.items())) if new else None,
        population_on=people.counted_on,
        population_missing=people.missing,
    )


def _parent(one: Division | None, side: Mapping[UUID, Division]) -> str | None:
    parent = side.get(one.parent_id) if one is not None and one.parent_id is not None else None
    return None if parent is None else parent.name


def _basis(share: float | None, measured: Sequence[str | None]) -> str | None:
    if share is None:
        return None
    words = {word for bases in measured if bases for word in bases.split(";")}
    return ";".join(sorted(words)) or (None if measured else UNDIVIDED)


def _address_basis(edge: SuccessionEdge, acts: Acts) -> str | None:
    if edge.share_addresses is None:
        return None
    first = acts.first_real_address
    return GENERATED_ADDRESSES if first is None or first >= edge.change else ADDRESSES


def _order(row: CrosswalkRow) -> tuple[int, str, str, str, str, str]:
    return (
        row.level,
        row.old_code or "~",
        row.old_name or "",
        row.new_code or "~",
        str(row.old_id),
        str(row.new_id),
    )
