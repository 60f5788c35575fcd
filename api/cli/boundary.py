"""`place-registry boundary`: boundary updates (界线更新), the verbs of `/v1/boundary-updates`."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import msgspec
from sqlalchemy import Connection

from api import boundary_views, clock
from api.cli.boundary_lines import lines, markers
from api.cli.plan_files import as_json
from api.cli.plan_steps import who_does_it, with_reason
from api.cli.session import open_connection, open_database
from api.work import works_on
from data.survey_files.intake import take_in
from registry.boundaries import commands, enactment
from registry.boundaries.errors import CoverageIsBroken
from registry.boundaries.model import Asked, DoorChoice, Reason, UpdateState
from registry.boundaries.report import Report, report_of
from registry.boundaries.store import BoundaryStore
from registry.changes.store import ChangeStore

update_argument = click.argument("update_id", type=click.UUID)
DAY = click.DateTime(["%Y-%m-%d"])


@click.group("boundary")
def updates() -> None:
    """Boundary updates (界线更新): from a survey file to a change, step by step."""


updates.add_command(lines)
updates.add_command(markers)


def _delivery(command: Any) -> Any:
    for option in reversed(
        (
            click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
            click.option("--crs", default=None, help="EPSG:4548, or zone 39; default: the file's."),
            click.option("--layer", default=None, help="Which layer, of a file with several."),
            click.option("--code-column", default=None, help="Column that names the division."),
            click.option("--on", type=DAY, default=None, help="Day it holds from; default today."),
        )
    ):
        command = option(command)
    return command


@updates.command()
@_delivery
@as_json
def check(file: Path, on: datetime | None, json_out: bool, **options: Any) -> None:
    """Say what is wrong with a survey FILE and what it would move; nothing is kept."""
    with open_connection() as connection:
        asked = Asked("检查", Reason.REDIGITISATION, "check", _day(on), source=file.name)
        report = _filed(connection, file, asked, options)
        connection.rollback()
    if json_out:
        _echo(report)
    else:
        _print(report)
    grave = [report.line(one) for one in report.findings if one.blocking]
    if grave:
        raise CoverageIsBroken(grave)


@updates.command()
@_delivery
@click.option("--title", required=True, help="What it is about, in a line.")
@click.option(
    "--reason",
    type=click.Choice([one.value for one in Reason]),
    required=True,
    help="Whether the law, the drawing or the record was otherwise.",
)
@click.option("--author", default="cli", show_default=True, help="The surveyor it belongs to.")
@click.option(
    "--doors",
    type=click.Choice([one.value for one in DoorChoice]),
    default=None,
    help="What becomes of doors on the other side of the new line.",
)
@click.option("--authority", default=None, help="Decree of a legal change: who decided (批准机关).")
@click.option("--number", default=None, help="Decree: its number (文号).")
@as_json
def propose(
    file: Path,
    on: datetime | None,
    title: str,
    reason: str,
    author: str,
    doors: str | None,
    authority: str | None,
    number: str | None,
    json_out: bool,
    **options: Any,
) -> None:
    """File a survey FILE as a draft of a surveyor; prints its id."""
    decree = {"authority": authority, "number": number} if authority else None
    asked = Asked(
        title,
        Reason(reason),
        author,
        _day(on),
        doors=None if doors is None else DoorChoice(doors),
        decree=decree,
        source=file.name,
    )
    with open_connection() as connection:
        report = _filed(connection, file, asked, options)
        connection.commit()
    if json_out:
        _echo(report)
    else:
        click.echo(str(report.update.update_id))
        _print(report)


@updates.command("list")
@click.option(
    "--state",
    type=click.Choice([one.value for one in UpdateState]),
    default=None,
    help="Only those that stand so.",
)
@click.option("--author", default=None, help="Only those of this surveyor.")
@as_json
def list_updates(state: str | None, author: str | None, json_out: bool) -> None:
    """List updates, latest first."""
    with open_connection() as connection:
        chosen = None if state is None else UpdateState(state)
        found = BoundaryStore(connection).page(author=author, state=chosen, limit=200)
    if json_out:
        lines = [boundary_views.line_of(one) for one in found]
        click.echo(msgspec.json.encode({"updates": lines}).decode())
        return
    for one in found:
        click.echo(f"{one.update_id}  {one.state.value:<9}  {one.author}  {one.title}")


@updates.command()
@update_argument
@as_json
def show(update_id: UUID, json_out: bool) -> None:
    """Show the report of an update."""
    with open_connection() as connection:
        report = report_of(connection, update_id)
    if json_out:
        _echo(report)
    else:
        _print(report)


@updates.command()
@update_argument
@click.argument("repairs", nargs=-1, required=True)
@who_does_it
@as_json
def repair(update_id: UUID, repairs: tuple[str, ...], who: str, json_out: bool) -> None:
    """Accept REPAIRS that the report offers."""
    _take(commands.accept_repairs, update_id, json_out, wanted=repairs, who=who)


@updates.command()
@update_argument
@who_does_it
@with_reason
@as_json
def submit(update_id: UUID, who: str, reason: str | None, json_out: bool) -> None:
    """Ask for approval of a draft."""
    _take(commands.submit, update_id, json_out, who=who, reason=reason)


@updates.command()
@update_argument
@who_does_it
@with_reason
@as_json
def approve(update_id: UUID, who: str, reason: str | None, json_out: bool) -> None:
    """Approve what was submitted; not by its author."""
    _take(commands.approve, update_id, json_out, who=who, reason=reason)


@updates.command()
@update_argument
@who_does_it
@with_reason
@as_json
def reject(update_id: UUID, who: str, reason: str | None, json_out: bool) -> None:
    """Send an update back."""
    _take(commands.reject, update_id, json_out, who=who, reason=reason)


@updates.command()
@update_argument
@who_does_it
@with_reason
@as_json
def withdraw(update_id: UUID, who: str, reason: str | None, json_out: bool) -> None:
    """Take an update back; its edges are free again."""
    _take(commands.withdraw, update_id, json_out, who=who, reason=reason)


@updates.command()
@update_argument
@who_does_it
@as_json
def rebase(update_id: UUID, who: str, json_out: bool) -> None:
    """Draw an update anew on what holds by now."""
    _take(enactment.rebase, update_id, json_out, who=who)


@updates.command()
@update_argument
@who_does_it
@as_json
def commit(update_id: UUID, who: str, json_out: bool) -> None:
    """Carry an approved update out, as one change."""
    engine = open_database()
    with engine.connect() as connection:
        intent = enactment.intent_of(BoundaryStore(connection).get(update_id), who=who)
    with works_on(engine)(intent) as work:
        done = enactment.commit(work, update_id, who=who)
    engine.dispose()
    if json_out:
        click.echo(msgspec.json.encode(boundary_views.line_of(done)).decode())
    else:
        click.echo(f"变更 {done.change_number}: {done.title}")


def _filed(connection: Connection, file: Path, asked: Asked, options: dict[str, Any]) -> Report:
    at = ChangeStore(connection).as_of(asked.effective_on)
    drawn = take_in(connection, file, file.name, at, **options)
    made = commands.file(connection, asked, dict(drawn))
    return report_of(connection, made.update_id)


def _take(step: Any, update_id: UUID, json_out: bool, **more: Any) -> None:
    with open_connection() as connection:
        step(connection, update_id, **more)
        report = report_of(connection, update_id)
        connection.commit()
    if json_out:
        _echo(report)
    else:
        click.echo(f"{report.update.state.value}: {report.update.title}")


def _echo(report: Report) -> None:
    shown = msgspec.json.encode(boundary_views.report_of(report))
    click.echo(json.dumps(json.loads(shown), ensure_ascii=False))


def _print(report: Report) -> None:
    for one in report.findings:
        mark = "原有" if one.legacy else "须处理" if one.blocking else "提示"
        click.echo(f"{mark} {report.line(one)}")
        for repair in one.repairs:
            names = "、".join(str(report.ground.name(UUID(key))) for key in repair.repair.keys)
            click.echo(f"  修复 {repair.repair_id} {repair.kind}: {names}")
    for moved in report.effects.ground:
        giver = report.ground.name(moved.from_division) or "-"
        taker = report.ground.name(moved.to_division) or "-"
        click.echo(f"土地 {giver} → {taker} {moved.area_m2:,.1f} m²")
    click.echo(f"改属门址 {len(report.effects.doors)},地名 {len(report.effects.places)}")
    if report.obstacles:
        click.echo(f"提交前须处理: {', '.join(report.obstacles)}")


def _day(on: datetime | None) -> Any:
    return clock.today() if on is None else on.date()
