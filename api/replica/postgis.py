"""A copy in PostGIS: a whole registry that can be served, or the part of one that lies in a scope."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from sqlalchemy import Connection, Engine, func, insert, select, text, update

from api.replica.mirror import Mirror
from api.replica.model import LOG, Followed, Page, RowLine, view_of
from registry.changes.lines import row_columns
from registry.changes.replay import TABLES, Replay, continue_numbering, write_rows
from registry.changes.snapshot import RangeHash, hashes_of, state_hashes
from registry.changes.tables import change, replica
from registry.changes.view import FeedView
from registry.database import make_engine
from registry.errors import ReplicaDiffers, ReplicaFollowsAnother
from registry.log.audit import audit
from registry.log.notes import Checkpoint, VerifierKey, open_note
from registry.log.receiving import receive, refuse_differences
from registry.log.record import ChangeRecord
from registry.log.store import LogKey, LogStore
from registry.migrations import migrate

RECORDS_AT_ONCE = 1000


class PostgisTarget:
    """A copy in a database of its own."""

    def __init__(self, url: str) -> None:
        migrate(url)
        self._engine: Engine = make_engine(url, pool_size=2)
        self._mirror: Mirror | None = None

    @property
    def keeps_history(self) -> bool:
        """Whether it holds what is no longer believed too: all of a registry, not a part."""
        return self._mirror is None

    def state(self) -> Followed | None:
        """What it follows; None when it is empty and new.

        Raises:
            ReplicaFollowsAnother: it is a registry in its own right.
        """
        with self._engine.connect() as connection:
            row = connection.execute(select(replica)).mappings().one_or_none()
            if row is None:
                if connection.scalar(select(func.count()).select_from(change)):
                    name = str(self._engine.url.database)
                    raise ReplicaFollowsAnother(target=name, holds="a registry of its own")
                return None
        view = view_of(row["within_id"], row["collections"], row["kinds"])
        followed = Followed(
            row["source_url"],
            row["origin"],
            view,
            row["change"],
            row["loading"],
            row["checked_change"],
        )
        self._choose(followed)
        return followed

    def begin(self, followed: Followed) -> None:
        """Start to follow; a part of a registry may refer to what is not in it."""
        self._choose(followed)
        with self._engine.begin() as connection:
            connection.execute(
                insert(replica).values(
                    single=1,
                    source_url=followed.source_url,
                    origin=followed.origin,
                    within_id=followed.view.within,
                    collections=sorted(followed.view.collections),
                    kinds=sorted(followed.view.kinds),
                    change=followed.change,
                    loading=followed.loading,
                )
            )
            if self._mirror is not None:
                self._mirror.prepare(connection)

    def load(self, followed: Followed, rows: Iterable[RowLine]) -> None:
        """Take in one collection of the first snapshot."""
        assert followed.loading is not None
        with self._engine.begin() as connection:
            if self._mirror is not None:
                self._mirror.load(connection, rows)
            else:
                _load_whole(connection, rows)
            _move(connection, followed.after_loading(followed.loading))

    def load_log(
        self, followed: Followed, records: Iterable[ChangeRecord], log: Sequence[LogKey]
    ) -> None:
        """Take in the log up to the snapshot, and check every row against it.

        Raises:
            ReplicaDiffers: the rows are not those the log binds.
        """
        with self._engine.begin() as connection:
            for batch in _batches(records):
                receive(connection, batch)
            _add_keys(LogStore(connection), log)
            if self._mirror is None:
                continue_numbering(connection)
                _size, _root, faults = audit(connection)
                if faults:
                    raise ReplicaDiffers(change=followed.change, where=faults[0].sentence("en"))
            _move(connection, followed.after_loading(LOG))
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))

    def apply(self, page: Page) -> None:
        """Take in the next changes, and check them against their records.

        Raises:
            ReplicaDiffers: the rows are not those the records bind.
        """
        with self._engine.begin() as connection:
            if self._mirror is not None:
                self._mirror.apply(connection, page.rows)
                receive(connection, page.records)
            else:
                replayed = Replay(connection)
                for number, line in page.rows:
                    replayed.take(number, line.table, line.side, line.row)
                replayed.flush()
                receive(connection, page.records)
                refuse_differences(connection, page.records)
                continue_numbering(connection)
            connection.execute(update(replica).values(change=page.records[-1].number))

    def hashes(self, view: FeedView, known: int) -> list[RangeHash]:
        """Hashes of what it holds, computed from what it holds."""
        with self._engine.connect() as connection:
            if self._mirror is not None:
                return hashes_of(self._mirror.lines(connection))
            return state_hashes(connection, view, known)

    def root(self, size: int) -> bytes | None:
        """Root of its own log of the first `size` changes."""
        with self._engine.connect() as connection:
            return LogStore(connection).root(size)

    def first_keys(self) -> list[VerifierKey]:
        """The key its source signed with when they first met."""
        with self._engine.connect() as connection:
            return [key.verifier for key in LogStore(connection).every_key()[:1]]

    def checked(self, change: int, note: str, keys: Sequence[LogKey]) -> None:
        """Remember that all hashes were equal at a change; keep keys that came, and the note."""
        with self._engine.begin() as connection:
            connection.execute(update(replica).values(checked_change=change))
            store = LogStore(connection)
            _add_keys(store, keys)
            size = Checkpoint.parse(note).size
            # A note on more changes than are here would look like a log that was cut.
            if size <= change:
                signers = open_note(note, [key.verifier for key in keys])[1]
                store.keep_checkpoint(size, signers[-1], note)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def _choose(self, followed: Followed) -> None:
        self._mirror = None if followed.view.is_whole else Mirror(followed.view)


def _load_whole(connection: Connection, rows: Iterable[RowLine]) -> None:
    for name, group in groupby(rows, key=lambda line: line.table):
        table = TABLES[name]
        names = [column.name for column in row_columns(table)]
        write_rows(
            connection,
            table,
            (
                [
                    *(line.row[column] for column in names),
                    line.row["recorded_from"],
                    line.row.get("recorded_to"),
                ]
                for line in group
            ),
        )


def _add_keys(store: LogStore, keys: Iterable[LogKey]) -> None:
    known = {key.verifier for key in store.every_key()}
    for key in keys:
        if key.verifier not in known:
            store.add_key(key.verifier, since_size=key.since_size, introduction=key.introduction)


def _move(connection: Connection, followed: Followed) -> None:
    connection.execute(update(replica).values(change=followed.change, loading=followed.loading))


def _batches(records: Iterable[ChangeRecord]) -> Iterator[list[ChangeRecord]]:
    held: list[ChangeRecord] = []
    for record in records:
        held.append(record)
        if len(held) == RECORDS_AT_ONCE:
            yield held
            held = []
    if held:
        yield held
