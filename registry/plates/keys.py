"""The published keys of plates (防伪密钥): which there are, which succeeded which, which are bad."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, func, insert, select, update

from registry.log.notes import SigningKey, VerifierKey, sign_note
from registry.plates.tables import plate_key

NAME = "place-registry/plates"
ROTATION = "place-registry/plate-key-rotation/v1"


class Purpose(StrEnum):
    """What a key is for."""

    SIGNATURE = "signature"
    """Ed25519; its public half verifies signed codes anywhere."""
    TAG = "tag"
    """HMAC-SHA256; only the issuer can verify short codes with it."""


@dataclass(frozen=True, slots=True)
class PlateKey:
    """A key of plates, without its secret half."""

    purpose: Purpose
    generation: int
    public: bytes | None
    made_at: datetime
    revoked_at: datetime | None
    introduction: str | None


class PlateKeyStore:
    """Keys of plates inside the caller's transaction; this class never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def every(self, purpose: Purpose) -> list[PlateKey]:
        """Every key ever of a purpose, oldest first."""
        rows = self._connection.execute(
            select(
                plate_key.c.purpose,
                plate_key.c.generation,
                plate_key.c.public,
                plate_key.c.made_at,
                plate_key.c.revoked_at,
                plate_key.c.introduction,
            )
            .where(plate_key.c.purpose == purpose.value)
            .order_by(plate_key.c.generation)
        ).mappings()
        return [PlateKey(**{**row, "purpose": Purpose(row["purpose"])}) for row in rows]

    def add(
        self, purpose: Purpose, generation: int, public: bytes | None, introduction: str | None
    ) -> None:
        """Write down a new key."""
        self._connection.execute(
            insert(plate_key).values(
                purpose=purpose.value,
                generation=generation,
                public=public,
                introduction=introduction,
            )
        )

    def revoke(self, purpose: Purpose, generation: int) -> bool:
        """A key got into other hands: nothing made with it is good; whether there was such a key."""
        done = self._connection.execute(
            update(plate_key)
            .where(
                plate_key.c.purpose == purpose.value,
                plate_key.c.generation == generation,
                plate_key.c.revoked_at.is_(None),
            )
            .values(revoked_at=func.now())
        )
        return done.rowcount > 0


def introduce(old: SigningKey, new: SigningKey) -> str:
    """The rotation note: the old key names the new one, and both sign."""
    text = f"{ROTATION}\nold {old.verifier.text}\nnew {new.verifier.text}\n"
    return sign_note(text, [old, new])


def verifiers(keys: Sequence[PlateKey]) -> list[VerifierKey]:
    """The public halves as notes name them."""
    return [VerifierKey(NAME, one.public) for one in keys if one.public is not None]
