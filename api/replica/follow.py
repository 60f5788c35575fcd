"""Following (跟随): a first snapshot, then the feed, for ever; whatever breaks off is taken up again.

Each step is one transaction of the target and leaves its place behind, so a copy that is killed
at any moment goes on where it was. What it holds is compared with the source by hashes, and with
the source's signed checkpoint.
"""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NoReturn, TypeVar

import msgspec

from api.feed_view import query_of
from api.remote import Remote, RemoteIsUnavailable, RemoteLog
from api.replica.model import LOG, Followed, Page, RowLine, Target
from registry.changes.snapshot import RangeHash
from registry.changes.view import FeedView
from registry.errors import NoteIsInvalid, ReplayOutOfOrder, ReplicaDiffers, ReplicaFollowsAnother
from registry.log.checking import RECORD_LINE
from registry.log.keychain import KeyStatement, trusted_keys
from registry.log.merkle import consistency_holds
from registry.log.notes import Checkpoint, VerifierKey, open_note
from registry.log.record import ChangeRecord, read_record
from registry.log.store import LogKey

PAGE = 500
RECORDS = 1000
LONGEST_PAUSE_S = 30.0
T = TypeVar("T")
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Source:
    """The registry that is followed, asked in the words of a copy."""

    remote: Remote
    view: FeedView

    @property
    def parameters(self) -> str:
        """The view as query parameters."""
        return query_of(self.view)

    def head(self) -> int:
        """Its latest change."""
        return int(self.remote.get("/readyz")["change"])

    def rows(self, collection: str, change: int, *, history: bool) -> Iterator[RowLine]:
        """A collection as it stood after a change."""
        lines = self.remote.lines(
            self._path("/v1/snapshot", with_collections=False),
            collection=collection,
            change=change,
            history="all" if history else "believed",
            representation="exact",
        )
        next(lines)
        for line in lines:
            yield msgspec.json.decode(line, type=RowLine)

    def records(self, last: int) -> Iterator[ChangeRecord]:
        """The records of the changes up to one."""
        for after in range(0, last, RECORDS):
            limit = min(RECORDS, last - after)
            for line in self.remote.lines(
                "/v1/log/records", after=after, limit=limit, rows="without"
            ):
                yield read_record(line)

    def page(self, after: int, limit: int) -> "PageLines":
        """The next changes with their rows."""
        path = self._path("/v1/log/records", with_collections=True)
        return PageLines(self.remote.lines(path, after=after, limit=limit), after)

    def keys(self) -> list[LogKey]:
        """The keys of its log, oldest first."""
        return [
            LogKey(
                verifier=VerifierKey.parse(one["key"]),
                since_size=one["since_size"],
                created_at=datetime.fromisoformat(one["created_at"]),
                retired_at=None,
                introduction=one["introduction"],
            )
            for one in self.remote.get("/v1/log/keys")["keys"]
        ]

    def hashes(self, change: int) -> list[RangeHash]:
        """Hashes of what the copy should hold."""
        path = self._path("/v1/snapshot/hashes", with_collections=True)
        body = self.remote.get(path, change=change)
        return msgspec.convert(body["hashes"], list[RangeHash])

    def checkpoint(self, anchors: list[VerifierKey]) -> "Signed":
        """Its signed checkpoint, believed only from the anchors and the keys they lead to.

        Args:
            anchors: none: its first key is taken on trust.

        Raises:
            NoteIsInvalid: nobody who is trusted signed it.
        """
        note = RemoteLog(self.remote).checkpoint()
        # Keys after the note: one that signed it is published by now.
        keys = self.keys()
        statements = [KeyStatement(key.verifier.text, key.introduction) for key in keys]
        trusted = trusted_keys(statements, anchors or [key.verifier for key in keys[:1]])
        checkpoint = Checkpoint.parse(open_note(note, trusted)[0])
        return Signed(checkpoint, note, [key for key in keys if key.verifier in trusted])

    def consistency(self, first: int, second: int) -> list[bytes]:
        """Its proof that its log of `second` changes begins with that of `first`."""
        return RemoteLog(self.remote).consistency(first, second)

    def _path(self, path: str, *, with_collections: bool) -> str:
        view = self.view
        shown = view if with_collections else FeedView(view.within, frozenset(), view.kinds)
        query = query_of(shown)
        return f"{path}?{query}" if query else path


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint that is believed, as it was signed, and the keys that are trusted by it."""

    checkpoint: Checkpoint
    note: str
    keys: list[LogKey]


class PageLines:
    """The lines of a page: rows while they are read, records beside them."""

    def __init__(self, lines: Iterator[bytes], after: int) -> None:
        self._lines = lines
        self._after = after
        self.records: list[ChangeRecord] = []

    def rows(self) -> Iterator[tuple[int, RowLine]]:
        """(number of the change, row), in the order of the feed."""
        for line in self._lines:
            if line.startswith(RECORD_LINE):
                record = read_record(line)
                expected = self._after + len(self.records) + 1
                if record.number != expected:
                    raise ReplayOutOfOrder(expected=expected, given=record.number)
                self.records.append(record)
            else:
                yield self.records[-1].number, msgspec.json.decode(line, type=RowLine)


class Follower:
    """One copy and what it follows."""

    def __init__(
        self, source: Source, target: Target, *, trusted: list[VerifierKey], progress: Progress
    ) -> None:
        self._source = source
        self._target = target
        self._trusted = trusted
        self._progress = progress

    def catch_up(self) -> int:
        """Come up to the source's head; returns the change the copy is at.

        Raises:
            RemoteIsUnavailable: the source cannot be reached now.
            ReplicaDiffers: the copy is not what the source says it should be.
        """
        followed = self._begun()
        while followed.loading is not None:
            followed = self._load(followed, followed.loading)
        head = self._source.head()
        if head < followed.change:
            raise ReplicaDiffers(
                change=followed.change, where=f"the source has only {head} changes now"
            )
        while followed.change < head:
            limit = min(PAGE, head - followed.change)
            lines = self._source.page(followed.change, limit)
            self._target.apply(Page(lines.records, lines.rows()))
            followed = followed.at(lines.records[-1].number)
            self._progress("changes", followed.change, head)
        return followed.change

    def check(self) -> int:
        """Compare everything with the source, at the change the copy is at.

        Raises:
            ReplicaDiffers: something is not equal; it says where.
        """
        followed = self._begun()
        change = followed.change
        if change == 0:
            return 0
        wanted = {(one.table, one.range): one for one in self._source.hashes(change)}
        found = {(one.table, one.range): one for one in self._target.hashes(followed.view, change)}
        wrong = sorted(
            place for place in wanted.keys() | found.keys() if wanted.get(place) != found.get(place)
        )
        if wrong:
            where = ", ".join(f"{table} {digit}" for table, digit in wrong[:10])
            raise ReplicaDiffers(change=change, where=where)
        self._check_root(change)
        return change

    def _check_root(self, change: int) -> None:
        try:
            signed = self._source.checkpoint(self._trusted or self._target.first_keys())
        except NoteIsInvalid as error:
            raise ReplicaDiffers(change=change, where=str(error)) from error
        own = self._target.root(min(change, signed.checkpoint.size))
        if own is not None and not self._goes_on(min(change, signed.checkpoint.size), own, signed):
            raise ReplicaDiffers(change=change, where="the signed root is another")
        self._target.checked(change, signed.note, signed.keys)

    def _goes_on(self, size: int, own: bytes, signed: Signed) -> bool:
        """Whether what the source signed begins with the log of the copy."""
        there = signed.checkpoint
        if size == there.size:
            return own == there.root
        return consistency_holds(
            first=size,
            first_root=own,
            second=there.size,
            second_root=there.root,
            path=self._source.consistency(size, there.size),
        )

    def _begun(self) -> Followed:
        followed = self._target.state()
        wanted = self._source.view
        if followed is None:
            head = self._source.head()
            keys = self._source.keys()
            first = Followed(
                self._source.remote.url,
                keys[0].verifier.name if keys else None,
                wanted,
                head,
                None,
                first_key=keys[0].verifier.text if keys else None,
            )
            followed = replace(first, loading=first.collections[0] if head else None)
            self._target.begin(followed)
        elif followed.view != wanted or followed.origin != self._origin():
            raise ReplicaFollowsAnother(
                target="the target", holds=f"{followed.source_url} ({followed.view})"
            )
        return followed

    def _load(self, followed: Followed, part: str) -> Followed:
        parts = [*followed.collections, LOG]
        place = parts.index(part)
        self._progress("snapshot", place, len(parts))
        if part == LOG:
            records = self._source.records(followed.change)
            self._target.load_log(followed, records, self._source.keys())
        else:
            history = self._target.keeps_history
            rows = self._source.rows(part, followed.change, history=history)
            self._target.load(followed, rows)
        self._progress("snapshot", place + 1, len(parts))
        return followed.after_loading(part)

    def _origin(self) -> str | None:
        keys = self._source.remote.get("/v1/log/keys")["keys"]
        return str(keys[0]["origin"]) if keys else None


def patiently(ask: Callable[[], T], report: Callable[[str], None]) -> T:
    """Ask again and again while the source is away; the pauses grow, and differ between copies."""
    pause_s = 1.0
    while True:
        try:
            return ask()
        except RemoteIsUnavailable as error:
            report(f"{error}; trying again in {pause_s:.0f} s")
            time.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 -- spreads followers out
            pause_s = min(LONGEST_PAUSE_S, pause_s * 2)


def follow_once(follower: Follower, report: Callable[[str], None]) -> int:
    """Catch up, compare everything, and stop.

    Raises:
        RemoteIsUnavailable: the source cannot be reached now.
        ReplicaDiffers: the copy is not what the source says it should be.
    """
    follower.catch_up()
    change = follower.check()
    report(f"at change {change}, all hashes equal")
    return change


def follow(
    follower: Follower, *, every_s: float, check_every_s: float, report: Callable[[str], None]
) -> NoReturn:
    """Catch up again and again, and compare everything now and then.

    Raises:
        ReplicaDiffers: the copy is not what the source says it should be.
    """
    at, checked_at = -1, -check_every_s
    while True:
        change = patiently(follower.catch_up, report)
        if change != at and time.monotonic() - checked_at >= check_every_s:
            change = patiently(follower.check, report)
            checked_at = time.monotonic()
            report(f"at change {change}, all hashes equal")
        elif change != at:
            report(f"at change {change}")
        at = change
        time.sleep(every_s)
