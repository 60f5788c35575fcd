"""The audit (核验) of a registry's own log: every stored row, record, hash and signature.

Whatever anybody alters by hand in the database, something here stops fitting: rows are bound by
digests in the records, records by the tree, the tree by signed checkpoints. Who alters all of it
and can sign as well is found by those who kept an earlier checkpoint.
"""

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, func, or_, select

from registry.changes.store import ChangeStore
from registry.changes.tables import registry_head
from registry.errors import NoteIsInvalid
from registry.log.digests import digests
from registry.log.faults import Fault, FaultKind
from registry.log.keychain import KeyStatement, trusted_keys
from registry.log.merkle import GrowingTree, Place, leaf_hash
from registry.log.notes import Checkpoint, VerifierKey, open_note
from registry.log.record import UNREADABLE, ChangeRecord, TableDigest, read_record, record_of
from registry.log.sealing import fetch_nodes
from registry.log.store import LogStore
from registry.log.tables import log_node
from registry.tables import LOGGED_TABLES

BATCH = 1000
Progress = Callable[[int, int], None]


def audit(
    connection: Connection,
    trusted: Sequence[VerifierKey] = (),
    progress: Progress = lambda _done, _total: None,
    witnessed: Sequence[Checkpoint] = (),
) -> tuple[int, bytes, list[Fault]]:
    """Check everything; the caller's transaction should be one snapshot.

    Args:
        trusted: keys known from elsewhere; none: the registry's first one.
        witnessed: checkpoints of this log that were kept outside the database.

    Returns:
        Changes in the log, their root, and every fault found.
    """
    store, tree = LogStore(connection), GrowingTree()
    faults = list(_numbering(connection))
    wanted = {size for size, _note in store.checkpoints()} | {one.size for one in witnessed}
    roots: dict[int, bytes] = {0: tree.root()}
    size = store.size()
    for first in range(1, size + 1, BATCH):
        last = min(size, first + BATCH - 1)
        faults += _changes(connection, tree, first, last, wanted, roots)
        progress(last, size)
    faults += _rows_of_nobody(connection)
    faults += _nodes_of_nothing(connection, tree.size)
    faults += _signatures(store, roots, trusted)
    for one in witnessed:
        if one.root != roots.get(one.size):
            seen = "the records give another root than was signed and is kept outside the database"
            faults.append(Fault(FaultKind.CHECKPOINT_DIFFERS, one.size, seen))
    return tree.size, tree.root(), sorted(faults, key=lambda one: one.change or 0)


def _changes(
    connection: Connection,
    tree: GrowingTree,
    first: int,
    last: int,
    wanted: set[int],
    roots: dict[int, bytes],
) -> Iterator[Fault]:
    records = LogStore(connection).records(first, last)
    changes = {
        one.number: one for one in ChangeStore(connection).after(first - 1, last - first + 1)
    }
    rows = digests(connection, first, last)
    grown: dict[Place, bytes] = {}
    for number in range(first, last + 1):
        text = records.get(number)
        if text is None or number not in changes:
            yield Fault(FaultKind.RECORD_MISSING, number, "only one of change and record is there")
        found = record_of(changes[number], rows.get(number, [])) if number in changes else None
        if text is not None and found is not None and text != found.text:
            yield from _difference(text, found)
        grown |= tree.add(leaf_hash((text or "").encode()))
        if number in wanted:
            roots[number] = tree.root()
    yield from _tree(connection, grown)


def _difference(text: str, found: ChangeRecord) -> Iterator[Fault]:
    try:
        record = read_record(text)
    except UNREADABLE as error:
        yield Fault(FaultKind.RECORD_DIFFERS, found.number, f"unreadable: {error}")
        return
    fields = [
        name
        for name in record.__struct_fields__
        if name != "rows" and getattr(record, name) != getattr(found, name)
    ]
    if fields:
        yield Fault(FaultKind.RECORD_DIFFERS, record.number, ", ".join(fields))
    wrong = sorted({one.table for one in set(record.rows) ^ set(found.rows)})
    for table in wrong:
        seen = f"{table} ({_counted(record, table)} bound, {_counted(found, table)} found)"
        yield Fault(FaultKind.ROWS_DIFFER, record.number, seen)


def _counted(record: ChangeRecord, table: str) -> str:
    digest = next((one for one in record.rows if one.table == table), TableDigest(table, 0, 0, ""))
    return f"{digest.new} rows written and {digest.old} closed"


def _tree(connection: Connection, grown: dict[Place, bytes]) -> Iterator[Fault]:
    stored = fetch_nodes(connection, list(grown))
    wrong = [place for place, value in grown.items() if stored.get(place) != value]
    for change in sorted({(place.index + 1) << place.level for place in wrong}):
        yield Fault(FaultKind.TREE_DIFFERS, change, "a stored hash is missing or another")


def _nodes_of_nothing(connection: Connection, size: int) -> Iterator[Fault]:
    # Complete subtrees of n leaves: n + n // 2 + n // 4 + …
    expected = sum(size >> level for level in range(size.bit_length()))
    stored = connection.scalar(select(func.count()).select_from(log_node)) or 0
    if stored > expected:
        yield Fault(FaultKind.TREE_DIFFERS, size, f"{stored - expected} hashes of nothing")


def _numbering(connection: Connection) -> Iterator[Fault]:
    head, size = ChangeStore(connection).head(), LogStore(connection).size()
    if head != size:
        yield Fault(FaultKind.OUT_OF_ORDER, head, f"the head is {head}, the log has {size}")
    last = ChangeStore(connection).after(max(0, head - 1), 1) if head else []
    stored = connection.scalar(select(registry_head.c.recorded_at))
    if last and last[0].recorded_at != stored:
        yield Fault(FaultKind.OUT_OF_ORDER, head, "the head was recorded at another moment")


def _rows_of_nobody(connection: Connection) -> Iterator[Fault]:
    size = LogStore(connection).size()
    for table in LOGGED_TABLES:
        strange: list[ColumnElement[bool]] = [
            table.c.recorded_from > size,
            table.c.recorded_from < 1,
        ]
        if "recorded_to" in table.c:
            strange += [table.c.recorded_to > size, table.c.recorded_to < 1]
        count = connection.scalar(select(func.count()).select_from(table).where(or_(*strange)))
        if count:
            yield Fault(FaultKind.ROWS_OF_NOBODY, None, f"{table.name}: {count}")


def _signatures(
    store: LogStore, roots: dict[int, bytes], trusted: Sequence[VerifierKey]
) -> Iterator[Fault]:
    keys = store.every_key()
    statements = [KeyStatement(key.verifier.text, key.introduction) for key in keys]
    known = trusted_keys(statements, trusted or [key.verifier for key in keys[:1]])
    for size, note in store.checkpoints():
        try:
            signed = Checkpoint.parse(open_note(note, known)[0])
        except NoteIsInvalid as error:
            yield Fault(FaultKind.SIGNATURE_FALSE, size, str(error))
            continue
        if signed.size != size or signed.root != roots.get(size):
            yield Fault(FaultKind.CHECKPOINT_DIFFERS, size, "the records give another root")
