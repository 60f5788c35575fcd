"""Watching (监看) somebody else's log: what a monitor keeps, asks for and concludes.

The watcher trusts what it has checked itself: the frontier of the tree it has grown from every
record so far. Each round it wants a signed checkpoint that goes on from there, takes the new
changes in line by line, and looks again at some old ones, so that a log that was forked, cut or
rewritten under the same numbers is found by somebody who has no access to its database.
"""

import base64
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import msgspec

from registry.errors import NoteIsInvalid
from registry.log.checking import RECORD_LINE, LogCheck
from registry.log.faults import Fault, FaultKind
from registry.log.keychain import KeyStatement, trusted_keys
from registry.log.merkle import GrowingTree, Place, consistency_holds, inclusion_holds, leaf_hash
from registry.log.notes import Checkpoint, VerifierKey, open_note

PAGE = 500


class Watched(msgspec.Struct):
    """What a monitor remembers between rounds; fit to be kept as JSON."""

    keys: list[str]
    """Trusted verifier keys, the first given by hand or taken at the first meeting."""
    size: int = 0
    note: str | None = None
    """The last checkpoint that was believed."""
    nodes: list[tuple[int, int, str]] = []
    """Frontier of the tree: level, index, hash in base64."""


class LogSource(Protocol):
    """A log as one reaches it from outside."""

    def keys(self) -> list[KeyStatement]:
        """The keys it publishes, oldest first."""
        ...

    def checkpoint(self) -> str:
        """Its newest signed checkpoint."""
        ...

    def consistency(self, first: int, second: int) -> list[bytes]:
        """The proof that one tree begins with another."""
        ...

    def inclusion(self, change: int, size: int) -> list[bytes]:
        """The proof that a change is in a tree."""
        ...

    def lines(self, after: int, limit: int) -> Iterable[bytes]:
        """Records and rows of the changes after a number, without the closing line."""
        ...


def watch(seen: Watched, source: LogSource, *, again: int, chance: random.Random) -> list[Fault]:
    """One round; brings `seen` forward when nothing is wrong.

    Args:
        again: how many old changes to look at again.
        chance: picks them.
    """
    statements = source.keys()
    try:
        trusted = _trusted(seen, statements)
        note = source.checkpoint()
        signed = Checkpoint.parse(open_note(note, trusted)[0])
    except NoteIsInvalid as error:
        return [Fault(FaultKind.SIGNATURE_FALSE, seen.size, str(error))]
    faults = list(_continues(seen, signed, source))
    if faults:
        return faults
    faults = [*_old(seen, source, again, chance), *_new(seen, signed, source)]
    if not faults:
        seen.note, seen.keys = note, [key.text for key in trusted]
    return faults


def _trusted(seen: Watched, statements: Sequence[KeyStatement]) -> list[VerifierKey]:
    anchors = [VerifierKey.parse(text) for text in seen.keys]
    if not anchors and statements:
        anchors = [VerifierKey.parse(statements[0].key)]
    return trusted_keys(statements, anchors)


def _continues(seen: Watched, signed: Checkpoint, source: LogSource) -> Iterator[Fault]:
    if seen.note is None:
        return
    last = Checkpoint.parse(seen.note.partition("\n\n")[0])
    if signed.size < last.size:
        yield Fault(FaultKind.CHECKPOINT_DIFFERS, signed.size, f"it had {last.size} changes before")
        return
    path = source.consistency(last.size, signed.size)
    if not consistency_holds(
        first=last.size,
        first_root=last.root,
        second=signed.size,
        second_root=signed.root,
        path=path,
    ):
        yield Fault(
            FaultKind.CHECKPOINT_DIFFERS,
            signed.size,
            f"it does not go on from the checkpoint of size {last.size}: the log was forked",
        )


def _new(seen: Watched, signed: Checkpoint, source: LogSource) -> Iterator[Fault]:
    tree = _tree(seen)
    check = LogCheck(tree)
    while check.size < signed.size:
        before = check.size
        for line in source.lines(before, min(PAGE, signed.size - before)):
            check.add(line)
        check.finish()
        if check.size == before:
            yield Fault(FaultKind.CUT_SHORT, before + 1, "the log does not give its changes")
            return
    if (check.size, check.root()) != (signed.size, signed.root):
        yield Fault(FaultKind.CHECKPOINT_DIFFERS, signed.size, "its changes give another root")
    yield from check.faults
    if not check.faults and check.root() == signed.root:
        seen.size = tree.size
        seen.nodes = [
            (place.level, place.index, base64.b64encode(value).decode())
            for place, value in tree.nodes.items()
        ]


def _old(seen: Watched, source: LogSource, again: int, chance: random.Random) -> Iterator[Fault]:
    if seen.note is None:
        return
    root = Checkpoint.parse(seen.note.partition("\n\n")[0]).root
    for change in sorted(chance.sample(range(1, seen.size + 1), min(again, seen.size))):
        lines = list(source.lines(change - 1, 1))
        record = next((line for line in lines if line.startswith(RECORD_LINE)), b"")
        path = source.inclusion(change, seen.size)
        proven = inclusion_holds(
            leaf=leaf_hash(record), index=change - 1, size=seen.size, path=path, root=root
        )
        if not proven:
            yield Fault(FaultKind.RECORD_DIFFERS, change, "it is not the record that was signed")
        check = LogCheck()
        for line in lines:
            check.add(line)
        check.finish()
        for fault in check.faults:
            if fault.kind is FaultKind.ROWS_DIFFER:
                yield Fault(fault.kind, change, fault.seen)


def _tree(seen: Watched) -> GrowingTree:
    nodes = {Place(level, index): base64.b64decode(value) for level, index, value in seen.nodes}
    return GrowingTree(seen.size, nodes)
