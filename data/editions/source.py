"""Opening published files: compression, encoding and line ends are checked before a row is read."""

import codecs
import csv
import gzip
import io
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from registry.errors import SourceIsUnreadable

CHUNK = 1 << 20
ENCODINGS = ("utf-8", "gb18030")
BROKEN_ARCHIVE = (EOFError, gzip.BadGzipFile, zlib.error, tarfile.TarError, OSError)


@dataclass(frozen=True, slots=True)
class TextSource:
    """A readable text: a file, or a member of a package."""

    name: str
    """Shown in every error."""
    open_bytes: Callable[[], BinaryIO]


@contextmanager
def opened(source: TextSource) -> Iterator[IO[str]]:
    """The text, after the whole of it was checked.

    Raises:
        SourceIsUnreadable: broken compression, neither UTF-8 nor GB18030, or no final line end.
    """
    encoding = detect_encoding(source)
    with (
        source.open_bytes() as raw,
        io.TextIOWrapper(raw, encoding=encoding, newline="") as text,
    ):
        yield text


def file_source(path: Path) -> TextSource:
    """A file on disk, gzipped or not."""
    if not path.is_file():
        raise SourceIsUnreadable(str(path), "there is no such file")

    def open_bytes() -> BinaryIO:
        if path.suffix == ".gz":
            return cast(BinaryIO, gzip.open(path, "rb"))
        return path.open("rb")

    return TextSource(path.name, open_bytes)


def package_sources(path: Path, members: tuple[str, ...]) -> list[TextSource]:
    """The named members of a gzipped tar package, in the order asked for; missing ones left out.

    Raises:
        SourceIsUnreadable: not such a package, or broken.
    """
    try:
        with tarfile.open(path, "r:gz") as package:
            held = set(package.getnames())
    except BROKEN_ARCHIVE as error:
        raise SourceIsUnreadable(path.name, f"not a readable package: {error}") from error
    return [_member(path, member) for member in members if member in held]


def _member(path: Path, member: str) -> TextSource:
    def open_bytes() -> BinaryIO:
        with tarfile.open(path, "r:gz") as package:
            held = package.extractfile(member)
            assert held is not None  # the name was found in the package
            return io.BytesIO(held.read())

    return TextSource(f"{path.name}:{member}", open_bytes)


def detect_encoding(source: TextSource) -> str:
    """`utf-8-sig` or `gb18030`, whichever the whole text is valid in.

    Raises:
        SourceIsUnreadable: as for `opened`.
    """
    failed_at = 0
    for encoding in ENCODINGS:
        line = _first_bad_line(source, encoding)
        if line is None:
            return "utf-8-sig" if encoding == "utf-8" else encoding
        failed_at = max(failed_at, line)
    raise SourceIsUnreadable(source.name, f"line {failed_at} is neither UTF-8 nor GB18030")


def _first_bad_line(source: TextSource, encoding: str) -> int | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    lines, last = 1, b"\n"
    try:
        with source.open_bytes() as raw:
            while chunk := raw.read(CHUNK):
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError as error:
                    return lines + chunk.count(b"\n", 0, error.start)
                lines += chunk.count(b"\n")
                last = chunk[-1:]
    except BROKEN_ARCHIVE as error:
        raise SourceIsUnreadable(
            source.name, f"broken compression after line {lines - 1}: {error}"
        ) from error
    if last not in b"\r\n}]":
        raise SourceIsUnreadable(
            source.name,
            f"line {lines} has no line end, the file looks cut off; "
            "fetch it again, or end the line if it is whole",
        )
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return lines
    return None


def csv_rows(source: TextSource) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of the line each ends on, the header first; every row as wide as it.

    Raises:
        SourceIsUnreadable: as for `opened`; or a row is broken or of another width.
    """
    with opened(source) as text:
        reader = csv.reader(text, strict=True)
        width = None
        try:
            for row in reader:
                if not row:
                    continue
                if width is None:
                    width = len(row)
                elif len(row) != width:
                    raise SourceIsUnreadable(
                        source.name,
                        f"line {reader.line_num} has {len(row)} columns instead of {width}",
                    )
                yield reader.line_num, row
        except csv.Error as error:
            raise SourceIsUnreadable(
                source.name, f"line {reader.line_num} cannot be read: {error}"
            ) from error
        if width is None:
            raise SourceIsUnreadable(source.name, "the file is empty")
