"""The code of one plate (门楼牌二维码): the last part of the URL its symbol holds, in two forms.

The **short** form is 19 characters: ten say the 50 bits of the address code, nine say 45 bits:
serial of the plate (9), generation of the tag key (4), tag (32). The tag is the beginning of an
HMAC-SHA256 whose key only the issuer has, so the issuer's service is needed to verify it: a forger
who may not ask it guesses right once in 2^32.

The **signed** form is a claim and its Ed25519 signature in base 32; the published keys verify it
with no network. Every reader that has lost its keys still learns the address from either form.
"""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from qr.base32 import (
    NotBase32,
    bytes_to_text,
    number_to_text,
    text_to_bytes,
    text_to_number,
    tidied,
)
from qr.claim import LAST_SERIAL, NUMBER_BITS, NUMBER_BYTES, ClaimIsMalformed, PlateClaim

NUMBER_CHARACTERS = 10
TRAILER_CHARACTERS = 9
SHORT_CHARACTERS = NUMBER_CHARACTERS + TRAILER_CHARACTERS
GENERATION_BITS, TAG_BITS = 4, 32
GENERATIONS = 1 << GENERATION_BITS
TAG_BYTES = TAG_BITS // 8
TAG_KEY_BYTES = 32
SIGNATURE_BYTES = 64
PATH = "/P/"
LONGEST_CODE = 400
_TAG_DOMAIN = b"place-registry/plate-tag/v1\n"


class PlateCodeIsUnreadable(ValueError):
    """The text is no plate code: cut off, mistyped, or of something else."""


@dataclass(frozen=True, slots=True)
class ShortCode:
    """A plate code with the issuer's tag."""

    number: int
    """The 50 bits of the address code."""
    serial: int
    generation: int
    """Which of the issuer's tag keys, 0 to 15."""
    tag: bytes

    def __str__(self) -> str:
        trailer = (self.serial << GENERATION_BITS | self.generation) << TAG_BITS
        trailer |= int.from_bytes(self.tag, "big")
        return number_to_text(self.number, NUMBER_CHARACTERS) + number_to_text(
            trailer, TRAILER_CHARACTERS
        )

    def made_with(self, key: bytes) -> bool:
        """Whether the tag is the one this key makes."""
        wanted = _tag(key, self.number, self.serial, self.generation)
        return hmac.compare_digest(wanted, self.tag)


@dataclass(frozen=True, slots=True)
class SignedCode:
    """A plate code that carries its claim and the signature over it."""

    claim: PlateClaim
    signature: bytes

    @property
    def number(self) -> int:
        """The 50 bits of the address code."""
        return self.claim.number

    @property
    def serial(self) -> int:
        """Which of the address's plates it is."""
        return self.claim.serial

    def __str__(self) -> str:
        return bytes_to_text(self.claim.canonical + self.signature)

    def signed_by(self, public: bytes) -> bool:
        """Whether the owner of a public key (32 bytes) signed the claim."""
        try:
            key = Ed25519PublicKey.from_public_bytes(public)
            key.verify(self.signature, self.claim.signed_bytes)
        except InvalidSignature:
            return False
        return True


PlateCode = ShortCode | SignedCode


def tagged(key: bytes, *, number: int, serial: int, generation: int) -> ShortCode:
    """The short code of a plate.

    Args:
        key: 32 secret bytes.
        number: the 50 bits of the address code.
        serial: 1 to 511.
        generation: of the key, 0 to 15.

    Raises:
        ValueError: a number is outside its range.
    """
    if not (0 <= number < 1 << NUMBER_BITS and 1 <= serial <= LAST_SERIAL):
        raise ValueError("address number or serial is outside its range")
    if not 0 <= generation < GENERATIONS or len(key) != TAG_KEY_BYTES:
        raise ValueError("a tag key has 32 bytes and a generation below 16")
    return ShortCode(number, serial, generation, _tag(key, number, serial, generation))


def signed(private: Ed25519PrivateKey, claim: PlateClaim) -> SignedCode:
    """The signed code of a plate."""
    return SignedCode(claim, private.sign(claim.signed_bytes))


def read_code(text: str) -> PlateCode:
    """Read a plate code, or the whole URL that a camera found in a symbol, of whatever host.

    Raises:
        PlateCodeIsUnreadable: it is neither.
    """
    body = tidied(_last_part(text))
    if len(body) > LONGEST_CODE:
        raise PlateCodeIsUnreadable("longer than any plate code")
    try:
        return _short(body) if len(body) == SHORT_CHARACTERS else _signed(body)
    except (NotBase32, ClaimIsMalformed) as error:
        raise PlateCodeIsUnreadable(str(error)) from error


def _last_part(text: str) -> str:
    if "/" not in text:
        return text
    try:
        path = urlsplit(text.strip()).path
    except ValueError as error:
        raise PlateCodeIsUnreadable("not a URL") from error
    before, mark, code = path.upper().rpartition(PATH)
    if not mark or "/" in code or not code:
        raise PlateCodeIsUnreadable(f"the address has no {PATH}… at its end: {before[:40]!r}")
    return code


def _short(body: str) -> ShortCode:
    number = text_to_number(body[:NUMBER_CHARACTERS])
    trailer = text_to_number(body[NUMBER_CHARACTERS:])
    tag = (trailer & (1 << TAG_BITS) - 1).to_bytes(TAG_BYTES, "big")
    head = trailer >> TAG_BITS
    serial = head >> GENERATION_BITS
    if not serial:
        raise PlateCodeIsUnreadable("serials begin at 1")
    return ShortCode(number, serial, head & GENERATIONS - 1, tag)


def _signed(body: str) -> SignedCode:
    raw = text_to_bytes(body)
    if len(raw) <= SIGNATURE_BYTES:
        raise PlateCodeIsUnreadable("too short for a plate code")
    claim = PlateClaim.parse(raw[:-SIGNATURE_BYTES])
    return SignedCode(claim, raw[-SIGNATURE_BYTES:])


def _tag(key: bytes, number: int, serial: int, generation: int) -> bytes:
    message = number.to_bytes(NUMBER_BYTES, "big") + serial.to_bytes(2, "big") + bytes([generation])
    return hmac.new(key, _TAG_DOMAIN + message, sha256).digest()[:TAG_BYTES]
