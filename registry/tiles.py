"""Vector tiles: what of each set a tile shows, and how the database writes it.

Divisions and boundary lines come from the coverage of a moment, see `registry/coverages.py`; names,
thoroughfares and addresses are cut to the tile by the database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, cast

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    LargeBinary,
    Select,
    Table,
    Text,
    bindparam,
    column,
    func,
    literal,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy import cast as sql_cast

from geo.tiling import BUFFER, EXTENT
from registry.addresses.tables import address, address_version, position_version
from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.divisions.tables import division_code_version, division_version, territory_version
from registry.hot import HotStatement
from registry.names.tables import named_place, place_extent_version, place_name_version

LAST_ZOOM = 16
STANDARD = "standard"
AT = AsOf(cast(Any, bindparam("on", type_=Date)), cast(Any, bindparam("known", type_=BigInteger)))
REGION = func.geometry(bindparam("region", type_=LargeBinary))
"""The tile with its surroundings, EWKB, EPSG:4490."""
ENVELOPE = func.ST_TileEnvelope(*(bindparam(name, type_=Integer) for name in ("z", "x", "y")))


@dataclass(frozen=True, slots=True)
class TileSet:
    """One set of tiles."""

    name: str
    title_zh: str
    title_en: str
    first_zoom: int
    """Tiles of smaller zooms are empty."""
    kind: str
    """point, line or polygon."""
    fields: Mapping[str, str]
    """Attributes and what they hold: String or Number."""
    tables: tuple[Table, ...]
    """The set changes when one of these does."""


DRAWN_FROM = (division_version, territory_version, division_code_version)
"""Divisions and boundary lines are cut from the same coverage, which carries codes too."""
_STRINGS = dict.fromkeys(("id", "name"), "String")
SETS: Mapping[str, TileSet] = MappingProxyType(
    {
        one.name: one
        for one in (
            TileSet(
                "divisions",
                "行政区划",
                "Divisions",
                0,
                "polygon",
                {**_STRINGS, "code": "String", "kind": "String", "level": "Number"},
                DRAWN_FROM,
            ),
            TileSet(
                "boundary-lines",
                "行政区域界线",
                "Boundary lines",
                0,
                "line",
                {"left": "String", "right": "String", "level": "Number"},
                DRAWN_FROM,
            ),
            TileSet(
                "thoroughfares",
                "街路巷",
                "Thoroughfares",
                11,
                "line",
                {**_STRINGS, "romanisation": "String"},
                (place_extent_version, place_name_version),
            ),
            TileSet(
                "names",
                "地名",
                "Place names",
                10,
                "point",
                {**_STRINGS, "category": "String", "romanisation": "String"},
                (place_extent_version, place_name_version),
            ),
            TileSet(
                "addresses",
                "标准地址",
                "Addresses",
                14,
                "point",
                {"id": "String", "number": "Number", "sub_number": "String", "carrier": "String"},
                (address_version, position_version, place_name_version),
            ),
        )
    }
)


@lru_cache(maxsize=16)
def version_statement(name: str) -> HotStatement:
    """The last change known by then that touched a set; 0: none did."""
    known = bindparam("known", type_=BigInteger)
    touched = [
        select(func.max(number)).where(number <= known).scalar_subquery()
        for table in SETS[name].tables
        for number in (table.c.recorded_from, table.c.recorded_to)
    ]
    return HotStatement.of(select(func.coalesce(func.greatest(*touched), literal_column("0"))))


@lru_cache(maxsize=16)
def cut_statement(name: str) -> HotStatement:
    """A tile of names, thoroughfares or addresses: `on known region z x y`."""
    rows = {"names": _names, "thoroughfares": _thoroughfares, "addresses": _addresses}[name]()
    return HotStatement.of(_written(name, rows))


@lru_cache(maxsize=4)
def drawn_statement(name: str) -> HotStatement:
    """A tile of what was cut before: an array for each field, and `shapes` as WKB in tile units."""
    arrays: list[tuple[str, Any]] = [
        (field, Integer() if kind == "Number" else Text())
        for field, kind in SETS[name].fields.items()
    ]
    arrays.append(("shapes", LargeBinary()))
    given = (
        func.unnest(*(bindparam(field, type_=ARRAY(kind)) for field, kind in arrays))
        .table_valued(*(column(field, kind) for field, kind in arrays), name="given")
        .render_derived()
    )
    shape = type_coerce(func.ST_GeomFromWKB(given.c.shapes), Text()).label("geom")
    return HotStatement.of(
        _written(name, select(*(given.c[one] for one, _kind in arrays[:-1]), shape))
    )


def _written(name: str, rows: Select[Any]) -> Select[Any]:
    features = rows.subquery("features")
    tile = func.ST_AsMVT(
        literal_column("features"), literal(name), literal(EXTENT), literal("geom")
    )
    return select(type_coerce(tile, LargeBinary())).select_from(features)


def _in_tile(geometry: ColumnElement[Any]) -> ColumnElement[Any]:
    drawn = func.ST_AsMVTGeom(
        func.ST_Transform(geometry, literal_column("3857")),
        ENVELOPE,
        literal_column(str(EXTENT)),
        literal_column(str(BUFFER)),
        literal_column("true"),
    )
    return type_coerce(drawn, Text()).label("geom")


def _meets(geometry: ColumnElement[Any]) -> ColumnElement[bool]:
    return geometry.op("&&")(REGION)


def _as_text(one: ColumnElement[Any]) -> ColumnElement[str]:
    return sql_cast(one, Text)


def _named(extent: FromClause) -> FromClause:
    name = place_name_version
    return extent.join(named_place, named_place.c.named_place_id == extent.c.named_place_id).join(
        name,
        (name.c.named_place_id == extent.c.named_place_id)
        & (name.c.status == STANDARD)
        & seen_at(name, AT),
    )


def _thoroughfares() -> Select[Any]:
    extent, name = place_extent_version, place_name_version
    return (
        select(
            _as_text(extent.c.named_place_id).label("id"),
            name.c.text.label("name"),
            name.c.romanisation,
            _in_tile(extent.c.extent),
        )
        .select_from(_named(extent))
        .where(
            _meets(extent.c.extent),
            func.ST_Dimension(extent.c.extent) == literal_column("1"),
            seen_at(extent, AT),
        )
        .order_by(extent.c.named_place_id)
    )


def _names() -> Select[Any]:
    extent, name = place_extent_version, place_name_version
    spot = func.ST_PointOnSurface(extent.c.extent, type_=Geometry("POINT", 4490))
    return (
        select(
            _as_text(extent.c.named_place_id).label("id"),
            name.c.text.label("name"),
            named_place.c.category,
            name.c.romanisation,
            _in_tile(spot),
        )
        .select_from(_named(extent))
        .where(_meets(extent.c.extent), func.ST_Intersects(spot, REGION), seen_at(extent, AT))
        .order_by(extent.c.named_place_id)
    )


def _addresses() -> Select[Any]:
    place, version, carrier = position_version, address_version, place_name_version
    return (
        select(
            address.c.code.label("id"),
            version.c.number,
            version.c.sub_number,
            carrier.c.text.label("carrier"),
            _in_tile(place.c.position),
        )
        .select_from(
            place.join(address, address.c.object_id == place.c.object_id)
            .join(version, version.c.address_id == address.c.address_id)
            .outerjoin(
                carrier,
                (carrier.c.named_place_id == version.c.carrier_id)
                & (carrier.c.status == STANDARD)
                & seen_at(carrier, AT),
            )
        )
        .where(_meets(place.c.position), seen_at(place, AT), seen_at(version, AT))
        .order_by(address.c.code)
    )


def arrays_of(rows: Sequence[Mapping[str, object]], name: str) -> dict[str, list[object]]:
    """Rows as the arrays that `drawn_statement` takes."""
    fields = [*SETS[name].fields, "shapes"]
    return {field: [row[field] for row in rows] for field in fields}
