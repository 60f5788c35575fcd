"""The report of an update (界线更新报告): everything a reviewer looks at, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import shapely
from shapely.geometry import MultiPolygon
from sqlalchemy import Connection

from registry.boundaries.commands import all_effects, described, ground_of, moved_since
from registry.boundaries.edit_effects import EditShown, shown
from registry.boundaries.edit_store import EditStore
from registry.boundaries.edits import FeatureEdit
from registry.boundaries.effects import Effects
from registry.boundaries.findings import Finding, findings_of
from registry.boundaries.ground import Ground
from registry.boundaries.model import BoundaryUpdate, DraftTerritory, Reason, Step, UpdateState
from registry.boundaries.store import BoundaryStore
from registry.boundaries.surroundings import Surroundings, Unit
from registry.changes.period import AsOf
from registry.divisions.model import LEVELS


@dataclass(frozen=True, slots=True)
class Report:
    """An update as it stands: checked, with its effects, and what stands in its way."""

    update: BoundaryUpdate
    drawn: dict[UUID, DraftTerritory]
    ground: Ground
    findings: tuple[Finding, ...]
    effects: Effects
    edits: tuple[EditShown, ...]
    """Features besides territories, both sides of each."""
    moved: dict[UUID, int]
    """Territories that changed under it: it must be rebased."""
    steps: tuple[Step, ...]
    units: Mapping[UUID, Unit]
    """Every division it speaks of."""
    context: Mapping[UUID, MultiPolygon]
    """Territories around edits of an update that draws none itself: the map they are shown on."""

    @property
    def obstacles(self) -> tuple[str, ...]:
        """Codes of the errors its submission would meet now."""
        found = []
        if self.moved or any(one.changed_by is not None for one in self.edits):
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
    edits = EditStore(connection).edits(update_id)
    ground = ground_of(connection, held, drawn)
    open_still = held.state not in (UpdateState.COMMITTED, UpdateState.WITHDRAWN)
    effects = all_effects(connection, held, ground, edits)
    ends = {end for one in effects.doors for end in (one.from_division, one.to_division)}
    around = Surroundings(connection, AsOf(held.effective_on, held.based_on))
    context = {} if drawn else _context(around, edits)
    return Report(
        update=held,
        drawn=drawn,
        ground=ground,
        findings=findings_of(ground),
        effects=effects,
        edits=shown(connection, held, edits, open_=open_still),
        moved=moved_since(connection, held, ground) if open_still else {},
        steps=tuple(store.steps(update_id)),
        units={**around.units({*ends, *context} - ground.units.keys()), **ground.units},
        context=context,
    )


def _context(around: Surroundings, edits: Mapping[UUID, FeatureEdit]) -> dict[UUID, MultiPolygon]:
    """The smallest divisions around what is edited."""
    places = [one.geometry for one in edits.values() if one.geometry is not None]
    for level in sorted(set(LEVELS.values()), reverse=True):
        units = around.neighbours(shapely.union_all(places), level) if places else {}
        if units:
            return around.territories(list(units))
    return {}
