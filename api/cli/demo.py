"""`place-registry demo`: the demonstration city, loaded step by step."""

from collections.abc import Callable
from pathlib import Path

import click

from api.cli.screen import ProgressBar
from api.cli.session import database_url
from api.settings import DEFAULT_ADDRESSES, read_settings
from api.work import works_on
from data.demo.steps import DemoOrder, load_demo
from registry.database import make_engine
from registry.migrations import migrate

Progress = Callable[[str, int, int], None]


@click.group()
def demo() -> None:
    """The demonstration city: Xiamen as it was on 2020-06-30, and the acts since."""


@demo.command()
@click.option(
    "--addresses",
    type=click.IntRange(0, 20_000_000),
    default=None,
    help=f"How many addresses to generate; {DEFAULT_ADDRESSES:,} unless set.",
)
@click.option("--acts/--no-acts", default=True, help="Commit the acts after 2020-06-30 too.")
def load(*, addresses: int | None, acts: bool) -> None:
    """Load what is missing; may be stopped and called again."""
    settings = read_settings()
    url = database_url(settings)
    migrate(url)
    load_demo_city(
        url,
        addresses=settings.demo_addresses if addresses is None else addresses,
        files=settings.home / "files",
        outlines=settings.outlines,
        acts=acts,
    )


def load_demo_city(
    url: str,
    *,
    addresses: int,
    files: Path,
    outlines: Path | None = None,
    acts: bool = True,
    progress: Progress | None = None,
) -> None:
    """Load what is missing of the demonstration city; safe to stop and call again.

    Args:
        url: database with the newest schema.
        addresses: how many to generate; a registry that has its demo addresses keeps them.
        files: directory where fetched files are kept.
        outlines: GeoJSON file of district outlines in GCJ-02, instead of fetching them.
        acts: whether to commit the acts after the baseline's day.
        progress: told what is being done, how much of it is done, and how much there is;
            a bar on standard error when None.
    """
    engine = make_engine(url)
    order = DemoOrder(addresses=addresses, files=files, outlines=outlines, acts=acts)
    try:
        with ProgressBar() as bar:
            remarks = load_demo(works_on(engine), engine.connect, order, progress or bar)
    finally:
        engine.dispose()
    for remark in remarks:
        click.echo(remark, err=True)
