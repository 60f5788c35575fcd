"""Decrees (批复) and changes (变更): who decided what, when it takes effect, when we knew."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class Verb(StrEnum):
    """Why a work rewrites what the registry says."""

    CHANGE = "change"
    """The world moved."""
    CORRECT = "correct"
    """The registry had it wrong."""
    REDIGITISE = "redigitise"
    """The same thing, measured better."""
    IMPORT = "import"
    """A source was taken in."""
    ANNUL = "annul"
    """An act is taken back, for every day."""


@dataclass(frozen=True, slots=True)
class Decree:
    """The legal basis of an act (批复)."""

    authority: str
    number: str | None = None
    """文号; None when no source gives it."""
    title: str | None = None
    approved_on: date | None = None
    announced_on: date | None = None
    effective_on: date | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """What a work is for, said before it starts."""

    author: str
    verb: Verb
    title: str
    decree: Decree | None = None
    effective_on: date | None = None
    restructuring_id: UUID | None = None
    source_key: str | None = None
    """A second work with the same key is refused: it has been done."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a later change says of an earlier one."""

    change: int
    """The change that is amended."""
    kind: str
    """annulled or corrected."""
    by: int
    """The change that amends it."""
    reason: str | None
    effective_on: date | None
    """None: as the change says."""
    decree: Decree | None
    """None: as the change says."""


@dataclass(frozen=True, slots=True)
class Change:
    """One recorded work (变更)."""

    number: int
    recorded_at: datetime
    author: str
    verb: Verb
    title: str
    effective_on: date | None
    restructuring_id: UUID | None
    source_key: str | None
    decree_id: UUID | None
    decree: Decree | None
