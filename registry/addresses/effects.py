"""What a change did to the texts of addresses (地址文本影响): who reads otherwise now, and how.

A town that becomes a subdistrict rewrites no address and renames every one of them. This lists
them: every address whose composed text differs, on any day, between what was known before the
change and after it. Chains of divisions and names of carriers are worked out once for all the
addresses that share them.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    func,
    or_,
    select,
    true,
    union,
)

from registry.addresses.history import chain_at
from registry.addresses.tables import address, address_version
from registry.addresses.text import AddressParts, Profile, compose
from registry.changes.period import Period
from registry.changes.rows import history_of, timelines
from registry.changes.timeline import Timeline, Version, at
from registry.divisions.chain import Chain
from registry.divisions.tables import division_version
from registry.names.model import written_with
from registry.names.tables import place_name_version

PAGE = 2000
STANDARD = "standard"
PARTS = ("number", "sub_number", "building", "unit", "floor", "room")


class TextStretch(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """Days on which an address reads the same; half-open, null is open."""

    text: str
    legal: str
    from_: date | None
    to: date | None


class AddressEffect(msgspec.Struct, frozen=True):
    """An address that reads otherwise: the days that differ, as they were known and as they are."""

    address_id: UUID
    code: str
    before: tuple[TextStretch, ...]
    after: tuple[TextStretch, ...]


def affected_addresses(
    connection: Connection, number: int, *, within_divisions: Collection[UUID] | None = None
) -> Iterator[AddressEffect]:
    """Addresses whose text change `number` changed on any day, by code, a page at a time.

    Args:
        within_divisions: only addresses that lay in one of these, or below, on any day.
    """
    sides = tuple(_Side(connection, known) for known in (number - 1, number))
    candidates = _candidates(number, within_divisions)
    last = ""
    while True:
        rows = connection.execute(
            select(address.c.address_id, address.c.code)
            .where(address.c.address_id.in_(candidates), address.c.code > last)
            .order_by(address.c.code)
            .limit(PAGE)
        ).all()
        if not rows:
            return
        ids = [row.address_id for row in rows]
        before, after = (side.versions(ids) for side in sides)
        for row in rows:
            effect = _effect(row, sides, before.get(row.address_id), after.get(row.address_id))
            if effect is not None:
                yield effect
        last = rows[-1].code


def affected_count(connection: Connection, number: int) -> int:
    """At most so many addresses read otherwise: those a change can reach."""
    reached = _candidates(number, None).subquery()
    return connection.scalar(select(func.count()).select_from(reached)) or 0


@dataclass(frozen=True, slots=True)
class _Setting:
    """A stretch of days with what surrounds an address on them."""

    valid: Period
    carrier: str | None
    chain: Chain
    written_with: int | None = None


@dataclass(frozen=True, slots=True)
class _Text:
    valid: Period
    full: str
    legal: str


class _Side:
    """What was known after one change, read as it is needed and kept."""

    def __init__(self, connection: Connection, known: int) -> None:
        self._connection = connection
        self._known = known
        self._divisions: dict[UUID, Timeline] = {}
        self._carriers: dict[UUID, Timeline] = {}
        self._settings: dict[tuple[UUID, UUID | None, Period], tuple[_Setting, ...]] = {}

    def versions(self, ids: Sequence[UUID]) -> dict[UUID, Timeline]:
        """The timelines of addresses, with all that their texts need."""
        found = self._read(address_version, address_version.c.address_id.in_(ids))
        versions = [version for timeline in found.values() for version in timeline]
        self._learn_divisions({version.value("division_id") for version in versions})
        self._learn_carriers({version.value("carrier_id") for version in versions} - {None})
        return found

    def texts(self, timeline: Timeline) -> list[_Text]:
        """What an address reads, stretch by stretch."""
        return [
            _Text(
                setting.valid,
                compose(parts, setting.carrier, setting.chain, Profile.FULL),
                compose(
                    parts,
                    setting.carrier,
                    setting.chain,
                    Profile.LEGAL,
                    written_with=setting.written_with,
                ),
            )
            for version in timeline
            for parts in [AddressParts(**{name: version.value(name) for name in PARTS})]
            for setting in self.settings(version)
        ]

    def settings(self, version: Version) -> tuple[_Setting, ...]:
        """What surrounds an address while a version of it holds."""
        division_id, carrier_id = version.value("division_id"), version.value("carrier_id")
        key = division_id, carrier_id, version.valid
        found = self._settings.get(key)
        if found is None:
            found = self._settings[key] = tuple(
                self._work_out(division_id, carrier_id, version.valid)
            )
        return found

    def _work_out(
        self, division_id: UUID, carrier_id: UUID | None, valid: Period
    ) -> Iterator[_Setting]:
        names = self._carriers.get(carrier_id, ()) if carrier_id else ()
        above = [self._divisions[one] for one in self._above(division_id)]
        days = {
            day
            for version in (version for timeline in (names, *above) for version in timeline)
            for day in (version.valid.start, version.valid.end)
            if day is not None
        }
        for start, end in pairwise([None, *sorted(days), None]):
            shared = Period(start, end).intersection(valid)
            if shared is not None:
                day = shared.start or date.min
                name = at(names, day)
                chain = chain_at(self._divisions, division_id, day)
                if name is None:
                    yield _Setting(shared, None, chain)
                else:
                    level = written_with(name.value("language"))
                    yield _Setting(shared, str(name.value("text")), chain, level)

    def _above(self, division_id: UUID) -> set[UUID]:
        found: set[UUID] = set()
        frontier = {division_id}
        while frontier:
            found |= frontier
            versions = [v for one in frontier for v in self._divisions.get(one, ())]
            frontier = {v.value("parent_id") for v in versions} - found - {None}
        return {one for one in found if one in self._divisions}

    def _learn_divisions(self, wanted: set[UUID]) -> None:
        while missing := wanted - self._divisions.keys():
            known = self._read(division_version, division_version.c.division_id.in_(missing))
            self._divisions |= dict.fromkeys(missing, ()) | known
            wanted = {v.value("parent_id") for line in known.values() for v in line} - {None}

    def _learn_carriers(self, wanted: set[UUID]) -> None:
        missing = wanted - self._carriers.keys()
        if not missing:
            return
        table = place_name_version
        found = self._read(
            table, table.c.named_place_id.in_(missing) & (table.c.status == STANDARD)
        )
        self._carriers |= dict.fromkeys(missing, ())
        for timeline in found.values():
            place = timeline[0].value("named_place_id")
            both = (*self._carriers[place], *timeline)
            self._carriers[place] = tuple(sorted(both, key=lambda one: one.valid.sort_key))

    def _read(self, table: Table, condition: ColumnElement[bool]) -> dict[UUID, Timeline]:
        return timelines(self._connection, table, condition, self._known)


def _effect(
    row: Any, sides: Sequence[_Side], before: Timeline | None, after: Timeline | None
) -> AddressEffect | None:
    old, new = sides
    if before and after and _same(before, after) and _unmoved(before, old, new):
        return None
    was = old.texts(before or ())
    reads = new.texts(after or ())
    days = {
        day
        for text in (*was, *reads)
        for day in (text.valid.start, text.valid.end)
        if day is not None
    }
    gone: list[TextStretch] = []
    come: list[TextStretch] = []
    for start, end in pairwise([None, *sorted(days), None]):
        one, other = (_on(texts, start or date.min) for texts in (was, reads))
        if (one and (one.full, one.legal)) != (other and (other.full, other.legal)):
            _add(gone, one, start, end)
            _add(come, other, start, end)
    if not gone and not come:
        return None
    return AddressEffect(row.address_id, row.code, tuple(gone), tuple(come))


def _same(before: Timeline, after: Timeline) -> bool:
    return [one.version_id for one in before] == [one.version_id for one in after]


def _unmoved(timeline: Timeline, old: _Side, new: _Side) -> bool:
    return all(old.settings(one) == new.settings(one) for one in timeline)


def _on(texts: Sequence[_Text], day: date) -> _Text | None:
    return next((text for text in texts if day in text.valid), None)


def _add(
    stretches: list[TextStretch], text: _Text | None, start: date | None, end: date | None
) -> None:
    if text is None:
        return
    last = stretches[-1] if stretches else None
    if last is not None and (last.text, last.legal, last.to) == (text.full, text.legal, start):
        stretches[-1] = TextStretch(last.text, last.legal, last.from_, end)
    else:
        stretches.append(TextStretch(text.full, text.legal, start, end))


def _candidates(number: int, within: Collection[UUID] | None) -> Select[Any]:
    """Ids of the addresses a change can have reached."""
    version = address_version
    known = or_(history_of(version, number - 1), history_of(version, number))
    reached = union(
        select(version.c.address_id).where(_touched(version, number)),
        select(version.c.address_id).where(
            version.c.division_id.in_(_units_below(_moved(number), number)), known
        ),
        select(version.c.address_id).where(
            version.c.carrier_id.in_(
                select(place_name_version.c.named_place_id).where(
                    _touched(place_name_version, number)
                )
            ),
            known,
        ),
    ).subquery()
    inside: ColumnElement[bool] = true()
    if within is not None:
        inside = reached.c.address_id.in_(
            select(version.c.address_id).where(
                version.c.division_id.in_(_units_below(list(within), number)), known
            )
        )
    return select(reached.c.address_id).where(inside)


def _moved(number: int) -> Select[Any]:
    return select(division_version.c.division_id).where(_touched(division_version, number))


def _units_below(tops: Select[Any] | list[UUID], number: int) -> Select[Any]:
    """Divisions, and all that lay below them on any day, as known before or after the change."""
    version = division_version
    top = select(version.c.division_id).where(version.c.division_id.in_(tops)).distinct()
    below = top.cte("units_below", recursive=True)
    below = below.union(
        select(version.c.division_id)
        .join(below, version.c.parent_id == below.c.division_id)
        .where(or_(history_of(version, number - 1), history_of(version, number)))
    )
    return select(below.c.division_id)


def _touched(table: Table, number: int) -> ColumnElement[bool]:
    return or_(table.c.recorded_from == number, table.c.recorded_to == number)
