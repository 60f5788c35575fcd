"""The formats of Nominatim 4 and 5: json, jsonv2, geojson, geocodejson.

Source: the project's own description of its output, https://nominatim.org/release-docs/latest/api/Output/.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.nominatim.place import NominatimPlace

FORMATS = ("json", "jsonv2", "geojson", "geocodejson")
LICENCE = "Place Registry; addresses and names of the registry that answers"
DECIMALS = 7


@dataclass(frozen=True, slots=True)
class Shape:
    """How places are to be shown."""

    format: str
    addressdetails: bool
    extratags: bool = False
    namedetails: bool = False


def many(places: Sequence[NominatimPlace], shape: Shape, query: str) -> Any:
    """The answer to a search or a look-up."""
    if shape.format in ("json", "jsonv2"):
        return [_plain(one, shape) for one in places]
    return _collection(places, shape, query)


def single(place: NominatimPlace, shape: Shape) -> Any:
    """The answer to a reverse."""
    if shape.format in ("json", "jsonv2"):
        return _plain(place, shape)
    return _collection([place], shape, "")


def _collection(places: Sequence[NominatimPlace], shape: Shape, query: str) -> dict[str, Any]:
    if shape.format == "geojson":
        features = [_feature(one, shape) for one in places]
        return {"type": "FeatureCollection", "licence": LICENCE, "features": features}
    features = [_geocoded(one, shape) for one in places]
    told = {"version": "0.1.0", "attribution": LICENCE, "licence": LICENCE, "query": query}
    return {"type": "FeatureCollection", "geocoding": told, "features": features}


def _identity(one: NominatimPlace) -> dict[str, Any]:
    return {"place_id": one.osm_id, "osm_type": one.osm_type, "osm_id": one.osm_id}


def _details(one: NominatimPlace, shape: Shape) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if shape.addressdetails:
        found["address"] = dict(one.address)
    if shape.extratags:
        found["extratags"] = dict(one.extratags)
    if shape.namedetails:
        found["namedetails"] = {"name": one.name}
    return found


def _plain(one: NominatimPlace, shape: Shape) -> dict[str, Any]:
    category = "category" if shape.format == "jsonv2" else "class"
    return {
        **_identity(one),
        "licence": LICENCE,
        "lat": f"{one.lat:.{DECIMALS}f}",
        "lon": f"{one.lon:.{DECIMALS}f}",
        category: one.category,
        "type": one.type,
        "place_rank": one.rank,
        "importance": one.importance,
        "addresstype": one.addresstype,
        "name": one.name,
        "display_name": one.display_name,
        "boundingbox": [f"{edge:.{DECIMALS}f}" for edge in one.box],
        **_details(one, shape),
    }


def _point(one: NominatimPlace) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [round(one.lon, DECIMALS), round(one.lat, DECIMALS)]}


def _feature(one: NominatimPlace, shape: Shape) -> dict[str, Any]:
    south, north, west, east = (round(edge, DECIMALS) for edge in one.box)
    return {
        "type": "Feature",
        "properties": {
            **_identity(one),
            "place_rank": one.rank,
            "category": one.category,
            "type": one.type,
            "importance": one.importance,
            "addresstype": one.addresstype,
            "name": one.name,
            "display_name": one.display_name,
            **_details(one, shape),
        },
        "bbox": [west, south, east, north],
        "geometry": _point(one),
    }


GEOCODING: Mapping[str, str] = {
    "house_number": "housenumber", "road": "street", "village": "locality",
    "neighbourhood": "locality", "suburb": "district", "town": "district", "city_district": "county",
    "county": "county", "city": "city", "state": "state", "country": "country",
    "country_code": "country_code",
}  # fmt: skip


def _geocoded(one: NominatimPlace, shape: Shape) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    if shape.addressdetails:
        for word, value in one.address.items():
            if word in GEOCODING:
                parts.setdefault(GEOCODING[word], value)
    kinds = {
        30: "house",
        26: "street",
        22: "locality",
        20: "locality",
        16: "district",
        12: "county",
    }
    return {
        "type": "Feature",
        "properties": {
            "geocoding": {
                **_identity(one),
                "osm_key": one.category,
                "osm_value": one.type,
                "type": kinds.get(one.rank, "city" if one.rank == 10 else "state"),
                "label": one.display_name,
                "name": one.name,
                **parts,
            }
        },
        "geometry": _point(one),
    }  # fmt: skip
