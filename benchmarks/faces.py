"""Reverse, completion and batches: each against the least the same machine could do."""

import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import product
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import psycopg
from geoalchemy2.functions import ST_X, ST_Y
from sqlalchemy import Connection, select

from api import clock
from api.cli.demo import load_demo_city
from api.door_keeper import FOLDER
from api.settings import Settings
from benchmarks.corpus import exact_texts
from benchmarks.databases import Server
from benchmarks.load import one_of, requests_per_second
from benchmarks.measure import Measured, compared, seconds
from benchmarks.reads import serving
from data.nation import national_names
from geo.geocode.complete import Completions
from geo.geocode.gazetteer import Names
from geo.geocode.names import CarrierPeriod
from geo.geocode.reading_keys import first_keys
from registry.addresses.reading import ASKED
from registry.addresses.tables import position_version
from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.changes.store import ChangeStore
from registry.database import make_engine
from registry.hot import OPTIONS, HotReads, HotStatement, Row, conninfo_of, run
from registry.search.door_index_building import write_index
from registry.search.finder import Finder
from registry.search.gazetteers import Gazetteers
from registry.search.nearby_reads import NEAREST, asked_point

NAME = "faces"
ON = date(2026, 1, 1)
POINTS = 2000
ROWS = 100_000
CARRIERS = 60_000
"""As many as two million addresses stand on."""
MOST_PREFIXES = 4000
WARMING = 4.0
"""So many times as long as the others the first round lasts."""

KNN = HotStatement.of(
    select(position_version.c.object_id)
    .where(seen_at(position_version, ASKED))
    .order_by(position_version.c.position.op("<->")(asked_point()))
    .limit(1)
)
"""The least that can be asked: which object's position is nearest."""


def faces(
    made: Server, settings: Settings, *, addresses: int, repeats: int, duration_s: float
) -> list[Measured]:
    """Build a city of so many addresses, and measure on it."""
    with made.database("faces") as url:
        load_demo_city(
            url, addresses=addresses, files=settings.home / "files", outlines=settings.outlines
        )
        engine = make_engine(url)
        hot = HotReads(url)
        hot.open()
        finder = Finder(hot.rows, Gazetteers(national_names()))
        with engine.connect() as connection:
            at = ChangeStore(connection).as_of(ON)
            home = settings.home / "bench" / "faces"
            write_index(engine, home / FOLDER)
            points = points_beside_doors(connection, at)
            found = reverse(url, home, points, repeats=repeats, duration_s=duration_s)
            found += completion(url, finder, connection, at, repeats=repeats)
            texts = exact_texts(connection, at, ROWS)
        hot.close()
        engine.dispose()
        return [*found, *_of_many_names(), *_batch(url, texts)]


def points_beside_doors(connection: Connection, at: AsOf) -> list[tuple[float, float]]:
    """Points some metres beside doors."""
    place = position_version.c.position
    rows = connection.execute(
        select(ST_X(place), ST_Y(place)).where(seen_at(position_version, at)).limit(POINTS * 5)
    ).all()
    chance = random.Random(1)
    chosen = chance.sample(rows, min(POINTS, len(rows)))
    return [(x + chance.uniform(-3e-4, 3e-4), y + chance.uniform(-3e-4, 3e-4)) for x, y in chosen]


def reverse(
    url: str,
    home: Path,
    points: Sequence[tuple[float, float]],
    *,
    repeats: int,
    duration_s: float,
    name: str = NAME,
) -> list[Measured]:
    """What lies around points today, against the least the database could be asked about them.

    Args:
        home: where an index of the doors lies.
        name: of the benchmark.
    """
    paths = [f"/v1/reverse?lon={lon:.6f}&lat={lat:.6f}" for lon, lat in points]
    rates: dict[str, list[float]] = {}
    with serving(url, "service", home) as (service, _pid), serving(url, "bare") as (bare, _other):
        for seed in range(repeats + 1):
            # The first round warms caches, plans and connections up.
            lasting_s = duration_s if seed else duration_s * WARMING
            for what, port, asked in (("ours", service, paths), ("hello", bare, ["/hello"])):
                rate = requests_per_second(port, one_of(asked, seed), lasting_s)
                rates.setdefault(what, []).append(rate)
            for what, statement in (("knn", KNN), ("doors", NEAREST)):
                rate = _sql_per_second(url, statement, points, duration_s)
                rates.setdefault(what, []).append(rate)
    limits = [
        Measured(name, what, "1/s", tuple(rates[key][1:]))
        for key, what in (
            ("knn", "nearest position alone, one prepared connection"),
            ("doors", "nearest door with its parts, one prepared connection"),
            ("hello", "HTTP, bare hello beside reverse"),
        )
    ]
    ours = Measured(name, "HTTP, reverse", "1/s", tuple(rates["ours"][1:]))
    return [*(compared(ours, one) for one in limits), *limits]


def _sql_per_second(
    url: str, statement: HotStatement, points: Sequence[tuple[float, float]], duration_s: float
) -> float:
    connection: psycopg.Connection[Row] = psycopg.connect(
        conninfo_of(url), autocommit=True, options=OPTIONS
    )
    with connection:
        began, count = time.perf_counter(), 0
        while time.perf_counter() < began + duration_s:
            lon, lat = points[count % len(points)]
            run(connection, statement, lon=lon, lat=lat, on=clock.today(), known=None, limit=1)
            count += 1
        return count / (time.perf_counter() - began)


def completion(
    url: str, finder: Finder, connection: Connection, at: AsOf, *, repeats: int, name: str = NAME
) -> list[Measured]:
    """Prefixes of one to three keys, in process and over HTTP."""
    index = finder.gazetteer(connection, at).completions
    typed = _prefixes(index)
    suggester = finder.suggester
    took = [
        sorted(
            seconds(lambda key=key: suggester.ask(connection, key, at, limit=8)) for key in typed
        )
        for _round in range(repeats)
    ]
    paths = [f"/v1/autocomplete?q={quote(key)}&at={ON}" for key in typed]
    with serving(url, "service") as (service, _pid):
        requests_per_second(service, one_of(paths, 0), 1.0)
        rate = [requests_per_second(service, one_of(paths, seed), 2.0) for seed in range(repeats)]
    return [
        Measured(name, f"completion, {len(typed)} prefixes of 1-3 keys, p99", "ms", _p99_ms(took)),
        Measured(name, "completion over HTTP", "1/s", tuple(rate)),
    ]


def _of_many_names() -> list[Measured]:
    """The index of as many names as two million addresses have, alone."""
    index_of: list[Completions] = []
    names = _many_names()
    built = seconds(lambda: index_of.append(Completions(names)))
    again = seconds(lambda: Completions(names))
    index = index_of[0]
    typed = _prefixes(index)
    took = sorted(seconds(lambda key=key: index.begun_by(key, ON, limit=8)) for key in typed)
    return [
        Measured(NAME, f"index of {CARRIERS:,} carriers built", "s", (built,)),
        Measured(NAME, f"index of {CARRIERS:,} carriers built again after a change", "s", (again,)),
        Measured(
            NAME, f"completion among {CARRIERS:,} carriers, {len(typed)} prefixes, p99", "ms", _p99_ms([took])
        ),
        Measured(NAME, f"completion among {CARRIERS:,} carriers, the worst", "ms", (took[-1] * 1000,)),
    ]  # fmt: skip


def _many_names() -> Names:
    chance = random.Random(2)
    first, second = (
        "湖海江山金银东西南北新旧大小前后上下马白石林田洋厝埔坑洪后何胡黄",
        "滨头尾门口岭坪坂园亭塘边屿溪沟埕",
    )
    third = ["", "一", "二", "三", "东", "西", "南", "北", "中", "新", "花", "园"]
    generics = ["路", "街", "里", "巷", "大道", "社", "小区"]
    names = ["".join(parts) for parts in product(first, second, third, generics)]
    while len(names) < CARRIERS:
        names.append("".join(chance.choices(first + second, k=3)) + chance.choice(generics))
    chosen = chance.sample(names, CARRIERS)
    return Names.of(
        (),
        (
            CarrierPeriod(UUID(int=place), name, "area", "standard", frozenset(), None, None)
            for place, name in enumerate(chosen)
        ),
    )


def _prefixes(index: Completions) -> list[str]:
    """What people type first: characters of the names, and letters; the broadest among them."""
    chance = random.Random(3)
    found = set(_typed(index))
    letters = "abcdefghjklmnopqrstwxyz"
    found |= set(letters) | {a + b for a in letters for b in letters}
    rest = sorted(found)
    return rest if len(rest) <= MOST_PREFIXES else chance.sample(rest, MOST_PREFIXES)


def _typed(index: Completions) -> Iterator[str]:
    for one in index.names():
        for length in (1, 2, 3):
            yield one.text[:length]
    for encoding in index.encodings():
        keys = list(first_keys(encoding))
        yield keys[-1]
        letters = "".join(piece[1:] for piece in encoding.split("'") if piece)
        yield from (letters[:2], letters[:3])
        yield "".join(piece[1:2] for piece in encoding.split("'") if piece)[:3]


def _p99_ms(rounds: Sequence[Sequence[float]]) -> tuple[float, ...]:
    return tuple(took[int(len(took) * 0.99)] * 1000 for took in rounds)


def _batch(url: str, texts: Sequence[str]) -> list[Measured]:
    """The command line on a file, start and all; rows beyond it cost no memory."""
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as place:
        asked = Path(place) / "in.csv"
        with asked.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["nr", "地址"])
            writer.writerows([number, texts[number % len(texts)]] for number in range(ROWS))
        # As on any day but the first.
        engine = make_engine(url)
        write_index(engine, Path(place) / FOLDER)
        engine.dispose()
        alone, *others = [_batched(url, asked, count) for count in sorted({1, cores})]
    return [alone, *(compared(one, alone) for one in others)]


def _batched(url: str, asked: Path, processes: int) -> Measured:
    command = [
        sys.executable, "-m", "api.cli.main", "geocode", str(asked), "--processes", f"{processes}",
        "--output", str(asked.with_name(f"out{processes}.csv")), "--at", f"{ON}",
    ]  # fmt: skip
    settings = {"DATABASE_URL": conninfo_of(url), "REGISTRY_HOME": str(asked.parent)}
    took = seconds(lambda: subprocess.run(command, env={**os.environ, **settings}, check=True))
    what = f"batch of {ROWS:,} rows, start and all, {processes} processes"
    return Measured(NAME, what, "rows/s", (ROWS / took,))
