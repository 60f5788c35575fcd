"""Verbs of restructuring: preview, and the doors to filing, steps and commit. None of them commits."""

from uuid import UUID

from sqlalchemy import Connection

from registry.changes.period import AsOf
from registry.restructuring.cases import draw_filed
from registry.restructuring.completion import commit, commit_once, hold, rebase
from registry.restructuring.enactment import commit_paper, enact, intent_of
from registry.restructuring.filing import create, duplicate, edit
from registry.restructuring.ledger import Ledger
from registry.restructuring.lifecycle import (
    approve,
    reach,
    reject,
    schedule,
    submit,
    withdraw,
)
from registry.restructuring.model import Preview
from registry.restructuring.paper import Paper
from registry.restructuring.plan import Plan, draw_up
from registry.restructuring.preview import affected, describe
from registry.restructuring.store import RestructuringStore

__all__ = [
    "approve",
    "commit",
    "commit_once",
    "commit_paper",
    "create",
    "duplicate",
    "edit",
    "enact",
    "hold",
    "intent_of",
    "preview",
    "preview_paper",
    "reach",
    "rebase",
    "reject",
    "schedule",
    "submit",
    "withdraw",
]

SAMPLES = 12


def preview_paper(connection: Connection, paper: Paper, known: int | None = None) -> Preview:
    """Everything the paper would do; nothing is written.

    Args:
        known: draw it up on what was known after that change; None: on what is known now.
    """
    ledger = RestructuringStore(connection, known).ledger(paper)
    return _described(connection, draw_up(paper, ledger), ledger, known)


def preview(connection: Connection, restructuring_id: UUID) -> Preview:
    """Everything a filed restructuring would do now; what it did, when it has been committed.

    An act of a case is shown on top of the acts before it.
    """
    filed = RestructuringStore(connection).get(restructuring_id)
    known = None if filed.change_number is None else filed.change_number - 1
    return _described(connection, *draw_filed(connection, filed, known), known)


def _described(connection: Connection, plan: Plan, ledger: Ledger, known: int | None) -> Preview:
    at = AsOf(plan.paper.effective_on, ledger.head)
    samples = RestructuringStore(connection, known).samples(affected(plan), at, SAMPLES)
    return describe(plan, counts=dict(ledger.address_counts), samples=samples)
