"""`place-registry changes`: replay another registry's feed into an empty copy."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import click
from sqlalchemy import Connection, text

from api.cli.screen import ProgressBar
from registry.changes.replay import ReplayedChange, change_from_json, continue_numbering, replay
from registry.changes.store import ChangeStore
from registry.database import make_engine
from registry.errors import SourceIsUnreadable
from registry.migrations import migrate

TIMEOUT_S = 60


@click.group()
def changes() -> None:
    """The feed of changes (变更)."""


@changes.command("replay")
@click.option("--from-url", required=True, help="Base URL of the registry to follow.")
@click.option(
    "--into", "target", required=True, help="DATABASE_URL of the copy; may be empty or behind."
)
def replay_(from_url: str, target: str) -> None:
    """Bring a copy up to the head of another registry, change by change, each whole."""
    if urlsplit(from_url).scheme not in ("http", "https"):
        raise click.UsageError("--from-url must begin with http:// or https://")
    base = from_url.rstrip("/")
    migrate(target)
    engine = make_engine(target)
    try:
        with ProgressBar() as progress, engine.connect() as connection:
            done = _catch_up(connection, base, progress)
    finally:
        engine.dispose()
    click.echo(f"the copy is at change {done}")


def _catch_up(connection: Connection, base: str, progress: ProgressBar) -> int:
    done = ChangeStore(connection).head()
    head = int(_get(f"{base}/readyz")["change"])
    while done < head:
        record = change_from_json(_get(f"{base}/v1/changes/{done + 1}"))
        rows = _rows(f"{base}/v1/changes/{done + 1}/items?representation=exact")
        replay(connection, ReplayedChange(record, rows))
        continue_numbering(connection)
        connection.commit()
        done += 1
        progress("changes", done, head)
    connection.execute(text("ANALYZE"))
    connection.commit()
    return done


def _get(url: str) -> dict[str, Any]:
    try:
        with urlopen(url, timeout=TIMEOUT_S) as answered:  # noqa: S310 -- scheme checked above
            body: dict[str, Any] = json.load(answered)
            return body
    except (URLError, ValueError) as error:
        raise SourceIsUnreadable(url, str(error)) from error


def _rows(url: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    try:
        with urlopen(url, timeout=TIMEOUT_S) as answered:  # noqa: S310 -- scheme checked above
            for line in answered:
                item = json.loads(line)
                for side in ("old", "new"):
                    for row in item[side]:
                        yield item["table"], side, row
    except (URLError, ValueError) as error:
        raise SourceIsUnreadable(url, str(error)) from error
