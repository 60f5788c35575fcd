"""OGC API Features, Part 4, under `/ogc`: what is written becomes a proposal."""

from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.ogc.asking import known_collection, refuse_unknown
from api.ogc.catalogue import GEOJSON, JSON
from api.ogc.examples import proposed
from api.ogc.proposals import (
    PATCH_KINDS,
    Proposal,
    allowed,
    body_of,
    editable,
    geometry_sent,
    refuse_stale,
)
from api.ogc.reading import read_one
from api.ogc.refusals import unknown
from api.ogc.tags import entity_tag
from api.security import Holder, require
from api.time_travel import Reader, reader
from registry.features.model import Feature, Shape
from registry.features.pages import feature_key

router = APIRouter(prefix="/ogc", tags=["ogc"])

Surveyor = Annotated[Holder, Depends(require("surveyor", "reviewer"))]
ITEMS, ITEM = "/collections/{collection}/items", "/collections/{collection}/items/{feature}"


@router.options(ITEMS, operation_id="getOgcItemsMethods")
def items_methods(collection: str, request: Request) -> Response:
    """What can be done with the features of a collection."""
    name = known_collection(collection)
    return Response(headers={"Allow": allowed(request, name, single=False)})


@router.options(ITEM, operation_id="getOgcItemMethods")
def item_methods(collection: str, feature: str, request: Request) -> Response:
    """What can be done with one feature."""
    name = _possible(collection, feature)
    headers = {"Allow": allowed(request, name, single=True)}
    if editable(request, name):
        headers["Accept-Patch"] = ", ".join(PATCH_KINDS)
    return Response(headers=headers)


@router.put(ITEM, operation_id="replaceOgcItem", status_code=202, responses=proposed(GEOJSON))
async def replace(collection: str, feature: str, request: Request, surveyor: Surveyor) -> Response:
    """Propose a feature in place of the one there is; If-Match says which that was."""
    body = await body_of(request)
    return await run_in_threadpool(
        _propose, request, (collection, feature), body, surveyor, whole=True
    )


@router.patch(
    ITEM, operation_id="updateOgcItem", status_code=202, responses=proposed(PATCH_KINDS[0])
)
async def update(collection: str, feature: str, request: Request, surveyor: Surveyor) -> Response:
    """Propose to alter a feature (JSON Merge Patch, RFC 7396); If-Match says which it was."""
    body = await body_of(request)
    return await run_in_threadpool(
        _propose, request, (collection, feature), body, surveyor, whole=False
    )


@router.api_route(ITEMS, methods=["POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
def no_items_method(collection: str, request: Request) -> Response:
    """Divisions begin and end by restructuring, not by editing: there is nothing to be created here."""
    raise _not_allowed(allowed(request, known_collection(collection), single=False))


@router.api_route(ITEM, methods=["POST", "DELETE"], include_in_schema=False)
def no_item_method(collection: str, feature: str, request: Request) -> Response:
    """The same of one feature."""
    raise _not_allowed(allowed(request, _possible(collection, feature), single=True))


def _possible(collection: str, feature: str) -> str:
    """The collection, if one of its features could have that id."""
    name = known_collection(collection)
    if feature_key(name, feature) is None:
        raise unknown(f"{name} has no feature {feature}")
    return name


def _not_allowed(methods: str) -> HTTPException:
    return HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": methods})


def _propose(
    request: Request, where: tuple[str, str], body: bytes, surveyor: Holder, *, whole: bool
) -> Response:
    name = known_collection(where[0])
    if not editable(request, name):
        raise _not_allowed(allowed(request, name, single=True))
    refuse_unknown(request, frozenset())
    with contextmanager(reader)(request, None, None, None) as reading:
        present = _present(reading, name, where[1])
        refuse_stale(request, entity_tag(name, present, "json", in_force=True))
        proposal = Proposal(
            name,
            UUID(present.feature_id),
            geometry_sent(request, body, present, whole=whole),
            reading.at.known,
            surveyor.name,
            reading.at.valid_on,
        )
    with request.app.state.engine.connect() as connection:
        draft: UUID = request.app.state.proposals.propose(connection, proposal)
        connection.commit()
    place = f"/v1/boundary-updates/{draft}"
    told = {"boundary_update": draft, "state": "draft", "href": place}
    return Response(
        msgspec.json.encode(told), HTTPStatus.ACCEPTED, media_type=JSON, headers={"Location": place}
    )


def _present(reading: Reader, name: str, feature: str) -> Feature:
    """The feature as it is in force."""
    key = feature_key(name, feature)
    found = None if key is None else read_one(reading, Shape(name, one=True), key)
    if found is None or not found[1]:
        raise unknown(f"{name} has no feature {feature} in force")
    return found[0]
