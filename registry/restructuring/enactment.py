"""Carrying a paper out (实施): drawn before the lock, verified and written under it."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from registry.addresses.rehoming import rehome, rehome_all
from registry.changes.model import Decree, Intent
from registry.changes.store import ChangeStore
from registry.changes.work import Work
from registry.divisions.tables import division, territory_version
from registry.errors import ApproverIsAuthor, PlanIsStale, RegistryError
from registry.lines.following import follow
from registry.names.commands import open_window
from registry.restructuring.docket import Docket
from registry.restructuring.filing import record
from registry.restructuring.ledger import Ledger
from registry.restructuring.model import State
from registry.restructuring.movements import still_true
from registry.restructuring.paper import Paper, read_paper
from registry.restructuring.plan import Plan, draw_up
from registry.restructuring.store import RestructuringStore


def intent_of(
    paper: Paper,
    *,
    author: str,
    restructuring_id: UUID | None = None,
    source_key: str | None = None,
    decree: Decree | None = None,
) -> Intent:
    """What the log will say of a paper's commit.

    Args:
        decree: as given at approval; None: as the paper has it.
    """
    return Intent(
        author=author,
        verb=paper.verb,
        title=paper.title,
        decree=decree or paper.legal_basis(),
        effective_on=paper.effective_on,
        restructuring_id=restructuring_id,
        source_key=source_key,
    )


def commit_paper(work: Work, paper: Paper, *, expected_digest: str | None = None) -> Plan:
    """Carry a paper out, whole or not at all.

    Args:
        expected_digest: digest of the plan that was approved; another one means that what the
            plan touches has moved since.

    Raises:
        PlanIsStale: the effects are not the approved ones any more.
        PlanBreaksRules: the result would break invariants; all breaches are listed.
    """
    plan = draw_under_lock(work, paper, foresee(work, paper))
    if expected_digest is not None and plan.digest != expected_digest:
        raise PlanIsStale(drawn_at=plan.drawn_at, head=work.number - 1, moved=[paper.title])
    write(work, plan)
    return plan


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A plan drawn before the lock, and what it was drawn on."""

    plan: Plan
    ledger: Ledger


def foresee(work: Work, paper: Paper) -> Foreseen | None:
    """Draw a plan on a fixed change, while everybody else goes on writing.

    Drawing takes far longer than looking whether anything moved. None: the work has the lock, or
    the paper cannot be drawn: what is wrong is said under the lock, about the state it is wrong in.
    """
    if work.started:
        return None
    connection = work.connection
    head = ChangeStore(connection).head()
    try:
        ledger = RestructuringStore(connection, head).ledger(paper)
        return Foreseen(draw_up(paper, ledger), ledger)
    except RegistryError:
        return None


def draw_under_lock(work: Work, paper: Paper, foreseen: Foreseen | None) -> Plan:
    """The plan as it is to be written by this work, which is the only writer from here on: the
    foreseen one itself, unless its ledger is not true any more."""
    work.start()
    if foreseen is not None and still_true(
        work.connection, foreseen.ledger, paper.effective_on, work.number - 1
    ):
        return foreseen.plan
    return draw_up(paper, RestructuringStore(work.connection).ledger(paper))


def write(work: Work, plan: Plan) -> None:
    """Write every effect of a plan.

    Raises:
        PlanBreaksRules: the result would break invariants; all breaches are listed.
    """
    plan.refuse_if_broken()
    work.establish(
        division,
        [{"division_id": unit, "layer": layer} for unit, layer in plan.established.items()],
    )
    for table, effects in groupby(plan.effects, attrgetter("table")):
        work.rewrite_all(table, ((one.key, one.before, one.after) for one in effects))
    drawn = {effect.key for effect in plan.effects if effect.table is territory_version}
    follow(work, drawn, on=plan.paper.effective_on, cause=plan.line_cause)
    rehome_all(work, plan.rehomed, on=plan.paper.effective_on)
    for move in plan.door_moves:
        rehome(
            work,
            from_division=move.from_division,
            to_division=move.to_division,
            on=plan.paper.effective_on,
            address_ids=move.address_ids,
        )
    if plan.paper.dual_names is not None:
        open_window(work, work.number, until=plan.paper.dual_names.until)


def enact(work: Work, raw: Mapping[str, Any], *, author: str, approver: str) -> Plan:
    """File, approve and carry out a paper in one work: for acts whose decree is on the table.

    The work's intent comes from `intent_of` with a restructuring id; the record is filed under it.

    Raises:
        ApproverIsAuthor: nobody approves their own plan.
        PlanBreaksRules: the result would break invariants.
    """
    if author == approver:
        raise ApproverIsAuthor(approver)
    restructuring_id = work.intent.restructuring_id
    assert restructuring_id is not None
    work.start()
    paper = read_paper(raw)
    store, docket = RestructuringStore(work.connection), Docket(work.connection)
    store.add(record(restructuring_id, paper, raw, author))
    plan = commit_paper(work, paper)
    store.amend(
        restructuring_id,
        state=State.COMMITTED.value,
        drawn_at=plan.drawn_at,
        effects_digest=plan.digest,
        approved_by=approver,
        committed_by=approver,
        change_number=work.number,
    )
    for step, state, who in (
        ("create", State.DRAFT, author),
        ("approve", State.APPROVED, approver),
        ("commit", State.COMMITTED, approver),
    ):
        docket.log(restructuring_id, step, state, who=who, digest=plan.digest)
    return plan
