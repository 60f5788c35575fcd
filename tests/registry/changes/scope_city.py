"""A small city that anything can happen to, and a plain reading of what a scope shows of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from shapely.geometry import Point
from sqlalchemy import Connection, RowMapping, Table, select

from registry.addresses.tables import (
    address,
    address_version,
    addressable_object,
    position_version,
)
from registry.changes.model import Verb
from registry.changes.period import Period
from registry.changes.roots import roots_of
from registry.changes.rows import known_at, to_period
from registry.changes.scope import ScopedRow
from registry.changes.timeline import Timeline, begin, change_from, correct
from registry.changes.view import FeedView
from registry.divisions.tables import division_version, succession_version
from registry.errors import LaterActExists, NotInForce
from registry.names.tables import place_name_version
from registry.tables import IDENTITY_TABLES, LOGGED_TABLES, VERSION_TABLES
from tests.builder import RegistryBuilder

TWO_DISTRICTS = {
    "35": "福建省",
    "3502": "厦门市",
    "350211": "集美区",
    "350211101": "灌口镇",
    "350211101201": "田头村",
    "350213": "翔安区",
    "350213102": "马巷镇",
    "350213102201": "琼头村",
    "350213102202": "后亭村",
    "350213103": "新圩镇",
    "350213103201": "古宅村",
}
DISTRICTS = ("350211", "350213")
TOWNS = ("350211101", "350213102", "350213103")
VILLAGES = ("350211101201", "350213102201", "350213102202", "350213103201")
DAYS = [date(2020, 1, 1) + timedelta(days=30 * n) for n in range(6)]
SAMPLED = [DAYS[0] - timedelta(days=1), *DAYS]
"""One day of every stretch between two days on which something can happen."""

Rewrite = Callable[[Timeline], Timeline]


@dataclass
class City:
    """Two districts, three towns, four villages, doors and roads; every act is one change."""

    builder: RegistryBuilder
    doors: list[UUID] = field(default_factory=list)
    sites: list[UUID] = field(default_factory=list)
    places: list[UUID] = field(default_factory=list)

    @classmethod
    def built(cls, builder: RegistryBuilder) -> "City":
        city = cls(builder)
        builder.tree(TWO_DISTRICTS)
        builder.squares(*VILLAGES)
        for village in VILLAGES[:2]:
            city.places.append(builder.carrier("里", village))
            city.door(village, city.places[-1])
        city.door(VILLAGES[0], city.places[0], site=0)
        return city

    def id(self, code: str) -> UUID:
        return self.builder.ids[code]

    def rewrite(self, table: Table, key: UUID, rewritten: Rewrite) -> int | None:
        """One change to one fact; None when the timeline refuses it."""
        try:
            with self.builder.work("act", Verb.CORRECT) as work:
                before = work.believed(table, [key]).get(key, ())
                work.rewrite(table, key, before, rewritten(before))
                return work.number
        except (LaterActExists, NotInForce):
            return None

    def change(self, table: Table, key: UUID, day: date, **patch: Any) -> int | None:
        """From a day on the fact is different."""
        return self.rewrite(table, key, lambda before: change_from(before, day, patch, "act"))

    def correct(
        self, table: Table, key: UUID, span: Period, patch: dict[str, Any] | None
    ) -> int | None:
        """During a span the fact was different, or was not."""
        return self.rewrite(table, key, lambda before: correct(before, span, patch, "act"))

    def rename(self, place: UUID, day: date, text: str) -> int | None:
        """A road or area has another name from a day on."""
        with self.builder.engine.connect() as connection:
            key = connection.scalar(
                select(place_name_version.c.place_name_id).where(
                    place_name_version.c.named_place_id == place
                )
            )
        assert key is not None
        return self.change(place_name_version, key, day, text=text)

    def door(
        self,
        village: str,
        carrier: UUID | None = None,
        *,
        since: Period | None = None,
        site: int = -1,
    ) -> UUID:
        """A door on a site of its own, or in a building and a room on a given one."""
        door = uuid4()
        valid = since or Period(None, None)
        with self.builder.work("door") as work:
            if site < 0:
                holder = uuid4()
                self.sites.append(holder)
                rows = [{"object_id": holder, "kind": "site", "parent_id": None}]
            else:
                building, holder = uuid4(), uuid4()
                above = self.sites[site % len(self.sites)]
                rows = [
                    {"object_id": building, "kind": "building", "parent_id": above},
                    {"object_id": holder, "kind": "room", "parent_id": building},
                ]
            work.establish(addressable_object, rows)
            for row in rows[:1]:
                position = {
                    "position": Point(118.0, 24.0),
                    "method": "generated",
                    "accuracy_m": 50.0,
                }
                timeline = begin((), Period(None, None), position, "import")
                work.rewrite(position_version, row["object_id"], (), timeline)
            identity = {"address_id": door, "code": str(door), "object_id": holder}
            work.establish(address, [{**identity, "generated": True}])
            values = {
                "division_id": self.id(village),
                "carrier_id": carrier,
                "number": 1,
                "stage": "current",
            }
            work.rewrite(address_version, door, (), begin((), valid, values, "import"))
        self.doors.append(door)
        return door

    def split_off(self, whole: str, part: str, day: date) -> None:
        """A part became a division of its own; the whole goes on."""
        with self.builder.work("split", Verb.CHANGE) as work:
            edge = {
                "predecessor_id": self.id(whole),
                "successor_id": self.id(part),
                "kind": "split",
            }
            work.rewrite(
                succession_version, uuid4(), (), begin((), Period(day, None), edge, "split")
            )

    def absorb(self, ended: str, heir: str, day: date) -> int | None:
        """A division ends and another of its level follows it; what lay in it goes there."""
        gone, next_one = self.id(ended), self.id(heir)
        try:
            with self.builder.work("absorb", Verb.CHANGE) as work:
                for table, column in (
                    (division_version, "parent_id"),
                    (address_version, "division_id"),
                ):
                    key = table.c[table.info["key"]]
                    inside = work.connection.scalars(
                        select(key)
                        .where(table.c[column] == gone, table.c.recorded_to.is_(None))
                        .distinct()
                    ).all()
                    for one, before in work.believed(table, inside).items():
                        span = Period(day, None)
                        moved = [v for v in before if v.values[column] == gone]
                        after = before
                        for version in moved:
                            shared = version.valid.intersection(span)
                            if shared is not None:
                                after = correct(after, shared, {column: next_one}, "absorb")
                        work.rewrite(table, one, before, after)
                before = work.believed(division_version, [gone]).get(gone, ())
                after = change_from(before, day, None, "absorb")
                work.rewrite(division_version, gone, before, after)
                edge = {"predecessor_id": gone, "successor_id": next_one, "kind": "absorb"}
                timeline = begin((), Period(day, None), edge, "absorb")
                work.rewrite(succession_version, uuid4(), (), timeline)
                return work.number
        except (LaterActExists, NotInForce):
            return None


@dataclass
class Reading:
    """What lies in a scope on a day, found by walking rows one at a time."""

    rows: dict[str, list[RowMapping]]
    view: FeedView
    day: date
    roots: frozenset[UUID]

    @classmethod
    def on(cls, connection: Connection, view: FeedView, known: int, day: date) -> "Reading":
        rows = {
            str(table.name): [
                row
                for row in connection.execute(
                    select(table).where(
                        known_at(table, known)
                        if table in VERSION_TABLES
                        else table.c.recorded_from <= known
                    )
                ).mappings()
                if table in IDENTITY_TABLES or day in to_period(row["valid"])
            ]
            for table in LOGGED_TABLES
        }
        roots = () if view.within is None else roots_of(connection, view.within, known)
        return cls(rows, view, day, frozenset(r.division_id for r in roots if day in r.days))

    def shown(self) -> set[tuple[str, int]]:
        """(table, version_id) of every row the scope shows on the day, edges aside."""
        inside, around = self._divisions()
        doors = [row for row in self.rows["address_version"] if row["division_id"] in inside]
        objects = self._objects({row["address_id"] for row in doors})
        places = {
            row["named_place_id"]
            for row in self.rows["place_extent_version"]
            if row["division_id"] in inside
        } | {row["carrier_id"] for row in doors}
        if self.view.within is None:
            objects = {row["object_id"] for row in self.rows["addressable_object"]}
            places = {row["named_place_id"] for row in self.rows["named_place"]}
        if self.view.kinds:
            inside &= {
                row["division_id"]
                for row in self.rows["division_version"]
                if self._asked(row["kind"])
            }
            around = inside
            places &= {
                row["named_place_id"]
                for row in self.rows["named_place"]
                if self._asked(row["category"])
            }
            of_kind = {
                row["object_id"]
                for row in self.rows["addressable_object"]
                if self._asked(row["kind"])
            }
            objects &= of_kind
            held = {
                row["address_id"] for row in self.rows["address"] if row["object_id"] in of_kind
            }
            doors = [row for row in doors if row["address_id"] in held]
        owners: list[tuple[str, str, set[UUID]]] = [
            ("division_version", "division_id", around),
            ("division_code_version", "division_id", around),
            ("territory_version", "division_id", inside),
            ("dual_name_version", "division_id", inside),
            ("place_extent_version", "named_place_id", places),
            ("place_name_version", "named_place_id", places),
            ("position_version", "object_id", objects),
        ]
        found = {("address_version", row["version_id"]) for row in doors}
        for table, owner, held in owners:
            found |= {(table, r["version_id"]) for r in self.rows[table] if r[owner] in held}
        return found

    def _asked(self, kind: str) -> bool:
        return kind in self.view.kinds

    def _divisions(self) -> tuple[set[UUID], set[UUID]]:
        parents = {row["division_id"]: row["parent_id"] for row in self.rows["division_version"]}
        if self.view.within is None:
            everything = {row["division_id"] for row in self.rows["division"]}
            return everything, everything
        inside = {
            one for one in {*parents, *self.roots} if set(_up(one, parents)) & set(self.roots)
        }
        above = {up for root in self.roots for up in _up(root, parents)}
        return inside, inside | above

    def _objects(self, doors: set[UUID]) -> set[UUID]:
        parents = {r["object_id"]: r["parent_id"] for r in self.rows["addressable_object"]}
        holders = {r["object_id"] for r in self.rows["address"] if r["address_id"] in doors}
        return {up for holder in holders for up in _up(holder, parents)}


def _up(one: UUID | None, parents: dict[UUID, UUID | None]) -> Iterator[UUID]:
    while one is not None:
        yield one
        one = parents.get(one)


def days_of(within: str) -> list[Period]:
    """The days of a multirange as PostgreSQL writes it."""
    inner = within.strip("{}")
    periods = []
    for piece in inner.replace("),", ")|").split("|"):
        first, last = piece[1:-1].split(",")
        start = date.fromisoformat(first) if first else None
        periods.append(Period(start, date.fromisoformat(last) if last else None))
    return periods


def shown_on(rows: list[ScopedRow], day: date) -> set[tuple[str, int]]:
    """The same as `Reading.shown`, from the answer of the function."""
    return {
        (row.table, row.version_id)
        for row in rows
        if row.version_id is not None
        and row.within is not None
        and row.table != "succession_version"
        and any(day in period for period in days_of(row.within))
    }


def dangling(connection: Connection, rows: list[ScopedRow]) -> set[tuple[str, str, UUID]]:
    """References of shown rows to identities that are not shown."""
    held = {row.key for row in rows if row.version_id is None}
    missing = set()
    for table in LOGGED_TABLES:
        names = {row.version_id or row.key for row in rows if row.table == table.name}
        by = table.c.version_id if table in VERSION_TABLES else table.c[table.info["key"]]
        for row in connection.execute(select(table).where(by.in_(names))).mappings():
            for column in table.columns:
                if column.foreign_keys and row[column.name] not in (None, *held):
                    missing.add((str(table.name), column.name, row[column.name]))
    return missing
