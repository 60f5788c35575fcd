"""The log as tiles of 256 hashes or records, so that any tiled-log client can read it.

Source: C2SP tlog-tiles (c2sp.org).
"""

import re
from collections.abc import Iterable

from registry.errors import LogHasNoSuchSize

TILE = 256
INDEX = re.compile(r"(?:x\d{3}/)*\d{3}(?:\.p/(?P<width>\d{1,3}))?")


def read_index(path: str, size: int) -> tuple[int, int | None]:
    """A tile's number, and its width when it is a partial one: `x001/x234/067.p/8`.

    Args:
        size: of the log.

    Raises:
        LogHasNoSuchSize: it is written otherwise, or lies beyond the log.
    """
    found = INDEX.fullmatch(path)
    width = None if found is None or found["width"] is None else int(found["width"])
    if found is None or (width is not None and not 0 < width < TILE):
        raise LogHasNoSuchSize(asked=f"tile {path}", size=size)
    digits = path.partition(".p/")[0].replace("x", "").replace("/", "")
    number = int(digits)
    if number > size // TILE:
        raise LogHasNoSuchSize(asked=f"tile {path}", size=size)
    return number, width


def entry_bundle(records: Iterable[str]) -> bytes:
    """Records one after the other, each behind its length in two bytes, big-endian."""
    packed = bytearray()
    for record in records:
        encoded = record.encode()
        packed += len(encoded).to_bytes(2, "big") + encoded
    return bytes(packed)
