"""`/v1/changes/stream`: the feed as server-sent events, resumed by `Last-Event-ID`."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from http import HTTPStatus
from typing import Annotated

import msgspec
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from sqlalchemy import Engine

from api.bulletin import Bulletin
from api.events import Asked, events
from api.feed_view import AskedView, Viewing, query_of
from api.log_examples import shows_text
from api.problems import Refusal
from registry.changes.store import ChangeStore
from registry.changes.view import FeedView

router = APIRouter(prefix="/v1/changes", tags=["changes"])

PAGE = 50
"""Changes read at once for one reader."""
KEEP_ALIVE_S = 15.0
MOST_KEPT = 512
EXAMPLE = """id: 31
event: change
data: {"specversion":"1.0","id":"31","type":"place-registry.change.v1","data":{"number":31}}

"""
EVENT_STREAM = "text/event-stream"


@router.get(
    "/stream",
    operation_id="streamChanges",
    responses=shows_text(EXAMPLE, EVENT_STREAM),
    response_class=Response,
)
async def stream_changes(
    request: Request,
    viewing: Viewing,
    after: Annotated[
        int | None, Query(ge=0, description="Number of the last change the reader has")
    ] = None,
    last_event_id: Annotated[
        str | None, Header(description="The same, as browsers send it when they come back")
    ] = None,
) -> Response:
    """Every change after a number, and then each new one the moment it is committed.

    Without a number: only what comes. Changes outside the view move the id on and say nothing.
    """
    begin = _begin(last_event_id, after)
    view, head = await run_in_threadpool(_look, request.app.state.engine, viewing, begin)
    reader = _Reader(
        request.app.state.engine,
        request.app.state.bulletin,
        Asked(request.app.state.settings.public_url, view),
        request.app.state.streamed,
    )
    return StreamingResponse(
        reader.read(head if begin is None else begin),
        media_type=EVENT_STREAM,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _begin(last_event_id: str | None, after: int | None) -> int | None:
    if not last_event_id:
        return after
    if not (last_event_id.isascii() and last_event_id.isdigit()):
        what = "Last-Event-ID must be the number of a change"
        raise Refusal("request-is-invalid", HTTPStatus.UNPROCESSABLE_ENTITY, what, what=what)
    return int(last_event_id)


def _look(engine: Engine, viewing: AskedView, begin: int | None) -> tuple[FeedView, int]:
    with engine.connect() as connection:
        store = ChangeStore(connection)
        if begin is not None:
            store.after(begin, 1)
        return viewing.resolved(connection), store.head()


class _Reader:
    """One reader of the stream: pulls by number, so that a slow one misses nothing."""

    def __init__(
        self, engine: Engine, bulletin: Bulletin, asked: Asked, kept: "StreamedPages"
    ) -> None:
        self._engine = engine
        self._bulletin = bulletin
        self._asked = asked
        self._kept = kept

    async def read(self, sent: int) -> AsyncIterator[bytes]:
        yield b"retry: 1000\n\n"
        while not self._bulletin.closed:
            head = await self._bulletin.later_than(sent, timeout_s=KEEP_ALIVE_S)
            if head <= sent:
                yield b": still here\n\n"
            while sent < head:
                last = min(head, sent + PAGE)
                yield await self._kept.page(self._engine, self._asked, sent, last)
                sent = last


class StreamedPages:
    """Pages of the stream, kept a while: many readers of one view ask for the same ones."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, int, str], asyncio.Future[bytes]] = OrderedDict()

    async def page(self, engine: Engine, asked: Asked, after: int, last: int) -> bytes:
        """The changes after one number up to another, as events."""
        key = after, last, query_of(asked.view)
        page = self._kept.get(key)
        if page is None:
            page = asyncio.ensure_future(run_in_threadpool(_read, engine, asked, after, last))
            self._kept[key] = page
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        try:
            return await asyncio.shield(page)
        except Exception:
            self._kept.pop(key, None)
            raise


def _read(engine: Engine, asked: Asked, after: int, last: int) -> bytes:
    with engine.connect() as connection:
        found = {int(event["id"]): event for event in events(connection, after + 1, last, asked)}
    return b"".join(_blocks(found, last))


def _blocks(found: dict[int, dict[str, object]], last: int) -> Sequence[bytes]:
    blocks = [
        b"id: %d\nevent: change\ndata: %s\n\n" % (number, msgspec.json.encode(event))
        for number, event in found.items()
    ]
    if last not in found:
        blocks.append(b"id: %d\n\n" % last)
    return blocks
