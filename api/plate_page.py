"""What the page of a door says of the plate whose code opened it."""

from dataclasses import replace
from pathlib import Path

from api.plate_codes import Scan, judge
from api.plate_views import MEANING
from api.time_travel import Reader
from api.web.page import AddressPage, ScannedPlate
from qr.verification import Finding
from registry.addresses.address_code import AddressCode


def with_plate(page: AddressPage, reading: Reader, home: Path, code: str) -> AddressPage:
    """The page, saying of a plate code whether it is genuine and what the plate looks like.

    The page is that of a door: a code of another door is said to be of another door.
    """
    door = str(AddressCode.parse(page.code))
    found = judge(reading.connection, home, Scan(code, door), reading.at)
    plate = found.plate
    meaning = MEANING[found.finding][0 if page.language == "zh" else 1]
    scanned = ScannedPlate(
        genuine=found.finding is Finding.GENUINE,
        meaning=meaning,
        shows=None if plate is None else plate.shown_text,
        romanisation=None if plate is None else plate.shown_romanisation,
        kind=None if plate is None else plate.kind.value,
        serial=None if plate is None else plate.serial,
        issued_on=None if plate is None else plate.issued_on,
        outdated=plate is not None and plate.shown_text != page.plate_line,
    )
    return replace(page, plate=scanned)
