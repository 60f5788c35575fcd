"""Deadlines (期限) of a restructuring: what the rules ask to be done by when. Calendar days.

Sources: 地名管理条例 arts 13, 14 (P04, P05); 行政区划管理条例 (Order 704) arts 15, 17 (V05, V07).
The 30 days for the public announcement (V08) stand in measures that could not be checked against
their text, so V08 carries no day of its own here.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Standing(StrEnum):
    """How a deadline stands."""

    WAITING = "waiting"
    """What it counts from has not happened, or is not known."""
    OPEN = "open"
    LATE = "late"
    MET = "met"
    MET_LATE = "met-late"


MILESTONES = ("filed", "announced", "codes-published", "opened", "completion-reported")
"""Dates that nobody but staff can know: they are recorded as steps."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """One duty and its last day."""

    rule: str
    """Id of the rule: P04, P05, V05, V07."""
    duty: str
    counted_from: date | None
    due_on: date | None
    done_on: date | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class Dates:
    """What is known of a restructuring's days."""

    approved_on: date | None
    effective_on: date
    committed_on: date | None
    """The day it was carried out in the registry."""
    milestones: Mapping[str, date]


def deadlines_of(dates: Dates, today: date) -> tuple[Deadline, ...]:
    """Every deadline, in the order of the rules."""
    approved, done = dates.approved_on, dates.milestones
    carried_out = None if dates.committed_on is None else dates.effective_on
    rows = (
        ("P04", "filing", approved, _days(approved, 15), done.get("filed")),
        ("P05", "announcement", approved, _days(approved, 15), done.get("announced")),
        ("V05", "carrying-out", approved, _months(approved, 12), carried_out),
        (
            "V07",
            "codes",
            dates.effective_on,
            _months(dates.effective_on, 1),
            done.get("codes-published"),
        ),
    )
    return tuple(
        Deadline(rule, duty, start, due, done_on, _standing(due, done_on, today))
        for rule, duty, start, due, done_on in rows
    )


def _standing(due: date | None, done_on: date | None, today: date) -> Standing:
    if due is None:
        return Standing.WAITING
    if done_on is not None:
        return Standing.MET if done_on <= due else Standing.MET_LATE
    return Standing.OPEN if today <= due else Standing.LATE


def _days(start: date | None, days: int) -> date | None:
    return None if start is None else start + timedelta(days=days)


def _months(start: date | None, months: int) -> date | None:
    """The same day some months later, or the last of a shorter month."""
    if start is None:
        return None
    year, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + year, month + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))
