"""Codes struck for plates, and what verification answers: where qr and the registry meet."""

from dataclasses import dataclass
from datetime import date
from math import cos, hypot, radians
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection

from api import plate_keys
from api.plate_keys import Die
from api.time_travel import Reader
from qr.claim import PlateClaim
from qr.claim import PlateKind as ClaimKind
from qr.plate_code import PlateCode, signed, tagged
from qr.verification import Finding, verify
from registry.addresses.address_code import AddressCode
from registry.addresses.model import Address
from registry.addresses.store import AddressStore
from registry.addresses.text import Profile
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.errors import AddressIsUnknown
from registry.plates.errors import PlateHasNoSignedForm, PlateIsUnknown
from registry.plates.model import AT_WRONG_DOOR, REVOKED_IN_USE, Plate
from registry.plates.office import PlateOffice
from registry.plates.store import PlateStore

FAR_M = 150.0
"""A phone among tall houses may be this far off; a plate further away is not at its door."""
DEGREE_M = 111_320.0


@dataclass(frozen=True, slots=True)
class Scan:
    """What a camera read, and where, as far as the one who scanned says so. It is not kept."""

    text: str
    door: str | None = None
    """Code of the address it was found at."""
    place: tuple[float, float] | None = None
    """Longitude and latitude, degrees, EPSG:4490."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What verification answers: the finding, and what the plate at this door must look like."""

    finding: Finding
    code: PlateCode | None
    address: Address | None
    """The door the code is of."""
    plate: Plate | None
    """The very plate, as issued."""
    expected: Plate | None
    """The plate that hangs at the door it was found at, where that is known, else at its own."""
    distance_m: float | None

    @property
    def outdated(self) -> bool:
        """Whether the plate shows what its door was called, not what it is called."""
        return self.plate is not None and self.plate.shown_text != text_now(self)


def strike(
    die: Die, plate: Plate, *, form: str, position: tuple[float, float] | None = None
) -> PlateCode:
    """The code of a plate.

    Args:
        form: short or signed.
        position: of its door, longitude and latitude; a signed claim carries it.

    Raises:
        PlateHasNoSignedForm: it was issued before 2000, or shows more than a claim holds.
    """
    number = AddressCode.parse(plate.address_code).number
    if form == "short":
        return tagged(die.tag, number=number, serial=plate.serial, generation=die.generation)
    try:
        claim = PlateClaim(
            key_id=die.key_id,
            number=number,
            serial=plate.serial,
            kind=ClaimKind[plate.kind.name],
            issued_on=plate.issued_on,
            text=plate.shown_text,
            position=position,
        )
    except ValueError as error:
        raise PlateHasNoSignedForm(
            address=plate.address_code, serial=plate.serial, why=str(error)
        ) from error
    return signed(die.private, claim)


def judge(connection: Connection, home: Path, scan: Scan, at: AsOf) -> Answer:
    """Verify what a camera read against everything the registry knows on a day.

    Raises:
        AddressCodeIsMistyped: `door` is no address code.
    """
    door = None if scan.door is None else AddressCode.parse(scan.door)
    known = plate_keys.trust(connection, home, at)
    verdict = verify(scan.text, known, at_door=None if door is None else door.number)
    if verdict.code is None:
        return Answer(verdict.finding, None, None, None, None, None)
    code = str(AddressCode.of(verdict.code.number))
    address, plate = _found(connection, code, verdict.code.serial, at)
    finding = verdict.finding
    if finding is Finding.GENUINE and plate is None:
        # Its keys are ours, yet the registry knows of no such plate: made behind its back.
        finding = Finding.FORGED
    distance_m = _distance_m(address, plate, scan.place)
    if finding is Finding.GENUINE and distance_m is not None and distance_m > FAR_M:
        finding = Finding.WRONG_DOOR
    here = code if door is None else str(door)
    return Answer(
        finding=finding,
        code=verdict.code,
        address=address,
        plate=plate,
        expected=PlateStore(connection).find_in_use(here, at),
        distance_m=distance_m,
    )


def judged(reading: Reader, home: Path, scan: Scan) -> Answer:
    """Verify what a camera read, and remember a plate that should not hang there.

    A reader of another day only asks.
    """
    found = judge(reading.connection, home, scan, reading.at)
    if not reading.travels and note_defect(
        reading.connection, found, door=scan.door, on=reading.at.valid_on
    ):
        reading.connection.commit()
    return found


def note_defect(connection: Connection, answer: Answer, *, door: str | None, on: date) -> bool:
    """Remember a genuine plate that was called back or hangs elsewhere; the caller commits.

    Nothing of who scanned it is known here. A forged code raises nothing: anybody could flood the
    office with invented ones. Returns whether there was something to remember.
    """
    rules = {Finding.REVOKED: REVOKED_IN_USE, Finding.WRONG_DOOR: AT_WRONG_DOOR}
    rule = rules.get(answer.finding)
    if rule is None or answer.plate is None:
        return False
    PlateOffice(connection).raise_defect(
        rule,
        plate_id=answer.plate.plate_id,
        address_id=_address_id(connection, door, on) or answer.plate.address_id,
        on=on,
    )
    return True


def _found(
    connection: Connection, code: str, serial: int, at: AsOf
) -> tuple[Address | None, Plate | None]:
    try:
        address = AddressStore(connection).get(code, at)
    except AddressIsUnknown:
        return None, None
    try:
        return address, PlateStore(connection).by_serial(code, serial, at)
    except PlateIsUnknown:
        return address, None


def _address_id(connection: Connection, door: str | None, on: date) -> UUID | None:
    if door is None:
        return None
    code = str(AddressCode.parse(door))
    try:
        return AddressStore(connection).get(code, ChangeStore(connection).as_of(on)).address_id
    except AddressIsUnknown:
        return None


def _distance_m(
    address: Address | None, plate: Plate | None, place: tuple[float, float] | None
) -> float | None:
    """How far a place is from where the plate hangs, or from its door; good to a few per cent."""
    if place is None:
        return None
    if plate is not None and plate.spot is not None:
        where = plate.spot.longitude_deg, plate.spot.latitude_deg
    elif address is not None and address.position is not None:
        where = address.position.longitude_deg, address.position.latitude_deg
    else:
        return None
    east = (place[0] - where[0]) * cos(radians(where[1]))
    return hypot(east, place[1] - where[1]) * DEGREE_M


def text_now(answer: Answer) -> str | None:
    """What the door is called now, as a plate would show it."""
    return None if answer.address is None else answer.address.text(Profile.PLATE)
