"""Many plates at once: parts that are written whole or not at all, in as many processes as cores.

A part's name is its place, and the manifest remembers what went into it and what came out. A run
that was broken off finds its parts again and makes only those that are missing or different.
"""

import hashlib
import io
import json
import os
import zipfile
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from qr.artwork import Face
from qr.fonts import Typeface
from qr.printing import pdf, png, svg
from qr.symbol import PLATE_MASK, Matrix, matrix

PART = {"pdf": 500, "svg": 500, "png": 250, "codes": 5000}
"""Plates in a part of each format."""
ENDINGS = {"pdf": "pdf", "svg": "zip", "png": "zip", "codes": "ndjson"}
FORMATS = tuple(PART)
PRINT_DPI = 300.0
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Item:
    """A plate to be made."""

    name: str
    """File name within a part: address code and serial."""
    face: Face
    claim: str | None = None
    """What its code asserts, hexadecimal; None: the short form, whose tag asserts it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A finished part, as the manifest lists it."""

    file: str
    plates: int
    bytes: int
    sha256: str
    made_from: str
    """SHA-256 of everything that went into it."""


def make_parts(
    items: Iterable[Item],
    folder: Path,
    *,
    form: str,
    typeface: Typeface,
    finished: dict[str, Part],
    workers: int | None = None,
) -> Iterator[tuple[Part, list[Item]]]:
    """Write the parts of a sheet, in order; each is yielded with its plates as soon as it is there.

    Args:
        form: one of `FORMATS`.
        finished: parts of an earlier run by file name; those that are the same are kept.
        workers: processes; None: one a core. One: everything is done in this process.
    """
    batches = _numbered(items, form)
    if workers == 1:
        for file, batch in batches:
            yield _make(file, batch, folder, form, typeface, finished.get(file)), batch
        return
    count = workers or os.cpu_count() or 1
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        running = []
        for file, batch in batches:
            running.append(
                (
                    pool.submit(_make, file, batch, folder, form, typeface, finished.get(file)),
                    batch,
                )
            )
            # No more than a few parts wait in memory, however long the list.
            if len(running) > 2 * count:
                job, done = running.pop(0)
                yield job.result(), done
        for job, done in running:
            yield job.result(), done


def _numbered(items: Iterable[Item], form: str) -> Iterator[tuple[str, list[Item]]]:
    source = iter(items)
    number = 1
    while batch := list(islice(source, PART[form])):
        yield f"part-{number:05d}.{ENDINGS[form]}", batch
        number += 1


def _make(
    file: str,
    batch: Sequence[Item],
    folder: Path,
    form: str,
    typeface: Typeface,
    before: Part | None,
) -> Part:
    made_from = _digest(form, batch)
    target = folder / file
    if before is not None and before.made_from == made_from and target.exists():
        body = target.read_bytes()
        if hashlib.sha256(body).hexdigest() == before.sha256:
            return before
    body = _body(batch, form, typeface)
    beside = target.with_suffix(".unfinished")
    beside.write_bytes(body)
    beside.replace(target)
    return Part(file, len(batch), len(body), hashlib.sha256(body).hexdigest(), made_from)


def _body(batch: Sequence[Item], form: str, typeface: Typeface) -> bytes:
    if form == "pdf":
        return pdf([one.face for one in batch], typeface)
    if form == "codes":
        return b"".join(map(code_line, batch))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for one in batch:
            drawn = (
                svg(one.face, typeface) if form == "svg" else png(one.face, typeface, dpi=PRINT_DPI)
            )
            packed.writestr(zipfile.ZipInfo(f"{one.name}.{form}", _LONG_AGO), drawn)
    return out.getvalue()


def code_line(one: Item) -> bytes:
    """A plate's code as a line of NDJSON: what its symbol says, what it asserts, its modules."""
    modules = matrix(one.face.payload, PLATE_MASK)
    line = {
        "name": one.name,
        "payload": one.face.payload,
        "claim": one.claim,
        "side": len(modules),
        "modules": packed_modules(modules),
    }
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"


def packed_modules(modules: Matrix) -> str:
    """Modules with the quiet zone as bits, row after row, a set bit dark; base 64."""
    bits = "".join("1" if dark else "0" for row in modules for dark in row)
    padded = bits + "0" * (-len(bits) % 8)
    return b64encode(int(padded, 2).to_bytes(len(padded) // 8, "big")).decode()


def _digest(form: str, batch: Sequence[Item]) -> str:
    text = json.dumps([form, [asdict(one) for one in batch]], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
