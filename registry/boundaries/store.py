"""All SQL of boundary updates: drafts, their territories, their steps, and rivals on one edge."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from geoalchemy2.shape import from_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import (
    ARRAY,
    Connection,
    RowMapping,
    Text,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from registry.boundaries.errors import BoundaryUpdateIsUnknown
from registry.boundaries.model import (
    OPEN,
    BoundaryUpdate,
    DoorChoice,
    DraftTerritory,
    Origin,
    Reason,
    Step,
    UpdateState,
)
from registry.boundaries.tables import (
    boundary_update,
    boundary_update_step,
    boundary_update_territory,
)
from registry.changes.rows import plain

CRS = 4490
TOUCHING_DEG = 1e-5
"""About a metre: drafts that come this close are at work on the same ground."""
_SHOWN = tuple(c for c in boundary_update.c if c.name not in ("altered", "edges"))


class BoundaryStore:
    """Boundary updates inside the caller's transaction; this class never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, values: Mapping[str, Any]) -> None:
        """File a new update."""
        self._connection.execute(insert(boundary_update).values(**values))

    def get(self, update_id: UUID) -> BoundaryUpdate:
        """One update.

        Raises:
            BoundaryUpdateIsUnknown: none has that id.
        """
        row = (
            self._connection.execute(
                select(*_SHOWN).where(boundary_update.c.update_id == update_id)
            )
            .mappings()
            .first()
        )
        if row is None:
            raise BoundaryUpdateIsUnknown(str(update_id))
        return _to_update(row)

    def lock(self, update_id: UUID) -> BoundaryUpdate:
        """One update, held so that no other step of it happens meanwhile."""
        self._connection.execute(
            select(boundary_update.c.update_id)
            .where(boundary_update.c.update_id == update_id)
            .with_for_update()
        )
        return self.get(update_id)

    def page(
        self, *, author: str | None, state: UpdateState | None, limit: int
    ) -> list[BoundaryUpdate]:
        """Updates, latest first."""
        statement = select(*_SHOWN)
        if author is not None:
            statement = statement.where(boundary_update.c.author == author)
        if state is not None:
            statement = statement.where(boundary_update.c.state == state.value)
        rows = self._connection.execute(
            statement.order_by(
                boundary_update.c.created_at.desc(), boundary_update.c.update_id
            ).limit(limit)
        ).mappings()
        return [_to_update(row) for row in rows]

    def draft_of(self, author: str, source: str) -> BoundaryUpdate | None:
        """The surveyor's latest draft that came through a door, if one is open; held."""
        found = self._connection.scalar(
            select(boundary_update.c.update_id)
            .where(
                boundary_update.c.author == author,
                boundary_update.c.source == source,
                boundary_update.c.state == UpdateState.DRAFT.value,
            )
            .order_by(boundary_update.c.created_at.desc(), boundary_update.c.update_id)
            .limit(1)
            .with_for_update()
        )
        return None if found is None else self.get(found)

    def amend(self, update_id: UUID, **values: Any) -> None:
        """Move an update on."""
        self._connection.execute(
            update(boundary_update)
            .where(boundary_update.c.update_id == update_id)
            .values(revision=boundary_update.c.revision + 1, **values)
        )

    def territories(self, update_id: UUID) -> dict[UUID, DraftTerritory]:
        """The territories of an update, by division."""
        rows = self._connection.execute(
            select(boundary_update_territory)
            .where(boundary_update_territory.c.update_id == update_id)
            .order_by(boundary_update_territory.c.division_id)
        ).mappings()
        return {
            row["division_id"]: DraftTerritory(
                row["division_id"], plain(row["territory"]), Origin(row["origin"])
            )
            for row in rows
        }

    def write_territories(self, update_id: UUID, drawn: Iterable[DraftTerritory]) -> None:
        """Put these in place of all territories of an update."""
        self._connection.execute(
            delete(boundary_update_territory).where(
                boundary_update_territory.c.update_id == update_id
            )
        )
        rows = [
            {
                "update_id": update_id,
                "division_id": one.division_id,
                "territory": from_shape(one.territory, srid=CRS, extended=True),
                "origin": one.origin.value,
            }
            for one in drawn
        ]
        if rows:
            self._connection.execute(insert(boundary_update_territory), rows)

    def mark_ground(self, update_id: UUID, altered: BaseGeometry, edges: Collection[str]) -> None:
        """Write down which ground and which edges an update is at work on."""
        self._connection.execute(
            update(boundary_update)
            .where(boundary_update.c.update_id == update_id)
            .values(altered=from_shape(altered, srid=CRS, extended=True), edges=sorted(edges))
        )

    def rivals(
        self, author: str, altered: BaseGeometry, edges: Collection[str]
    ) -> list[BoundaryUpdate]:
        """Open updates of others that touch the same ground or edge."""
        near = func.ST_DWithin(
            boundary_update.c.altered, from_shape(altered, srid=CRS), TOUCHING_DEG
        )
        same = boundary_update.c.edges.op("&&")(literal(sorted(edges), ARRAY(Text)))
        rows = (
            self._connection.execute(
                select(*_SHOWN)
                .where(
                    boundary_update.c.author != author,
                    boundary_update.c.state.in_([state.value for state in OPEN]),
                    or_(near, same),
                )
                .order_by(boundary_update.c.created_at, boundary_update.c.update_id)
            )
            .mappings()
            .all()
        )
        return [_to_update(row) for row in rows]

    def queue(self) -> None:
        """Let updates be filed one after the other, so that of two on one edge one is told."""
        self._connection.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))

    def log(
        self,
        update_id: UUID,
        step: str,
        state: UpdateState,
        *,
        who: str,
        reason: str | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        """Write a step down; the caller holds the update's row."""
        following = select(func.coalesce(func.max(boundary_update_step.c.number), 0) + 1).where(
            boundary_update_step.c.update_id == update_id
        )
        self._connection.execute(
            insert(boundary_update_step).values(
                update_id=update_id,
                number=following.scalar_subquery(),
                step=step,
                state=state.value,
                who=who,
                reason=reason,
                facts=facts,
            )
        )

    def steps(self, update_id: UUID) -> list[Step]:
        """Every step, in order."""
        rows = self._connection.execute(
            select(*(c for c in boundary_update_step.c if c.name != "update_id"))
            .where(boundary_update_step.c.update_id == update_id)
            .order_by(boundary_update_step.c.number)
        ).mappings()
        return [Step(**{**row, "state": UpdateState(row["state"])}) for row in rows]

    def divisions(self, update_id: UUID) -> list[UUID]:
        """The divisions a draft draws, by id."""
        found: Sequence[UUID] = self._connection.scalars(
            select(boundary_update_territory.c.division_id)
            .where(boundary_update_territory.c.update_id == update_id)
            .order_by(boundary_update_territory.c.division_id)
        ).all()
        return list(found)


ONE_AT_A_TIME = 17796
"""Advisory lock under which updates are filed; after GB/T 17796, the survey of boundaries."""


def _to_update(row: RowMapping) -> BoundaryUpdate:
    doors = row["doors"]
    return BoundaryUpdate(
        **{
            **row,
            "reason": Reason(row["reason"]),
            "doors": None if doors is None else DoorChoice(doors),
            "state": UpdateState(row["state"]),
        }
    )
