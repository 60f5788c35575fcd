"""How a restructuring's way ends or begins anew: carried out, put aside, or rebased."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from registry.changes.model import Decree
from registry.changes.work import Work
from registry.errors import RegistryError, StateForbids
from registry.restructuring.cases import refuse_out_of_turn
from registry.restructuring.decrees import read_decree
from registry.restructuring.docket import Docket
from registry.restructuring.enactment import draw_under_lock, foresee, intent_of, write
from registry.restructuring.model import CLOSED, Restructuring, State
from registry.restructuring.moving import drawn, in_state, move, repeated
from registry.restructuring.paper import Paper, read_paper
from registry.restructuring.plan import Plan
from registry.restructuring.rebase import Comparison, compare, stale
from registry.restructuring.store import RestructuringStore
from registry.restructuring.substance import differing, substance_of

OPEN = tuple(state for state in State if state not in CLOSED)
SCHEDULER = "scheduler"
"""Who takes the steps that come by themselves."""


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit came to; `work` None: it had been done before, there is nothing to seal."""

    change_number: int
    work: Work | None


@dataclass(frozen=True, slots=True)
class Rebased:
    """What a rebase came to."""

    filed: Restructuring
    comparison: Comparison
    approval: str
    """holds, lapsed, or none when there was none."""


def commit(connection: Connection, restructuring_id: UUID, *, who: str) -> Work:
    """As `commit_once`, for callers who know that it has not been done.

    Raises:
        StateForbids: it has been done.
    """
    done = commit_once(connection, restructuring_id, who=who)
    if done.work is None:
        raise StateForbids(step="commit", state=State.COMMITTED.value)
    return done.work


def commit_once(
    connection: Connection, restructuring_id: UUID, *, who: str, step_by: str | None = None
) -> Committed:
    """Carry an approved restructuring out; the caller seals the work and commits the transaction.

    Its siblings are closed, since only one scenario of an act can be carried out.

    Args:
        step_by: who the step is logged under; None: `who`.

    Raises:
        StateForbids: it is neither approved nor scheduled.
        EarlierActIsOpen: an act it was drawn on has not been carried out.
        ActIsSettled: another scenario of the act has been carried out.
        PlanIsStale: what it touches moved after it was submitted; its objects are listed.
    """
    store, docket = RestructuringStore(connection), Docket(connection)
    case = docket.lock_case(store.get(restructuring_id).case_id)
    filed = next(one for one in case if one.restructuring_id == restructuring_id)
    if repeated(docket, filed, "commit", step_by or who):
        assert filed.change_number is not None
        return Committed(filed.change_number, None)
    in_state(filed, "commit", State.APPROVED, State.SCHEDULED)
    refuse_out_of_turn(case, filed)
    paper = read_paper(filed.paper)
    work = Work(connection, _intent(paper, filed, who))
    plan = _as_approved(work, paper, filed, store.substance(restructuring_id))
    write(work, plan)
    move(
        store,
        docket,
        filed,
        "commit",
        State.COMMITTED,
        who=step_by or who,
        digest=plan.digest,
        facts={"change": work.number},
        changes={"committed_by": who, "change_number": work.number},
    )
    supersede(store, docket, case, filed, work.number)
    return Committed(work.number, work)


def hold(
    connection: Connection, restructuring_id: UUID, error: RegistryError
) -> Restructuring | None:
    """Put a scheduled restructuring aside that could not be carried out, with the reason.

    Returns None when somebody took another step meanwhile.
    """
    store, docket = RestructuringStore(connection), Docket(connection)
    filed = store.lock(restructuring_id)
    if filed.state is not State.SCHEDULED:
        return None
    facts = {name: _plain(value) for name, value in error.facts.items()}
    move(
        store,
        docket,
        filed,
        "hold",
        State.HELD,
        who=SCHEDULER,
        reason=f"{error.code}: {error}",
        facts={"code": error.code, **facts},
    )
    return store.get(restructuring_id)


def rebase(
    connection: Connection, restructuring_id: UUID, *, who: str, reason: str | None = None
) -> Rebased:
    """Draw a plan anew on what the registry knows by now.

    Conflicts leave it as it is: they are listed, and nothing is patched. Without conflicts it
    gets its new digest; an approval holds when the plan's substance is what was approved, and
    lapses otherwise: then it is submitted again, with its new effects.

    Raises:
        StateForbids: it is closed.
    """
    store, docket = RestructuringStore(connection), Docket(connection)
    filed = in_state(store.lock(restructuring_id), "rebase", *OPEN)
    submitted = store.substance(restructuring_id)
    found = compare(connection, filed, submitted)
    approved = filed.state in (State.APPROVED, State.SCHEDULED, State.HELD)
    if found.conflicts or found.plan is None:
        return Rebased(filed, found, "none" if not approved else "lapsed")
    approval = "none" if not approved else "lapsed" if found.differing else "holds"
    state = _rebased_state(filed.state, approval)
    changes: dict[str, Any] = {"drawn_at": found.head}
    if submitted is not None:
        changes = drawn(found.plan)
    if approval == "lapsed":
        changes["approved_by"] = None
    move(
        store,
        docket,
        filed,
        "rebase",
        state,
        who=who,
        reason=reason,
        digest=found.plan.digest,
        facts={"from": found.drawn_at, "to": found.head, "approval": approval},
        changes=changes,
    )
    return Rebased(store.get(restructuring_id), found, approval)


def _as_approved(
    work: Work, paper: Paper, filed: Restructuring, submitted: dict[str, Any] | None
) -> Plan:
    foreseen = foresee(work, paper)
    agreed = (
        foreseen is not None
        and submitted is not None
        and not differing(submitted, substance_of(foreseen.plan))
    )
    try:
        plan = draw_under_lock(work, paper, foreseen)
    except RegistryError as error:
        raise stale(
            work.connection,
            filed,
            work.number - 1,
            submitted=submitted or {},
            plan=None,
            why=f"{error.code}: {error}",
        ) from error
    if agreed and foreseen is not None and plan is foreseen.plan:
        return plan
    if submitted is None:
        # Filed by a release that kept the digest alone.
        if plan.digest == filed.effects_digest:
            return plan
    elif not differing(submitted, substance_of(plan)):
        return plan
    raise stale(work.connection, filed, work.number - 1, submitted=submitted or {}, plan=plan)


def supersede(
    store: RestructuringStore,
    docket: Docket,
    case: list[Restructuring],
    done: Restructuring,
    number: int,
) -> None:
    """Close what is open beside a scenario that was carried out."""
    for one in case:
        if (
            one.act_number == done.act_number
            and one.restructuring_id != done.restructuring_id
            and one.state not in CLOSED
        ):
            move(
                store,
                docket,
                one,
                "supersede",
                State.SUPERSEDED,
                who=SCHEDULER,
                reason=f"scenario {done.scenario} was carried out as change {number}",
                facts={"scenario": done.scenario, "change": number},
            )


def _intent(paper: Paper, filed: Restructuring, who: str) -> Any:
    basis = read_decree(filed)
    decree = None
    if basis is not None:
        decree = Decree(**msgspec.structs.asdict(basis), effective_on=paper.effective_on)
    return intent_of(paper, author=who, restructuring_id=filed.restructuring_id, decree=decree)


def _rebased_state(state: State, approval: str) -> State:
    if approval == "lapsed":
        return State.SUBMITTED
    return State.APPROVED if state is State.HELD else state


def _plain(value: object) -> object:
    return value if isinstance(value, bool | int | float | str | list | dict) else str(value)
