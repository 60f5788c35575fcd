"""The artwork of a door plate (门牌版面): what stands where, in millimetres from the upper left.

Small and medium plates: two fifths name, three fifths number. Large plates: one fifth name,
three fifths number, one fifth for the address code. The name's band is three fifths Han and two
fifths romanisation. Han in 黑体, white on blue; the code is black on white, at the right.

Source: GB 17733 and Tianjin 2021 as docs/plates.md has them; 〔84〕中地字第17号 for romanisation.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from qr.claim import PlateKind
from qr.fonts import Typeface
from qr.sizes import SIZES, PlateSize
from qr.symbol import PLATE_MASK, Matrix, matrix

DOOR = re.compile(r"(?P<number>[0-9A-Za-z-]+)号(?P<rest>之[0-9A-Za-z]+)?$")
CAPITAL_EM = 0.74
"""Height of a Han character's ink or a digit in ems."""
HEADROOM = 0.86


class Ink(Enum):
    """Printing inks: CMYK in per cent, and what screens show for it."""

    BLUE = ((100, 75, 0, 10), "#003a94")
    WHITE = ((0, 0, 0, 0), "#ffffff")
    BLACK = ((0, 0, 0, 100), "#000000")

    @property
    def cmyk(self) -> tuple[float, ...]:
        """Shares of the four inks, 0 to 1."""
        return tuple(part / 100 for part in self.value[0])

    @property
    def screen(self) -> str:
        """The colour a screen shows, `#rrggbb`."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Face:
    """What one plate shows."""

    kind: PlateKind
    text: str
    """Carrier and door number."""
    romanisation: str | None
    payload: str
    """What its symbol says."""
    caption: str
    """Under the symbol: the address code in groups, and the plate's serial."""

    @property
    def name(self) -> str:
        """The text without the door number."""
        found = DOOR.search(self.text)
        return self.text if found is None else self.text[: found.start()]

    @property
    def number(self) -> tuple[str, str]:
        """The door number's digits, and what follows them."""
        found = DOOR.search(self.text)
        return ("", "") if found is None else (found["number"], f"号{found['rest'] or ''}")


@dataclass(frozen=True, slots=True)
class Block:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    ink: Ink
    bleeds: bool = False
    """Whether it goes on over the edge of the plate."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; x is its left end, y its baseline, size the em, all in millimetres."""

    x: float
    y: float
    size: float
    text: str
    ink: Ink


@dataclass(frozen=True, slots=True)
class Code:
    """The symbol: upper left corner of its quiet zone, side of a module in millimetres."""

    x: float
    y: float
    module: float
    modules: Matrix


Shape = Block | Line | Code


@dataclass(frozen=True, slots=True)
class _Layout:
    name: float
    """Share of the height."""
    number: float
    margin: float
    """Share of the height."""


_DOOR = _Layout(0.4, 0.6, 0.06)
_LAYOUTS: Mapping[PlateKind, _Layout] = MappingProxyType(
    {
        PlateKind.SMALL: _DOOR,
        PlateKind.MEDIUM: _DOOR,
        PlateKind.LARGE: _Layout(0.2, 0.6, 0.05),
    }
)
_HAN, _LATIN = 0.6, 0.4
_CAPTION_MM = {PlateKind.SMALL: 3.2, PlateKind.MEDIUM: 6.0, PlateKind.LARGE: 9.5}


def shapes(face: Face, typeface: Typeface) -> list[Shape]:
    """The artwork, from the ground upwards."""
    size, layout = SIZES[face.kind], _LAYOUTS[face.kind]
    margin = layout.margin * size.height_mm
    code = _code(face, size, margin)
    side = code.module * len(code.modules)
    room = size.width_mm - 2 * margin
    if face.kind is not PlateKind.LARGE:
        # The code reaches up beside the name.
        room = code.x - 2 * margin
    band = layout.name * size.height_mm
    found: list[Shape] = [Block(0, 0, size.width_mm, size.height_mm, Ink.BLUE, bleeds=True)]
    found += _name(face, typeface, margin, (margin, room, band - margin))
    top = band
    beside = code.x - 2 * margin
    found += _number(face, typeface, (margin, beside), (top, layout.number * size.height_mm))
    caption = _CAPTION_MM[face.kind]
    found.append(Block(code.x, code.y, side, side + caption * 1.5, Ink.WHITE))
    found.append(code)
    found.append(_centred(face.caption, typeface, code.x, side, code.y + side + caption, caption))
    return found


def _code(face: Face, size: PlateSize, margin: float) -> Code:
    modules = matrix(face.payload, PLATE_MASK)
    module = size.code_mm / len(modules)
    caption = _CAPTION_MM[face.kind] * 1.5
    top = size.height_mm - margin - size.code_mm - caption
    if face.kind is PlateKind.LARGE:
        top = (size.height_mm - size.code_mm - caption) / 2
    return Code(size.width_mm - margin - size.code_mm, top, module, modules)


def _name(
    face: Face, typeface: Typeface, left: float, box: tuple[float, float, float]
) -> Iterator[Shape]:
    top, room, height = box
    han = height * (_HAN if face.romanisation else 1.0)
    yield _fitted(face.name, typeface, (left, room), (top, han), Ink.WHITE)
    if face.romanisation:
        yield _fitted(
            face.romanisation, typeface, (left, room), (top + han, height * _LATIN), Ink.WHITE
        )


def _number(
    face: Face, typeface: Typeface, across: tuple[float, float], down: tuple[float, float]
) -> Iterator[Shape]:
    digits, rest = face.number
    if not digits:
        return
    left, room = across
    top, height = down
    wide, small = typeface.width(digits), typeface.width(rest) * 0.45
    size = min(height * HEADROOM / CAPITAL_EM * 0.8, room / (wide + small + 0.08))
    baseline = top + height / 2 + size * CAPITAL_EM / 2
    start = left + (room - size * (wide + small + 0.08)) / 2
    yield Line(start, baseline, size, digits, Ink.WHITE)
    yield Line(start + size * (wide + 0.08), baseline, size * 0.45, rest, Ink.WHITE)


def _fitted(
    text: str, typeface: Typeface, across: tuple[float, float], down: tuple[float, float], ink: Ink
) -> Line:
    """A line as large as its room allows, centred in it."""
    left, room = across
    top, height = down
    width = typeface.width(text) or 1.0
    size = min(height * HEADROOM, room / width)
    baseline = top + height / 2 + size * CAPITAL_EM / 2
    return Line(left + (room - width * size) / 2, baseline, size, text, ink)


def _centred(
    text: str, typeface: Typeface, left: float, room: float, baseline: float, size: float
) -> Line:
    width = typeface.width(text)
    size = min(size, room / width)
    return Line(left + (room - width * size) / 2, baseline, size, text, Ink.BLACK)
