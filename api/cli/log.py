"""`place-registry log`: sign, export, verify, prove and watch the log of changes."""

import gzip
import json
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import click
import msgspec

from api import clock
from api.cli.screen import ProgressBar
from api.cli.session import open_connection
from api.log_keys import rotate_key
from api.remote import Remote, RemoteIsUnavailable, RemoteLog
from api.settings import read_settings
from api.witness import sign_and_remember, witnessed
from registry.log.audit import audit
from registry.log.export import check_export, export_lines
from registry.log.faults import Fault
from registry.log.notes import VerifierKey
from registry.log.store import LogStore
from registry.log.watch import Watched, watch

OK, BROKEN = 0, 1


@click.group()
def log() -> None:
    """The verifiable log of changes (可验证日志)."""


@log.command()
def checkpoint() -> None:
    """Sign the whole log as it is now, and print the note."""
    with open_connection() as connection:
        note = sign_and_remember(connection, read_settings().home)
        connection.commit()
    click.echo(note, nl=False)


@log.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """Write the whole log into FILE (packed when it ends in .gz): it can be verified anywhere."""
    with open_connection() as connection, _writing(file) as out:
        note = sign_and_remember(connection, read_settings().home)
        connection.commit()
        for line in export_lines(connection, note):
            out.write(line + b"\n")
    click.echo(f"{file}: {file.stat().st_size} bytes")


@log.command()
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--key", "keys", multiple=True, help="Verifier key you trust (name+id+base64).")
@click.option("--json", "json_out", is_flag=True, help="Machine-readable output.")
def verify(file: Path | None, keys: tuple[str, ...], json_out: bool) -> int:
    """Verify an export, with no network and no database; without FILE, this registry itself."""
    trusted = [VerifierKey.parse(text) for text in keys]
    size, root, faults = _verify_own(trusted) if file is None else _verify_file(file, trusted)
    if json_out:
        found = [{"kind": one.kind, "change": one.change, "seen": one.seen} for one in faults]
        click.echo(json.dumps({"size": size, "root": root.hex(), "faults": found}))
    else:
        _say(faults)
        if not faults:
            click.echo(f"ok: {size} changes, root {root.hex()}")
            if not trusted:
                click.echo("the first key was taken on trust: compare it, or give --key", err=True)
    return BROKEN if faults else OK


@log.command()
@click.option("--change", required=True, type=click.IntRange(1), help="The change to prove.")
@click.option("--size", type=click.IntRange(1), help="Of the tree; default: all.")
def proof(change: int, size: int | None) -> None:
    """Prove that a change is in the log: record, path and signed checkpoint as JSON."""
    with open_connection() as connection:
        store = LogStore(connection)
        note = sign_and_remember(connection, read_settings().home) if size is None else None
        connection.commit()
        whole = size or store.size()
        leaf, path = store.inclusion(change, whole)
        body = {
            "change": change,
            "size": whole,
            "record": store.records(change, change)[change],
            "leaf_hash": leaf.hex(),
            "path": [step.hex() for step in path],
            "root": store.root(whole).hex(),
            "checkpoint": note,
        }
    click.echo(json.dumps(body, ensure_ascii=False, indent=1))


@log.command("rotate-key")
def rotate() -> None:
    """Put a new signing key in place; the old one vouches for it."""
    with open_connection() as connection:
        key = rotate_key(connection, read_settings().home)
        connection.commit()
    click.echo(key.text)


@log.command()
@click.argument("url")
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("log-monitor.json"),
    show_default=True,
    help="What was seen so far.",
)
@click.option("--key", "keys", multiple=True, help="Verifier key you trust; default: the first.")
@click.option(
    "--every", type=click.FloatRange(0.1), default=60.0, show_default=True, help="Seconds."
)
@click.option("--again", default=20, show_default=True, help="Old changes to look at each round.")
@click.option("--once", is_flag=True, help="One round, then stop.")
def monitor(
    url: str, state: Path, keys: tuple[str, ...], *, every: float, again: int, once: bool
) -> int:
    """Watch another registry's log; exit 1 and say why when it was forked or rewritten."""
    source = RemoteLog(Remote(url))
    seen = _remembered(state, keys)
    chance = random.Random()  # noqa: S311 -- picks what to look at again, guards no secret
    while True:
        try:
            faults = watch(seen, source, again=again, chance=chance)
        except RemoteIsUnavailable as error:
            if once:
                raise
            click.echo(str(error), err=True)
        else:
            if faults:
                _keep_evidence(state, seen, source, faults)
                _say(faults)
                return BROKEN
            state.write_bytes(msgspec.json.encode(seen))
            click.echo(f"ok: {seen.size} changes")
        if once:
            return OK
        time.sleep(every)


def _verify_own(trusted: Sequence[VerifierKey]) -> tuple[int, bytes, list[Fault]]:
    remembered = witnessed(read_settings().home)
    with ProgressBar() as progress, open_connection(one_snapshot=True) as connection:
        own = {key.verifier.name for key in LogStore(connection).every_key()}
        for strange in (one for one in remembered if one.origin not in own):
            click.echo(f"REGISTRY_HOME also remembers the log of {strange.origin}", err=True)
        if not any(one.origin in own for one in remembered):
            click.echo("REGISTRY_HOME remembers no checkpoint of this log", err=True)
        return audit(
            connection,
            trusted,
            lambda done, total: progress("changes", done, total),
            [one for one in remembered if one.origin in own],
        )


def _verify_file(file: Path, trusted: Sequence[VerifierKey]) -> tuple[int, bytes, list[Fault]]:
    with _reading(file) as lines:
        check, faults = check_export((line.rstrip(b"\n") for line in lines), trusted)
    return check.size, check.root(), faults


def _say(faults: Iterable[Fault]) -> None:
    language = read_settings().language
    for fault in faults:
        click.echo(fault.sentence(language), err=True)


def _remembered(state: Path, keys: tuple[str, ...]) -> Watched:
    for text in keys:
        VerifierKey.parse(text)
    if state.exists():
        return msgspec.json.decode(state.read_bytes(), type=Watched)
    return Watched(keys=list(keys))


def _keep_evidence(state: Path, seen: Watched, source: RemoteLog, faults: Iterable[Fault]) -> None:
    evidence = {
        "seen_at": clock.now().isoformat(),
        "believed": seen.note,
        "shown": source.checkpoint(),
        "faults": [one.sentence("en") for one in faults],
    }
    file = state.with_suffix(".evidence.json")
    file.write_text(json.dumps(evidence, ensure_ascii=False, indent=1))
    click.echo(f"evidence kept in {file}", err=True)


@contextmanager
def _writing(file: Path) -> Iterator[IO[bytes]]:
    # What is half written is not there: a reader sees the whole file or none.
    half = file.with_name(f".{file.name}.part")
    with _opened(half, file.suffix, "wb") as out:
        yield out
    half.replace(file)


@contextmanager
def _reading(file: Path) -> Iterator[IO[bytes]]:
    with _opened(file, file.suffix, "rb") as lines:
        yield lines


def _opened(file: Path, suffix: str, mode: str) -> IO[bytes]:
    if suffix == ".gz":
        return cast(IO[bytes], gzip.open(file, mode, compresslevel=5))
    return cast(IO[bytes], file.open(mode))
