"""Reading what is drawn of a day, all of it or what a few changes touched, and keeping it in step."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from geoalchemy2.functions import ST_AsBinary
from shapely import from_wkb
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    LargeBinary,
    and_,
    case,
    func,
    or_,
    select,
    true,
)

from registry.changes.period import AsOf
from registry.changes.rows import key_array, seen_at
from registry.divisions.model import STATUTORY, DivisionKind
from registry.divisions.tables import division, division_version, territory_version
from registry.names.tables import named_place, place_extent_version, place_name_version
from registry.search.landscape import Course, Landscape, Territory
from registry.search.nearby_reads import BY_CODE_POINT, is_course

DRAWN = (
    (territory_version, territory_version.c.division_id),
    (division_version, division_version.c.division_id),
    (place_extent_version, place_extent_version.c.named_place_id),
    (place_name_version, place_name_version.c.named_place_id),
)
"""Tables a landscape is made from, with the identity their rows speak of."""
Only = Collection[UUID] | None


class LandscapeAtHand:
    """What is drawn, as known after the latest change it was brought up to."""

    def __init__(self) -> None:
        self._newest: tuple[AsOf, Landscape] | None = None

    def at(self, at: AsOf) -> Landscape | None:
        """The landscape of a point in time, if it is at hand."""
        newest = self._newest
        return newest[1] if newest is not None and newest[0] == at else None

    def reach(self, connection: Connection, at: AsOf) -> Landscape:
        """Bring the landscape to a point in time."""
        newest = self._newest
        if newest is None or newest[0].valid_on != at.valid_on or newest[0].known > at.known:
            found = Landscape(_territories(connection, at), _courses(connection, at))
        else:
            before, found = newest
            ids = _touched(connection, before.known, at.known)
            if ids:
                found = found.changed(
                    ids, _territories(connection, at, ids), _courses(connection, at, ids)
                )
        self._newest = at, found
        return found


def _touched(connection: Connection, after: int, until: int) -> set[UUID]:
    if after == until:
        return set()
    found: set[UUID] = set()
    for table, key in DRAWN:
        written = or_(
            table.c.recorded_from.between(after + 1, until),
            table.c.recorded_to.between(after + 1, until),
        )
        found.update(connection.scalars(select(key).where(written).distinct()))
    return found


def _among(key: Column[Any], only: Only) -> ColumnElement[bool]:
    return true() if only is None else key == func.any(key_array(only))


def _territories(connection: Connection, at: AsOf, only: Only = None) -> dict[UUID, Territory]:
    version, territory = division_version, territory_version
    rows = connection.execute(
        select(
            territory.c.division_id,
            version.c.kind,
            territory.c.basis,
            ST_AsBinary(territory.c.territory, type_=LargeBinary),
        )
        .select_from(
            territory.join(version, version.c.division_id == territory.c.division_id).join(
                division, division.c.division_id == territory.c.division_id
            )
        )
        .where(
            division.c.layer == STATUTORY,
            seen_at(territory, at),
            seen_at(version, at),
            _among(territory.c.division_id, only),
        )
    ).all()
    shapes = from_wkb([bytes(row[3]) for row in rows])
    return {
        row[0]: Territory(DivisionKind(row[1]).level, row[0], row[2], shape)
        for row, shape in zip(rows, shapes, strict=True)
    }


def _courses(connection: Connection, at: AsOf, only: Only = None) -> dict[UUID, Course]:
    extent, place, name = place_extent_version, named_place, place_name_version
    named = case((place.c.category == "thoroughfare", name.c.text))
    rows = connection.execute(
        select(extent.c.named_place_id, named, ST_AsBinary(extent.c.extent, type_=LargeBinary))
        .select_from(
            extent.join(place, place.c.named_place_id == extent.c.named_place_id).outerjoin(
                name,
                and_(
                    name.c.named_place_id == extent.c.named_place_id,
                    name.c.status == "standard",
                    seen_at(name, at),
                ),
            )
        )
        .where(is_course(extent), seen_at(extent, at), _among(extent.c.named_place_id, only))
        # Of two standard names the first is kept, as it is when the database is asked.
        .order_by(name.c.text.collate(BY_CODE_POINT).desc())
    ).all()
    shapes = from_wkb([bytes(row[2]) for row in rows])
    return {row[0]: Course(row[0], row[1], shape) for row, shape in zip(rows, shapes, strict=True)}
