"""Signed notes: what the registry puts its name to, and how anybody checks it.

A note is text whose every line ends in a newline; after an empty line follow the signatures.
Keys are Ed25519; a key's id is the beginning of a hash of its name and its public half.

Source: C2SP signed-note and tlog-checkpoint (c2sp.org), RFC 8032.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from registry.errors import NoteIsInvalid
from registry.log.merkle import HASH_BYTES

ED25519 = b"\x01"
ID_BYTES = 4
SIGNATURE_BYTES = 64
DASH = "— "
CHECKPOINT_LINES = 3


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public half of a key (公钥), with the name it signs under."""

    name: str
    public: bytes
    """32 bytes, RFC 8032."""

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        named = self.name.encode() + b"\n" + ED25519 + self.public
        return hashlib.sha256(named).digest()[:ID_BYTES]

    @property
    def text(self) -> str:
        """The key as C2SP writes it: name+id+base64."""
        key = base64.b64encode(ED25519 + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{key}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read a key as C2SP writes it.

        Raises:
            NoteIsInvalid: it is written otherwise, or is no Ed25519 key.
        """
        name, plus, rest = text.strip().partition("+")
        key_id, again, encoded = rest.partition("+")
        raw = _decoded(encoded)
        if not (name and plus and again) or raw[:1] != ED25519 or len(raw) != HASH_BYTES + 1:
            raise NoteIsInvalid("a verifier key reads name+id+base64 and is an Ed25519 key")
        found = cls(name, raw[1:])
        if found.key_id.hex() != key_id:
            raise NoteIsInvalid("the id of the verifier key does not belong to it")
        return found

    def signed(self, text: str, signature: bytes) -> bool:
        """Whether this key made a signature over a text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A whole key (签名密钥); the private half never leaves the process but into its file."""

    name: str
    private: Ed25519PrivateKey

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, self.private.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """One signature line."""
        signature = self.verifier.key_id + self.private.sign(text.encode())
        return f"{DASH}{self.name} {base64.b64encode(signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the registry says of its log at one size (检查点)."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read the text of a checkpoint.

        Raises:
            NoteIsInvalid: it does not read like one.
        """
        lines = text.splitlines()
        if len(lines) < CHECKPOINT_LINES or not lines[1].isdigit():
            raise NoteIsInvalid("a checkpoint has an origin, a size and a root, one a line")
        root = _decoded(lines[2])
        if len(root) != HASH_BYTES:
            raise NoteIsInvalid("the root of a checkpoint has 32 bytes")
        return cls(lines[0], int(lines[1]), root)


def sign_note(text: str, keys: Sequence[SigningKey]) -> str:
    """A text with one signature a key."""
    return f"{text}\n{''.join(key.sign(text) for key in keys)}"


def open_note(note: str, keys: Sequence[VerifierKey]) -> tuple[str, list[VerifierKey]]:
    """The text of a note, and which of the keys signed it; other signatures are passed over.

    Raises:
        NoteIsInvalid: it is no note, no given key signed it, or a given key's signature is false.
    """
    text, gap, tail = note.rpartition("\n\n")
    lines = tail.splitlines()
    if not gap or not lines or any(not line.startswith(DASH) for line in lines):
        raise NoteIsInvalid("a note is a text, an empty line and signatures")
    text += "\n"
    found = [key for line in lines for key in _signer(text, line, keys)]
    if not found:
        raise NoteIsInvalid("none of the trusted keys signed it")
    return text, found


def _signer(text: str, line: str, keys: Sequence[VerifierKey]) -> list[VerifierKey]:
    name, _space, encoded = line.removeprefix(DASH).partition(" ")
    raw = _decoded(encoded)
    for key in keys:
        if key.name == name and raw[:ID_BYTES] == key.key_id:
            if len(raw) != ID_BYTES + SIGNATURE_BYTES or not key.signed(text, raw[ID_BYTES:]):
                raise NoteIsInvalid(f"the signature of {name} is false")
            return [key]
    return []


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteIsInvalid("not base64") from error
