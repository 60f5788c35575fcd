"""One tile, drawn or found: whose state it shows, and what its answer carries."""

from contextlib import contextmanager
from http import HTTPStatus

from fastapi import Request, Response
from shapely.geometry import box

from api import clock
from api.ogc.reading import planned_rows
from api.problems import NotModified, Refusal
from api.tile_shelf import Answer, Tiles
from api.time_travel import Reader, reader
from geo.tiling import BUFFER, tile_bounds
from registry.coverages import drawn_features
from registry.features.operands import stored_wkb
from registry.hot import Rows
from registry.tiles import (
    LAST_ZOOM,
    SETS,
    arrays_of,
    cut_statement,
    drawn_statement,
    version_statement,
)

MVT = "application/vnd.mapbox-vector-tile"
DRAWN = frozenset({"divisions", "boundary-lines"})
FOR_EVER = "public, max-age=31536000, immutable"
Where = tuple[str | None, str | None, str | None]
"""`at`, `known` and `plan` as they were given."""


def tile_answer(request: Request, name: str, tile: tuple[int, int, int], where: Where) -> Response:
    """A tile at a point of both clocks, or as a plan would have it.

    Raises:
        Refusal: there is no such set or tile.
        NotModified: the client has it already.
    """
    refuse_unknown_tile(name, tile)
    # Before the day is read off for the answer: one that midnight overtakes is true of neither.
    today = clock.today()
    with contextmanager(reader)(request, *where) as reading:
        rows = planned_rows(reading)
        version: int = rows(version_statement(name), known=reading.at.known)[0][0]
        tag = _tag(reading, name, tile, version)
        headers = {**reading.headers(), "ETag": tag}
        if reading.plan is None:
            # What was known before the last change stays as it is; what is known now does not.
            pinned = where[0] and reading.at.known < reading.head
            headers["Cache-Control"] = FOR_EVER if pinned else "no-cache"
        if tag in request.headers.get("if-none-match", ""):
            raise NotModified(tag)
        body = _drawn(request.app.state.tiles, reading, rows, (name, tile), version)
        answered = Response(body, media_type=MVT, headers=headers)
        if where[1:] == (None, None) and "accept-datetime" not in request.headers:
            ready = Answer(reading.head, today, tag.encode(), tuple(answered.raw_headers), body)
            request.app.state.tiles.put_out(
                request.scope["path"], request.scope["query_string"], ready
            )
        return answered


def refuse_unknown_tile(name: str, tile: tuple[int, int, int]) -> None:
    """Refuse sets there are not, and tiles outside the pyramid.

    Raises:
        Refusal: it is one of those.
    """
    if name not in SETS:
        what = f"there is no tile set {name}; there are {', '.join(SETS)}"
        raise Refusal("not-found", HTTPStatus.NOT_FOUND, what)
    zoom, x, y = tile
    if not (0 <= zoom <= LAST_ZOOM and 0 <= x < 2**zoom and 0 <= y < 2**zoom):
        what = f"tile {zoom}/{x}/{y} lies outside zooms 0 to {LAST_ZOOM} or outside the world"
        raise Refusal("not-found", HTTPStatus.NOT_FOUND, what)


def _tag(reading: Reader, name: str, tile: tuple[int, int, int], version: int) -> str:
    parts = [str(version), f"{reading.at.valid_on:%Y%m%d}", name, *map(str, tile)]
    if reading.proposal is not None:
        parts.append(reading.proposal.digest[:16])
    return f'"{"-".join(parts)}"'


def _state(reading: Reader, version: int) -> tuple[object, ...]:
    """What tells the state that is shown from others."""
    plan = reading.proposal
    return (version, reading.at.valid_on, None if plan is None else (plan.digest, plan.drawn_at))


def _drawn(
    tiles: Tiles, reading: Reader, rows: Rows, which: tuple[str, tuple[int, int, int]], version: int
) -> bytes:
    name, tile = which
    zoom, x, y = tile
    if zoom < SETS[name].first_zoom:
        return b""
    state = _state(reading, version)
    key = (name, *tile, *state)
    found = tiles.find(key)
    if found is None:
        if name in DRAWN:
            features = drawn_features(name, rows, reading.at, tile, kept=tiles.coverages, key=state)
            written = rows(drawn_statement(name), **arrays_of(features, name)) if features else []
        else:
            region = stored_wkb(box(*tile_bounds(zoom, x, y, margin=BUFFER)))
            at = reading.at
            written = rows(
                cut_statement(name), on=at.valid_on, known=at.known, region=region, z=zoom, x=x, y=y
            )
        found = bytes(written[0][0] or b"") if written else b""
        tiles.keep(key, found)
    return found
