"""`place-registry quality`: what must hold of the whole registry, proven; made for a nightly run."""

import click
import msgspec

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
@click.option("--json", "json_out", is_flag=True, help="Machine-readable output.")
def run_(rules: tuple[str, ...], json_out: bool) -> int:
    """Prove every invariant of lineage over the whole registry; exit 1 when one is broken."""
    with open_connection(one_snapshot=True) as connection:
        verdicts = run(connection, rules or INVARIANTS)
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
