"""Run the benchmarks (`script/bench`): every figure beside its limit, measured in the same run."""

import json
import os
import platform
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from api import clock
from api.settings import read_settings
from api.work import works_on
from benchmarks.coverage import coverages
from benchmarks.databases import Server, server
from benchmarks.faces import faces
from benchmarks.feed import feed
from benchmarks.geocode import geocoding
from benchmarks.imports import address_import, division_import
from benchmarks.measure import Measured, table
from benchmarks.ogc import map_programs
from benchmarks.preview import preview_of_a_town
from benchmarks.reads import single_reads
from benchmarks.rehearsal import rehearsal
from benchmarks.retype import retype_town
from benchmarks.town import load_town
from data.editions.loading import refresh_statistics
from registry.changes.model import Intent, Verb
from registry.database import make_engine
from registry.tables import LOGGED_TABLES

MOST_OF_FACES = 200_000
HERE = Path(__file__).parent


@click.command()
@click.option("--addresses", default=50_000, show_default=True, help="Of the address import.")
@click.option("--doors", default=100_000, show_default=True, help="Of the town.")
@click.option("--repeats", default=3, show_default=True)
@click.option("--duration", "duration_s", default=3.0, show_default=True, help="Seconds of load.")
@click.option("--affected", default=300_000, show_default=True, help="Addresses of the preview.")
@click.option("--city", default=2_000_000, show_default=True, help="Addresses to geocode among.")
@click.option(
    "--only",
    type=click.Choice(
        ["imports", "town", "plans", "feed", "preview", "geocode", "faces", "maps", "coverage"]
    ),
    default=None,
)
def main(*, only: str | None, repeats: int, **asked: Any) -> None:
    """Measure imports, single reads, a restructuring and geocoding; write results.md, results.json."""
    found: list[Measured] = []
    if only in (None, "coverage"):
        _say("coverage: a county and a nation")
        found += coverages(repeats)
    if only != "coverage":
        found += _on_a_server(only=only, repeats=repeats, **asked)
    _write([*(_kept(found) if only else []), *found])


def _on_a_server(
    *,
    addresses: int,
    doors: int,
    repeats: int,
    duration_s: float,
    affected: int,
    city: int,
    only: str | None,
) -> list[Measured]:
    found: list[Measured] = []
    with server(read_settings()) as made, tempfile.TemporaryDirectory() as place:
        if only in (None, "imports"):
            _say("division import")
            found += division_import(made, repeats)
            _say("address import")
            found += address_import(made, repeats, addresses, Path(place))
        if only == "geocode" or (only is None and city):
            _say(f"geocoding among {city:,} addresses")
            found += geocoding(
                made, read_settings(), addresses=city, repeats=repeats, duration_s=duration_s
            )
        if only in (None, "preview"):
            _say(f"a preview of {affected:,} addresses")
            found += _preview(made, affected, repeats)
        if only == "faces" or (only is None and city):
            _say("reverse, completion and batches")
            found += faces(
                made,
                read_settings(),
                addresses=min(city, MOST_OF_FACES),
                repeats=repeats,
                duration_s=duration_s,
            )
        if only in (None, "maps"):
            _say("map programs: items and tiles")
            found += map_programs(
                made,
                read_settings(),
                addresses=addresses,
                repeats=repeats,
                duration_s=duration_s,
            )
        if only not in ("imports", "preview", "geocode", "faces", "maps"):
            _say(f"a town of {doors:,} doors")
            found += _town(made, doors, repeats, duration_s, only)
    return found


def _preview(made: Server, affected: int, repeats: int) -> list[Measured]:
    with made.database("preview") as url:
        _load_town(url, affected)
        return preview_of_a_town(url, doors=affected, repeats=repeats)


def _load_town(url: str, doors: int) -> None:
    engine = make_engine(url)
    with works_on(engine)(Intent("bench", Verb.IMPORT, "town")) as work:
        load_town(work, doors)
        refresh_statistics(work.connection, *(one.name for one in LOGGED_TABLES))
    engine.dispose()


def _town(
    made: Server, doors: int, repeats: int, duration_s: float, only: str | None
) -> list[Measured]:
    with made.database("town") as url:
        _load_town(url, doors)
        found: list[Measured] = []
        if only in (None, "town", "plans"):
            _say("plans read ahead")
            found += rehearsal(url, doors=doors, repeats=repeats)
        if only in (None, "town"):
            _say("retype")
            found += retype_town(url, doors=doors, repeats=repeats)
            _say("single reads")
            found += single_reads(url, doors=doors, repeats=repeats, duration_s=duration_s)
        if only != "plans":
            _say("feed and copies")
            found += feed(made, url, repeats=repeats)
        return found


def _kept(found: list[Measured]) -> list[Measured]:
    """Figures of an earlier run that this one did not measure again."""
    fresh = {one.benchmark for one in found}
    earlier = json.loads((HERE / "results.json").read_text(encoding="utf-8"))["figures"]
    for figure in earlier:
        figure.pop("median")
        figure["values"] = tuple(figure["values"])
    return [Measured(**figure) for figure in earlier if figure["benchmark"] not in fresh]


def _write(found: list[Measured]) -> None:
    shown = table(found)
    click.echo(shown)
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {clock.today()}"
    note = (
        "Medians of repeats; ratios are medians of the ratios of the same round. Read the ratios:\n"
        "the absolute figures depend on what else the machine is doing.\n"
    )
    (HERE / "results.md").write_text(
        f"# Benchmarks\n\n{machine}\n\n{note}\n{shown}", encoding="utf-8"
    )
    figures = [{**asdict(one), "median": one.median} for one in found]
    (HERE / "results.json").write_text(
        json.dumps({"machine": machine, "figures": figures}, ensure_ascii=False, indent=1) + "\n",
        encoding="utf-8",
    )


def _say(what: str) -> None:
    print(f"… {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
