"""Annulling (撤销) an act: asked for by one person, decided by another, done in one work."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import Connection

from registry.changes.amendments import AmendmentStore
from registry.changes.annulment import annul, refuse_obstacles, withdraw
from registry.changes.model import Decree, Intent, Verb
from registry.changes.store import ChangeStore
from registry.changes.work import Work
from registry.restructuring.model import State
from registry.restructuring.store import RestructuringStore
from registry.restructuring.undoing import Undoing, UndoingKind, UndoingPreview, UndoingState
from registry.restructuring.undoing_preview import preview_of
from registry.restructuring.undoing_store import UndoingStore
from registry.undoing_errors import ChangeIsAnnulled, NotCommitted, UndoingIsMalformed


class DecreeGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The decree (批复) of an annulment, or the right one of an act, as it is handed in."""

    authority: str
    number: str | None = None
    title: str | None = None
    approved_on: date | None = None
    announced_on: date | None = None
    effective_on: date | None = None
    note: str | None = None


def preview_annulment(connection: Connection, number: int) -> UndoingPreview:
    """What annulling a change would do now, and what stands in its way.

    Raises:
        ChangeIsUnknown: no such change, or not yet.
        ChangeIsAnnulled: it is annulled already.
    """
    found = withdraw(connection, number)
    act = ChangeStore(connection).many([number], found.rewriting.head)[number]
    return preview_of(
        connection,
        found.rewriting,
        found.obstacles,
        kind=UndoingKind.ANNUL,
        title=annulment_title(act.title),
        on=act.effective_on,
    )


def ask_annulment(
    connection: Connection, number: int, *, reason: str, decree: Mapping[str, Any], author: str
) -> Undoing:
    """Ask for the annulment of a change, with the reason and the decree it rests on.

    Raises:
        UndoingIsMalformed: no reason, or not a decree.
        LaterWorkStands: it could not be carried out.
    """
    check_reason(reason)
    decree_of(decree)
    found = withdraw(connection, number)
    refuse_obstacles(connection, found)
    store = UndoingStore(connection)
    undoing_id = uuid4()
    store.add(
        {
            "undoing_id": undoing_id,
            "kind": UndoingKind.ANNUL.value,
            "change_number": number,
            "restructuring_id": store.restructuring_of(number)
            or ChangeStore(connection).get(number).restructuring_id,
            "state": UndoingState.SUBMITTED.value,
            "reason": reason.strip(),
            "decree": msgspec.to_builtins(msgspec.convert(decree, DecreeGiven)),
            "author": author,
            "drawn_at": found.rewriting.head,
            "effects_digest": found.rewriting.digest,
        }
    )
    return store.get(undoing_id)


def carry_out_annulment(connection: Connection, asked: Undoing, *, author: str) -> Work:
    """Do what was asked and approved; the caller seals and commits."""
    changes = ChangeStore(connection)
    act = changes.many([asked.change_number], changes.head())[asked.change_number]
    intent = Intent(
        author=author,
        verb=Verb.ANNUL,
        title=annulment_title(act.title),
        decree=decree_of(asked.decree or {}),
        effective_on=act.effective_on,
        restructuring_id=asked.restructuring_id,
    )
    work = Work(connection, intent)
    annul(work, asked.change_number, expected_digest=asked.effects_digest, reason=asked.reason)
    return work


def change_of(connection: Connection, restructuring_id: UUID) -> int:
    """The change a restructuring was carried out by.

    Raises:
        RestructuringIsUnknown: none has that id.
        NotCommitted: it was not carried out.
        ChangeIsAnnulled: it was, and taken back since.
    """
    filed = RestructuringStore(connection).get(restructuring_id)
    if filed.state is State.ANNULLED and filed.change_number is not None:
        head = ChangeStore(connection).head()
        by = AmendmentStore(connection).annulled_by(filed.change_number, head)
        assert by is not None
        raise ChangeIsAnnulled(change=filed.change_number, by=by)
    if filed.state is not State.COMMITTED or filed.change_number is None:
        raise NotCommitted(title=filed.title, state=filed.state.value)
    return filed.change_number


def annulment_title(title: str) -> str:
    """How an annulment is called."""
    return f"撤销:{title}"


def decree_of(raw: Mapping[str, Any]) -> Decree:
    """A decree as it is handed in.

    Raises:
        UndoingIsMalformed: not a decree.
    """
    try:
        given = msgspec.convert(dict(raw), DecreeGiven, strict=True)
    except msgspec.ValidationError as error:
        raise UndoingIsMalformed("decree", str(error)) from error
    if not given.authority.strip():
        raise UndoingIsMalformed("decree", "the authority is missing")
    return Decree(
        authority=given.authority,
        number=given.number,
        title=given.title,
        approved_on=given.approved_on,
        announced_on=given.announced_on,
        effective_on=given.effective_on,
        note=given.note,
    )


def check_reason(reason: str) -> None:
    """Raises UndoingIsMalformed when nothing is said."""
    if not reason.strip():
        raise UndoingIsMalformed("reason", "say why")
