"""What the page of a door says of the plate whose code opened it."""

from dataclasses import replace
from pathlib import Path

from api.plate_codes import Scan, judge
from api.time_travel import Reader
from api.web.page import AddressPage, ScannedPlate
from api.web.standing import standing_of
from registry.addresses.address_code import AddressCode
from registry.addresses.store import AddressStore
from registry.changes.period import AsOf
from registry.plates.model import Plate, RevocationReason


def with_plate(page: AddressPage, reading: Reader, home: Path, code: str) -> AddressPage:
    """The page, saying of a plate code whether it is genuine and what the plate looks like.

    The page is that of a door: a code of another door is said to be of another door.
    """
    door = str(AddressCode.parse(page.code))
    found = judge(reading.connection, home, Scan(code, door), reading.at)
    plate = found.plate
    scanned = ScannedPlate(
        standing=standing_of(
            found.finding,
            outdated=found.outdated,
            replaced=plate is not None and plate.reason is RevocationReason.REPLACED,
        ),
        shows=None if plate is None else plate.shown_text,
        romanisation=None if plate is None else plate.shown_romanisation,
        kind=None if plate is None else plate.kind.value,
        serial=None if plate is None else plate.serial,
        issued_on=None if plate is None else plate.issued_on,
        issued_as=None if plate is None else _issued_as(page, plate, reading),
    )
    return replace(page, plate=scanned)


def _issued_as(page: AddressPage, plate: Plate, reading: Reader) -> str | None:
    """What the door was called in full when the plate was issued, where it is called otherwise."""
    at = AsOf(plate.issued_on, reading.at.known)
    then = AddressStore(reading.connection).get(plate.address_code, at).text()
    return None if then == page.text else then
