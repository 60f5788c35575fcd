"""`place-registry follow`: keep a copy of another registry in step."""

from functools import partial
from pathlib import Path
from uuid import UUID

import click
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from api.cli.screen import ProgressBar
from api.remote import Remote
from api.replica.follow import Follower, Source, follow, follow_once, patiently
from api.replica.geopackage import GeoPackageTarget
from api.replica.model import Target
from api.replica.postgis import PostgisTarget
from registry.changes.view import FeedView
from registry.database import driver_url
from registry.log.notes import VerifierKey
from registry.tables import COLLECTIONS

EVERY_S = 1.0
CHECK_EVERY_S = 3600.0


@click.command("follow")
@click.argument("url")
@click.option(
    "--into",
    "target",
    required=True,
    help="DATABASE_URL of an empty database, or a file ending in .gpkg.",
)
@click.option("--within", default=None, help="Only this division: id, or code today.")
@click.option(
    "--collection",
    "collections",
    multiple=True,
    type=click.Choice([*COLLECTIONS]),
    help="Only these; may be repeated.",
)
@click.option("--kind", "kinds", multiple=True, help="Kinds of division, place or object.")
@click.option("--key", "keys", multiple=True, help="Verifier key of its log you trust.")
@click.option("--every", default=EVERY_S, show_default=True, help="Seconds between looks.")
@click.option(
    "--check-every", default=CHECK_EVERY_S, show_default=True, help="Seconds between full checks."
)
@click.option("--once", is_flag=True, help="Catch up, check every hash, and stop.")
def follow_(
    url: str,
    target: str,
    *,
    within: str | None,
    collections: tuple[str, ...],
    kinds: tuple[str, ...],
    keys: tuple[str, ...],
    every: float,
    check_every: float,
    once: bool,
) -> None:
    """Keep a copy of the registry at URL in step: a snapshot first, then every change, checked.

    It may be stopped or killed at any moment and started again; it goes on where it was.
    """
    follow_into(
        url,
        target,
        within=within,
        collections=collections,
        kinds=kinds,
        keys=keys,
        every_s=every,
        check_every_s=check_every,
        once=once,
    )


def follow_into(
    url: str,
    target: str,
    *,
    within: str | None = None,
    collections: tuple[str, ...] = (),
    kinds: tuple[str, ...] = (),
    keys: tuple[str, ...] = (),
    every_s: float = EVERY_S,
    check_every_s: float = CHECK_EVERY_S,
    once: bool,
) -> int:
    """Follow; returns the change the copy is at, when it is to stop."""
    remote = Remote(url)
    trusted = [VerifierKey.parse(text) for text in keys]
    asked = partial(_division, remote, within)
    division = asked() if once else patiently(asked, _say)
    view = FeedView(division, frozenset(collections), frozenset(kinds))
    opened = _target(target)
    try:
        with ProgressBar() as progress:
            source = Source(remote, view)
            follower = Follower(source, opened, trusted=trusted, progress=progress)
            if once:
                return follow_once(follower, _say)
            follow(follower, every_s=every_s, check_every_s=check_every_s, report=_say)
    finally:
        opened.close()


def _division(remote: Remote, within: str | None) -> UUID | None:
    """The division by id: a code may be another division's tomorrow."""
    if within is None:
        return None
    return UUID(remote.get(f"/v1/divisions/{within}", geometry="false")["division"]["id"])


def _say(line: str) -> None:
    click.echo(line, err=True)


def _target(target: str) -> Target:
    if target.endswith(".gpkg"):
        if not Path(target).parent.is_dir():
            raise click.BadParameter(f"{Path(target).parent} is no folder", param_hint="--into")
        return GeoPackageTarget(Path(target))
    try:
        make_url(target)
    except ArgumentError as error:
        hint = "the URL of a database, or a file ending in .gpkg"
        raise click.BadParameter(f"{target} is not {hint}", param_hint="--into") from error
    return PostgisTarget(driver_url(target))
