"""Standard addresses (标准地址) as they read at one point in time, and as they read before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Self
from uuid import UUID

from registry.addresses.text import AddressParts, Profile, behind, compose, head_text
from registry.changes.model import Decree
from registry.divisions.chain import Chain


class LifecycleStage(StrEnum):
    """How far an address has come in its life (状态)."""

    PROPOSED = "proposed"
    RESERVED = "reserved"
    CURRENT = "current"
    RETIRED = "retired"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Carrier:
    """The thoroughfare or area (街路巷, 里, 社) that bears the number, as it was called then."""

    named_place_id: UUID
    text: str
    romanisation: str | None = None
    written_with: int | None = None
    """Level down to which divisions are written before it also in the legal text."""


@dataclass(frozen=True, slots=True, eq=False)
class Vicinity:
    """What all addresses on a carrier in one division have alike, written out once for all.

    There is one object for each, so that they are told apart at once.
    """

    carrier: Carrier | None
    chain: Chain
    heads: Mapping[Profile, str]
    """What comes before the door."""

    @classmethod
    def of(cls, carrier: Carrier | None, chain: Chain) -> Self:
        """Write out what comes before the door."""
        name = None if carrier is None else carrier.text
        level = None if carrier is None else carrier.written_with
        heads = {one: head_text(name, chain, one, written_with=level) for one in Profile}
        return cls(carrier, chain, heads)


@dataclass(frozen=True, slots=True)
class Position:
    """Where an address is (位置点): EPSG:4490, degrees."""

    longitude_deg: float
    latitude_deg: float
    method: str
    accuracy_m: float
    inherited: bool
    """Whether it is the position of a larger object, such as the building of a room."""


@dataclass(frozen=True, slots=True)
class DualText:
    """Both texts of an address while a dual-name window (新旧地名并用期) holds."""

    text: str
    """The text with the former names in brackets."""
    former: str
    """The text of the day before the act."""
    since: date
    until: date | None
    """The first day on which only the new text counts."""


@dataclass(frozen=True, slots=True)
class Address:
    """One standard address (标准地址) at one point in time; its text is composed, not stored."""

    address_id: UUID
    code: str
    object_id: UUID
    object_kind: str
    generated: bool
    """Made for demonstration."""
    parts: AddressParts
    stage: LifecycleStage
    carrier: Carrier | None
    chain: Chain
    position: Position | None
    valid_from: date | None
    """Since when its own components have been as they are; None: since before our sources."""
    valid_to: date | None
    in_force: bool = True
    """False: it did not exist on the day asked about; the nearest version is shown."""
    dual: DualText | None = None
    """None: no window holds."""
    vicinity: Vicinity | None = field(default=None, compare=False, repr=False)
    """Its carrier and chain, where many addresses of one place are shown."""

    def text(self, profile: Profile = Profile.FULL) -> str:
        """The address written out."""
        if self.vicinity is not None:
            return behind(self.vicinity.heads[profile], self.parts, profile)
        if self.carrier is None:
            return compose(self.parts, None, self.chain, profile)
        return compose(
            self.parts,
            self.carrier.text,
            self.chain,
            profile,
            written_with=self.carrier.written_with,
        )


@dataclass(frozen=True, slots=True)
class AddressVersion:
    """One believed version of an address's own components."""

    valid_from: date | None
    valid_to: date | None
    division_id: UUID
    carrier_id: UUID | None
    parts: AddressParts
    stage: LifecycleStage
    cause: str
    change: int
    """Number of the change the values come from."""


@dataclass(frozen=True, slots=True)
class FormerText:
    """A text an address bore or bears (曾用地址), and the act that began it."""

    text: str
    legal: str
    valid_from: date | None
    valid_to: date | None
    change: int
    decree: Decree | None
    title: str
    """What the change was."""


@dataclass(frozen=True, slots=True)
class AddressHistory:
    """Everything believed of one address over time, oldest first."""

    address_id: UUID
    code: str
    versions: tuple[AddressVersion, ...]
    texts: tuple[FormerText, ...]


@dataclass(frozen=True, slots=True)
class AddressFilter:
    """Which addresses a list shall hold; None: any."""

    division_id: UUID | None = None
    """The smallest division itself."""
    within: UUID | None = None
    """A division at whatever level, with all that lies in it."""
    thoroughfare: str | None = None
    """Id or name of the carrier, as called then."""
    number: int | None = None
    bbox: tuple[float, float, float, float] | None = None
    """West, south, east, north; degrees, EPSG:4490."""
    stage: LifecycleStage | None = None
