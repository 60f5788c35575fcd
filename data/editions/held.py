"""The registry on a day as one side of a comparison: what history goes on from."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from data.editions.units import Edition, ListedUnit
from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.divisions.model import STATISTICAL, DivisionKind
from registry.divisions.tables import division_code_version, division_version


def held_edition(
    connection: Connection, at: AsOf, within: str | None = None, scheme: str = STATISTICAL
) -> Edition:
    """Every division in force on a day, by its code, or by its id where it has none.

    Args:
        within: only units whose codes begin so, those below them, and those above them.
    """
    rows = _rows(connection, at)
    codes = _codes(connection, at, scheme)
    keys = {one: codes.get(one, str(one)) for one in rows}
    units = {
        keys[one]: ListedUnit(
            key=keys[one],
            code=codes.get(one),
            level=DivisionKind(row["kind"]).level,
            kind=DivisionKind(row["kind"]),
            name=row["name"],
            published_name=row["published_name"] or row["name"],
            parent=keys.get(row["parent_id"]),
            reference=codes.get(one, str(one)),
        )
        for one, row in rows.items()
    }
    if within is None:
        return Edition(units, scheme=scheme)
    return Edition(_within(units, within), scheme=scheme)


def _within(units: Mapping[str, ListedUnit], within: str) -> dict[str, ListedUnit]:
    kept: dict[str, ListedUnit] = {}
    for key, unit in sorted(units.items(), key=lambda item: item[1].level):
        if unit.code is None:
            inside, above = unit.parent in kept, False
        else:
            inside = unit.code.startswith(within)
            above = not inside and within.startswith(unit.code)
        if inside:
            kept[key] = unit
        elif above:
            # Context only: what lies above is not what is compared.
            kept[key] = replace(unit, listed=False)
    return kept


def _rows(connection: Connection, at: AsOf) -> dict[UUID, Mapping[str, Any]]:
    version = division_version
    found = connection.execute(
        select(
            version.c.division_id,
            version.c.kind,
            version.c.name,
            version.c.published_name,
            version.c.parent_id,
        ).where(seen_at(version, at))
    ).mappings()
    return {row["division_id"]: dict(row) for row in found}


def _codes(connection: Connection, at: AsOf, scheme: str) -> dict[UUID, str]:
    code = division_code_version
    found = connection.execute(
        select(code.c.division_id, code.c.code)
        .where(code.c.scheme == scheme, seen_at(code, at))
        .order_by(code.c.code)
    )
    return {row.division_id: row.code for row in found}
