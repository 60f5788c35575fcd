"""What a plan does beyond the divisions it names (影响): values only, for preview and report."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

LonLat = tuple[float, float]
"""Longitude and latitude in degrees, EPSG:4490."""


class Need(StrEnum):
    """How much a plate (门楼牌) needs to be remade; the most pressing first."""

    MISLEADING = "misleading"
    """What it shows is, from that day on, the text of another door in the same township."""
    OUTDATED = "outdated"
    """What it shows is no longer what the door is called."""
    VALID = "valid"
    """It shows what it should; the code on it stays valid in every case."""


@dataclass(frozen=True, slots=True)
class PlateGroup:
    """The door plates of one carrier in one village."""

    need: Need
    division_id: UUID
    carrier_id: UUID | None
    division: str
    place_before: str
    """What stands on the plate before the number: the carrier's name, or the village's."""
    place_after: str
    plates: int


@dataclass(frozen=True, slots=True)
class PlateEffect:
    """Door plates that must be remade, and those that stay."""

    remake: int = 0
    misleading: int = 0
    """Of these: the old text would lead to another door."""
    valid: int = 0
    """Of the doors whose full text changes: plates that show what they should all the same."""
    groups: tuple[PlateGroup, ...] = ()
    """Those to remake, the most pressing first."""


@dataclass(frozen=True, slots=True)
class CutThoroughfare:
    """A thoroughfare or area (街路巷, 里社) whose doors lie in more townships than before."""

    named_place_id: UUID
    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    doors: int


class LineStatus(StrEnum):
    """What becomes of the ground where two divisions of one level meet."""

    CREATED = "created"
    """Where no line of the level ran before."""
    ENDED = "ended"
    """Where none runs any more."""
    OTHER_SIDES = "other_sides"
    """The line stays where it is and parts other divisions: its agreement must be written anew."""


@dataclass(frozen=True, slots=True)
class LineEffect:
    """A stretch of boundary line (界线) of one level."""

    level: int
    status: LineStatus
    left: str
    right: str
    """Names in order; of an ended line the ones it parted, else the ones it parts."""
    length_m: float


@dataclass(frozen=True, slots=True)
class MarkerEffect:
    """A point where three or more divisions of a level meet, for a triple marker (三交界桩)."""

    level: int
    status: LineStatus
    point: LonLat
    between: tuple[str, ...]


class NameConflictKind(StrEnum):
    """What shares a name."""

    DIVISION = "division"
    THOROUGHFARE = "thoroughfare"
    ADDRESS = "address"
    """Doors whose legal texts become equal."""


@dataclass(frozen=True, slots=True)
class NameConflict:
    """Names that the act makes equal, or leaves equal, within the area they must differ in."""

    kind: NameConflictKind
    name: str
    scope: str
    """The division inside which they must differ."""
    holders: tuple[str, ...]
    doors: int
    """Doors that bear the name."""


@dataclass(frozen=True, slots=True)
class AudienceScope:
    """How many follow one division that the act touches."""

    division_id: UUID
    name: str
    subscriptions: int


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is told: counts only, since who listens is not part of the public record."""

    subscriptions: int = 0
    everywhere: int = 0
    """Of these: without a scope of their own."""
    consumers: int = 0
    """Systems downstream that acknowledge changes; all must take this one in."""
    scopes: tuple[AudienceScope, ...] = ()


class Verdict(StrEnum):
    """Whether a unit meets one line of a standard."""

    MET = "met"
    NOT_MET = "not_met"
    CANNOT_BE_JUDGED = "cannot_be_judged"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One line of a published standard (设立标准) held against one unit."""

    rule_set: str
    scope: str
    criterion: str
    required: float | None
    """People, square kilometres or a share; None: the published figure was not verified."""
    actual: float | None
    verdict: Verdict
    reason: str
    """Why it cannot be judged: not_verified, not_known, not_in_the_registry; else empty."""
    source: str
    in_force_on: date | None


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure with how much of the unit it covers and where it comes from."""

    value: float | None
    """None: not known for the whole unit."""
    known_members: int
    members: int
    basis: str | None
    """census, published, estimated, illustrative; the weakest of what was added up."""
    counted_on: date | None
    """The oldest day of what was added up."""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResultingDivision:
    """A division as the act leaves it, in figures."""

    division_id: UUID
    name: str
    kind: str
    code: str | None
    parent: str | None
    communities: int
    """居委会 and the like among its members."""
    villages: int
    addresses: int
    area_m2: float | None
    territory_basis: str | None
    compactness: float | None
    """Polsby-Popper, 0 to 1."""
    seat: LonLat | None
    farthest_member_m: float | None
    """From the seat to the middle of the farthest member."""
    mean_distance_m: float | None
    resident_population: Measure
    registered_population: Measure
    households: Measure
    published_area_m2: Measure
    built_up_area_m2: Measure
    growth_boundary_area_m2: Measure
    urban_population: Measure
    revenue_yuan: Measure
    standards: tuple[Judgement, ...] = ()


@dataclass(frozen=True, slots=True)
class Impact:
    """All of it."""

    plates: PlateEffect
    thoroughfares: tuple[CutThoroughfare, ...]
    lines: tuple[LineEffect, ...]
    markers: tuple[MarkerEffect, ...]
    names: tuple[NameConflict, ...]
    audience: Audience
    divisions: tuple[ResultingDivision, ...]
