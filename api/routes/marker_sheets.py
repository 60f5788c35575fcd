"""`/v1/boundary-markers/{id}/sheet`: the register sheet (界桩登记表), as a page and as PDF; for staff."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.language import preferred
from api.marker_sheets import sheet_of
from api.page_safety import PLAIN_POLICY
from api.problems import Refusal
from api.security import require
from api.staff_door import asked_for_key
from api.time_travel import Recorded
from api.web.marker_sheet import render_sheet
from api.web.report import report_pdf

router = APIRouter(tags=["surveyors"])
seen_by_surveyors = require("surveyor", "reviewer", "approver")
PDF = "application/pdf"


@router.get(
    "/v1/boundary-markers/{marker_id}/sheet",
    operation_id="getMarkerSheet",
    response_class=HTMLResponse,
    responses={200: {"content": {"text/html": {}, PDF: {}}}},
)
def show_sheet(
    marker_id: UUID,
    request: Request,
    reading: Recorded,
    format_: Annotated[Literal["html", "pdf"], Query(alias="format")] = "html",
) -> Response:
    """The register sheet of a marker on a day, with its sketch and photographs, to be signed.

    A browser asks for the key as a password.
    """
    language = preferred(request)
    try:
        seen_by_surveyors(request)
    except Refusal as error:
        return asked_for_key(error, language)
    sheet = sheet_of(
        reading.connection, reading.at, request.app.state.settings.home, marker_id, language
    )
    html = render_sheet(sheet)
    headers = {**reading.headers(), "Cache-Control": "no-store", "Vary": "Accept-Language"}
    if format_ == "html":
        return HTMLResponse(html, headers={**headers, "Content-Security-Policy": PLAIN_POLICY})
    headers["Content-Disposition"] = f'inline; filename="marker-{sheet.marker.number}.pdf"'
    return Response(report_pdf(html), media_type=PDF, headers=headers)
