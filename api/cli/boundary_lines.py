"""`place-registry boundary lines|markers`: the verbs of `/v1/boundary-lines` and `/v1/boundary-markers`."""

import csv
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import msgspec
from pydantic import ValidationError
from shapely.geometry import Point

from api import clock
from api.cli.plan_files import as_json
from api.cli.plan_steps import who_does_it
from api.cli.session import open_connection, open_work
from api.language import Language
from api.line_requests import Series
from api.line_views import line_of, marker_of
from api.marker_sheets import sheet_of
from api.settings import read_settings
from api.web.marker_sheet import render_sheet
from api.web.report import report_pdf
from registry.changes.model import Intent, Verb
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.divisions.store import DivisionStore
from registry.errors import SourceIsUnreadable
from registry.lines import commands
from registry.lines.model import BoundaryLine, BoundaryMarker, MarkerKind
from registry.lines.particulars import Stand, set_series
from registry.lines.store import LineStore

DAY = click.DateTime(["%Y-%m-%d"])
on_day = click.option("--on", type=DAY, default=None, help="From which day; default today.")
at_day = click.option("--at", "on", type=DAY, default=None, help="On which day; default today.")
line_argument = click.argument("line_id", type=click.UUID)
most = click.option(
    "--limit", type=click.IntRange(1, 1000), default=200, show_default=True, help="At most so many."
)


@click.group()
def lines() -> None:
    """Boundary lines (界线): what was agreed, inspections, markers on them."""


@click.group()
def markers() -> None:
    """Boundary markers (界桩)."""


@lines.command("list")
@click.option("--division", default=None, help="Lines of it, by id or code.")
@click.option("--within", default=None, help="Lines of what lies in it, by id or code.")
@click.option("--level", type=click.IntRange(1, 5), default=None, help="1 province … 5 village.")
@click.option(
    "--overdue", is_flag=True, help="Only those whose inspection is overdue, longest first."
)
@at_day
@most
@as_json
def list_lines(
    division: str | None,
    within: str | None,
    level: int | None,
    overdue: bool,
    on: datetime | None,
    limit: int,
    json_out: bool,
) -> None:
    """List lines that hold on a day."""
    if overdue and (division or within or level):
        raise click.UsageError("--overdue goes with --at and --limit only")
    with open_connection() as connection:
        at = ChangeStore(connection).as_of(day_of(on))
        resolve, store = DivisionStore(connection).resolve, LineStore(connection)
        if overdue:
            found = store.overdue(at, limit=limit)
        else:
            found = store.lines(
                at,
                division=None if division is None else resolve(division, at),
                within=None if within is None else resolve(within, at),
                level=level,
                limit=limit,
            )
    if json_out:
        _echo({"lines": [line_of(one) for one in found]})
        return
    for one in found:
        click.echo(_said_of(one))


@lines.command()
@line_argument
@at_day
@as_json
def show(line_id: UUID, on: datetime | None, json_out: bool) -> None:
    """Show a line and its markers."""
    with open_connection() as connection:
        at = ChangeStore(connection).as_of(day_of(on))
        line = LineStore(connection).line(line_id, at)
        stood = LineStore(connection).markers(at, line=line_id, limit=None)
    if json_out:
        _echo({**line_of(line), "markers": [marker_of(one) for one in stood]})
        return
    click.echo(_said_of(line))
    for one in stood:
        click.echo(f"  {_marked(one)}")


@lines.command()
@line_argument
@click.option("--on", type=DAY, required=True, help="When both sides inspected it together.")
@who_does_it
@as_json
def inspect(line_id: UUID, on: datetime, who: str, json_out: bool) -> None:
    """Record a joint inspection; an agreed line is due again in five years."""
    day = on.date()
    with open_work(_intent(who, "联合检查", day)) as work:
        commands.inspect(work, line_id, inspected_on=day)
        line = LineStore(work.connection).line(line_id, AsOf(day, work.number))
    if json_out:
        _echo(line_of(line))
    else:
        click.echo(_said_of(line))


@markers.command("list")
@click.option("--line", type=click.UUID, default=None, help="Only markers of this line.")
@at_day
@most
@as_json
def list_markers(line: UUID | None, on: datetime | None, limit: int, json_out: bool) -> None:
    """List markers on a day."""
    with open_connection() as connection:
        at = ChangeStore(connection).as_of(day_of(on))
        found = LineStore(connection).markers(at, line=line, limit=limit)
    if json_out:
        _echo({"markers": [marker_of(one) for one in found]})
        return
    for one in found:
        click.echo(_marked(one))


@markers.command()
@line_argument
@click.argument("number")
@click.option(
    "--kind",
    type=click.Choice([one.value for one in MarkerKind]),
    required=True,
    help="How many posts make it.",
)
@click.option("--lon", type=click.FloatRange(-180, 180), required=True, help="EPSG:4490, degrees.")
@click.option("--lat", type=click.FloatRange(-90, 90), required=True, help="EPSG:4490, degrees.")
@click.option("--material", default=None, help="Such as 花岗岩.")
@click.option("--keeper", default=None, help="An office, no person.")
@on_day
@who_does_it
@as_json
def add(
    line_id: UUID,
    number: str,
    kind: str,
    lon: float,
    lat: float,
    on: datetime | None,
    who: str,
    json_out: bool,
    **more: str | None,
) -> None:
    """Put a marker up on a line, or say otherwise of the one with that NUMBER."""
    day = day_of(on)
    with open_work(_intent(who, "设置界桩", day)) as work:
        made = commands.set_marker(
            work,
            line_id,
            number=number,
            kind=MarkerKind(kind),
            spot=Point(lon, lat),
            on=day,
            more={name: value for name, value in more.items() if value is not None},
        )
    if json_out:
        _echo(marker_of(made))
    else:
        click.echo(_marked(made))


@markers.command()
@line_argument
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@on_day
@who_does_it
@as_json
def series(line_id: UUID, file: Path, on: datetime | None, who: str, json_out: bool) -> None:
    """Put the markers of a FILE up on a line, numbered from west to east, or north to south.

    CSV with a header: kind, lon, lat and, if wanted, material, face_texts, keeper, accuracy_m.
    """
    day, stands = day_of(on), _stands(file)
    with open_work(_intent(who, "设置界桩", day)) as work:
        made = set_series(work, line_id, stands, on=day)
    if json_out:
        _echo({"markers": [marker_of(one) for one in made]})
        return
    for one in made:
        click.echo(_marked(one))


@markers.command()
@click.argument("marker_id", type=click.UUID)
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@at_day
def sheet(marker_id: UUID, out: Path, language: Language, on: datetime | None) -> None:
    """Write the register sheet (界桩登记表) of a marker to OUT: PDF, or HTML where OUT ends so."""
    with open_connection() as connection:
        at = ChangeStore(connection).as_of(day_of(on))
        found = sheet_of(connection, at, read_settings().home, marker_id, language)
    html = render_sheet(found)
    if out.suffix in (".html", ".htm"):
        out.write_text(html, encoding="utf-8")
    else:
        out.write_bytes(report_pdf(html))


def _stands(file: Path) -> list[Stand]:
    """Where markers are to stand, as a file lists them.

    Raises:
        SourceIsUnreadable: a row is no such marker; it is named.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = [
                {name: text.strip() for name, text in row.items() if name and text}
                for row in csv.DictReader(opened)
            ]
        said = Series.model_validate({"markers": rows})
    except (OSError, UnicodeDecodeError, csv.Error, AttributeError) as error:
        raise SourceIsUnreadable(file.name, str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = " ".join(str(one) for one in first["loc"])
        raise SourceIsUnreadable(file.name, f"{where}: {first['msg']}") from error
    return said.stands()


def _said_of(line: BoundaryLine) -> str:
    due = line.inspection_due_on()
    return (
        f"{line.line_id}  {line.number or '----'}  {line.left_name} – {line.right_name}  "
        f"{line.length_m:,.0f} m  {line.legal_status.value}" + (f"  due {due}" if due else "")
    )


def _marked(one: BoundaryMarker) -> str:
    return f"{one.marker_id}  {one.number}  {one.state.value}  {one.spot.x:.6f} {one.spot.y:.6f}"


def _intent(who: str, title: str, day: date) -> Intent:
    return Intent(author=who, verb=Verb.CHANGE, title=title, effective_on=day)


def day_of(on: datetime | None) -> date:
    """The day that was named; today where none was."""
    return clock.today() if on is None else on.date()


def _echo(shown: dict[str, Any]) -> None:
    click.echo(msgspec.json.encode(shown).decode())
