"""What the registry believes of the divisions a plan can touch, loaded once, then only read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from registry.changes.timeline import Timeline, Version, at
from registry.divisions.chain import Chain, ChainLink
from registry.divisions.model import STATUTORY, DivisionKind, code_slot_id
from registry.restructuring.door_book import DoorMove
from registry.restructuring.doors import Doors


@dataclass(frozen=True, slots=True)
class AddressCount:
    """Addresses in force that refer to one division directly."""

    total: int
    without_carrier: int
    """Village-style addresses: their legal text names township and village."""


@dataclass(frozen=True, slots=True)
class Place:
    """A street or area (街路巷, 里社小区) with the name it bears on the day of the act."""

    named_place_id: UUID
    category: str
    place_name_id: UUID
    """The fact whose versions are `name`."""
    name: Timeline
    where: frozenset[UUID]
    """Divisions its doors lie in, and the one its extent is filed under."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Believed timelines, by id; what is not here a plan cannot touch."""

    head: int
    layers: Mapping[UUID, str]
    divisions: Mapping[UUID, Timeline]
    codes: Mapping[UUID, Timeline]
    """By code slot, see `code_slot_id`."""
    territories: Mapping[UUID, Timeline]
    code_owners: Mapping[str, UUID]
    """Every code ever used around here, in the paper's scheme, and who last bore it."""
    address_counts: Mapping[UUID, AddressCount]
    places: Mapping[UUID, Place] = field(default_factory=dict)
    used_codes: frozenset[str] = frozenset()
    """Every code ever recorded in the paper's scheme under the prefixes the paper gives codes in."""
    reserved: Mapping[str, UUID] = field(default_factory=dict)
    """Codes reserved by open plans, and the division each is kept for."""
    doors: Mapping[UUID, Doors] = field(default_factory=dict)
    """Of the units the paper divides, the addresses that hold on the day of the act or later."""
    rehomed: Mapping[UUID, UUID] = field(default_factory=dict)
    """Units that an act not carried out yet has ended, and who has their addresses then; the
    registry still has these under the unit that ended."""
    door_moves: tuple[DoorMove, ...] = ()
    """Addresses that such an act moves one by one, from where the registry has them."""
    renamed: Mapping[UUID, Timeline] = field(default_factory=dict)
    """Standard names such an act gives, or has written otherwise, by street or area."""

    def layer(self, division_id: UUID) -> str:
        """The tree a division belongs to."""
        return self.layers.get(division_id, STATUTORY)


@dataclass(frozen=True, slots=True)
class Census:
    """Who is what, and whose, on one day: a reading of timelines."""

    on: date
    units: Mapping[UUID, Version]

    @classmethod
    def take(cls, divisions: Mapping[UUID, Timeline], on: date) -> "Census":
        """Read the timelines on a day."""
        found = ((division_id, at(timeline, on)) for division_id, timeline in divisions.items())
        return cls(on, {division_id: unit for division_id, unit in found if unit is not None})

    def name(self, division_id: UUID) -> str:
        """Its name, or its id when it is not in force."""
        unit = self.units.get(division_id)
        return str(division_id) if unit is None else str(unit.value("name"))

    def parent(self, division_id: UUID) -> UUID | None:
        """Its parent."""
        unit = self.units.get(division_id)
        return None if unit is None else unit.value("parent_id")

    def level(self, division_id: UUID) -> int:
        """Its level, 1 to 5."""
        return DivisionKind(self.units[division_id].value("kind")).level

    def members(self) -> dict[UUID, list[UUID]]:
        """Children of every unit."""
        found: dict[UUID, list[UUID]] = {}
        for division_id, unit in self.units.items():
            parent = unit.value("parent_id")
            if parent is not None:
                found.setdefault(parent, []).append(division_id)
        return found

    def ancestors(self, division_id: UUID) -> Iterator[UUID]:
        """The unit itself and everything above it; stops at a cycle."""
        seen: set[UUID] = set()
        current: UUID | None = division_id
        while current is not None and current in self.units and current not in seen:
            yield current
            seen.add(current)
            current = self.parent(current)

    def chain(self, division_id: UUID) -> Chain:
        """The chain an address there is written with."""
        return tuple(
            ChainLink(
                division_id=one,
                level=self.level(one),
                kind=DivisionKind(self.units[one].value("kind")),
                name=self.name(one),
                valid_from=self.units[one].valid.start,
            )
            for one in self.ancestors(division_id)
        )

    def path(self, division_id: UUID) -> str:
        """Names from the top, joined by `/`."""
        return "/".join(self.name(one) for one in reversed(list(self.ancestors(division_id))))


def code_on(codes: Mapping[UUID, Timeline], division_id: UUID, scheme: str, on: date) -> str | None:
    """The code a division bears on a day."""
    timeline = codes.get(code_slot_id(division_id, scheme))
    version = None if timeline is None else at(timeline, on)
    return None if version is None else str(version.value("code"))
