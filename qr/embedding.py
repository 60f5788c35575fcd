"""Fonts cut for one document, known to the PDF writer by name only while that is written."""

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

_ONE_AT_A_TIME: Final = Lock()
"""Names stand for the whole process."""


@contextmanager
def embedding(fonts: Mapping[str, bytes]) -> Iterator[None]:
    """Have documents written inside embed these fonts; one document at a time.

    ReportLab keeps the first font it ever gets under a name, and of a face, as long as the process
    lives. Ours hold the characters of one document: kept, they would leave the next without its own.

    Args:
        fonts: TrueType files by the names the document uses.
    """
    with _ONE_AT_A_TIME:
        made = [TTFont(name, io.BytesIO(content)) for name, content in fonts.items()]
        _forget(made)
        for font in made:
            pdfmetrics.registerFont(font)
        try:
            yield
        finally:
            _forget(made)


def _forget(fonts: Iterable[TTFont]) -> None:
    for font in fonts:
        pdfmetrics._fonts.pop(font.fontName, None)  # noqa: SLF001  -- it offers no other way
        pdfmetrics._dynFaceNames.pop(font.face.name, None)  # noqa: SLF001  -- the same
