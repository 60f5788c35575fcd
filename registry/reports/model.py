"""A report (公众报告): which door, what is wrong there, and how far the office has come with it.

Nothing is known of who reported it. What people write in spite of that, numbers by which somebody
can be reached or told apart, is taken out before anything is kept.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from registry.reports.errors import ReportIsSettled

LONGEST_NOTE = 300
LONGEST_ANSWER = 500
TAKEN_OUT = "***"
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LONG_NUMBER = re.compile(r"(?:\+?\d[\s-]?){6,}\d[\dXx]?")
"""Seven digits and more: telephones, identity cards, accounts. Door numbers are shorter."""


class ReportKind(StrEnum):
    """What is wrong, as somebody standing there sees it."""

    PLATE_MISSING = "plate_missing"
    PLATE_DAMAGED = "plate_damaged"
    PLATE_COVERED = "plate_covered"
    """Something is pasted over it, or over its code."""
    PLATE_WRONG_DOOR = "plate_wrong_door"
    NAME_WRONG = "name_wrong"
    """Name or number is not what the door is called."""
    POSITION_WRONG = "position_wrong"
    """The map shows the door elsewhere."""
    SIGN_WRONG = "sign_wrong"
    """A street sign nearby."""
    OTHER = "other"


class ReportState(StrEnum):
    """How far the office has come."""

    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    DECLINED = "declined"
    """Nothing was found wrong; the answer says why."""


OPEN = frozenset({ReportState.RECEIVED, ReportState.IN_PROGRESS})
ALLOWED: Mapping[ReportState, frozenset[ReportState]] = MappingProxyType(
    {
        ReportState.RECEIVED: frozenset(ReportState) - {ReportState.RECEIVED},
        ReportState.IN_PROGRESS: frozenset({ReportState.RESOLVED, ReportState.DECLINED}),
        ReportState.RESOLVED: frozenset(),
        ReportState.DECLINED: frozenset(),
    }
)
"""States a report may enter from each."""


@dataclass(frozen=True, slots=True)
class Report:
    """One report as it stands."""

    report_id: UUID
    address_code: str
    plate_id: UUID | None
    """The plate whose code was scanned, where one was."""
    kind: ReportKind
    note: str | None
    state: ReportState
    received_at: datetime
    moved_at: datetime | None
    """When it came into its state; None: it is as it was received."""
    answer: str | None
    """What the office says to whoever holds the ticket."""


def without_personal(note: str | None) -> str | None:
    """A note without what could tell who wrote it or whom it is about; None: nothing is left."""
    if note is None:
        return None
    plain = _LONG_NUMBER.sub(TAKEN_OUT, _MAIL.sub(TAKEN_OUT, " ".join(note.split())))
    return plain[:LONGEST_NOTE] or None


def check_step(held: ReportState, wanted: ReportState) -> None:
    """Refuse a step the life of a report does not have.

    Raises:
        ReportIsSettled: it was resolved or declined, or is in that state already.
    """
    if wanted not in ALLOWED[held]:
        raise ReportIsSettled(state=held.value, step=wanted.value)
