"""`place-registry legal` and `codes`: a plan in the words of the law; its codes kept and published."""

import json
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import msgspec
from sqlalchemy import Connection

from api.cli.session import open_database
from api.work import works_on
from registry.errors import SourceIsUnreadable, StateForbids
from registry.restructuring.cases import draw_filed
from registry.restructuring.code_publication import (
    provisional_codes,
    publication,
    publish_codes,
    release_codes,
    reserve_codes,
)
from registry.restructuring.legal_texts import legal_texts
from registry.restructuring.paper import read_paper, read_paper_text
from registry.restructuring.plan import Plan, draw_up
from registry.restructuring.store import RestructuringStore

as_json = click.option("--json", "json_out", is_flag=True, help="Machine-readable output.")


@click.command()
@click.argument("file_or_id")
@as_json
def legal(file_or_id: str, json_out: bool) -> None:
    """Decree drafts, code list and announcement of a plan: what the law wants written (法定文本)."""
    with open_database().connect() as connection:
        found = legal_texts(_plan(connection, file_or_id))
    click.echo(msgspec.json.encode(found).decode() if json_out else found.text())


@click.group()
def codes() -> None:
    """Codes of a plan (区划代码): kept while it is open, published once it is carried out."""


@codes.command()
@click.argument("restructuring_id", type=click.UUID)
@as_json
def reserve(restructuring_id: UUID, json_out: bool) -> None:
    """Keep the codes an open plan would get now, so that no other plan takes them."""
    with open_database().connect() as connection:
        kept = reserve_codes(connection, restructuring_id)
        connection.commit()
    _echo(kept, json_out)


@codes.command()
@click.argument("restructuring_id", type=click.UUID)
@as_json
def release(restructuring_id: UUID, json_out: bool) -> None:
    """Keep none of a plan's codes any longer."""
    with open_database().connect() as connection:
        release_codes(connection, restructuring_id)
        connection.commit()
    _echo({}, json_out)


@codes.command()
@click.argument("restructuring_id", type=click.UUID)
@click.option("--on", "day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Since when.")
@click.option("--author", default="cli", show_default=True, help="Who publishes them.")
@as_json
def publish(restructuring_id: UUID, day: Any, author: str, json_out: bool) -> None:
    """Publish the provisional codes a committed restructuring gave; a change of its own."""
    engine, on = open_database(), _day(day)
    with engine.connect() as connection:
        filed = RestructuringStore(connection).get(restructuring_id)
    if filed.change_number is None:
        raise StateForbids(step="publish codes", state=filed.state.value)
    intent = publication(f"公布代码：{filed.title}", author=author, on=on)
    with works_on(engine)(intent) as work:
        found = provisional_codes(work.connection, work.number, on, filed.change_number)
        if not found:
            raise StateForbids(step="publish codes: none is provisional", state=filed.state.value)
        publish_codes(work, found, scheme=read_paper(filed.paper).code_scheme, on=on)
    _echo(found, json_out)


def _plan(connection: Connection, file_or_id: str) -> Plan:
    store = RestructuringStore(connection)
    try:
        filed = store.get(UUID(file_or_id))
    except ValueError:
        paper = read_paper_text(_text(Path(file_or_id)))
        return draw_up(paper, store.ledger(paper))
    known = None if filed.change_number is None else filed.change_number - 1
    return draw_filed(connection, filed, known)[0]


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise SourceIsUnreadable(str(file), error.strerror or "cannot be read") from error
    except UnicodeDecodeError as error:
        raise SourceIsUnreadable(str(file), "not UTF-8 text") from error


def _echo(found: dict[UUID, str], json_out: bool) -> None:
    if json_out:
        click.echo(json.dumps({str(unit): code for unit, code in found.items()}))
        return
    for unit, code in found.items():
        click.echo(f"{code}  {unit}")


def _day(moment: Any) -> date:
    day: date = moment.date()
    return day
