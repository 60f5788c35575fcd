"""Reading and keeping the log: records, roots, proofs, keys and what was signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from registry.errors import LogHasNoSuchSize
from registry.log.merkle import Place, consistency_path, inclusion_path, leaf_hash, root_of
from registry.log.notes import VerifierKey
from registry.log.sealing import fetch_nodes
from registry.log.tables import log_checkpoint, log_entry, log_key, log_node


@dataclass(frozen=True, slots=True)
class LogKey:
    """A key the log was or is signed with (日志密钥)."""

    verifier: VerifierKey
    since_size: int
    created_at: datetime
    retired_at: datetime | None
    introduction: str | None
    """The note by which the key before vouches for it; None for the first."""


class LogStore:
    """The log inside the caller's transaction; this class never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def size(self) -> int:
        """Changes in the log."""
        return self._connection.scalar(select(func.max(log_entry.c.number))) or 0

    def root(self, size: int) -> bytes:
        """Root of the tree of the first `size` changes.

        Raises:
            LogHasNoSuchSize: the log is shorter.
        """
        self._refuse_beyond(size, f"size {size}")
        return root_of(size, self._fetch)

    def inclusion(self, change: int, size: int) -> tuple[bytes, list[bytes]]:
        """Leaf of a change, and the path that proves it in the tree of `size` changes.

        Raises:
            LogHasNoSuchSize: the change is not in that tree, or the log is shorter.
        """
        self._refuse_beyond(size, f"size {size}")
        if not 1 <= change <= size:
            raise LogHasNoSuchSize(asked=f"change {change} in size {size}", size=self.size())
        leaf = self._fetch([Place(0, change - 1)])[Place(0, change - 1)]
        return leaf, inclusion_path(change - 1, size, self._fetch)

    def consistency(self, first: int, second: int) -> list[bytes]:
        """Proof that the log of `second` changes begins with that of `first`.

        Raises:
            LogHasNoSuchSize: the log is shorter, or `first` is larger than `second`.
        """
        self._refuse_beyond(second, f"size {second}")
        if not 0 <= first <= second:
            raise LogHasNoSuchSize(asked=f"size {first} within {second}", size=self.size())
        return consistency_path(first, second, self._fetch)

    def records(self, first: int, last: int) -> dict[int, str]:
        """Records of the changes `first` to `last`, by number."""
        rows = self._connection.execute(
            select(log_entry.c.number, log_entry.c.record)
            .where(log_entry.c.number.between(first, last))
            .order_by(log_entry.c.number)
        )
        return {row.number: row.record for row in rows}

    def hashes(self, level: int, start: int, count: int) -> list[bytes]:
        """Neighbouring hashes of one level: a tile."""
        return [
            bytes(value)
            for value in self._connection.scalars(
                select(log_node.c.hash)
                .where(
                    log_node.c.level == level, log_node.c.place.between(start, start + count - 1)
                )
                .order_by(log_node.c.place)
            )
        ]

    def every_key(self) -> list[LogKey]:
        """Every key, oldest first."""
        rows = self._connection.execute(select(log_key).order_by(log_key.c.created_at)).mappings()
        return [
            LogKey(
                verifier=VerifierKey(row["origin"], bytes(row["public_key"])),
                since_size=row["since_size"],
                created_at=row["created_at"],
                retired_at=row["retired_at"],
                introduction=row["introduction"],
            )
            for row in rows
        ]

    def add_key(self, key: VerifierKey, *, since_size: int, introduction: str | None) -> None:
        """Keep a new key; the ones before it retire."""
        self._connection.execute(
            update(log_key)
            .where(log_key.c.retired_at.is_(None))
            .values(retired_at=func.clock_timestamp())
        )
        self._connection.execute(
            insert(log_key).values(
                key_id=key.key_id.hex(),
                origin=key.name,
                public_key=key.public,
                created_at=func.clock_timestamp(),
                since_size=since_size,
                introduction=introduction,
            )
        )

    def find_checkpoint(self, size: int, key: VerifierKey) -> str | None:
        """The note signed at a size by a key, if one was."""
        return self._connection.scalar(
            select(log_checkpoint.c.note).where(
                log_checkpoint.c.size == size, log_checkpoint.c.key_id == key.key_id.hex()
            )
        )

    def keep_checkpoint(self, size: int, key: VerifierKey, note: str) -> None:
        """Remember what was signed; the same note twice is one."""
        self._connection.execute(
            upsert(log_checkpoint)
            .values(size=size, key_id=key.key_id.hex(), note=note)
            .on_conflict_do_nothing()
        )

    def checkpoints(self) -> Sequence[tuple[int, str]]:
        """Sizes and notes of everything that was signed, in order."""
        rows = self._connection.execute(
            select(log_checkpoint.c.size, log_checkpoint.c.note).order_by(
                log_checkpoint.c.size, log_checkpoint.c.signed_at
            )
        )
        return [(size, note) for size, note in rows]

    def leaf_agrees(self, number: int, record: str) -> bool:
        """Whether the tree holds this very record."""
        place = Place(0, number - 1)
        return self._fetch([place]).get(place) == leaf_hash(record.encode())

    def _fetch(self, places: Sequence[Place]) -> dict[Place, bytes]:
        return fetch_nodes(self._connection, places)

    def _refuse_beyond(self, size: int, asked: str) -> None:
        have = self.size()
        if not 0 <= size <= have:
            raise LogHasNoSuchSize(asked=asked, size=have)
