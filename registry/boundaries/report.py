"""The report of an update (界线更新报告): everything a reviewer looks at, as values."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from registry.boundaries.commands import described, ground_of, moved_since
from registry.boundaries.effects import Effects, effects_of
from registry.boundaries.findings import Finding, findings_of
from registry.boundaries.ground import Ground
from registry.boundaries.model import BoundaryUpdate, DraftTerritory, Reason, Step, UpdateState
from registry.boundaries.store import BoundaryStore
from registry.boundaries.surroundings import Surroundings
from registry.changes.period import AsOf


@dataclass(frozen=True, slots=True)
class Report:
    """An update as it stands: checked, with its effects, and what stands in its way."""

    update: BoundaryUpdate
    drawn: dict[UUID, DraftTerritory]
    ground: Ground
    findings: tuple[Finding, ...]
    effects: Effects
    moved: dict[UUID, int]
    """Territories that changed under it: it must be rebased."""
    steps: tuple[Step, ...]

    @property
    def obstacles(self) -> tuple[str, ...]:
        """Codes of the errors its submission would meet now."""
        found = []
        if self.moved:
            found.append("boundary-has-moved")
        if any(one.blocking for one in self.findings):
            found.append("coverage-is-broken")
        silent = self.update.doors is None and self.update.reason is not Reason.LEGAL_CHANGE
        if self.effects.doors and silent:
            found.append("doors-would-move")
        return tuple(found)

    def line(self, finding: Finding) -> str:
        """A finding in one line."""
        return described(self.ground, finding)


def report_of(connection: Connection, update_id: UUID) -> Report:
    """Look an update over.

    Raises:
        BoundaryUpdateIsUnknown: none has that id.
    """
    store = BoundaryStore(connection)
    held = store.get(update_id)
    drawn = store.territories(update_id)
    ground = ground_of(connection, held, drawn)
    open_still = held.state not in (UpdateState.COMMITTED, UpdateState.WITHDRAWN)
    return Report(
        update=held,
        drawn=drawn,
        ground=ground,
        findings=findings_of(ground),
        effects=effects_of(
            Surroundings(connection, AsOf(held.effective_on, held.based_on)), ground
        ),
        moved=moved_since(connection, held, ground) if open_still else {},
        steps=tuple(store.steps(update_id)),
    )
