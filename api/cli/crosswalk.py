"""`place-registry crosswalk`: old to new between two days or changes."""

import sys
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import click

from api import clock
from api.cli.session import open_database
from data.crosswalk_files import Form
from registry.changes.store import ChangeStore
from registry.errors import DateIsInvalid

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--from", "from_", required=True, help="The old day, or the number of a change.")
@click.option("--to", required=True, help="The new day, or the number of a change.")
@click.option("--at", type=DAY, default=None, help="Day a change number is read on; else today.")
@click.option("--known", default=None, help="Moment days are known at, RFC 3339; else now.")
@click.option("--within", default=None, help="Id, or code in force at either point.")
@click.option("--level", type=click.IntRange(1, 5), default=None, help="1 province … 5 village.")
@click.option(
    "--format",
    "form",
    type=click.Choice([one.value for one in Form]),
    default=None,
    help="Default: csv.",
)
@click.option("--json", "json_out", is_flag=True, help="Same as --format json.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), default=None, help="Else to stdout."
)
def crosswalk(
    from_: str,
    to: str,
    *,
    at: datetime | None,
    known: str | None,
    within: str | None,
    level: int | None,
    form: str | None,
    json_out: bool,
    out: Path | None,
) -> None:
    """What every division of one point in time is at another (新旧对照)."""
    from api.crosswalk_request import asked_crosswalk

    wanted = Form(form) if form else Form.JSON if json_out else Form.CSV
    if wanted is Form.PARQUET and out is None and sys.stdout.isatty():
        raise click.UsageError("Parquet is not for reading on screen: give --out FILE")
    engine = open_database()
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        connection = stack.enter_context(engine.connect())
        moment = None if known is None else _moment(known)
        reader = ChangeStore(connection).as_of(at.date() if at else clock.today(), moment)
        asked = asked_crosswalk(
            connection, from_=from_, to=to, at=reader, within=within, level=level
        )
    content = asked.file(wanted)
    if out is None:
        click.echo(content, nl=False)
        return
    out.write_bytes(content)
    click.echo(f"{len(asked.rows)} rows written to {out}", err=True)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise DateIsInvalid(text) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.SHANGHAI)
