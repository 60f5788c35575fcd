"""Finding places for the Nominatim face: by text, by parts, around a point, by id."""

import re
from collections.abc import Collection, Sequence
from uuid import UUID

from api.nominatim.place import (
    NominatimPlace,
    by_numeric_id,
    code_behind,
    of_address,
    of_name,
)
from api.time_travel import Reader
from geo.geocode.complete import Completion
from geo.geocode.normalise import LONGEST_TEXT
from registry.addresses.store import AddressStore

NEAREST_DOOR_M = 2_000.0
"""A door further away is not where somebody stands."""
BUILDING_ZOOM, STREET_ZOOM = 18, 16
LEVEL_OF_ZOOM = ((14, 5), (12, 4), (10, 3), (6, 2), (0, 1))
_HOUSE_FIRST = re.compile(r"^\s*(\d[\w\-]*)\s*号?[\s,]+(.+)$")


def searched(reading: Reader, text: str, language: str, *, limit: int) -> list[NominatimPlace]:
    """Doors a text means, the certain ones first; else the roads and divisions it names."""
    asked = text.replace(",", " ").replace("，", " ").strip()[:LONGEST_TEXT]
    if not asked:
        return []
    answer = reading.finder.ask(reading.connection, asked, reading.at, limit=limit)
    places = [
        place
        for one in answer.found
        if (place := of_address(one.address, language, importance=round(one.match.score, 3)))
    ]
    if places:
        return places
    plain = "".join(asked.split())
    names = reading.finder.suggester.named(reading.connection, plain, reading.at, limit=limit)
    return _placed(reading, names, language)


def structured(parts: dict[str, str | None]) -> str:
    """A structured question as one text, from large to small; `street` may begin with the number."""
    door = parts.get("street") or ""
    turned = _HOUSE_FIRST.match(door)
    if turned:
        door = f"{turned[2]}{turned[1]}号"
    large = (parts.get(name) or "" for name in ("state", "city", "county"))
    return "".join((*large, door, parts.get("amenity") or ""))


def reversed_at(
    reading: Reader, lon: float, lat: float, zoom: int, language: str
) -> NominatimPlace | None:
    """What is at a point (degrees, EPSG:4490), as fine as the zoom asks for; None at sea."""
    found = reading.finder.around.ask(lon, lat, reading.at, limit=1)
    near = found.doors[0] if found.doors else None
    if zoom >= BUILDING_ZOOM and near is not None and near.distance_m <= NEAREST_DOOR_M:
        place = of_address(near.address, language, importance=0.5)
        if place is not None:
            return place
    road = found.road
    if zoom >= STREET_ZOOM and road is not None and road.distance_m <= NEAREST_DOOR_M:
        names = _of_ids(reading, {road.named_place_id})
        if names:
            return next(iter(_placed(reading, names, language)), None)
    level = next(level for least, level in LEVEL_OF_ZOOM if zoom >= least)
    large = [link.division_id for link in found.chain if link.level <= level]
    finer = [link.division_id for link in found.chain if link.level > level]
    # A province may have no territory of its own here: then the next finer unit answers.
    for unit in (*large, *reversed(finer)):
        places = _placed(reading, _of_ids(reading, {unit}), language)
        if places:
            return places[0]
    return None


def looked_up(reading: Reader, wanted: Sequence[tuple[str, int]], language: str) -> list[NominatimPlace]:  # fmt: skip
    """The places behind pairs of type letter and number, in their order; unknown ones left out."""
    codes = [code for kind, number in wanted if kind == "N" and (code := code_behind(number))]
    doors = {one.code: one for one in AddressStore(reading.connection).many(codes, reading.at)}
    gazetteer = reading.finder.gazetteer(reading.connection, reading.at)
    found: list[NominatimPlace] = []
    for kind, number in wanted:
        if kind == "N":
            door = doors.get(code_behind(number) or "")
            place = of_address(door, language, importance=0.5) if door else None
            found += [place] if place else []
        else:
            held = gazetteer.held.carriers if kind == "W" else gazetteer.held.divisions
            one = by_numeric_id(number, held)
            found += _placed(reading, _of_ids(reading, {one} if one else ()), language)
    return found


def _of_ids(reading: Reader, ids: Collection[UUID]) -> list[Completion]:
    """What some carriers and divisions are called on the day."""
    gazetteer = reading.finder.gazetteer(reading.connection, reading.at)
    return [one for one in gazetteer.completions.of_ids(ids) if one.holds_on(reading.at.valid_on)]


def _placed(reading: Reader, names: Sequence[Completion], language: str) -> list[NominatimPlace]:
    where = reading.finder.suggester.places(names, reading.at)
    gazetteer = reading.finder.gazetteer(reading.connection, reading.at)
    on = reading.at.valid_on
    return [
        of_name(one, where[one.of_id], gazetteer, on, language)
        for one in names
        if one.of_id in where
    ]
