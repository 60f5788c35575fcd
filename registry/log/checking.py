"""Checking a stream of log lines, one line at a time: rows against records, records into the tree."""

import hashlib
from datetime import datetime

import msgspec

from registry.log.faults import Fault, FaultKind
from registry.log.merkle import GrowingTree, leaf_hash
from registry.log.record import UNREADABLE, ChangeRecord, TableDigest, read_record

RECORD_LINE = b'{"number":'
MOST_FAULTS = 1000


class RowLine(msgspec.Struct, frozen=True):
    """A row line, as far as a check reads it."""

    table: str
    side: str


class LogCheck:
    """What a log's lines say of themselves; `faults` grows while lines come in."""

    def __init__(self, tree: GrowingTree | None = None) -> None:
        """`tree`: holds the changes before the first line, when those were checked earlier."""
        self.faults: list[Fault] = []
        self.rows = 0
        self._tree = GrowingTree() if tree is None else tree
        self._record: ChangeRecord | None = None
        self._last_at: datetime | None = None
        self._found: dict[str, _Running] = {}

    @property
    def size(self) -> int:
        """Changes read so far."""
        return self._tree.size

    def root(self) -> bytes:
        """Root of the tree of the records read so far."""
        return self._tree.root()

    def add(self, line: bytes) -> None:
        """Take one line in."""
        if line.startswith(RECORD_LINE):
            self.finish()
            self._begin(line)
        else:
            self._row(line)

    def finish(self) -> None:
        """The last change is whole: compare its rows with its record."""
        record, self._record = self._record, None
        if record is None:
            return
        found = tuple(one.digest(name) for name, one in self._found.items())
        wrong = sorted({one.table for one in set(found) ^ set(record.rows)})
        if wrong or found != record.rows:
            self._fault(FaultKind.ROWS_DIFFER, record.number, ", ".join(wrong) or "order of tables")

    def _begin(self, line: bytes) -> None:
        self._tree.add(leaf_hash(line))
        self._found = {}
        try:
            record = read_record(line)
        except UNREADABLE as error:
            self._fault(FaultKind.RECORD_DIFFERS, self.size, f"unreadable: {error}")
            return
        self._record = record
        if record.number != self.size:
            self._fault(FaultKind.OUT_OF_ORDER, self.size, f"its record says {record.number}")
        if self._last_at is not None and record.recorded_at <= self._last_at:
            self._fault(FaultKind.OUT_OF_ORDER, self.size, "not recorded after the one before")
        self._last_at = record.recorded_at

    def _row(self, line: bytes) -> None:
        self.rows += 1
        try:
            row = msgspec.json.decode(line, type=RowLine)
        except UNREADABLE:
            self._fault(FaultKind.ROWS_DIFFER, self.size, "a line that is no row")
            return
        if row.table in self._found and row.table != next(reversed(self._found)):
            self._fault(FaultKind.ROWS_DIFFER, self.size, f"{row.table}: rows not together")
        self._found.setdefault(row.table, _Running()).add(row.side, line)

    def _fault(self, kind: FaultKind, change: int, seen: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(kind, change, seen))


class _Running:
    """The digest of one table while its lines come in."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._counts = {"old": 0, "new": 0}

    def add(self, side: str, line: bytes) -> None:
        self._digest.update(hashlib.sha256(line).digest())
        self._counts[side] = self._counts.get(side, 0) + 1

    def digest(self, table: str) -> TableDigest:
        return TableDigest(
            table, self._counts["old"], self._counts["new"], self._digest.hexdigest()
        )
