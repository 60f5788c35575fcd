"""The process that opens a PDF: bounded in memory and time; what is wrong goes to standard output.

Run as a program by `agreements`, with the path of the file: exit 0, it may be kept; 1, it may not.
"""

import resource
import sys
from collections.abc import Iterator
from typing import Any

MEMORY_BYTES = 2**30
SECONDS = 15
MOST_PAGES = 1000
ACTIONS = ("/JavaScript", "/JS", "/Launch", "/ImportData", "/SubmitForm", "/RichMedia")
MOST_OBJECTS = 500_000


def main(path: str) -> str | None:
    """Why a file may not be kept; None: it may."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        return _wrong(path)
    except MemoryError:
        return "opening it exhausted memory"
    except Exception as error:  # noqa: BLE001 -- whatever a parser stumbles over is the file's fault
        return f"it does not open: {type(error).__name__}"


def _wrong(path: str) -> str | None:
    import pikepdf

    # What is broken is mended by every reader in another way: evidence reads one way.
    with pikepdf.open(path, attempt_recovery=False) as document:
        if document.is_encrypted:
            return "it is locked"
        pages = len(document.pages)
        if not 0 < pages <= MOST_PAGES:
            return f"it has {pages} pages; 1 to {MOST_PAGES} are wanted"
        if len(document.objects) > MOST_OBJECTS:
            return "it has too many objects"
        if any("/EF" in one or "/EmbeddedFiles" in one for one in _dictionaries(document)):
            return "it carries other files"
        if any(name in one for one in _dictionaries(document) for name in ACTIONS) or any(
            str(one.get("/S", "")) in ACTIONS for one in _dictionaries(document)
        ):
            return "it would do something when opened"
    return None


def _dictionaries(document: Any) -> Iterator[Any]:
    """Every dictionary, those inside others too: actions stand in annotations, too."""
    import pikepdf

    waiting = list(document.objects)
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            yield one
            waiting += [each for _name, each in one.items() if _inside(each)]
        elif isinstance(one, pikepdf.Array):
            waiting += [each for each in one if _inside(each)]


def _inside(one: Any) -> bool:
    """Written where it is used; what is referred to is met as an object of the document."""
    import pikepdf

    return isinstance(one, pikepdf.Dictionary | pikepdf.Array) and not one.is_indirect


if __name__ == "__main__":
    found = main(sys.argv[1])
    if found is not None:
        sys.stdout.write(found)
        sys.exit(1)
