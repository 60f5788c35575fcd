"""`place-registry plan report|tables|compare|propose`: what a plan would do, on paper and in files."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click
import msgspec
from sqlalchemy import Connection

from api.cli.plan_files import as_id, as_json, read_file
from api.cli.session import open_connection
from api.plan_requests import (
    MOST_STARTS,
    check_number,
    comparison_table,
    paper_yaml,
    read_asked_proposals,
)
from api.web.plan_words import PLAN_WORDS
from api.web.plans import render_comparison
from api.web.report import Report, render_report, report_pdf
from data.preview_tables import csv_bytes, preview_table, preview_zip
from registry.restructuring import commands
from registry.restructuring.compare import Comparison, Scenario, compare
from registry.restructuring.door_texts import stream_csv
from registry.restructuring.paper import Paper, read_paper
from registry.restructuring.preview import Study
from registry.restructuring.proposals import fields_of, propose
from registry.restructuring.regroup import STARTS
from registry.restructuring.store import RestructuringStore

a_file = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file_or_id")
@click.option("--out", type=a_file, required=True, help="A .pdf or .html file to write.")
def report(file_or_id: str, out: Path) -> None:
    """Write the report of a plan for a submission for approval (请示附件), PDF or HTML."""
    if out.suffix not in (".pdf", ".html"):
        raise click.UsageError("--out: .pdf or .html")
    with open_connection(one_snapshot=True) as connection:
        paper, done, change = _study(connection, file_or_id)
        html = render_report(Report(paper, commands.preview_of(connection, done), done, change))
    out.write_bytes(report_pdf(html) if out.suffix == ".pdf" else html.encode())
    click.echo(f"已写入 {out}")


@click.command()
@click.argument("file_or_id")
@click.option("--out", type=a_file, required=True, help="A .zip of all tables, or a .csv file.")
@click.option("--table", default=None, help="For .csv: which; `addresses` is streamed.")
def tables(file_or_id: str, out: Path, table: str | None) -> None:
    """Write the tables of a plan's preview: all in a zip, or one as CSV."""
    with open_connection(one_snapshot=True) as connection:
        _paper, done, _change = _study(connection, file_or_id)
        if table == "addresses":
            with out.open("wb") as file:
                for line in stream_csv(connection, done.addresses()):
                    file.write(line + b"\n")
        else:
            found = commands.preview_of(connection, done)
            try:
                content = (
                    preview_zip(found) if table is None else csv_bytes(preview_table(found, table))
                )
            except KeyError as error:
                raise click.UsageError(f"--table: {table}?") from error
            out.write_bytes(content)
    click.echo(f"已写入 {out}")


@click.command("compare")
@click.argument("plans", nargs=-1, required=True)
@click.option("--csv", "csv_file", type=a_file, default=None, help="Write the figures there.")
@click.option(
    "--html", "html_file", type=a_file, default=None, help="Write a page with maps there."
)
@as_json
def compare_plans(
    plans: tuple[str, ...], csv_file: Path | None, html_file: Path | None, json_out: bool
) -> None:
    """Put two or more plans (files or ids) side by side on all figures of their previews."""
    check_number(len(set(plans)))
    with open_connection(one_snapshot=True) as connection:
        scenarios, studies = [], []
        for one in dict.fromkeys(plans):
            _paper, done, _change = _study(connection, one)
            filed = as_id(one)
            state = RestructuringStore(connection).get(filed).state.value if filed else None
            scenarios.append(Scenario(filed, state, commands.preview_of(connection, done)))
            studies.append(done)
    found = compare(scenarios)
    if csv_file is not None:
        csv_file.write_bytes(csv_bytes(comparison_table(found)))
    if html_file is not None:
        html_file.write_text(
            render_comparison(found, studies, scenarios[0].restructuring_id, "zh"),
            encoding="utf-8",
        )
    if json_out:
        click.echo(msgspec.json.encode(found).decode())
    else:
        _print_comparison(found)


@click.command("propose")
@click.option("--within", multiple=True, required=True, help="Township units, or their county.")
@click.option("--k", type=int, required=True, help="How many subdistricts.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Day of the act.")
@click.option("--min-population", type=float, default=None, help="People of each subdistrict.")
@click.option("--max-population", type=float, default=None, help="The same, at most.")
@click.option("--min-area-km2", type=float, default=None, help="Area of each, in km².")
@click.option("--max-area-km2", type=float, default=None, help="The same, at most.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same proposals.")
@click.option("--count", type=int, default=3, show_default=True, help="Proposals wanted.")
@click.option(
    "--starts", type=int, default=STARTS, show_default=True, help=f"At most {MOST_STARTS}."
)
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="A folder for the papers.",
)
@as_json
def propose_plans(*, on: Any, into: Path | None, json_out: bool, **asked: Any) -> None:
    """Regroup all villages of some townships into k subdistricts within bounds, as papers.

    Each proposal is a YAML file to edit, preview and submit; without --into they are printed.
    """
    day: date = on.date()
    wish = read_asked_proposals({**asked, "effective_on": day.isoformat()}).wish()
    with open_connection(one_snapshot=True) as connection:
        found = propose(connection, wish)
    if json_out:
        click.echo(json.dumps(list(fields_of(found)), ensure_ascii=False))
        return
    if into is None:
        click.echo("---\n".join(paper_yaml(one) for one in found))
        return
    into.mkdir(parents=True, exist_ok=True)
    for place, one in enumerate(found, start=1):
        file = into / f"proposal-{place}.yaml"
        file.write_text(paper_yaml(one), encoding="utf-8")
        people = "、".join(
            f"{unit.name} {'?' if unit.population is None else f'{unit.population:,}'}"
            for unit in one.units
        )
        click.echo(f"{file} 种子 {one.seed}:{people}")


def _study(connection: Connection, file_or_id: str) -> tuple[Paper, Study, int | None]:
    filed = as_id(file_or_id)
    if filed is None:
        paper = read_paper(read_file(Path(file_or_id)))
        return paper, commands.study_paper(connection, paper), None
    one = RestructuringStore(connection).get(filed)
    return read_paper(one.paper), commands.study_filed(connection, filed), one.change_number


def _print_comparison(found: Comparison) -> None:
    words = PLAN_WORDS["zh"]
    for place, one in enumerate(found.scenarios, start=1):
        click.echo(f"[{place}] {one.title}({one.effective_on})")
    for line in found.figures:
        shown = "  ".join(
            f"{_shown(value)}{'*' if place in line.best else ''}".rjust(14)
            for place, value in enumerate(line.values)
        )
        click.echo(f"{shown}  {words[f'fig_{line.figure}']}")
    for place, breaches in enumerate(found.breaches, start=1):
        for breach in breaches:
            click.echo(f"[{place}] 违反规则 {breach}")


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:,.10g}"


COMMANDS: Sequence[click.Command] = (report, tables, compare_plans, propose_plans)
