"""What a plan would do, for people and machines: preview, report, comparison, proposals."""

from collections.abc import Iterator
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from sqlalchemy import Connection

from api.encoding import CSV, JSON, NDJSON, blocks, encode, wanted
from api.examples import PREVIEW, shows
from api.language import preferred
from api.plan_examples import COMPARISON, PROPOSALS, WISH
from api.plan_requests import (
    comparison_table,
    filed_scenarios,
    paper_yaml,
    read_asked_proposals,
)
from api.problems import Refusal
from api.security import Reviewer
from api.time_travel import Reader, Recorded
from api.web.plan_map import plan_map, plan_picture
from api.web.plans import render_comparison
from api.web.report import Report, render_report, report_pdf
from data.preview_tables import ADDRESSES, TABLE_NAMES, csv_bytes, preview_table, preview_zip
from registry.errors import PlanIsMalformed
from registry.restructuring import commands
from registry.restructuring.compare import compare
from registry.restructuring.door_texts import stream_csv, stream_ndjson
from registry.restructuring.paper import read_paper
from registry.restructuring.preview import Study
from registry.restructuring.proposals import fields_of, propose
from registry.restructuring.store import RestructuringStore

router = APIRouter(prefix="/v1/restructurings", tags=["restructurings"])

PDF, SVG, ZIP = "application/pdf", "image/svg+xml", "application/zip"
LARGEST_WISH = 2**20


class PreviewForm(StrEnum):
    """Forms of a preview."""

    JSON = "json"
    HTML = "html"
    PDF = "pdf"
    CSV = "csv"
    NDJSON = "ndjson"
    SVG = "svg"


@router.post(
    "/proposals",
    operation_id="proposeRegroupings",
    responses=shows(PROPOSALS),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"type": "object"}, "example": WISH}},
        }
    },
)
async def propose_regroupings(request: Request, _staff: Reviewer) -> Response:
    """Group all villages of some township units into k subdistricts within bounds.

    Each proposal is a whole paper to file, edit and preview; nothing is filed. The same seed on
    the same registry gives the same proposals.
    """
    from starlette.concurrency import run_in_threadpool

    body = await request.body()
    if len(body) > LARGEST_WISH:
        raise PlanIsMalformed("text", f"larger than {LARGEST_WISH // 2**20} MiB")
    try:
        raw = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise PlanIsMalformed("text", str(error)) from error
    asked = read_asked_proposals(raw, strict=False)

    def found() -> list[dict[str, Any]]:
        with request.app.state.engine.connect() as connection:
            proposals = propose(connection, asked.wish())
        return [
            {**fields, "yaml": paper_yaml(one)}
            for fields, one in zip(fields_of(proposals), proposals, strict=True)
        ]

    answered = {"proposals": await run_in_threadpool(found)}
    return Response(encode(answered), media_type=JSON)


@router.get(
    "/{restructuring_id}/preview", operation_id="previewRestructuring", responses=shows(PREVIEW)
)
def preview(
    restructuring_id: UUID,
    request: Request,
    reading: Recorded,
    format_: Annotated[
        PreviewForm | None, Query(alias="format", description="Default: by Accept, else json")
    ] = None,
    table: Annotated[
        str | None,
        Query(
            description="csv: one table instead of a zip of all; "
            f"{', '.join(TABLE_NAMES)}, or {ADDRESSES} (csv and ndjson, streamed)"
        ),
    ] = None,
    side: Annotated[
        Literal["before", "after"], Query(description="svg: which side of the act")
    ] = "after",
) -> Response:
    """Everything it would do if it were carried out now; nothing is written.

    `html` and `pdf` are the report for a submission, in Chinese. `csv` is a zip of all tables but
    the addresses, or one `table`; `ndjson` is the table of addresses. `svg` is the map.
    """
    form = format_ or PreviewForm(wanted(request, None, of=("json", "csv", "ndjson")))
    if table not in (None, ADDRESSES, *TABLE_NAMES):
        what = f"table: one of {', '.join((*TABLE_NAMES, ADDRESSES))}"
        raise Refusal("request-is-invalid", HTTPStatus.UNPROCESSABLE_ENTITY, what, what=what)
    done = commands.study_filed(reading.connection, restructuring_id)
    if form is PreviewForm.NDJSON or table == ADDRESSES:
        return _addresses(request, reading, done, form)
    if form is PreviewForm.SVG:
        picture = plan_picture(plan_map(done.before, done.after), side, preferred(request))
        return Response(picture, media_type=SVG, headers=_headers(reading))
    if form in (PreviewForm.HTML, PreviewForm.PDF):
        return _report(reading, restructuring_id, done, form)
    found = commands.preview_of(reading.connection, done)
    if form is PreviewForm.CSV and table is not None:
        content = csv_bytes(preview_table(found, table))
        return Response(content, media_type=CSV, headers=_named(reading, f"{table}.csv"))
    if form is PreviewForm.CSV:
        return Response(preview_zip(found), media_type=ZIP, headers=_named(reading, "preview.zip"))
    return Response(encode(found), media_type=JSON, headers=_headers(reading))


@router.get(
    "/{restructuring_id}/report",
    operation_id="reportRestructuring",
    responses={200: {"content": {"text/html": {}, PDF: {}}}},
    response_class=Response,
)
def report(
    restructuring_id: UUID,
    reading: Recorded,
    format_: Annotated[Literal["html", "pdf"], Query(alias="format")] = "pdf",
) -> Response:
    """The report of a plan for a submission for approval (请示附件), in Chinese: PDF or HTML."""
    done = commands.study_filed(reading.connection, restructuring_id)
    return _report(reading, restructuring_id, done, PreviewForm(format_))


@router.get(
    "/{restructuring_id}/compare",
    operation_id="compareRestructurings",
    responses=shows(COMPARISON),
)
def compare_restructurings(
    restructuring_id: UUID,
    request: Request,
    reading: Recorded,
    with_: Annotated[list[UUID], Query(alias="with", description="Other restructurings")],
    format_: Annotated[Literal["json", "csv", "html"] | None, Query(alias="format")] = None,
) -> Response:
    """Several plans side by side on all figures of their previews, with maps as a page."""
    scenarios, studies = filed_scenarios(reading.connection, [restructuring_id, *with_])
    found = compare(scenarios)
    form = format_ or wanted(request, None, of=("json", "csv"))
    if form == "html":
        page = render_comparison(found, studies, restructuring_id, preferred(request))
        return HTMLResponse(page, headers=_headers(reading))
    if form == "csv":
        content = csv_bytes(comparison_table(found))
        return Response(content, media_type=CSV, headers=_named(reading, "compare.csv"))
    return Response(encode(found), media_type=JSON, headers=_headers(reading))


def _report(reading: Reader, restructuring_id: UUID, done: Study, form: PreviewForm) -> Response:
    filed = RestructuringStore(reading.connection).get(restructuring_id)
    found = commands.preview_of(reading.connection, done)
    html = render_report(Report(read_paper(filed.paper), found, done, filed.change_number))
    if form is PreviewForm.HTML:
        return HTMLResponse(html, headers=_headers(reading))
    return Response(report_pdf(html), media_type=PDF, headers=_named(reading, "report.pdf"))


def _addresses(
    request: Request, reading: Reader, done: Study, form: PreviewForm
) -> StreamingResponse:
    engine = request.app.state.engine
    stream = stream_csv if form is PreviewForm.CSV else stream_ndjson
    statement, mark = done.addresses(), b"\xef\xbb\xbf" if form is PreviewForm.CSV else b""

    def lines() -> Iterator[bytes]:
        connection: Connection
        with engine.connect() as connection:
            # Office programs take a file without the mark for another encoding.
            found = stream(connection, statement)
            yield mark + next(found, b"")
            yield from found

    suffix, media = ("csv", CSV) if form is PreviewForm.CSV else ("ndjson", NDJSON)
    return StreamingResponse(
        blocks(lines()), media_type=media, headers=_named(reading, f"addresses.{suffix}")
    )


def _headers(reading: Reader) -> dict[str, str]:
    # A draft can be edited without a change in the log, so its preview has no lasting tag.
    found = reading.headers()
    del found["ETag"]
    return {**found, "Cache-Control": "no-store"}


def _named(reading: Reader, name: str) -> dict[str, str]:
    return {**_headers(reading), "Content-Disposition": f'inline; filename="{name}"'}
