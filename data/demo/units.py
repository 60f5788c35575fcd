"""The city's divisions on the baseline's day, as the registry holds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, RowMapping, select

from data.demo.city import CITY
from registry.changes.period import AsOf
from registry.changes.rows import history_of, seen_at
from registry.divisions.model import STATISTICAL
from registry.divisions.tables import division_code_version, division_version


@dataclass(frozen=True, slots=True)
class Unit:
    """A division of the city in force on the baseline's day."""

    division_id: UUID
    code: str
    name: str
    parent_id: UUID | None
    begun: date | None
    """Since when it has existed; None: since before our sources."""
    joined_on: date | None
    """Since when it has belonged to its parent; None: since before our sources."""


def units_on(connection: Connection, at: AsOf) -> dict[str, Unit]:
    """The city's divisions by statistical code."""
    code, version = division_code_version, division_version
    codes = connection.execute(
        select(code.c.division_id, code.c.code)
        .where(
            code.c.scheme == STATISTICAL,
            code.c.code.startswith(CITY),
            seen_at(code, at),
        )
        .order_by(code.c.code)
    )
    histories: dict[UUID, list[RowMapping]] = {}
    rows = connection.execute(
        select(version.c.division_id, version.c.name, version.c.parent_id, version.c.valid)
        .where(history_of(version, at.known))
        .order_by(version.c.division_id, version.c.valid)
    ).mappings()
    for row in rows:
        histories.setdefault(row["division_id"], []).append(row)
    found = (_unit(division_id, text, histories[division_id], at) for division_id, text in codes)
    return {unit.code: unit for unit in found if unit is not None}


def _unit(division_id: UUID, code: str, history: Sequence[RowMapping], at: AsOf) -> Unit | None:
    now = next((row for row in history if at.valid_on in row["valid"]), None)
    if now is None:
        return None
    joined_on = now["valid"].lower
    for row in reversed(history):
        if row["valid"].upper == joined_on and row["parent_id"] == now["parent_id"]:
            joined_on = row["valid"].lower
    begun = history[0]["valid"].lower
    return Unit(division_id, code, now["name"], now["parent_id"], begun, joined_on)
