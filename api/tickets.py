"""Tickets of reports (查询号): who holds one may follow; eighty random bits that nobody guesses."""

import hashlib
import secrets
from typing import Final

from qr.base32 import number_to_text, tidied

BITS: Final = 80
CHARACTERS: Final = 16
GROUP: Final = 4
LONGEST: Final = 60
"""Characters of a ticket as somebody may type it."""
_DOMAIN: Final = b"place-registry/ticket/v1\n"


def new_ticket() -> str:
    """A ticket as it is printed for people: ABCD-EFGH-JKMN-PQRS."""
    drawn = number_to_text(secrets.randbits(BITS), CHARACTERS)
    return "-".join(drawn[at : at + GROUP] for at in range(0, CHARACTERS, GROUP))


def digest_of(ticket: str) -> bytes:
    """What is kept of a ticket, however it is typed."""
    return hashlib.sha256(_DOMAIN + tidied(ticket[:LONGEST]).encode()).digest()
