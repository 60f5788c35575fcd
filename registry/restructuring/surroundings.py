"""SQL of what lies around a plan: streets and areas, doors, codes ever used, codes reserved."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import ColumnElement, Connection, delete, func, insert, literal, or_, select, union
from sqlalchemy.dialects.postgresql import DATERANGE

from registry.addresses.reading import with_position
from registry.addresses.tables import address, address_version, addressable_object
from registry.changes.period import AsOf, Period
from registry.changes.rows import history_of, seen_at, timelines, to_range
from registry.changes.timeline import Timeline, at
from registry.divisions.tables import division_code_version
from registry.names.tables import named_place, place_extent_version, place_name_version
from registry.restructuring.doors import Doors
from registry.restructuring.ledger import Place
from registry.restructuring.paper import Paper
from registry.restructuring.references import asks_for_codes, given_codes
from registry.restructuring.tables import code_reservation, restructuring

OPEN = ("draft", "submitted", "approved", "scheduled", "held")
"""States of a restructuring in which it keeps the codes it has reserved."""
PREFECTURE_DIGITS = 4
ONE_AT_A_TIME = 10114
"""Advisory lock under which free codes are looked for and kept; after GB/T 10114."""
STANDARD = "standard"


class Surroundings:
    """Reads around a plan, inside the caller's transaction."""

    def __init__(self, connection: Connection, here: AsOf, known: int | None) -> None:
        """`known`: what was known after that change; None: now."""
        self._connection = connection
        self._here = here
        self._known = known

    def meant(self, references: Collection[str]) -> set[UUID]:
        """Streets and areas by id or by the standard name they bear on the day."""
        if not references:
            return set()
        name = place_name_version
        ids = [one for one in map(_as_uuid, references) if one is not None]
        found = self._connection.scalars(
            select(name.c.named_place_id).where(
                or_(name.c.text.in_(list(references)), name.c.named_place_id.in_(ids)),
                name.c.status == STANDARD,
                seen_at(name, self._here),
            )
        )
        return set(found)

    def homes(self, places: Collection[UUID]) -> set[UUID]:
        """Divisions that streets and areas lie in, by their extents and doors."""
        if not places:
            return set()
        extent, version = place_extent_version.c, address_version.c
        rows = self._connection.execute(
            self._where(extent.named_place_id.in_(places), version.carrier_id.in_(places))
        )
        return {row.division_id for row in rows}

    def places(
        self, division_ids: Collection[UUID], wanted: Collection[UUID] = ()
    ) -> dict[UUID, Place]:
        """Streets and areas with extents or doors in these divisions; and those wanted."""
        extent, version = place_extent_version.c, address_version.c
        ids = list(division_ids)
        rows = self._connection.execute(
            self._where(extent.division_id.in_(ids), version.division_id.in_(ids))
        )
        where: dict[UUID, set[UUID]] = {one: set() for one in wanted}
        for place, unit in rows:
            where.setdefault(place, set()).add(unit)
        return self._named(where)

    def _where(self, lies: ColumnElement[bool], bears: ColumnElement[bool]) -> Any:
        """Which places lie in which divisions: by an extent, or by a door they bear."""
        extent, version = place_extent_version, address_version
        return union(
            select(extent.c.named_place_id, extent.c.division_id).where(
                lies, extent.c.division_id.is_not(None), seen_at(extent, self._here)
            ),
            select(version.c.carrier_id, version.c.division_id).where(
                bears, version.c.carrier_id.is_not(None), seen_at(version, self._here)
            ),
        )

    def doors(self, division_ids: Collection[UUID]) -> dict[UUID, Doors]:
        """Addresses of these divisions that hold on the day or later, in the order of codes."""
        if not division_ids:
            return {}
        version = address_version
        since = literal(to_range(Period.since(self._here.valid_on)), DATERANGE)
        base = address.join(version, version.c.address_id == address.c.address_id).join(
            addressable_object, addressable_object.c.object_id == address.c.object_id
        )
        joined, spot = with_position(base, address.c.object_id, addressable_object.c.parent_id)
        rows = self._connection.execute(
            select(
                version.c.division_id,
                address.c.code,
                address.c.address_id,
                version.c.carrier_id,
                spot[0],
                spot[1],
            )
            .select_from(joined)
            .where(
                version.c.division_id.in_(list(division_ids)),
                history_of(version, self._here.known),
                version.c.valid.op("&&")(since),
            )
            .order_by(version.c.division_id, address.c.code, version.c.valid),
            {"on": self._here.valid_on, "known": self._here.known},
        ).all()
        found: dict[UUID, list[Any]] = {one: [] for one in division_ids}
        for row in rows:
            mine = found[row[0]]
            # An address may have versions that begin after the day; it is one door all the same.
            if not mine or mine[-1][1] != row[1]:
                mine.append(row)
        return {unit: _to_doors(mine) for unit, mine in found.items()}

    def used_codes(self, paper: Paper, codes: Mapping[UUID, Timeline]) -> frozenset[str]:
        """Every code ever recorded, believed or not, in the cities a paper gives codes in."""
        given = given_codes(paper)
        if not given and not asks_for_codes(paper):
            return frozenset()
        near = {
            str(version.value("code"))[:PREFECTURE_DIGITS]
            for timeline in codes.values()
            for version in timeline
            if version.value("scheme") == paper.code_scheme
        }
        prefixes = sorted({*near, *(code[:PREFECTURE_DIGITS] for code in given)})
        if not prefixes:
            return frozenset()
        table = division_code_version
        limits = [] if self._known is None else [table.c.recorded_from <= self._known]
        found = self._connection.scalars(
            select(table.c.code)
            .where(
                table.c.scheme == paper.code_scheme,
                or_(*(table.c.code.startswith(one, autoescape=True) for one in prefixes)),
                *limits,
            )
            .distinct()
        )
        return frozenset(found)

    def reserved(self, paper: Paper) -> dict[str, UUID]:
        """Codes open plans have reserved; of two that hold one code, the earlier has it."""
        kept, filed = code_reservation, restructuring
        rows = self._connection.execute(
            select(kept.c.code, kept.c.division_id)
            .join(filed, filed.c.restructuring_id == kept.c.restructuring_id)
            .where(kept.c.scheme == paper.code_scheme, filed.c.state.in_(OPEN))
            .order_by(kept.c.reserved_at.desc(), kept.c.restructuring_id)
        )
        return {row.code: row.division_id for row in rows}

    def _named(self, where: Mapping[UUID, set[UUID]]) -> dict[UUID, Place]:
        if not where:
            return {}
        names = timelines(
            self._connection,
            place_name_version,
            place_name_version.c.named_place_id.in_(list(where)),
            self._known,
        )
        rows = self._connection.execute(
            select(named_place.c.named_place_id, named_place.c.category).where(
                named_place.c.named_place_id.in_(list(where))
            )
        )
        category = {row.named_place_id: row.category for row in rows}
        found: dict[UUID, Place] = {}
        for name_id, timeline in names.items():
            current = at(timeline, self._here.valid_on)
            if current is None or current.value("status") != STANDARD:
                continue
            place = current.value("named_place_id")
            found[place] = Place(place, category[place], name_id, timeline, frozenset(where[place]))
        return dict(sorted(found.items(), key=lambda item: item[0].bytes))


def queue_for_codes(connection: Connection) -> None:
    """Wait until nobody else is looking for free codes; nobody else will until we have ended."""
    connection.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))


def release(connection: Connection, restructuring_id: UUID) -> None:
    """Keep no codes for a restructuring."""
    kept = code_reservation
    connection.execute(delete(kept).where(kept.c.restructuring_id == restructuring_id))


def reserve(
    connection: Connection, restructuring_id: UUID, scheme: str, codes: Mapping[UUID, str]
) -> None:
    """Keep exactly these codes for a restructuring."""
    release(connection, restructuring_id)
    if codes:
        connection.execute(
            insert(code_reservation),
            [
                {
                    "restructuring_id": restructuring_id,
                    "division_id": unit,
                    "scheme": scheme,
                    "code": code,
                }
                for unit, code in codes.items()
            ],
        )


def _to_doors(rows: list[Any]) -> Doors:
    positions = np.array(
        [(np.nan, np.nan) if row[4] is None else (row[4], row[5]) for row in rows],
        dtype=np.float64,
    ).reshape(len(rows), 2)
    return Doors(
        ids=tuple(row[2] for row in rows),
        codes=tuple(row[1] for row in rows),
        carriers=tuple(row[3] for row in rows),
        positions=positions,
    )


def _as_uuid(reference: str) -> UUID | None:
    try:
        return UUID(reference)
    except ValueError:
        return None
