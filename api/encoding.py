"""Answers on the wire: lean JSON, NDJSON, CSV and GeoJSON of the same values."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from api.time_travel import Reader

JSON = "application/json; charset=utf-8"
GEOJSON = "application/geo+json; charset=utf-8"
CSV = "text/csv; charset=utf-8"
NDJSON = "application/x-ndjson; charset=utf-8"
BY_NAME = {"json": JSON, "geojson": GEOJSON, "csv": CSV, "ndjson": NDJSON}


def answer(reading: Reader, body: Any, *, links: dict[str, str] | None = None) -> Response:
    """A JSON answer with its place in time."""
    headers = reading.headers()
    if links:
        headers["Link"] = ", ".join(
            f'<{target}>; rel="{relation}"' for relation, target in links.items()
        )
    return Response(encode(body), media_type=JSON, headers=headers)


def encode(body: Any) -> bytes:
    """Lean JSON of dataclasses, dates, ids and enumerations."""
    return msgspec.json.encode(body)


def next_link(request: Request, cursor: str | None) -> dict[str, str]:
    """The link to the next page, if there is one."""
    if cursor is None:
        return {}
    url = request.url.include_query_params(cursor=cursor)
    return {"next": f"{url.path}?{url.query}"}


def wanted(request: Request, given: str | None, *, of: Sequence[str] = ("json",)) -> str:
    """The format asked for by `format=`, else by Accept, else the first offered."""
    if given is not None:
        return given
    accept = request.headers.get("accept", "")
    return next((name for name in of if BY_NAME[name].split(";")[0] in accept), of[0])


def csv_answer(reading: Reader, rows: Iterable[Any]) -> Response:
    """Rows of one dataclass as CSV with a header and a byte-order mark, as office programs want it."""
    flat = [msgspec.to_builtins(row) for row in rows]
    out = io.StringIO()
    if flat:
        writer = csv.DictWriter(out, list(flat[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows({key: _cell(value) for key, value in row.items()} for row in flat)
    return Response(("\ufeff" + out.getvalue()).encode(), media_type=CSV, headers=reading.headers())


def ndjson_answer(reading: Reader, rows: Iterable[Any]) -> Response:
    """Rows one a line."""

    def lines() -> Iterator[bytes]:
        for row in rows:
            yield msgspec.json.encode(row) + b"\n"

    return StreamingResponse(lines(), media_type=NDJSON, headers=reading.headers())


def blocks(lines: Iterable[bytes], size: int = 1 << 16) -> Iterator[bytes]:
    """Lines with their newlines, many to a block: a block each costs more than the line."""
    held: list[bytes] = []
    length = 0
    for line in lines:
        held.append(line)
        length += len(line) + 1
        if length >= size:
            yield b"\n".join(held) + b"\n"
            held, length = [], 0
    if held:
        yield b"\n".join(held) + b"\n"


def geojson_answer(
    reading: Reader, features: list[dict[str, Any]], *, links: dict[str, str] | None = None
) -> Response:
    """A feature collection; coordinates are longitude, latitude in EPSG:4490 unless it says else."""
    body = {
        "type": "FeatureCollection",
        "crs_note": "CGCS2000, EPSG:4490; longitude, latitude",
        "features": features,
    }
    answered = answer(reading, body, links=links)
    answered.headers["content-type"] = GEOJSON
    return answered


def _cell(value: object) -> object:
    if isinstance(value, list | tuple):
        return ";".join(map(str, value))
    return msgspec.json.encode(value).decode() if isinstance(value, dict) else value
