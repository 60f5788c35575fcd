"""Verbs of rehearsals: make one, publish a plan, sweep. None of them commits."""

import hashlib
import json
from collections.abc import Sequence
from time import monotonic
from uuid import UUID, uuid4

from sqlalchemy import Connection

from registry.changes.model import Intent
from registry.changes.store import ChangeStore
from registry.changes.work import Work
from registry.errors import StateForbids
from registry.rehearsal.layer import Layer
from registry.rehearsal.model import Publication, Rehearsal, digest_of_acts
from registry.rehearsal.store import RehearsalStore
from registry.restructuring.cases import acts_of, draw_filed
from registry.restructuring.commands import commit_paper, intent_of
from registry.restructuring.model import CLOSED, Restructuring, State
from registry.restructuring.paper import Paper, read_paper
from registry.restructuring.plan import Plan
from registry.restructuring.store import RestructuringStore


def paper_digest(connection: Connection, filed: Restructuring) -> str:
    """SHA-256 of what a rehearsal is made from: the papers of all acts still to come."""
    papers = [one.paper for one in acts_of(connection, filed)]
    text = json.dumps(papers, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def make_rehearsal(connection: Connection, filed: Restructuring) -> Rehearsal:
    """Carry a plan's acts out in a layer of their own, with the verbs that will commit them.

    A plan that is a later act of a case comes on top of the acts before it that are still open.
    Neither the log nor a lock of the registry is touched. The transaction must see one state of
    the registry throughout (repeatable read) and must not have written anything.

    Raises:
        RegistryError: the plan cannot be drawn up any more; the class says why.
        PlanBreaksRules: it could not be committed.
    """
    started = monotonic()
    known = ChangeStore(connection).head()
    # A plan that cannot be carried out is refused before a table is made for it.
    draw_filed(connection, filed)[0].refuse_if_broken()
    acts = [(read_paper(one.paper), one) for one in acts_of(connection, filed)]
    papers = paper_digest(connection, filed)
    layer = Layer(f"rehearsal_{uuid4().hex[:16]}", known)
    plans = carry_out(connection, layer, [(paper, _intent(one, paper)) for paper, one in acts])
    made = Rehearsal(
        schema_name=layer.schema_name,
        restructuring_id=filed.restructuring_id,
        paper_digest=papers,
        effects_digest=digest_of_acts([plan.digest for plan in plans]),
        drawn_at=known,
        number=known + len(acts),
        effective_on=max(paper.effective_on for paper, _one in acts),
        age_s=0.0,
        cost_s=monotonic() - started,
    )
    RehearsalStore(connection).keep(
        {name: getattr(made, name) for name in Rehearsal.__slots__ if name != "age_s"}
    )
    return made


def carry_out(
    connection: Connection, layer: Layer, acts: Sequence[tuple[Paper, Intent]]
) -> list[Plan]:
    """Make a layer and carry acts out in it one on top of the other."""
    layer.make(connection)
    layer.enter(connection)
    plans = [commit_paper(Work(connection, intent), paper) for paper, intent in acts]
    layer.settle(connection)
    return plans


def _intent(filed: Restructuring, paper: Paper) -> Intent:
    author = filed.approved_by or filed.author
    return intent_of(paper, author=author, restructuring_id=filed.restructuring_id)


def publish(connection: Connection, restructuring_id: UUID, *, who: str) -> Publication:
    """Let everybody rehearse a plan.

    Raises:
        StateForbids: it is committed, withdrawn or superseded, or was sent back.
        PlanBreaksRules: it could not be committed.
    """
    store = RestructuringStore(connection)
    filed = store.lock(restructuring_id)
    if filed.state in (*CLOSED, State.REJECTED):
        raise StateForbids(step="publish", state=filed.state.value)
    plan, _ledger = draw_filed(connection, filed)
    plan.refuse_if_broken()
    publications = RehearsalStore(connection)
    publications.publish(
        {
            "restructuring_id": restructuring_id,
            "published_by": who,
            "drawn_at": plan.drawn_at,
            "effects_digest": plan.digest,
        }
    )
    found = publications.publication(restructuring_id)
    assert found is not None
    return found


def unpublish(connection: Connection, restructuring_id: UUID) -> None:
    """Leave a plan to its authors again.

    Raises:
        StateForbids: it is not published.
    """
    RestructuringStore(connection).lock(restructuring_id)
    if not RehearsalStore(connection).unpublish(restructuring_id):
        raise StateForbids(step="unpublish", state="not published")
