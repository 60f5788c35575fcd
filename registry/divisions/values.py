"""Divisions (行政区划), codes and territories as a reader meets them at one point of both clocks."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from shapely.geometry import MultiPolygon

from registry.changes.period import Period
from registry.divisions.model import DivisionKind


class DivisionStatus(StrEnum):
    """Where a division stands on the day asked about."""

    IN_FORCE = "in_force"
    ENDED = "ended"
    NOT_YET = "not_yet"
    ANNULLED = "annulled"
    """The act that established it was taken back; it never was."""


@dataclass(frozen=True, slots=True)
class Division:
    """A division (行政区划) as it was on a day; of an ended one, its last version."""

    division_id: UUID
    layer: str
    status: DivisionStatus
    kind: DivisionKind
    level: int
    name: str
    published_name: str | None
    romanisation: str | None
    parent_id: UUID | None
    codes: dict[str, str]
    """By scheme."""
    valid: Period
    cause: str
    begun_by: int
    """Number of the change its name, kind and parent come from."""


@dataclass(frozen=True, slots=True)
class CodeBearer:
    """Who bore a code, and when."""

    code: str
    scheme: str
    division_id: UUID
    name: str
    kind: DivisionKind
    valid: Period
    begun_by: int


@dataclass(frozen=True, slots=True)
class Territory:
    """A territory (管辖范围) on a day."""

    territory: MultiPolygon
    area_m2: float
    basis: str
    source: str
    valid: Period


@dataclass(frozen=True, slots=True)
class DivisionFilter:
    """What a list is narrowed to; None leaves a condition out."""

    code: str | None = None
    name: str | None = None
    kind: DivisionKind | None = None
    level: int | None = None
    parent: UUID | None = None
    within: UUID | None = None
    bbox: tuple[float, float, float, float] | None = None
    """West, south, east, north in degrees, EPSG:4490."""


@dataclass(frozen=True, slots=True)
class DivisionPage:
    """Part of a list, and how to ask for the next part."""

    divisions: list[Division]
    cursor: str | None
