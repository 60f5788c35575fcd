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
    Select,
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
    select,
    true,
)
from sqlalchemy.sql.selectable import TableValuedAlias

from registry.addresses.tables import address, address_version
from registry.changes.bulk import WITH_HEADER, copy_out
from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.names.tables import place_name_version
from registry.restructuring.wording import Rewording

CURRENT = "current"
MARK = "\x1f"
"""Parts pieces while they are joined; never occurs in a name."""


@dataclass(frozen=True, slots=True)
class DoorCount:
    """Addresses in force of one village and one carrier."""

    division_id: UUID
    carrier_id: UUID | None
    addresses: int
    plates: int
    """Different doors among them: rooms share the plate of their door."""


def count_doors(
    connection: Connection, division_ids: Collection[UUID], at: AsOf
) -> list[DoorCount]:
    """Addresses in force in these divisions, by village and carrier."""
    table = address_version
    door = func.row(table.c.number, func.coalesce(table.c.sub_number, ""))
    rows = connection.execute(
        select(
            table.c.division_id,
            table.c.carrier_id,
            func.count(),
            func.count(door.distinct()).filter(table.c.number.is_not(None)),
        )
        .where(
            table.c.division_id == any_(literal(list(division_ids), ARRAY(Uuid))),
            table.c.stage == CURRENT,
            seen_at(table, at),
        )
        .group_by(table.c.division_id, table.c.carrier_id)
        .order_by(table.c.division_id, table.c.carrier_id)
    )
    return [DoorCount(*row) for row in rows]


def carrier_names(connection: Connection, ids: Collection[UUID], at: AsOf) -> dict[UUID, str]:
    """What thoroughfares and areas are called on a day."""
    table = place_name_version
    rows = connection.execute(
        select(table.c.named_place_id, func.min(table.c.text))
        .where(
            table.c.named_place_id == any_(literal(list(ids), ARRAY(Uuid))),
            table.c.status == "standard",
            seen_at(table, at),
        )
        .group_by(table.c.named_place_id)
    )
    return {row[0]: row[1] for row in rows}


def equal_numbers(
    connection: Connection, groups: Mapping[tuple[UUID, UUID | None], str], at: AsOf
) -> dict[str, int]:
    """Doors whose number occurs under another carrier or village of the same key.

    Args:
        groups: the key of each village and carrier; addresses of one key read alike but for
            their numbers and inner parts.
    """
    if not groups:
        return {}
    given = _unnest(
        "given",
        ("division_id", Uuid(), [division for division, _carrier in groups]),
        ("carrier_id", Uuid(), [carrier for _division, carrier in groups]),
        ("key", Text(), list(groups.values())),
    )
    table = address_version
    door = func.concat_ws(
        MARK,
        table.c.number,
        *(func.coalesce(table.c[name], "") for name in ("sub_number", *INNER)),
    )
    numbers = (
        select(given.c.key, func.count().label("doors"))
        .select_from(given)
        .join(
            table,
            and_(
                table.c.division_id == given.c.division_id,
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
    connection: Connection, division_ids: Sequence[UUID], at: AsOf, *, each: int
) -> list[UUID]:
    """A few addresses in force of every division."""
    given = _unnest("given", ("division_id", Uuid(), list(division_ids)))
    table = address_version
    few = (
        select(table.c.address_id)
        .where(
            table.c.division_id == given.c.division_id,
            table.c.stage == CURRENT,
            seen_at(table, at),
        )
        .order_by(table.c.version_id)
        .limit(each)
        .lateral("few")
    )
    return list(connection.scalars(select(few.c.address_id).select_from(given).join(few, true())))


def address_table(
    words: Sequence[Rewording],
    renamed: Mapping[UUID, str],
    at: AsOf,
    *,
    only: Sequence[UUID] | None = None,
) -> Select[Any]:
    """Every address in force whose full text changes, before and after, ordered by code.

    Args:
        words: of the divisions whose addresses may change.
        renamed: names that the plan gives to carriers.
        at: the day of the act, as known before it.
        only: addresses to look at; None: all.
    """
    given = _wordings(words)
    table, name = address_version, place_name_version
    carrier = case(
        (name.c.text.is_(None), None),
        else_=func.coalesce(_renamed(renamed, table.c.carrier_id), name.c.text),
    )
    door = case(
        (table.c.number.is_(None), None),
        else_=func.concat(
            cast(table.c.number, Text), "号", literal("之", Text).concat(table.c.sub_number)
        ),
    )
    inner = [table.c[part] for part in INNER]
    bare = name.c.text.is_(None)

    def sided(side: str, called: ColumnElement[Any]) -> list[ColumnElement[Any]]:
        full, upper, place = (given.c[f"{part}_{side}"] for part in ("full", "upper", "place"))
        return [
            _joined(full, called, door, *inner).label(f"text_{side}"),
            _joined(case((bare, full), else_=upper), called, door, *inner).label(f"legal_{side}"),
            _joined(func.coalesce(called, place), door).label(f"plate_{side}"),
        ]

    before, after = sided("before", name.c.text), sided("after", carrier)
    rows = (
        select(
            address.c.code,
            table.c.stage,
            table.c.division_id.label("division_before"),
            given.c.after_id.label("division_after"),
            *(one for pair in zip(before, after, strict=True) for one in pair),
        )
        .select_from(given)
        .join(table, table.c.division_id == given.c.division_id)
        .join(address, address.c.address_id == table.c.address_id)
        .outerjoin(
            name,
            and_(
                name.c.named_place_id == table.c.carrier_id,
                name.c.status == "standard",
                seen_at(name, at),
            ),
        )
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
        .where(rows.c.text_before != rows.c.text_after)
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
        for part in ("full", "upper", "place")
        for side in ("before", "after")
    ]
    return _unnest(
        "given",
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


def _renamed(renamed: Mapping[UUID, str], carrier: ColumnElement[Any]) -> ColumnElement[Any]:
    whens = [(carrier == place, literal(text, Text)) for place, text in renamed.items()]
    return case(*whens, else_=None) if whens else cast(None, Text)


def _joined(*pieces: ColumnElement[Any]) -> ColumnElement[str]:
    """Pieces as `registry.addresses.text` joins them: a space where two numbers would meet."""
    marked = func.concat_ws(MARK, *(func.nullif(piece, "") for piece in pieces))
    spaced = func.regexp_replace(marked, f"([A-Za-z0-9]){MARK}(?=[A-Za-z0-9])", r"\1 ", "g")
    return func.replace(spaced, MARK, "")
