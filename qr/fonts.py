"""The typeface of plates (黑体): one OpenType file with Chinese and Latin, cut down for embedding.

PDF writers embed TrueType outlines; Noto Sans CJK has cubic ones. So the few characters a sheet
needs are cut out of the file and their outlines converted.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from threading import RLock
from typing import Final

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable

CANDIDATES = (
    (Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"), 2),
    (Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"), 2),
    (Path("/usr/share/fonts/noto-cjk/NotoSansCJK-Bold.ttc"), 2),
)
"""Where Debian and others keep it; 2 is the face for simplified Chinese."""
REGULAR = (
    (Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"), 2),
    (Path("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc"), 2),
)
"""The same for running text on paper."""
LARGEST_ERROR_EM = 0.0005
TRUETYPE = "\x00\x01\x00\x00"
_READING: Final = RLock()
"""fontTools seeks and reads in one open file, as late as it can: two at once read each other's bytes."""


class TypefaceIsMissing(RuntimeError):
    """No file of the typeface is on this machine: install Debian's fonts-noto-cjk."""


@dataclass(frozen=True)
class Typeface:
    """A face in a font file."""

    file: Path
    index: int
    _drawn: dict[str, str] = field(default_factory=dict)

    def __reduce__(self) -> tuple[type["Typeface"], tuple[Path, int]]:
        # Another process reads the file itself.
        return Typeface, (self.file, self.index)

    @cached_property
    def _font(self) -> TTFont:
        return TTFont(io.BytesIO(self.file.read_bytes()), fontNumber=self.index, lazy=True)

    @cached_property
    def _names(self) -> dict[int, str]:
        found: dict[int, str] = self._font.getBestCmap()
        return found

    @cached_property
    def em(self) -> int:
        """Units of the em square."""
        with _READING:
            return int(self._font["head"].unitsPerEm)

    def has(self, text: str) -> bool:
        """Whether it has every character of a text."""
        with _READING:
            return all(ord(each) in self._names for each in text)

    def width(self, text: str) -> float:
        """The advance of a text in ems."""
        with _READING:
            metrics = self._font["hmtx"]
            total = sum(metrics[self._names.get(ord(each), ".notdef")][0] for each in text)
            return float(total) / self.em

    def outline(self, character: str) -> str:
        """The outline of a character as an SVG path, in font units, y upwards."""
        with _READING:
            if character not in self._drawn:
                glyphs = self._font.getGlyphSet()
                pen = SVGPathPen(glyphs, ntos=lambda number: f"{number:g}")
                glyphs[self._names.get(ord(character), ".notdef")].draw(pen)
                self._drawn[character] = pen.getCommands()
            return self._drawn[character]

    def truetype(self, characters: Iterable[str]) -> bytes:
        """A TrueType font of these characters, the same bytes for the same characters."""
        source = io.BytesIO(self.file.read_bytes())
        font = TTFont(source, fontNumber=self.index, recalcTimestamp=False)
        options = Options(
            layout_features=[], hinting=False, notdef_outline=True, recalc_timestamp=False
        )
        options.drop_tables += ["BASE", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]
        subsetter = Subsetter(options)
        subsetter.populate(text="".join(sorted({*characters, " "})))
        subsetter.subset(font)
        _make_quadratic(font)
        out = io.BytesIO()
        font.save(out)
        return out.getvalue()


@lru_cache(maxsize=4)
def find_typeface(file: Path | None = None, *, regular: bool = False) -> Typeface:
    """The typeface of this machine; `regular`: for running text instead of plates.

    Raises:
        TypefaceIsMissing: there is none.
    """
    if file is not None:
        return Typeface(file, 0)
    for candidate, index in REGULAR if regular else CANDIDATES:
        if candidate.exists():
            return Typeface(candidate, index)
    raise TypefaceIsMissing("no Chinese typeface here: install the Debian package fonts-noto-cjk")


def _make_quadratic(font: TTFont) -> None:
    glyphs, order = font.getGlyphSet(), font.getGlyphOrder()
    error = LARGEST_ERROR_EM * font["head"].unitsPerEm
    quadratic = {}
    for name in order:
        pen = TTGlyphPen(glyphs)
        glyphs[name].draw(Cu2QuPen(pen, error, reverse_direction=True))
        quadratic[name] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = table = newTable("glyf")
    table.glyphOrder, table.glyphs = order, quadratic
    del font["CFF "]
    maxima = font["maxp"]
    maxima.tableVersion = 0x00010000
    for name in (
        *("maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs"),
        *("maxInstructionDefs", "maxStackElements", "maxSizeOfInstructions"),
        *("maxComponentElements", "maxComponentDepth", "maxPoints", "maxContours"),
        *("maxCompositePoints", "maxCompositeContours"),
    ):
        setattr(maxima, name, 0)
    maxima.maxZones = 1
    font["post"].formatType = 3.0
    font.sfntVersion = TRUETYPE
