"""What Nominatim calls a place: a door, a carrier or a division of ours, with an id that stays."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from geo.geocode.candidates import Place
from geo.geocode.complete import Completion
from geo.geocode.gazetteer import Gazetteer
from geo.geocode.names import DivisionPeriod
from registry.addresses.address_code import AddressCode
from registry.addresses.model import Address
from registry.addresses.text import door_text

OsmType = Literal["node", "way", "relation"]
"""Doors are nodes, carriers ways, divisions relations: clients keep the pair of type and id."""

ID_BITS = 52
"""What a number in JSON carries safely."""
METRES_PER_DEG = 111_320.0
HOUSE_BOX_M = 5.0
RANKS = {1: 8, 2: 10, 3: 12, 4: 16, 5: 20}
WORDS = {1: "state", 2: "city", 3: "city_district"}
BY_KIND = {
    "county": "county",
    "county_city": "county",
    "town": "town",
    "township": "town",
    "subdistrict": "suburb",
    "special_area": "suburb",
    "village": "village",
    "community": "neighbourhood",
    "special_village": "village",
}
COUNTRY = {"zh": "中国", "en": "China"}


@dataclass(frozen=True, slots=True)
class NominatimPlace:
    """One answer, before it takes a format; degrees, EPSG:4490 (WGS 84 to the eye of a client)."""

    osm_type: OsmType
    osm_id: int
    category: str
    type: str
    rank: int
    addresstype: str
    name: str
    lon: float
    lat: float
    half_m: float
    """Half the width of its box."""
    importance: float
    address: Mapping[str, str]
    """By Nominatim's words, from small to large."""
    extratags: Mapping[str, str]

    @property
    def display_name(self) -> str:
        """Everything from small to large, as Nominatim writes it; its codes left out."""
        return ", ".join(
            dict.fromkeys(value for key, value in self.address.items() if key != "country_code")
        )

    @property
    def box(self) -> tuple[float, float, float, float]:
        """South, north, west, east."""
        north = self.half_m / METRES_PER_DEG
        east = north / max(0.01, math.cos(math.radians(self.lat)))
        return self.lat - north, self.lat + north, self.lon - east, self.lon + east


def numeric_id(one: UUID) -> int:
    """An id of ours as clients that want numbers keep it; the same for ever."""
    return one.int >> (128 - ID_BITS)


def by_numeric_id(wanted: int, ids: Iterable[UUID]) -> UUID | None:
    """The id behind a number."""
    return next((one for one in ids if numeric_id(one) == wanted), None)


def code_behind(osm_id: int) -> str | None:
    """The address code behind a node's number."""
    try:
        return str(AddressCode.of(osm_id))
    except ValueError:
        return None


def of_address(one: Address, language: str, *, importance: float) -> NominatimPlace | None:
    """A door as a place; None when it has no position."""
    where = one.position
    if where is None:
        return None
    house = door_text(one.parts)
    inner = "".join(
        filter(None, (one.parts.building, one.parts.unit, one.parts.floor, one.parts.room))
    )
    lines = {"house_number": house} if house else {}
    if inner:
        lines = {"unit": inner, **lines}
    if one.carrier is not None:
        spelt = one.carrier.romanisation if language == "en" else None
        lines["road"] = spelt or one.carrier.text
    units = [(str(link.kind), link.level, link.name) for link in one.chain]
    name = "".join(filter(None, (house, inner))) or one.text()
    return NominatimPlace(
        osm_type="node",
        osm_id=AddressCode.parse(one.code).number,
        category="place",
        type="house",
        rank=30,
        addresstype="place",
        name=name,
        lon=where.longitude_deg,
        lat=where.latitude_deg,
        half_m=max(HOUSE_BOX_M, where.accuracy_m),
        importance=importance,
        address={**lines, **_divisions(units), **_country(language)},
        extratags={"ref:address": one.code, "full_name": one.text(), "status": str(one.stage)},
    )  # fmt: skip


def of_name(
    one: Completion, where: Place, gazetteer: Gazetteer, on: date, language: str
) -> NominatimPlace:
    """A carrier or a division as a place."""
    homes = _homes(one, gazetteer, on)
    own: dict[str, str]
    if one.is_carrier():
        road = one.kind == "thoroughfare"
        kind, rank, category = (
            ("residential", 26, "highway") if road else ("neighbourhood", 22, "place")
        )
        word = "road" if road else "neighbourhood"
        spelt = one.periods[-1].romanisation if language == "en" else None
        own = {word: spelt or one.text}
        addresstype = word
    else:
        kind, rank, category = "administrative", RANKS[one.level], "boundary"
        addresstype = word_of(one.kind, one.level)
        own = {addresstype: one.text}
    return NominatimPlace(
        osm_type="way" if one.is_carrier() else "relation",
        osm_id=numeric_id(one.of_id),
        category=category,
        type=kind,
        rank=rank,
        addresstype=addresstype,
        name=one.text,
        lon=where.lon,
        lat=where.lat,
        half_m=where.accuracy_m,
        importance=round(1 - rank / 40, 3),
        address={**own, **_divisions(homes), **_country(language)},
        extratags={"ref:registry": str(one.of_id)},
    )  # fmt: skip


def word_of(kind: str, level: int) -> str:
    """Nominatim's word for a division."""
    return BY_KIND.get(kind) or WORDS.get(level, "region")


def _homes(one: Completion, gazetteer: Gazetteer, on: date) -> Sequence[tuple[str, int, str]]:
    """Kind, level and name of the divisions a name stands in on a day, smallest first."""
    period = one.periods[-1]
    if isinstance(period, DivisionPeriod):
        chain = gazetteer.chain(one.of_id, on)[1:]
    else:
        chain = next((found for home in sorted(period.division_ids) if (found := gazetteer.chain(home, on))), ())  # fmt: skip
    return [(link.kind, link.level, link.name) for link in chain]


def _divisions(units: Sequence[tuple[str, int, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for kind, level, name in units:
        found.setdefault(word_of(kind, level), name)
    return found


def _country(language: str) -> dict[str, str]:
    return {"country": COUNTRY[language], "country_code": "cn"}
