"""What a plate code asserts (PlateClaim 防伪码): which plate, of which door, since when.

A claim is signed with Ed25519 over its canonical bytes. Anybody can write a verifier from this
page; docs/plates.md gives worked examples. All numbers are big-endian:

| bytes | what |
|---|---|
| 1 | version of this layout, 1 |
| 4 | id of the signing key: the first bytes of SHA-256 of its 32 public bytes |
| 7 | number of the address: the 50 bits of its code |
| 2 | serial of the plate among all plates the address ever had, 1 to 511 |
| 2 | day of issue, in days since 2000-01-01 |
| 1 | kind of plate, `PlateKind` |
| 1 | 1 when a position follows, else 0 |
| 3+3 | longitude and latitude, signed, in 1e-4 degrees (about 11 m), EPSG:4490; only with position |
| 1 | length of the text in bytes |
| n | what the plate shows, UTF-8, NFC |

The host that serves the page is not part of it: a plate outlives its domain.
"""

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from struct import Struct

VERSION = 1
EPOCH = date(2000, 1, 1)
NUMBER_BITS = 50
NUMBER_BYTES = 7
LAST_SERIAL = 511
LAST_DAY = 0xFFFF
LONGEST_TEXT_BYTES = 120
KEY_ID_BYTES = 4
DOMAIN = b"place-registry/plate-claim/v1\n"
"""Stands before the claim in what is signed, so that the signature means nothing elsewhere."""
DEGREE = 10_000
_HEAD = Struct(">B4s7sHHBB")
_DEGREES_BYTES = 3


class PlateKind(IntEnum):
    """Plates of the sign standard (门楼牌) that carry a code."""

    SMALL = 1
    MEDIUM = 2
    LARGE = 3


class ClaimIsMalformed(ValueError):
    """The bytes are no claim this layout writes."""


@dataclass(frozen=True, slots=True)
class PlateClaim:
    """The assertion a signed plate code carries."""

    key_id: bytes
    number: int
    """The 50 bits of the address code."""
    serial: int
    kind: PlateKind
    issued_on: date
    text: str
    """What the plate at this door shows: carrier and door number."""
    position: tuple[float, float] | None = None
    """Longitude and latitude, degrees, EPSG:4490, to 1e-4 degrees."""

    def __post_init__(self) -> None:
        if len(self.key_id) != KEY_ID_BYTES:
            raise ValueError("a key id has four bytes")
        if not 0 <= self.number < 1 << NUMBER_BITS:
            raise ValueError(f"an address code carries {NUMBER_BITS} bits")
        if not 1 <= self.serial <= LAST_SERIAL:
            raise ValueError(f"serials run from 1 to {LAST_SERIAL}, not {self.serial}")
        if not 0 <= (self.issued_on - EPOCH).days <= LAST_DAY:
            raise ValueError(f"a day of issue lies within {LAST_DAY} days after {EPOCH}")
        if len(self.text.encode()) > LONGEST_TEXT_BYTES:
            raise ValueError(f"a plate's text has at most {LONGEST_TEXT_BYTES} bytes")

    @property
    def canonical(self) -> bytes:
        """The one form in which this claim is signed."""
        text = unicodedata.normalize("NFC", self.text).encode()
        head = _HEAD.pack(
            VERSION,
            self.key_id,
            self.number.to_bytes(NUMBER_BYTES, "big"),
            self.serial,
            (self.issued_on - EPOCH).days,
            self.kind,
            self.position is not None,
        )
        where = b"".join(map(_degrees, self.position or ()))
        return head + where + bytes([len(text)]) + text

    @property
    def signed_bytes(self) -> bytes:
        """What the signature is over."""
        return DOMAIN + self.canonical

    @classmethod
    def parse(cls, body: bytes) -> "PlateClaim":
        """Read canonical bytes.

        Raises:
            ClaimIsMalformed: anything that `canonical` would not have written.
        """
        try:
            claim = cls._parse(body)
        except (ValueError, IndexError, OverflowError) as error:
            raise ClaimIsMalformed(f"not a plate claim: {error}") from error
        if claim.canonical != body:
            raise ClaimIsMalformed("not in canonical form")
        return claim

    @classmethod
    def _parse(cls, body: bytes) -> "PlateClaim":
        if len(body) <= _HEAD.size or body[0] != VERSION:
            raise ValueError("cut off, or of a version not known here")
        _version, key_id, number, serial, day, kind, flag = _HEAD.unpack_from(body)
        rest = body[_HEAD.size :]
        position = None
        if flag:
            first, second = rest[:_DEGREES_BYTES], rest[_DEGREES_BYTES : 2 * _DEGREES_BYTES]
            position = _to_degrees(first), _to_degrees(second)
            rest = rest[2 * _DEGREES_BYTES :]
        if len(rest) != rest[0] + 1:
            raise ValueError("cut off, or with something added")
        return cls(
            key_id=key_id,
            number=int.from_bytes(number, "big"),
            serial=serial,
            kind=PlateKind(kind),
            issued_on=EPOCH + timedelta(days=day),
            text=rest[1:].decode(),
            position=position,
        )


def key_id_of(public: bytes) -> bytes:
    """The id of a signing key, from its 32 public bytes."""
    return hashlib.sha256(public).digest()[:KEY_ID_BYTES]


def _degrees(value: float) -> bytes:
    return round(value * DEGREE).to_bytes(_DEGREES_BYTES, "big", signed=True)


def _to_degrees(body: bytes) -> float:
    if len(body) != _DEGREES_BYTES:
        raise ValueError("cut off")
    return int.from_bytes(body, "big", signed=True) / DEGREE
