"""`place-registry plan submit|approve|…`: the steps of a restructuring, on an ID or the FILE of its paper."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import click
import msgspec
from sqlalchemy import Connection

from api import clock
from api.cli.plan_files import as_id, as_json, filed_as, find_filed, read_file
from api.cli.session import open_connection, open_work
from registry.log.sealing import seal
from registry.restructuring import commands
from registry.restructuring.announcement import announce, as_text
from registry.restructuring.cases import split_place
from registry.restructuring.docket import Docket
from registry.restructuring.model import Restructuring
from registry.restructuring.paper import read_paper
from registry.restructuring.store import RestructuringStore

file_or_id = click.argument("file_or_id")
who_does_it = click.option("--who", required=True, help="Who takes the step.")
with_reason = click.option("--reason", default=None, help="Why, in writing.")


@click.command()
@file_or_id
@click.option("--author", default="cli", show_default=True, help="Who drew the plan up.")
@with_reason
@as_json
def submit(file_or_id: str, author: str, reason: str | None, json_out: bool) -> None:
    """Ask for approval: of a filed plan by id, or of a FILE, which is filed; prints its id."""
    with open_connection() as connection:
        restructuring_id = as_id(file_or_id)
        if restructuring_id is None:
            paper = read_file(Path(file_or_id))
            restructuring_id = commands.create(connection, paper, author=author).restructuring_id
        filed = commands.submit(connection, restructuring_id, who=author, reason=reason)
        connection.commit()
    _echo_state(filed, json_out)


@click.command()
@file_or_id
@click.option("--who", required=True, help="Not the author.")
@click.option("--authority", default=None, help="Decree: who approved it (批准机关).")
@click.option("--number", default=None, help="Decree: its number (文号).")
@click.option(
    "--approved-on", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Decree: its day."
)
@click.option(
    "--announced-on",
    type=click.DateTime(["%Y-%m-%d"]),
    default=None,
    help="Decree: the day it was announced.",
)
@with_reason
@as_json
def approve(file_or_id: str, who: str, reason: str | None, json_out: bool, **decree: Any) -> None:
    """Approve a submitted plan, with its decree."""
    given = {
        name: value if isinstance(value, str) else value.date().isoformat()
        for name, value in decree.items()
        if value is not None
    }
    with open_connection() as connection:
        filed = commands.approve(
            connection,
            filed_as(connection, file_or_id),
            who=who,
            reason=reason,
            decree=given or None,
        )
        connection.commit()
    _echo_state(filed, json_out)


@click.command()
@file_or_id
@who_does_it
@with_reason
@as_json
def reject(file_or_id: str, who: str, reason: str | None, json_out: bool) -> None:
    """Send a submitted plan back."""
    _take(commands.reject, file_or_id, who, reason, json_out)


@click.command()
@file_or_id
@who_does_it
@with_reason
@as_json
def withdraw(file_or_id: str, who: str, reason: str | None, json_out: bool) -> None:
    """Take a plan back before it is carried out."""
    _take(commands.withdraw, file_or_id, who, reason, json_out)


@click.command()
@file_or_id
@who_does_it
@with_reason
@as_json
def schedule(file_or_id: str, who: str, reason: str | None, json_out: bool) -> None:
    """Let an approved plan be carried out by itself at 00:00 of its day."""
    _take(commands.schedule, file_or_id, who, reason, json_out)


@click.command()
@file_or_id
@who_does_it
@with_reason
@as_json
def rebase(file_or_id: str, who: str, reason: str | None, json_out: bool) -> None:
    """Draw a plan anew on what is known by now; lists what moved, and conflicts by object."""
    with open_connection() as connection:
        restructuring_id = filed_as(connection, file_or_id)
        done = commands.rebase(connection, restructuring_id, who=who, reason=reason)
        connection.commit()
    found = done.comparison
    if json_out:
        shown = {
            "drawn_at": found.drawn_at,
            "head": found.head,
            "approval": done.approval,
            "moved": found.moved,
            "differing": found.differing,
            "conflicts": found.conflicts,
        }
        click.echo(msgspec.json.encode(shown).decode())
        return
    for one in found.moved:
        changes = ",".join(map(str, one.changes))
        click.echo(f"有变 {one.object} {one.name or one.id}(变更 {changes})")
    for differing in found.differing:
        click.echo(f"效果不同 {differing.object} {differing.name or differing.id}")
    for conflict in found.conflicts:
        click.echo(f"冲突 {conflict.object} {conflict.name or conflict.id}:{conflict.why}")
    _echo_state(done.filed, json_out=False)


@click.command()
@file_or_id
@as_json
def announcement(file_or_id: str, json_out: bool) -> None:
    """Print the public announcement (公告); refused while a field is missing."""
    with open_connection() as connection:
        restructuring_id = filed_as(connection, file_or_id)
        found = announce(connection, restructuring_id, announced_on=None, today=clock.today())
    click.echo(msgspec.json.encode(found).decode() if json_out else as_text(found))


@click.command()
@file_or_id
@as_json
def show(file_or_id: str, json_out: bool) -> None:
    """Show where a plan stands, and every step it took."""
    with open_connection() as connection:
        restructuring_id = filed_as(connection, file_or_id)
        filed = RestructuringStore(connection).get(restructuring_id)
        steps = Docket(connection).steps(restructuring_id)
    if json_out:
        click.echo(msgspec.json.encode({"restructuring": filed, "steps": steps}).decode())
        return
    _echo_state(filed, json_out=False)
    for step in steps:
        moment = step.happened_at.astimezone(clock.SHANGHAI)
        click.echo(f"  {moment:%Y-%m-%d %H:%M:%S} {step.step} {step.who} {step.reason or ''}")


@click.command()
@file_or_id
@click.option("--author", default="cli", show_default=True, help="Who drew the plan up.")
@click.option("--approved-by", default=None, help="Who approves it: somebody else. For a FILE.")
@as_json
def commit(file_or_id: str, author: str, approved_by: str | None, json_out: bool) -> None:
    """Carry a plan out, in one transaction: an approved one, or a FILE with both names at once."""
    if as_id(file_or_id) is None and approved_by is not None:
        number = _enact_file(Path(file_or_id), author, approved_by)
    else:
        # Without a second name a file stands for the plan of its paper approved step by step.
        with open_connection() as connection:
            filed = find_filed(connection, file_or_id)
            if filed is None:
                raise click.UsageError("--approved-by 缺失:方案须由起草人以外的人批准")
            number = _commit_filed(connection, filed, approved_by or author)
    click.echo(json.dumps({"change": number}) if json_out else f"已实施,变更编号 {number}")


STEPS = (
    submit,
    approve,
    reject,
    withdraw,
    schedule,
    commit,
    rebase,
    announcement,
    show,
)


def _take(step: Any, which: str, who: str, reason: str | None, json_out: bool) -> None:
    with open_connection() as connection:
        filed = step(connection, filed_as(connection, which), who=who, reason=reason)
        connection.commit()
    _echo_state(filed, json_out)


def _commit_filed(connection: Connection, restructuring_id: UUID, who: str) -> int:
    done = commands.commit_once(connection, restructuring_id, who=who)
    if done.work is not None:
        seal(done.work)
    connection.commit()
    return done.change_number


def _enact_file(file: Path, author: str, approver: str) -> int:
    _wanted, raw = split_place(read_file(file))
    paper = read_paper(raw)
    intent = commands.intent_of(paper, author=approver, restructuring_id=uuid4())
    with open_work(intent) as work:
        commands.enact(work, raw, author=author, approver=approver)
        return work.number


def _echo_state(filed: Restructuring, json_out: bool) -> None:
    if json_out:
        click.echo(msgspec.json.encode(filed).decode())
    else:
        click.echo(f"{filed.restructuring_id} {filed.state.value} {filed.title}")
