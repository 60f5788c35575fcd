"""The door nearest to a point."""

from collections.abc import Sequence
from dataclasses import dataclass

from geo.geocode.candidates import CandidateSource, Door


@dataclass(frozen=True, slots=True)
class Nearest:
    """A door and how far the point lies from it, in metres."""

    door: Door
    distance_m: float


def nearest(found: Sequence[tuple[Door, float]]) -> Nearest | None:
    """Choose the nearest door (metres); the lower code wins a tie. None when there is none."""
    if not found:
        return None
    return Nearest(*min(found, key=lambda pair: (pair[1], pair[0].code)))


def reverse(lon: float, lat: float, *, source: CandidateSource, limit: int = 5) -> Nearest | None:
    """Find the door nearest to a point; degrees, longitude first, EPSG:4490."""
    return nearest(source.near(lon, lat, limit))
