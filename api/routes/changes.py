"""`/v1/changes`: the feed. Changes in order, items derived from the rows they wrote."""

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.encoding import NDJSON, answer
from api.examples import CHANGE, CHANGES, ITEM, shows
from api.time_travel import Reader, Reading
from api.views import change_out
from registry.changes.feed import item_counts, items_of
from registry.changes.model import Change
from registry.changes.store import ChangeStore

router = APIRouter(prefix="/v1/changes", tags=["changes"])

INLINE_ROWS = 1000
"""A change that touched more rows than this names a stream of its items instead."""
CLOUDEVENTS = "application/cloudevents-batch+json"


@router.get("", operation_id="listChanges", responses=shows(CHANGES))
def list_changes(
    request: Request,
    reading: Reading,
    after: Annotated[int, Query(ge=0, description="Number of the last change the reader has")] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Response:
    """The changes after N, oldest first, as a CloudEvents 1.0 batch.

    A number beyond the head is an error, never an empty success; at the head the batch is empty.
    """
    found = ChangeStore(reading.connection).after(after, limit)
    events = []
    if found:
        counts = item_counts(reading.connection, found[0].number, found[-1].number)
        events = [_event(request, reading, one, counts[one.number]) for one in found]
    links = {}
    if len(found) == limit and found[-1].number < reading.head:
        links["next"] = f"/v1/changes?after={found[-1].number}&limit={limit}"
    answered = answer(reading, events, links=links)
    answered.headers["content-type"] = f"{CLOUDEVENTS}; charset=utf-8"
    return answered


@router.get("/{number}", operation_id="getChange", responses=shows(CHANGE))
def get_change(number: int, request: Request, reading: Reading) -> Response:
    """One change with its items, or with the address of their stream when there are many."""
    one = ChangeStore(reading.connection).get(number)
    counts = item_counts(reading.connection, number, number)
    return answer(reading, _event(request, reading, one, counts[number])["data"])


@router.get("/{number}/items", operation_id="streamChangeItems", responses=shows(ITEM))
def stream_items(
    number: int,
    request: Request,
    reading: Reading,
    representation: Annotated[str, Query(pattern="^(public|exact)$")] = "public",
) -> Response:
    """Every item of a change, one a line. `exact` is what a replica replays."""
    ChangeStore(reading.connection).get(number)
    exact = representation == "exact"
    engine = request.app.state.engine

    def lines() -> Iterator[bytes]:
        with engine.connect() as connection:
            for item in items_of(connection, number, exact=exact):
                yield msgspec.json.encode(item) + b"\n"

    return StreamingResponse(lines(), media_type=NDJSON, headers=reading.headers())


def _event(request: Request, reading: Reader, one: Change, rows: int) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.to_builtins(change_out(one))
    body["row_count"] = rows
    if rows <= INLINE_ROWS:
        body["items"] = list(items_of(reading.connection, one.number))
    else:
        body["items_href"] = f"/v1/changes/{one.number}/items"
    return {
        "specversion": "1.0",
        "id": str(one.number),
        "source": f"{request.app.state.settings.public_url}/v1/changes",
        "type": f"place-registry.{one.verb.value}.v1",
        "time": one.recorded_at,
        "subject": f"changes/{one.number}",
        "datacontenttype": "application/json",
        "data": body,
    }
