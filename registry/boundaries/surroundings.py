"""SQL of what lies around an update: units of a level and their territories, doors, named places."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import shapely
from geoalchemy2.shape import from_shape
from shapely.geometry import MultiPolygon, Point
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, func, or_, select

from geo.coverage.model import metres_to_degrees
from registry.addresses.tables import address, address_version, position_version
from registry.changes.period import AsOf
from registry.changes.rows import plain, seen_at
from registry.divisions.model import LAYERS_OF_THE_STATE, LEVELS, STATISTICAL, DivisionKind
from registry.divisions.tables import (
    division,
    division_code_version,
    division_version,
    territory_version,
)
from registry.lines.model import OFF_LINE_M, BoundaryMarker
from registry.lines.store import LineStore
from registry.lines.tables import boundary_marker_version
from registry.names.store import STANDARD
from registry.names.tables import named_place, place_extent_version, place_name_version

CRS = 4490


@dataclass(frozen=True, slots=True)
class Unit:
    """A division in force around an update."""

    division_id: UUID
    name: str
    code: str | None
    level: int
    parent_id: UUID | None
    seat: Point | None
    layer: str


@dataclass(frozen=True, slots=True)
class StandingDoor:
    """A door of a division, and where it stands."""

    address_id: UUID
    code: str
    division_id: UUID
    position: Point


@dataclass(frozen=True, slots=True)
class LyingPlace:
    """A named place of a division, and what ground it takes."""

    named_place_id: UUID
    name: str
    category: str
    division_id: UUID
    extent: BaseGeometry


class Surroundings:
    """Reads around an update at one point of both clocks."""

    def __init__(self, connection: Connection, at: AsOf) -> None:
        self._connection = connection
        self.at = at

    def units(self, division_ids: Collection[UUID]) -> dict[UUID, Unit]:
        """Divisions in force, by id."""
        return self._units(division_version.c.division_id.in_(list(division_ids)))

    def children(self, division_ids: Collection[UUID]) -> dict[UUID, Unit]:
        """Members of divisions, in the tree of the state."""
        return self._units(
            division_version.c.parent_id.in_(list(division_ids)),
            division.c.layer.in_(sorted(LAYERS_OF_THE_STATE)),
        )

    def neighbours(self, ground: BaseGeometry, level: int) -> dict[UUID, Unit]:
        """Divisions of a level whose territory meets some ground (EPSG:4490)."""
        kinds = [kind.value for kind, one in LEVELS.items() if one == level]
        meeting = select(territory_version.c.division_id).where(
            func.ST_Intersects(territory_version.c.territory, from_shape(ground, srid=CRS)),
            seen_at(territory_version, self.at),
        )
        return self._units(
            division_version.c.kind.in_(kinds),
            division_version.c.division_id.in_(meeting),
            division.c.layer.in_(sorted(LAYERS_OF_THE_STATE)),
        )

    def territories(self, division_ids: Collection[UUID]) -> dict[UUID, MultiPolygon]:
        """Territories by division; divisions without one are left out."""
        rows = self._connection.execute(
            select(territory_version.c.division_id, territory_version.c.territory).where(
                territory_version.c.division_id.in_(list(division_ids)),
                seen_at(territory_version, self.at),
            )
        )
        return {division_id: plain(territory) for division_id, territory in rows}

    def moved_since(self, division_ids: Collection[UUID], based_on: int) -> dict[UUID, int]:
        """Divisions whose territory, name or parent was written after a change: the last change."""
        found: dict[UUID, int] = {}
        for table in (territory_version, division_version):
            rows = self._connection.execute(
                select(
                    table.c.division_id,
                    func.max(func.greatest(table.c.recorded_from, table.c.recorded_to)),
                )
                .where(
                    table.c.division_id.in_(list(division_ids)),
                    or_(table.c.recorded_from > based_on, table.c.recorded_to > based_on),
                )
                .group_by(table.c.division_id)
            )
            for division_id, number in rows:
                found[division_id] = max(number, found.get(division_id, 0))
        return found

    def doors(self, division_id: UUID, ground: BaseGeometry) -> list[StandingDoor]:
        """Doors of a division that stand on some ground, by code."""
        rows = self._connection.execute(
            select(
                address.c.address_id,
                address.c.code,
                address_version.c.division_id,
                position_version.c.position,
            )
            .join(address_version, address_version.c.address_id == address.c.address_id)
            .join(position_version, position_version.c.object_id == address.c.object_id)
            .where(
                address_version.c.division_id == division_id,
                func.ST_Intersects(position_version.c.position, from_shape(ground, srid=CRS)),
                seen_at(address_version, self.at),
                seen_at(position_version, self.at),
            )
            .order_by(address.c.code)
        )
        return [StandingDoor(row[0], row[1], row[2], plain(row[3])) for row in rows]

    def places(self, division_id: UUID, ground: BaseGeometry) -> list[LyingPlace]:
        """Named places of a division whose extent meets some ground, by name."""
        extent = place_extent_version
        return self._places(
            extent.c.division_id == division_id,
            func.ST_Intersects(extent.c.extent, from_shape(ground, srid=CRS)),
        )

    def markers(self, grounds: Iterable[BaseGeometry]) -> list[BoundaryMarker]:
        """Markers that stand on some ground, or within ten metres of it."""
        parts = list(grounds)
        if not parts:
            return []
        where = from_shape(shapely.union_all(parts), srid=CRS)
        near = func.ST_DWithin(boundary_marker_version.c.spot, where, metres_to_degrees(OFF_LINE_M))
        return LineStore(self._connection).markers(self.at, limit=None, only=[near])

    def _places(self, *conditions: ColumnElement[bool]) -> list[LyingPlace]:
        extent, name = place_extent_version, place_name_version
        rows = self._connection.execute(
            select(
                extent.c.named_place_id,
                name.c.text,
                named_place.c.category,
                extent.c.division_id,
                extent.c.extent,
            )
            .join(named_place, named_place.c.named_place_id == extent.c.named_place_id)
            .join(name, name.c.named_place_id == extent.c.named_place_id)
            .where(
                *conditions,
                name.c.status == STANDARD,
                seen_at(extent, self.at),
                seen_at(name, self.at),
            )
            .order_by(name.c.text, extent.c.named_place_id)
        )
        return [LyingPlace(row[0], row[1], row[2], row[3], plain(row[4])) for row in rows]

    def _units(self, *conditions: ColumnElement[bool]) -> dict[UUID, Unit]:
        rows = self._connection.execute(self._unit_lines().where(*conditions)).mappings()
        return {row["division_id"]: _to_unit(row) for row in rows}

    def _unit_lines(self) -> Select[Any]:
        codes = division_code_version
        return (
            select(
                division_version.c.division_id,
                division_version.c.name,
                division_version.c.kind,
                division_version.c.parent_id,
                division_version.c.seat,
                division.c.layer,
                codes.c.code,
            )
            .join(division, division.c.division_id == division_version.c.division_id)
            .outerjoin(
                codes,
                (codes.c.division_id == division_version.c.division_id)
                & (codes.c.scheme == STATISTICAL)
                & seen_at(codes, self.at),
            )
            .where(seen_at(division_version, self.at))
        )


def _to_unit(row: RowMapping) -> Unit:
    return Unit(
        division_id=row["division_id"],
        name=row["name"],
        code=row["code"],
        level=DivisionKind(row["kind"]).level,
        parent_id=row["parent_id"],
        seat=None if row["seat"] is None else plain(row["seat"]),
        layer=row["layer"],
    )
