"""The seal of a certificate of address (地址证明): what is signed, and how anybody checks it.

A certificate is a JSON document. Its **seal** is a claim and an Ed25519 signature over it, in
base 32, short enough for a QR symbol on paper. The claim repeats what matters and holds the
digest of the document, so the seal alone proves the address, and with the document everything.

All numbers are big-endian:

| bytes | what |
|---|---|
| 1 | version of this layout, 193 (so that no plate code is taken for a seal) |
| 4 | id of the signing key, as in plate claims |
| 7 | number of the address: the 50 bits of its code |
| 3 + 3 | the day it speaks of, the day it was issued: days since 2000-01-01, signed |
| 4 | number of the last change the registry knew |
| 32 | SHA-256 of the document in canonical form |
| 1 + n | length, and the address: UTF-8, NFC, at most 250 bytes |

Canonical form: JSON with keys in order, no spaces, UTF-8, whole numbers only. That is RFC 8785 of
such documents.
"""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from struct import Struct
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from qr.base32 import NotBase32, bytes_to_text, text_to_bytes, tidied
from qr.claim import EPOCH, KEY_ID_BYTES, NUMBER_BITS, NUMBER_BYTES
from qr.plate_code import SIGNATURE_BYTES
from qr.verification import Finding, SigningKey

VERSION = 193
DOMAIN = b"place-registry/address-certificate/v1\n"
PATH = "/C/"
LONGEST_TEXT_BYTES = 250
LONGEST_SEAL = 700
DIGEST_BYTES = 32
_HEAD = Struct(">B4s7s3s3sI32s")
_DAY_BYTES = 3


class SealIsUnreadable(ValueError):
    """The text is no seal of a certificate: cut off, mistyped, or of something else."""


class DocumentIsUnfit(ValueError):
    """A document that has no canonical form: it holds fractions, or is no JSON object."""


@dataclass(frozen=True, slots=True)
class CertificateClaim:
    """What a certificate asserts."""

    key_id: bytes
    number: int
    """The 50 bits of the address code."""
    at: date
    """The day it speaks of."""
    issued_on: date
    change: int
    """The last change the registry knew."""
    digest: bytes
    """SHA-256 of the document."""
    text: str
    """The address, written out, as it read on the day."""

    @property
    def canonical(self) -> bytes:
        """The one form in which it is signed."""
        text = unicodedata.normalize("NFC", self.text).encode()
        if len(text) > LONGEST_TEXT_BYTES:
            raise ValueError(f"an address has at most {LONGEST_TEXT_BYTES} bytes")
        head = _HEAD.pack(
            VERSION,
            self.key_id,
            self.number.to_bytes(NUMBER_BYTES, "big"),
            _days(self.at),
            _days(self.issued_on),
            self.change,
            self.digest,
        )
        return head + bytes([len(text)]) + text

    @classmethod
    def parse(cls, body: bytes) -> "CertificateClaim":
        """Read canonical bytes.

        Raises:
            SealIsUnreadable: anything that `canonical` would not have written.
        """
        try:
            _version, key_id, number, at, issued, change, digest = _HEAD.unpack_from(body)
            rest = body[_HEAD.size :]
            claim = cls(
                key_id,
                int.from_bytes(number, "big"),
                _day(at),
                _day(issued),
                change,
                digest,
                rest[1:].decode(),
            )
            if claim.number >> NUMBER_BITS or claim.canonical != body:
                raise ValueError("not in canonical form")
        except Exception as error:
            raise SealIsUnreadable(f"not a certificate claim: {error}") from error
        return claim


@dataclass(frozen=True, slots=True)
class Seal:
    """A claim and the signature over it."""

    claim: CertificateClaim
    signature: bytes

    def __str__(self) -> str:
        return bytes_to_text(self.claim.canonical + self.signature)

    def signed_by(self, public: bytes) -> bool:
        """Whether the owner of a public key (32 bytes) signed the claim."""
        try:
            key = Ed25519PublicKey.from_public_bytes(public)
            key.verify(self.signature, DOMAIN + self.claim.canonical)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class CertificateVerdict:
    """What was found, and the seal as far as it could be read."""

    finding: Finding
    """`genuine`, `unreadable`, `forged` (seal or document altered), `unknown-key`, `key-revoked`."""
    seal: Seal | None


def canonical(document: Mapping[str, Any]) -> bytes:
    """The one form of a document that is hashed.

    Raises:
        DocumentIsUnfit: it holds a fraction, which writers of JSON disagree about, or no text.
    """
    try:
        if _fraction(document):
            raise DocumentIsUnfit("numbers of a certificate are whole; write others as text")
        written = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return written.encode()
    except UnicodeEncodeError as error:
        raise DocumentIsUnfit("it holds half a character") from error
    except RecursionError as error:
        raise DocumentIsUnfit("it is nested deeper than any certificate") from error


def sealed(
    private: Ed25519PrivateKey,
    document: Mapping[str, Any],
    *,
    key_id: bytes,
    number: int,
    at: date,
    issued_on: date,
    change: int,
    text: str,
) -> Seal:
    """Seal a document; `text` is the address it certifies."""
    digest = hashlib.sha256(canonical(document)).digest()
    claim = CertificateClaim(key_id, number, at, issued_on, change, digest, text)
    return Seal(claim, private.sign(DOMAIN + claim.canonical))


def read_seal(text: str) -> Seal:
    """Read a seal, or the whole URL that a camera found in a symbol, of whatever host.

    Raises:
        SealIsUnreadable: it is neither.
    """
    try:
        path = urlsplit(text.strip()).path if "/" in text else PATH + text
    except ValueError as error:
        raise SealIsUnreadable("not a URL") from error
    before, mark, code = path.upper().rpartition(PATH)
    body = tidied(code)
    if not mark or "/" in code or not 0 < len(body) <= LONGEST_SEAL:
        raise SealIsUnreadable(f"the address has no {PATH}… at its end: {before[:40]!r}")
    try:
        raw = text_to_bytes(body)
    except NotBase32 as error:
        raise SealIsUnreadable(str(error)) from error
    if len(raw) <= SIGNATURE_BYTES + KEY_ID_BYTES:
        raise SealIsUnreadable("too short for a seal")
    return Seal(CertificateClaim.parse(raw[:-SIGNATURE_BYTES]), raw[-SIGNATURE_BYTES:])


def judge(
    text: str, keys: Mapping[bytes, SigningKey], document: Mapping[str, Any] | None = None
) -> CertificateVerdict:
    """Judge a seal, and the document it stands under where there is one.

    Args:
        text: a seal or the URL that holds it.
        keys: the issuer's published keys, by key id.
    """
    try:
        seal = read_seal(text)
    except SealIsUnreadable:
        return CertificateVerdict(Finding.UNREADABLE, None)
    key = keys.get(seal.claim.key_id)
    if key is None:
        return CertificateVerdict(Finding.UNKNOWN_KEY, seal)
    if not seal.signed_by(key.public) or not _fits(document, seal.claim.digest):
        return CertificateVerdict(Finding.FORGED, seal)
    return CertificateVerdict(Finding.KEY_REVOKED if key.revoked else Finding.GENUINE, seal)


def _fits(document: Mapping[str, Any] | None, digest: bytes) -> bool:
    if document is None:
        return True
    try:
        return hashlib.sha256(canonical(document)).digest() == digest
    except DocumentIsUnfit:
        return False


def _fraction(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_fraction(one) for one in value.values())
    if isinstance(value, list | tuple):
        return any(_fraction(one) for one in value)
    return isinstance(value, float)


def _days(day: date) -> bytes:
    return (day - EPOCH).days.to_bytes(_DAY_BYTES, "big", signed=True)


def _day(body: bytes) -> date:
    return EPOCH + timedelta(days=int.from_bytes(body, "big", signed=True))
