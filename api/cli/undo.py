"""`place-registry plan annul|correct`: an act taken back or put right, previewed the same way first."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import msgspec
import yaml
from sqlalchemy import Connection

from api.cli.session import open_database
from registry.errors import SourceIsUnreadable
from registry.log.sealing import seal
from registry.restructuring.annulment import ask_annulment, change_of, preview_annulment
from registry.restructuring.correction import ask_correction, preview_correction
from registry.restructuring.deciding import approve_undoing
from registry.restructuring.undoing import Undoing, UndoingPreview
from registry.undoing_errors import UndoingIsMalformed

SHOWN_LINES = 15
Asking = Callable[[Connection], Undoing]


@click.command()
@click.argument("id_or_change")
@click.option(
    "--preview", "only_preview", is_flag=True, help="Show what it would do, write nothing."
)
@click.option("--reason", default=None, help="Why it is annulled.")
@click.option("--authority", default=None, help="Who decreed it (批准机关).")
@click.option("--decree", "decree_number", default=None, help="Number of the decree (文号).")
@click.option("--author", default="cli", show_default=True, help="Who asks for it.")
@click.option("--approved-by", default=None, help="Who approves it: somebody else.")
@click.option("--json", "json_out", is_flag=True, help="Machine-readable output.")
def annul(
    id_or_change: str,
    *,
    only_preview: bool,
    reason: str | None,
    authority: str | None,
    decree_number: str | None,
    author: str,
    approved_by: str | None,
    json_out: bool,
) -> None:
    """Annul a restructuring by its id, or any change by its number, whole or not at all."""

    def ask(connection: Connection) -> Undoing:
        return ask_annulment(
            connection,
            _number(connection, id_or_change),
            reason=_given("--reason", reason),
            decree={"authority": _given("--authority", authority), "number": decree_number},
            author=author,
        )

    if only_preview:
        with open_database().connect() as connection:
            _show(preview_annulment(connection, _number(connection, id_or_change)), json_out)
        return
    _carry_out(ask, _given("--approved-by", approved_by), json_out)


@click.command()
@click.argument("restructuring_id", type=click.UUID)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--preview", "only_preview", is_flag=True, help="Show what it would do, write nothing."
)
@click.option("--reason", default=None, help="What was wrong.")
@click.option("--author", default="cli", show_default=True, help="Who asks for it.")
@click.option("--approved-by", default=None, help="Who approves it: somebody else.")
@click.option("--json", "json_out", is_flag=True, help="Machine-readable output.")
def correct(
    restructuring_id: UUID,
    file: Path,
    *,
    only_preview: bool,
    reason: str | None,
    author: str,
    approved_by: str | None,
    json_out: bool,
) -> None:
    """Correct a committed restructuring: FILE (YAML, JSON) holds the fields that were wrong."""
    fields = _fields(file)
    if only_preview:
        with open_database().connect() as connection:
            _show(preview_correction(connection, restructuring_id, fields), json_out)
        return

    def ask(connection: Connection) -> Undoing:
        return ask_correction(
            connection,
            restructuring_id,
            fields,
            reason=_given("--reason", reason),
            author=author,
        )

    _carry_out(ask, _given("--approved-by", approved_by), json_out)


def _carry_out(ask: Asking, approver: str, json_out: bool) -> None:
    with open_database().connect() as connection:
        asked = ask(connection)
        work = approve_undoing(connection, asked.undoing_id, who=approver)
        seal(work)
        connection.commit()
    if json_out:
        click.echo(json.dumps({"change": work.number, "undoing": str(asked.undoing_id)}))
    else:
        click.echo(f"{work.intent.title}:变更编号 {work.number}")


def _number(connection: Connection, id_or_change: str) -> int:
    if id_or_change.isdecimal():
        return int(id_or_change)
    try:
        return change_of(connection, UUID(id_or_change))
    except ValueError as error:
        raise UndoingIsMalformed(
            "ID", "expected the id of a restructuring or a change number"
        ) from error


def _given(option: str, value: str | None) -> str:
    if not value:
        raise click.UsageError(f"{option} 缺失")
    return value


def _fields(file: Path) -> Mapping[str, Any]:
    try:
        raw = yaml.safe_load(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise SourceIsUnreadable(str(file), "not UTF-8 text") from error
    except (yaml.YAMLError, ValueError) as error:
        raise UndoingIsMalformed("text", " ".join(str(error).split())) from error
    if not isinstance(raw, Mapping):
        raise UndoingIsMalformed("top", "expected fields such as effective_on or decree")
    return {
        str(key): value.isoformat() if isinstance(value, date) else value
        for key, value in raw.items()
    }


def _show(found: UndoingPreview, json_out: bool) -> None:
    if json_out:
        click.echo(msgspec.json.encode(found).decode())
        return
    plan = found.plan
    click.echo(f"{found.title}(变更 {found.change})\n比照日 {plan.effective_on}\n")
    _list("不再存在", [f"{one.code or '-'} {one.name}" for one in plan.ended])
    _list("恢复", [f"{one.code or '-'} {one.name}" for one in plan.begun])
    _list("变更", [f"{one.before.name} → {one.after.name}" for one in plan.changed])
    _list("划转", [f"{one.name}:{one.from_name} → {one.to_name}" for one in plan.moved])
    _list("代码", [f"{one.before or '-'} → {one.after or '-'} {one.name}" for one in plan.codes])
    click.echo(
        f"地址:全称变化 {plan.addresses.full_text_changes},重写 {found.addresses_rewritten},"
        f"门牌 {found.plates}"
    )
    _list("仍然有效的后续变更", [f"{one.number} {one.title}" for one in found.later])
    _list("障碍(有则全部不办)", [one.line for one in found.obstacles])


def _list(title: str, lines: list[str]) -> None:
    if lines:
        click.echo(f"{title}({len(lines)})")
    for line in lines[:SHOWN_LINES]:
        click.echo(f"  {line}")
    if len(lines) > SHOWN_LINES:
        click.echo(f"  … 其余 {len(lines) - SHOWN_LINES} 行见 --json")
