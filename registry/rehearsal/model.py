"""Values of a rehearsal (预演): where the state a plan would leave can be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

RESTS = 10
"""So many times as long as it took to make, a rehearsal is left as it is at least."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The registry at one change with a plan's acts carried out on top of it, kept to be read."""

    schema_name: str
    """The database schema whose tables and views, put before the registry's own, show it."""
    restructuring_id: UUID
    paper_digest: str
    effects_digest: str
    drawn_at: int
    """Number of the change the plan was drawn up on; nothing recorded later is shown."""
    number: int
    """Number under which the last of its acts is read: the next ones after `drawn_at`."""
    effective_on: date
    """The day the last of its acts takes effect."""
    age_s: float
    cost_s: float
    """How long it took to make."""


@dataclass(frozen=True, slots=True)
class Publication:
    """That a plan may be rehearsed by everybody, and what it was when somebody said so."""

    restructuring_id: UUID
    published_at: datetime
    published_by: str
    drawn_at: int
    effects_digest: str


def is_due(found: Rehearsal, head: int, *, keep_s: float, asked_anew: bool) -> bool:
    """Whether a rehearsal is to be made anew.

    It stays as it is while the registry does, and for `keep_s` after that, so that pages of one
    list fit together; whoever asks for it anew gets it anew. Either way no more than a tenth of
    the time goes into making it.
    """
    if head == found.drawn_at:
        return False
    rests = found.age_s < RESTS * found.cost_s
    return not rests and (asked_anew or found.age_s >= keep_s)


def digest_of_acts(digests: Sequence[str]) -> str:
    """One digest for a case of one act or several."""
    return digests[0] if len(digests) == 1 else "+".join(one[:32] for one in digests)
