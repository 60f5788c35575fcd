"""All SQL of a restructuring's life: its steps, its case, and what is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, RowMapping, func, insert, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from registry.restructuring.model import Restructuring, State
from registry.restructuring.store import to_restructuring
from registry.restructuring.tables import restructuring, restructuring_step


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a restructuring: who did it, when, why, on exactly what."""

    number: int
    step: str
    state: State
    """Where the restructuring stood afterwards."""
    who: str
    happened_at: datetime
    reason: str | None
    digest: str | None
    facts: dict[str, Any] | None


class Docket:
    """The cases inside the caller's transaction; this class never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def steps(self, restructuring_id: UUID) -> list[Step]:
        """Every step, in order."""
        rows = self._connection.execute(
            select(*(c for c in restructuring_step.c if c.name != "restructuring_id"))
            .where(restructuring_step.c.restructuring_id == restructuring_id)
            .order_by(restructuring_step.c.number)
        ).mappings()
        return [Step(**{**row, "state": State(row["state"])}) for row in rows]

    def log(
        self,
        restructuring_id: UUID,
        step: str,
        state: State,
        *,
        who: str,
        reason: str | None = None,
        digest: str | None = None,
        facts: dict[str, Any] | None = None,
    ) -> None:
        """Write a step down; the caller holds the restructuring's row."""
        following = select(func.coalesce(func.max(restructuring_step.c.number), 0) + 1).where(
            restructuring_step.c.restructuring_id == restructuring_id
        )
        self._connection.execute(
            insert(restructuring_step).values(
                restructuring_id=restructuring_id,
                number=following.scalar_subquery(),
                step=step,
                state=state.value,
                who=who,
                reason=reason,
                digest=digest,
                facts=facts,
            )
        )

    def case(self, case_id: UUID) -> list[Restructuring]:
        """All acts and scenarios of a case, in order."""
        return self._many(restructuring.c.case_id == case_id)

    def lock_case(self, case_id: UUID) -> list[Restructuring]:
        """The same, held: no step of any of them happens meanwhile."""
        self._connection.execute(
            select(restructuring.c.restructuring_id)
            .where(restructuring.c.case_id == case_id)
            .order_by(restructuring.c.restructuring_id)
            .with_for_update()
        ).all()
        return self.case(case_id)

    def in_state(self, state: State) -> list[Restructuring]:
        """Every restructuring that stands so."""
        return self._many(restructuring.c.state == state.value)

    def with_paper(self, paper: dict[str, Any]) -> list[Restructuring]:
        """Every restructuring filed with exactly this paper, latest first."""
        found = self._many(restructuring.c.paper == literal(paper, JSONB))
        return sorted(found, key=lambda one: one.created_at, reverse=True)

    def due(self, today: date) -> list[Restructuring]:
        """What is scheduled for today or earlier, in the order it is to be carried out."""
        return sorted(
            self._many(
                restructuring.c.state == State.SCHEDULED.value,
                restructuring.c.effective_on <= today,
            ),
            key=lambda one: (one.effective_on, one.created_at, one.act_number),
        )

    def claim(self, filed: Restructuring) -> bool:
        """Hold a case for its turn; False: somebody else is at it, or was."""
        held = self._connection.execute(
            select(restructuring.c.restructuring_id, restructuring.c.state)
            .where(restructuring.c.case_id == filed.case_id)
            .order_by(restructuring.c.restructuring_id)
            .with_for_update(skip_locked=True)
        ).all()
        states = {row.restructuring_id: row.state for row in held}
        return (
            len(held) == len(self.case(filed.case_id))
            and states.get(filed.restructuring_id) == State.SCHEDULED.value
        )

    def _many(self, *conditions: ColumnElement[bool]) -> list[Restructuring]:
        rows: Sequence[RowMapping] = (
            self._connection.execute(
                select(restructuring)
                .where(*conditions)
                .order_by(
                    restructuring.c.act_number,
                    restructuring.c.scenario,
                    restructuring.c.restructuring_id,
                )
            )
            .mappings()
            .all()
        )
        return [to_restructuring(row) for row in rows]
