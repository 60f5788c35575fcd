"""Artwork on paper and screens: PDF for printers, SVG for everything, PNG for pictures."""

import io
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.colors import CMYKColor
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from qr.artwork import Block, Code, Face, Ink, Line, Shape, shapes
from qr.embedding import embedding
from qr.fonts import Typeface
from qr.sizes import SIZES
from qr.symbol import dark_runs

BLEED_MM = 3.0
MARK_MM = 5.0
MARK_GAP_MM = 1.0
MARGIN_MM = BLEED_MM + MARK_GAP_MM + MARK_MM
HAIRLINE_PT = 0.25
FONT = "PlateFace"
INCH_MM = 25.4
_INKS = {ink: CMYKColor(*ink.cmyk) for ink in Ink}
_REGISTRATION = CMYKColor(1, 1, 1, 1)


def characters_of(faces: Iterable[Face]) -> set[str]:
    """Every character that faces show."""
    return {
        each for face in faces for each in (face.text + (face.romanisation or "") + face.caption)
    }


def pdf(faces: Sequence[Face], typeface: Typeface, *, font: bytes | None = None) -> bytes:
    """A print-ready sheet, one plate a page, with bleed and crop marks; all colours CMYK.

    Page, bleed and trim boxes are set; the typeface is embedded; the same faces give the same
    bytes.

    Args:
        font: from `Typeface.truetype`, with every character; None: it is cut for these faces.
    """
    embedded = font or typeface.truetype(characters_of(faces))
    out = io.BytesIO()
    with embedding({FONT: embedded}):
        canvas = Canvas(
            out, pageCompression=1, invariant=1, enforceColorSpace="CMYK", initialFontName=FONT
        )
        canvas.setTitle("门牌 door plates")
        for face in faces:
            _page(canvas, face, typeface)
        canvas.save()
    return out.getvalue()


def svg(face: Face, typeface: Typeface) -> bytes:
    """One plate as SVG in millimetres, trimmed; text as outlines, so that it needs no font."""
    size = SIZES[face.kind]
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size.width_mm:g}mm" '
        f'height="{size.height_mm:g}mm" viewBox="0 0 {size.width_mm:g} {size.height_mm:g}" '
        f'role="img"><title>{escape(face.text)}</title>'
    )
    drawn = "".join(_svg_of(shape, typeface) for shape in shapes(face, typeface))
    return f"{opening}{drawn}</svg>\n".encode()


def picture(face: Face, typeface: Typeface, *, dpi: float) -> Image.Image:
    """One plate as a picture, trimmed."""
    size, scale = SIZES[face.kind], dpi / INCH_MM
    image = Image.new("RGB", (round(size.width_mm * scale), round(size.height_mm * scale)), "white")
    draw = ImageDraw.Draw(image)
    for shape in shapes(face, typeface):
        _paint(draw, shape, typeface, scale)
    return image


def png(face: Face, typeface: Typeface, *, dpi: float) -> bytes:
    """One plate as PNG, trimmed."""
    out = io.BytesIO()
    picture(face, typeface, dpi=dpi).save(out, "PNG", dpi=(dpi, dpi))
    return out.getvalue()


def _page(canvas: Canvas, face: Face, typeface: Typeface) -> None:
    size = SIZES[face.kind]
    width, height = size.width_mm + 2 * MARGIN_MM, size.height_mm + 2 * MARGIN_MM
    canvas.setPageSize((width * mm, height * mm))
    trim = [MARGIN_MM, MARGIN_MM, width - MARGIN_MM, height - MARGIN_MM]
    canvas.setTrimBox([edge * mm for edge in trim])
    bleed = [trim[0] - BLEED_MM, trim[1] - BLEED_MM, trim[2] + BLEED_MM, trim[3] + BLEED_MM]
    canvas.setBleedBox([edge * mm for edge in bleed])
    _crop_marks(canvas, trim)
    canvas.translate(MARGIN_MM * mm, MARGIN_MM * mm)
    for shape in shapes(face, typeface):
        _put(canvas, shape, size.height_mm)
    canvas.showPage()


def _crop_marks(canvas: Canvas, trim: Sequence[float]) -> None:
    left, low, right, high = trim
    canvas.setStrokeColor(_REGISTRATION)
    canvas.setLineWidth(HAIRLINE_PT)
    near, far = BLEED_MM + MARK_GAP_MM, MARGIN_MM
    for x in (left, right):
        for y, out in ((low, -1), (high, 1)):
            canvas.line(x * mm, (y + out * near) * mm, x * mm, (y + out * far) * mm)
    for y in (low, high):
        for x, out in ((left, -1), (right, 1)):
            canvas.line((x + out * near) * mm, y * mm, (x + out * far) * mm, y * mm)


def _put(canvas: Canvas, shape: Shape, height: float) -> None:
    """Draw a shape; PDF counts from below."""
    if isinstance(shape, Block):
        over = BLEED_MM if shape.bleeds else 0.0
        canvas.setFillColor(_INKS[shape.ink])
        canvas.rect(
            (shape.x - over) * mm,
            (height - shape.y - shape.height - over) * mm,
            (shape.width + 2 * over) * mm,
            (shape.height + 2 * over) * mm,
            stroke=0,
            fill=1,
        )
    elif isinstance(shape, Line):
        canvas.setFillColor(_INKS[shape.ink])
        canvas.setFont(FONT, shape.size * mm)
        canvas.drawString(shape.x * mm, (height - shape.y) * mm, shape.text)
    else:
        _put_code(canvas, shape, height)


def _put_code(canvas: Canvas, shape: Code, height: float) -> None:
    canvas.saveState()
    canvas.translate(shape.x * mm, (height - shape.y) * mm)
    canvas.scale(shape.module * mm, -shape.module * mm)
    canvas.setFillColor(_INKS[Ink.BLACK])
    path = canvas.beginPath()
    for y, row in enumerate(shape.modules):
        for x, length in dark_runs(row):
            path.rect(x, y, length, 1)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()


def _svg_of(shape: Shape, typeface: Typeface) -> str:
    if isinstance(shape, Block):
        return (
            f'<rect x="{shape.x:g}" y="{shape.y:g}" width="{shape.width:g}" '
            f'height="{shape.height:g}" fill="{shape.ink.screen}"/>'
        )
    if isinstance(shape, Code):
        path = "".join(
            f"M{x} {y}h{length}v1h-{length}z"
            for y, row in enumerate(shape.modules)
            for x, length in dark_runs(row)
        )
        return (
            f'<path transform="translate({shape.x:g} {shape.y:g}) scale({shape.module:.6g})" '
            f'shape-rendering="crispEdges" d="{path}"/>'
        )
    scale = shape.size / typeface.em
    drawn, x = [], shape.x
    for each in shape.text:
        drawn.append(
            f'<path transform="translate({x:.4g} {shape.y:.4g}) scale({scale:.6g} {-scale:.6g})" '
            f'd="{typeface.outline(each)}"/>'
        )
        x += typeface.width(each) * shape.size
    return f'<g fill="{shape.ink.screen}">{"".join(drawn)}</g>'


def _paint(draw: ImageDraw.ImageDraw, shape: Shape, typeface: Typeface, scale: float) -> None:
    if isinstance(shape, Block):
        _fill(draw, (shape.x, shape.y, shape.width, shape.height), scale, shape.ink.screen)
    elif isinstance(shape, Line):
        font = ImageFont.truetype(
            str(typeface.file), max(1.0, shape.size * scale), index=typeface.index
        )
        where = shape.x * scale, shape.y * scale
        draw.text(where, shape.text, fill=shape.ink.screen, font=font, anchor="ls")
    else:
        for y, row in enumerate(shape.modules):
            for x, length in dark_runs(row):
                left, top = shape.x + x * shape.module, shape.y + y * shape.module
                box = left, top, length * shape.module, shape.module
                _fill(draw, box, scale, Ink.BLACK.screen)


def _fill(
    draw: ImageDraw.ImageDraw, box: tuple[float, float, float, float], scale: float, colour: str
) -> None:
    left, top, width, height = box
    first = round(left * scale), round(top * scale)
    last = round((left + width) * scale) - 1, round((top + height) * scale) - 1
    if last[0] >= first[0] and last[1] >= first[1]:
        draw.rectangle((*first, *last), fill=colour)
