"""Plates as they leave the registry: their public shape, and what verification answers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from api.plate_codes import Answer, text_now
from qr.plate_code import SignedCode
from qr.verification import Finding
from registry.addresses.address_code import AddressCode
from registry.plates.keys import PlateKey
from registry.plates.model import Plate, WorkOrder
from registry.plates.reprint import Reprint

MEANING: dict[Finding, tuple[str, str]] = {
    Finding.GENUINE: (
        "真牌：由本登记库核发，仍然有效",
        "Genuine: issued by this registry and in force",
    ),
    Finding.UNREADABLE: ("不是门牌码", "Not a plate code"),
    Finding.FORGED: (
        "假牌：不是本登记库核发，或内容被改动",
        "Forged: not issued by this registry, or altered",
    ),
    Finding.UNKNOWN_KEY: (
        "假牌：所用密钥不是本登记库公布的",
        "Forged: made with a key this registry never published",
    ),
    Finding.KEY_REVOKED: (
        "不可信：所用密钥已作废",
        "Not to be trusted: the key it was made with was revoked",
    ),
    Finding.REVOKED: ("已作废的门牌", "A plate that was called back"),
    Finding.WRONG_DOOR: (
        "真牌，但属于别处：可能被复制或移挂",
        "Genuine, but of another door: it may have been copied or moved",
    ),
    Finding.NEEDS_ISSUER: (
        "此处不能核验短码，请向核发的登记库核验",
        "Short codes cannot be verified here: ask the issuing registry",
    ),
}
"""What each finding means, in Chinese and English."""


class SpotView(msgspec.Struct, frozen=True):
    """Where a plate hangs: degrees, EPSG:4490."""

    lon: float
    lat: float


class PlateView(msgspec.Struct, frozen=True):
    """One plate."""

    id: UUID
    address_code: str
    serial: int
    kind: str
    state: str
    text: str
    romanisation: str | None
    issued_on: date
    since: date | None
    reason: str | None
    spot: SpotView | None
    photo_sha256: str | None


class ClaimView(msgspec.Struct, frozen=True):
    """What a signed code asserts, and by whom."""

    key_id: str
    serial: int
    kind: str
    issued_on: date
    text: str
    lon: float | None
    lat: float | None


class VerdictView(msgspec.Struct, frozen=True):
    """What verification answers."""

    finding: str
    genuine: bool
    meaning_zh: str
    meaning_en: str
    address_code: str | None
    address: str | None
    """The full text of the address the code is of, as it reads now."""
    text_now: str | None
    """What a plate of that address would show now."""
    form: str | None
    claim: ClaimView | None
    plate: PlateView | None
    """The very plate, as issued."""
    expected: PlateView | None
    """What the plate at this door must look like."""
    distance_m: int | None


def plate_of(one: Plate) -> PlateView:
    """A plate's public shape."""
    spot = one.spot
    return PlateView(
        id=one.plate_id,
        address_code=one.address_code,
        serial=one.serial,
        kind=one.kind.value,
        state=one.state.value,
        text=one.shown_text,
        romanisation=one.shown_romanisation,
        issued_on=one.issued_on,
        since=one.since,
        reason=None if one.reason is None else one.reason.value,
        spot=None if spot is None else SpotView(spot.longitude_deg, spot.latitude_deg),
        photo_sha256=one.photo_sha256,
    )


def verdict_of(found: Answer) -> VerdictView:
    """What verification answers, for a reader."""
    chinese, english = MEANING[found.finding]
    code = found.code
    return VerdictView(
        finding=found.finding.value,
        genuine=found.finding is Finding.GENUINE,
        meaning_zh=chinese,
        meaning_en=english,
        address_code=None if code is None else str(AddressCode.of(code.number)),
        address=None if found.address is None else found.address.text(),
        text_now=text_now(found),
        form=None if code is None else "signed" if isinstance(code, SignedCode) else "short",
        claim=_claim(code) if isinstance(code, SignedCode) else None,
        plate=None if found.plate is None else plate_of(found.plate),
        expected=None if found.expected is None else plate_of(found.expected),
        distance_m=None if found.distance_m is None else round(found.distance_m),
    )


def key_of(one: PlateKey, key_id: str | None, verifier: str | None) -> dict[str, Any]:
    """A published key."""
    return {
        "purpose": one.purpose.value,
        "generation": one.generation,
        "key_id": key_id,
        "public": None if one.public is None else one.public.hex(),
        "verifier": verifier,
        "made_at": one.made_at,
        "revoked_at": one.revoked_at,
        "introduction": one.introduction,
    }


def reprint_of(one: Reprint) -> dict[str, Any]:
    """A plate against what its door is called."""
    return {
        "plate": plate_of(one.plate),
        "ought_to_show": one.text,
        "need": one.need.name.lower(),
        "rank": one.need.value,
        "valid": one.valid,
    }


def order_of(one: WorkOrder) -> dict[str, Any]:
    """A work order with its plates."""
    body: dict[str, Any] = msgspec.to_builtins(one)
    opened: datetime = one.opened_at
    return {"id": body.pop("work_order_id"), **body, "opened_at": opened}


def _claim(code: SignedCode) -> ClaimView:
    claim = code.claim
    lon, lat = claim.position or (None, None)
    return ClaimView(
        key_id=claim.key_id.hex(),
        serial=claim.serial,
        kind=claim.kind.name.lower(),
        issued_on=claim.issued_on,
        text=claim.text,
        lon=lon,
        lat=lat,
    )
