"""All SQL of reports (公众报告)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, func, insert, select, tuple_, update

from registry.addresses.tables import address, address_version
from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.divisions.store import DivisionStore
from registry.reports.errors import ReportIsUnknown
from registry.reports.model import Report, ReportKind, ReportState
from registry.reports.tables import report


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """Which reports a list shall hold; None: any."""

    state: ReportState | None = None
    within: UUID | None = None
    """A division at whatever level."""


class ReportStore:
    """Reports inside the caller's transaction; this class never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        report_id: UUID,
        ticket_sha256: bytes,
        *,
        address_id: UUID,
        plate_id: UUID | None,
        kind: ReportKind,
        note: str | None,
    ) -> Report:
        """Write a report down as received."""
        self._connection.execute(
            insert(report).values(
                report_id=report_id,
                ticket_sha256=ticket_sha256,
                address_id=address_id,
                plate_id=plate_id,
                kind=kind.value,
                note=note,
            )
        )
        return self.get(report_id)

    def get(self, report_id: UUID) -> Report:
        """One report by its id.

        Raises:
            ReportIsUnknown: none has it.
        """
        return self._one(_read().where(report.c.report_id == report_id), str(report_id))

    def by_ticket(self, ticket_sha256: bytes) -> Report:
        """One report by the digest of its ticket.

        Raises:
            ReportIsUnknown: none has it.
        """
        return self._one(_read().where(report.c.ticket_sha256 == ticket_sha256), "of that ticket")

    def page(
        self,
        wanted: ReportFilter,
        at: AsOf,
        *,
        limit: int,
        after: tuple[datetime, UUID] | None = None,
    ) -> list[Report]:
        """The next reports, oldest first.

        Args:
            at: the day on which a division holds its doors.
            after: moment and id of the last one of the page before.
        """
        statement = _read().order_by(report.c.received_at, report.c.report_id).limit(limit)
        if wanted.state is not None:
            statement = statement.where(report.c.state == wanted.state.value)
        if wanted.within is not None:
            tree = DivisionStore(self._connection).descendants(wanted.within, at)
            inside = select(address_version.c.address_id).where(
                seen_at(address_version, at), address_version.c.division_id.in_(tree)
            )
            statement = statement.where(report.c.address_id.in_(inside))
        if after is not None:
            statement = statement.where(tuple_(report.c.received_at, report.c.report_id) > after)
        return [_to_report(row) for row in self._connection.execute(statement).mappings()]

    def move(self, report_id: UUID, state: ReportState, *, answer: str | None, by: str) -> None:
        """Write down that a report came into a state."""
        self._connection.execute(
            update(report)
            .where(report.c.report_id == report_id)
            .values(state=state.value, answer=answer, moved_by=by, moved_at=func.now())
        )

    def _one(self, statement: Select[tuple[Any, ...]], wanted: str) -> Report:
        row = self._connection.execute(statement).mappings().first()
        if row is None:
            raise ReportIsUnknown(wanted)
        return _to_report(row)


def _read() -> Select[tuple[Any, ...]]:
    return select(
        report.c.report_id,
        address.c.code.label("address_code"),
        report.c.plate_id,
        report.c.kind,
        report.c.note,
        report.c.state,
        report.c.received_at,
        report.c.moved_at,
        report.c.answer,
    ).join(address, address.c.address_id == report.c.address_id)


def _to_report(row: Any) -> Report:
    values = {**row, "kind": ReportKind(row["kind"]), "state": ReportState(row["state"])}
    return Report(**values)
