"""`/v1/reports`: what residents report, and what becomes of it (公众报告)."""

import base64
import binascii
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api import clock
from api.encoding import JSON, encode, next_link
from api.examples import shows
from api.report_desk import looked_up, take_down
from api.report_views import FILED, REPORT, REPORTS, office_report_of, report_of
from api.security import Staff
from api.tickets import LONGEST
from api.time_travel import asked_day
from registry.changes.store import ChangeStore
from registry.divisions.store import DivisionStore
from registry.errors import CursorIsInvalid
from registry.plates.model import LAST_SERIAL
from registry.reports.commands import move_report
from registry.reports.model import (
    LONGEST_ANSWER,
    LONGEST_NOTE,
    Report,
    ReportKind,
    ReportState,
)
from registry.reports.store import ReportFilter, ReportStore

router = APIRouter(prefix="/v1/reports", tags=["reports"])

MOST = 500


class NewReport(BaseModel):
    """What is wrong at a door; who says so is not asked."""

    model_config = ConfigDict(extra="forbid")

    address_code: str = Field(max_length=40, description="Of the door", examples=["6A0DNQ03K1AR"])
    kind: ReportKind
    note: str | None = Field(
        default=None,
        max_length=LONGEST_NOTE,
        description="More about it; long numbers and mail addresses are taken out",
    )
    serial: int | None = Field(
        default=None, ge=1, le=LAST_SERIAL, description="Of the plate that was scanned"
    )


class Step(BaseModel):
    """How far the office has come."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["in_progress", "resolved", "declined"]
    answer: str | None = Field(
        default=None, max_length=LONGEST_ANSWER, description="Shown to whoever holds the ticket"
    )


@router.post("", status_code=HTTPStatus.CREATED, operation_id="fileReport", responses=shows(FILED))
def file(asked: NewReport, request: Request) -> Response:
    """Report a problem; the ticket is told once, whoever holds it may follow."""
    ticket, filed = take_down(
        request,
        code=asked.address_code,
        kind=asked.kind,
        note=asked.note,
        serial=asked.serial,
    )
    follow = f"/v1/reports/{ticket}"
    body = {"ticket": ticket, "follow": follow, "report": report_of(filed)}
    return _answer(body, HTTPStatus.CREATED, Location=follow)


@router.get("", operation_id="listReports", responses=shows(REPORTS))
def list_reports(
    request: Request,
    _staff: Staff,
    state: Annotated[ReportState | None, Query(description="How far it has come.")] = None,
    within: Annotated[str | None, Query(description="Id or code of a division.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    cursor: Annotated[str | None, Query(description="From the link rel=next.")] = None,
) -> Response:
    """Reports for the office, oldest first."""
    asked_day(request, None)
    with request.app.state.engine.connect() as connection:
        at = ChangeStore(connection).as_of(clock.today())
        division = None if within is None else DivisionStore(connection).resolve(within, at)
        found = ReportStore(connection).page(
            ReportFilter(state, division),
            at,
            limit=limit + 1,
            after=None if cursor is None else _opened(cursor),
        )
    links = next_link(request, _cursor(found[limit - 1]) if len(found) > limit else None)
    body = {"reports": list(map(office_report_of, found[:limit])), "next": links.get("next")}
    linked = {"Link": f'<{links["next"]}>; rel="next"'} if links else {}
    return _answer(body, HTTPStatus.OK, **linked)


@router.get("/{ticket}", operation_id="followReport", responses=shows(REPORT))
def follow(
    ticket: Annotated[str, Path(max_length=LONGEST, examples=["7K3M-9QXA-2FDT-V4SS"])],
    request: Request,
) -> Response:
    """What became of a report, for whoever holds its ticket."""
    asked_day(request, None)
    return _answer(report_of(looked_up(request, ticket)), HTTPStatus.OK)


@router.post("/{report_id}/move", operation_id="moveReport", responses=shows(REPORTS["reports"][0]))
def move(report_id: UUID, asked: Step, request: Request, staff: Staff) -> Response:
    """Say how far the office has come with a report; resolved and declined are final."""
    with request.app.state.engine.connect() as connection:
        moved = move_report(
            connection, report_id, ReportState(asked.state), answer=asked.answer, by=staff.name
        )
        connection.commit()
    return _answer(office_report_of(moved), HTTPStatus.OK)


def _cursor(last: Report) -> str:
    text = f"{last.received_at.isoformat()} {last.report_id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _opened(cursor: str) -> tuple[datetime, UUID]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        moment, _blank, report_id = base64.urlsafe_b64decode(padded).decode().partition(" ")
        return datetime.fromisoformat(moment), UUID(report_id)
    except (ValueError, binascii.Error) as error:
        raise CursorIsInvalid(cursor) from error


def _answer(body: Any, status: int, **headers: str) -> Response:
    kept = {"Cache-Control": "no-store", **headers}
    return Response(encode(body), status_code=status, media_type=JSON, headers=kept)
