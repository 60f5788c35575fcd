"""Values of boundary updates: why one is made, how far it has come, what it would change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from registry.boundaries.errors import DecreeIsMissing, DoorsWouldMove
from registry.changes.model import Verb


class Reason(StrEnum):
    """Why a territory is drawn otherwise (law 3): three reasons, never mixed."""

    LEGAL_CHANGE = "legal_change"
    """The world moved: somebody decided so (依法变更)."""
    REDIGITISATION = "re_digitisation"
    """Nothing moved; the same line is known better (重新数字化)."""
    CORRECTION = "correction"
    """The registry had it wrong (更正)."""

    @property
    def verb(self) -> Verb:
        """What the log says of the change it becomes."""
        return _VERBS[self]


_VERBS = {
    Reason.LEGAL_CHANGE: Verb.CHANGE,
    Reason.REDIGITISATION: Verb.REDIGITISE,
    Reason.CORRECTION: Verb.CORRECT,
}


class UpdateState(StrEnum):
    """Where an update stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    COMMITTED = "committed"


OPEN = (UpdateState.DRAFT, UpdateState.SUBMITTED, UpdateState.APPROVED, UpdateState.REJECTED)
"""Somebody is still at work on it."""


class DoorChoice(StrEnum):
    """What becomes of doors that the new line leaves on the other side."""

    MOVE = "move"
    """They belong to the division they lie in."""
    STAY = "stay"
    """They go on belonging where they did."""


class Origin(StrEnum):
    """Where a territory of an update comes from."""

    DELIVERED = "delivered"
    REPAIRED = "repaired"
    """Altered by a repair that was accepted."""
    FOLLOWED = "followed"
    """A unit above, following ground that passes between its members and another's."""


NO_TERRITORY = MultiPolygon()
"""Of a division whose territory an update takes away."""


@dataclass(frozen=True, slots=True)
class DraftTerritory:
    """One territory as an update would have it."""

    division_id: UUID
    territory: MultiPolygon
    """EPSG:4490; may be invalid while the update is a draft. Empty: it is taken away."""
    origin: Origin


@dataclass(frozen=True, slots=True)
class BoundaryUpdate:
    """One boundary update (界线更新) and how far it has come."""

    update_id: UUID
    title: str
    reason: Reason
    doors: DoorChoice | None
    note: str | None
    decree: dict[str, Any] | None
    basis: str
    """surveyed, digitised or published."""
    source: str
    """Of the geometry: a file's name, `ogc`, a checkout."""
    state: UpdateState
    author: str
    based_on: int
    """The change it is drawn on."""
    effective_on: date
    created_at: datetime
    revision: int
    accepted: list[dict[str, Any]]
    """Repairs that were accepted, in order."""
    decided_by: str | None
    change_number: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an update: who, when, why."""

    number: int
    step: str
    state: UpdateState
    who: str
    happened_at: datetime
    reason: str | None
    facts: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What goes with the territories of a new update."""

    title: str
    reason: Reason
    author: str
    effective_on: date
    based_on: int | None = None
    """None: what is recorded now."""
    doors: DoorChoice | None = None
    note: str | None = None
    decree: Mapping[str, Any] | None = None
    basis: str = "surveyed"
    source: str = "json"

    def refuse_without_decree(self) -> None:
        """A legal change names who decided it.

        Raises:
            DecreeIsMissing: it does not. Source: 行政区域界线管理条例 arts 2, 4.
        """
        if self.reason is Reason.LEGAL_CHANGE and not (self.decree or {}).get("authority"):
            raise DecreeIsMissing


@dataclass(frozen=True, slots=True)
class MovedDoor:
    """A door that the new line leaves in another division than it belongs to."""

    address_id: UUID
    code: str
    from_division: UUID
    to_division: UUID
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class MovedPlace:
    """A named place that another division would hold, or that the new line cuts."""

    named_place_id: UUID
    name: str
    category: str
    from_division: UUID
    to_division: UUID | None
    """The division that would hold all of it; None: none does."""
    cut: bool
    """A line cuts it that did not before."""


@dataclass(frozen=True, slots=True)
class MovedGround:
    """One piece of ground that passes from a division to another."""

    from_division: UUID | None
    """None: from nobody of that level."""
    to_division: UUID | None
    ground: BaseGeometry
    area_m2: float


def refuse_silent_moves(
    reason: Reason, doors: DoorChoice | None, moved: tuple[MovedDoor, ...]
) -> None:
    """A line drawn better must not move doors without saying so.

    Raises:
        DoorsWouldMove: it would, and the update says nothing of it.
    """
    if moved and doors is None and reason is not Reason.LEGAL_CHANGE:
        raise DoorsWouldMove(count=len(moved), codes=[one.code for one in moved[:100]])


def doors_of(update: BoundaryUpdate) -> DoorChoice:
    """What becomes of doors on the other side; with land that moves by law they move."""
    return update.doors or DoorChoice.MOVE
