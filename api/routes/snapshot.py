"""`/v1/snapshot`: the state exactly after a change, streamed, and the hashes a copy is checked by."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.encoding import NDJSON, answer, blocks
from api.examples import shows
from api.feed_view import AskedView, Viewing
from api.snapshot_examples import HASHES, SNAPSHOT, shows_lines
from api.time_travel import Reader, Recorded
from registry.changes.snapshot import Snapshot, snapshot_lines, state_hashes
from registry.changes.store import ChangeStore

router = APIRouter(prefix="/v1/snapshot", tags=["changes"])

IMMUTABLE = "public, max-age=31536000, immutable"
AtChange = Annotated[
    int | None, Query(alias="change", ge=1, description="Number of the change; default: the last")
]


@router.get(
    "", operation_id="streamSnapshot", responses=shows_lines(SNAPSHOT), response_class=Response
)
def stream_snapshot(
    request: Request,
    reading: Recorded,
    viewing: Viewing,
    change: AtChange = None,
    history: Annotated[
        str, Query(pattern="^(believed|all)$", description="all: with rows no longer believed")
    ] = "believed",
    representation: Annotated[str, Query(pattern="^(public|exact)$")] = "public",
) -> Response:
    """Every row of the registry, or of a view of it, as it stood right after a change.

    The first line says what is shown, the last that it is whole. Asking for a change that does
    not exist yet is an error.
    """
    known = _known(reading, change)
    view = viewing.resolved(reading.connection)
    asked = Snapshot(known, view, history == "all", representation == "public")
    head = {
        "snapshot": {
            "change": known,
            "within": view.within,
            "collections": sorted(view.collections),
            "kinds": sorted(view.kinds),
            "history": history,
            "representation": representation,
        }
    }
    engine = request.app.state.engine

    def lines() -> Iterator[bytes]:
        yield msgspec.json.encode(head)
        with engine.connect() as connection:
            yield from snapshot_lines(connection, asked)
        yield b'{"end":%d}' % known

    return StreamingResponse(
        blocks(lines()), media_type=NDJSON, headers=_headers(known, change, viewing)
    )


@router.get("/hashes", operation_id="getSnapshotHashes", responses=shows(HASHES))
def get_hashes(reading: Recorded, viewing: Viewing, change: AtChange = None) -> Response:
    """Hashes of the snapshot's exact lines, a table and a sixteenth of its keys at a time."""
    known = _known(reading, change)
    view = viewing.resolved(reading.connection)
    found = state_hashes(reading.connection, view, known)
    answered = answer(reading, {"change": known, "hashes": found})
    answered.headers.update(_headers(known, change, viewing))
    return answered


def _known(reading: Reader, change: int | None) -> int:
    if change is None:
        return reading.at.known
    return ChangeStore(reading.connection).get(change).number


def _headers(known: int, change: int | None, viewing: AskedView) -> dict[str, str]:
    lasting = change is not None and viewing.is_eternal
    caching = IMMUTABLE if lasting else "no-cache"
    return {"Registry-Change": str(known), "Cache-Control": caching}
