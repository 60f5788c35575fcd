"""The log's signing key: its private half is a file of whoever runs the registry, never in the database."""

import base64
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from sqlalchemy import Connection, Engine, text

from api.secret_files import write_secret
from registry.errors import SigningKeyIsMissing
from registry.log.keychain import introduce
from registry.log.notes import Checkpoint, SigningKey, VerifierKey, sign_note
from registry.log.sealing import seal_backlog
from registry.log.store import LogStore

KEYS = "keys"
ALONE = text("LOCK TABLE log_key IN SHARE ROW EXCLUSIVE MODE")


def prepare_log(engine: Engine, home: Path, origin: str | None) -> None:
    """See that every change is in the log and that there is a key; safe to call at every start."""
    with engine.connect() as connection:
        seal_backlog(connection)
        connection.execute(ALONE)
        store = LogStore(connection)
        if not store.every_key():
            name = origin or f"place-registry/{secrets.token_hex(6)}"
            store.add_key(_make(home, name).verifier, since_size=store.size(), introduction=None)
        connection.commit()


def signing_key(connection: Connection, home: Path) -> SigningKey:
    """The key in use.

    Raises:
        SigningKeyIsMissing: its file is not here, as on a replica.
    """
    keys = LogStore(connection).every_key()
    if not keys:
        raise SigningKeyIsMissing(key_id="(none)", file=str(home / KEYS))
    current = keys[-1].verifier
    file = _file(home, current)
    if not file.exists():
        raise SigningKeyIsMissing(key_id=current.key_id.hex(), file=str(file))
    private = load_pem_private_key(file.read_bytes(), password=None)
    assert isinstance(private, Ed25519PrivateKey)
    return SigningKey(current.name, private)


def current_checkpoint(connection: Connection, home: Path) -> str:
    """The signed checkpoint of the head; what is signed is kept. The caller commits.

    Where the private key is missing, as on a replica, the latest checkpoint that was received.

    Raises:
        SigningKeyIsMissing: nothing was ever signed, and nothing can be.
    """
    store = LogStore(connection)
    size = store.size()
    try:
        key = signing_key(connection, home)
    except SigningKeyIsMissing:
        kept = store.checkpoints()
        if not kept:
            raise
        return kept[-1][1]
    signed = store.find_checkpoint(size, key.verifier)
    if signed is None:
        signed = sign_note(Checkpoint(key.name, size, store.root(size)).text, [key])
        store.keep_checkpoint(size, key.verifier, signed)
    return signed


def rotate_key(connection: Connection, home: Path) -> VerifierKey:
    """Put a new key in the place of the one in use, which vouches for it. The caller commits.

    Raises:
        SigningKeyIsMissing: the key in use cannot vouch for its heir.
    """
    connection.execute(ALONE)
    store = LogStore(connection)
    old = signing_key(connection, home)
    current_checkpoint(connection, home)
    new = _make(home, old.name)
    size = store.size()
    root = base64.b64encode(store.root(size)).decode()
    store.add_key(
        new.verifier, since_size=size, introduction=introduce(old, new, size=size, root=root)
    )
    note = sign_note(Checkpoint(new.name, size, store.root(size)).text, [old, new])
    store.keep_checkpoint(size, new.verifier, note)
    return new.verifier


def _make(home: Path, name: str) -> SigningKey:
    key = SigningKey(name, Ed25519PrivateKey.generate())
    body = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_secret(_file(home, key.verifier), body)
    return key


def _file(home: Path, key: VerifierKey) -> Path:
    return home / KEYS / f"log-{key.key_id.hex()}.pem"
