"""`place-registry crosswalk`: old to new between two days."""

import csv
import sys
from datetime import datetime
from typing import TextIO

import click
import msgspec

from api.cli.session import open_database
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.divisions.crosswalk import CrosswalkRow
from registry.divisions.crosswalk import crosswalk as between
from registry.divisions.store import DivisionStore

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--from", "start", required=True, type=DAY, help="The old day.")
@click.option("--to", "end", required=True, type=DAY, help="The new day.")
@click.option("--within", default=None, help="Id, or code on the new day.")
@click.option("--level", type=click.IntRange(1, 5), default=None, help="1 province … 5 village.")
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv")
@click.option("--json", "json_out", is_flag=True, help="Same as --format json.")
def crosswalk(
    start: datetime,
    end: datetime,
    within: str | None,
    level: int | None,
    *,
    form: str,
    json_out: bool,
) -> None:
    """What every division of one day is on another (新旧对照)."""
    with open_database().connect() as connection:
        known = ChangeStore(connection).head()
        scope = None
        if within is not None:
            scope = DivisionStore(connection).resolve(within, AsOf(end.date(), known))
        rows = between(
            connection, start=start.date(), end=end.date(), known=known, within=scope, level=level
        )
    if json_out or form == "json":
        click.echo(msgspec.json.encode(rows).decode())
    else:
        _write(rows, sys.stdout)


def _write(rows: list[CrosswalkRow], out: TextIO) -> None:
    writer = csv.writer(out)
    writer.writerow(CrosswalkRow.__dataclass_fields__)
    for row in rows:
        flat = msgspec.to_builtins(row)
        writer.writerow(
            ";".join(map(str, value)) if isinstance(value, list | tuple) else value
            for value in flat.values()
        )
