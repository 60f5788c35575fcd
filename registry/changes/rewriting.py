"""What standing changes wrote, taken back or replaced, worked out before anything is written.

What was done since is carried over, work by work, to what the act found or should have said; its
corrections are left out (`merging.py`). The result is a value: a preview shows it, `carry_out`
writes it.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from shapely.geometry.base import BaseGeometry
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Select,
    Table,
    any_,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)

from registry.changes.amendments import AmendmentStore, Undone
from registry.changes.masking import is_masked, met_before, touched_among
from registry.changes.merging import Clash, Step, alike, merge
from registry.changes.period import Period
from registry.changes.rows import SHARED_COLUMNS, Beliefs, beliefs_of, key_array, touched_by
from registry.changes.store import ChangeStore
from registry.changes.timeline import Timeline, Version
from registry.changes.work import Work
from registry.names.tables import place_name_version
from registry.tables import COLLECTIONS, VERSION_TABLES

BULK = frozenset({*COLLECTIONS["addresses"], *COLLECTIONS["names"]} - {place_name_version})
"""Tables whose facts may be many: those nobody touched since are taken back in the database.
Names are not: a preview shows what each would be."""

UNKNOWN = Beliefs(())
Lines = Mapping[UUID, Timeline]
Targets = Mapping[Table, Lines]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """One fact before and after."""

    before: Timeline
    after: Timeline
    clashes: tuple[Clash, ...]


@dataclass(frozen=True, slots=True)
class Rewriting:
    """Every fact whose timeline would be another."""

    first: int
    """The act."""
    numbers: tuple[int, ...]
    """The act and its corrections that stand, in order."""
    own: frozenset[int]
    """These, and corrections and annulments of the act that stand no more: no later work."""
    head: int
    facts: Mapping[Table, Mapping[UUID, Rewritten]]
    in_bulk: Mapping[Table, int]
    """Facts nobody touched since, taken back as they are; see BULK."""

    def after(self, table: Table) -> dict[UUID, Timeline]:
        """What would be believed of the facts listed for a table."""
        return {key: one.after for key, one in self.facts.get(table, {}).items()}

    def before(self, table: Table) -> dict[UUID, Timeline]:
        """What is believed of them now."""
        return {key: one.before for key, one in self.facts.get(table, {}).items()}

    @property
    def digest(self) -> str:
        """SHA-256 of what would be believed of divisions and names; everyday edits of addresses leave it."""
        lines = sorted(
            [str(table.name), str(key), *(_plain(version) for version in one.after)]
            for table, facts in self.facts.items()
            if table not in BULK
            for key, one in facts.items()
        )
        return hashlib.sha256(repr(lines).encode()).hexdigest()


def work_out(
    connection: Connection, numbers: Sequence[int], targets: Targets | None = None
) -> Rewriting:
    """Work out what would stand without some changes, or with other effects of the first.

    Args:
        numbers: the act and its corrections, in order; the first is the act.
        targets: what the act should have made of facts; None: nothing, it is annulled.
    """
    amendments = AmendmentStore(connection)
    own = amendments.family_of(numbers[0]) | set(numbers)
    undone = amendments.annulled_since(numbers[0], own)
    facts: dict[Table, dict[UUID, Rewritten]] = {}
    in_bulk: dict[Table, int] = {}
    for table in VERSION_TABLES:
        wanted = {} if targets is None else dict(targets.get(table, {}))
        whole = targets is not None or len(numbers) > 1 or table not in BULK
        keys = set(wanted) | _listed(connection, table, numbers, whole=whole)
        if undone and not whole:
            keys |= set(connection.scalars(met_before(table, numbers[0], undone)))
        found = _merged(
            _Facts(connection, table, frozenset(keys)),
            _Past(numbers[0], own, undone),
            wanted if targets is not None else None,
        )
        if found:
            facts[table] = found
        if not whole:
            alone = connection.scalar(_bulk_count(table, numbers[0])) or 0
            if alone:
                in_bulk[table] = alone
    head = ChangeStore(connection).head()
    return Rewriting(numbers[0], tuple(numbers), own, head, facts, in_bulk)


def carry_out(work: Work, rewriting: Rewriting) -> int:
    """Write a rewriting worked out in this very work; returns rows believed again or no more."""
    written = 0
    for table, facts in rewriting.facts.items():
        written += work.rewrite_all(
            table, [(key, one.before, one.after) for key, one in facts.items()]
        )
    for table in rewriting.in_bulk:
        written += _take_back(work.connection, table, rewriting.first, work.number)
    return written


@dataclass(frozen=True, slots=True)
class _Facts:
    connection: Connection
    table: Table
    keys: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class _Past:
    first: int
    own: frozenset[int]
    undone: tuple[Undone, ...]

    def since(self, held: Beliefs) -> list[Step]:
        """What later changes made of a fact."""
        return [
            Step(number, held.after(number), own=number in self.own)
            for number in held.moments()
            if number > self.first
        ]

    def clash(self, held: Beliefs, touched: set[int]) -> tuple[Clash, ...]:
        """All days of a fact, when an annulment made since may have had less to do than it would."""
        if not is_masked(self.first, touched, held.moments(), self.undone, self.own):
            return ()
        return tuple(Clash(version.valid, None) for version in held.after(self.first)[:1]) or (
            Clash(Period(), None),
        )


def _merged(facts: _Facts, past: _Past, wanted: Lines | None) -> dict[UUID, Rewritten]:
    if not facts.keys:
        return {}
    connection, table, first = facts.connection, facts.table, past.first
    beliefs = beliefs_of(connection, table, facts.keys, first - 1)
    touched = touched_among(connection, table, facts.keys, [one.number for one in past.undone])
    found: dict[UUID, Rewritten] = {}
    for key in facts.keys:
        held = beliefs.get(key, UNKNOWN)
        base, target = held.after(first), held.after(first - 1)
        if wanted is not None:
            target = wanted.get(key, target)
            # Where the act says so already, it stays the reason.
            target = base if _told_alike(base, target) else target
        since = past.since(held)
        current = since[-1].after if since else base
        merged = merge(base, target, since)
        clashes = past.clash(held, touched.get(key, set())) or merged.clashes
        if clashes or not _told_alike(current, merged.timeline):
            found[key] = Rewritten(current, merged.timeline, clashes)
    return found


def _told_alike(one: Timeline, other: Timeline) -> bool:
    """The same versions, from the same works; a version being prepared is from none yet."""
    return len(one) == len(other) and all(
        a.valid == b.valid and alike(a, b) and (a.begun_by == b.begun_by or b.begun_by is None)
        for a, b in zip(one, other, strict=True)
    )


def _plain(version: Version) -> str:
    values = {
        name: value.wkb_hex if isinstance(value, BaseGeometry) else str(value)
        for name, value in version.values.items()
        if value is not None
    }
    return f"{version.valid.start} {version.valid.end} {sorted(values.items())}"


def changes_since(
    connection: Connection, table: Table, keys: Iterable[UUID], rewriting: Rewriting
) -> dict[UUID, tuple[int, ...]]:
    """By fact, the later work that touched it."""
    key = table.c[table.info["key"]]
    wanted = key == any_(key_array(keys))
    both = union_all(
        select(key.label("key"), table.c.recorded_from.label("number")).where(wanted),
        select(key, table.c.recorded_to).where(wanted, table.c.recorded_to.is_not(None)),
    ).subquery()
    rows = connection.execute(
        select(both.c.key, both.c.number)
        .where(both.c.number > rewriting.first, both.c.number.not_in(rewriting.own))
        .distinct()
        .order_by(both.c.key, both.c.number)
    )
    found: dict[UUID, tuple[int, ...]] = {}
    for one, number in rows:
        found[one] = (*found.get(one, ()), number)
    return found


def later_touched(table: Table, number: int) -> Select[UUID]:
    """Keys of the facts a change touched that later changes touched too."""
    key = table.c[table.info["key"]]
    last = func.greatest(table.c.recorded_from, func.coalesce(table.c.recorded_to, 0))
    return select(key).where(key.in_(touched_by(table, [number])), last > number)


def _listed(
    connection: Connection, table: Table, numbers: Sequence[int], *, whole: bool
) -> set[UUID]:
    wanted = touched_by(table, numbers) if whole else later_touched(table, numbers[0])
    return set(connection.scalars(wanted.distinct()))


def _bulk_count(table: Table, number: int) -> Select[int]:
    key = table.c[table.info["key"]]
    touched = or_(table.c.recorded_from == number, table.c.recorded_to == number)
    return select(func.count(key.distinct())).where(touched, untouched_since(table, number, key))


def untouched_since(table: Table, number: int, key: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether no change after `number` touched the fact."""
    later = table.alias("later")
    return ~exists().where(
        later.c[table.info["key"]] == key,
        func.greatest(later.c.recorded_from, func.coalesce(later.c.recorded_to, 0)) > number,
    )


def _take_back(connection: Connection, table: Table, number: int, own: int) -> int:
    key = table.c[table.info["key"]]
    # Rows of this very work are newer than the change, so its own facts are not looked at again.
    alone = untouched_since(table, number, key)
    restored = list(
        connection.scalars(select(table.c.version_id).where(table.c.recorded_to == number, alone))
    )
    closed = connection.execute(
        update(table)
        .where(table.c.recorded_from == number, table.c.recorded_to.is_(None), alone)
        .values(recorded_to=own)
    )
    kept = _kept(table)
    again = table.c.version_id == any_(literal(restored, ARRAY(table.c.version_id.type)))
    connection.execute(
        insert(table).from_select(
            [*kept, "recorded_from"],
            select(*(table.c[name] for name in kept), literal(own)).where(again),
        )
    )
    return int(closed.rowcount) + len(restored)


def _kept(table: Table) -> list[str]:
    """Columns a row keeps when it is believed again: all but its number and its recorded time."""
    gone = SHARED_COLUMNS - {"valid", "cause", "begun_by"}
    return [column.name for column in table.columns if column.name not in gone]
