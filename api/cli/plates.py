"""`place-registry plates`: door plates (门楼牌) from issue to revocation, their codes and sheets."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click
import msgspec

from api import clock, plate_codes, plate_keys, plate_sheets
from api.cli.screen import ProgressBar
from api.cli.session import open_connection, open_database
from api.plate_photos import codes_on
from api.plate_views import verdict_of
from api.settings import read_settings
from api.work import works_on
from qr import symbol
from qr.batch import FORMATS
from qr.verification import Finding
from registry.addresses.address_code import AddressCode
from registry.addresses.store import AddressStore
from registry.changes.model import Intent, Verb
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.divisions.store import DivisionStore
from registry.plates import commands
from registry.plates.errors import PhotoIsUnreadable
from registry.plates.keys import Purpose
from registry.plates.model import PlateKind, PlateState, RevocationReason
from registry.plates.store import PlateStore

DAY = click.DateTime(["%Y-%m-%d"])
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
KINDS = click.Choice([kind.value for kind in PlateKind])
REASONS = click.Choice([reason.value for reason in RevocationReason])

FEW = 200
"""Up to here starting processes takes longer than drawing."""


@click.group()
def plates() -> None:
    """Door plates and their QR symbols."""


@plates.command("qr")
@click.argument("code")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write; its ending, .svg or .png, chooses the format. Default: CODE.svg",
)
@click.option(
    "--module",
    "module_px",
    type=click.IntRange(1, symbol.LARGEST_MODULE_PX),
    default=8,
    show_default=True,
    help="Pixels per module of a PNG.",
)
def plate_qr(code: str, output: Path | None, module_px: int) -> None:
    """Write the QR symbol of the address CODE to a file."""
    canonical = str(AddressCode.parse(code))
    target = output or Path(f"{canonical}.svg")
    if target.suffix not in (".svg", ".png"):
        raise click.UsageError(f"{target} must end in .svg or .png")
    with open_connection() as connection:
        at = ChangeStore(connection).as_of(clock.today())
        found = AddressStore(connection).get(canonical, at)
    text = symbol.payload(read_settings().public_url, found.code)
    drawn = symbol.svg(text) if target.suffix == ".svg" else symbol.png(text, module_px=module_px)
    target.write_bytes(drawn)
    click.echo(f"{target}: {found.text()}")


@plates.command()
@click.option("--code", "codes", multiple=True, help="Address code; may be repeated.")
@click.option("--within", help="Every door without a plate in this division, by id or code.")
@click.option("--kind", type=KINDS, default="small", show_default=True, help="Size of the plate.")
@click.option("--on", type=DAY, default=None, help="Day of issue; default today.")
@click.option("--author", default="cli", show_default=True, help="Who does it.")
@click.option("--json", "json_out", is_flag=True, help="Machine-readable output.")
def issue(
    codes: tuple[str, ...],
    within: str | None,
    kind: str,
    on: datetime | None,
    author: str,
    *,
    json_out: bool,
) -> None:
    """Issue plates for addresses, or for every door of a division that has none."""
    if bool(codes) == bool(within):
        raise click.UsageError("give either --code or --within")
    day = on.date() if on else clock.today()
    engine = open_database()
    try:
        with engine.connect() as connection:
            plate_keys.ensure_keys(connection, read_settings().home)
            connection.commit()
        intent = Intent(author=author, verb=Verb.CHANGE, title="核发门牌", effective_on=day)
        with works_on(engine)(intent) as work:
            wanted: Iterable[str] = (str(AddressCode.parse(code)) for code in codes)
            if within is not None:
                at = AsOf(day, work.number)
                division = DivisionStore(work.connection).resolve(within, at)
                wanted = commands.unplated(work, division, day)
            count = commands.issue_plates(work, list(wanted), kind=PlateKind(kind), on=day)
            change = work.number
    finally:
        engine.dispose()
    told = {"issued": count, "kind": kind, "on": str(day), "change": change}
    click.echo(json.dumps(told) if json_out else f"{count} plates issued (change {change})")


@plates.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--code", "codes", multiple=True, help="Address code; may be repeated.")
@click.option("--within", help="Every plate in this division, by id or code.")
@click.option(
    "--state",
    type=click.Choice([state.value for state in PlateState]),
    help="Only plates that stand so.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="pdf",
    show_default=True,
    help="codes: NDJSON without artwork.",
)
@click.option(
    "--code-form",
    type=click.Choice(plate_sheets.CODE_FORMS),
    default="short",
    show_default=True,
    help="short: verified by this service; signed: verified anywhere, larger symbol.",
)
@click.option("--at", type=DAY, default=None, help="The plates as of this day; default today.")
@click.option("--workers", type=click.IntRange(1, 64), default=None, help="Default: one a core.")
@click.option("--mark-printed", is_flag=True, help="Record that the plates were made.")
def sheet(
    folder: Path,
    codes: tuple[str, ...],
    within: str | None,
    state: str | None,
    form: str,
    code_form: str,
    at: datetime | None,
    workers: int | None,
    *,
    mark_printed: bool,
) -> None:
    """Write print-ready artwork, or the codes alone, with a manifest, into FOLDER.

    Run it again after an interruption: parts that are finished are kept.
    """
    settings = read_settings()
    day = at.date() if at else clock.today()
    with open_connection(one_snapshot=True) as connection:
        as_of = ChangeStore(connection).as_of(day)
        division = None if within is None else DivisionStore(connection).resolve(within, as_of)
        wanted = list(
            plate_sheets.wanted_plates(
                connection,
                as_of,
                codes=[str(AddressCode.parse(code)) for code in codes],
                within=division,
                state=None if state is None else PlateState(state),
            )
        )
        struck = plate_sheets.faced(
            connection,
            wanted,
            as_of,
            die=plate_keys.die(connection, settings.home),
            public_url=settings.public_url,
            code_form=code_form,
        )
        order = plate_sheets.Order(folder, form, code_form, 1 if len(wanted) < FEW else workers)
        with ProgressBar() as bar:
            for part, done in plate_sheets.make_sheet(order, struck):
                bar(part.file, done, len(wanted))
    if mark_printed:
        issued = [one.plate_id for one in wanted if one.state is PlateState.ISSUED]
        intent = Intent(author="cli", verb=Verb.CHANGE, title="印制门牌", effective_on=day)
        engine = open_database()
        with works_on(engine)(intent) as work:
            commands.mark_printed(work, issued, on=day)
        engine.dispose()
    click.echo(f"{len(wanted)} plates in {folder}")


@plates.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--door", help="Address code of the door the pictures were taken at.")
@click.option("--json", "json_out", is_flag=True, help="One JSON object a line.")
def verify(images: tuple[Path, ...], door: str | None, *, json_out: bool) -> int:
    """Verify the plates on photos, or on every photo in a folder; exit 1 unless all are genuine."""
    home = read_settings().home
    bad = 0
    with open_connection() as connection:
        at = ChangeStore(connection).as_of(clock.today())
        for file in _pictures(images):
            for text in _codes_in(file) or [""]:
                found = plate_codes.judge(connection, home, plate_codes.Scan(text, door), at)
                bad += found.finding is not Finding.GENUINE
                body = {"file": str(file), **msgspec.to_builtins(verdict_of(found))}
                click.echo(json.dumps(body, ensure_ascii=False) if json_out else _said(body))
    return 1 if bad else 0


@plates.command()
@click.argument("code")
@click.option("--serial", type=int, help="Which of the address's plates; default: the one in use.")
@click.option("--reason", type=REASONS, required=True, help="Why it is called back.")
@click.option("--on", type=DAY, default=None, help="Default today.")
@click.option("--reissue", is_flag=True, help="Issue the next plate of the door at once.")
@click.option("--author", default="cli", show_default=True, help="Who does it.")
def revoke(
    code: str, serial: int | None, reason: str, on: datetime | None, author: str, *, reissue: bool
) -> None:
    """Call back the plate of the address CODE."""
    day = on.date() if on else clock.today()
    canonical = str(AddressCode.parse(code))
    engine = open_database()
    try:
        intent = Intent(author=author, verb=Verb.CHANGE, title="作废门牌", effective_on=day)
        with works_on(engine)(intent) as work:
            at = AsOf(day, work.number)
            held = PlateStore(work.connection).in_use(canonical, at, serial)
            why = RevocationReason(reason)
            if reissue:
                new = commands.reissue_plate(work, held, on=day, reason=why)
                said = f"plate {held.serial} of {canonical} revoked, {new.serial} issued"
            else:
                commands.revoke_plate(work, held.plate_id, on=day, reason=why)
                said = f"plate {held.serial} of {canonical} revoked"
    finally:
        engine.dispose()
    click.echo(said)


@plates.command("rotate-key")
@click.argument("purpose", type=click.Choice([purpose.value for purpose in Purpose]))
def rotate_key(purpose: str) -> None:
    """Make plates with a new key from now on; plates made before go on verifying."""
    with open_connection() as connection:
        plate_keys.ensure_keys(connection, read_settings().home)
        made = plate_keys.rotate(connection, read_settings().home, Purpose(purpose))
        connection.commit()
    click.echo(f"{purpose} key {made.generation} is in use")


@plates.command("revoke-key")
@click.argument("purpose", type=click.Choice([purpose.value for purpose in Purpose]))
@click.argument("generation", type=int)
def revoke_key(purpose: str, generation: int) -> int:
    """A key got into other hands: no plate made with it is good any more. Rotate first."""
    with open_connection() as connection:
        done = plate_keys.revoke(connection, Purpose(purpose), generation)
        connection.commit()
    click.echo(f"{purpose} key {generation} {'revoked' if done else 'is unknown or was revoked'}")
    return 0 if done else 1


def _pictures(given: Iterable[Path]) -> Iterable[Path]:
    for path in given:
        if path.is_dir():
            yield from sorted(one for one in path.rglob("*") if one.suffix.lower() in PICTURES)
        else:
            yield path


def _codes_in(file: Path) -> list[str]:
    """What the symbols on a picture say; empty: none was found, or it is no picture."""
    try:
        return codes_on(file.read_bytes())
    except (PhotoIsUnreadable, OSError):
        return []


def _said(body: dict[str, object]) -> str:
    shown = body.get("expected") or body.get("plate") or {}
    text = shown.get("text") if isinstance(shown, dict) else None
    return f"{body['finding']:<12} {body['file']}" + (f"  {text}" if text else "")
