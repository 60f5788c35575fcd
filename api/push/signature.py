"""Signatures of webhooks, and the secrets they are made with.

A subscription's secret is derived from a key in a file and from the subscription's id; it is
shown once and stored nowhere. Every server over one database needs the same file.

Source: Standard Webhooks 1.0.0, https://www.standardwebhooks.com
"""

import base64
import contextlib
import hashlib
import hmac
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from registry.errors import WebhookKeyIsMissing

KEY_BYTES = 32
FOLDER, FILE = "keys", "webhooks.key"
PREFIX = "whsec_"


@dataclass(frozen=True, slots=True)
class Signer:
    """Makes the secret of each subscription, and signs with it."""

    home: Path

    @property
    def file(self) -> Path:
        """Where the key is kept."""
        return self.home / FOLDER / FILE

    def make_key(self) -> None:
        """Make a key, if there is none. Other keys make other secrets: only before the first."""
        if not self.file.exists():
            _make(self.file)

    def secret(self, subscription_id: UUID) -> str:
        """The secret as its receiver gets it: `whsec_` and base64."""
        return PREFIX + base64.b64encode(self._secret(subscription_id)).decode()

    def sign(self, subscription_id: UUID, *, message_id: str, timestamp: int, body: bytes) -> str:
        """The `webhook-signature` of a message: `v1,` and base64 of HMAC-SHA256."""
        secret = self._secret(subscription_id)
        return signature(secret, message_id=message_id, timestamp=timestamp, body=body)

    def _secret(self, subscription_id: UUID) -> bytes:
        try:
            master = self.file.read_bytes()
        except FileNotFoundError as error:
            raise WebhookKeyIsMissing(str(self.file)) from error
        if len(master) != KEY_BYTES:
            raise WebhookKeyIsMissing(str(self.file))
        return hmac.digest(master, subscription_id.bytes, hashlib.sha256)


def signature(secret: bytes, *, message_id: str, timestamp: int, body: bytes) -> str:
    """Version 1 of the signature: HMAC-SHA256 of id, time and body."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def _make(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    # Readable by the owner only from the start, whole or not there, and the first to come wins.
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=FILE)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(os.urandom(KEY_BYTES))
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(name, file)
    finally:
        Path(name).unlink()
