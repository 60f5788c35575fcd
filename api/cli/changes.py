"""`place-registry changes`: another registry's feed, replayed into a copy once."""

import click

from api.cli.follow import follow_into


@click.group()
def changes() -> None:
    """The feed of changes (变更)."""


@changes.command("replay")
@click.option("--from-url", required=True, help="Base URL of the registry to follow.")
@click.option(
    "--into", "target", required=True, help="DATABASE_URL of the copy; may be empty or behind."
)
def replay_(from_url: str, target: str) -> None:
    """Bring a copy up to the head of another registry, and check it; see `follow`."""
    done = follow_into(from_url, target, once=True)
    click.echo(f"the copy is at change {done}")
