"""Verbs on reports (公众报告): file, move. They commit nothing."""

from uuid import UUID, uuid4

from sqlalchemy import Connection

from registry.addresses.store import AddressStore
from registry.changes.period import AsOf
from registry.plates.errors import PlateIsUnknown
from registry.plates.store import PlateStore
from registry.reports.model import Report, ReportKind, ReportState, check_step, without_personal
from registry.reports.store import ReportStore


def file_report(
    connection: Connection,
    ticket_sha256: bytes,
    *,
    code: str,
    kind: ReportKind,
    note: str | None,
    serial: int | None,
    at: AsOf,
) -> Report:
    """Take a report down.

    Args:
        ticket_sha256: of the ticket that is given to its author and kept by nobody else.
        code: of the address it is about.
        serial: of the plate that was scanned, if one was.

    Raises:
        AddressIsUnknown: no address bears the code.
    """
    door = AddressStore(connection).get(code, at)
    return ReportStore(connection).add(
        uuid4(),
        ticket_sha256,
        address_id=door.address_id,
        plate_id=None if serial is None else _plate_id(connection, code, serial, at),
        kind=kind,
        note=without_personal(note),
    )


def move_report(
    connection: Connection, report_id: UUID, state: ReportState, *, answer: str | None, by: str
) -> Report:
    """Say how far the office has come with a report.

    Raises:
        ReportIsUnknown: none has that id.
        ReportIsSettled: it was resolved or declined before.
    """
    store = ReportStore(connection)
    check_step(store.get(report_id).state, state)
    store.move(report_id, state, answer=answer, by=by)
    return store.get(report_id)


def _plate_id(connection: Connection, code: str, serial: int, at: AsOf) -> UUID | None:
    """Of the plate as the registry knows it; a serial nobody issued says nothing."""
    try:
        return PlateStore(connection).by_serial(code, serial, at).plate_id
    except PlateIsUnknown:
        return None
