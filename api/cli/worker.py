"""`place-registry worker`: carries scheduled restructurings out at their moment."""

import json
import logging
import signal

import click

from api.cli.session import database_url, open_database
from api.settings import read_settings
from api.worker import Worker


@click.command()
@click.option("--once", is_flag=True, help="Carry out what is due now, and end.")
@click.option("--json", "json_out", is_flag=True, help="Machine-readable output, with --once.")
def worker(once: bool, json_out: bool) -> None:
    """Carry scheduled restructurings out at 00:00 (Asia/Shanghai) of their day; Ctrl-C ends it.

    `serve` does this too; any number of them may run side by side.
    """
    engine = open_database()
    made = Worker(database_url(read_settings()))
    if once:
        done = made.carry_out_due(engine)
        engine.dispose()
        line = json.dumps({"changes": done}) if json_out else f"已实施 {len(done)} 项"
        click.echo(line)
        return
    engine.dispose()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    click.echo("worker started; Ctrl-C ends it", err=True)
    try:
        made.run()
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
