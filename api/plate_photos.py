"""Photos of plates and markers: kept as pictures alone, without what a camera adds about place and person."""

import hashlib
import io
import struct
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from registry.plates.errors import PhotoIsUnreadable

if TYPE_CHECKING:
    from PIL.Image import Image as PictureImage

LARGEST_BYTES = 15 * 2**20
LONGEST_SIDE_PX = 1600
QUALITY = 85
FORMATS = ("JPEG", "PNG")
FOLDER = "plate-photos"


def keep_photo(home: Path, body: bytes, folder: str = FOLDER) -> str:
    """Keep a photo under the digest of what is kept; the same photo is kept once.

    Raises:
        PhotoIsUnreadable: it is no picture, or too large.
    """
    from PIL import Image

    picture = opened_picture(body, "RGB")
    picture.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
    out = io.BytesIO()
    # Written anew: positions, times and names of the camera stay behind.
    Image.frombytes("RGB", picture.size, picture.tobytes()).save(out, "JPEG", quality=QUALITY)
    kept = out.getvalue()
    digest = hashlib.sha256(kept).hexdigest()
    target = photo_file(home, digest, folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        # Beside it first: half a photo under the digest of a whole one would never be written anew.
        half = target.with_suffix(f".{threading.get_ident()}.part")
        half.write_bytes(kept)
        half.replace(target)
    return digest


def codes_on(body: bytes) -> list[str]:
    """What the QR symbols on a picture say; empty: none was found.

    Raises:
        PhotoIsUnreadable: it is no picture, or too large.
    """
    import zxingcpp

    picture = opened_picture(body, "L")
    found = zxingcpp.read_barcodes(picture)
    return [str(one.text) for one in found if one.format == zxingcpp.BarcodeFormat.QRCode]


def photo_file(home: Path, digest: str, folder: str = FOLDER) -> Path:
    """Where a photo is kept."""
    return home / "files" / folder / f"{digest}.jpg"


def opened_picture(body: bytes, mode: str, most_bytes: int = LARGEST_BYTES) -> "PictureImage":
    """A JPEG or PNG picture, upright.

    Raises:
        PhotoIsUnreadable: it is neither, cut short, or too large.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    if len(body) > most_bytes:
        raise PhotoIsUnreadable(f"it is larger than {most_bytes // 2**20} MB")
    try:
        with warnings.catch_warnings():
            # A picture of more pixels than any phone takes is refused, not warned of.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            # Pillow knows dozens of formats, some read by programs of their own (EPS): two are asked for.
            with Image.open(io.BytesIO(body), formats=FORMATS) as opened:
                return ImageOps.exif_transpose(opened).convert(mode)
    except (
        *(UnidentifiedImageError, OSError, ValueError, SyntaxError),
        # What Pillow trips over when it writes a camera's notes anew that are not what they say.
        *(struct.error, TypeError, AttributeError, LookupError, ArithmeticError),
        *(Image.DecompressionBombError, Image.DecompressionBombWarning),
    ) as error:
        raise PhotoIsUnreadable("it is no JPEG or PNG picture") from error
