"""Whether two states of the code geocode alike: the whole answers to many texts, hashed.

`python -m benchmarks.identical DATABASE_URL FILE [EACH] [WAY]` writes the digests of the answers to
100,000 texts made from the registry; with the file there already it compares, and names what differs.
WAY is how they are asked: `one` by one of the database, `hand`: one by one without it where that is
possible, as they are over HTTP, `many` at a time as the other rows of batches are.
"""

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from api.encoding import encode
from api.geocode_view import encoded, geocode_view
from api.straight_view import encoded_straight
from benchmarks.corpus import make_corpus
from data.nation import national_names
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.database import make_engine
from registry.hot import HotReads
from registry.search.door_index_building import write_index
from registry.search.doors_at_hand import DoorsAtHand
from registry.search.finder import Answer, Finder
from registry.search.gazetteers import Gazetteers
from registry.search.held_doors import NotAtHand

QUERIES = 100_000
EACH = 7_000
BLOCK = 500
ON = date(2026, 1, 1)
SHOWN = 20

Way = Callable[[Finder, Connection, Sequence[str], AsOf], Sequence[bytes]]


def _one(finder: Finder, connection: Connection, texts: Sequence[str], at: AsOf) -> Sequence[bytes]:
    answers = [finder.ask(connection, text, at, limit=5) for text in texts]
    return list(map(_shown, texts, answers))


def _many(
    finder: Finder, connection: Connection, texts: Sequence[str], at: AsOf
) -> Sequence[bytes]:
    return list(map(_shown, texts, finder.ask_many(connection, texts, at, limit=5)))


def _hand(
    finder: Finder, connection: Connection, texts: Sequence[str], at: AsOf
) -> Sequence[bytes]:
    return [_at_hand(finder, connection, text, at) for text in texts]


def _at_hand(finder: Finder, connection: Connection, text: str, at: AsOf) -> bytes:
    straight = finder.straight(text, at)
    if straight is not None:
        counted["straight"] += 1
        return encoded_straight(text, straight)
    try:
        found = encoded(text, finder.at_hand(text, at, limit=5))
        counted["at hand"] += 1
    except NotAtHand:
        found = _shown(text, finder.ask(connection, text, at, limit=5))
        counted["database"] += 1
    return found


def _shown(text: str, answer: Answer) -> bytes:
    return encode(geocode_view(text, answer))


counted: Counter[str] = Counter()
WAYS: dict[str, Way] = {"one": _one, "hand": _hand, "many": _many}


def digests(url: str, place: str, each: int, way: Way) -> Iterator[tuple[str, str]]:
    """Texts with the digests of their answers as they leave the service."""
    engine = make_engine(url)
    hot = HotReads(url)
    hot.open()
    doors = DoorsAtHand(Path(place))
    finder = Finder(hot.rows, Gazetteers(national_names()), doors)
    with engine.connect() as connection:
        at = ChangeStore(connection).as_of(ON)
        if way is not _one and not finder.keep_up(connection, at):
            write_index(engine, Path(place))
            finder.keep_up(connection, at)
        corpus = make_corpus(connection, finder.gazetteer(connection, at), at, each=each)
        texts = [case.text for case in corpus[:QUERIES]]
        for start in range(0, len(texts), BLOCK):
            block = texts[start : start + BLOCK]
            for text, body in zip(block, way(finder, connection, block, at), strict=True):
                yield text, hashlib.sha256(body).hexdigest()[:24]
    hot.close()
    engine.dispose()


def main() -> None:
    """Write or compare."""
    url, file = sys.argv[1], Path(sys.argv[2])
    each = int(sys.argv[3]) if len(sys.argv) > 3 else EACH
    way = WAYS[sys.argv[4] if len(sys.argv) > 4 else "one"]
    found = dict(digests(url, f"{file}.index", each, way))
    print(*(f"{how}: {count:,}" for how, count in counted.items()))
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
