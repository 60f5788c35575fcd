"""`place-registry quality`: what must hold of the whole registry, proven; made for a nightly run."""

from datetime import datetime

import click
import msgspec

from api import clock
from api.cli.session import open_connection
from registry.quality.run import INVARIANTS, Verdict, run

OK, BROKEN = 0, 1
ON_SCREEN = 5


@click.group()
def quality() -> None:
    """Check the whole registry (质量)."""


@quality.command("run")
@click.option(
    "--rule",
    "rules",
    multiple=True,
    type=click.Choice(INVARIANTS),
    help="Only this invariant; may be given several times. Default: all.",
)
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    default=None,
    help="Day on which what falls due is looked at; default today.",
)
@click.option("--json", "json_out", is_flag=True, help="Machine-readable output.")
def run_(rules: tuple[str, ...], on: datetime | None, json_out: bool) -> int:
    """Prove every invariant over the whole registry; exit 1 when one is broken."""
    day = clock.today() if on is None else on.date()
    with open_connection(one_snapshot=True) as connection:
        verdicts = run(connection, rules or INVARIANTS, on=day)
    if json_out:
        click.echo(msgspec.json.encode({"invariants": verdicts}).decode())
    else:
        for verdict in verdicts:
            _say(verdict)
    return BROKEN if any(verdict.count for verdict in verdicts) else OK


def _say(verdict: Verdict) -> None:
    click.echo(f"{'✗' if verdict.count else '✓'} {verdict.invariant}: {verdict.count}")
    for breach in verdict.breaches[:ON_SCREEN]:
        click.echo(f"    {breach.subject} {breach.finding}")
    if verdict.count > ON_SCREEN:
        click.echo(f"    … {verdict.count - ON_SCREEN} more (--json)")
