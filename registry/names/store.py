"""All SQL of named places (地理实体) and their names (地名)."""

from geoalchemy2.shape import from_shape, to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, select

from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.names.model import PlaceExtent
from registry.names.tables import named_place, place_extent_version, place_name_version

CRS = 4490
STANDARD = "standard"


class NameStore:
    """Named places inside the caller's transaction; this class never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def extents_in(
        self, place: BaseGeometry, at: AsOf, *, category: str = "thoroughfare", limit: int = 400
    ) -> list[PlaceExtent]:
        """Named places whose box meets that of a place (EPSG:4490), by name."""
        extent, name = place_extent_version, place_name_version
        rows = self._connection.execute(
            select(
                extent.c.named_place_id,
                named_place.c.category,
                name.c.text,
                extent.c.extent,
                extent.c.basis,
            )
            .join(named_place, named_place.c.named_place_id == extent.c.named_place_id)
            .join(name, name.c.named_place_id == extent.c.named_place_id)
            .where(
                extent.c.extent.op("&&")(from_shape(place, srid=CRS)),
                named_place.c.category == category,
                name.c.status == STANDARD,
                seen_at(extent, at),
                seen_at(name, at),
            )
            .order_by(name.c.text, extent.c.named_place_id)
            .limit(limit)
        )
        return [
            PlaceExtent(row.named_place_id, row.category, row.text, to_shape(row.extent), row.basis)
            for row in rows
        ]
