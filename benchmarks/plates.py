"""Plates: symbols with one mask against scoring eight, sheets and codes in bulk over processes.

python -m benchmarks.plates --plates 10000 --codes 100000
"""

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.measure import Measured, compared, seconds, table
from qr.artwork import Face
from qr.batch import Item, make_parts
from qr.claim import PlateClaim, PlateKind, key_id_of
from qr.fonts import find_typeface
from qr.plate_code import signed, tagged
from qr.symbol import PLATE_MASK, matrix, plate_payload

URL = "https://dz.xm.gov.cn"
TAG_KEY = bytes(32)
MILLION = 1_000_000


@click.command()
@click.option("--plates", default=10_000, show_default=True, help="Of the sheet.")
@click.option("--codes", default=100_000, show_default=True, help="Claims and symbols in bulk.")
@click.option("--symbols", default=300, show_default=True, help="Of the comparison.")
@click.option("--repeats", default=3, show_default=True)
def main(*, plates: int, codes: int, symbols: int, repeats: int) -> None:
    """Print the figures as a table."""
    found = [
        *_symbols(symbols, repeats),
        _bulk("sheet", "pdf", plates),
        _bulk("bulk", "codes", codes),
    ]
    print(table(found))
    rate = codes / found[-1].median
    print(f"1,000,000 codes at that rate: {MILLION / rate / 60:.1f} minutes")


def items(count: int) -> Iterator[Item]:
    """Plates with codes of their own; each has a signed claim as well."""
    private = Ed25519PrivateKey.generate()
    key_id = key_id_of(private.public_key().public_bytes_raw())
    for number in range(count):
        text = f"琼头中里{number % 900 + 1}号"
        short = tagged(TAG_KEY, number=number * 1_000_003, serial=1, generation=0)
        claim = PlateClaim(key_id, short.number, 1, PlateKind.SMALL, date(2026, 1, 1), text)
        face = Face(
            PlateKind.SMALL,
            text,
            "Qióngtóu Zhōnglǐ",
            plate_payload(URL, str(short)),
            "6A0D-NQ03-K1AR · 1",
        )
        yield Item(f"{number}", face, str(signed(private, claim)))


def _symbols(count: int, repeats: int) -> list[Measured]:
    texts = [one.face.payload for one in items(count)]
    scored, fixed, other = [], [], []
    for _round in range(repeats):
        scored.append(count / seconds(lambda: [matrix(text) for text in texts]))
        fixed.append(count / seconds(lambda: [matrix(text, PLATE_MASK) for text in texts]))
        other.append(count / seconds(lambda: [_by_zxing(text) for text in texts]))
    limit = Measured("symbols", "qrcode, scoring eight masks", "a second", tuple(scored))
    one_mask = Measured("symbols", "qrcode, one mask", "a second", tuple(fixed))
    zxing = Measured("symbols", "zxing-cpp's encoder", "a second", tuple(other))
    return [limit, compared(one_mask, limit), compared(zxing, limit)]


def _by_zxing(text: str) -> object:
    import zxingcpp

    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="Q")
    return made.to_image(scale=1, add_quiet_zones=True)


def _bulk(benchmark: str, form: str, count: int) -> Measured:
    with tempfile.TemporaryDirectory() as place:

        def make() -> None:
            made = make_parts(
                items(count), Path(place), form=form, typeface=find_typeface(), finished={}
            )
            for _part, _items in made:
                pass

        return Measured(benchmark, f"{count:,} plates as {form}", "s", (seconds(make),))


if __name__ == "__main__":
    main()
