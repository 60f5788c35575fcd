"""Deciding on what was asked for: by somebody else than who asked. Nothing here commits."""

from uuid import UUID

from sqlalchemy import Connection

from registry.changes.work import Work
from registry.errors import ApproverIsAuthor
from registry.restructuring.annulment import carry_out_annulment, preview_annulment
from registry.restructuring.correction import carry_out_correction, preview_asked
from registry.restructuring.settling import settle
from registry.restructuring.undoing import Undoing, UndoingKind, UndoingPreview, UndoingState
from registry.restructuring.undoing_store import UndoingStore
from registry.undoing_errors import UndoingIsDecided


def preview_undoing(connection: Connection, undoing_id: UUID) -> UndoingPreview:
    """What a request would do if it were approved now."""
    asked = UndoingStore(connection).get(undoing_id)
    if asked.kind is UndoingKind.ANNUL:
        return preview_annulment(connection, asked.change_number)
    return preview_asked(connection, asked)


def approve_undoing(connection: Connection, undoing_id: UUID, *, who: str) -> Work:
    """Approve a request and carry it out, whole or not at all; the caller seals and commits.

    Raises:
        UndoingIsDecided: it was approved or rejected before.
        ApproverIsAuthor: nobody approves what they asked for.
        LaterWorkStands, PlanIsStale: the registry has moved on since it was asked for.
        ActIsSettled: an act would come back beside another scenario of it that was carried out.
    """
    store = UndoingStore(connection)
    asked = _open(store.lock(undoing_id))
    if asked.author == who:
        raise ApproverIsAuthor(who)
    carry_out = carry_out_annulment if asked.kind is UndoingKind.ANNUL else carry_out_correction
    work = carry_out(connection, asked, author=asked.author)
    store.amend(
        undoing_id,
        state=UndoingState.COMMITTED.value,
        decided_by=who,
        result_number=work.number,
    )
    settle(connection, asked, work.number, who=who)
    return work


def reject_undoing(connection: Connection, undoing_id: UUID, *, who: str) -> Undoing:
    """Turn a request down.

    Raises:
        UndoingIsDecided: it was approved or rejected before.
    """
    store = UndoingStore(connection)
    _open(store.lock(undoing_id))
    store.amend(undoing_id, state=UndoingState.REJECTED.value, decided_by=who)
    return store.get(undoing_id)


def _open(asked: Undoing) -> Undoing:
    if asked.state is not UndoingState.SUBMITTED:
        raise UndoingIsDecided(state=asked.state.value)
    return asked
