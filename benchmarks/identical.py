"""Whether two states of the code geocode alike: the answers to many texts, hashed.

`python -m benchmarks.identical DATABASE_URL FILE [EACH]` writes the digests of the answers to 100,000
texts made from the registry; with the file there already it compares, and names what differs.
"""

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import msgspec

from benchmarks.corpus import make_corpus
from data.nation import national_names
from geo.geocode.match import Match
from registry.changes.store import ChangeStore
from registry.database import make_engine
from registry.hot import HotReads
from registry.search.finder import Finder
from registry.search.gazetteers import Gazetteers

QUERIES = 100_000
EACH = 7_000
ON = date(2026, 1, 1)
SHOWN = 20


def digest_of(matches: Sequence[Match]) -> str:
    """A digest of everything an answer says."""
    return hashlib.sha256(msgspec.json.encode(matches)).hexdigest()[:24]


def digests(url: str, each: int) -> Iterator[tuple[str, str]]:
    """Texts with the digests of their answers."""
    engine = make_engine(url)
    hot = HotReads(url)
    hot.open()
    finder = Finder(hot.rows, Gazetteers(national_names()))
    with engine.connect() as connection:
        at = ChangeStore(connection).as_of(ON)
        corpus = make_corpus(connection, finder.gazetteer(connection, at), at, each=each)
        for case in corpus[:QUERIES]:
            outcome = finder.ask(connection, case.text, at, limit=5).outcome
            yield case.text, digest_of(outcome.matches)
    hot.close()
    engine.dispose()


def main() -> None:
    """Write or compare."""
    url, file = sys.argv[1], Path(sys.argv[2])
    each = int(sys.argv[3]) if len(sys.argv) > 3 else EACH
    found = dict(digests(url, each))
    if not file.exists():
        file.write_text(json.dumps(found, ensure_ascii=False), "utf-8")
        print(f"{len(found):,} answers written")
        return
    held = json.loads(file.read_text("utf-8"))
    shared = found.keys() & held.keys()
    different = sorted(text for text in shared if held[text] != found[text])
    print(f"{len(shared):,} answers compared, {len(different):,} differ")
    if len(shared) < len(found):
        print(f"{len(found) - len(shared):,} texts are new: the registry itself has changed since")
    for text in different[:SHOWN]:
        print(f"  {text}")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
