"""Amendments: what later changes say of earlier ones, with both clocks; the log stays untouched."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import Connection, RowMapping, select

from registry.changes.model import Amendment, Change, Decree
from registry.changes.period import Period
from registry.changes.rows import known_at
from registry.changes.tables import amendment_version
from registry.changes.timeline import begin
from registry.changes.work import Work

AMENDMENTS = UUID("0d9c7c0e-52c5-5d53-8f3e-6b1c1a0a7d31")
"""Namespace: one amending change says one thing of one change."""
ANNULLED, CORRECTED = "annulled", "corrected"


class Undone(NamedTuple):
    """A change that was annulled, and the change that did it."""

    number: int
    by: int


def amend(
    work: Work,
    number: int,
    *,
    kind: str,
    reason: str | None = None,
    effective_on: date | None = None,
    decree: Decree | None = None,
) -> None:
    """Say of a change that this work annuls or corrects it.

    Args:
        effective_on: the right day; None: as before.
        decree: the right decree; None: as before.
    """
    values = {
        "change_number": number,
        "kind": kind,
        "reason": reason,
        "effective_on": effective_on,
        **(_columns(decree) if decree is not None else {}),
    }
    key = uuid5(AMENDMENTS, f"{number}|{work.number}")
    work.rewrite(amendment_version, key, (), begin((), Period(), values, kind))


class AmendmentStore:
    """Amendments inside the caller's transaction; this class never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, numbers: Sequence[int], known: int) -> list[Amendment]:
        """What is believed after change `known` of some changes, in the order it was said."""
        rows = self._connection.execute(
            select(amendment_version)
            .where(
                amendment_version.c.change_number.in_(numbers),
                known_at(amendment_version, known),
            )
            .order_by(amendment_version.c.begun_by)
        ).mappings()
        return [_to_amendment(row) for row in rows]

    def annulled_by(self, number: int, known: int) -> int | None:
        """The change that annulled a change; None: it stands."""
        return next((one.by for one in self.of([number], known) if one.kind == ANNULLED), None)

    def corrections_of(self, number: int, known: int) -> tuple[int, ...]:
        """The changes that corrected a change and stand, in order."""
        return tuple(one.by for one in self.of([number], known) if one.kind == CORRECTED)

    def annulled_since(self, number: int, own: Collection[int]) -> tuple[Undone, ...]:
        """What was annulled after a change, whether that still stands or not.

        Args:
            own: annulments that are left out.
        """
        table = amendment_version
        rows = self._connection.execute(
            select(table.c.change_number, table.c.begun_by)
            .where(
                table.c.kind == ANNULLED,
                table.c.begun_by > number,
                table.c.begun_by.not_in(own),
            )
            .distinct()
        )
        return tuple(Undone(*row) for row in rows)

    def family_of(self, number: int) -> frozenset[int]:
        """A change, all that ever corrected or annulled it, and so on, whether they stand or not.

        None of them would have been done had the change not been.
        """
        found: set[int] = set()
        fresh = {number}
        while fresh:
            found |= fresh
            amending = select(amendment_version.c.begun_by).where(
                amendment_version.c.change_number.in_(fresh)
            )
            fresh = set(self._connection.scalars(amending)) - found
        return frozenset(found)


def amended(changes: dict[int, Change], amendments: Sequence[Amendment]) -> dict[int, Change]:
    """Changes with the decree and the day that later corrections gave them."""
    found = dict(changes)
    for one in amendments:
        if one.change in found and one.kind == CORRECTED:
            change = found[one.change]
            found[one.change] = replace(
                change,
                decree=one.decree or change.decree,
                effective_on=one.effective_on or change.effective_on,
            )
    return found


def _columns(decree: Decree) -> dict[str, object]:
    return {
        "decree_number": decree.number,
        "decree_authority": decree.authority,
        "decree_title": decree.title,
        "decree_approved_on": decree.approved_on,
        "decree_announced_on": decree.announced_on,
        "decree_effective_on": decree.effective_on,
        "decree_note": decree.note,
    }


def _to_amendment(row: RowMapping) -> Amendment:
    decree = None
    if row["decree_authority"] is not None:
        decree = Decree(
            authority=row["decree_authority"],
            number=row["decree_number"],
            title=row["decree_title"],
            approved_on=row["decree_approved_on"],
            announced_on=row["decree_announced_on"],
            effective_on=row["decree_effective_on"],
            note=row["decree_note"],
        )
    return Amendment(
        change=row["change_number"],
        kind=row["kind"],
        by=row["begun_by"],
        reason=row["reason"],
        effective_on=row["effective_on"],
        decree=decree,
    )
