"""The chain of divisions (行政区划) above a place, from the smallest upwards."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from registry.divisions.model import DivisionKind


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One division of a chain, as it was named at the time asked about."""

    division_id: UUID
    level: int
    """1 province, 2 city, 3 county, 4 township, 5 village."""
    kind: DivisionKind
    name: str
    code: str | None = None
    """In the statistical scheme, where it has one."""
    valid_from: date | None = None
    """Since when name, kind and parent have been as they are; None: since before our sources."""


Chain = tuple[ChainLink, ...]
"""Smallest first, province last."""
