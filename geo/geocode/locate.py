"""The best position a text supports, with the way it was found and how far it may be off."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from geo.geocode.candidates import CandidateSource, Door, Place
from geo.geocode.gazetteer import Gazetteer
from geo.geocode.missing import heirs_of
from geo.geocode.names import CarrierPeriod, holds
from geo.geocode.parse import Parse, Token
from geo.geocode.proof import UNKNOWN, Ground

if TYPE_CHECKING:
    from geo.geocode.match import Match

EARTH_M = 6_371_008.8
"""Mean radius."""
MOST_APART_M = 1500.0
"""Doors further apart say nothing of what lies between."""
_OFFSET = re.compile(
    r"(?P<way>东北|东南|西北|西南|东|南|西|北)(?:侧|边|面|方向)?约?(?P<metres>\d{1,5})米"
)
_BEARING_DEG = {
    "北": 0.0, "东北": 45.0, "东": 90.0, "东南": 135.0,
    "南": 180.0, "西南": 225.0, "西": 270.0, "西北": 315.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Located:
    """A position (EPSG:4490, degrees), never without the way it was found."""

    level: str
    """room, floor, unit, building, door, interpolated, crossing, thoroughfare, area, village, …"""
    name: str | None
    """What it is the position of, when that is no door."""
    lon: float
    lat: float
    method: str
    accuracy_m: float


def locate(
    matches: Sequence["Match"],
    parses: Sequence[Parse],
    ground: Ground,
    source: CandidateSource,
) -> Located | None:
    """Find a position: of the door, else between doors, else of the smallest thing that is meant.

    None when the text may mean things in different places: a point between them would be a lie.
    """
    if matches and matches[0].grade != "C":
        door = matches[0].door
        level = matches[0].found
        return Located(level, None, door.lon, door.lat, door.method, door.accuracy_m)
    if not parses:
        return None
    best = parses[0]
    if matches and matches[0].found != "carrier reached":
        return None
    if any(t.role in UNKNOWN for t in best.tokens):
        return None
    return _between(best, ground, source) or _of_the_whole(best, ground, source)


def _between(best: Parse, ground: Ground, source: CandidateSource) -> Located | None:
    carrier = best.carrier
    if carrier is None or not _sure(best) or best.number is None:
        return None
    ids = _fitting(carrier.carriers, best, ground.gazetteer)
    return _interpolated(best, source.around(ids, best.number)) if len(ids) == 1 else None


def _of_the_whole(best: Parse, ground: Ground, source: CandidateSource) -> Located | None:
    carrier = best.carrier
    if carrier is None or not _sure(best):
        return _division(best, ground, source)
    ids = _fitting(carrier.carriers, best, ground.gazetteer)
    if best.crossing is not None:
        return _crossing(best, best.crossing, ids, ground, source)
    if len(ids) != 1:
        return None
    place = source.carriers(ids).get(ids[0])
    if place is None:
        return _division(best, ground, source)
    kind = next(c.kind for c in carrier.carriers if c.carrier_id == ids[0])
    name = next(c.name for c in carrier.carriers if c.carrier_id == ids[0])
    return Located(kind, name, place.lon, place.lat, f"point on the {kind}", place.accuracy_m)


def _sure(best: Parse) -> bool:
    """Whether the carrier stands there as written, and not inside another word."""
    return not best.repaired and not best.inside_longer


def _fitting(carriers: Sequence[CarrierPeriod], best: Parse, gazetteer: Gazetteer) -> list[UUID]:
    """The carriers that may lie in every division the text names."""
    return list(
        dict.fromkeys(
            c.carrier_id
            for c in carriers
            if not c.division_ids
            or any(_lies(d, best.divisions, gazetteer) for d in c.division_ids)
        )
    )


def _lies(division: UUID, named: Sequence[Token], gazetteer: Gazetteer) -> bool:
    above = {held.period.division_id for held in gazetteer.ancestors_ever(division)}
    for token in named:
        meant = {p.division_id for p in token.divisions}
        below = {
            held.period.division_id for unit in meant for held in gazetteer.ancestors_ever(unit)
        }
        if not (meant & above) and division not in below:
            return False
    return True


def _division(best: Parse, ground: Ground, source: CandidateSource) -> Located | None:
    """The smallest division named, when it is one and the others agree with it."""
    named = best.divisions
    if not named:
        return None
    last = max(named, key=lambda t: min(p.level for p in t.divisions))
    units = list(
        dict.fromkeys(
            p.division_id
            for p in last.divisions
            if _lies(p.division_id, [t for t in named if t is not last], ground.gazetteer)
        )
    )
    if last is named[-1] and len(heirs_of(best, ground)) > 1 and not _still(last, ground):
        return None
    standing = [u for u in units if ground.gazetteer.period_at(u, ground.on)]
    if len(standing) != 1:
        return None
    place = source.territories(standing).get(standing[0])
    period = ground.gazetteer.period_at(standing[0], ground.on)
    if place is None or period is None:
        return None
    return Located(
        last.role, period.name, place.lon, place.lat, "point inside the territory", place.accuracy_m
    )


def _still(named: Token, ground: Ground) -> bool:
    """Whether a division still bears the name it was called by."""
    return any(holds(period, ground.on) for period in named.divisions)


def _interpolated(best: Parse, doors: Sequence[Door]) -> Located | None:
    number = best.number
    if number is None or len({d.carrier_id for d in doors}) != 1:
        return None
    alike = [d for d in doors if d.number is not None and (d.number - number) % 2 == 0]
    below = max((d for d in alike if _number(d) < number), key=_number, default=None)
    above = min((d for d in alike if _number(d) > number), key=_number, default=None)
    same = next((d for d in doors if d.number == number), None)
    if same is not None:
        return Located("door", None, same.lon, same.lat, "the door without its sub-number", same.accuracy_m)  # fmt: skip
    if below is None or above is None:
        return None
    apart = metres(below.lon, below.lat, above.lon, above.lat)
    if apart > MOST_APART_M:
        return None
    share = (number - _number(below)) / (_number(above) - _number(below))
    return Located(
        "interpolated",
        None,
        below.lon + share * (above.lon - below.lon),
        below.lat + share * (above.lat - below.lat),
        f"between {below.number} and {above.number}, same side",
        round(apart / 2 + max(below.accuracy_m, above.accuracy_m), 1),
    )


def _number(door: Door) -> int:
    return door.number or 0


def _crossing(
    best: Parse, other: Token, ids: Sequence[UUID], ground: Ground, source: CandidateSource
) -> Located | None:
    others = _fitting(other.carriers, best, ground.gazetteer)
    places = source.crossing(ids, others)
    carrier = best.carrier
    if len(places) != 1 or carrier is None:
        return None
    place, method = places[0], "where the roads meet"
    said = " ".join(t.text for t in best.tokens if t.role == "near")
    offset = _OFFSET.search(said)
    if offset is not None:
        place = _moved(place, _BEARING_DEG[offset["way"]], float(offset["metres"]))
        method = f"{offset['metres']} m {offset['way']} of where the roads meet"
    name = f"{carrier.text} × {other.text}"
    return Located("crossing", name, place.lon, place.lat, method, place.accuracy_m)


def _moved(place: Place, bearing_deg: float, distance_m: float) -> Place:
    """A point so far away on the sphere; good to a metre within a few kilometres."""
    bearing = math.radians(bearing_deg)
    north = distance_m * math.cos(bearing) / EARTH_M
    east = distance_m * math.sin(bearing) / (EARTH_M * math.cos(math.radians(place.lat)))
    accuracy = place.accuracy_m + distance_m * 0.2
    return Place(place.lon + math.degrees(east), place.lat + math.degrees(north), accuracy)


def metres(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """The distance of two points (degrees) on the sphere."""
    a, b = math.radians(lat), math.radians(other_lat)
    half = (
        math.sin((b - a) / 2) ** 2
        + math.cos(a) * math.cos(b) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    )
    return 2 * EARTH_M * math.asin(math.sqrt(half))
