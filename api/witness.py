"""The witness (见证): what the registry signed, remembered outside its database.

Whoever can write to the database can rewrite rows, records, hashes and every checkpoint kept
there, so that they fit again. The newest checkpoint therefore also lies in a file beside the
private key, where no SQL reaches it. It is only ever replaced by one that goes on from it.
"""

import logging
import threading
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from api.log_keys import KEYS, current_checkpoint
from registry.errors import NoteIsInvalid, RegistryError
from registry.log.notes import Checkpoint
from registry.log.store import LogStore

SUFFIX = ".checkpoint"
EVERY_S = 1.0
STOP_S = 2.0
_LOG = logging.getLogger(__name__)


def witnessed(home: Path) -> list[Checkpoint]:
    """The checkpoints remembered under `home`, one for each log that was ever signed there."""
    found = []
    for file in sorted((home / KEYS).glob(f"*{SUFFIX}")):
        with suppress(NoteIsInvalid, OSError, UnicodeDecodeError):
            found.append(Checkpoint.parse(file.read_text()))
    return found


def remember(connection: Connection, home: Path, note: str) -> None:
    """Remember a checkpoint, unless it does not go on from the one that is remembered."""
    signed = Checkpoint.parse(note)
    last = next((one for one in witnessed(home) if one.origin == signed.origin), None)
    if last is not None:
        if last.size > signed.size or LogStore(connection).root(last.size) != last.root:
            _LOG.error(
                "the log of %d changes does not go on from the checkpoint of %d that was signed:"
                " run place-registry log verify",
                signed.size,
                last.size,
            )
            return
        if last.size == signed.size:
            return
    file = home / KEYS / f"{signed.origin.replace('/', '-')}{SUFFIX}"
    half = file.with_suffix(f".{threading.get_ident()}.part")
    try:
        half.write_text(note)
        half.replace(file)
    except OSError as error:
        # A full disk must not keep anybody from the checkpoint itself.
        _LOG.error("the checkpoint could not be kept in %s: %s", file, error.strerror)


def sign_and_remember(connection: Connection, home: Path) -> str:
    """The signed checkpoint of the head, remembered in the database and outside. Caller commits."""
    note = current_checkpoint(connection, home)
    if (home / KEYS).is_dir():
        remember(connection, home, note)
    return note


class Notary:
    """Signs what the log has grown to, soon after every change, while the service runs."""

    def __init__(self, engine: Engine, home: Path) -> None:
        self._engine = engine
        self._home = home
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Sign once more, and end."""
        self._stopping.set()
        self._thread.join(timeout=STOP_S)

    def _work(self) -> None:
        size = -1
        going_on = True
        while going_on:
            going_on = not self._stopping.wait(EVERY_S)
            try:
                size = self._sign_beyond(size)
            except (RegistryError, DBAPIError, OSError) as error:
                # A copy has no key; a database that is away comes back.
                _LOG.debug("nothing was signed: %s", error)

    def _sign_beyond(self, size: int) -> int:
        with self._engine.connect() as connection:
            head = LogStore(connection).size()
            if head > max(size, 0):
                sign_and_remember(connection, self._home)
                connection.commit()
            return head
