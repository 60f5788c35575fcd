"""SQL over the addresses a plan touches: counted in groups, and written out set-wise as a table.

Nothing here goes door by door: figures are aggregates, and the whole table of texts before and
after is composed and written by the database.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    any_,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.sql.selectable import TableValuedAlias

from registry.addresses.tables import address, address_version
from registry.changes.bulk import WITH_HEADER, copy_out
from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.names.model import WRITTEN_WITH, written_with
from registry.names.tables import place_name_version
from registry.restructuring.wording import TOWNSHIP, VILLAGE, CarrierName, Home, Rewording, Routes

CURRENT = "current"
MARK = "\x1f"
"""Parts pieces while they are joined; never occurs in a name."""


@dataclass(frozen=True, slots=True)
class DoorCount:
    """Addresses in force of one home and one carrier."""

    filed_under: UUID
    route: int | None
    carrier_id: UUID | None
    addresses: int
    plates: int
    """Different doors among them: rooms share the plate of their door."""


def count_doors(
    connection: Connection, division_ids: Collection[UUID], routes: Routes, at: AsOf
) -> list[DoorCount]:
    """Addresses in force in these divisions, by home and carrier."""
    table = address_version
    source, route = _routed(table, routes)
    door = func.row(table.c.number, func.coalesce(table.c.sub_number, ""))
    rows = connection.execute(
        select(
            table.c.division_id,
            route.label("route"),
            table.c.carrier_id,
            func.count(),
            func.count(door.distinct()).filter(table.c.number.is_not(None)),
        )
        .select_from(source)
        .where(
            table.c.division_id == any_(literal(list(division_ids), ARRAY(Uuid))),
            table.c.stage == CURRENT,
            seen_at(table, at),
        )
        .group_by(table.c.division_id, route, table.c.carrier_id)
        .order_by(table.c.division_id, literal_column("route"), table.c.carrier_id)
    )
    return [DoorCount(*row) for row in rows]


def carrier_names(
    connection: Connection, ids: Collection[UUID], at: AsOf
) -> dict[UUID, CarrierName]:
    """What thoroughfares and areas are called on a day."""
    table = place_name_version
    rows = connection.execute(
        select(table.c.named_place_id, table.c.text, table.c.language)
        .where(
            table.c.named_place_id == any_(literal(list(ids), ARRAY(Uuid))),
            table.c.status == "standard",
            seen_at(table, at),
        )
        .order_by(table.c.named_place_id, table.c.text.desc())
    )
    return {row[0]: CarrierName(row[1], written_with(row[2])) for row in rows}


def equal_numbers(
    connection: Connection,
    groups: Mapping[tuple[Home, UUID | None], str],
    routes: Routes,
    at: AsOf,
) -> dict[str, int]:
    """Doors whose number occurs under another carrier or home of the same key.

    Args:
        groups: the key of each home and carrier; addresses of one key read alike but for
            their numbers and inner parts.
    """
    if not groups:
        return {}
    given = _unnest(
        "given",
        ("division_id", Uuid(), [division for (division, _route), _carrier in groups]),
        ("route", Integer(), [route for (_division, route), _carrier in groups]),
        ("carrier_id", Uuid(), [carrier for _home, carrier in groups]),
        ("key", Text(), list(groups.values())),
    )
    table = address_version
    source, route = _routed(table, routes)
    door = func.concat_ws(
        MARK,
        table.c.number,
        *(func.coalesce(table.c[name], "") for name in ("sub_number", *INNER)),
    )
    numbers = (
        select(given.c.key, func.count().label("doors"))
        .select_from(source)
        .join(
            given,
            and_(
                table.c.division_id == given.c.division_id,
                given.c.route.is_not_distinct_from(route),
                table.c.carrier_id.is_not_distinct_from(given.c.carrier_id),
            ),
        )
        .where(table.c.stage == CURRENT, seen_at(table, at))
        .group_by(given.c.key, door)
        .having(func.count() > 1)
        .subquery()
    )
    rows = connection.execute(
        select(numbers.c.key, func.sum(numbers.c.doors)).group_by(numbers.c.key)
    )
    return {key: int(doors) for key, doors in rows}


INNER = ("building", "unit", "floor", "room")
TABLE_COLUMNS = (
    "code",
    "stage",
    "division_before",
    "division_after",
    "text_before",
    "text_after",
    "legal_before",
    "legal_after",
    "plate_before",
    "plate_after",
    "plate",
)
"""Columns of the table of addresses, in order; `plate` is `remake` or `valid`."""


def some_addresses(
    connection: Connection,
    division_ids: Sequence[UUID],
    routes: Routes,
    at: AsOf,
    *,
    each: int,
) -> list[UUID]:
    """A few addresses in force of every division, of those that take no route."""
    given = _unnest("given", ("division_id", Uuid(), list(division_ids)))
    table = address_version
    source, route = _routed(table, routes)
    few = (
        select(table.c.address_id)
        .select_from(source)
        .where(
            table.c.division_id == given.c.division_id,
            table.c.stage == CURRENT,
            seen_at(table, at),
            route.is_(None),
        )
        .order_by(table.c.version_id)
        .limit(each)
        .lateral("few")
    )
    return list(connection.scalars(select(few.c.address_id).select_from(given).join(few, true())))


def address_table(
    routes: Routes,
    words: Sequence[Rewording],
    names: tuple[Mapping[UUID, CarrierName], Mapping[UUID, CarrierName]],
    at: AsOf,
    *,
    only: Sequence[UUID] | None = None,
) -> Select[Any]:
    """Every address in force whose full or legal text changes, before and after, by code.

    Args:
        words: of the homes whose addresses may change.
        names: of carriers that are called otherwise than the registry says: before and after.
        at: the day of the act, as known before it.
        only: addresses to look at; None: all.
    """
    given = _wordings(words)
    table, name = address_version, place_name_version
    source, route = _routed(table, routes)
    level = case(
        *((name.c.language == tag, each) for each, tag in WRITTEN_WITH.items()), else_=None
    )
    others = [
        _unnest(
            f"called_{side}",
            ("named_place_id", Uuid(), list(given_names)),
            ("text", Text(), [one.text for one in given_names.values()]),
            ("level", Integer(), [one.written_with for one in given_names.values()]),
        )
        for side, given_names in zip(("before", "after"), names, strict=True)
    ]
    door = case(
        (table.c.number.is_(None), None),
        else_=func.concat(
            cast(table.c.number, Text), "号", literal("之", Text).concat(table.c.sub_number)
        ),
    )
    inner = [table.c[part] for part in INNER]
    bare = name.c.text.is_(None)

    def sided(side: str, other: TableValuedAlias) -> list[ColumnElement[Any]]:
        # A carrier without a name in force bears no number, before or after.
        newly = and_(name.c.text.is_not(None), other.c.named_place_id.is_not(None))
        called = case((newly, other.c.text), else_=name.c.text)
        down_to = case((newly, other.c.level), else_=level)
        full, place = given.c[f"full_{side}"], given.c[f"place_{side}"]
        upper = case(
            (bare, full),
            (down_to == TOWNSHIP, given.c[f"township_{side}"]),
            (down_to == VILLAGE, given.c[f"village_{side}"]),
            else_=given.c[f"upper_{side}"],
        )
        return [
            _joined(full, called, door, *inner).label(f"text_{side}"),
            _joined(upper, called, door, *inner).label(f"legal_{side}"),
            _joined(func.coalesce(called, place), door).label(f"plate_{side}"),
        ]

    before, after = (
        sided(side, other) for side, other in zip(("before", "after"), others, strict=True)
    )
    rows = (
        select(
            address.c.code,
            table.c.stage,
            given.c.division_id.label("division_before"),
            given.c.after_id.label("division_after"),
            *(one for pair in zip(before, after, strict=True) for one in pair),
        )
        .select_from(source)
        .join(
            given,
            and_(
                table.c.division_id == given.c.filed_under,
                given.c.route.is_not_distinct_from(route),
            ),
        )
        .join(address, address.c.address_id == table.c.address_id)
        .outerjoin(
            name,
            and_(
                name.c.named_place_id == table.c.carrier_id,
                name.c.status == "standard",
                seen_at(name, at),
            ),
        )
        .outerjoin(others[0], others[0].c.named_place_id == table.c.carrier_id)
        .outerjoin(others[1], others[1].c.named_place_id == table.c.carrier_id)
        .where(
            table.c.stage == CURRENT,
            seen_at(table, at),
            true() if only is None else table.c.address_id.in_(only),
        )
        .subquery("t")
    )
    plate = case((rows.c.plate_before == rows.c.plate_after, "valid"), else_="remake")
    return (
        select(*(rows.c[column] for column in TABLE_COLUMNS[:-1]), plate.label("plate"))
        .where(
            or_(
                rows.c.text_before != rows.c.text_after,
                rows.c.legal_before != rows.c.legal_after,
            )
        )
        .order_by(rows.c.code)
    )


def stream_csv(connection: Connection, table: Select[Any]) -> Iterator[bytes]:
    """The lines of a table as CSV with a header, written by the database."""
    yield from copy_out(connection, table, {}, form=WITH_HEADER)


def stream_ndjson(connection: Connection, table: Select[Any]) -> Iterator[bytes]:
    """The rows of a table as JSON, one a line, written by the database."""
    row = table.subquery("r")
    whole = cast(func.row_to_json(literal_column("r")), Text)
    yield from copy_out(connection, select(whole).select_from(row), {})


def _wordings(words: Sequence[Rewording]) -> TableValuedAlias:
    sides = [
        (f"{part}_{side}", Text(), [getattr(getattr(one, side), part) for one in words])
        for part in ("full", "upper", "township", "village", "place")
        for side in ("before", "after")
    ]
    return _unnest(
        "given",
        ("filed_under", Uuid(), [one.filed_under for one in words]),
        ("route", Integer(), [one.route for one in words]),
        ("division_id", Uuid(), [one.division_id for one in words]),
        ("after_id", Uuid(), [one.after_id for one in words]),
        *sides,
    )


def _unnest(name: str, *columns: tuple[str, Any, list[Any]]) -> TableValuedAlias:
    arrays = [cast(literal(values, ARRAY(kind)), ARRAY(kind)) for _name, kind, values in columns]
    return (
        func.unnest(*arrays)
        .table_valued(*(column(each, kind) for each, kind, _values in columns), name=name)
        .render_derived()
    )


def _routed(table: Table, routes: Routes) -> tuple[FromClause, ColumnElement[Any]]:
    """Addresses, each with the route it takes; NULL: it goes with its division."""
    if not routes.address_ids:
        return table, cast(null(), Integer)
    way = _unnest(
        "way",
        ("address_id", Uuid(), list(routes.address_ids)),
        ("filed_under", Uuid(), list(routes.filed_under)),
        ("route", Integer(), list(routes.routes)),
    )
    joined = table.outerjoin(
        way,
        and_(
            way.c.address_id == table.c.address_id,
            way.c.filed_under == table.c.division_id,
        ),
    )
    return joined, way.c.route


def _joined(*pieces: ColumnElement[Any]) -> ColumnElement[str]:
    """Pieces as `registry.addresses.text` joins them: a space where two numbers would meet."""
    marked = func.concat_ws(MARK, *(func.nullif(piece, "") for piece in pieces))
    spaced = func.regexp_replace(marked, f"([A-Za-z0-9]){MARK}(?=[A-Za-z0-9])", r"\1 ", "g")
    return func.replace(spaced, MARK, "")
