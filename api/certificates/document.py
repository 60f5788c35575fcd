"""What a certificate of address says, and its seal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from api import plate_keys
from api.web.latin import english, proposed, romanised
from qr.certificate import LONGEST_TEXT_BYTES, Seal, sealed
from registry.addresses.address_code import AddressCode
from registry.addresses.model import Address, FormerText
from registry.addresses.store import AddressStore
from registry.addresses.text import Profile
from registry.changes.model import Decree
from registry.changes.period import AsOf
from registry.divisions.store import DivisionStore
from registry.errors import NotInForce

KIND = "place-registry/address-certificate/v1"
DEGREES = "{:.6f}"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A document and the seal under it."""

    document: Mapping[str, Any]
    seal: Seal

    def as_file(self) -> dict[str, Any]:
        """The form in which it is handed out."""
        return {"certificate": self.document, "seal": str(self.seal)}


def certify(
    connection: Connection, at: AsOf, home: Path, code: str, *, issued_on: date, issuer: str
) -> Certificate:
    """The certificate of an address as it read on a day, by what was known.

    Raises:
        AddressIsUnknown: no address bears the code.
        NotInForce: it did not exist on that day.
        PlateKeyIsMissing: the secret key is not here, as on a replica.
    """
    one = AddressStore(connection).get(code, at)
    if not one.in_force:
        raise NotInForce(on=at.valid_on, what=f"address {code}")
    document = _document(connection, at, one, issued_on=issued_on, issuer=issuer)
    die = plate_keys.die(connection, home)
    seal = sealed(
        die.private,
        document,
        key_id=die.key_id,
        number=AddressCode.parse(code).number,
        at=at.valid_on,
        issued_on=issued_on,
        change=at.known,
        text=_fitting(one.text()),
    )
    return Certificate(document, seal)


def _fitting(text: str) -> str:
    """As much of an address as a seal holds; the document has all of it."""
    while len(text.encode()) > LONGEST_TEXT_BYTES:
        text = text[:-1]
    return text


def prepare_keys(connection: Connection, home: Path) -> None:
    """See that there is a key to seal with, and keep it."""
    plate_keys.ensure_keys(connection, home)
    connection.commit()


def _document(
    connection: Connection, at: AsOf, one: Address, *, issued_on: date, issuer: str
) -> dict[str, Any]:
    where = one.position
    units = DivisionStore(connection).many([link.division_id for link in one.chain], at)
    chain = [
        (
            link.name,
            link.kind.value,
            (units[link.division_id].romanisation if link.division_id in units else None)
            or proposed(link.name),
        )
        for link in reversed(one.chain)
    ]
    carrier = None if one.carrier is None else one.carrier.romanisation or one.carrier.text
    return {
        "type": KIND,
        "issuer": issuer,
        "issued_on": issued_on.isoformat(),
        "at": at.valid_on.isoformat(),
        "change": at.known,
        "address_code": one.code,
        "address": one.text(),
        "legal_address": one.text(Profile.LEGAL),
        "romanised": romanised(chain, carrier, one.parts),
        "english": english(chain, carrier, one.parts),
        "plate": one.text(Profile.PLATE),
        "status": one.stage.value,
        "generated": one.generated,
        "divisions": [
            {"name": link.name, "kind": link.kind.value, "code": link.code}
            for link in reversed(one.chain)
        ],
        "position": None
        if where is None
        else {
            "lon": DEGREES.format(where.longitude_deg),
            "lat": DEGREES.format(where.latitude_deg),
            "crs": "EPSG:4490",
            "accuracy_m": f"{where.accuracy_m:g}",
        },
        "former": list(map(_former, _texts_before(connection, at, one))),
    }


def _texts_before(
    connection: Connection, at: AsOf, one: Address
) -> list[tuple[FormerText, Decree | None]]:
    """Texts up to the day that read otherwise, each with the decree that ended it, latest first."""
    known = AddressStore(connection).history(one.code, at.known).texts
    found = [
        (text, following.decree)
        for text, following in pairwise(known)
        if text.valid_to is not None and text.valid_to <= at.valid_on and text.text != one.text()
    ]
    return found[::-1]


def _former(entry: tuple[FormerText, Decree | None]) -> dict[str, str | None]:
    was, decree = entry
    return {
        "text": was.text,
        "from": None if was.valid_from is None else was.valid_from.isoformat(),
        "to": None if was.valid_to is None else was.valid_to.isoformat(),
        "decree": None if decree is None else decree.number,
    }
