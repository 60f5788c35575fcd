"""Features as they are sent: read, bounded, compared with what there is."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec
import shapely
from fastapi import Request
from shapely.geometry import MultiLineString, MultiPoint, MultiPolygon, shape
from shapely.geometry.base import BaseGeometry

from api.ogc.crs import DEFAULT, crs_named, to_stored, upright
from api.ogc.refusals import invalid
from api.ogc.writable import DIVISIONS, columns, read_said, sayable
from api.problems import Refusal
from registry.boundaries.edits import GEOMETRY, LINES, MARKERS, SHAPES
from registry.boundaries.errors import CollectionIsNotEditable
from registry.features.model import Feature
from registry.features.pages import JOINT
from registry.features.sources import SOURCES

GEOJSON_KINDS = ("application/geo+json", "application/json")
PATCH_KINDS = ("application/merge-patch+json", *GEOJSON_KINDS)
LARGEST_BYTES = 16 * 1024 * 1024
MOST_VERTICES = 400_000
KINDS: Mapping[str, tuple[str, ...]] = {DIVISIONS: ("Polygon", "MultiPolygon"), **SHAPES}
NAMED_BY = {DIVISIONS: ("code",), LINES: ("left_id", "right_id")}
"""Properties that name a feature as well as its id does."""
SAME_DEG = 2e-9
"""Features are shown to nine decimals: what comes back so close was not moved."""
SEVERAL: Mapping[str, Callable[[list[Any]], BaseGeometry]] = {
    "Point": MultiPoint,
    "LineString": MultiLineString,
    "Polygon": MultiPolygon,
}
FOLLOWS = (
    "a line runs where the territories of its sides meet: draw these at "
    "/ogc/collections/divisions, and it follows"
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A feature that was sent, or what changes of one."""

    feature_id: str | None
    geometry: BaseGeometry | None
    """EPSG:4490, longitude first; None: it stays."""
    said: Mapping[str, Any]
    """What is said otherwise, by column; JSON values."""
    as_it_is: frozenset[str] = frozenset()
    """What is said to be as it is, by column; `GEOMETRY` for where it lies."""


async def body_of(request: Request) -> bytes:
    """What was sent, if it is not too much.

    Raises:
        Refusal: it is too long.
    """
    found = bytearray()
    async for block in request.stream():
        found += block
        if len(found) > LARGEST_BYTES:
            what = f"a feature of more than {LARGEST_BYTES} bytes is not read"
            raise Refusal("too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, what)
    return bytes(found)


def new_marker(request: Request, body: bytes) -> Sent:
    """The marker a POST asks for.

    Raises:
        Refusal: it is no feature, has no number or kind, or says what no marker says.
    """
    sent = _decoded(request, body, GEOJSON_KINDS)
    properties = _properties(sent)
    _refuse_unknown(MARKERS, properties, {})
    # Map programs send every column; what is null is not said.
    said = read_said(
        MARKERS, {name: value for name, value in properties.items() if value is not None}
    )
    if not {"number", "kind"} <= said.keys():
        raise invalid("a marker has a number and a kind")
    return Sent(None, _geometry(request, MARKERS, sent.get("geometry")), said)


def name_sent(request: Request, name: str, body: bytes) -> str:
    """Which feature a POST means that began elsewhere: its id, the code of a division, both sides of a
    line.

    Raises:
        Refusal: it does not say.
    """
    sent = _decoded(request, body, GEOJSON_KINDS)
    properties = _properties(sent)
    names = [properties.get(one) for one in NAMED_BY.get(name, ())]
    wanted = sent.get("id")
    if wanted is None and names and all(isinstance(one, str) for one in names):
        wanted = JOINT.join(map(str, names))
    if not isinstance(wanted, str):
        more = f", or {' and '.join(NAMED_BY[name])} among its properties" if names else ""
        raise invalid(f"say which of {name} is meant: `id`{more}")
    return wanted


def changes_sent(
    request: Request, body: bytes, name: str, present: Feature, *, method: str
) -> Sent:
    """What a PUT, PATCH or POST asks for that is otherwise than the feature is.

    Args:
        present: the feature as it is; what is sent may repeat it, and so take an earlier edit back.
        method: PATCH sends what changes of a feature, the others a whole one; what a POST sends as
            null is not said.

    Raises:
        Refusal: it is no feature, not in a system that is offered, or alters what it may not.
        CollectionIsNotEditable: it draws what follows from territories.
    """
    whole = method != "PATCH"
    sent = _decoded(request, body, GEOJSON_KINDS if whole else PATCH_KINDS)
    if method != "POST" and sent.get("id", present.feature_id) != present.feature_id:
        raise invalid("the id of a feature cannot be altered")
    properties = _properties(sent)
    if method == "POST":
        properties = {one: value for one, value in properties.items() if value is not None}
    _refuse_unknown(name, properties, present.properties)
    held = json.loads(msgspec.json.encode(present.properties))
    said = read_said(
        name, {one: value for one, value in properties.items() if value != held.get(one)}
    )
    geometry = None
    if "geometry" in sent and not (name == LINES and sent["geometry"] is None):
        geometry = _otherwise(request, name, sent["geometry"], present)
    elif whole and name != LINES:
        raise invalid("there is no geometry: a whole feature has one")
    if geometry is None and not said and name == DIVISIONS:
        raise invalid("there is no geometry: it is what can be proposed")
    repeated = sayable(name) if method == "PUT" else properties
    as_it_is = columns(name, repeated) - said.keys()
    if geometry is None and (method == "PUT" or sent.get(GEOMETRY) is not None):
        as_it_is |= {GEOMETRY}
    return Sent(present.feature_id, geometry, said, as_it_is)


def _otherwise(request: Request, name: str, sent: Any, present: Feature) -> BaseGeometry | None:
    """A geometry, if it is another than there is."""
    found = _geometry(request, name, sent)
    held = None if present.geometry is None else shape(json.loads(present.geometry))
    if name == DIVISIONS or held is None or not _alike(found, held):
        if name == LINES:
            raise CollectionIsNotEditable(collection=name, why=FOLLOWS)
        return found
    return None


def _alike(one: BaseGeometry, other: BaseGeometry) -> bool:
    sides = [_of_parts(each) for each in (one, other)]
    return bool(sides[0].normalize().equals_exact(sides[1].normalize(), SAME_DEG))


def _of_parts(one: BaseGeometry) -> BaseGeometry:
    # Map programs send a polygon back as a collection of one.
    several = SEVERAL.get(one.geom_type)
    return one if several is None else several([one])


def _decoded(request: Request, body: bytes, kinds: tuple[str, ...]) -> dict[str, Any]:
    _refuse_kind(request, kinds)
    try:
        sent = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise invalid(f"the body is no JSON: {error}") from error
    if not isinstance(sent, dict) or sent.get("type", "Feature") != "Feature":
        raise invalid("the body must be one GeoJSON feature")
    return sent


def _properties(sent: Mapping[str, Any]) -> dict[str, Any]:
    found = sent.get("properties")
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise invalid("properties must be an object")
    return found


def _refuse_unknown(
    name: str, properties: Mapping[str, Any], present: Mapping[str, object]
) -> None:
    known = {one.name for one in SOURCES[name].properties} | present.keys()
    unknown = sorted(properties.keys() - known)
    if unknown:
        raise invalid(f"{name} have no property {', '.join(unknown)}")


def _refuse_kind(request: Request, kinds: tuple[str, ...]) -> None:
    given = request.headers.get("content-type")
    if given is None:
        raise invalid("Content-Type is missing")
    if given.partition(";")[0].strip().lower() not in kinds:
        what = f"Content-Type {given!r} is none of {', '.join(kinds)}"
        raise Refusal("request-is-invalid", HTTPStatus.UNSUPPORTED_MEDIA_TYPE, what, what=what)


def _geometry(request: Request, name: str, sent: Any) -> BaseGeometry:
    header = request.headers.get("content-crs")
    crs = DEFAULT if header is None else crs_named(header.strip().strip("<>"), "Content-Crs")
    try:
        found = shape(sent)
    except Exception as error:
        raise invalid("the geometry cannot be read") from error
    if found.geom_type not in KINDS[name] or found.is_empty:
        raise invalid(f"the geometry must be one of {', '.join(KINDS[name])}, and not empty")
    if shapely.get_num_coordinates(found) > MOST_VERTICES:
        raise invalid(f"a geometry of more than {MOST_VERTICES} points is not read")
    stored = to_stored(upright(shapely.force_2d(found), crs), crs)
    # A territory may still have to be mended: its draft says where.
    if name != DIVISIONS and not stored.is_valid:
        raise invalid(f"the geometry is not valid: {shapely.is_valid_reason(stored)}")
    return stored
