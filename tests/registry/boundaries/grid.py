"""The grid city with doors, a street and a marker's worth of edges to move."""

from collections.abc import Callable
from uuid import UUID

import numpy as np
import shapely
from shapely.geometry import LineString, MultiPolygon, box
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Engine

from geo.coverage.areas import areal
from registry.boundaries import commands, enactment
from registry.boundaries.model import Asked, BoundaryUpdate, Reason
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.changes.work import Work
from registry.divisions.store import DivisionStore
from registry.log.sealing import seal
from tests.builder import TODAY, RegistryBuilder
from tests.grid_city import village

SURVEYOR, OTHER, REVIEWER = "surveyor", "other-surveyor", "reviewer"
WEST, EAST = village(0, 0), village(0, 1)
"""Two villages of the southernmost town that share the edge at 118.01."""
NORTH = village(1, 0)
"""Of the next town, north of the first."""


def territory(connection: Connection, made: RegistryBuilder, code: str) -> MultiPolygon:
    at = ChangeStore(connection).as_of(TODAY)
    found = DivisionStore(connection).territory(made.ids[code], at)
    assert found is not None
    return found.territory


def giving(
    connection: Connection, made: RegistryBuilder, giver: str, taker: str, ground: BaseGeometry
) -> dict[UUID, BaseGeometry]:
    """Some ground of one division given to another, both drawn anew and noded alike."""
    old, new = territory(connection, made, giver), territory(connection, made, taker)
    common = shapely.intersection(old, ground)
    return {
        made.ids[giver]: areal(shapely.difference(old, ground)),
        made.ids[taker]: areal(shapely.union(new, common)),
    }


def strip(width_deg: float = 0.001) -> BaseGeometry:
    """Along the east edge of the western village, from its south to its north."""
    return box(118.01 - width_deg, 23.9, 118.01, 24.01)


def bent(
    connection: Connection, made: RegistryBuilder, at_lat: float, by_deg: float = 0.001
) -> dict[UUID, BaseGeometry]:
    """The edge between west and east bent westwards at one place: both sides drawn."""
    nose = shapely.Polygon(
        [(118.01, at_lat - 0.001), (118.01 - by_deg, at_lat), (118.01, at_lat + 0.001)]
    )
    return giving(connection, made, WEST, EAST, nose)


def asked(reason: Reason = Reason.REDIGITISATION, author: str = SURVEYOR, **more: object) -> Asked:
    values: dict[str, object] = {"title": "界线测量", "reason": reason, "author": author}
    return Asked(**{**values, "effective_on": TODAY, **more})  # type: ignore[arg-type] # by name


def filed(
    engine: Engine,
    draw: Callable[[Connection], dict[UUID, BaseGeometry]],
    given: Asked | None = None,
) -> BoundaryUpdate:
    with engine.connect() as connection:
        made = commands.file(connection, given or asked(), draw(connection))
        connection.commit()
    return made


def approved(engine: Engine, update: BoundaryUpdate) -> BoundaryUpdate:
    with engine.connect() as connection:
        commands.submit(connection, update.update_id, who=update.author)
        found = commands.approve(connection, update.update_id, who=REVIEWER)
        connection.commit()
    return found


def committed(engine: Engine, update: BoundaryUpdate) -> BoundaryUpdate:
    with engine.connect() as connection:
        work = Work(connection, enactment.intent_of(update, who=REVIEWER))
        found = enactment.commit(work, update.update_id, who=REVIEWER)
        seal(work)
        connection.commit()
    return found


def home_of(connection: Connection, code: str) -> UUID:
    from registry.addresses.store import AddressStore

    at: AsOf = ChangeStore(connection).as_of(TODAY)
    found = AddressStore(connection).get(code, at)
    return found.chain[0].division_id


def crossing_line() -> LineString:
    return LineString([(118.0092, 24.005), (118.0097, 24.0052)])


def corners(geometry: BaseGeometry) -> set[tuple[float, ...]]:
    return {tuple(one) for one in np.round(shapely.get_coordinates(geometry), 9).tolist()}
