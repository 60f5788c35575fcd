"""Undoing (撤销与更正) as people see it: who asks for it, what it would do, what stands in its way."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from registry.changes.obstacle_names import LaterChange, NamedObstacle
from registry.restructuring.model import Preview


class UndoingKind(StrEnum):
    """What is asked for."""

    ANNUL = "annul"
    CORRECT = "correct"


class UndoingState(StrEnum):
    """Where a request stands."""

    SUBMITTED = "submitted"
    COMMITTED = "committed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Undoing:
    """A request to annul or correct an act; decided by somebody else than its author."""

    undoing_id: UUID
    kind: UndoingKind
    change_number: int
    restructuring_id: UUID | None
    state: UndoingState
    reason: str
    decree: dict[str, Any] | None
    paper: dict[str, Any] | None
    """Of a correction: the whole paper as it should have been."""
    author: str
    created_at: datetime
    drawn_at: int
    effects_digest: str
    decided_by: str | None
    result_number: int | None


@dataclass(frozen=True, slots=True)
class UndoingPreview:
    """Everything an annulment or correction would do; nothing is written."""

    kind: UndoingKind
    change: int
    """The act."""
    corrections: tuple[int, ...]
    """Its corrections that stand, taken back with it."""
    title: str
    digest: str
    plan: Preview
    """The same lists a plan is previewed in: `begun` comes back, `ended` is taken away."""
    addresses_rewritten: int
    """Addresses whose own rows are written again; the others only read differently."""
    plates: int
    """Door plates in use at addresses that read differently; each keeps its code and resolves."""
    later: tuple[LaterChange, ...]
    """Later changes on the same facts that stay in force."""
    obstacles: tuple[NamedObstacle, ...]
    """What is in the way; one is enough for the whole to be refused."""
