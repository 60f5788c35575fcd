"""Keyed look-ups of doors (门牌): the database's part of geocoding, as hot reads."""

from collections.abc import Sequence
from typing import Any

from geoalchemy2.functions import ST_DistanceSphere, ST_MakePoint, ST_SetSRID
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Double,
    FromClause,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    select,
)

from geo.geocode.match import Door, DoorLookup
from registry.addresses.reading import ASKED, with_position
from registry.addresses.tables import (
    address,
    address_version,
    addressable_object,
    position_version,
)
from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.hot import HotStatement, Rows

CRS = 4490
MOST_DOORS = 50
AROUND = 40
"""Positions looked at around a point before they are put in order of metres."""
UNSPEAKABLE = ("proposed", "rejected")


def _speakable() -> ColumnElement[bool]:
    # One comparison a stage: an expanding IN list cannot be compiled once and for all.
    return and_(*(address_version.c.stage != stage for stage in UNSPEAKABLE))


class DoorSource:
    """Doors that stood on a day, as known after a change."""

    def __init__(self, rows: Rows, at: AsOf) -> None:
        self._rows = rows
        self._at = at

    def doors(self, lookup: DoorLookup) -> Sequence[Door]:
        """The doors whose components equal the lookup's, in the order of their codes."""
        if lookup.number is None:
            return []
        on_carriers = bool(lookup.carrier_ids)
        found = self._rows(
            ON_CARRIERS if on_carriers else IN_VILLAGES,
            places=list(lookup.carrier_ids if on_carriers else lookup.division_ids),
            number=lookup.number,
            sub_number=lookup.sub,
            building=lookup.building,
            unit=lookup.unit,
            floor=lookup.floor,
            room=lookup.room,
            **self._standing(),
        )
        return [Door(*row) for row in found]

    def near(self, lon: float, lat: float, limit: int) -> Sequence[tuple[Door, float]]:
        """The doors nearest to a point (degrees, EPSG:4490), with metres."""
        found = self._rows(NEAR, lon=lon, lat=lat, **self._standing())
        near = [(Door(*row[:-1]), float(row[-1])) for row in found]
        return sorted(near, key=lambda pair: (pair[1], pair[0].code))[:limit]

    def _standing(self) -> dict[str, object]:
        return {"on": self._at.valid_on, "known": self._at.known}


def _doors(place: ColumnElement[Any], *conditions: ColumnElement[bool]) -> Select[Any]:
    version = address_version.c
    base = address_version.join(address, address.c.address_id == version.address_id)
    return (
        _placed(base)
        .where(
            place == any_(bindparam("places", type_=ARRAY(Uuid()))),
            *conditions,
            version.number == bindparam("number", type_=Integer),
            _same(version.sub_number, "sub_number"),
            _same(version.building, "building"),
            _same(version.unit, "unit"),
            _same(version.floor, "floor"),
            # People leave the word out: 501 is 501室.
            _same(func.rtrim(version.room, "室"), "room"),
            *(version.stage != stage for stage in UNSPEAKABLE),
            seen_at(address_version, ASKED),
        )
        .order_by(address.c.code)
        .limit(MOST_DOORS)
    )


def _placed(base: FromClause, *more: ColumnElement[Any]) -> Select[Any]:
    """Doors with their positions; one without any is left out."""
    thing = addressable_object
    base = base.join(thing, thing.c.object_id == address.c.object_id)
    joined, spot = with_position(base, address.c.object_id, thing.c.parent_id)
    longitude, latitude, method, accuracy, _depth = spot
    return (
        select(
            address.c.address_id,
            address.c.code,
            *(address_version.c[name] for name in _COMPONENTS),
            longitude,
            latitude,
            method,
            accuracy,
            *more,
        )
        .select_from(joined)
        .where(method.is_not(None))
    )


def _same(column: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    return column.is_not_distinct_from(bindparam(parameter, type_=Text))


def _near() -> Select[Any]:
    point = ST_SetSRID(
        ST_MakePoint(bindparam("lon", type_=Double), bindparam("lat", type_=Double)), CRS
    )
    version = address_version.c
    close = (
        select(
            position_version.c.object_id,
            ST_DistanceSphere(position_version.c.position, point).label("metres"),
        )
        .where(seen_at(position_version, ASKED))
        .order_by(position_version.c.position.op("<->")(point))
        .limit(AROUND)
        .cte("close")
    )
    base = close.join(address, address.c.object_id == close.c.object_id).join(
        address_version, version.address_id == address.c.address_id
    )
    return (
        _placed(base, close.c.metres)
        .where(
            *(version.stage != stage for stage in UNSPEAKABLE),
            seen_at(address_version, ASKED),
        )
        .order_by(close.c.metres, address.c.code)
    )


_COMPONENTS = (
    "division_id",
    "carrier_id",
    "number",
    "sub_number",
    "building",
    "unit",
    "floor",
    "room",
    "stage",
)
ON_CARRIERS = HotStatement.of(_doors(address_version.c.carrier_id))
IN_VILLAGES = HotStatement.of(
    _doors(address_version.c.division_id, address_version.c.carrier_id.is_(None))
)
NEAR = HotStatement.of(_near())
