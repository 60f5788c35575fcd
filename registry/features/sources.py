"""Where the features of each collection come from."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Table, case, func, select

from registry.addresses.reading import position_of, with_spots
from registry.addresses.store import objects_where
from registry.addresses.tables import (
    STAGES,
    address,
    address_version,
    addressable_object,
    position_version,
)
from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.divisions.model import LEVELS, STATISTICAL, DivisionKind
from registry.divisions.tables import (
    division,
    division_code_version,
    division_version,
    territory_version,
)
from registry.features.joining import VALID, Joined, Meets, Source, named, valid_days
from registry.features.lines import LINES, MARKERS
from registry.features.model import PropertyKind
from registry.names.model import PLACE_CATEGORIES
from registry.names.tables import named_place, place_extent_version, place_name_version
from registry.plates.model import PlateKind, PlateState
from registry.plates.tables import plate, plate_version

STANDARD = "standard"
BASES = ("illustrative", "published", "digitised", "surveyed")
INNER = ("building", "unit", "floor", "room")
DAYS = tuple(one.name for one in VALID)
TEXT, WHOLE, NUMBER, DAY, IDENTITY, FLAG = PropertyKind


def _divisions(rows: FromClause, at: AsOf) -> Joined:
    version, codes, land = division_version, division_code_version, territory_version
    tables = (
        rows.join(division, division.c.division_id == version.c.division_id)
        .outerjoin(
            codes,
            (codes.c.division_id == version.c.division_id)
            & (codes.c.scheme == STATISTICAL)
            & seen_at(codes, at),
        )
        .outerjoin(land, (land.c.division_id == version.c.division_id) & seen_at(land, at))
    )
    level = case(*((version.c.kind == kind.value, level) for kind, level in LEVELS.items()))
    columns = {
        "code": codes.c.code,
        "name": version.c.name,
        "kind": version.c.kind,
        "level": level,
        "romanisation": version.c.romanisation,
        "parent_id": version.c.parent_id,
        "layer": division.c.layer,
        "area_m2": land.c.area_m2,
        "basis": land.c.basis,
        "source": land.c.source,
        **valid_days(version),
    }
    stamp = (version.c.version_id, codes.c.version_id, land.c.version_id)
    within = _placed_by(version.c.division_id, land, "division_id", "territory", at)
    return Joined(tables, columns, land.c.territory, stamp, within)


def _names(rows: FromClause, at: AsOf) -> Joined:
    version, extent = place_name_version, place_extent_version
    tables = rows.join(
        named_place, named_place.c.named_place_id == version.c.named_place_id
    ).outerjoin(extent, (extent.c.named_place_id == version.c.named_place_id) & seen_at(extent, at))
    columns = {
        "text": version.c.text,
        "specific": version.c.specific,
        "generic": version.c.generic,
        "status": version.c.status,
        "romanisation": version.c.romanisation,
        "language": version.c.language,
        "origin": version.c.origin,
        "category": named_place.c.category,
        "place_id": version.c.named_place_id,
        "division_id": extent.c.division_id,
        "basis": extent.c.basis,
        **valid_days(version),
    }
    stamp = (version.c.version_id, extent.c.version_id)
    within = _placed_by(version.c.named_place_id, extent, "named_place_id", "extent", at)
    return Joined(tables, columns, extent.c.extent, stamp, within)


def _thoroughfares(rows: FromClause, at: AsOf) -> Joined:
    version, name = place_extent_version, place_name_version
    tables = rows.join(
        named_place, named_place.c.named_place_id == version.c.named_place_id
    ).outerjoin(
        name,
        (name.c.named_place_id == version.c.named_place_id)
        & (name.c.status == STANDARD)
        & seen_at(name, at),
    )
    columns = {
        "name": name.c.text,
        "specific": name.c.specific,
        "generic": name.c.generic,
        "romanisation": name.c.romanisation,
        "division_id": version.c.division_id,
        "basis": version.c.basis,
        "source": version.c.source,
        **valid_days(version),
    }
    stamp = (version.c.version_id, name.c.version_id)
    return Joined(tables, columns, version.c.extent, stamp, lambda meets: meets(version.c.extent))


def _addresses(rows: FromClause, at: AsOf) -> Joined:
    version, carrier, thing = address_version, place_name_version, addressable_object
    base = (
        rows.join(address, address.c.address_id == version.c.address_id)
        .join(thing, thing.c.object_id == address.c.object_id)
        .outerjoin(
            carrier,
            (carrier.c.named_place_id == version.c.carrier_id)
            & (carrier.c.status == STANDARD)
            & seen_at(carrier, at),
        )
    )
    tables, spots = with_spots(base, address.c.object_id, thing.c.parent_id, at)
    columns = {
        "address_id": address.c.address_id,
        "carrier": carrier.c.text,
        "carrier_id": version.c.carrier_id,
        "number": version.c.number,
        "sub_number": version.c.sub_number,
        "building": version.c.building,
        "unit": version.c.unit,
        "floor": version.c.floor,
        "room": version.c.room,
        "stage": version.c.stage,
        "division_id": version.c.division_id,
        "object_kind": thing.c.kind,
        "method": func.coalesce(*(spot.c.method for spot in spots)),
        "accuracy_m": func.coalesce(*(spot.c.accuracy_m for spot in spots)),
        "generated": address.c.generated,
        **valid_days(version),
    }
    stamp = (version.c.version_id, carrier.c.version_id, *(one.c.version_id for one in spots))
    return Joined(tables, columns, position_of(spots), stamp, _doors_within(at))


def _plates(rows: FromClause, at: AsOf) -> Joined:
    version, thing = plate_version, addressable_object
    base = (
        rows.join(plate, plate.c.plate_id == version.c.plate_id)
        .join(address, address.c.address_id == plate.c.address_id)
        .join(thing, thing.c.object_id == address.c.object_id)
    )
    tables, spots = with_spots(base, address.c.object_id, thing.c.parent_id, at)
    place = func.coalesce(version.c.spot, position_of(spots), type_=version.c.spot.type)
    columns = {
        "address_code": address.c.code,
        "serial": plate.c.serial,
        "kind": version.c.kind,
        "state": version.c.state,
        "shown_text": version.c.shown_text,
        "shown_romanisation": version.c.shown_romanisation,
        "reason": version.c.reason,
        "issued_on": plate.c.issued_on,
        **valid_days(version),
    }
    stamp = (version.c.version_id, *(one.c.version_id for one in spots))
    doors = _doors_within(at)

    def within(meets: Meets) -> ColumnElement[bool]:
        return meets(version.c.spot) | (version.c.spot.is_(None) & doors(meets))

    return Joined(tables, columns, place, stamp, within)


def _placed_by(
    key: ColumnElement[Any], placed: Table, key_name: str, geometry: str, at: AsOf
) -> Callable[[Meets], ColumnElement[bool]]:
    """What has a geometry of its own in another version table, found there first."""

    def within(meets: Meets) -> ColumnElement[bool]:
        there = placed.alias("placed")
        found: Select[Any] = select(there.c[key_name]).where(
            meets(there.c[geometry]), seen_at(there, at)
        )
        return key.in_(found)

    return within


def _doors_within(
    at: AsOf,
) -> Callable[[Meets], ColumnElement[bool]]:
    """Doors by the position of their object, or of the larger object it is part of."""

    def within(meets: Meets) -> ColumnElement[bool]:
        inside: Select[Any] = objects_where(meets(position_version.c.position), at)
        return address.c.object_id.in_(inside)

    return within


def _just_names() -> FromClause:
    return place_name_version


def _just_thoroughfares() -> FromClause:
    version = place_extent_version
    return version.join(named_place, named_place.c.named_place_id == version.c.named_place_id)


def _just_divisions() -> FromClause:
    return division_version


def _just_addresses() -> FromClause:
    return address_version.join(address, address.c.address_id == address_version.c.address_id)


def _just_plates() -> FromClause:
    return plate_version.join(plate, plate.c.plate_id == plate_version.c.plate_id).join(
        address, address.c.address_id == plate.c.address_id
    )


_DIVISION_ID = named("division_id", "所在区划", "The smallest division that holds it", IDENTITY)
_BASIS = named("basis", "数据来源类别", "What the geometry rests on", values=BASES)
_SOURCE = named("source", "数据来源", "Where the geometry comes from")
_ROMANISATION = named("romanisation", "罗马字母拼写", "Romanisation")

SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        "divisions": Source(
            division_version,
            (division_version.c.division_id,),
            (
                named("code", "统计用区划代码", "Code in the statistical scheme"),
                named("name", "名称", "Name"),
                named("kind", "区划类别", "Kind", values=tuple(DivisionKind)),
                named("level", "级别", "1 province … 5 village", WHOLE),
                _ROMANISATION,
                named("parent_id", "上级区划", "The division above it", IDENTITY),
                named("layer", "体系", "statutory, statistical, or the name of another tree"),
                named("area_m2", "量算面积（平方米）", "Area on the ellipsoid, m²", NUMBER),
                _BASIS,
                _SOURCE,
                *VALID,
            ),
            _divisions,
            _just_divisions,
            frozenset({"name", "kind", "level", "romanisation", "parent_id", *DAYS}),
            territory_version.c.territory,
            lean_region=True,
        ),
        "boundary-lines": LINES,
        "boundary-markers": MARKERS,
        "place-names": Source(
            place_name_version,
            (place_name_version.c.place_name_id,),
            (
                named("text", "地名", "The whole name"),
                named("specific", "专名", "Specific part"),
                named("generic", "通名", "Generic part"),
                named(
                    "status",
                    "状态",
                    "Status",
                    values=("standard", "former", "variant", "proposed", "rejected"),
                ),
                _ROMANISATION,
                named("language", "语种", "Language tag: zh, or nan for Minnan forms"),
                named("origin", "来历含义", "Origin and meaning"),
                named("category", "地理实体类别", "What is named", values=PLACE_CATEGORIES),
                named("place_id", "地理实体", "The place that bears the name", IDENTITY),
                _DIVISION_ID,
                _BASIS,
                *VALID,
            ),
            _names,
            _just_names,
            frozenset(
                {
                    "text",
                    "specific",
                    "generic",
                    "status",
                    "romanisation",
                    "language",
                    "place_id",
                    *DAYS,
                }
            ),
            place_extent_version.c.extent,
            lean_region=True,
        ),
        "thoroughfares": Source(
            place_extent_version,
            (place_extent_version.c.named_place_id,),
            (
                named("name", "标准名称", "Standard name"),
                named("specific", "专名", "Specific part"),
                named("generic", "通名", "Generic part"),
                _ROMANISATION,
                _DIVISION_ID,
                _BASIS,
                _SOURCE,
                *VALID,
            ),
            _thoroughfares,
            _just_thoroughfares,
            frozenset({"division_id", "basis", "source", *DAYS}),
            place_extent_version.c.extent,
            (named_place.c.category == "thoroughfare",),
            lean_region=True,
        ),
        "addresses": Source(
            address_version,
            (address.c.code,),
            (
                named("text", "标准地址", "The address written out", queryable=False),
                named("address_id", "地址标识", "Id", IDENTITY),
                named("carrier", "承载路名", "Thoroughfare or area that bears the number"),
                named("carrier_id", "承载路标识", "Its id", IDENTITY),
                named("number", "门牌号", "Door number", WHOLE),
                named("sub_number", "副号", "Sub-number"),
                named("building", "楼栋", "Building"),
                named("unit", "单元", "Unit"),
                named("floor", "层", "Floor"),
                named("room", "户室", "Room"),
                named("stage", "状态", "Stage of life", values=STAGES),
                _DIVISION_ID,
                named(
                    "object_kind",
                    "编址对象类别",
                    "What is addressed",
                    values=("site", "building", "unit", "room"),
                ),
                named("method", "定位方法", "How the position was found"),
                named("accuracy_m", "定位精度（米）", "Accuracy of the position, m", NUMBER),
                named("generated", "生成数据", "Made for demonstration", FLAG),
                *VALID,
            ),
            _addresses,
            _just_addresses,
            frozenset(
                {
                    "address_id",
                    "carrier_id",
                    "number",
                    "sub_number",
                    "stage",
                    "division_id",
                    *INNER,
                    *DAYS,
                }
            ),
            position_version.c.position,
            lean_region=True,
        ),
        "plates": Source(
            plate_version,
            (plate.c.plate_id,),
            (
                named("address_code", "地址代码", "Code of the address it belongs to"),
                named("serial", "序号", "Which of the address's plates", WHOLE),
                named("kind", "规格", "Size", values=tuple(PlateKind)),
                named("state", "状态", "State", values=tuple(PlateState)),
                named("shown_text", "牌面文字", "What is painted on it"),
                named("shown_romanisation", "牌面拼写", "Its romanisation"),
                named("reason", "撤销原因", "Why it was called back"),
                named("issued_on", "发证日期", "Day it was issued", DAY),
                *VALID,
            ),
            _plates,
            _just_plates,
            frozenset({"kind", "state", "shown_text", "shown_romanisation", "reason", *DAYS}),
            position_version.c.position,
            lean_region=True,
        ),
    }
)
"""By the name of the collection."""
