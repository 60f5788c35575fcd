"""Writes through the OGC API: each becomes a proposal in a boundary update of whoever sent it.

Nothing is written into the registry here: a proposal is judged and enters when a reviewer approves.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any, Protocol
from uuid import UUID

import msgspec
import shapely
from fastapi import Request
from shapely.geometry import MultiPolygon, Polygon, shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from api.ogc.crs import DEFAULT, crs_named, to_stored, upright
from api.ogc.refusals import invalid
from api.problems import Refusal
from registry.features.model import Feature

READING = ("GET", "HEAD", "OPTIONS")
WRITING = ("PUT", "PATCH")
GEOJSON_KINDS = ("application/geo+json", "application/json")
PATCH_KINDS = ("application/merge-patch+json", *GEOJSON_KINDS)
LARGEST_BYTES = 16 * 1024 * 1024
MOST_VERTICES = 400_000


@dataclass(frozen=True, slots=True)
class Proposal:
    """One feature as somebody would have it."""

    collection: str
    feature_id: UUID
    geometry: BaseGeometry
    """EPSG:4490, longitude first."""
    expected_version: int
    """The change whose state it was drawn on."""
    account: str
    on: date


class Proposals(Protocol):
    """Whoever takes proposals."""

    @property
    def editable(self) -> frozenset[str]:
        """Collections whose features can be proposed anew."""

    def propose(self, connection: Connection, proposal: Proposal) -> UUID:
        """Take a proposal into a draft; returns the draft's id.

        Raises:
            RegistryError: another's draft touches it, or it cannot be drawn so.
        """


def editable(request: Request, collection: str) -> bool:
    """Whether features of a collection can be proposed anew."""
    taking: Proposals | None = request.app.state.proposals
    return taking is not None and collection in taking.editable


def allowed(request: Request, collection: str, *, single: bool) -> str:
    """The methods of a resource, as the header Allow names them."""
    more = WRITING if single and editable(request, collection) else ()
    return ", ".join((*READING, *more))


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


def refuse_stale(request: Request, tag: str) -> None:
    """Refuse a write that does not say which state it was made on, or was made on another.

    Raises:
        Refusal: one of those.
    """
    given = request.headers.get("if-match")
    if given is None:
        what = "send If-Match with the ETag the feature was read with"
        raise Refusal("if-match-is-missing", HTTPStatus.PRECONDITION_REQUIRED, what)
    if given.strip() == "*":
        return
    state = tag.partition("-")[0]
    # The tags of its other forms (HTML) stand for the same state.
    if not any(one.strip().partition("-")[0] == state for one in given.split(",")):
        what = "the feature changed since it was read; read it again"
        raise Refusal("feature-is-stale", HTTPStatus.PRECONDITION_FAILED, what)


def geometry_sent(request: Request, body: bytes, present: Feature, *, whole: bool) -> BaseGeometry:
    """The territory a PUT or PATCH asks for, in EPSG:4490.

    Args:
        present: the feature as it is; what is sent may repeat it, and alters its geometry only.
        whole: a whole feature was sent (PUT), rather than what changes of it (PATCH).

    Raises:
        Refusal: it is no feature, not in a system that is offered, or alters what it may not.
    """
    _refuse_kind(request, GEOJSON_KINDS if whole else PATCH_KINDS)
    try:
        sent = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise invalid(f"the body is no JSON: {error}") from error
    if not isinstance(sent, dict) or sent.get("type", "Feature") != "Feature":
        raise invalid("the body must be one GeoJSON feature")
    if sent.get("id", present.feature_id) != present.feature_id:
        raise invalid("the id of a feature cannot be altered")
    _refuse_altered(sent.get("properties") or {}, present.properties)
    if "geometry" not in sent:
        raise invalid("there is no geometry: it is what can be proposed")
    return _territory(request, sent["geometry"])


def _refuse_kind(request: Request, kinds: tuple[str, ...]) -> None:
    given = request.headers.get("content-type")
    if given is None:
        raise invalid("Content-Type is missing")
    if given.partition(";")[0].strip().lower() not in kinds:
        what = f"Content-Type {given!r} is none of {', '.join(kinds)}"
        raise Refusal("request-is-invalid", HTTPStatus.UNSUPPORTED_MEDIA_TYPE, what, what=what)


def _refuse_altered(sent: Any, present: Mapping[str, object]) -> None:
    if not isinstance(sent, dict):
        raise invalid("properties must be an object")
    held = json.loads(msgspec.json.encode(present))
    altered = sorted(name for name, value in sent.items() if value != held.get(name))
    if altered:
        raise invalid(f"only the geometry can be proposed here, not {', '.join(altered)}")


def _territory(request: Request, sent: Any) -> BaseGeometry:
    header = request.headers.get("content-crs")
    crs = DEFAULT if header is None else crs_named(header.strip().strip("<>"), "Content-Crs")
    try:
        found = shape(sent)
    except Exception as error:
        raise invalid("the geometry cannot be read") from error
    if not isinstance(found, Polygon | MultiPolygon) or found.is_empty:
        raise invalid("a territory must be a polygon or multipolygon")
    if shapely.get_num_coordinates(found) > MOST_VERTICES:
        raise invalid(f"a territory of more than {MOST_VERTICES} points is not read")
    return to_stored(upright(shapely.force_2d(found), crs), crs)
