"""Which format a file is: by its ending, confirmed by its first bytes. GDAL is never left to guess."""

import re
from pathlib import Path, PurePath

from data.survey_files.model import Format
from registry.boundaries.errors import FormatIsUnknown, UploadIsForbidden
from registry.errors import SourceIsUnreadable

ENDINGS = {
    ".zip": Format.SHAPEFILE,
    ".gpkg": Format.GEOPACKAGE,
    ".geojson": Format.GEOJSON,
    ".json": Format.GEOJSON,
    ".fgb": Format.FLATGEOBUF,
    ".dxf": Format.DXF,
    ".kml": Format.KML,
    ".csv": Format.POINTS,
    ".txt": Format.POINTS,
}
HEAD = 4096
_SIGNS: dict[Format, re.Pattern[bytes]] = {
    Format.SHAPEFILE: re.compile(rb"PK\x03\x04"),
    Format.GEOPACKAGE: re.compile(rb"SQLite format 3\0"),
    Format.GEOJSON: re.compile(rb"(\xef\xbb\xbf)?\s*\{"),
    Format.FLATGEOBUF: re.compile(rb"fgb\x03fgb"),
    Format.DXF: re.compile(rb"(\xef\xbb\xbf)?(\s*999\s[^\n]*\n)*\s*0\s+SECTION"),
    Format.KML: re.compile(rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*\?>)?\s*(<!--.*?-->\s*)*<kml\b", re.S),
}
_VIRTUAL = re.compile(r"/vsi|^[a-z]{2,}:|://|[\x00-\x1f]", re.I)
_MARKUP = re.compile(rb"<!\s*(DOCTYPE|ENTITY)|<\s*NetworkLink\b|<\s*xi:include\b", re.I)


def format_of(path: Path, name: str) -> Format:
    """The format of a delivered file.

    Args:
        name: what the surveyor called it; never used as a path.

    Raises:
        FormatIsUnknown: its ending is none of ours.
        UploadIsForbidden: the name is a virtual path or an address, or the file refers to others.
        SourceIsUnreadable: it is empty, or its first bytes are of something else.
    """
    if _VIRTUAL.search(name):
        raise UploadIsForbidden(file=name[:80], why="a name, not a path or an address, is wanted")
    found = ENDINGS.get(PurePath(name.replace("\\", "/")).suffix.lower())
    if found is None:
        raise FormatIsUnknown(file=name[:80], formats=sorted(ENDINGS))
    with path.open("rb") as opened:
        head = opened.read(HEAD)
    if not head.strip():
        raise SourceIsUnreadable(name, "it is empty")
    if found is Format.KML:
        _refuse_markup(path, name)
    sign = _SIGNS.get(found)
    if sign is not None and not sign.match(head):
        raise SourceIsUnreadable(name, f"it does not begin like {found.value}")
    return found


def _refuse_markup(path: Path, name: str) -> None:
    """Entities, includes and links are refused before any parser sees them."""
    text = path.read_bytes()
    if text[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in text[:HEAD]:
        raise SourceIsUnreadable(name, "KML is written in UTF-8")
    if _MARKUP.search(text):
        raise UploadIsForbidden(file=name, why="it declares entities or links to other files")
