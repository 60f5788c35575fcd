"""Pages of reports (公众报告) and of verification (核验); values in, whole pages out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from api.language import Language
from api.web.page import render_template, split_plate_line
from api.web.standing import SAYINGS, TONES, Standing
from registry.addresses.address_code import grouped
from registry.reports.model import LONGEST_NOTE, ReportKind


@dataclass(frozen=True, slots=True)
class ReportPage:
    """Where somebody says what is wrong at a door."""

    code: str
    text: str
    plate_line: str
    serial: int | None
    """Of the plate that was scanned."""
    language: Language


@dataclass(frozen=True, slots=True)
class TicketPage:
    """How far the office has come with a report."""

    ticket: str
    """As it is printed for people."""
    code: str
    text: str
    kind: str
    note: str | None
    state: str
    received_at: datetime
    moved_at: datetime | None
    answer: str | None
    is_new: bool
    language: Language


@dataclass(frozen=True, slots=True)
class ExpectedPlate:
    """What the plate at a door must look like."""

    text: str
    romanisation: str | None
    kind: str
    serial: int


@dataclass(frozen=True, slots=True)
class CertificateView:
    """What a genuine seal says."""

    text: str
    code: str
    at: date
    issued_on: date
    change: int
    whole: bool
    """Whether the document was there and agrees with the seal."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One code, and what is to be said of it."""

    standing: str
    """A `Standing`, `certificate` or `address-code`."""
    given: str
    """What was read or typed, as the registry reads it."""
    code: str | None = None
    """Address code of the door it is of."""
    text: str | None = None
    """The whole address of that door, as it reads now."""
    door_code: str | None = None
    """The door at which the plate must look as `expected`."""
    expected: ExpectedPlate | None = None
    certificate: CertificateView | None = None


@dataclass(frozen=True, slots=True)
class VerifyPage:
    """Verification: what was asked, and what was found."""

    language: Language
    typed: str = ""
    door: str = ""
    findings: tuple[Finding, ...] = ()
    nothing_read: bool = False
    """A photo was sent, and no symbol was found on it."""


def render_report_form(page: ReportPage) -> str:
    """The form, one tap a choice."""
    return render_template(
        "report_form.html",
        page.language,
        page=page,
        kinds_of_report=[kind.value for kind in ReportKind],
        longest=LONGEST_NOTE,
        here=f"/a/{page.code}/report",
    )


def render_ticket(page: TicketPage) -> str:
    """What became of a report."""
    return render_template(
        "ticket.html", page.language, page=page, here=f"/reports/{page.ticket}", grouped=grouped
    )


def render_ticket_search(language: Language) -> str:
    """Where a ticket is typed."""
    return render_template("ticket_search.html", language, here="/reports")


def render_verify(page: VerifyPage) -> str:
    """The page of verification, with what was found."""
    return render_template(
        "verify.html",
        page.language,
        page=page,
        here="/verify",
        grouped=grouped,
        split=split_plate_line,
        saying=lambda found: saying(found, page.language),
    )


def saying(found: Finding, language: Language) -> tuple[str, str, str, str]:
    """Colour, sign, title and meaning of a finding."""
    if found.standing in SAYINGS[language] and found.standing not in set(Standing):
        return ("good", "✓", *SAYINGS[language][found.standing])
    standing = Standing(found.standing)
    return (*TONES[standing], *SAYINGS[language][standing])


def worst_first(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings in the order in which they matter to whoever asked."""
    order = {"bad": 0, "warn": 1, "plain": 2, "good": 3}
    return tuple(sorted(findings, key=lambda one: order[saying(one, "en")[0]]))
