"""`place-registry demo`: the demonstration city, loaded step by step."""

from collections.abc import Callable
from pathlib import Path

from api.work import works_on
from data.demo.steps import DemoOrder, load_demo
from registry.database import make_engine

Progress = Callable[[str, int, int], None]


def load_demo_city(
    database_url: str,
    *,
    addresses: int,
    files: Path,
    outlines: Path | None = None,
    progress: Progress,
) -> list[str]:
    """Load what is missing of the demonstration city; safe to stop and call again.

    Args:
        addresses: how many to generate; a registry that has its demo addresses keeps them.
        files: directory where fetched files are kept.
        outlines: GeoJSON file of district outlines in GCJ-02, instead of fetching them.
        progress: told what is being done, how much of it is done, and how much there is.

    Returns:
        Remarks for the operator.
    """
    engine = make_engine(database_url)
    try:
        order = DemoOrder(addresses=addresses, files=files, outlines=outlines)
        return load_demo(works_on(engine), engine.connect, order, progress)
    finally:
        engine.dispose()
