"""Scripts of the pages, ours and vendored, each in a file; a version names all of them together."""

import hashlib
from pathlib import Path
from typing import Final

from api.web.style import STYLE

FOLDER: Final = Path(__file__).parent / "assets"
WORKER: Final = "sw.js"
_FILES: Final = {
    path.relative_to(FOLDER).as_posix(): path.read_text("utf-8") for path in FOLDER.rglob("*.js")
}
VERSION: Final = hashlib.sha256(
    "\0".join([STYLE, *(f"{name}\0{text}" for name, text in sorted(_FILES.items()))]).encode()
).hexdigest()[:12]
"""Changes with any of them, and with the style: what is kept on a phone is then fetched anew."""


def script(name: str) -> str | None:
    """A script by the name of its file; None: there is none."""
    return _FILES.get(name)


def service_worker() -> str:
    """The script that opens pages without a network."""
    return _FILES[WORKER].replace("__VERSION__", VERSION)
