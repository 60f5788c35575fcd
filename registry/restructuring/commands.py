"""Verbs of restructuring: preview, commit, and the steps in between. None of them commits."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection

from registry.addresses.rehoming import rehome
from registry.changes.model import Intent
from registry.changes.work import Work
from registry.divisions.tables import division
from registry.errors import ApproverIsAuthor, PlanIsStale, StateForbids
from registry.names.commands import open_window
from registry.restructuring.model import Preview, Restructuring, State
from registry.restructuring.paper import Paper, read_paper
from registry.restructuring.plan import Plan, draw_up
from registry.restructuring.preview import Study, describe, sample_texts, study
from registry.restructuring.store import RestructuringStore


def preview_paper(connection: Connection, paper: Paper, known: int | None = None) -> Preview:
    """Everything the paper would do; nothing is written.

    Args:
        known: draw it up on what was known after that change; None: on what is known now.
    """
    return preview_of(connection, study_paper(connection, paper, known))


def study_paper(connection: Connection, paper: Paper, known: int | None = None) -> Study:
    """The paper drawn up, with all that is read to show what it would do."""
    ledger = RestructuringStore(connection, known).ledger(paper)
    return study(connection, draw_up(paper, ledger), ledger)


def preview_of(connection: Connection, done: Study) -> Preview:
    """A study in lists and figures, with a few addresses of every kind that changes."""
    return describe(connection, done, sample_texts(connection, done))


def intent_of(
    paper: Paper,
    *,
    author: str,
    restructuring_id: UUID | None = None,
    source_key: str | None = None,
) -> Intent:
    """What the log will say of a paper's commit."""
    return Intent(
        author=author,
        verb=paper.verb,
        title=paper.title,
        decree=paper.legal_basis(),
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
    work.start()
    plan = draw_up(paper, RestructuringStore(work.connection).ledger(paper))
    if expected_digest is not None and plan.digest != expected_digest:
        raise PlanIsStale(drawn_at=plan.drawn_at, head=work.number - 1, moved=[paper.title])
    plan.refuse_if_broken()
    work.establish(
        division,
        [{"division_id": unit, "layer": layer} for unit, layer in plan.established.items()],
    )
    for effect in plan.effects:
        work.rewrite(effect.table, effect.key, effect.before, effect.after)
    for ended, heir in plan.rehomed.items():
        rehome(work, from_division=ended, to_division=heir, on=paper.effective_on)
    for move in plan.door_moves:
        rehome(
            work,
            from_division=move.from_division,
            to_division=move.to_division,
            on=paper.effective_on,
            address_ids=move.address_ids,
        )
    if paper.dual_names is not None:
        open_window(work, work.number, until=paper.dual_names.until)
    return plan


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
    store = RestructuringStore(work.connection)
    store.add(_record(restructuring_id, paper, raw, author))
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
    return plan


def create(connection: Connection, raw: Mapping[str, Any], *, author: str) -> Restructuring:
    """File a draft; its paper is read strictly, its effects are not yet checked.

    Raises:
        PlanIsMalformed: the paper cannot be read.
    """
    paper = read_paper(raw)
    restructuring_id = uuid4()
    store = RestructuringStore(connection)
    store.add(_record(restructuring_id, paper, raw, author))
    return store.get(restructuring_id)


def preview(connection: Connection, restructuring_id: UUID) -> Preview:
    """Everything a filed restructuring would do now; what it did, when it has been committed."""
    return preview_of(connection, study_filed(connection, restructuring_id))


def study_filed(connection: Connection, restructuring_id: UUID) -> Study:
    """A filed restructuring drawn up: on what is known now, or was known before its commit."""
    filed = RestructuringStore(connection).get(restructuring_id)
    return study_paper(
        connection,
        read_paper(filed.paper),
        None if filed.change_number is None else filed.change_number - 1,
    )


def submit(connection: Connection, restructuring_id: UUID, *, who: str) -> Restructuring:
    """Ask for approval of exactly the effects the plan has now.

    Raises:
        StateForbids: it is not a draft.
        PlanBreaksRules: it could not be committed.
    """
    del who  # anybody with the role may submit; the author stays the author
    store = RestructuringStore(connection)
    filed = _in_state(store.lock(restructuring_id), "submit", State.DRAFT, State.REJECTED)
    paper = read_paper(filed.paper)
    ledger = store.ledger(paper)
    plan = draw_up(paper, ledger)
    plan.refuse_if_broken()
    store.amend(
        restructuring_id,
        state=State.SUBMITTED.value,
        drawn_at=plan.drawn_at,
        effects_digest=plan.digest,
    )
    return store.get(restructuring_id)


def approve(connection: Connection, restructuring_id: UUID, *, who: str) -> Restructuring:
    """Approve what was submitted.

    Raises:
        StateForbids: it was not submitted.
        ApproverIsAuthor: nobody approves their own plan.
    """
    store = RestructuringStore(connection)
    filed = _in_state(store.lock(restructuring_id), "approve", State.SUBMITTED)
    if filed.author == who:
        raise ApproverIsAuthor(who)
    store.amend(restructuring_id, state=State.APPROVED.value, approved_by=who)
    return store.get(restructuring_id)


def reject(connection: Connection, restructuring_id: UUID, *, who: str) -> Restructuring:
    """Send a submitted restructuring back.

    Raises:
        StateForbids: it was not submitted.
    """
    del who  # the log of steps comes with the full life cycle
    return _step(connection, restructuring_id, "reject", (State.SUBMITTED,), State.REJECTED)


def withdraw(connection: Connection, restructuring_id: UUID, *, who: str) -> Restructuring:
    """Take a restructuring back before it is committed.

    Raises:
        StateForbids: it is committed or withdrawn already.
    """
    del who
    open_states = (State.DRAFT, State.SUBMITTED, State.APPROVED, State.REJECTED)
    return _step(connection, restructuring_id, "withdraw", open_states, State.WITHDRAWN)


def commit(connection: Connection, restructuring_id: UUID, *, who: str) -> Work:
    """Carry an approved restructuring out; the caller commits the transaction.

    Raises:
        StateForbids: it is not approved.
        PlanIsStale: what it touches moved after it was submitted.
    """
    store = RestructuringStore(connection)
    filed = _in_state(store.lock(restructuring_id), "commit", State.APPROVED)
    paper = read_paper(filed.paper)
    work = Work(connection, intent_of(paper, author=who, restructuring_id=restructuring_id))
    commit_paper(work, paper, expected_digest=filed.effects_digest)
    store.amend(
        restructuring_id,
        state=State.COMMITTED.value,
        committed_by=who,
        change_number=work.number,
    )
    return work


def _record(
    restructuring_id: UUID, paper: Paper, raw: Mapping[str, Any], author: str
) -> dict[str, Any]:
    return {
        "restructuring_id": restructuring_id,
        "title": paper.title,
        "state": State.DRAFT.value,
        "effective_on": paper.effective_on,
        "paper": _as_json(raw),
        "author": author,
    }


def _step(
    connection: Connection,
    restructuring_id: UUID,
    step: str,
    allowed: tuple[State, ...],
    to: State,
) -> Restructuring:
    store = RestructuringStore(connection)
    _in_state(store.lock(restructuring_id), step, *allowed)
    store.amend(restructuring_id, state=to.value)
    return store.get(restructuring_id)


def _in_state(filed: Restructuring, step: str, *allowed: State) -> Restructuring:
    if filed.state not in allowed:
        raise StateForbids(step=step, state=filed.state.value)
    return filed


def _as_json(raw: Mapping[str, Any]) -> dict[str, Any]:
    # YAML reads dates by itself; JSON keeps them as text, which the paper reads as well.
    return {key: _plain(value) for key, value in raw.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
