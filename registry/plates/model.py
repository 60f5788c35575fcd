"""A door plate (门楼牌) and its life: issued, printed, installed, damaged, revoked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from registry.plates.errors import PlateStateForbids

LAST_SERIAL = 511
"""Plates one address can have in all of its time; the plate code has nine bits for it."""


class PlateKind(StrEnum):
    """Sizes of the sign standard (GB 17733) that carry a code."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class PlateState(StrEnum):
    """How far a plate has come."""

    ISSUED = "issued"
    PRINTED = "printed"
    INSTALLED = "installed"
    DAMAGED = "damaged"
    """At its door, and to be remade."""
    REVOKED = "revoked"
    """Called back; it answers for ever, as revoked."""


class RevocationReason(StrEnum):
    """Why a plate was called back."""

    REPLACED = "replaced"
    DAMAGED = "damaged"
    LOST = "lost"
    STOLEN = "stolen"
    CLONED = "cloned"
    MISTAKE = "mistake"


LIVE = frozenset(PlateState) - {PlateState.REVOKED}
ALLOWED: Mapping[PlateState, frozenset[PlateState]] = MappingProxyType(
    {
        PlateState.PRINTED: frozenset({PlateState.ISSUED}),
        PlateState.INSTALLED: frozenset(
            {PlateState.ISSUED, PlateState.PRINTED, PlateState.INSTALLED}
        ),
        PlateState.DAMAGED: frozenset({PlateState.INSTALLED}),
        PlateState.REVOKED: LIVE,
    }
)
"""States a plate must be in to enter the state."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a plate hangs: degrees, EPSG:4490."""

    longitude_deg: float
    latitude_deg: float


@dataclass(frozen=True, slots=True)
class Plate:
    """One plate as it is at one point in time."""

    plate_id: UUID
    address_id: UUID
    address_code: str
    serial: int
    """Which of the address's plates it is, from 1."""
    issued_on: date
    kind: PlateKind
    state: PlateState
    shown_text: str
    """What is painted on it; the address's own text may have moved on since."""
    shown_romanisation: str | None
    reason: RevocationReason | None
    spot: Spot | None
    photo_sha256: str | None
    since: date | None
    """Since when it has been in this state."""

    @property
    def live(self) -> bool:
        """Whether it has not been called back."""
        return self.state in LIVE


@dataclass(frozen=True, slots=True)
class Inspection:
    """What somebody who was sent there saw (巡检)."""

    inspection_id: UUID
    plate_id: UUID
    inspected_on: date
    condition: str
    """good, dirty, damaged, covered, missing, cloned."""
    note: str | None
    photo_sha256: str | None


@dataclass(frozen=True, slots=True)
class Defect:
    """Something wrong that a named rule found (问题); how often it was met, never by whom."""

    defect_id: UUID
    rule: str
    plate_id: UUID | None
    address_code: str | None
    first_found_on: date
    last_found_on: date
    times: int
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """Plates to be made or looked after in one community (工单)."""

    work_order_id: UUID
    division_id: UUID
    purpose: str
    """install, reprint or inspect."""
    opened_at: datetime
    closed_at: datetime | None
    items: tuple["WorkItem", ...]


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One plate of a work order, the most needed first."""

    rank: int
    plate_id: UUID
    address_code: str
    shown_text: str
    need: str | None
    done_on: date | None


CONDITIONS = ("good", "dirty", "damaged", "covered", "missing", "cloned")
PURPOSES = ("install", "reprint", "inspect")
REVOKED_IN_USE = "plate-revoked-in-use"
AT_WRONG_DOOR = "plate-at-wrong-door"
DEFECT_RULES = (REVOKED_IN_USE, AT_WRONG_DOOR)


def check_step(held: PlateState, wanted: PlateState) -> None:
    """Refuse a step the life of a plate does not have.

    Raises:
        PlateStateForbids: the plate is in a state from which the step does not lead on.
    """
    if held not in ALLOWED[wanted]:
        raise PlateStateForbids(step=wanted.value, state=held.value)
