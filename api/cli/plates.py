"""`place-registry plates`: QR symbols for door plates (门楼牌)."""

from pathlib import Path

import click

from api import clock
from api.cli.session import open_database
from api.settings import read_settings
from qr import symbol
from registry.addresses.address_code import AddressCode
from registry.addresses.store import AddressStore
from registry.changes.store import ChangeStore


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
    engine = open_database()
    try:
        with engine.connect() as connection:
            at = ChangeStore(connection).as_of(clock.today())
            found = AddressStore(connection).get(canonical, at)
    finally:
        engine.dispose()
    text = symbol.payload(read_settings().public_url, found.code)
    drawn = symbol.svg(text) if target.suffix == ".svg" else symbol.png(text, module_px=module_px)
    target.write_bytes(drawn)
    click.echo(f"{target}: {found.text()}")
