"""Crossing the edge of a scope (范围): what goes on existing but is shown on other days than before.

What begins to exist does not enter, and what ends does not leave. So days gained count where the
fact was believed before the change, and days lost where it is still believed after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Date,
    RowMapping,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    column,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import DATEMULTIRANGE

from registry.addresses.tables import (
    address,
    address_version,
    addressable_object,
    position_version,
)
from registry.changes.rows import known_at
from registry.divisions.tables import division, division_version
from registry.lines.tables import (
    boundary_line,
    boundary_line_version,
    boundary_marker,
    boundary_marker_version,
)
from registry.names.tables import named_place, place_extent_version, place_name_version
from registry.plates.tables import plate, plate_version


class Movement(StrEnum):
    """Which way something that goes on existing crossed the edge of a scope."""

    ENTER = "enter"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Crossing:
    """Whether a fact crossed the edge, and whether the change wrote any row of it."""

    movement: Movement | None
    days: str | None
    """Days gained or lost, as PostgreSQL writes a multirange; None for identities."""
    written: bool


def crossings(
    connection: Connection, table: Table, facts: Sequence[RowMapping], number: int
) -> dict[UUID, Crossing]:
    """How the facts of one table, as `Step.difference` gives them, crossed the edge."""
    ask = _of_versions if "version_id" in table.c else _of_identities
    rows = connection.execute(
        ask(table, number),
        {
            "keys": [fact["key"] for fact in facts],
            "old": [_side(fact, "old") for fact in facts],
            "new": [_side(fact, "new") for fact in facts],
        },
    )
    return {
        key: Crossing(None if movement is None else Movement(movement), days, bool(written))
        for key, movement, days, written in rows
    }


def _side(fact: RowMapping, side: str) -> str | None:
    """The days of one side; empty where a row without days stands there, None where none does."""
    return (fact[f"{side}_days"] or "{}") if fact[f"{side}_ids"] is not None else None


_ASKED = (
    func.unnest(
        bindparam("keys", type_=ARRAY(Uuid())),
        cast(bindparam("old", type_=ARRAY(Text())), ARRAY(DATEMULTIRANGE)),
        cast(bindparam("new", type_=ARRAY(Text())), ARRAY(DATEMULTIRANGE)),
    )
    .table_valued(
        column("key", Uuid),
        column("old", DATEMULTIRANGE),
        column("new", DATEMULTIRANGE),
        name="asked",
    )
    .render_derived()
)
_NEVER = cast(literal("{}", Text), DATEMULTIRANGE)


def _of_versions(table: Table, number: int) -> Select[Any]:
    lived = (
        select(
            func.range_agg(table.c.valid).filter(known_at(table, number - 1)).label("before"),
            func.range_agg(table.c.valid).filter(known_at(table, number)).label("after"),
            func.bool_or(
                or_(
                    table.c.recorded_from == number,
                    table.c.recorded_to.is_not_distinct_from(number),
                )
            ).label("written"),
        )
        .where(table.c[table.info["key"]] == _ASKED.c.key)
        .lateral("lived")
    )
    found = (
        select(
            _ASKED.c.key,
            _crossed(_ASKED.c.new, _ASKED.c.old, lived.c.before).label("gained"),
            _crossed(_ASKED.c.old, _ASKED.c.new, lived.c.after).label("lost"),
            lived.c.written,
        )
        .select_from(_ASKED)
        .join(lived, true())
        .subquery("found")
    )
    gained, lost = found.c.gained, found.c.lost
    # Days gained and lost by one change: what counts is where the fact stands in the end.
    entered = and_(~func.isempty(gained), or_(func.isempty(lost), _last(gained) > _last(lost)))
    left = ~func.isempty(lost)
    return select(
        found.c.key,
        case((entered, Movement.ENTER.value), (left, Movement.LEAVE.value)),
        case((entered, cast(gained, Text)), (left, cast(lost, Text))),
        found.c.written,
    )


def _crossed(
    here: ColumnElement[Any], there: ColumnElement[Any], lived: ColumnElement[Any]
) -> ColumnElement[Any]:
    only_here = func.coalesce(here, _NEVER).op("-")(func.coalesce(there, _NEVER))
    return cast(
        only_here.self_group().op("*")(func.coalesce(lived, _NEVER)),
        DATEMULTIRANGE,
    )


def _last(days: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(func.upper(days), cast(literal("infinity", Text), Date))


def _of_identities(table: Table, number: int) -> Select[Any]:
    key = table.c[table.info["key"]]
    entered = and_(_ASKED.c.old.is_(None), _believed(table, number - 1))
    left = and_(_ASKED.c.new.is_(None), _believed(table, number))
    return (
        select(
            _ASKED.c.key,
            case((entered, Movement.ENTER.value), (left, Movement.LEAVE.value)),
            cast(null(), Text),
            table.c.recorded_from == number,
        )
        .select_from(_ASKED)
        .join(table, key == _ASKED.c.key)
    )


def _believed(table: Table, known: int) -> ColumnElement[bool]:
    """Whether anything is believed of what bears an identity."""
    key: str = table.info["key"]
    found = [
        exists().where(fact.c[key] == table.c[key], known_at(fact, known))
        for fact in _FACTS[str(table.name)]
    ]
    if table is addressable_object:
        found.append(
            exists().where(
                address.c.object_id == table.c.object_id,
                address_version.c.address_id == address.c.address_id,
                known_at(address_version, known),
            )
        )
    return or_(false(), *found)


_FACTS: dict[str, tuple[Table, ...]] = {
    str(division.name): (division_version,),
    str(named_place.name): (place_extent_version, place_name_version),
    str(addressable_object.name): (position_version,),
    str(address.name): (address_version,),
    str(plate.name): (plate_version,),
    str(boundary_line.name): (boundary_line_version,),
    str(boundary_marker.name): (boundary_marker_version,),
}
