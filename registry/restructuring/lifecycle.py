"""Steps of a restructuring's life, each logged with who, when, why and on exactly what.

A step takes the row's lock, so of two people who decide at once one wins and the other is told
what the state is by then. The same step by the same person again changes nothing and answers as
the first time: a retry is safe. None of these commits.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from registry.errors import ApproverIsAuthor
from registry.restructuring.cases import draw_filed, refuse_settled
from registry.restructuring.completion import OPEN
from registry.restructuring.deadlines import MILESTONES
from registry.restructuring.decrees import read_decree, warnings_of
from registry.restructuring.docket import Docket
from registry.restructuring.errors import MilestoneIsUnknown
from registry.restructuring.model import Restructuring, State
from registry.restructuring.moving import drawn, in_state, move, repeated
from registry.restructuring.paper import read_paper
from registry.restructuring.references import asks_for_codes
from registry.restructuring.store import RestructuringStore
from registry.restructuring.surroundings import queue_for_codes, reserve


def submit(
    connection: Connection, restructuring_id: UUID, *, who: str, reason: str | None = None
) -> Restructuring:
    """Ask for approval of exactly the effects the plan has now.

    Codes the paper leaves to the registry are kept for it from then on, until it is sent back,
    withdrawn or superseded, so that two plans on the way never get one code.

    Raises:
        StateForbids: it is not a draft.
        ActIsSettled: another scenario of its act has been carried out.
        PlanBreaksRules: it could not be committed.
    """
    store, docket = RestructuringStore(connection), Docket(connection)
    filed = store.lock(restructuring_id)
    if repeated(docket, filed, "submit", who):
        return filed
    in_state(filed, "submit", State.DRAFT, State.REJECTED)
    refuse_settled(
        [one for one in docket.case(filed.case_id) if one.act_number == filed.act_number]
    )
    if asks_for_codes(read_paper(filed.paper)):
        queue_for_codes(connection)
    plan, _ledger = draw_filed(connection, filed)
    plan.refuse_if_broken()
    reserve(connection, restructuring_id, plan.paper.code_scheme, plan.allocated)
    move(
        store,
        docket,
        filed,
        "submit",
        State.SUBMITTED,
        who=who,
        reason=reason,
        digest=plan.digest,
        changes=drawn(plan),
    )
    return store.get(restructuring_id)


def approve(
    connection: Connection,
    restructuring_id: UUID,
    *,
    who: str,
    reason: str | None = None,
    decree: Mapping[str, Any] | None = None,
) -> Restructuring:
    """Approve what was submitted.

    Args:
        decree: authority, number, dates: what the paper could not know yet, or had wrong.
        reason: in writing; needed when the decree's authority stands too low for the plan.

    Raises:
        StateForbids: it was not submitted, or somebody else decided first.
        ApproverIsAuthor: nobody approves their own plan.
        AuthorityIsTooLow: the decree's authority may not approve this (P03, V11).
        PlanIsMalformed: the decree cannot be read.
    """
    store, docket = RestructuringStore(connection), Docket(connection)
    filed = store.lock(restructuring_id)
    if repeated(docket, filed, "approve", who):
        return filed
    in_state(filed, "approve", State.SUBMITTED)
    if filed.author == who:
        raise ApproverIsAuthor(who)
    refuse_settled(
        [one for one in docket.case(filed.case_id) if one.act_number == filed.act_number]
    )
    basis = read_decree(filed, decree)
    warnings = warnings_of(connection, filed, basis, reason)
    move(
        store,
        docket,
        filed,
        "approve",
        State.APPROVED,
        who=who,
        reason=reason,
        digest=filed.effects_digest,
        facts={"warnings": warnings} if warnings else None,
        changes={
            "approved_by": who,
            "decree": None if basis is None else msgspec.to_builtins(basis),
        },
    )
    return store.get(restructuring_id)


def reject(
    connection: Connection, restructuring_id: UUID, *, who: str, reason: str | None = None
) -> Restructuring:
    """Send a submitted restructuring back.

    Raises:
        StateForbids: it was not submitted.
    """
    return _step(
        connection, restructuring_id, "reject", (State.SUBMITTED,), State.REJECTED, who, reason
    )


def withdraw(
    connection: Connection, restructuring_id: UUID, *, who: str, reason: str | None = None
) -> Restructuring:
    """Take a restructuring back before it is committed.

    Raises:
        StateForbids: it is committed or withdrawn already.
    """
    return _step(connection, restructuring_id, "withdraw", OPEN, State.WITHDRAWN, who, reason)


def schedule(
    connection: Connection, restructuring_id: UUID, *, who: str, reason: str | None = None
) -> Restructuring:
    """Let it be carried out by itself at 00:00 (Asia/Shanghai) of its day, or at once when that
    has passed.

    Raises:
        StateForbids: it is not approved.
    """
    return _step(
        connection, restructuring_id, "schedule", (State.APPROVED,), State.SCHEDULED, who, reason
    )


def reach(
    connection: Connection, restructuring_id: UUID, *, who: str, milestone: str, on: date
) -> Restructuring:
    """Record a day the rules ask for: when it was filed, announced, its codes published.

    Raises:
        MilestoneIsUnknown: the rules ask for no such day.
        StateForbids: it has not been approved.
    """
    if milestone not in MILESTONES:
        raise MilestoneIsUnknown(milestone, MILESTONES)
    store, docket = RestructuringStore(connection), Docket(connection)
    filed = store.lock(restructuring_id)
    in_state(
        filed, "record a milestone", State.APPROVED, State.SCHEDULED, State.HELD, State.COMMITTED
    )
    facts = {"milestone": milestone, "on": on.isoformat()}
    move(store, docket, filed, "milestone", filed.state, who=who, facts=facts)
    return store.get(restructuring_id)


def _step(
    connection: Connection,
    restructuring_id: UUID,
    step: str,
    allowed: tuple[State, ...],
    to: State,
    who: str,
    reason: str | None,
) -> Restructuring:
    store, docket = RestructuringStore(connection), Docket(connection)
    filed = store.lock(restructuring_id)
    if repeated(docket, filed, step, who):
        return filed
    in_state(filed, step, *allowed)
    move(store, docket, filed, step, to, who=who, reason=reason, digest=filed.effects_digest)
    return store.get(restructuring_id)
