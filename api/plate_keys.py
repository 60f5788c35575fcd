"""The keys plates are made with; secret halves are files of whoever runs the registry."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from sqlalchemy import Connection, text

from api.log_keys import KEYS
from api.secret_files import write_secret
from qr.claim import key_id_of
from qr.plate_code import GENERATIONS, TAG_KEY_BYTES
from qr.verification import SigningKey as PublishedKey
from qr.verification import TagKey, Trust
from registry.addresses.address_code import AddressCode
from registry.changes.period import AsOf
from registry.log.notes import SigningKey
from registry.plates.errors import PlateKeyIsMissing
from registry.plates.keys import NAME, PlateKey, PlateKeyStore, Purpose, introduce
from registry.plates.store import PlateStore

ALONE = text("LOCK TABLE plate_key IN SHARE ROW EXCLUSIVE MODE")


@dataclass(frozen=True, slots=True)
class Die:
    """What codes are struck with: the two keys in use (防伪密钥)."""

    private: Ed25519PrivateKey
    key_id: bytes
    tag: bytes
    generation: int
    """Of the tag key, as a code has room for it."""


def ensure_keys(connection: Connection, home: Path) -> None:
    """See that there is a key of each purpose. The caller commits."""
    store = PlateKeyStore(connection)
    if store.every(Purpose.SIGNATURE) and store.every(Purpose.TAG):
        return
    connection.execute(ALONE)
    if not store.every(Purpose.SIGNATURE):
        made = _make_signing(home, 0)
        store.add(Purpose.SIGNATURE, 0, made.verifier.public, None)
    if not store.every(Purpose.TAG):
        _make_tag(home, 0)
        store.add(Purpose.TAG, 0, None, None)


def die(connection: Connection, home: Path) -> Die:
    """The keys in use.

    Raises:
        PlateKeyIsMissing: a secret half is not here, as on a replica.
    """
    store = PlateKeyStore(connection)
    signing, tags = store.every(Purpose.SIGNATURE), store.every(Purpose.TAG)
    if not signing or not tags:
        raise PlateKeyIsMissing(str(home / KEYS))
    private = _signing(home, signing[-1].generation).private
    public = private.public_key().public_bytes_raw()
    tag = tags[-1].generation
    secret = _secret(_tag_file(home, tag))
    return Die(private, key_id_of(public), secret, tag % GENERATIONS)


def trust(connection: Connection, home: Path, at: AsOf) -> Trust:
    """Everything this service knows of its plates on a day."""
    store = PlateKeyStore(connection)
    signing = {
        key_id_of(one.public): PublishedKey(one.public, revoked=one.revoked_at is not None)
        for one in store.every(Purpose.SIGNATURE)
        if one.public is not None
    }
    tags = {
        one.generation % GENERATIONS: TagKey(_secret(file), revoked=one.revoked_at is not None)
        for one in store.every(Purpose.TAG)
        if (file := _tag_file(home, one.generation)).exists()
    }

    def called_back(number: int, serial: int) -> bool:
        return PlateStore(connection).is_revoked(str(AddressCode.of(number)), serial, at)

    return Trust(signing=signing, tags=tags or None, revoked=called_back)


def rotate(connection: Connection, home: Path, purpose: Purpose) -> PlateKey:
    """Put a new key in the place of the one in use, which goes on verifying. The caller commits.

    Raises:
        PlateKeyIsMissing: the signing key in use cannot vouch for its heir.
    """
    connection.execute(ALONE)
    store = PlateKeyStore(connection)
    held = store.every(purpose)
    generation = held[-1].generation + 1 if held else 0
    if purpose is Purpose.TAG:
        _make_tag(home, generation)
        store.add(purpose, generation, None, None)
    else:
        # A key that got into other hands vouches for nobody.
        old = _signing(home, generation - 1) if held and held[-1].revoked_at is None else None
        new = _make_signing(home, generation)
        note = None if old is None else introduce(old, new)
        store.add(purpose, generation, new.verifier.public, note)
    return store.every(purpose)[-1]


def revoke(connection: Connection, purpose: Purpose, generation: int) -> bool:
    """Nothing made with a key is good any more; whether it was. The caller commits."""
    return PlateKeyStore(connection).revoke(purpose, generation)


def _make_signing(home: Path, generation: int) -> SigningKey:
    key = Ed25519PrivateKey.generate()
    body = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write_unless_there(_signing_file(home, generation), body)
    return _signing(home, generation)


def _make_tag(home: Path, generation: int) -> None:
    _write_unless_there(_tag_file(home, generation), secrets.token_bytes(TAG_KEY_BYTES))


def _write_unless_there(file: Path, body: bytes) -> None:
    """A key that is there and not written down is of a run cut off before its commit: it serves."""
    if not file.exists():
        write_secret(file, body)


def _signing(home: Path, generation: int) -> SigningKey:
    private = load_pem_private_key(_secret(_signing_file(home, generation)), password=None)
    assert isinstance(private, Ed25519PrivateKey)
    return SigningKey(NAME, private)


def _secret(file: Path) -> bytes:
    if not file.exists():
        raise PlateKeyIsMissing(file.name)
    return file.read_bytes()


def _signing_file(home: Path, generation: int) -> Path:
    return home / KEYS / f"plate-signature-{generation}.pem"


def _tag_file(home: Path, generation: int) -> Path:
    return home / KEYS / f"plate-tag-{generation}.key"
