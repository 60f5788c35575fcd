"""Verbs of restructuring: preview, and the doors to filing, steps and commit. None of them commits."""

from uuid import UUID

from sqlalchemy import Connection

from registry.restructuring.cases import draw_filed
from registry.restructuring.completion import commit, commit_once, hold, rebase
from registry.restructuring.enactment import commit_paper, enact, intent_of
from registry.restructuring.filing import create, duplicate, edit
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
from registry.restructuring.plan import draw_up
from registry.restructuring.preview import Study, describe, sample_texts, study
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
    "preview_of",
    "preview_paper",
    "reach",
    "rebase",
    "reject",
    "schedule",
    "study_filed",
    "study_paper",
    "submit",
    "withdraw",
]


def preview_paper(connection: Connection, paper: Paper, known: int | None = None) -> Preview:
    """Everything the paper would do; nothing is written.

    Args:
        known: draw it up on what was known after that change; None: on what is known now.
    """
    return preview_of(connection, study_paper(connection, paper, known))


def preview(connection: Connection, restructuring_id: UUID) -> Preview:
    """Everything a filed restructuring would do now; what it did, when it has been committed."""
    return preview_of(connection, study_filed(connection, restructuring_id))


def study_paper(connection: Connection, paper: Paper, known: int | None = None) -> Study:
    """The paper drawn up, with all that is read to show what it would do."""
    ledger = RestructuringStore(connection, known).ledger(paper)
    return study(connection, draw_up(paper, ledger), ledger)


def study_filed(connection: Connection, restructuring_id: UUID) -> Study:
    """A filed restructuring drawn up: on what is known now, or was known before its commit.

    An act of a case is shown on top of the acts before it.
    """
    filed = RestructuringStore(connection).get(restructuring_id)
    known = None if filed.change_number is None else filed.change_number - 1
    return study(connection, *draw_filed(connection, filed, known))


def preview_of(connection: Connection, done: Study) -> Preview:
    """A study in lists and figures, with a few addresses of every kind that changes."""
    return describe(connection, done, sample_texts(connection, done))
