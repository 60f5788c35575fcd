"""Pages for residents: reporting a problem, following it, verifying plates and certificates."""

from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Query, Request, Response, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse

from api import clock
from api.language import preferred
from api.page_safety import PAGE_POLICY
from api.plate_codes import Scan
from api.plate_photos import LARGEST_BYTES, codes_on
from api.problems import Refusal
from api.report_desk import looked_up, take_down
from api.routes.pages import friendly
from api.settings import Settings
from api.tickets import LONGEST
from api.time_travel import asked_day, recorded_reader
from api.verifying import examine, examine_document
from api.web.page import render_error_page
from api.web.residents import (
    Finding,
    ReportPage,
    TicketPage,
    VerifyPage,
    render_report_form,
    render_ticket,
    render_ticket_search,
    render_verify,
    worst_first,
)
from api.web.words import WORDS
from registry.addresses.address_code import AddressCode
from registry.addresses.model import Address
from registry.addresses.store import AddressStore
from registry.addresses.text import Profile
from registry.changes.store import ChangeStore
from registry.errors import RegistryError
from registry.plates.model import LAST_SERIAL
from registry.reports.model import LONGEST_NOTE, ReportKind

router = APIRouter(tags=["pages"], default_response_class=HTMLResponse)

PRIVATE = {"Cache-Control": "no-store", "Vary": "Accept-Language"}
LONGEST_CODE = 800
MOST_CODES = 12
Serial = Annotated[int | None, Query(ge=1, le=LAST_SERIAL, description="Of the plate scanned.")]


@router.get("/a/{code}/report", operation_id="reportPage")
def show_form(request: Request, code: str, serial: Serial = None) -> Response:
    """The form on which somebody says what is wrong at a door."""
    asked_day(request, None)
    try:
        return _form(request, code, serial)
    except RegistryError as error:
        return friendly(error, preferred(request))


@router.post("/a/{code}/report", operation_id="reportByPage")
def take_form(
    request: Request,
    code: str,
    kind: Annotated[str, Form(max_length=40)] = "",
    note: Annotated[str | None, Form(max_length=10 * LONGEST_NOTE)] = None,
    serial: Annotated[int | None, Form(ge=1, le=LAST_SERIAL)] = None,
) -> Response:
    """Take the form; leads to the page of the ticket."""
    language = preferred(request)
    if kind not in set(ReportKind):
        return _form(request, code, serial, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        ticket, _filed = take_down(
            request, code=code, kind=ReportKind(kind), note=note, serial=serial
        )
    except RegistryError as error:
        return friendly(error, language)
    except Refusal as refusal:
        return _too_fast(request, refusal)
    place = f"/reports/{ticket}?new=1&lang={language}"
    return RedirectResponse(place, status_code=HTTPStatus.SEE_OTHER, headers=PRIVATE)


@router.get("/reports", operation_id="reportsPage")
def find_report(
    request: Request,
    ticket: Annotated[str | None, Query(max_length=LONGEST, description="The ticket.")] = None,
) -> Response:
    """Where a ticket is typed."""
    asked_day(request, None)
    language = preferred(request)
    if ticket and ticket.strip():
        try:
            looked_up(request, ticket)
        except RegistryError as error:
            return friendly(error, language)
        kept = "".join(each for each in ticket if each.isalnum() or each == "-")
        place = f"/reports/{kept}?lang={language}"
        return RedirectResponse(place, status_code=HTTPStatus.SEE_OTHER, headers=PRIVATE)
    return _page(render_ticket_search(language))


@router.get("/reports/{ticket}", operation_id="ticketPage")
def show_ticket(
    request: Request,
    ticket: Annotated[str, Path(max_length=LONGEST)],
    new: Annotated[bool, Query(description="It was filed this moment.")] = False,  # noqa: FBT002 -- a query parameter
) -> Response:
    """What became of a report, for whoever holds its ticket."""
    asked_day(request, None)
    language = preferred(request)
    try:
        found = looked_up(request, ticket)
        door = _door(request, found.address_code)
    except RegistryError as error:
        return friendly(error, language)
    page = TicketPage(
        ticket=ticket.upper(),
        code=found.address_code,
        text=door.text(),
        kind=found.kind.value,
        note=found.note,
        state=found.state.value,
        received_at=found.received_at,
        moved_at=found.moved_at,
        answer=found.answer,
        is_new=new,
        language=language,
    )
    return _page(render_ticket(page))


@router.get("/verify", operation_id="verifyPage")
def show_verify(
    request: Request,
    code: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="What was read.")
    ] = None,
    door: Annotated[str | None, Query(max_length=40, description="Where it was found.")] = None,
    lon: Annotated[float | None, Query(ge=-180, le=180)] = None,
    lat: Annotated[float | None, Query(ge=-90, le=90)] = None,
) -> Response:
    """Verify a plate or a certificate; nothing is kept of who asked, or from where."""
    language, text = preferred(request), (code or "").strip()
    place = None if lon is None or lat is None else (lon, lat)
    try:
        findings = _examined(request, [text], door, place) if text else ()
    except RegistryError as error:
        return friendly(error, language)
    return _page(render_verify(VerifyPage(language, text, (door or "").strip(), findings)))


@router.post("/verify", operation_id="verifyFile")
def verify_file(
    request: Request,
    file: Annotated[UploadFile, File(description="A photo, or a certificate's JSON.")],
    door: Annotated[str | None, Form(max_length=40)] = None,
) -> Response:
    """Verify what a photo shows, or a certificate's file; neither is kept."""
    language, body = preferred(request), file.file.read(LARGEST_BYTES + 1)
    try:
        with contextmanager(recorded_reader)(request) as reading:
            found = examine_document(reading, _settings(request).home, body)
        if found is not None:
            return _page(render_verify(VerifyPage(language, findings=(found,))))
        texts = codes_on(body)[:MOST_CODES]
        findings = _examined(request, texts, door, None)
    except RegistryError as error:
        return friendly(error, language)
    page = VerifyPage(
        language, door=(door or "").strip(), findings=findings, nothing_read=not findings
    )
    return _page(render_verify(page))


@router.get("/c/{seal}", operation_id="certificatePage")
@router.get("/C/{seal}", include_in_schema=False)
def show_certificate(
    request: Request, seal: Annotated[str, Path(max_length=LONGEST_CODE)]
) -> Response:
    """What the symbol on a certificate opens: whether its seal is genuine, and what it says."""
    findings = _examined(request, [f"/C/{seal}"], None, None)
    return _page(render_verify(VerifyPage(preferred(request), findings=findings)))


def _examined(
    request: Request, texts: list[str], door: str | None, place: tuple[float, float] | None
) -> tuple[Finding, ...]:
    where = (door or "").strip() or None
    with contextmanager(recorded_reader)(request) as reading:
        home = _settings(request).home
        return worst_first([examine(reading, home, Scan(one, where, place)) for one in texts])


def _form(request: Request, code: str, serial: int | None, status: int = HTTPStatus.OK) -> Response:
    door = _door(request, str(AddressCode.parse(code)))
    page = ReportPage(door.code, door.text(), door.text(Profile.PLATE), serial, preferred(request))
    return _page(render_report_form(page), status)


def _door(request: Request, code: str) -> Address:
    with request.app.state.engine.connect() as connection:
        at = ChangeStore(connection).as_of(clock.today())
        return AddressStore(connection).get(code, at)


def _too_fast(request: Request, refusal: Refusal) -> Response:
    words = WORDS[preferred(request)]
    text = render_error_page(
        words["too_fast_title"], words["too_fast"], refusal.status, preferred(request)
    )
    answered = _page(text, refusal.status)
    answered.headers.update(refusal.headers)
    return answered


def _page(text: str, status: int = HTTPStatus.OK) -> Response:
    headers = {**PRIVATE, "Content-Security-Policy": PAGE_POLICY}
    return HTMLResponse(text, status_code=status, headers=headers)


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
