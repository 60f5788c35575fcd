"""`/v1/log`: the verifiable log. Checkpoints, proofs, keys, tiles, and the log itself as lines."""

import base64
from collections.abc import Iterator
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import Connection

from api.encoding import NDJSON, answer, blocks
from api.feed_view import Viewing
from api.log_examples import CHECKPOINT, CONSISTENCY, INCLUSION, KEYS, RECORDS, shows, shows_text
from api.time_travel import Recorded
from api.witness import sign_and_remember
from registry.changes.scope import scoped_items
from registry.changes.snapshot import tables_shown
from registry.changes.view import FeedView
from registry.errors import LogHasNoSuchSize
from registry.log.notes import Checkpoint
from registry.log.store import LogStore
from registry.log.stream import log_lines
from registry.log.tiles import TILE, entry_bundle, read_index

router = APIRouter(prefix="/v1/log", tags=["log"])

PLAIN = "text/plain; charset=utf-8"
OCTETS = "application/octet-stream"
IMMUTABLE = "public, max-age=31536000, immutable"
MOST_CHANGES = 1000
LEVELS = 8
"""Of tiles: eight levels of the tree each; the log has less than 2**63 changes."""


@router.get(
    "/checkpoint",
    operation_id="getCheckpoint",
    responses=shows_text(CHECKPOINT),
    response_class=Response,
)
def get_checkpoint(request: Request, reading: Recorded) -> Response:
    """The signed checkpoint of the whole log, as a C2SP note (or JSON by Accept)."""
    with request.app.state.engine.connect() as connection:
        note = sign_and_remember(connection, request.app.state.settings.home)
        connection.commit()
    headers = {"Cache-Control": "no-cache", "Registry-Change": str(Checkpoint.parse(note).size)}
    if "application/json" in request.headers.get("accept", ""):
        signed = Checkpoint.parse(note)
        body = {"origin": signed.origin, "size": signed.size, "root": _b64(signed.root)}
        answered = answer(reading, {**body, "note": note})
        answered.headers.update(headers)
        return answered
    return Response(note, media_type=PLAIN, headers=headers)


@router.get("/inclusion", operation_id="proveInclusion", responses=shows(INCLUSION))
def inclusion(
    reading: Recorded,
    change: Annotated[int, Query(ge=1, description="Number of the change to prove")],
    size: Annotated[int | None, Query(ge=1, description="Of the tree; default: all")] = None,
) -> Response:
    """The audit path that proves a change in the log of a size (RFC 9162, 2.1.3)."""
    store = LogStore(reading.connection)
    whole = store.size() if size is None else size
    leaf, path = store.inclusion(change, whole)
    body = {
        "change": change,
        "leaf_index": change - 1,
        "size": whole,
        "record": store.records(change, change)[change],
        "leaf_hash": _b64(leaf),
        "path": [_b64(step) for step in path],
        "root": _b64(store.root(whole)),
    }
    return answer(reading, body)


@router.get("/consistency", operation_id="proveConsistency", responses=shows(CONSISTENCY))
def consistency(
    reading: Recorded,
    first: Annotated[int, Query(ge=0, description="The smaller size")],
    second: Annotated[int | None, Query(ge=0, description="The larger; default: all")] = None,
) -> Response:
    """The proof that the log of one size begins with the log of another (RFC 9162, 2.1.4)."""
    store = LogStore(reading.connection)
    whole = store.size() if second is None else second
    path = store.consistency(first, whole)
    body = {
        "first": first,
        "second": whole,
        "path": [_b64(step) for step in path],
        "first_root": _b64(store.root(first)),
        "second_root": _b64(store.root(whole)),
    }
    return answer(reading, body)


@router.get("/keys", operation_id="listLogKeys", responses=shows(KEYS))
def keys(reading: Recorded) -> Response:
    """Every key the log was signed with, oldest first, and how each came to be trusted."""
    found = [
        {
            "key_id": key.verifier.key_id.hex(),
            "key": key.verifier.text,
            "origin": key.verifier.name,
            "algorithm": "Ed25519",
            "since_size": key.since_size,
            "created_at": key.created_at,
            "retired_at": key.retired_at,
            "introduction": key.introduction,
        }
        for key in LogStore(reading.connection).every_key()
    ]
    return answer(reading, {"keys": found})


@router.get(
    "/records",
    operation_id="streamLogRecords",
    responses=shows_text(RECORDS, NDJSON),
    response_class=Response,
)
def records(
    request: Request,
    reading: Recorded,
    viewing: Viewing,
    after: Annotated[int, Query(ge=0, description="Number of the last change the reader has")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_CHANGES)] = 100,
    rows: Annotated[
        str, Query(pattern="^(with|without)$", description="The rows each record binds")
    ] = "with",
) -> Response:
    """The log itself, as lines: each change's record and the rows it binds, for replicas and audits.

    A number beyond the head is an error; at the head nothing follows. Full answers never change.
    In a view (`within`, `collection`, `kind`) the rows are those the change took out of it and put
    into it, with their days in it.
    """
    reading.refuse_unknown(after)
    view = viewing.resolved(reading.connection)
    last = min(after + limit, reading.at.known)
    engine = request.app.state.engine

    def lines() -> Iterator[bytes]:
        with engine.connect() as connection:
            yield from blocks(_lines(connection, after + 1, last, view if rows == "with" else None))

    full = last == after + limit and viewing.is_eternal
    headers = {
        "Registry-Change": str(last),
        "Cache-Control": IMMUTABLE if full else "no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(lines(), media_type=NDJSON, headers=headers)


@router.get("/tile/entries/{index:path}", operation_id="getEntryBundle", include_in_schema=False)
def entries(index: str, reading: Recorded) -> Response:
    """A bundle of records, as C2SP tlog-tiles names and packs them."""
    store = LogStore(reading.connection)
    number, width = read_index(index, store.size())
    start = number * TILE
    found = store.records(start + 1, start + (width or TILE))
    if len(found) < (width or TILE):
        raise LogHasNoSuchSize(asked=f"entries {index}", size=store.size())
    body = entry_bundle(found.values())
    return Response(body, media_type=OCTETS, headers={"Cache-Control": IMMUTABLE})


@router.get("/tile/{level}/{index:path}", operation_id="getTile", include_in_schema=False)
def tile(level: int, index: str, reading: Recorded) -> Response:
    """A tile of hashes, as C2SP tlog-tiles names and packs them."""
    store = LogStore(reading.connection)
    number, width = read_index(index, store.size())
    if not 0 <= level < LEVELS:
        raise LogHasNoSuchSize(asked=f"tile {level}/{index}", size=store.size())
    found = store.hashes(level * 8, number * TILE, width or TILE)
    if len(found) < (width or TILE):
        raise LogHasNoSuchSize(asked=f"tile {level}/{index}", size=store.size())
    return Response(b"".join(found), media_type=OCTETS, headers={"Cache-Control": IMMUTABLE})


def _lines(connection: Connection, first: int, last: int, view: FeedView | None) -> Iterator[bytes]:
    if view is not None and not view.is_scoped:
        shown = {str(table.name) for table in tables_shown(view)}
        yield from log_lines(connection, first, last, shown)
    else:
        for number, record in LogStore(connection).records(first, last).items():
            yield record.encode()
            if view is not None:
                yield from _scoped_rows(connection, view, number)
    yield b'{"end":%d}' % last


def _scoped_rows(connection: Connection, view: FeedView, number: int) -> Iterator[bytes]:
    for item in scoped_items(connection, view, number, exact=True):
        for side, rows in (("old", item.old), ("new", item.new)):
            for row in rows:
                yield msgspec.json.encode({"table": item.table, "side": side, "row": row})


def _b64(value: bytes) -> str:
    return base64.b64encode(value).decode()
