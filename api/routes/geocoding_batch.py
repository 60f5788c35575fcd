"""Many addresses at once (批量匹配): a table in, the same rows with their matches out, streamed."""

import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from itertools import chain, islice
from typing import IO, Annotated, Any, cast

from anyio import from_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.types import Receive, Scope, Send

from api.address_examples import BATCH, BATCH_ROWS, BINARY
from api.batch.answers import BLOCK, answered, asking
from api.batch.columns import SAMPLED, AddressColumns, guessed_columns, told_columns
from api.batch.reading import InputTable, csv_table, ndjson_table, text_lines, xlsx_table
from api.batch.writing import answer_columns, header, writer
from api.encoding import CSV, NDJSON
from api.problems import Refusal
from api.time_travel import At, Known, PlanId, Reader, reader

router = APIRouter(tags=["geocoding"])

MOST_BYTES = 1 << 30
MOST_WORKBOOK_BYTES = 64 << 20
"""A workbook must be whole before its first row can be read."""
SPOOLED_BYTES = 4 << 20
"""Of a workbook, held in memory; a larger one goes to a file."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMS = {"text/csv": "csv", "application/x-ndjson": "ndjson", "application/jsonl": "ndjson", XLSX: "xlsx"}  # fmt: skip
ANYTHING = "application/octet-stream"
"""Looked at: a workbook is a zip archive, a line of NDJSON begins with a brace."""
INPUT = "input"


class Duplex(Response):
    """An answer that is sent while the question is still coming in."""

    def __init__(self, blocks: Generator[bytes, None, None], **more: Any) -> None:
        super().__init__(None, **more)
        self._blocks = blocks
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send block after block; who hangs up ends it."""
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        try:
            async for block in iterate_in_threadpool(self._blocks):
                await send({"type": "http.response.body", "body": block, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await run_in_threadpool(self._blocks.close)


@router.post(
    "/v1/geocode/batch",
    operation_id="geocodeBatch",
    response_class=Response,
    responses=BATCH,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "text/csv": {"schema": BINARY, "example": BATCH_ROWS["csv"]},
                "application/x-ndjson": {"schema": BINARY, "example": BATCH_ROWS["ndjson"]},
                XLSX: {"schema": BINARY},
                ANYTHING: {"schema": BINARY},
            },
        }
    },
)  # fmt: skip
async def geocode_batch(
    request: Request,
    columns: Annotated[
        str | None,
        Query(
            description="Columns of the address: one, several to join, or parts such as "
            "`county=区,carrier=路,number=门牌`; default: guessed.",
            examples=["地址"],
        ),
    ] = None,
    form: Annotated[
        str | None,
        Query(alias="format", pattern="^(csv|ndjson)$", description="Of the answer; default: that of the question, CSV for Excel."),
    ] = None,
    at: At = None,
    known: Known = None,
    plan: PlanId = None,
) -> Response:  # fmt: skip
    """The rows of a CSV, NDJSON or Excel table in order, with `match_*` added; errors in the row.

    The answer begins while the table is still coming in, and holds no more than a few blocks.
    """
    given = _form(request)
    stack = ExitStack()
    try:
        return await run_in_threadpool(
            _opened, request, stack, given, form, columns, (at, known, plan)
        )
    except BaseException:
        await run_in_threadpool(stack.close)
        raise


def _too_large(most: int) -> Refusal:
    what = f"more than {most} bytes"
    return Refusal("too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, what, most=most)


def _same(given: str) -> str:
    return "ndjson" if given == "ndjson" else "csv"


def _form(request: Request) -> str:
    said = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if said not in FORMS and said != ANYTHING:
        what = f"content type {said or 'missing'}: send {', '.join([*FORMS, ANYTHING])}"
        raise Refusal("request-is-invalid", HTTPStatus.UNSUPPORTED_MEDIA_TYPE, what, what=what)
    form = FORMS.get(said, "")
    most = _most(form)
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > most:
        raise _too_large(most)
    return form


def _most(form: str) -> int:
    return MOST_WORKBOOK_BYTES if form == "xlsx" else MOST_BYTES


def _looked_at(chunks: Iterator[bytes]) -> tuple[str, Iterator[bytes]]:
    """What a table is, by how it begins."""
    first = next(chunks, b"")
    form = "xlsx" if first.startswith(b"PK\x03\x04") else "csv"
    form = "ndjson" if first.lstrip().startswith(b"{") else form
    return form, chain([first], chunks)


def _opened(
    request: Request,
    stack: ExitStack,
    given: str,
    wanted: str | None,
    told: str | None,
    moment: tuple[str | None, str | None, str | None],
) -> Response:
    reading = stack.enter_context(contextmanager(reader)(request, *moment))
    chunks = _chunks(request, _most(given))
    if not given:
        given, chunks = _looked_at(chunks)
    form = wanted or _same(given)
    table = _table(given, chunks, stack)
    sample = list(islice(table.rows, SAMPLED))
    where = (
        told_columns(told, table.columns, INPUT)
        if told
        else guessed_columns(table.columns, (row.cells for row in sample), INPUT)
    )
    shown = answer_columns(table.columns, INPUT)
    rows = InputTable(table.columns, chain(sample, table.rows))
    return Duplex(
        _answers(reading, stack, rows, where, form=form, shown=shown),
        headers=reading.headers(),
        media_type=NDJSON if form == "ndjson" else CSV,
    )


def _table(given: str, chunks: Iterator[bytes], stack: ExitStack) -> InputTable:
    if given == "xlsx":
        spooled = tempfile.SpooledTemporaryFile(SPOOLED_BYTES)  # noqa: SIM115 -- the stack closes it
        held = cast(IO[bytes], stack.enter_context(spooled))
        for chunk in chunks:
            if held.write(chunk) and held.tell() > MOST_WORKBOOK_BYTES:
                raise _too_large(MOST_WORKBOOK_BYTES)
        held.seek(0)
        return xlsx_table(held, INPUT)
    lines = text_lines(chunks)
    return ndjson_table(lines) if given == "ndjson" else csv_table(lines, INPUT)


def _chunks(request: Request, most: int) -> Iterator[bytes]:
    """The body as it comes in, fetched from the event loop by whichever thread reads it."""
    stream = request.stream()
    length = 0
    while True:
        try:
            chunk = from_thread.run(stream.__anext__)
        except StopAsyncIteration:
            return
        length += len(chunk)
        if length > most:
            raise _too_large(most)
        if chunk:
            yield chunk


def _answers(
    reading: Reader,
    stack: ExitStack,
    table: InputTable,
    where: AddressColumns,
    *,
    form: str,
    shown: list[str],
) -> Generator[bytes, None, None]:
    ask = asking(reading.finder, reading.connection, reading.at)
    write = writer(form, shown)
    with stack:
        yield header(form, shown)
        while block := list(islice(table.rows, BLOCK)):
            yield write(answered(block, where, ask))
