"""Rehearsals (预演) for the doors: who may read a plan's, and keeping them at hand."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Self
from uuid import UUID

from fastapi import Request
from psycopg import Connection as DriverConnection
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from api.problems import Refusal
from api.security import require
from data.nation import national_names
from registry.changes.store import ChangeStore
from registry.database import make_rehearsing_engine
from registry.errors import RestructuringIsUnknown, StateForbids
from registry.hot import HotStatement, Row, Rows, run
from registry.rehearsal.commands import make_rehearsal, paper_digest
from registry.rehearsal.layer import Layer
from registry.rehearsal.model import Rehearsal, is_due
from registry.rehearsal.store import RehearsalStore
from registry.restructuring.model import Restructuring, State
from registry.restructuring.store import RestructuringStore
from registry.search.finder import Finder
from registry.search.gazetteers import Gazetteers

KEEP_S = 60.0
"""So long a rehearsal stays as it is although the registry went on: lists have pages."""
IDLE_S = 900.0
SUPERSEDED_S = 120.0
NOTE_USE_EVERY_S = 30.0
MOST_GAZETTEERS = 3
"""Rehearsals whose names are kept in the process; each is as large as the registry's own."""
ATTEMPTS = 3
MAY_SEE_DRAFTS = ("surveyor", "reviewer", "approver", "integrator")


@dataclass(frozen=True, slots=True)
class AskedPlan:
    """A plan (调整方案) whose outcome is being read."""

    restructuring_id: UUID
    title: str
    digest: str
    """SHA-256 of its effects."""
    drawn_at: int
    """The last change of the registry it takes into account."""
    effective_on: date
    committed_as: int | None
    """The change it became; None: it is proposed."""

    @classmethod
    def proposed(cls, filed: Restructuring, found: Rehearsal) -> Self:
        """One that has not come to be."""
        return cls(
            filed.restructuring_id,
            filed.title,
            found.effects_digest,
            found.drawn_at,
            found.effective_on,
            None,
        )

    @classmethod
    def came(cls, filed: Restructuring, head: int) -> Self:
        """One that has been carried out."""
        return cls(
            filed.restructuring_id,
            filed.title,
            filed.effects_digest or "",
            head,
            filed.effective_on,
            filed.change_number,
        )

    def headers(self) -> dict[str, str]:
        """What an answer says of it."""
        done = "" if self.committed_as is None else f"; committed={self.committed_as}"
        return {
            "Registry-Plan": f"{self.restructuring_id}; digest={self.digest}{done}",
            # What a key opened is not for others' caches.
            "Cache-Control": "private, no-cache",
        }


@dataclass(frozen=True, slots=True)
class Stage:
    """A rehearsal being read: a connection that stands in it, and what finds addresses there."""

    connection: Connection
    rehearsal: Rehearsal
    finder: Finder


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request wants to read, and what there is of it."""

    filed: Restructuring
    head: int
    anew: bool
    at_hand: Rehearsal | None


class Rehearsals:
    """Makes rehearsals when they are asked for, and drops them when nobody does any more."""

    def __init__(self, url: str) -> None:
        self._engine: Engine = make_rehearsing_engine(url)
        self._making = threading.Lock()
        self._lock = threading.Lock()
        self._gazetteers: OrderedDict[str, Gazetteers] = OrderedDict()
        self._noted: dict[str, float] = {}

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def open(self, wanted: Wanted) -> Iterator[Stage]:
        """A plan's rehearsal, held in place while it is read; made first when there is none.

        Raises:
            RegistryError: the plan cannot be carried out; the class says why.
        """
        at_hand = wanted.at_hand
        for _attempt in range(ATTEMPTS):
            found = self._made_if_due(wanted, at_hand)
            layer = Layer(found.schema_name, found.drawn_at)
            with self._engine.connect() as connection:
                if layer.enter(connection) != found.number:
                    at_hand = None  # dropped between finding it and taking hold of it
                    continue
                yield Stage(connection, found, self._finder(connection, found))
                # Nothing was written; a rollback would make the driver forget what is prepared.
                connection.commit()
                return
        raise Refusal("unavailable", HTTPStatus.SERVICE_UNAVAILABLE, "ask again in a moment")

    def _made_if_due(self, wanted: Wanted, found: Rehearsal | None) -> Rehearsal:
        if found is not None and not is_due(
            found, wanted.head, keep_s=KEEP_S, asked_anew=wanted.anew
        ):
            self._note_use(found)
            return found
        # One at a time in this process: each takes two connections. Whoever may read an older
        # one does not wait.
        if not self._making.acquire(blocking=found is None):
            assert found is not None
            return found
        try:
            return self._made(wanted.filed, found)
        finally:
            self._making.release()

    def _note_use(self, found: Rehearsal) -> None:
        with self._lock:
            if found.age_s - self._noted.get(found.schema_name, 0.0) < NOTE_USE_EVERY_S:
                return
            self._noted[found.schema_name] = found.age_s
        with self._engine.connect() as connection:
            RehearsalStore(connection).note_use(found.schema_name)
            connection.commit()

    def _made(self, filed: Restructuring, old: Rehearsal | None) -> Rehearsal:
        """Made by nobody else meanwhile, in whatever process."""
        with self._engine.connect() as queue:
            store = RehearsalStore(queue)
            if not store.try_to_make(filed.restructuring_id, wait=old is None):
                assert old is not None
                return old
            found = store.latest(filed.restructuring_id, paper_digest(queue, filed))
            if found is not None and (old is None or found.drawn_at > old.drawn_at):
                return found
            snapshot = self._engine.execution_options(isolation_level="REPEATABLE READ")
            with snapshot.connect() as connection:
                made = make_rehearsal(connection, filed)
                connection.commit()
        self.sweep()
        return made

    def sweep(self, *, idle_s: float = IDLE_S, superseded_s: float = SUPERSEDED_S) -> int:
        """Drop what nobody has read for a while; returns how many."""
        with self._engine.connect() as connection:
            idle = RehearsalStore(connection).idle(idle_s=idle_s, superseded_s=superseded_s)
        return sum(self._drop(schema_name) for schema_name in idle)

    def _drop(self, schema_name: str) -> bool:
        with self._engine.connect() as connection:
            try:
                RehearsalStore(connection).drop(schema_name)
                connection.commit()
            except OperationalError:
                # Somebody is reading it: it waits for the next time.
                return False
        with self._lock:
            self._gazetteers.pop(schema_name, None)
            self._noted.pop(schema_name, None)
        return True

    def _finder(self, connection: Connection, found: Rehearsal) -> Finder:
        with self._lock:
            kept = self._gazetteers.setdefault(found.schema_name, Gazetteers(national_names()))
            self._gazetteers.move_to_end(found.schema_name)
            while len(self._gazetteers) > MOST_GAZETTEERS:
                self._gazetteers.popitem(last=False)
        return Finder(rows_of(connection), kept)


def rows_of(connection: Connection) -> Rows:
    """Hot statements on a connection of ours, in its transaction: they see what it sees."""
    driver: DriverConnection[Row] = connection.connection.driver_connection  # type: ignore[assignment]  # -- psycopg's

    def rows(statement: HotStatement, **values: object) -> list[Row]:
        return run(driver, statement, **values)

    return rows


def wanted_of(connection: Connection, filed: Restructuring, *, anew: bool = False) -> Wanted:
    """What there is of a plan when somebody asks for it.

    Args:
        anew: it is to take everything into account that is known now.
    """
    return Wanted(
        filed,
        ChangeStore(connection).head(),
        anew,
        RehearsalStore(connection).latest(filed.restructuring_id, paper_digest(connection, filed)),
    )


def plan_asked_for(request: Request, connection: Connection, plan: str) -> Restructuring:
    """The plan a request wants to read, if its sender may.

    Raises:
        RestructuringIsUnknown: there is none.
        StateForbids: see `plan_filed`.
        Refusal: it is a draft, and the sender is not of the staff.
    """
    filed = plan_filed(connection, plan)
    if not is_public(connection, filed):
        require(*MAY_SEE_DRAFTS)(request)
    return filed


def is_public(connection: Connection, filed: Restructuring) -> bool:
    """Whether everybody may read what a plan would lead to, or has led to."""
    if filed.state is State.COMMITTED:
        return True
    return RehearsalStore(connection).publication(filed.restructuring_id) is not None


def plan_filed(connection: Connection, plan: str) -> Restructuring:
    """A plan by its id, if there is anything of it to be read.

    Raises:
        RestructuringIsUnknown: there is none.
        StateForbids: it was withdrawn, annulled after it was carried out, or another scenario was
            carried out.
    """
    try:
        filed = RestructuringStore(connection).get(UUID(plan))
    except ValueError as error:
        raise RestructuringIsUnknown(plan) from error
    if filed.state in (State.WITHDRAWN, State.ANNULLED, State.SUPERSEDED):
        raise StateForbids(step="rehearse", state=filed.state.value)
    return filed
