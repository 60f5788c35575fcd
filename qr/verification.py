"""Whether a plate code is genuine: one pure function, the same for the service, an app or a page.

It is told everything: which keys there are, what was revoked, and at which door the code was
found. Without the issuer's tag keys a short code cannot be judged; a signed one always can.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from qr.plate_code import PlateCode, PlateCodeIsUnreadable, ShortCode, SignedCode, read_code


class Finding(StrEnum):
    """What verification found; only `GENUINE` may be trusted."""

    GENUINE = "genuine"
    UNREADABLE = "unreadable"
    """No plate code: cut off, mistyped, or of something else."""
    FORGED = "forged"
    """Tag or signature is not the issuer's: altered, or never issued."""
    UNKNOWN_KEY = "unknown-key"
    """Made with a key that this issuer never published."""
    KEY_REVOKED = "key-revoked"
    """Made with a key that got into other hands."""
    REVOKED = "revoked"
    """Issued once, and called back since: stolen, damaged or replaced."""
    WRONG_DOOR = "wrong-door"
    """Genuine, and of another door than the one it was found at."""
    NEEDS_ISSUER = "needs-issuer"
    """A short code, read where the issuer's tag keys are not: ask the issuer."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A published key."""

    public: bytes
    """32 bytes, RFC 8032."""
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class TagKey:
    """A secret key of the issuer."""

    secret: bytes
    revoked: bool = False


def _nothing_revoked(_number: int, _serial: int) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Trust:
    """What a verifier knows of the issuer."""

    signing: Mapping[bytes, SigningKey] = field(default_factory=dict)
    """By key id."""
    tags: Mapping[int, TagKey] | None = None
    """By generation; None: the verifier is not the issuer."""
    revoked: Callable[[int, int], bool] = _nothing_revoked
    """Whether a plate, by address number and serial, was called back."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found, and the code as far as it could be read."""

    finding: Finding
    code: PlateCode | None

    @property
    def genuine(self) -> bool:
        """Whether the plate may be trusted."""
        return self.finding is Finding.GENUINE


def verify(text: str, trust: Trust, *, at_door: int | None = None) -> Verdict:
    """Judge what a camera read.

    Args:
        text: a plate code or the URL that holds it.
        trust: what is known of the issuer.
        at_door: the 50 bits of the code of the address it was found at; None: not known.
    """
    try:
        code = read_code(text)
    except PlateCodeIsUnreadable:
        return Verdict(Finding.UNREADABLE, None)
    authentic = _of_tag(code, trust) if isinstance(code, ShortCode) else _of_signature(code, trust)
    if authentic is not Finding.GENUINE:
        return Verdict(authentic, code)
    if trust.revoked(code.number, code.serial):
        return Verdict(Finding.REVOKED, code)
    if at_door is not None and at_door != code.number:
        return Verdict(Finding.WRONG_DOOR, code)
    return Verdict(Finding.GENUINE, code)


def _of_tag(code: ShortCode, trust: Trust) -> Finding:
    if trust.tags is None:
        return Finding.NEEDS_ISSUER
    key = trust.tags.get(code.generation)
    if key is None:
        return Finding.UNKNOWN_KEY
    if not code.made_with(key.secret):
        return Finding.FORGED
    return Finding.KEY_REVOKED if key.revoked else Finding.GENUINE


def _of_signature(code: SignedCode, trust: Trust) -> Finding:
    key = trust.signing.get(code.claim.key_id)
    if key is None:
        return Finding.UNKNOWN_KEY
    if not code.signed_by(key.public):
        return Finding.FORGED
    return Finding.KEY_REVOKED if key.revoked else Finding.GENUINE
