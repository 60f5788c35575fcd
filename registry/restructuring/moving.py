"""One step of a restructuring: whether it may be taken, and how it is written down."""

from collections.abc import Mapping
from typing import Any

from registry.errors import StateForbids
from registry.restructuring.docket import Docket
from registry.restructuring.model import Restructuring, State
from registry.restructuring.plan import Plan
from registry.restructuring.store import RestructuringStore
from registry.restructuring.substance import substance_of


def move(
    store: RestructuringStore,
    docket: Docket,
    filed: Restructuring,
    step: str,
    to: State,
    *,
    who: str,
    reason: str | None = None,
    digest: str | None = None,
    facts: dict[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Take a restructuring to a state and log the step; `changes` are columns that change with it.

    One that is not on its way any more keeps no codes.
    """
    if to in (State.REJECTED, State.WITHDRAWN, State.SUPERSEDED):
        store.release_codes(filed.restructuring_id)
    store.amend(filed.restructuring_id, state=to.value, **(changes or {}))
    docket.log(filed.restructuring_id, step, to, who=who, reason=reason, digest=digest, facts=facts)


def repeated(docket: Docket, filed: Restructuring, step: str, who: str) -> bool:
    """Whether the last step of it was this very one, so that this is a retry."""
    steps = [one for one in docket.steps(filed.restructuring_id) if one.step != "milestone"]
    return bool(steps) and (steps[-1].step, steps[-1].who) == (step, who)


def in_state(filed: Restructuring, step: str, *allowed: State) -> Restructuring:
    """The restructuring, if its state allows the step.

    Raises:
        StateForbids: it does not.
    """
    if filed.state not in allowed:
        raise StateForbids(step=step, state=filed.state.value)
    return filed


def drawn(plan: Plan) -> dict[str, Any]:
    """The columns that say on which effects a plan was submitted."""
    return {
        "drawn_at": plan.drawn_at,
        "effects_digest": plan.digest,
        "substance": substance_of(plan),
    }
