"""Annulment (撤销): what a change did is taken back by a later one, fact by fact, for every day.

Nothing is deleted: what the change wrote is no longer believed, what it had stopped believing is
believed again, and whoever asks with the knowledge of then still reads what was believed then.
Identities stay; they are never reused. What was done since stays, where it does not rest on the
change; where it does, the whole is refused and every reason is listed.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from registry.changes.amendments import ANNULLED, AmendmentStore, amend
from registry.changes.holding import Obstacle, obstacles
from registry.changes.obstacle_names import named
from registry.changes.rewriting import Rewriting, carry_out, work_out
from registry.changes.store import ChangeStore
from registry.changes.work import Work
from registry.errors import PlanIsStale
from registry.undoing_errors import ChangeIsAnnulled, LaterWorkStands


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What annulling a change would do, and what stands in its way."""

    rewriting: Rewriting
    obstacles: tuple[Obstacle, ...]


def withdraw(connection: Connection, number: int) -> Withdrawal:
    """Work out the annulment of a change with its corrections; nothing is written.

    Raises:
        ChangeIsUnknown: no such change, or not yet.
        ChangeIsAnnulled: it is annulled already.
    """
    changes = ChangeStore(connection)
    changes.get(number)
    amendments = AmendmentStore(connection)
    annulled_by = amendments.annulled_by(number, changes.head())
    if annulled_by is not None:
        raise ChangeIsAnnulled(change=number, by=annulled_by)
    numbers = (number, *amendments.corrections_of(number, changes.head()))
    rewriting = work_out(connection, numbers)
    return Withdrawal(rewriting, tuple(obstacles(connection, rewriting)))


def annul(
    work: Work, number: int, *, expected_digest: str | None = None, reason: str | None = None
) -> int:
    """Take back everything change `number` did; returns the rows believed again or no more.

    An annulment is a change like others and may itself be annulled.

    Args:
        expected_digest: of the rewriting that was approved.

    Raises:
        ChangeIsUnknown: no such change, or not yet.
        ChangeIsAnnulled: it is annulled already.
        LaterWorkStands: later work holds on to it; nothing of the change is taken back then.
        PlanIsStale: something else would be taken back than was approved.
    """
    work.start()
    found = withdraw(work.connection, number)
    refuse_obstacles(work.connection, found)
    if expected_digest is not None and found.rewriting.digest != expected_digest:
        raise PlanIsStale(
            drawn_at=number, head=work.number - 1, moved=[f"annulment of change {number}"]
        )
    written = carry_out(work, found.rewriting)
    amend(work, number, kind=ANNULLED, reason=reason)
    return written


def refuse_obstacles(connection: Connection, found: Withdrawal) -> None:
    """Raises LaterWorkStands when anything stands in the way."""
    if found.obstacles:
        raise LaterWorkStands(
            change=found.rewriting.first,
            facts=len({(one.table, one.object_id) for one in found.obstacles}),
            later=sorted({number for one in found.obstacles for number in one.changes}),
            obstacles=[one.line for one in named(connection, found.obstacles)],
        )
