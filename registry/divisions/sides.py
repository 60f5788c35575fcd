"""The two sides of a crosswalk: which divisions there were at one point in time and at another."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from sqlalchemy import Connection, select

from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.divisions.store import DivisionStore
from registry.divisions.tables import division_version
from registry.divisions.values import Division, DivisionFilter

ALL = 10_000_000


@dataclass(frozen=True, slots=True)
class Sides:
    """Divisions in force at two points, and which of them were asked for."""

    old: Mapping[UUID, Division]
    new: Mapping[UUID, Division]
    inside: Set[UUID] | None = None
    """Divisions of the scope at either point; None: all."""
    believed: Set[UUID] | None = None
    """What is now known to have been in force on the old day; None: what was known then."""

    @classmethod
    def read(cls, connection: Connection, start: AsOf, end: AsOf, within: UUID | None) -> Self:
        """Both sides, in a handful of statements whatever their size."""
        store = DivisionStore(connection)
        inside: set[UUID] | None = None
        if within is not None:
            inside = set()
            for at in (start, end):
                inside |= set(connection.scalars(store.descendants(within, at)))
        believed: set[UUID] | None = None
        if start.known != end.known:
            later = AsOf(start.valid_on, end.known)
            believed = set(
                connection.scalars(
                    select(division_version.c.division_id).where(seen_at(division_version, later))
                )
            )
        return cls(_in_force(store, start), _in_force(store, end), inside, believed)

    def holds(self, division_id: UUID | None) -> bool:
        """Whether a division lies in the scope at either point."""
        return self.inside is None or division_id in self.inside

    def existed(self, division_id: UUID) -> bool:
        """Whether, by what is known now, a division was in force on the old day."""
        return division_id in (self.old if self.believed is None else self.believed)


def _in_force(store: DivisionStore, at: AsOf) -> dict[UUID, Division]:
    page = store.page(DivisionFilter(), at, limit=ALL, cursor=None)
    return {one.division_id: one for one in page.divisions}
