"""Doors, and the questions put to whoever holds them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an address stood, and under which number, for some time; dates half open."""

    division_id: UUID
    carrier_id: UUID | None
    number: int | None
    sub: str | None
    valid_from: date | None
    valid_to: date | None
    change: int
    """Number of the change its values come from."""


@dataclass(frozen=True, slots=True)
class Door:
    """A registered address (门牌); longitude and latitude in degrees, EPSG:4490."""

    address_id: UUID
    code: str
    division_id: UUID
    carrier_id: UUID | None
    number: int | None
    sub: str | None
    building: str | None
    unit: str | None
    floor: str | None
    room: str | None
    stage: str
    lon: float
    lat: float
    method: str
    accuracy_m: float
    former: Standing | None = None
    """The version that was looked for, when it is not the one in force."""


@dataclass(frozen=True, slots=True)
class DoorLookup:
    """Exact components to look for; None means the address has no such part.

    Building, unit, floor and room without their words, as `parts.part_key` gives them.
    Without `carrier_ids`, only doors that stand on no carrier are meant.
    """

    carrier_ids: tuple[UUID, ...]
    division_ids: tuple[UUID, ...]
    number: int | None
    sub: str | None = None
    building: str | None = None
    unit: str | None = None
    floor: str | None = None
    room: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A point that stands for something larger (EPSG:4490), and how far it may be off."""

    lon: float
    lat: float
    accuracy_m: float


class CandidateSource(Protocol):
    """Where doors come from: keyed look-ups only."""

    def doors(self, lookups: Sequence[DoorLookup]) -> Sequence[Sequence[Door]]:
        """The doors of each look-up, former numbers and divisions included, those in force first."""

    def around(self, carrier_ids: Sequence[UUID], number: int) -> Sequence[Door]:
        """The nearest doors below and above a number, first those of the same parity."""

    def standings(self, address_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Standing]]:
        """All the places where addresses ever stood."""

    def carriers(self, carrier_ids: Collection[UUID]) -> Mapping[UUID, Place]:
        """A point on each carrier."""

    def territories(self, division_ids: Collection[UUID]) -> Mapping[UUID, Place]:
        """A point inside each division."""

    def crossing(self, one: Sequence[UUID], other: Sequence[UUID]) -> Sequence[Place]:
        """Where carriers of two sets meet."""
