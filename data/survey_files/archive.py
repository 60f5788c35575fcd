"""Zipped shapefiles: unpacked by hand, name by name, so that nothing in them can reach elsewhere."""

import stat
import zipfile
from pathlib import Path, PurePosixPath

from data.survey_files.model import Limits
from registry.boundaries.errors import UploadIsForbidden, UploadIsTooLarge
from registry.errors import SourceIsUnreadable

NEEDED = frozenset({".shp", ".shx", ".dbf"})
TAKEN = NEEDED | {".prj", ".cpg"}
IGNORED = frozenset({".sbn", ".sbx", ".qix", ".qpj", ".xml", ".qmd", ".txt", ".fix", ".atx"})
BLOCK = 1 << 16
STEM = "survey"
UTF_8, GB18030 = "UTF-8", "GB18030"
HEADER = 32


def unpack(archive: Path, name: str, target: Path, limits: Limits) -> Path:
    """Unpack the one shapefile of an archive under names of our own.

    Args:
        name: what the archive is called, for messages.

    Raises:
        UploadIsTooLarge: too many members, or more bytes than a survey needs, whatever its
            directory claims.
        UploadIsForbidden: a member points elsewhere, is a link, a password is needed, or something
            other than a shapefile is hidden in it.
        SourceIsUnreadable: no archive, or not one whole shapefile.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [one for one in opened.infolist() if not one.is_dir()]
            if len(members) > limits.members:
                raise UploadIsTooLarge(what="members", limit=limits.members, unit="files")
            chosen = _chosen(members, name)
            left = limits.unpacked_bytes
            for suffix, member in chosen.items():
                left -= _copy(opened, member, target / f"{STEM}{suffix}", left, limits)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise SourceIsUnreadable(name, f"not a whole zip archive: {error}") from error
    missing = sorted(NEEDED - chosen.keys())
    if missing:
        raise SourceIsUnreadable(name, f"a shapefile lacks its {', '.join(missing)}")
    return target / f"{STEM}.shp"


def encoding_of(shapefile: Path) -> str:
    """How the attribute table is written: as its .cpg says, else UTF-8 where it is, else GBK.

    Deliveries from offices come in GBK with no .cpg; the byte in the table's head is seldom right.
    """
    said = shapefile.with_suffix(".cpg")
    if said.exists():
        word = said.read_text("ascii", "replace").strip().upper()
        if word in {"UTF-8", "UTF8", "65001"}:
            return UTF_8
        if word in {"GBK", "GB2312", "GB18030", "936", "CP936"}:
            return GB18030
    return UTF_8 if _is_utf_8(shapefile.with_suffix(".dbf").read_bytes()) else GB18030


def _is_utf_8(table: bytes) -> bool:
    start = int.from_bytes(table[8:10], "little")
    length = int.from_bytes(table[10:12], "little")
    widths = []
    for place in range(HEADER, max(start - 1, HEADER), HEADER):
        if table[place : place + 1] == b"\r":
            break
        widths.append(table[place + 16] if place + 16 < len(table) else 0)
    if not length or not widths:
        return True
    for row in range(start, len(table) - length + 1, length):
        place = row + 1
        for width in widths:
            # A long text may be cut inside its last character.
            text = table[place : place + width].rstrip(b" \0")
            if not any(_decodes(text[: len(text) - cut]) for cut in range(4)):
                return False
            place += width
    return True


def _decodes(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _chosen(members: list[zipfile.ZipInfo], name: str) -> dict[str, zipfile.ZipInfo]:
    chosen: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        _refuse_reaching(member, path, name)
        suffix = path.suffix.lower()
        if suffix in TAKEN:
            if suffix in chosen:
                raise SourceIsUnreadable(name, "it holds more than one shapefile")
            chosen[suffix] = member
        elif suffix not in IGNORED and not path.name.startswith("."):
            raise UploadIsForbidden(file=name, why=f"{path.name[:80]} is no part of a shapefile")
    return chosen


def _refuse_reaching(member: zipfile.ZipInfo, path: PurePosixPath, name: str) -> None:
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        raise UploadIsForbidden(file=name, why=f"{str(path)[:80]} points outside of it")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise UploadIsForbidden(file=name, why=f"{path.name[:80]} is a link")
    if member.flag_bits & 1:
        raise UploadIsForbidden(file=name, why="it is protected by a password")


def _copy(
    opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, left: int, limits: Limits
) -> int:
    written = 0
    with opened.open(member) as source, target.open("wb") as out:
        while block := source.read(BLOCK):
            written += len(block)
            if written > left:
                what = "the unpacked archive"
                raise UploadIsTooLarge(what=what, limit=limits.unpacked_bytes, unit="bytes")
            out.write(block)
    return written
