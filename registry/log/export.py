"""The log as one file that proves itself: anybody can check it with no network and no database.

Line 1 is a header with the format, the origin and the keys; then the stream of `stream.py`; the
last line holds a signed checkpoint of exactly the changes before it.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from sqlalchemy import Connection

from registry.errors import NoteIsInvalid, SourceIsUnreadable
from registry.log.checking import LogCheck
from registry.log.faults import Fault, FaultKind
from registry.log.keychain import KeyStatement, trusted_keys
from registry.log.notes import Checkpoint, VerifierKey, open_note
from registry.log.record import UNREADABLE
from registry.log.store import LogStore
from registry.log.stream import log_lines

FORMAT = "place-registry/log/v1"


class Header(msgspec.Struct, frozen=True):
    """The first line."""

    format: str
    origin: str
    keys: tuple[KeyStatement, ...]


class Ending(msgspec.Struct, frozen=True):
    """The last line."""

    checkpoint: str


def export_lines(connection: Connection, note: str) -> Iterator[bytes]:
    """The lines of an export that ends at a signed checkpoint, without their newlines."""
    size = Checkpoint.parse(note).size
    keys = tuple(
        KeyStatement(key.verifier.text, key.introduction)
        for key in LogStore(connection).every_key()
    )
    origin = Checkpoint.parse(note).origin
    yield msgspec.json.encode(Header(format=FORMAT, origin=origin, keys=keys))
    yield from log_lines(connection, 1, size)
    yield msgspec.json.encode(Ending(checkpoint=note))


def check_export(
    lines: Iterable[bytes], trusted: Sequence[VerifierKey] = ()
) -> tuple[LogCheck, list[Fault]]:
    """Check an export.

    Args:
        lines: without their newlines.
        trusted: keys known from elsewhere; none: the first key of the file itself, which proves
            that the file is whole but not whose it is.

    Returns:
        What was read, and every fault found.

    Raises:
        SourceIsUnreadable: it is no export.
    """
    rest = iter(lines)
    header = _header(next(rest, b""))
    check = LogCheck()
    ending: Ending | None = None
    for line in rest:
        if line.startswith(b'{"checkpoint":'):
            ending = _ending(line)
            break
        check.add(line)
    check.finish()
    faults = list(check.faults)
    if ending is None or next(rest, None) is not None:
        faults.append(Fault(FaultKind.CUT_SHORT, check.size, "no checkpoint at the end"))
        return check, faults
    return check, [*faults, *_signed(header, ending, check, trusted)]


def _signed(
    header: Header, ending: Ending, check: LogCheck, trusted: Sequence[VerifierKey]
) -> Iterator[Fault]:
    try:
        anchors = trusted or [VerifierKey.parse(one.key) for one in header.keys[:1]]
        text, _signers = open_note(ending.checkpoint, trusted_keys(header.keys, anchors))
        signed = Checkpoint.parse(text)
    except NoteIsInvalid as error:
        yield Fault(FaultKind.SIGNATURE_FALSE, check.size, str(error))
        return
    if signed.origin != header.origin:
        yield Fault(FaultKind.SIGNATURE_FALSE, signed.size, f"it speaks of {signed.origin}")
    if (signed.size, signed.root) != (check.size, check.root()):
        yield Fault(
            FaultKind.CHECKPOINT_DIFFERS, signed.size, f"the file gives {check.size} changes"
        )


def _ending(line: bytes) -> Ending | None:
    try:
        return msgspec.json.decode(line, type=Ending)
    except UNREADABLE:
        return None


def _header(line: bytes) -> Header:
    try:
        found = msgspec.json.decode(line, type=Header)
    except UNREADABLE as error:
        raise SourceIsUnreadable("log", f"no header of {FORMAT}") from error
    if found.format != FORMAT:
        raise SourceIsUnreadable("log", f"the format is {found.format}, not {FORMAT}")
    return found
