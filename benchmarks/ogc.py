"""Pages of features and tiles over HTTP, against their SQL on prepared connections and a bare hello."""

import math
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import psycopg
from shapely.geometry import box

from api import clock
from api.cli.demo import load_demo_city
from api.settings import Settings
from benchmarks.databases import Server
from benchmarks.load import one_of, requests_per_second
from benchmarks.measure import Measured, compared
from benchmarks.reads import serving
from registry.changes.period import AsOf
from registry.features.model import Shape, rows_to_read
from registry.features.operands import stored_wkb
from registry.features.pages import parameters
from registry.features.selectivity import judged, share_statement
from registry.features.statement import hot_statements
from registry.hot import OPTIONS, PLANNED_EACH_TIME, Row, conninfo_of, run

NAME = "map programs"
PAGE = 100
BOXES = 60
ISLAND = (118.06, 24.42, 118.2, 24.56)
STEP_DEG = 0.012
"""A region as a map of a few streets shows it."""
DEEP = 500
"""The page that is measured beside the first, or the last there is."""
TILE_ZOOM = 12
Way = Callable[[int], float]
"""Measures once, from a seed: how many a second."""


def map_programs(
    made: Server, settings: Settings, *, addresses: int, repeats: int, duration_s: float
) -> list[Measured]:
    """Requests a second of items and tiles, taken in turns with their limits."""
    with made.database("maps") as url:
        load_demo_city(
            url,
            addresses=addresses,
            files=settings.home / "files",
            outlines=settings.outlines,
            progress=lambda _message, _done, _total: None,
        )
        return _measured(url, repeats, duration_s)


def _measured(url: str, repeats: int, duration_s: float) -> list[Measured]:
    figures: dict[str, list[float]] = {}
    with (
        serving(url, "service") as (service, _pid),
        serving(url, "bare") as (bare, _other),
        closing(_Sql(url, "divisions")) as divisions,
        closing(_Sql(url, "boundary-lines")) as lines,
        closing(_Sql(url, "addresses")) as addresses,
    ):
        ways = _ways((service, bare), (divisions, lines, addresses), duration_s)
        for seed in range(repeats + 1):
            for what, (way, _limit) in ways.items():
                figures.setdefault(what, []).append(way(seed))
    # The first round warms caches, plans and connections up.
    found = {what: Measured(NAME, what, "1/s", tuple(rates[1:])) for what, rates in figures.items()}
    return [
        found[what] if limit is None else compared(found[what], found[limit])
        for what, (_way, limit) in ways.items()
    ]


def _ways(
    ports: tuple[int, int], read: tuple["_Sql", ...], duration_s: float
) -> dict[str, tuple[Way, str | None]]:
    """What is measured by its name, and the name of its limit."""
    (service, bare), regions = ports, _regions()
    ways: dict[str, tuple[Way, str | None]] = {}
    for sql in read:
        paths = [
            f"/ogc/collections/{sql.collection}/items?limit={PAGE}&bbox={','.join(map(str, one))}"
            for one in regions
        ]
        limit = f"{sql.collection}: the same SQL, prepared"
        whole = f"{sql.collection}: items?limit={PAGE}&bbox, HTTP"
        ways[whole] = _http(service, paths, duration_s), limit
        ways[limit] = sql.in_regions(regions, duration_s), None
    ways["cached tile, HTTP"] = _http(service, [_tile()], duration_s), "bare hello"
    ways["bare hello"] = _http(bare, ["/hello"], duration_s), None
    addresses = read[-1]
    first = f"addresses: first page of {PAGE}, SQL"
    deep = min(DEEP, addresses.pages())
    ways[first] = addresses.page(None, duration_s), None
    key = addresses.key_of(deep)
    ways[f"addresses: page {deep} of {PAGE}, SQL"] = addresses.page(key, duration_s), first
    return ways


def _http(port: int, paths: list[str], duration_s: float) -> Way:
    return lambda seed: requests_per_second(port, one_of(paths, seed), duration_s)


class _Sql:
    """The statements the service runs, on two connections set up as its own are."""

    def __init__(self, url: str, collection: str) -> None:
        def connect(options: str) -> psycopg.Connection[Row]:
            return psycopg.connect(conninfo_of(url), autocommit=True, options=options)

        self.collection = collection
        self._planned, self._generic = connect(PLANNED_EACH_TIME), connect(OPTIONS)
        self._shape = Shape(collection, limit=rows_to_read(PAGE))
        head = self._planned.execute("SELECT number FROM registry_head").fetchone()
        assert head is not None
        self._at = AsOf(clock.today(), head[0])

    def close(self) -> None:
        """Give the connections back."""
        self._planned.close()
        self._generic.close()

    def in_regions(
        self, regions: list[tuple[float, float, float, float]], duration_s: float
    ) -> Way:
        shape = replace(self._shape, region=True)
        given = [parameters(self._at, region=stored_wkb(box(*one))) for one in regions]
        return lambda _seed: self._rate(
            lambda place: self._read(shape, given[place % len(given)]), duration_s
        )

    def page(self, key: str | None, duration_s: float) -> Way:
        shape = replace(self._shape, after=key is not None)
        values = parameters(self._at, key=() if key is None else (key,))
        return lambda _seed: self._rate(lambda _place: self._read(shape, values), duration_s)

    def pages(self) -> int:
        """How many full pages of addresses there are."""
        (found,) = self._planned.execute("SELECT count(*) FROM address").fetchall()
        return max(1, int(found[0]) // PAGE)

    def key_of(self, page: int) -> str:
        found = self._planned.execute(
            "SELECT code FROM address ORDER BY code OFFSET %s LIMIT 1", (PAGE * (page - 1),)
        ).fetchone()
        assert found is not None
        return str(found[0])

    def _read(self, shape: Shape, values: dict[str, object]) -> list[Row]:
        share = share_statement(shape) if shape.region else None
        if share is not None:
            shape = judged(shape, run(self._planned, share, **values))
        found = hot_statements(shape)
        if found.picking is None:
            way = self._generic if found.planned_once else self._planned
            return run(way, found.dressing, **values)
        picked = [row[0] for row in run(self._planned, found.picking, **values)]
        return run(self._generic, found.dressing, **values, versions=picked)

    def _rate(self, read: Callable[[int], object], duration_s: float) -> float:
        began, count = time.perf_counter(), 0
        while time.perf_counter() < began + duration_s:
            read(count)
            count += 1
        return count / (time.perf_counter() - began)


def _regions() -> list[tuple[float, float, float, float]]:
    west, south, east, north = ISLAND
    across = int((east - west) / STEP_DEG)
    found = []
    for place in range(BOXES):
        x, y = west + place % across * STEP_DEG, south + place // across * STEP_DEG
        found.append(
            (round(x, 4), round(y, 4), round(x + STEP_DEG, 4), round(min(y + STEP_DEG, north), 4))
        )
    return [one for one in found if one[3] > one[1]]


def _tile() -> str:
    size = 2**TILE_ZOOM
    lon, lat = 118.1, 24.48
    y = 0.5 - math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)
    return f"/tiles/divisions/{TILE_ZOOM}/{int((lon + 180) / 360 * size)}/{int(y * size)}.mvt"
