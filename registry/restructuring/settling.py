"""What an annulment or correction means for the restructuring whose act it was.

An act taken back leaves its place in the case free: scenarios it had closed are drafts again, since
an approval speaks of a registry in which the act was not. When the annulment is annulled itself, the
act stands as before and closes what is open beside it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from registry.changes.amendments import AmendmentStore
from registry.changes.store import ChangeStore
from registry.restructuring.cases import refuse_settled
from registry.restructuring.completion import SCHEDULER, supersede
from registry.restructuring.docket import Docket
from registry.restructuring.model import Restructuring, State
from registry.restructuring.moving import move
from registry.restructuring.store import RestructuringStore
from registry.restructuring.tables import undoing
from registry.restructuring.undoing import Undoing, UndoingKind


@dataclass(frozen=True, slots=True)
class ActAmendment:
    """That an act was annulled or corrected: by which change, who asked and decided, and why."""

    kind: str
    """annulled or corrected."""
    change: int
    asked_by: str
    decided_by: str | None
    """None: the change was not asked for, it was written by the registry's own tools."""
    reason: str | None
    recorded_at: datetime


def settle(connection: Connection, asked: Undoing, number: int, *, who: str) -> None:
    """Write down, with the restructuring whose act it is, what change `number` did to it.

    Raises:
        ActIsSettled: the act would come back, but another scenario was carried out meanwhile.
    """
    if asked.restructuring_id is None:
        return
    store, docket = RestructuringStore(connection), Docket(connection)
    case = docket.lock_case(store.get(asked.restructuring_id).case_id)
    filed = next(one for one in case if one.restructuring_id == asked.restructuring_id)
    act = filed.change_number
    annulled = act is not None and AmendmentStore(connection).annulled_by(act, number) is not None
    to, step = State.COMMITTED, "correct"
    if annulled:
        to, step = State.ANNULLED, "annul"
    elif filed.state is State.ANNULLED:
        refuse_settled([one for one in case if one.act_number == filed.act_number])
        step = "restore"
    elif asked.kind is UndoingKind.ANNUL:
        step = "annul-later"
    facts = {"change": number, "asked_by": asked.author, "undoing": str(asked.undoing_id)}
    move(store, docket, filed, step, to, who=who, reason=asked.reason, facts=facts)
    if step == "annul":
        _reopen(store, docket, case, filed, number)
    if step == "restore" and act is not None:
        supersede(store, docket, case, filed, act)


def amendments_of(connection: Connection, filed: Restructuring) -> tuple[ActAmendment, ...]:
    """What is believed by now to have annulled or corrected the act, in order."""
    if filed.change_number is None:
        return ()
    changes = ChangeStore(connection)
    head = changes.head()
    found = AmendmentStore(connection).of([filed.change_number], head)
    numbers = [one.by for one in found]
    told = changes.many(numbers, head)
    rows = connection.execute(
        select(undoing.c.result_number, undoing.c.decided_by).where(
            undoing.c.result_number.in_(numbers)
        )
    )
    decided = {row.result_number: row.decided_by for row in rows}
    return tuple(
        ActAmendment(
            kind=one.kind,
            change=one.by,
            asked_by=told[one.by].author,
            decided_by=decided.get(one.by),
            reason=one.reason,
            recorded_at=told[one.by].recorded_at,
        )
        for one in found
    )


def _reopen(
    store: RestructuringStore,
    docket: Docket,
    case: list[Restructuring],
    undone: Restructuring,
    number: int,
) -> None:
    for one in case:
        if one.act_number == undone.act_number and one.state is State.SUPERSEDED:
            move(
                store,
                docket,
                one,
                "reopen",
                State.DRAFT,
                who=SCHEDULER,
                reason=f"scenario {undone.scenario} was annulled by change {number}",
                facts={"scenario": undone.scenario, "change": number},
                changes={"approved_by": None},
            )
