"""All SQL of requests to annul or correct an act."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, RowMapping, insert, select, update

from registry.restructuring.tables import restructuring, undoing
from registry.restructuring.undoing import Undoing, UndoingKind, UndoingState
from registry.undoing_errors import UndoingIsUnknown


class UndoingStore:
    """Requests inside the caller's transaction; this class never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, values: Mapping[str, Any]) -> None:
        """File a request."""
        self._connection.execute(insert(undoing).values(**values))

    def get(self, undoing_id: UUID) -> Undoing:
        """One request.

        Raises:
            UndoingIsUnknown: none has that id.
        """
        row = (
            self._connection.execute(select(undoing).where(undoing.c.undoing_id == undoing_id))
            .mappings()
            .first()
        )
        if row is None:
            raise UndoingIsUnknown(str(undoing_id))
        return _to_undoing(row)

    def lock(self, undoing_id: UUID) -> Undoing:
        """One request, held so that nobody else decides it meanwhile."""
        self._connection.execute(
            select(undoing.c.undoing_id).where(undoing.c.undoing_id == undoing_id).with_for_update()
        )
        return self.get(undoing_id)

    def all(self, restructuring_id: UUID | None = None) -> list[Undoing]:
        """Every request, or those on one restructuring, latest first."""
        statement = select(undoing).order_by(undoing.c.created_at.desc(), undoing.c.undoing_id)
        if restructuring_id is not None:
            statement = statement.where(undoing.c.restructuring_id == restructuring_id)
        return [_to_undoing(row) for row in self._connection.execute(statement).mappings()]

    def amend(self, undoing_id: UUID, **values: Any) -> None:
        """Move a request on."""
        self._connection.execute(
            update(undoing).where(undoing.c.undoing_id == undoing_id).values(**values)
        )

    def paper_of(self, results: Sequence[int]) -> dict[str, Any] | None:
        """The paper that the last of some corrections gave their act."""
        row = self._connection.execute(
            select(undoing.c.paper)
            .where(undoing.c.result_number.in_(results), undoing.c.paper.is_not(None))
            .order_by(undoing.c.result_number.desc())
            .limit(1)
        ).first()
        return None if row is None else dict(row.paper)

    def restructuring_of(self, number: int) -> UUID | None:
        """The restructuring a change carried out; None: it was another kind of work."""
        found: UUID | None = self._connection.scalar(
            select(restructuring.c.restructuring_id).where(restructuring.c.change_number == number)
        )
        return found


def _to_undoing(row: RowMapping) -> Undoing:
    return Undoing(**{**row, "kind": UndoingKind(row["kind"]), "state": UndoingState(row["state"])})
