"""Agreements of boundary lines (协议书): kept to the byte under their digest, looked at before.

A photograph is written anew to leave a camera's notes behind; an agreement is evidence, so what is
kept is what was sent. PDF is opened in a process of its own: it may be anything.
"""

import hashlib
import io
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.plate_photos import opened_picture
from registry.lines.errors import AgreementIsUnreadable
from registry.plates.errors import PhotoIsUnreadable

LARGEST_BYTES: Final = 25 * 2**20
FOLDER: Final = "agreements"
SECONDS: Final = 20
ROOT: Final = Path(__file__).parents[1]
MEDIA: Final = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}
_BEGINS: Final = {"pdf": b"%PDF-", "jpg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}


@dataclass(frozen=True, slots=True)
class Agreement:
    """A document that was looked at."""

    body: bytes
    ending: str
    sha256: str


def looked_at(body: bytes) -> Agreement:
    """A document as it may be kept.

    Raises:
        AgreementIsUnreadable: neither PDF, JPEG nor PNG, it does not open, it is locked or larger
            than the limits, or it would do something when opened.
    """
    if len(body) > LARGEST_BYTES:
        raise AgreementIsUnreadable(f"it is larger than {LARGEST_BYTES // 2**20} MB")
    ending = next((name for name, start in _BEGINS.items() if body.startswith(start)), None)
    if ending is None:
        raise AgreementIsUnreadable("it is no PDF, JPEG or PNG")
    if ending == "pdf":
        _open_pdf(body)
    else:
        try:
            opened_picture(body, "L", LARGEST_BYTES)
        except PhotoIsUnreadable as error:
            raise AgreementIsUnreadable("it is no JPEG or PNG picture that opens") from error
    return Agreement(body, ending, hashlib.sha256(body).hexdigest())


def keep(home: Path, agreement: Agreement) -> Path:
    """Keep a document under its digest; the same one is kept once."""
    target = home / "files" / FOLDER / f"{agreement.sha256}.{agreement.ending}"
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        # Beside it first: half a document under the digest of a whole one would never be mended.
        half = target.with_suffix(f".{threading.get_ident()}.part")
        half.write_bytes(agreement.body)
        half.replace(target)
    return target


def kept(home: Path, sha256: str) -> Path | None:
    """Where a document is kept; None: it is not here."""
    places = (home / "files" / FOLDER / f"{sha256}.{ending}" for ending in MEDIA)
    return next((place for place in places if place.is_file()), None)


def _open_pdf(body: bytes) -> None:
    with tempfile.NamedTemporaryFile(prefix="agreement-", suffix=".pdf") as place:
        place.write(body)
        place.flush()
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "api.pdf_reader", place.name],
                capture_output=True,
                timeout=SECONDS,
                check=False,
                env={"PATH": "", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)},
            )
        except subprocess.TimeoutExpired as error:
            raise AgreementIsUnreadable(f"opening it took over {SECONDS} s") from error
    if done.returncode != 0:
        why = io.TextIOWrapper(io.BytesIO(done.stdout), "utf-8", "replace").read().strip()
        raise AgreementIsUnreadable(why or "opening it exhausted memory or time")
