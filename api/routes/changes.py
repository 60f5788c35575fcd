"""`/v1/changes`: the feed. Changes in order, items derived from the rows they wrote."""

import hashlib
from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.encoding import NDJSON, answer, encode
from api.events import Asked, events
from api.examples import CHANGE, CHANGES, ITEM, shows
from api.feed_view import Viewing, query_of
from api.time_travel import Recorded
from registry.changes.feed import items_of
from registry.changes.scope import scoped_items
from registry.changes.snapshot import tables_shown
from registry.changes.store import ChangeStore
from registry.divisions.transforms import transforms_of
from registry.log.stream import log_lines

router = APIRouter(prefix="/v1/changes", tags=["changes"])

CLOUDEVENTS = "application/cloudevents-batch+json; charset=utf-8"
IMMUTABLE = "public, max-age=31536000, immutable"
MOST = 500

Expand = Annotated[
    str | None,
    Query(pattern="^addresses$", description="Name the addresses whose text each change changed"),
]


@router.get("", operation_id="listChanges", responses=shows(CHANGES))
def list_changes(
    request: Request,
    reading: Recorded,
    viewing: Viewing,
    after: Annotated[int, Query(ge=0, description="Number of the last change the reader has")] = 0,
    limit: Annotated[
        int, Query(ge=1, le=MOST, description="Changes looked at, in a view too")
    ] = 20,
    expand: Expand = None,
) -> Response:
    """The changes after N, oldest first, as a CloudEvents 1.0 batch: each whole or not at all.

    A number beyond the head is an error, never an empty success; at the head the batch is empty.
    A page that `limit` changes fill will never be another: keep it for ever. In a view (`within`,
    `collection`, `kind`) changes that do not concern it are left out of the page.
    """
    connection = reading.connection
    reading.refuse_unknown(after)
    view = viewing.resolved(connection)
    last = min(after + limit, reading.at.known)
    # A code may be another division's tomorrow; an id never is.
    full = last == after + limit and viewing.is_eternal
    public_url = request.app.state.settings.public_url
    asked = Asked(public_url, view, expand_addresses=expand is not None)
    body = encode(list(events(connection, after + 1, last, asked)) if last > after else [])
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {
        "Registry-Change": str(last),
        "ETag": etag,
        "Cache-Control": IMMUTABLE if full else "no-cache",
    }
    if last < reading.at.known:
        known = request.query_params.get("known")
        query = query_of(view, after=last, limit=limit, expand=expand, known=known)
        headers["Link"] = f'</v1/changes?{query}>; rel="next"'
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, media_type=CLOUDEVENTS, headers=headers)


@router.get("/{number}", operation_id="getChange", responses=shows(CHANGE))
def get_change(
    number: int, request: Request, reading: Recorded, viewing: Viewing, expand: Expand = None
) -> Response:
    """One change with its items, or with the address of their stream when there are many."""
    connection = reading.connection
    one = ChangeStore(connection).get(number)
    asked = Asked(
        request.app.state.settings.public_url,
        viewing.resolved(connection),
        expand_addresses=expand is not None,
    )
    found = list(events(connection, number, number, asked))
    empty = {"number": one.number, "items": []}
    return answer(reading, found[0]["data"] if found else empty)


@router.get("/{number}/items", operation_id="streamChangeItems", responses=shows(ITEM))
def stream_items(
    number: int,
    request: Request,
    reading: Recorded,
    viewing: Viewing,
    representation: Annotated[str, Query(pattern="^(public|exact)$")] = "public",
) -> Response:
    """Every item of a change, one a line. `exact` is what a replica replays: see the log."""
    ChangeStore(reading.connection).get(number)
    view = viewing.resolved(reading.connection)
    exact = representation == "exact"
    engine = request.app.state.engine

    def lines() -> Iterator[bytes]:
        with engine.connect() as connection:
            if view.is_scoped:
                for item in scoped_items(connection, view, number, exact=exact):
                    yield msgspec.json.encode(item) + b"\n"
            elif exact:
                shown = {str(table.name) for table in tables_shown(view)}
                for line in log_lines(connection, number, number, shown):
                    yield line + b"\n"
            else:
                for whole in items_of(connection, number, tables_shown(view)):
                    yield msgspec.json.encode(whole) + b"\n"

    caching = IMMUTABLE if viewing.is_eternal else "no-cache"
    headers = {**reading.headers(), "Cache-Control": caching}
    return StreamingResponse(lines(), media_type=NDJSON, headers=headers)


@router.get("/{number}/transforms", operation_id="listTransforms", responses=shows([]))
def list_transforms(number: int, reading: Recorded) -> Response:
    """What a change means for divisions and names: from these to those."""
    verb = ChangeStore(reading.connection).get(number).verb
    return answer(reading, transforms_of(reading.connection, number, verb))
