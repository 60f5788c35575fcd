"""The record of a change (变更记录): the leaf of the tree, the bytes everybody hashes.

It says who, when, why and on what decree, and binds every row the change wrote or stopped
believing by one digest a table. Whoever holds the rows can compute the digests; whoever does not
can still prove that the change is in the log.
"""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

import msgspec

from registry.changes.model import Change, Decree


class DecreeRecord(msgspec.Struct, frozen=True):
    """The decree (批复) of a change."""

    number: str | None
    authority: str
    title: str | None
    approved_on: date | None
    announced_on: date | None
    effective_on: date | None
    note: str | None


class TableDigest(msgspec.Struct, frozen=True):
    """What a change did to one table.

    `sha256` is the SHA-256, in hexadecimal, of the SHA-256 digests of the lines set end to end:
    the `old` lines in order of version_id, then the `new` ones (identities in order of their key).
    """

    table: str
    old: int
    new: int
    sha256: str


class ChangeRecord(msgspec.Struct, frozen=True):
    """One change, as the log holds it. The order of the fields is the order in the record."""

    number: int
    recorded_at: datetime
    author: str
    verb: str
    title: str
    effective_on: date | None
    restructuring_id: UUID | None
    source_key: str | None
    decree_id: UUID | None
    decree: DecreeRecord | None
    rows: tuple[TableDigest, ...]

    @property
    def text(self) -> str:
        """The bytes of the leaf, as text."""
        return msgspec.json.encode(self).decode()

    @property
    def row_count(self) -> int:
        """Rows written and rows no longer believed."""
        return sum(one.old + one.new for one in self.rows)


def record_of(one: Change, rows: Iterable[TableDigest]) -> ChangeRecord:
    """The record of a change and of what it did."""
    return ChangeRecord(
        number=one.number,
        recorded_at=one.recorded_at,
        author=one.author,
        verb=one.verb.value,
        title=one.title,
        effective_on=one.effective_on,
        restructuring_id=one.restructuring_id,
        source_key=one.source_key,
        decree_id=one.decree_id,
        decree=None if one.decree is None else _decree(one.decree),
        rows=tuple(rows),
    )


UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError)
"""What reading a line that is none, or is no text at all, raises."""


def read_record(text: str | bytes) -> ChangeRecord:
    """A record from its text; raises one of UNREADABLE."""
    return msgspec.json.decode(text, type=ChangeRecord)


def _decree(basis: Decree) -> DecreeRecord:
    return DecreeRecord(
        number=basis.number,
        authority=basis.authority,
        title=basis.title,
        approved_on=basis.approved_on,
        announced_on=basis.announced_on,
        effective_on=basis.effective_on,
        note=basis.note,
    )
