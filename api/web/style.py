"""The style of every page, written into each: one request fewer, and known by its digest."""

from pathlib import Path
from typing import Final

STYLE: Final = (Path(__file__).parent / "templates" / "style.css").read_text("utf-8").strip()
