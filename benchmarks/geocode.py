"""Geocoding: quality by class of noise, and speed against a prepared look-up and a bare hello."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from urllib.parse import quote

import psycopg
from sqlalchemy import Connection, Engine, select

from api.batch.answers import asking
from api.cli.demo import load_demo_city
from api.door_keeper import FOLDER
from api.geocode_view import encoded
from api.settings import Settings
from api.straight_view import encoded_straight
from api.work import works_on
from benchmarks.corpus import Case, exact_texts, make_corpus
from benchmarks.databases import Server
from benchmarks.faces import completion, points_beside_doors, reverse
from benchmarks.labels import ccks_pairs, element_scores, naacl, pair_accuracy
from benchmarks.load import in_turn, requests_per_second
from benchmarks.measure import Measured, compared, seconds
from benchmarks.quality import precision_of_certain, score
from benchmarks.reads import serving
from benchmarks.tables import rows_of_a_table
from data.nation import national_names
from geo.geocode.gazetteer import Gazetteer
from geo.geocode.match import Match, first_lookups, read
from registry.changes.model import Intent, Verb
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.changes.timeline import change_from
from registry.database import make_engine
from registry.hot import OPTIONS, HotReads, Row, conninfo_of, run
from registry.names.tables import place_name_version
from registry.search.door_index_building import write_index
from registry.search.doors import questions_of
from registry.search.doors_at_hand import DoorsAtHand
from registry.search.finder import Finder
from registry.search.gazetteers import Gazetteers
from registry.search.held_doors import NotAtHand

NAME = "geocoding"
EACH = 1000
"""Texts of each class of noise."""
DISTINCT = 100_000
"""Different texts, so that no answer is given twice."""
WARMING = 4.0
"""So many times as long as the others the first round lasts."""
BATCH = 500
LONGEST = 1000
ON = date(2026, 1, 1)
KIBIBYTES_IN_MIB = 1024
Ask = Callable[[str], Sequence[Match]]


def geocoding(
    made: Server, settings: Settings, *, addresses: int, repeats: int, duration_s: float
) -> list[Measured]:
    """Build a city of so many addresses, and measure on it."""
    with made.database("geocode") as url:
        load_demo_city(
            url,
            addresses=addresses,
            files=settings.home / "files",
            outlines=settings.outlines,
        )
        engine = make_engine(url)
        hot = HotReads(url)
        hot.open()
        home = settings.home / "bench" / "geocode"
        found = [_written(engine, home)]
        doors = DoorsAtHand(home / FOLDER)
        finder = Finder(hot.rows, Gazetteers(national_names()), doors)
        with engine.connect() as connection:
            at = ChangeStore(connection).as_of(ON)
            finder.keep_up(connection, at)
            gazetteer = finder.gazetteer(connection, at)
            corpus = make_corpus(connection, gazetteer, at, each=EACH)
            ask = _asking(finder, connection, at)
            texts = exact_texts(connection, at, DISTINCT)
            found += [*_quality(corpus, ask), *_labels(), *_adversarial(ask, texts[:EACH])]
            found += _library(finder, connection, at, texts[: EACH * 5], repeats)
            found += rows_of_a_table(url, home, texts, at, repeats)
            found += completion(url, finder, connection, at, repeats=repeats, name=NAME)
            points = points_beside_doors(connection, at)
        found += _http(url, home, texts, gazetteer, repeats=repeats, duration_s=duration_s)
        found += reverse(url, home, points, repeats=repeats, duration_s=duration_s, name=NAME)
        found += _index(engine, finder, repeats)
        hot.close()
        engine.dispose()
    return found


def _written(engine: Engine, home: Path) -> Measured:
    took = seconds(lambda: write_index(engine, home / FOLDER))
    return Measured(NAME, "index of all doors written, once", "s", (took,))


def _asking(finder: Finder, connection: Connection, at: AsOf) -> Ask:
    return lambda text: finder.ask(connection, text, at, limit=5).outcome.matches


def _quality(corpus: Sequence[Case], ask: Ask) -> list[Measured]:
    scores, _wrong = score(corpus, ask)
    found = [
        Measured(f"{NAME}: {one.noise}", what, unit, (value,))
        for one in scores
        for what, unit, value in (
            ("first answer right", "share", one.recall),
            ("called certain", "texts", float(one.certain)),
        )
        if one.asked
    ]
    certain = precision_of_certain(scores)
    return [*found, Measured(NAME, "right when certain", "share", (certain,))]


def _labels() -> list[Measured]:
    """The open label sets, when they lie beside the checkout."""
    found = [
        Measured(f"{NAME}: NAACL 2019 dev", f"F1 of {one.group} elements", "share", (one.value,))
        for one in element_scores(naacl("dev"))
        if one.meant
    ]
    pairs = ccks_pairs()
    if pairs:
        accuracy = pair_accuracy(pairs)
        found.append(
            Measured(f"{NAME}: CCKS 2021", "accuracy of pairs, 3 classes", "share", (accuracy,))
        )
    return found


def _adversarial(ask: Ask, texts: Sequence[str]) -> list[Measured]:
    """The slowest texts an attacker may send: as long as allowed, made of what matches much."""
    joined = "".join(texts)
    long_texts = [joined[at : at + LONGEST] for at in range(0, len(joined) - LONGEST, LONGEST)][:60]
    long_texts += [
        "路" * LONGEST,
        "1-" * (LONGEST // 2),
        "中山路" * 333,
        "号之" * 500,
        "(" * LONGEST,
    ]
    ask(long_texts[0])
    took = sorted(seconds(lambda text=text: ask(text)) for text in long_texts)
    p99 = took[int(len(took) * 0.99)]
    return [Measured(NAME, f"hostile texts of {LONGEST} characters, p99", "s", (p99,))]


def _library(
    finder: Finder, connection: Connection, at: AsOf, texts: Sequence[str], repeats: int
) -> list[Measured]:
    gazetteer = finder.gazetteer(connection, at)
    reading = [
        len(texts) / seconds(lambda: [read(text, gazetteer) for text in texts])
        for _round in range(repeats)
    ]
    single = [
        len(texts) / seconds(lambda: [finder.ask(connection, t, at, limit=5) for t in texts])
        for _round in range(repeats)
    ]
    batches = [texts[at_ : at_ + BATCH] for at_ in range(0, len(texts), BATCH)]
    at_hand = [
        len(texts) / seconds(lambda: [_told(finder, connection, t, at) for t in texts])
        for _round in range(repeats)
    ]
    many = [
        len(texts) / seconds(lambda: [*map(asking(finder, connection, at), batches)])
        for _round in range(repeats)
    ]
    return [
        Measured(NAME, "texts read, no database", "1/s", tuple(reading)),
        Measured(NAME, "one by one in process, of the database", "1/s", tuple(single)),
        Measured(NAME, "one by one in process, doors at hand", "1/s", tuple(at_hand)),
        Measured(NAME, f"{BATCH} at a time in process", "1/s", tuple(many)),
    ]


def _told(finder: Finder, connection: Connection, text: str, at: AsOf) -> bytes:
    straight = finder.straight(text, at)
    if straight is not None:
        return encoded_straight(text, straight)
    try:
        return encoded(text, finder.at_hand(text, at, limit=5))
    except NotAtHand:
        return encoded(text, finder.ask(connection, text, at, limit=5))


def _http(
    url: str,
    home: Path,
    texts: Sequence[str],
    gazetteer: Gazetteer,
    *,
    repeats: int,
    duration_s: float,
) -> list[Measured]:
    geocode = in_turn([f"/v1/geocode?q={quote(text)}" for text in texts])
    hello_path = in_turn(["/hello"])
    began = time.perf_counter()
    with serving(url, "service", home) as (service, _pid):
        requests_per_second(service, geocode, 0.1)
        restart = time.perf_counter() - began
    rates: dict[str, list[float]] = {}
    with ExitStack() as stack:
        service, pid = stack.enter_context(serving(url, "service", home))
        bare, _other = stack.enter_context(serving(url, "bare"))
        for seed in range(repeats + 1):
            # The first round warms caches, plans and connections up.
            lasting_s = duration_s if seed else duration_s * WARMING
            for what, port, path in (("geocode", service, geocode), ("hello", bare, hello_path)):
                rate = requests_per_second(port, path, lasting_s)
                rates.setdefault(what, []).append(rate)
            rates.setdefault("sql", []).append(
                _sql_per_second(url, texts[:EACH], gazetteer, duration_s)
            )
        held = _resident_mib(pid)
    sql = Measured(NAME, "same look-up, one prepared connection", "1/s", tuple(rates["sql"][1:]))
    hello = Measured(NAME, "HTTP, bare hello", "1/s", tuple(rates["hello"][1:]))
    ours = Measured(NAME, "HTTP, one text", "1/s", tuple(rates["geocode"][1:]))
    memory = Measured(NAME, "memory of the worker", "MiB", (held,))
    ready = Measured(NAME, "restart until the first answer", "s", (restart,))
    return [compared(ours, sql), compared(ours, hello), sql, hello, memory, ready]


def _sql_per_second(
    url: str, texts: Sequence[str], gazetteer: Gazetteer, duration_s: float
) -> float:
    """The door look-ups of the same texts, prepared, with nothing done around them."""
    asked = [questions_of(first_lookups(read(text, gazetteer), gazetteer)) for text in texts]
    connection: psycopg.Connection[Row] = psycopg.connect(
        conninfo_of(url), autocommit=True, options=OPTIONS
    )
    with connection:
        began, count = time.perf_counter(), 0
        while time.perf_counter() < began + duration_s:
            for statement, values in asked[count % len(asked)]:
                run(connection, statement, **values, on=ON, known=None)
            count += 1
        return count / (time.perf_counter() - began)


def _resident_mib(pid: int) -> float:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / KIBIBYTES_IN_MIB


def _index(engine: Engine, finder: Finder, repeats: int) -> list[Measured]:
    """How long the names take to read anew, as after a restart, and after one has changed."""
    anew, patched, stepped = [], [], []
    for round_ in range(repeats):
        kept = Gazetteers(national_names())
        anew.append(_known_in_s(engine, kept, prepared=True))
        _rename_a_road(engine, f"新名{round_}路")
        patched.append(_known_in_s(engine, kept, prepared=False))
        stepped.append(_in_step_in_s(engine, finder))
    return [
        Measured(NAME, "names read anew (restart)", "s", tuple(anew)),
        Measured(NAME, "names brought up to a change", "s", tuple(patched)),
        Measured(NAME, "doors, names and chains brought up to a change", "s", tuple(stepped)),
    ]


def _in_step_in_s(engine: Engine, finder: Finder) -> float:
    with engine.connect() as connection:
        at = ChangeStore(connection).as_of(ON)
        return seconds(lambda: finder.keep_up(connection, at))


def _known_in_s(engine: Engine, kept: Gazetteers, *, prepared: bool) -> float:
    with engine.connect() as connection:
        head = ChangeStore(connection).head()

        def know() -> None:
            names = kept.known_at(connection, head)
            if prepared:
                names.prepare()

        return seconds(know)


def _rename_a_road(engine: Engine, name: str) -> None:
    with works_on(engine)(Intent("bench", Verb.IMPORT, "rename")) as work:
        key = work.connection.scalars(
            select(place_name_version.c.place_name_id)
            .where(place_name_version.c.status == "standard")
            .order_by(place_name_version.c.place_name_id)
            .limit(1)
        ).one()
        before = work.believed(place_name_version, [key])[key]
        after = change_from(before, ON, {"text": name}, "rename")
        work.rewrite(place_name_version, key, before, after)
