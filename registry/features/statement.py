"""The statements that read features: one page, or one feature, at a point of both clocks.

Pages go by id (keyset), so the ten-thousandth costs what the first does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Double,
    FromClause,
    Integer,
    LargeBinary,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    column,
    func,
    literal,
    literal_column,
    select,
    true,
    tuple_,
    type_coerce,
)
from sqlalchemy.types import NullType, TypeEngine

from registry.changes.period import AsOf
from registry.changes.rows import known_at, seen_at
from registry.features.joining import Joined, Source
from registry.features.model import PropertyKind, Shape
from registry.features.sources import SOURCES
from registry.hot import HotStatement

STORED = 4490
TYPES: dict[PropertyKind, TypeEngine[Any]] = {
    PropertyKind.TEXT: Text(),
    PropertyKind.WHOLE: Integer(),
    PropertyKind.NUMBER: Double(),
    PropertyKind.DAY: Date(),
    PropertyKind.IDENTITY: Uuid(),
    PropertyKind.FLAG: Boolean(),
}
Condition = Callable[[Source, Joined], ColumnElement[bool]]
"""A further condition on the rows of a collection: a filter."""

# The parameters of a statement stand in for days and change numbers.
ON = cast(date, bindparam("on", type_=Date))
KNOWN = cast(int, bindparam("known", type_=BigInteger))
FIRST, LAST = bindparam("first", type_=Date), bindparam("last", type_=Date)
REGION = func.geometry(bindparam("region", type_=LargeBinary))
"""EWKB in EPSG:4490."""


@dataclass(frozen=True, slots=True)
class Statements:
    """How a page is read: which versions are on it, then what they are made of.

    The first is planned for its values: whether a region or the order of ids is the better way in
    depends on them, and its tables are few. The second looks up a known few rows by their keys in
    many tables: planning it costs more than running it.
    """

    picking: HotStatement | None
    """Gives version ids; None: one statement does both."""
    dressing: HotStatement
    planned_once: bool = True
    """Whether what does both takes the same way whatever the values."""


@lru_cache(maxsize=512)
def hot_statements(shape: Shape) -> Statements:
    """The compiled statements of a shape."""
    return statements(shape)


def statements(shape: Shape, condition: Condition | None = None) -> Statements:
    """The statements of a page, with a filter.

    Raises:
        FilterIsInvalid: the filter does not fit the collection.
    """
    source = SOURCES[shape.collection]
    if source.lean is None:
        once = shape.few or shape.wide or not shape.region
        return Statements(None, HotStatement.of(_in_one_step(shape, source, condition)), once)
    return Statements(
        HotStatement.of(_picking(shape, source, condition)),
        HotStatement.of(_dressing(shape, source)),
    )


def _at(shape: Shape, source: Source) -> AsOf:
    return AsOf(_day_shown(source.main) if shape.span else ON, KNOWN)


def _picking(shape: Shape, source: Source, condition: Condition | None) -> Select[Any]:
    """The ids of the versions on a page, found with as few tables as tell them."""
    everything = source.joined(source.main, _at(shape, source))
    assert source.lean is not None
    if shape.wide:
        return _walking(shape, source, everything, condition)
    lean = (
        condition is None
        and (source.lean_region or not shape.region)
        and source.lean_properties >= set(shape.equals)
    )
    return (
        select(source.main.c.version_id)
        .select_from(source.lean() if lean else everything.tables)
        .where(*_where(shape, source, everything, condition))
        .order_by(*source.keys)
        .limit(literal_column(str(shape.limit)))
    )


def _walking(
    shape: Shape, source: Source, everything: Joined, condition: Condition | None
) -> Select[Any]:
    """The same, by going through all ids in order until a page is full.

    Each id is looked at by a subquery of its own, so that nothing is sorted or hashed.
    """
    key = source.keys[0]
    walk = key.table.alias("walk")
    place = walk.c[key.name]
    one = (
        select(source.main.c.version_id)
        .select_from(everything.tables)
        .where(key == place, *_where(shape, source, everything, condition))
        .limit(literal_column("1"))
        .correlate(walk)
        .lateral("one")
    )
    found = select(one.c.version_id).select_from(walk.join(one, true()))
    if shape.after:
        found = found.where(place > bindparam("key_0", type_=key.type))
    return found.order_by(place).limit(literal_column(str(shape.limit)))


def _dressing(shape: Shape, source: Source) -> Select[Any]:
    """Features by the ids of their versions.

    Columns: the parts of the id, the stamp, the day each is shown on, its geometry as GeoJSON,
    then the queryable properties in order.
    """
    at = _at(shape, source)
    wanted = (
        func.unnest(bindparam("versions", type_=ARRAY(BigInteger)))
        .table_valued(column("version_id", BigInteger), name="picked")
        .render_derived()
    )
    # First in order: the planner looks at the first few tables, and must not begin elsewhere.
    rows = wanted.join(source.main, source.main.c.version_id == wanted.c.version_id)
    joined = source.joined(rows, at)
    keys = [key.label(f"key_{place}") for place, key in enumerate(source.keys)]
    return (
        select(*keys, *_columns(shape, source, joined, at))
        .select_from(joined.tables)
        .order_by(*source.keys)
    )


def _in_one_step(shape: Shape, source: Source, condition: Condition | None) -> Select[Any]:
    at = _at(shape, source)
    joined = source.joined(source.main, at)
    keys = [key.label(f"key_{place}") for place, key in enumerate(source.keys)]
    page: Select[Any] = (
        select(*keys, *_columns(shape, source, joined, at))
        .select_from(joined.tables)
        .where(*_where(shape, source, joined, condition))
        .order_by(*source.keys)
        .limit(literal_column(str(shape.limit)))
    )
    if source.walked is None or shape.one or (shape.region and not shape.wide):
        return page
    return _along(page, source.walked, shape, source)


def _along(page: Select[Any], walked: Column[Any], shape: Shape, source: Source) -> Select[Any]:
    """The same, by going through identities in order until the page is full."""
    walk = walked.table.alias("walk")
    place = walk.c[walked.name]
    found = page.where(source.keys[0] == place).correlate(walk).lateral("found")
    whole = select(*found.c).select_from(walk.join(found, true()))
    if shape.after:
        whole = whole.where(place >= bindparam("key_0", type_=walked.type))
    order = [found.c[f"key_{number}"] for number in range(1, len(source.keys))]
    return whole.order_by(place, *order).limit(literal_column(str(shape.limit)))


def _columns(shape: Shape, source: Source, joined: Joined, at: AsOf) -> list[ColumnElement[Any]]:
    shown = [one for one in source.properties if one.queryable]
    return [
        func.concat_ws(".", *joined.stamp).label("stamp"),
        cast(ColumnElement[Any], at.valid_on).label("shown_on"),
        _geojson(type_coerce(joined.geometry, NullType()), shape),
        *(joined.columns[one.name].label(one.name) for one in shown),
    ]


def _where(
    shape: Shape, source: Source, joined: Joined, condition: Condition | None
) -> list[ColumnElement[bool]]:
    held = _of_a_span(source) if shape.span else seen_at(source.main, AsOf(ON, KNOWN))
    where = [held, *source.only, *joined.only, *_narrowed(shape, source, joined)]
    return where if condition is None else [*where, condition(source, joined)]


def meets_region(geometry: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a geometry meets the region asked for."""
    return cast(ColumnElement[bool], func.ST_Intersects(geometry, REGION))


def _narrowed(shape: Shape, source: Source, joined: Joined) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    given = [bindparam(f"key_{n}", type_=key.type) for n, key in enumerate(source.keys)]
    if shape.one:
        where += [key == each for key, each in zip(source.keys, given, strict=True)]
    if shape.after:
        where.append(_after(source, given))
    if shape.region:
        where.append(meets_region(joined.geometry) if shape.wide else joined.within(meets_region))
    for name in shape.equals:
        known = source.property(name)
        assert known is not None
        where.append(joined.columns[name] == bindparam(f"is_{name}", type_=TYPES[known.kind]))
    return where


def _after(source: Source, given: list[Any]) -> ColumnElement[bool]:
    if len(given) == 1:
        return cast(ColumnElement[bool], source.keys[0] > given[0])
    return tuple_(*source.keys) > tuple_(*given)


def _day_shown(main: FromClause) -> date:
    """The last day of a row within the span."""
    end = func.coalesce(
        func.upper(main.c.valid) - literal_column("1"), literal_column("'infinity'::date")
    )
    until = func.coalesce(
        LAST, func.greatest(bindparam("on", type_=Date), func.lower(main.c.valid))
    )
    return cast(date, func.least(end, until, type_=Date))


def _of_a_span(source: Source) -> ColumnElement[bool]:
    """Each feature once: by its last version that has a day in the span."""
    table = cast(Table, getattr(source.main, "element", source.main))
    later = table.alias("later")
    key, span = table.info["key"], func.daterange(FIRST, LAST, literal("[]"))
    newer: Select[Any] = select(literal_column("1")).where(
        later.c[key] == source.main.c[key],
        later.c.valid.op("&&")(span),
        later.c.valid.op(">>")(source.main.c.valid),
        known_at(later, KNOWN),
    )
    return and_(source.main.c.valid.op("&&")(span), known_at(source.main, KNOWN), ~newer.exists())


def _geojson(geometry: ColumnElement[Any], shape: Shape) -> ColumnElement[Any]:
    shown: ColumnElement[Any] = geometry
    if shape.srid != STORED:
        shown = func.ST_Transform(shown, literal_column(str(shape.srid)))
    if shape.flipped:
        shown = func.ST_FlipCoordinates(shown)
    digits: ColumnElement[Any] = literal_column(str(shape.digits))
    return func.ST_AsGeoJSON(shown, digits, literal_column("0"), type_=Text).label("geometry")
