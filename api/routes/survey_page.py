"""`/survey`: the surveyors' page, for staff; a browser gives the key as a password."""

from collections import defaultdict
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection

from api import clock
from api.language import Language, preferred
from api.line_requests import after_of
from api.page_safety import PAGE_POLICY
from api.problems import Refusal
from api.security import require
from api.staff_door import asked_for_key
from api.time_travel import asked_day
from api.web.survey import SurveyPage, render_survey
from registry.boundaries.model import UpdateState
from registry.boundaries.store import BoundaryStore
from registry.changes.store import ChangeStore
from registry.lines.model import BoundaryMarker
from registry.lines.store import LineStore

router = APIRouter(tags=["pages"], default_response_class=HTMLResponse)

seen_by_surveyors = require("surveyor", "reviewer", "approver")
IN_TURN = (UpdateState.SUBMITTED, UpdateState.APPROVED, UpdateState.REJECTED, UpdateState.DRAFT)
"""Open updates: first those that wait for a reviewer."""
MOST, LINES_ON_A_PAGE = 50, 50


@router.get("/survey", operation_id="surveyPage")
def show_survey(request: Request, cursor: str | None = None) -> Response:
    """Open boundary updates, overdue inspections, lines and markers."""
    asked_day(request, None)
    language = preferred(request)
    try:
        seen_by_surveyors(request)
    except Refusal as error:
        return asked_for_key(error, language)
    with request.app.state.engine.connect() as connection:
        page = _page(connection, after_of(cursor), language)
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": PAGE_POLICY,
        "Registry-Change": str(page.change),
        "Vary": "Accept-Language",
    }
    return HTMLResponse(render_survey(page), headers=headers)


def _page(connection: Connection, after: UUID | None, language: Language) -> SurveyPage:
    at = ChangeStore(connection).as_of(clock.today())
    updates, store = BoundaryStore(connection), LineStore(connection)
    lines = store.lines(at, limit=LINES_ON_A_PAGE + 1, after=after)
    shown = lines[:LINES_ON_A_PAGE]
    numbered = store.lines(at, numbered=True, limit=MOST) if after is None else []
    both = {line.line_id for line in (*shown, *numbered)}
    markers: dict[UUID, list[BoundaryMarker]] = defaultdict(list)
    for one in store.markers(at, lines=both, limit=None):
        markers[one.line_id].append(one)
    return SurveyPage(
        updates={
            state: tuple(updates.page(author=None, state=state, limit=MOST)) for state in IN_TURN
        },
        most=MOST,
        overdue=tuple(store.overdue(at, limit=MOST)),
        unsound=tuple(store.unsound(at, limit=MOST)),
        numbered=tuple(sorted(numbered, key=lambda one: (one.number or "", one.line_id.bytes))),
        lines=tuple(shown),
        markers={line: tuple(sorted(markers[line], key=lambda one: one.number)) for line in both},
        following=shown[-1].line_id if len(lines) > LINES_ON_A_PAGE else None,
        change=at.known,
        language=language,
    )
