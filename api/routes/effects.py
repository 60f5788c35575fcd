"""`/v1/changes/{n}/addresses`: the addresses whose composed text a change changed, streamed."""

import csv
import io
from collections.abc import Iterator
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import Engine

from api import clock
from api.encoding import CSV, NDJSON, blocks
from api.feed_view import Within
from api.log_examples import shows_text
from api.time_travel import Recorded
from registry.addresses.effects import AddressEffect, affected_addresses
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.divisions.store import DivisionStore

router = APIRouter(prefix="/v1/changes", tags=["changes"])

EXAMPLE = """{"address_id":"13d7a011-2732-5e9c-ad8b-081b67ecd384","code":"002ARFBSN2HB","before":[{"text":"福建省厦门市翔安区新店镇澳头社区澳头里21号","legal":"福建省厦门市翔安区澳头里21号","from":"2021-01-06","to":null}],"after":[{"text":"福建省厦门市翔安区新店街道澳头社区澳头里21号","legal":"福建省厦门市翔安区澳头里21号","from":"2021-01-06","to":null}]}
"""
COLUMNS = ("address_id", "code", "side", "text", "legal", "from", "to")


@router.get(
    "/{number}/addresses",
    operation_id="streamAddressEffects",
    responses=shows_text(EXAMPLE, NDJSON),
    response_class=Response,
)
def stream_effects(
    number: int,
    request: Request,
    reading: Recorded,
    within: Within = None,
    format_: Annotated[str | None, Query(alias="format", pattern="^(ndjson|csv)$")] = None,
) -> Response:
    """Every address that reads otherwise after a change: the days that differ, before and after."""
    ChangeStore(reading.connection).get(number)
    scope = None
    if within is not None:
        at = AsOf(clock.today(), reading.head)
        scope = [DivisionStore(reading.connection).resolve(within, at)]
    engine: Engine = request.app.state.engine

    def effects() -> Iterator[AddressEffect]:
        with engine.connect() as connection:
            yield from affected_addresses(connection, number, within_divisions=scope)

    as_csv = format_ == "csv" or (
        format_ is None and "text/csv" in request.headers.get("accept", "")
    )
    if as_csv:
        return StreamingResponse(_csv(effects()), media_type=CSV, headers=reading.headers())
    lines = blocks(msgspec.json.encode(effect) for effect in effects())
    return StreamingResponse(lines, media_type=NDJSON, headers=reading.headers())


def _csv(effects: Iterator[AddressEffect]) -> Iterator[bytes]:
    """One row a text, old ones and new ones; with a byte-order mark, as office programs want it."""
    yield ("\ufeff" + _row(COLUMNS)).encode()
    for effect in effects:
        for side, texts in (("before", effect.before), ("after", effect.after)):
            for text in texts:
                cells = (text.text, text.legal, text.from_ or "", text.to or "")
                yield _row((str(effect.address_id), effect.code, side, *cells)).encode()


def _row(cells: tuple[object, ...]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()
