"""What people see of a restructuring (区划调整): its papers' state, and the preview of its plan."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from registry.restructuring.doors import EdgeDoor
from registry.restructuring.findings import Finding
from registry.restructuring.impact import (
    Audience,
    CutThoroughfare,
    LineEffect,
    MarkerEffect,
    NameConflict,
    PlateEffect,
    ResultingDivision,
)


class State(StrEnum):
    """Where a restructuring stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    """It will be carried out by itself at 00:00 of its day."""
    HELD = "held"
    """Its moment came and it could not be carried out; a person must look at it."""
    REJECTED = "rejected"
    COMMITTED = "committed"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    """Another scenario of the same act was carried out."""
    ANNULLED = "annulled"
    """It was carried out, and taken back by a later change (已撤销)."""


CLOSED = frozenset({State.COMMITTED, State.WITHDRAWN, State.SUPERSEDED, State.ANNULLED})
"""Nothing happens to it any more."""


@dataclass(frozen=True, slots=True)
class Restructuring:
    """One restructuring and how far it has come."""

    restructuring_id: UUID
    title: str
    state: State
    effective_on: date
    paper: dict[str, Any]
    author: str
    created_at: datetime
    drawn_at: int | None
    effects_digest: str | None
    approved_by: str | None
    committed_by: str | None
    change_number: int | None
    case_id: UUID
    """Acts and scenarios with one case belong together."""
    act_number: int
    """Acts of a case with different numbers follow each other; 1 is the first."""
    scenario: str
    """Scenarios of one act are alternatives: at most one is carried out."""
    revision: int
    """Grows with every edit and step."""
    decree: dict[str, Any] | None
    """The decree as given at approval, over what the paper says of it."""


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A division in a list: what it is called and where it lies."""

    division_id: UUID
    kind: str
    name: str
    code: str | None
    parent: str | None
    members: int


@dataclass(frozen=True, slots=True)
class ChangedUnit:
    """A division that goes on, before and after."""

    before: UnitLine
    after: UnitLine


@dataclass(frozen=True, slots=True)
class MovedUnit:
    """A member that belongs to another unit afterwards."""

    division_id: UUID
    name: str
    from_name: str
    to_name: str
    code_before: str | None
    code_after: str | None


@dataclass(frozen=True, slots=True)
class CodeChange:
    """One line of the table old code → new code."""

    division_id: UUID
    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class SuccessionLine:
    """One edge of the lineage, with shares where they are known."""

    predecessor: str | None
    successor: str | None
    kind: str
    share_members: float | None
    share_area: float | None
    share_addresses: float | None
    note: str | None


@dataclass(frozen=True, slots=True)
class TextChange:
    """One address before and after."""

    code: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class AddressEffect:
    """What the act does to addresses: none is rewritten, their texts are composed anew."""

    full_text_changes: int
    legal_text_changes: int
    rehomed: int
    """Addresses of ended villages that a single successor takes over; these are rewritten."""
    samples: tuple[TextChange, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything a plan would do."""

    title: str
    effective_on: date
    effective_precision: str
    drawn_at: int
    digest: str
    ended: tuple[UnitLine, ...]
    begun: tuple[UnitLine, ...]
    changed: tuple[ChangedUnit, ...]
    moved: tuple[MovedUnit, ...]
    codes: tuple[CodeChange, ...]
    succession: tuple[SuccessionLine, ...]
    addresses: AddressEffect
    rows_to_write: dict[str, int]
    warnings: tuple[str, ...]
    breaches: tuple[str, ...]
    plates: PlateEffect
    thoroughfares: tuple[CutThoroughfare, ...]
    """Those whose doors fall into more units of township level than before."""
    lines: tuple[LineEffect, ...]
    markers: tuple[MarkerEffect, ...]
    names: tuple[NameConflict, ...]
    audience: Audience
    divisions: tuple[ResultingDivision, ...]
    """What the act leaves behind, in figures, held against the published standards."""
    findings: tuple[Finding, ...] = ()
    """Breaches, warnings and notices as values, each with its rule and what to change."""
    edge_doors: tuple[EdgeDoor, ...] = ()
    """Doors on a dividing line that a person must still settle."""
