"""Where reports of residents come in, by the page and by the API, and where tickets are looked up."""

from fastapi import Request

from api import clock
from api.throttle import Throttle
from api.tickets import digest_of, new_ticket
from registry.addresses.address_code import AddressCode
from registry.changes.store import ChangeStore
from registry.reports.commands import file_report
from registry.reports.model import Report, ReportKind
from registry.reports.store import ReportStore


def take_down(
    request: Request, *, code: str, kind: ReportKind, note: str | None, serial: int | None
) -> tuple[str, Report]:
    """Take a report down; its ticket is told once and not kept.

    Raises:
        AddressCodeIsMistyped, AddressIsUnknown.
        Refusal: too many came from there.
    """
    canonical, ticket = str(AddressCode.parse(code)), new_ticket()
    throttle: Throttle = request.app.state.throttle
    throttle.admit(request)
    with request.app.state.engine.connect() as connection:
        filed = file_report(
            connection,
            digest_of(ticket),
            code=canonical,
            kind=kind,
            note=note,
            serial=serial,
            at=ChangeStore(connection).as_of(clock.today()),
        )
        connection.commit()
    return ticket, filed


def looked_up(request: Request, ticket: str) -> Report:
    """The report of a ticket.

    Raises:
        ReportIsUnknown: it is nobody's.
    """
    with request.app.state.engine.connect() as connection:
        return ReportStore(connection).by_ticket(digest_of(ticket))
