"""A certificate of address on paper: A4, vector and embedded type, its seal as a QR symbol."""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib.colors import CMYKColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject
from reportlab.platypus import Paragraph

from api.certificates.document import Certificate
from api.language import Language
from api.web.words import KINDS, WORDS
from qr import symbol
from qr.embedding import embedding
from qr.fonts import Typeface, find_typeface
from registry.addresses.address_code import grouped

BOLD, REGULAR = "CertificateBold", "CertificateRegular"
MARGIN_MM, SYMBOL_MM = 24.0, 46.0
MOST_FORMER = 6
INK = CMYKColor(0, 0, 0, 0.92)
SOFT = CMYKColor(0, 0, 0, 0.62)
BLUE = CMYKColor(1, 0.75, 0.1, 0)
FAINT = CMYKColor(0, 0, 0, 0.09)
RED = CMYKColor(0, 0.95, 0.85, 0.1)
_WIDTH, _HEIGHT = A4
LARGEST_PT = 60.0
_COMMAND: Final = re.compile(r"([MLHVCZ])([^MLHVCZ]*)")
_SIZES: Final = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "Z": 1}
_NUMBER: Final = re.compile(r"-?[0-9.]+")
Row = tuple[str, str]


def paper(certificate: Certificate, *, public_url: str, language: Language) -> bytes:
    """The certificate as PDF; the same certificate gives the same bytes."""
    document, words = certificate.document, WORDS[language]
    rows = list(_rows(document, language))
    former = list(_former(document, words))
    texts = [
        *(each for row in rows for each in row),
        *former,
        *(str(document[name]) for name in ("address", "romanised", "english", "issuer")),
        *WORDS["zh"].values(),
        *WORDS["en"].values(),
        certificate.seal.claim.key_id.hex(),
        "0123456789abcdefABCDEFGHIJKLMNOPQRSTUVWXYZ.:/—–-°,·≤ ",
    ]
    modules = symbol.matrix(
        symbol.certificate_payload(public_url, str(certificate.seal)), symbol.PLATE_MASK
    )
    characters = {each for text in texts for each in text}
    fonts = {
        BOLD: find_typeface().truetype(characters),
        REGULAR: find_typeface(regular=True).truetype(characters),
    }
    out = io.BytesIO()
    with embedding(fonts):
        canvas = Canvas(out, pagesize=A4, pageCompression=1, invariant=1, initialFontName=REGULAR)
        canvas.setTitle(f"{words['certificate_title']} {document['address_code']}")
        canvas.setSubject(str(document["address"]))
        _ground(canvas, words, generated=bool(document["generated"]))
        y = _heading(canvas, document, words)
        y = _table(canvas, rows, y)
        if former:
            y = _former_texts(canvas, former, words, y)
        _seal(canvas, certificate, modules, words)
        canvas.showPage()
        canvas.save()
    return out.getvalue()


def _rows(document: Mapping[str, Any], language: Language) -> Iterator[Row]:
    words, kinds = WORDS[language], KINDS[language]
    yield words["address_code"], grouped(str(document["address_code"]))
    yield words["plate"], str(document["plate"])
    yield (
        words["divisions"],
        words["comma"].join(
            unit["name"] + (f" ({kinds[unit['kind']]})" if language == "en" else "")
            for unit in document["divisions"]
        ),
    )
    where = document["position"]
    if where is not None:
        yield (
            words["where"],
            (
                f"{words['latitude']} {where['lat']}° · {words['longitude']} {where['lon']}° "
                f"(CGCS2000, {words['accuracy']} {where['accuracy_m']} {words['metres']})"
            ),
        )
    yield words["certificate_on"], _day(document["at"])
    yield words["certificate_issued"], _day(document["issued_on"])
    yield words["stage"], words[f"stage_{document['status']}"]
    yield words["certificate_change"], str(document["change"])


def _former(document: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[str]:
    for was in document["former"][:MOST_FORMER]:
        since = words["from_start"] if was["from"] is None else _day(was["from"])
        decree = f" · {was['decree']}" if was["decree"] else ""
        yield f"{was['text']} ({since} – {_day(was['to'])}{decree})"


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat()


def _ground(canvas: Canvas, words: Mapping[str, str], *, generated: bool) -> None:
    canvas.setStrokeColor(BLUE)
    for inset_mm, width_pt in ((12.0, 1.6), (13.6, 0.5)):
        inset = inset_mm * mm
        canvas.setLineWidth(width_pt)
        canvas.rect(inset, inset, _WIDTH - 2 * inset, _HEIGHT - 2 * inset, fill=0)
    if generated:
        canvas.saveState()
        canvas.translate(_WIDTH / 2, _HEIGHT / 2)
        canvas.rotate(32)
        canvas.setFillColor(FAINT)
        _outlined(canvas, words["certificate_demo"], find_typeface())
        canvas.restoreState()


def _outlined(canvas: Canvas, text: str, typeface: Typeface) -> None:
    """Text as outlines, centred and as long as the page is wide: nobody copies it with the rest."""
    scale = min(0.9 * _WIDTH / typeface.width(text), LARGEST_PT) / typeface.em
    canvas.scale(scale, scale)
    canvas.translate(-typeface.width(text) * typeface.em / 2, 0)
    for each in text:
        path = canvas.beginPath()
        _trace(path, typeface.outline(each))
        canvas.drawPath(path, stroke=0, fill=1)
        canvas.translate(typeface.width(each) * typeface.em, 0)


def _trace(path: PDFPathObject, outline: str) -> None:
    """Draw an outline as the typeface gives it: a letter stands for every step until the next."""
    here = (0.0, 0.0)
    for command, written in _COMMAND.findall(outline):
        numbers = [float(number) for number in _NUMBER.findall(written)]
        if command == "Z":
            path.close()
        size = _SIZES[command]
        for first in range(0, len(numbers), size):
            step = numbers[first : first + size]
            if size == 1:
                step = [step[0], here[1]] if command == "H" else [here[0], step[0]]
            if command == "C":
                path.curveTo(*step)
            elif command == "M" and first == 0:
                path.moveTo(*step)
            else:
                path.lineTo(*step)
            here = (step[-2], step[-1])


def _heading(canvas: Canvas, document: Mapping[str, Any], words: Mapping[str, str]) -> float:
    """Title and address; returns how far down they reach, in points from below."""
    canvas.setFillColor(BLUE)
    canvas.setFont(REGULAR, 11)
    canvas.drawCentredString(_WIDTH / 2, _HEIGHT - 28 * mm, words["registry"])
    canvas.setFont(BOLD, 25)
    canvas.drawCentredString(_WIDTH / 2, _HEIGHT - 41 * mm, words["certificate_title"])
    y = _HEIGHT - 54 * mm
    if document["generated"]:
        y = _paragraph(canvas, words["certificate_demo"], (BOLD, 11, RED), y, centred=True)
    y = _paragraph(canvas, words["certificate_lead"], (REGULAR, 11, INK), y - 2 * mm)
    y = _paragraph(canvas, str(document["address"]), (BOLD, 18, INK), y - 4 * mm)
    y = _paragraph(canvas, str(document["romanised"]), (REGULAR, 10, SOFT), y - 1.5 * mm, cjk=False)
    return _paragraph(canvas, str(document["english"]), (REGULAR, 10, SOFT), y, cjk=False)


def _table(canvas: Canvas, rows: Sequence[Row], y: float) -> float:
    y -= 6 * mm
    for name, value in rows:
        canvas.setFillColor(SOFT)
        canvas.setFont(REGULAR, 9.5)
        canvas.drawString(MARGIN_MM * mm, y - 11, name)
        below = _paragraph(canvas, value, (REGULAR, 10.5, INK), y, left_mm=MARGIN_MM + 40)
        canvas.setStrokeColor(FAINT)
        canvas.setLineWidth(0.6)
        canvas.line(MARGIN_MM * mm, below - 3, _WIDTH - MARGIN_MM * mm, below - 3)
        y = below - 6
    return y


def _former_texts(
    canvas: Canvas, former: Sequence[str], words: Mapping[str, str], y: float
) -> float:
    canvas.setFillColor(SOFT)
    canvas.setFont(REGULAR, 9.5)
    canvas.drawString(MARGIN_MM * mm, y - 14, words["certificate_former"])
    y -= 20
    for text in former:
        y = _paragraph(canvas, text, (REGULAR, 9.5, INK), y) - 2
    return y


def _seal(
    canvas: Canvas,
    certificate: Certificate,
    modules: symbol.Matrix,
    words: Mapping[str, str],
) -> None:
    left, low, side = _WIDTH - (MARGIN_MM + SYMBOL_MM) * mm, 22 * mm, SYMBOL_MM * mm
    canvas.saveState()
    canvas.translate(left, low + side)
    canvas.scale(side / len(modules), -side / len(modules))
    canvas.setFillColor(CMYKColor(0, 0, 0, 1))
    path = canvas.beginPath()
    for down, row in enumerate(modules):
        for along, length in symbol.dark_runs(row):
            path.rect(along, down, length, 1)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()
    right_mm = MARGIN_MM + SYMBOL_MM + 6
    y = low + side - 3 * mm
    issuer = str(certificate.document["issuer"])
    y = _paragraph(canvas, issuer, (BOLD, 11, BLUE), y, right_mm=right_mm)
    y = _paragraph(
        canvas, words["certificate_how"], (REGULAR, 9.5, INK), y - 2 * mm, right_mm=right_mm
    )
    key = f"{words['certificate_key']} {certificate.seal.claim.key_id.hex()} (Ed25519)"
    _paragraph(canvas, key, (REGULAR, 9, SOFT), y - 2 * mm, right_mm=right_mm)


def _paragraph(
    canvas: Canvas,
    text: str,
    look: tuple[str, float, CMYKColor],
    y: float,
    *,
    left_mm: float = MARGIN_MM,
    right_mm: float = MARGIN_MM,
    cjk: bool = True,
    centred: bool = False,
) -> float:
    """Set a paragraph below `y`; returns where it ends, in points from below."""
    font, size, colour = look
    style = ParagraphStyle(
        font,
        fontName=font,
        fontSize=size,
        leading=size * 1.45,
        textColor=colour,
        wordWrap="CJK" if cjk else None,
        alignment=1 if centred else 0,
    )
    block = Paragraph(escape(text), style)
    _across, height = block.wrap(_WIDTH - (left_mm + right_mm) * mm, _HEIGHT)
    block.drawOn(canvas, left_mm * mm, y - height)
    return y - float(height)
