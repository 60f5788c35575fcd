"""The crosswalk (新旧对照): what every division of one day is on another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection

from registry.changes.model import Change
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.divisions.lineage import WHOLE, LineageStore, Share, SuccessionEdge, heirs
from registry.divisions.model import STATISTICAL
from registry.divisions.store import DivisionStore
from registry.divisions.values import Division, DivisionFilter
from registry.errors import PeriodIsEmpty

ALL = 1_000_000


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
    """unchanged; or what changed, joined by `+`: renamed retyped recoded moved; or split, merged,
    succeeded, ended, new."""
    share_members: float | None
    share_area: float | None
    share_addresses: float | None
    on: tuple[date, ...]
    decrees: tuple[str, ...]


def crosswalk(
    connection: Connection,
    *,
    start: date,
    end: date,
    known: int,
    within: UUID | None = None,
    level: int | None = None,
) -> list[CrosswalkRow]:
    """Old to new between two days, as known after a change; ordered by old code, then new.

    Args:
        within: only divisions that lay in this one on either day.

    Raises:
        PeriodIsEmpty: `end` is before `start`.
    """
    if end < start:
        raise PeriodIsEmpty(start=start, end=end)
    sides = _Sides.read(connection, (AsOf(start, known), AsOf(end, known)), within, level)
    edges = LineageStore(connection).between(start, end, known)
    recoded = DivisionStore(connection).recoded(start, end, known)
    begun = {one.begun_by for one in sides.new.values()} | {edge.change for edge in edges}
    begun |= {number for acts in recoded.values() for _day, number in acts}
    changes = ChangeStore(connection).many(sorted(begun))
    rows = [*_followed(sides, edges, changes, recoded, start), *_new(sides, edges, changes)]
    return sorted(
        rows,
        key=lambda row: (row.level, row.old_code or "~", row.old_name or "", row.new_code or "~"),
    )


@dataclass(frozen=True, slots=True)
class _Sides:
    old: dict[UUID, Division]
    new: dict[UUID, Division]
    old_names: dict[UUID, str]
    new_names: dict[UUID, str]
    wanted: frozenset[UUID]

    @classmethod
    def read(
        cls,
        connection: Connection,
        days: tuple[AsOf, AsOf],
        within: UUID | None,
        level: int | None,
    ) -> "_Sides":
        store = DivisionStore(connection)
        old, new = (
            {
                one.division_id: one
                for one in store.page(DivisionFilter(), at, limit=ALL, cursor=None).divisions
            }
            for at in days
        )
        inside: set[UUID] = set(old) | set(new)
        if within is not None:
            inside = set()
            for at in days:
                inside |= set(connection.scalars(store.descendants(within, at)))
        wanted = frozenset(
            one
            for one in inside
            if level is None
            or (
                (old.get(one) or new.get(one, old.get(one))) is not None
                and (old.get(one) or new[one]).level == level
            )
        )
        names = ({key: one.name for key, one in side.items()} for side in (old, new))
        old_names, new_names = names
        return cls(old, new, old_names, new_names, wanted)


def _followed(
    sides: _Sides,
    edges: Sequence[SuccessionEdge],
    changes: dict[int, Change],
    recoded: dict[UUID, list[tuple[date, int]]],
    start: date,
) -> Iterator[CrosswalkRow]:
    wanted = [one for one in sides.old if one in sides.wanted]
    for division_id, paths in heirs(wanted, edges).items():
        old = sides.old[division_id]
        reached = {heir: path for heir, path in paths.items() if heir in sides.new}
        if not reached:
            trail = tuple(edge for edge in edges if edge.predecessor_id == division_id)
            yield _row(sides, old, None, "ended", WHOLE, trail, changes)
        for heir, (share, trail) in reached.items():
            new = sides.new[heir]
            relation = _relation(old, new, len(reached))
            own = _own_acts(new, recoded, start)
            yield _row(sides, old, new, relation, share, trail, changes, own)


def _new(
    sides: _Sides, edges: Sequence[SuccessionEdge], changes: dict[int, Change]
) -> Iterator[CrosswalkRow]:
    reached = {heir for paths in heirs(list(sides.old), edges).values() for heir in paths}
    for division_id, new in sides.new.items():
        if division_id not in reached and division_id in sides.wanted:
            trail = tuple(edge for edge in edges if edge.successor_id == division_id)
            yield _row(sides, None, new, "new", Share(None, None, None), trail, changes)


def _relation(old: Division, new: Division, heirs_: int) -> str:
    if heirs_ > 1:
        return "split"
    if old.division_id != new.division_id:
        return "succeeded"
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


def _own_acts(
    new: Division, recoded: dict[UUID, list[tuple[date, int]]], start: date
) -> list[tuple[date, int]]:
    """Acts on the division itself: its name, kind, parent or code."""
    begins = new.valid.start
    own = [(begins, new.begun_by)] if begins is not None and begins > start else []
    return sorted({*own, *recoded.get(new.division_id, [])})


def _row(
    sides: _Sides,
    old: Division | None,
    new: Division | None,
    relation: str,
    share: Share,
    trail: Sequence[SuccessionEdge],
    changes: dict[int, Change],
    own: Sequence[tuple[date, int]] = (),
) -> CrosswalkRow:
    dated = {(edge.on, edge.change) for edge in trail if edge.on} | set(own)
    acts = [changes[number] for _day, number in sorted(dated) if number in changes]
    days = {day for day, _number in dated}
    either = old if old is not None else new
    assert either is not None
    return CrosswalkRow(
        level=either.level,
        old_id=old.division_id if old else None,
        old_code=old.codes.get(STATISTICAL) if old else None,
        old_name=old.name if old else None,
        old_kind=old.kind.value if old else None,
        old_parent=sides.old_names.get(old.parent_id) if old and old.parent_id else None,
        new_id=new.division_id if new else None,
        new_code=new.codes.get(STATISTICAL) if new else None,
        new_name=new.name if new else None,
        new_kind=new.kind.value if new else None,
        new_parent=sides.new_names.get(new.parent_id) if new and new.parent_id else None,
        relation=relation,
        share_members=share.members,
        share_area=share.area,
        share_addresses=share.addresses,
        on=tuple(sorted(days)),
        decrees=tuple(
            dict.fromkeys(
                one.decree.number or one.decree.authority for one in acts if one.decree is not None
            )
        ),
    )
