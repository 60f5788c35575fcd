"""`place-registry plan`: a restructuring's paper checked and previewed; its steps in `plan_steps`."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import click
import msgspec

from api.cli.draft import draft_from_editions_command
from api.cli.plan_files import as_id, as_json, read_file
from api.cli.plan_reports import COMMANDS
from api.cli.plan_steps import STEPS
from api.cli.session import open_connection
from api.cli.undo import annul, correct
from registry.errors import PlanBreaksRules
from registry.restructuring import commands
from registry.restructuring.cases import split_place
from registry.restructuring.model import Preview
from registry.restructuring.paper import read_paper

SHOWN_LINES = 15
"""Rows of a table on screen; `--json` gives all."""


@click.group()
def plan() -> None:
    """Plan a restructuring (区划调整): from a paper to its day, step by step."""


for step in (*STEPS, *COMMANDS, annul, correct, draft_from_editions_command):
    plan.add_command(step)


@plan.command()
@click.argument("file_or_id")
@as_json
def check(file_or_id: str, json_out: bool) -> None:
    """Say whether a plan could be committed now; nothing is written."""
    found = _preview(file_or_id)
    if found.breaches:
        raise PlanBreaksRules(list(found.breaches))
    if json_out:
        click.echo(json.dumps({"ok": True, "warnings": found.warnings}, ensure_ascii=False))
        return
    for warning in found.warnings:
        click.echo(f"注意 {warning}")
    click.echo(f"可以实施:{found.title}({found.effective_on})")


@plan.command()
@click.argument("file_or_id")
@as_json
def preview(file_or_id: str, json_out: bool) -> None:
    """Show everything a plan would do, before anything is written."""
    found = _preview(file_or_id)
    if json_out:
        click.echo(msgspec.json.encode(found).decode())
    else:
        _print(found)


@plan.command()
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--from",
    "from_edition",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="The earlier edition.",
)
@click.option(
    "--to",
    "to_edition",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="The later edition.",
)
@click.option("--within", default=None, help="Code of the division to look at.")
def draft(files: tuple[Path, ...], from_edition: Any, to_edition: Any, within: str | None) -> None:
    """Draft papers from the difference of two published editions (YAML on standard output).

    A difference is not an event: the draft has no date and no decree, and cannot be committed
    until a person has decided them.
    """
    from data.editions.draft import draft_papers, to_yaml
    from data.editions.reader import edition_rows

    before = edition_rows(files, _day(from_edition), within)
    after = edition_rows(files, _day(to_edition), within)
    papers = draft_papers(
        before,
        after,
        from_edition=_day(from_edition),
        to_edition=_day(to_edition),
        within=within,
    )
    click.echo("---\n".join(to_yaml(paper) for paper in papers))


def _preview(file_or_id: str) -> Preview:
    filed = as_id(file_or_id)
    with open_connection() as connection:
        if filed is not None:
            return commands.preview(connection, filed)
        return commands.preview_paper(
            connection, read_paper(split_place(read_file(Path(file_or_id)))[1])
        )


def _day(moment: Any) -> date:
    day: date = moment.date()
    return day


def _print(found: Preview) -> None:
    click.echo(
        f"{found.title}\n生效 {found.effective_on},依据变更 {found.drawn_at} 之后的登记状态\n"
    )
    _table("撤销", [f"{u.code or '-'} {u.name}" for u in found.ended])
    _table("设立", [f"{u.code or '-'} {u.name}(辖 {u.members})" for u in found.begun])
    _table(
        "变更",
        [
            f"{c.before.code or '-'} {c.before.name} → {c.after.code or '-'} {c.after.name}"
            f"(辖 {c.before.members} → {c.after.members})"
            for c in found.changed
        ],
    )
    _table("划转", [f"{m.name}:{m.from_name} → {m.to_name}" for m in found.moved])
    _table("代码", [f"{c.before or '-'} → {c.after or '-'} {c.name}" for c in found.codes])
    _table(
        "沿革",
        [
            f"{s.predecessor or '-'} → {s.successor or '-'} {s.kind}"
            + ("" if s.share_members is None else f" 成员 {s.share_members:.1%}")
            + ("" if s.share_addresses is None else f" 地址 {s.share_addresses:.1%}")
            for s in found.succession
        ],
    )
    addresses = found.addresses
    click.echo(
        f"地址:全称变化 {addresses.full_text_changes},法定书写变化 {addresses.legal_text_changes},"
        f"改属 {addresses.rehomed}"
    )
    click.echo(
        f"门楼牌:须重制 {found.plates.remake}(其中会误导 {found.plates.misleading}),"
        f"继续有效 {found.plates.valid}"
    )
    for sample in addresses.samples:
        click.echo(
            f"  {sample.code}  {sample.before}\n{' ' * (len(sample.code) + 4)}{sample.after}"
        )
    click.echo("写入行数:" + ",".join(f"{k} {v}" for k, v in found.rows_to_write.items()))
    _print_ground(found)
    _table("注意", list(found.warnings))
    _table("违反规则(不能实施)", list(found.breaches))


def _print_ground(found: Preview) -> None:
    _table("被分割的街路巷", [f"{t.name}:{'、'.join(t.after)}" for t in found.thoroughfares])
    _table(
        "界线",
        [f"{one.status.value} {one.left}—{one.right} {one.length_m:,.0f} m" for one in found.lines],
    )
    _table("重名", [f"{n.name}({n.scope}):{'、'.join(n.holders)}" for n in found.names])
    _table(
        "调整后",
        [
            f"{one.name} 面积 {'-' if one.area_m2 is None else f'{one.area_m2 / 1e6:.2f}'} km²"
            f" 地址 {one.addresses:,}"
            + (
                ""
                if one.resident_population.value is None
                else f" 常住人口 {one.resident_population.value:,.0f}"
            )
            for one in found.divisions
        ],
    )
    click.echo(f"将通知:订阅 {found.audience.subscriptions},下游系统 {found.audience.consumers}")


def _table(title: str, lines: list[str]) -> None:
    if not lines:
        return
    click.echo(f"{title}({len(lines)})")
    for line in lines[:SHOWN_LINES]:
        click.echo(f"  {line}")
    if len(lines) > SHOWN_LINES:
        click.echo(f"  … 其余 {len(lines) - SHOWN_LINES} 行见 --json")
