"""All SQL of standard addresses (标准地址)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from geoalchemy2.functions import ST_MakeEnvelope
from sqlalchemy import CTE, ColumnElement, Connection, Select, func, select, union_all

from registry.addresses.dual import windows_at, with_duals
from registry.addresses.history import PARTS, Sources, TextPeriod, text_periods
from registry.addresses.model import (
    Address,
    AddressFilter,
    AddressHistory,
    AddressVersion,
    FormerText,
    LifecycleStage,
)
from registry.addresses.reading import (
    OBJECT_KINDS,
    STANDARD,
    addresses_by,
    divisions_of,
    to_addresses,
)
from registry.addresses.tables import (
    address,
    address_version,
    addressable_object,
    position_version,
)
from registry.addresses.text import AddressParts
from registry.changes.model import Change
from registry.changes.period import AsOf
from registry.changes.rows import history_of, last_believed, seen_at, to_version
from registry.changes.store import ChangeStore
from registry.changes.timeline import Timeline, Version
from registry.divisions.store import DivisionStore
from registry.divisions.tables import division_version
from registry.errors import AddressIsUnknown
from registry.hot import HotStatement, Row, run
from registry.names.tables import place_name_version

BY_CODE = addresses_by(address.c.code)
BY_ID = addresses_by(address.c.address_id)
CRS = 4490


class AddressStore:
    """Standard addresses inside the caller's transaction; this class never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, code: str, at: AsOf) -> Address:
        """One address by code; on a day it did not exist, its nearest version.

        Raises:
            AddressIsUnknown: no address known by then ever bore the code.
        """
        found = self.many([code], at)
        if found:
            return found[0]
        day = self._nearest_day(code, at)
        if day is None:
            # Every version was taken back: what was last believed of it still answers.
            return replace(self.get(code, self._before_annulment(code, at)), in_force=False)
        return self._read(BY_CODE, [code], AsOf(day, at.known), in_force=False)[0]

    def many(self, codes: Collection[str], at: AsOf) -> list[Address]:
        """Addresses in force by code, in the order of their codes."""
        return self._read(BY_CODE, list(codes), at)

    def by_ids(self, ids: Collection[UUID], at: AsOf) -> dict[UUID, Address]:
        """Addresses in force by id."""
        found = self._read(BY_ID, list(ids), at)
        return {one.address_id: one for one in found}

    def page(
        self,
        wanted: AddressFilter,
        at: AsOf,
        *,
        limit: int,
        after: str | None = None,
    ) -> list[Address]:
        """The next addresses in the order of their codes, after a code."""
        conditions = list(self._conditions(wanted, at))
        if after is not None:
            conditions.append(address.c.code > after)
        codes = self._connection.scalars(
            select(address.c.code)
            .join(address_version, address_version.c.address_id == address.c.address_id)
            .where(seen_at(address_version, at), *conditions)
            .order_by(address.c.code)
            .limit(limit)
        )
        return self.many(list(codes), at)

    def history(self, code: str, known: int) -> AddressHistory:
        """Every believed version, and every text the address ever bore.

        Raises:
            AddressIsUnknown: no address known by then ever bore the code.
        """
        address_id = self._connection.scalar(
            select(address.c.address_id).where(
                address.c.code == code, address.c.recorded_from <= known
            )
        )
        if address_id is None:
            raise AddressIsUnknown(code)
        sources = self._sources(address_id, known)
        periods = text_periods(sources)
        acts = ChangeStore(self._connection).many(
            sorted({period.begun_by for period in periods}), known
        )
        return AddressHistory(
            address_id,
            code,
            versions=tuple(map(_to_line, sources.address)),
            texts=tuple(_former(period, acts) for period in periods),
        )

    def _read(
        self, statement: Select[Any], keys: list[Any], at: AsOf, *, in_force: bool = True
    ) -> list[Address]:
        values = {"keys": keys, "on": at.valid_on, "known": at.known}
        rows = self._connection.execute(statement, values).all()
        divisions = DivisionStore(self._connection)
        chains = divisions.chains(divisions_of(rows), at) if rows else {}
        found = to_addresses(rows, chains, in_force=in_force)
        if not found:
            return []
        windows = windows_at(self._plainly, at)
        return with_duals(found, at, windows=windows, rows=self._plainly, chains=divisions.chains)

    def _plainly(self, statement: HotStatement, **values: object) -> list[Row]:
        """A hot statement on the driver's own connection, inside this transaction."""
        driver = self._connection.connection.driver_connection
        assert driver is not None
        return run(driver, statement, **values)

    def _before_annulment(self, code: str, at: AsOf) -> AsOf:
        address_id = self._connection.scalar(
            select(address.c.address_id).where(
                address.c.code == code, address.c.recorded_from <= at.known
            )
        )
        last = (
            None
            if address_id is None
            else last_believed(self._connection, address_version, address_id, at.known)
        )
        if last is None:
            raise AddressIsUnknown(code)
        return AsOf(at.valid_on, last)

    def _nearest_day(self, code: str, at: AsOf) -> date | None:
        """A day on which the address existed: its last before the day asked about, or its first;
        None when it is not believed to have existed at all."""
        spans = self._connection.execute(
            select(func.lower(address_version.c.valid), func.upper(address_version.c.valid))
            .join(address, address.c.address_id == address_version.c.address_id)
            .where(address.c.code == code, history_of(address_version, at.known))
            .order_by(address_version.c.valid)
        ).all()
        if not spans:
            return None
        ended = [end for _start, end in spans if end is not None and end <= at.valid_on]
        if ended:
            last: date = max(ended)
            return last - timedelta(days=1)
        first: date = spans[0][0]
        return first

    def _conditions(self, wanted: AddressFilter, at: AsOf) -> Sequence[ColumnElement[bool]]:
        version = address_version.c
        conditions: list[ColumnElement[bool]] = []
        if wanted.division_id is not None:
            conditions.append(version.division_id == wanted.division_id)
        if wanted.within is not None:
            conditions.append(version.division_id.in_(_inside(wanted.within, at)))
        if wanted.thoroughfare is not None:
            conditions.append(version.carrier_id.in_(_carriers(wanted.thoroughfare, at)))
        if wanted.number is not None:
            conditions.append(version.number == wanted.number)
        if wanted.stage is not None:
            conditions.append(version.stage == wanted.stage.value)
        if wanted.bbox is not None:
            inside = position_version.c.position.op("&&")(ST_MakeEnvelope(*wanted.bbox, CRS))
            conditions.append(address.c.object_id.in_(objects_where(inside, at)))
        return conditions

    def _sources(self, address_id: UUID, known: int) -> Sources:
        timelines = self._timelines(address_version, "address_id", [address_id], known)
        own = timelines.get(address_id, ())
        carriers = {v.value("carrier_id") for v in own} - {None}
        return Sources(
            address=own,
            carriers=self._carrier_names(carriers, known),
            divisions=self._divisions_above({v.value("division_id") for v in own}, known),
        )

    def _timelines(
        self, table: Any, key: str, ids: Collection[UUID], known: int
    ) -> dict[UUID, Timeline]:
        rows = self._connection.execute(
            select(table)
            .where(table.c[key].in_(list(ids)), history_of(table, known))
            .order_by(table.c.valid)
        ).mappings()
        found: dict[UUID, list[Version]] = {}
        for row in rows:
            found.setdefault(row[key], []).append(to_version(table, row))
        return {
            one: tuple(sorted(versions, key=lambda v: v.valid.sort_key))
            for one, versions in found.items()
        }

    def _carrier_names(self, ids: Collection[UUID], known: int) -> dict[UUID, Timeline]:
        named = self._timelines(place_name_version, "named_place_id", ids, known)
        return {
            one: tuple(v for v in timeline if v.value("status") == STANDARD)
            for one, timeline in named.items()
        }

    def _divisions_above(self, ids: set[UUID], known: int) -> dict[UUID, Timeline]:
        found: dict[UUID, Timeline] = {}
        wanted = ids
        while wanted:
            found |= self._timelines(division_version, "division_id", wanted, known)
            parents = {
                version.value("parent_id") for one in wanted for version in found.get(one, ())
            }
            wanted = parents - {None} - set(found)
        return found


def _inside(division_id: UUID, at: AsOf) -> Select[Any]:
    """Ids of a division and of all that lies in it."""
    tree = (
        select(division_version.c.division_id)
        .where(division_version.c.division_id == division_id)
        .limit(1)
        .cte("tree", recursive=True)
    )
    tree = tree.union(
        select(division_version.c.division_id)
        .join(tree, division_version.c.parent_id == tree.c.division_id)
        .where(seen_at(division_version, at))
    )
    return select(tree.c.division_id)


def _carriers(reference: str, at: AsOf) -> Select[Any]:
    """Ids of named places by id or by any name they had then."""
    names = place_name_version.c
    try:
        wanted: ColumnElement[bool] = names.named_place_id == UUID(reference)
    except ValueError:
        wanted = names.text == reference
    return select(names.named_place_id).where(wanted, seen_at(place_name_version, at))


def objects_where(condition: ColumnElement[bool], at: AsOf) -> Select[Any]:
    """Ids of objects whose position meets a condition: their own, or that of a larger object."""
    place = position_version
    found: CTE = select(place.c.object_id).where(condition, seen_at(place, at)).cte("placed_0")
    levels = [select(found.c.object_id)]
    # Written out level by level: of a recursion the planner expects far too much.
    for depth in range(1, len(OBJECT_KINDS)):
        part = addressable_object.alias(f"part_{depth}")
        own = select(place.c.object_id).where(
            place.c.object_id == part.c.object_id, seen_at(place, at)
        )
        found = (
            select(part.c.object_id)
            .join(found, part.c.parent_id == found.c.object_id)
            .where(~own.exists())
            .cte(f"placed_{depth}")
        )
        levels.append(select(found.c.object_id))
    inside = union_all(*levels).subquery("inside")
    return select(inside.c.object_id)


def _to_line(version: Version) -> AddressVersion:
    return AddressVersion(
        valid_from=version.valid.start,
        valid_to=version.valid.end,
        division_id=version.value("division_id"),
        carrier_id=version.value("carrier_id"),
        parts=AddressParts(**{name: version.value(name) for name in PARTS}),
        stage=LifecycleStage(version.value("stage")),
        cause=version.cause,
        change=version.begun_by or 0,
    )


def _former(period: TextPeriod, acts: Mapping[int, Change]) -> FormerText:
    act = acts[period.begun_by]
    return FormerText(
        text=period.text,
        legal=period.legal,
        valid_from=period.valid.start,
        valid_to=period.valid.end,
        change=period.begun_by,
        decree=act.decree,
        title=act.title,
    )
