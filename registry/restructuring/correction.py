"""Correcting (更正) an act: its day, its decree, its operations, for all days and with both clocks.

What is believed afterwards is what would be believed had the corrected paper been carried out
instead, with everything done since. What was believed before stays readable with `known`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import Connection

from registry.changes.amendments import CORRECTED, AmendmentStore, amend
from registry.changes.annulment import Withdrawal, refuse_obstacles
from registry.changes.holding import obstacles
from registry.changes.model import Intent, Verb
from registry.changes.rewriting import carry_out, work_out
from registry.changes.store import ChangeStore
from registry.changes.work import Work
from registry.divisions.tables import division
from registry.errors import PlanIsStale
from registry.names.commands import open_window, window_end
from registry.restructuring.annulment import change_of, check_reason
from registry.restructuring.paper import Paper, read_paper
from registry.restructuring.redrawing import Redrawn, redraw
from registry.restructuring.store import RestructuringStore
from registry.restructuring.undoing import Undoing, UndoingKind, UndoingPreview, UndoingState
from registry.restructuring.undoing_preview import preview_of
from registry.restructuring.undoing_store import UndoingStore
from registry.undoing_errors import ChangeIsAnnulled, NothingIsCorrected, UndoingIsMalformed

CORRIGIBLE = frozenset(
    {
        "title",
        "effective_on",
        "effective_precision",
        "decree",
        "operations",
        "evidence",
        "dual_names",
    }
)
"""Fields of a paper that a correction may replace."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction worked out; nothing is written."""

    number: int
    restructuring_id: UUID
    raw: dict[str, Any]
    paper: Paper
    redrawn: Redrawn
    found: Withdrawal


def work_out_correction(
    connection: Connection, restructuring_id: UUID, fields: Mapping[str, Any]
) -> Correction:
    """Work a correction out on what is known now.

    Args:
        fields: the fields of the paper that were wrong, as they should have been.

    Raises:
        NotCommitted: the restructuring was not carried out.
        ChangeIsAnnulled: its change is annulled.
        UndoingIsMalformed: no field of a paper, or none that may be corrected.
        PlanIsMalformed, PlanBreaksRules: the corrected paper is no plan that could be carried out.
        NothingIsCorrected: the act says all this already.
    """
    number = change_of(connection, restructuring_id)
    head = ChangeStore(connection).head()
    amendments = AmendmentStore(connection)
    annulled_by = amendments.annulled_by(number, head)
    if annulled_by is not None:
        raise ChangeIsAnnulled(change=number, by=annulled_by)
    corrections = amendments.corrections_of(number, head)
    before = believed_paper(connection, restructuring_id, corrections)
    raw = {**before, **_corrigible(fields)}
    paper = read_paper(raw)
    if paper == read_paper(before):
        raise NothingIsCorrected
    redrawn = redraw(connection, paper, number)
    rewriting = work_out(connection, (number, *corrections), redrawn.targets)
    found = Withdrawal(rewriting, tuple(obstacles(connection, rewriting)))
    return Correction(number, restructuring_id, raw, paper, redrawn, found)


def believed_paper(
    connection: Connection, restructuring_id: UUID, corrections: tuple[int, ...]
) -> dict[str, Any]:
    """The paper of an act as its corrections left it."""
    corrected = UndoingStore(connection).paper_of(corrections) if corrections else None
    return corrected or dict(RestructuringStore(connection).get(restructuring_id).paper)


def preview_correction(
    connection: Connection, restructuring_id: UUID, fields: Mapping[str, Any]
) -> UndoingPreview:
    """What a correction would do now, and what stands in its way."""
    worked = work_out_correction(connection, restructuring_id, fields)
    return _preview(connection, worked)


def preview_asked(connection: Connection, asked: Undoing) -> UndoingPreview:
    """The same of a correction that was asked for."""
    assert asked.restructuring_id is not None
    worked = work_out_correction(connection, asked.restructuring_id, asked.paper or {})
    return _preview(connection, worked)


def ask_correction(
    connection: Connection,
    restructuring_id: UUID,
    fields: Mapping[str, Any],
    *,
    reason: str,
    author: str,
) -> Undoing:
    """Ask for the correction of an act.

    Raises:
        LaterWorkStands: it could not be carried out; and all of `work_out_correction`.
    """
    check_reason(reason)
    worked = work_out_correction(connection, restructuring_id, fields)
    refuse_obstacles(connection, worked.found)
    store = UndoingStore(connection)
    undoing_id = uuid4()
    store.add(
        {
            "undoing_id": undoing_id,
            "kind": UndoingKind.CORRECT.value,
            "change_number": worked.number,
            "restructuring_id": restructuring_id,
            "state": UndoingState.SUBMITTED.value,
            "reason": reason.strip(),
            "decree": worked.raw.get("decree"),
            "paper": worked.raw,
            "author": author,
            "drawn_at": worked.found.rewriting.head,
            "effects_digest": worked.found.rewriting.digest,
        }
    )
    return store.get(undoing_id)


def carry_out_correction(connection: Connection, asked: Undoing, *, author: str) -> Work:
    """Do what was asked and approved; the caller seals and commits."""
    assert asked.restructuring_id is not None
    paper = read_paper(asked.paper or {})
    intent = Intent(
        author=author,
        verb=Verb.CORRECT,
        title=f"更正:{paper.title}",
        decree=paper.legal_basis(),
        effective_on=paper.effective_on,
        restructuring_id=asked.restructuring_id,
    )
    work = Work(connection, intent)
    work.start()
    correct_act(
        work,
        asked.restructuring_id,
        asked.paper or {},
        reason=asked.reason,
        expected_digest=asked.effects_digest,
    )
    return work


def correct_act(
    work: Work,
    restructuring_id: UUID,
    fields: Mapping[str, Any],
    *,
    reason: str | None = None,
    expected_digest: str | None = None,
) -> int:
    """Carry a correction out in a work; returns the rows written.

    Raises:
        LaterWorkStands: later work holds on to what would be another; nothing is corrected then.
        PlanIsStale: something else would be corrected than was approved.
    """
    work.start()
    worked = work_out_correction(work.connection, restructuring_id, fields)
    refuse_obstacles(work.connection, worked.found)
    rewriting = worked.found.rewriting
    if expected_digest is not None and rewriting.digest != expected_digest:
        raise PlanIsStale(
            drawn_at=worked.number,
            head=work.number - 1,
            moved=[f"correction of {worked.paper.title}"],
        )
    window = window_end(work.connection, worked.number)
    work.establish(
        division,
        [
            {"division_id": unit, "layer": layer}
            for unit, layer in worked.redrawn.established.items()
        ],
    )
    written = carry_out(work, rewriting)
    amend(
        work,
        worked.number,
        kind=CORRECTED,
        reason=reason,
        effective_on=worked.paper.effective_on,
        decree=worked.paper.legal_basis(),
    )
    until = worked.paper.dual_names.until if worked.paper.dual_names else window
    if until is not None:
        open_window(work, worked.number, until=until)
    return written


def _preview(connection: Connection, worked: Correction) -> UndoingPreview:
    act = ChangeStore(connection).get(worked.number)
    days = [day for day in (act.effective_on, worked.paper.effective_on) if day is not None]
    return preview_of(
        connection,
        worked.found.rewriting,
        worked.found.obstacles,
        kind=UndoingKind.CORRECT,
        title=f"更正:{worked.paper.title}",
        on=min(days),
    )


def _corrigible(fields: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(fields) - CORRIGIBLE - {"code_scheme"})
    if unknown:
        raise UndoingIsMalformed(
            unknown[0], f"may not be corrected; what may: {', '.join(sorted(CORRIGIBLE))}"
        )
    if not fields:
        raise UndoingIsMalformed("top", "give what was wrong: effective_on, decree, operations, …")
    found: dict[str, Any] = msgspec.to_builtins(dict(fields))
    return found
