"""What an edition says differently from the registry: to be read by a person, never applied.

An edition lists a state; it does not say what happened, when, or by whose decision. Its
differences become a draft of a plan that somebody turns into dated acts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, select

from data.editions.tree import PlacedRow
from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.divisions.model import STATISTICAL
from registry.divisions.tables import division_code_version, division_version


@dataclass(frozen=True, slots=True)
class HeldUnit:
    """A division as the registry holds it on a day."""

    division_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Difference:
    """An edition beside the registry (差异), by code."""

    agreeing: int
    renamed: Sequence[tuple[str, str, str]]
    """Code, name in the registry, name in the edition."""
    only_in_edition: Sequence[tuple[str, str]]
    only_in_registry: Sequence[tuple[str, str]]

    @property
    def is_empty(self) -> bool:
        """Whether both say the same."""
        return not (self.renamed or self.only_in_edition or self.only_in_registry)


def held_on(connection: Connection, at: AsOf) -> dict[str, HeldUnit]:
    """Divisions in force on a day by statistical code."""
    # Two plain reads: a join of tables that were just filled is planned without statistics.
    version, code = division_version, division_code_version
    named = connection.execute(
        select(version.c.division_id, version.c.name).where(seen_at(version, at))
    )
    names = {row.division_id: row.name for row in named}
    rows = connection.execute(
        select(code.c.code, code.c.division_id)
        .where(code.c.scheme == STATISTICAL, seen_at(code, at))
        .order_by(code.c.code)
    )
    return {
        row.code: HeldUnit(row.division_id, names[row.division_id])
        for row in rows
        if row.division_id in names
    }


def codes_ever_used(connection: Connection) -> set[str]:
    """Statistical codes that any division is believed to have borne on any day."""
    table = division_code_version
    return set(
        connection.scalars(
            select(table.c.code).where(table.c.scheme == STATISTICAL, table.c.recorded_to.is_(None))
        )
    )


def compare(rows: Iterable[PlacedRow], held: Mapping[str, HeldUnit]) -> Difference:
    """Hold an edition against the registry, within the counties the edition speaks of.

    Units above the counties, and levels the edition has no row of, are compared only as far as
    the edition lists them.
    """
    listed = {row.code: row.name for row in rows}
    shared = listed.keys() & held.keys()
    counties = {code[:6] for code in listed if len(code) > 6}
    levels = {len(code) for code in listed}
    return Difference(
        agreeing=sum(listed[code] == held[code].name for code in shared),
        renamed=[
            (code, held[code].name, listed[code])
            for code in sorted(shared)
            if listed[code] != held[code].name
        ],
        only_in_edition=[(code, listed[code]) for code in sorted(listed.keys() - shared)],
        only_in_registry=[
            (code, held[code].name)
            for code in sorted(held.keys() - shared)
            if code[:6] in counties and len(code) in levels
        ],
    )
