"""What the page of verification is asked, and what is to be said of it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from api import plate_keys
from api.plate_codes import Answer, Scan, judged
from api.time_travel import Reader
from api.web.residents import CertificateView, ExpectedPlate, Finding
from api.web.standing import standing_of
from qr import certificate as certificates
from qr.base32 import tidied
from qr.certificate import CertificateVerdict, Seal
from qr.verification import Finding as Found
from qr.verification import SigningKey
from registry.addresses.address_code import CHARACTERS, AddressCode, AddressCodeIsMistyped
from registry.addresses.store import AddressStore
from registry.errors import AddressIsUnknown
from registry.plates.model import Plate, RevocationReason
from registry.plates.store import PlateStore

ADDRESS_PATH = "/A/"
LONGEST_DOCUMENT = 200_000


def examine(reading: Reader, home: Path, scan: Scan) -> Finding:
    """Say what a text is: the code of a plate, of an address, or the seal of a certificate.

    Raises:
        AddressCodeIsMistyped: the door it was found at is no address code.
    """
    verdict = judge_seal(reading, home, scan.text)
    if verdict.seal is not None:
        return _of_certificate(verdict, scan.text, whole=False)
    code = _address_code(scan.text)
    if code is not None:
        return _of_address(reading, code, scan.text)
    return _of_plate(judged(reading, home, scan), scan)


def examine_document(reading: Reader, home: Path, body: bytes) -> Finding | None:
    """Say whether a certificate's file is genuine, whole; None: the bytes are no such file."""
    file = read_document(body)
    if file is None:
        return None
    verdict = judge_seal(reading, home, file["seal"], file["certificate"])
    return _of_certificate(verdict, file["seal"], whole=True)


def read_document(body: bytes) -> dict[str, Any] | None:
    """The file of a certificate; None: it is none."""
    if len(body) > LONGEST_DOCUMENT or not body.lstrip().startswith(b"{"):
        return None
    try:
        file = json.loads(body)
    except (ValueError, RecursionError):
        return None
    fits = isinstance(file.get("certificate"), dict) and isinstance(file.get("seal"), str)
    return file if fits else None


def judge_seal(
    reading: Reader, home: Path, seal: str, document: Mapping[str, Any] | None = None
) -> CertificateVerdict:
    """Judge a seal, with the document under which it stands, by the keys this registry published."""
    keys: Mapping[bytes, SigningKey] = plate_keys.trust(
        reading.connection, home, reading.at
    ).signing
    return certificates.judge(seal, keys, document)


def _of_certificate(verdict: CertificateVerdict, given: str, *, whole: bool) -> Finding:
    if verdict.finding is not Found.GENUINE or verdict.seal is None:
        standing = standing_of(verdict.finding, outdated=False, replaced=False)
        return Finding(standing, given, code=None, text=None)
    return Finding("certificate", given, certificate=_certificate(verdict.seal, whole=whole))


def _certificate(seal: Seal, *, whole: bool) -> CertificateView:
    claim = seal.claim
    code = str(AddressCode.of(claim.number))
    return CertificateView(claim.text, code, claim.at, claim.issued_on, claim.change, whole)


def _address_code(text: str) -> str | None:
    """The address code a text is, or the page's address that holds one; None: it is neither."""
    _before, mark, last = text.strip().partition("?")[0].upper().rpartition(ADDRESS_PATH)
    if "/" in last or (not mark and len(tidied(last)) != CHARACTERS):
        return None
    try:
        return str(AddressCode.parse(last))
    except AddressCodeIsMistyped:
        return None


def _of_address(reading: Reader, code: str, given: str) -> Finding:
    try:
        door = AddressStore(reading.connection).get(code, reading.at)
    except AddressIsUnknown:
        return Finding("unknown", given)
    plate = PlateStore(reading.connection).find_in_use(code, reading.at)
    return Finding(
        "address-code", given, code, door.text(), door_code=code, expected=_expected(plate)
    )


def _of_plate(found: Answer, scan: Scan) -> Finding:
    plate, code = found.plate, found.code
    standing = standing_of(
        found.finding,
        outdated=found.outdated,
        replaced=plate is not None and plate.reason is RevocationReason.REPLACED,
    )
    if code is None or found.address is None:
        return Finding(standing, scan.text)
    own = str(AddressCode.of(code.number))
    door = own if scan.door is None else str(AddressCode.parse(scan.door))
    return Finding(
        standing,
        scan.text,
        own,
        found.address.text(),
        door_code=door,
        expected=_expected(found.expected),
    )


def _expected(plate: Plate | None) -> ExpectedPlate | None:
    if plate is None:
        return None
    return ExpectedPlate(plate.shown_text, plate.shown_romanisation, plate.kind.value, plate.serial)
