"""Plates as a phone meets them: photographed small, askew, dim, dirty, in glare; and decoders."""

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from qr.artwork import Face
from qr.claim import PlateKind
from qr.fonts import find_typeface
from qr.printing import picture
from qr.sizes import SIZES
from qr.symbol import plate_payload

Pixels = NDArray[np.uint8]
PIXELS_PER_MODULE = 5.0
"""A phone at the reading distance of docs/qr.md, photo rather than preview."""


def face(number: int, kind: PlateKind = PlateKind.SMALL) -> Face:
    """A plate with a code of its own, drawn from a number."""
    source = np.random.default_rng(number)
    code = "".join(source.choice(list("0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 19))
    text = f"琼头中里{number % 900 + 1}号"
    payload = plate_payload("https://dz.xm.gov.cn", code)
    return Face(kind, text, "Qióngtóu Zhōnglǐ", payload, "6A0D-NQ03-K1AR · 1")


def scanned(one: Face) -> Pixels:
    """The printed plate at scan size, grey."""
    modules = 37
    dpi = PIXELS_PER_MODULE * modules / SIZES[one.kind].code_mm * 25.4
    return np.asarray(picture(one, find_typeface(), dpi=dpi).convert("L")).copy()


def blurred(image: Pixels, source: np.random.Generator) -> Pixels:
    """Out of focus by half a module and more."""
    return cv2.GaussianBlur(image, (0, 0), source.uniform(0.25, 0.5) * PIXELS_PER_MODULE)


def askew(image: Pixels, source: np.random.Generator) -> Pixels:
    """Seen from the side and turned: each corner moves by up to an eighth of the width."""
    height, width = image.shape
    reach = source.uniform(0, 0.125, (4, 2)) * width * np.array([1, height / width])
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    inwards = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
    pad = width // 8
    target = (corners + reach * inwards + pad).astype(np.float32)
    moved = cv2.warpPerspective(
        image,
        cv2.getPerspectiveTransform(corners, target),
        (width + 2 * pad, height + 2 * pad),
        flags=cv2.INTER_AREA,
        borderValue=128,
    )
    return np.asarray(moved, np.uint8)


def pale(image: Pixels, source: np.random.Generator) -> Pixels:
    """A contrast of a fifth to a third, with the noise of a dim picture."""
    span = source.uniform(0.2, 0.33)
    low = source.uniform(0.1, 0.6)
    noise = source.normal(0, 4, image.shape)
    return np.clip(image * span + low * 255 + noise, 0, 255).astype(np.uint8)


def _code_box(image: Pixels) -> tuple[int, int, int]:
    """Left, top and side of the modules on an untouched picture of a small plate."""
    scale = image.shape[1] / 150
    margin = 0.06 * 90
    quiet = 40 / 37 * 4
    left, top = 150 - margin - 40 + quiet, 90 - margin - 40 - 3.2 * 1.5 + quiet
    return round(left * scale), round(top * scale), round((40 - 2 * quiet) * scale)


def occluded(image: Pixels, source: np.random.Generator) -> Pixels:
    """15 % of the printed code under a sticker that hangs over its free corner."""
    left, top, side = _code_box(image)
    module = side / 29
    area = 0.15 * (37 * module) ** 2
    width = (area * source.uniform(0.7, 1.4)) ** 0.5
    right, bottom = left + side + 4 * module, top + side + 4 * module
    hidden = image.copy()
    rows = slice(round(bottom - area / width), round(bottom))
    hidden[rows, round(right - width) : round(right)] = int(source.choice([0, 128, 255]))
    return hidden


def blotted(image: Pixels, source: np.random.Generator, *, share: float = 0.1) -> Pixels:
    """A blot that hides a share of the modules, anywhere but on the three finders."""
    left, top, side = _code_box(image)
    edge = round(side * share**0.5)
    # Without one of the three finders nobody finds the symbol, whatever its level.
    free = round(side * 8 / 29)
    x, y = source.integers(free, side - edge + 1, 2)
    hidden = image.copy()
    shade = int(source.choice([0, 128, 255]))
    hidden[top + y : top + y + edge, left + x : left + x + edge] = shade
    return hidden


def blotted_beyond(image: Pixels, source: np.random.Generator) -> Pixels:
    """The same for 15 % of the modules: more codewords than level Q can mend, as often as not."""
    return blotted(image, source, share=0.15)


def glaring(image: Pixels, source: np.random.Generator) -> Pixels:
    """A lamp mirrored in the enamel: a bright blot that drowns part of the symbol."""
    left, top, side = _code_box(image)
    rows, columns = np.indices(image.shape)
    x = left + source.uniform(0.35, 0.8) * side
    y = top + source.uniform(0.35, 0.8) * side
    radius = source.uniform(0.1, 0.2) * side
    light = 255 * np.exp(-(((columns - x) ** 2 + (rows - y) ** 2) / (2 * radius**2)))
    return np.clip(image.astype(float) + light, 0, 255).astype(np.uint8)


DEGRADATIONS: dict[str, Callable[[Pixels, np.random.Generator], Pixels]] = {
    "as printed": lambda image, _source: image,
    "blur": blurred,
    "perspective": askew,
    "low contrast": pale,
    "15 % occlusion, over the corner": occluded,
    "10 % occlusion, anywhere inside": blotted,
    "glare": glaring,
}


def read_by_zxing(image: Pixels) -> str | None:
    """What zxing-cpp reads."""
    found = zxingcpp.read_barcodes(image)
    return str(found[0].text) if found else None


def read_by_opencv(image: Pixels) -> str | None:
    """What OpenCV reads, trying as an app does: as it is, enlarged, sharpened, in black and white."""
    for tried in _attempts(image):
        for detector in (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco()):
            text = _detected(detector, tried)
            if text:
                return text
    return None


def _detected(detector: cv2.QRCodeDetector | cv2.QRCodeDetectorAruco, image: Pixels) -> str:
    try:
        text, _corners, _straight = detector.detectAndDecode(image)
    except cv2.error:
        # Corners it took for a finder's make no square: to the library that is an error.
        return ""
    return str(text)


def _attempts(image: Pixels) -> Iterator[Pixels]:
    yield image
    larger = cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    yield np.asarray(larger, np.uint8)
    sharp = cv2.addWeighted(larger, 3.0, cv2.GaussianBlur(larger, (0, 0), 6), -2.0, 0)
    yield np.asarray(sharp, np.uint8)
    yield np.asarray(cv2.threshold(sharp, 0, 255, cv2.THRESH_OTSU)[1], np.uint8)
    yield np.asarray(cv2.resize(sharp, None, fx=1.5, fy=1.5), np.uint8)


DECODERS = {"zxing-cpp": read_by_zxing, "OpenCV": read_by_opencv}
