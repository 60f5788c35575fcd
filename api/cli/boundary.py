"""`place-registry boundary`: boundary updates (界线更新), the verbs of `/v1/boundary-updates`."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import msgspec
from sqlalchemy import Connection

from api import boundary_views
from api.cli.boundary_lines import DAY, day_of, lines, markers
from api.cli.plan_files import as_json
from api.cli.plan_steps import who_does_it, with_reason
from api.cli.session import open_connection, open_work
from data.survey_files.intake import take_in
from registry.boundaries import commands, enactment
from registry.boundaries.errors import CoverageIsBroken
from registry.boundaries.model import Asked, BoundaryUpdate, DoorChoice, Reason, UpdateState
from registry.boundaries.report import Report, report_of
from registry.boundaries.store import BoundaryStore
from registry.changes.store import ChangeStore

update_argument = click.argument("update_id", type=click.UUID)


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
        asked = Asked("检查", Reason.REDIGITISATION, "check", day_of(on), source=file.name)
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
        day_of(on),
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
        shown = {"updates": [boundary_views.line_of(one) for one in found]}
        click.echo(msgspec.json.encode(shown).decode())
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
    with open_connection() as connection:
        intent = enactment.intent_of(BoundaryStore(connection).get(update_id), who=who)
    with open_work(intent) as work:
        done = enactment.commit(work, update_id, who=who)
    if json_out:
        click.echo(msgspec.json.encode(boundary_views.line_of(done)).decode())
    else:
        click.echo(f"变更 {done.change_number}: {done.title}")


def _decision(step: Callable[..., BoundaryUpdate], said: str) -> None:
    """A step that asks for nothing but who takes it and why."""

    @updates.command(step.__name__, help=said)
    @update_argument
    @who_does_it
    @with_reason
    @as_json
    def take(update_id: UUID, who: str, reason: str | None, json_out: bool) -> None:
        _take(step, update_id, json_out, who=who, reason=reason)


for _taken, _said in (
    (commands.submit, "Ask for approval of a draft."),
    (commands.approve, "Approve what was submitted; not by its author."),
    (commands.reject, "Send an update back."),
    (commands.withdraw, "Take an update back; its edges are free again."),
):
    _decision(_taken, _said)


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
    click.echo(msgspec.json.encode(boundary_views.report_of(report)).decode())


def _print(report: Report) -> None:
    for one in report.findings:
        mark = "原有" if one.legacy else "须处理" if one.blocking else "提示"
        click.echo(f"{mark} {report.line(one)}")
        for repair in one.repairs:
            names = "、".join(str(report.ground.name(UUID(key))) for key in repair.repair.keys)
            click.echo(f"  修复 {repair.repair_id} {repair.kind}: {names}")
    for one_edit in report.edits:
        altered = "、".join(one_edit.altered)
        click.echo(
            f"要素 {one_edit.edit.collection} {one_edit.name} {one_edit.edit.action.value} {altered}"
        )
    for moved in report.effects.ground:
        giver = report.ground.name(moved.from_division) or "-"
        taker = report.ground.name(moved.to_division) or "-"
        click.echo(f"土地 {giver} → {taker} {moved.area_m2:,.1f} m²")
    click.echo(f"改属门址 {len(report.effects.doors)},地名 {len(report.effects.places)}")
    if report.obstacles:
        click.echo(f"提交前须处理: {', '.join(report.obstacles)}")
