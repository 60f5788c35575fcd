"""How things stand before and after a plan, on its day: units, codes, territories."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shapely.geometry import MultiPolygon

from registry.changes.timeline import Timeline, Version, at
from registry.divisions.model import DivisionKind
from registry.divisions.tables import territory_version
from registry.restructuring.ledger import Census, Ledger, code_on
from registry.restructuring.plan import Plan


@dataclass(frozen=True, slots=True)
class Situation:
    """One side of a plan: as it would read on the day without it, or with it."""

    census: Census
    codes: Mapping[UUID, Timeline]
    code_scheme: str
    extents: Mapping[UUID, Version]
    """Believed territories of the units in force, with their measures."""

    @property
    def territories(self) -> dict[UUID, MultiPolygon]:
        """Territories of the units in force that have one."""
        return {unit: version.value("territory") for unit, version in self.extents.items()}

    def name(self, unit: UUID) -> str:
        """Its name."""
        return self.census.name(unit)

    def level(self, unit: UUID) -> int:
        """Its level, 1 to 5."""
        return self.census.level(unit)

    def kind(self, unit: UUID) -> DivisionKind:
        """Its kind."""
        return DivisionKind(self.census.units[unit].value("kind"))

    def code(self, unit: UUID) -> str | None:
        """Its code in the paper's scheme."""
        return code_on(self.codes, unit, self.code_scheme, self.census.on)

    def seat(self, unit: UUID) -> Any:
        """Its seat (驻地), a point; None: not known."""
        return self.census.units[unit].values.get("seat")

    def above(self, unit: UUID, level: int) -> UUID | None:
        """The unit itself or the one above it at a level."""
        return next(
            (one for one in self.census.ancestors(unit) if self.census.level(one) == level), None
        )


def situations(plan: Plan, ledger: Ledger) -> tuple[Situation, Situation]:
    """Before and after."""
    changed = {
        effect.key: effect.after for effect in plan.effects if effect.table is territory_version
    }
    scheme = plan.paper.code_scheme
    return (
        Situation(plan.before, plan.codes_before, scheme, _held(ledger.territories, plan.before)),
        Situation(
            plan.after,
            plan.codes_after,
            scheme,
            _held({**ledger.territories, **changed}, plan.after),
        ),
    )


def _held(territories: Mapping[UUID, Timeline], census: Census) -> dict[UUID, Version]:
    found = ((unit, at(territories.get(unit, ()), census.on)) for unit in census.units)
    return {unit: version for unit, version in found if version is not None}
