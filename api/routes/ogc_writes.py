"""OGC API Features, Part 4, under `/ogc`: what is written becomes a proposal."""

import json
from collections.abc import Callable
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated

import msgspec
import shapely
from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from api.ogc.asking import known_collection, refuse_unknown
from api.ogc.catalogue import GEOJSON, JSON, base_of
from api.ogc.drafting import begins_elsewhere
from api.ogc.examples import created, proposed
from api.ogc.proposals import Proposal, Proposals, Taken, allowed, methods_of, refuse_stale
from api.ogc.reading import read_one
from api.ogc.refusals import unknown
from api.ogc.sent import PATCH_KINDS, Sent, body_of, changes_sent, name_sent, new_marker
from api.ogc.spelling import LOCATION
from api.ogc.tags import entity_tag
from api.security import Holder, require
from api.time_travel import Reader, reader
from registry.boundaries.edits import LINES, MARKERS, Action, FeatureEdit
from registry.boundaries.errors import FeatureIsThere
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
def item_methods(
    collection: str,
    feature: str,  # noqa: ARG001 -- part of the path, and described with it
    request: Request,
) -> Response:
    """What can be done with one feature.

    Whether there is one is not asked: a map program that finds a collection empty asks about any.
    """
    name = known_collection(collection)
    headers = {"Allow": allowed(request, name, single=True)}
    if "PATCH" in methods_of(request, name).single:
        headers["Accept-Patch"] = ", ".join(PATCH_KINDS)
    return Response(headers=headers)


@router.post(ITEMS, operation_id="createOgcItem", status_code=201, responses=created(GEOJSON))
async def create(collection: str, request: Request, surveyor: Surveyor) -> Response:
    """Propose a marker, draw what lies nowhere yet, or record a line; Location is where it will be found.

    Divisions, names and addresses begin by acts: what is drawn of them is told by `id` (of a division
    also by `code`, of a line by `left_id` and `right_id`).
    """
    body = await body_of(request)
    return await run_in_threadpool(_create, request, collection, body, surveyor)


@router.put(ITEM, operation_id="replaceOgcItem", status_code=202, responses=proposed(GEOJSON))
async def replace(collection: str, feature: str, request: Request, surveyor: Surveyor) -> Response:
    """Propose a feature in place of the one there is; If-Match says which that was."""
    body = await body_of(request)
    return await run_in_threadpool(_propose, request, (collection, feature), body, surveyor)


@router.patch(
    ITEM, operation_id="updateOgcItem", status_code=202, responses=proposed(PATCH_KINDS[0])
)
async def update(collection: str, feature: str, request: Request, surveyor: Surveyor) -> Response:
    """Propose to alter a feature (JSON Merge Patch, RFC 7396); If-Match says which it was."""
    body = await body_of(request)
    return await run_in_threadpool(_propose, request, (collection, feature), body, surveyor)


@router.delete(ITEM, operation_id="deleteOgcItem", status_code=202, responses=proposed(None))
def delete(collection: str, feature: str, request: Request, surveyor: Surveyor) -> Response:
    """Propose that a marker ends, or that a division has no territory; If-Match says which it was."""
    return _propose(request, (collection, feature), None, surveyor)


@router.api_route(ITEMS, methods=["PUT", "PATCH", "DELETE"], include_in_schema=False)
def no_items_method(collection: str, request: Request) -> Response:
    """Features are altered one by one."""
    raise _not_allowed(allowed(request, known_collection(collection), single=False))


@router.post(ITEM, include_in_schema=False)
def no_item_method(collection: str, request: Request) -> Response:
    """Nothing is created inside a feature."""
    raise _not_allowed(allowed(request, known_collection(collection), single=True))


def _not_allowed(methods: str) -> HTTPException:
    return HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": methods})


def _create(request: Request, collection: str, body: bytes, surveyor: Holder) -> Response:
    name = known_collection(collection)
    if request.method not in methods_of(request, name).several:
        raise _not_allowed(allowed(request, name, single=False))
    refuse_unknown(request, frozenset())
    with contextmanager(reader)(request, None, None, None) as reading:
        if name == MARKERS:
            action, feature_id = Action.BEGIN, None
            sent = new_marker(request, body)
        else:
            present = _yet_unknown(request, reading, name, body)
            # A line is there wherever territories meet; it is its record that begins.
            action = Action.BEGIN if name == LINES else Action.ALTER
            feature_id = present.feature_id
            sent = changes_sent(request, body, name, present, method="POST")
        proposal = _proposal(reading, name, (action, feature_id), sent, surveyor)
    taken, tag = _taken(request, proposal)
    href = f"{base_of(request)}/collections/{name}/items/{taken.feature_id}"
    answered = _told(taken, HTTPStatus.CREATED, tag)
    answered.raw_headers.append((LOCATION, href.encode("latin-1")))
    return answered


def _yet_unknown(request: Request, reading: Reader, name: str, body: bytes) -> Feature:
    """The feature that is to be drawn, if there is one and it lies nowhere; or the line nobody recorded."""
    proposals: Proposals = request.app.state.proposals
    wanted = name_sent(request, name, body)
    found = proposals.named(reading.connection, name, wanted, reading.at.valid_on)
    present = _present(reading, name, found)
    if present is None:
        raise begins_elsewhere(name, wanted)
    held = present.properties["legal_status"] if name == LINES else present.geometry
    if held is not None:
        href = f"/ogc/collections/{name}/items/{present.feature_id}"
        raise FeatureIsThere(feature=wanted, href=href)
    return present


def _propose(
    request: Request, where: tuple[str, str], body: bytes | None, surveyor: Holder
) -> Response:
    """Take a PUT, PATCH or, without a body, DELETE."""
    name = known_collection(where[0])
    if request.method not in methods_of(request, name).single:
        raise _not_allowed(allowed(request, name, single=True))
    refuse_unknown(request, frozenset())
    with contextmanager(reader)(request, None, None, None) as reading:
        present = _present(reading, name, where[1]) or _drafted(request, reading, where, surveyor)
        if present is None:
            raise unknown(f"{name} has no feature {where[1]} in force")
        refuse_stale(request, entity_tag(name, present, "json", in_force=True))
        if body is None:
            action, sent = Action.END, Sent(present.feature_id, None, {})
        else:
            action = Action.ALTER
            sent = changes_sent(request, body, name, present, method=request.method)
        proposal = _proposal(reading, name, (action, present.feature_id), sent, surveyor)
    taken, tag = _taken(request, proposal)
    return _told(taken, HTTPStatus.ACCEPTED, {"Location": _draft(taken), **tag})


def _proposal(
    reading: Reader, name: str, what: tuple[Action, str | None], sent: Sent, surveyor: Holder
) -> Proposal:
    action, feature_id = what
    at = reading.at
    return Proposal(
        name,
        action,
        feature_id,
        sent.geometry,
        sent.said,
        at.known,
        surveyor.name,
        at.valid_on,
        sent.as_it_is,
    )


def _taken(request: Request, proposal: Proposal) -> tuple[Taken, dict[str, str]]:
    """What became of a proposal, and the tag of what so far is only drafted."""
    proposals: Proposals = request.app.state.proposals
    with request.app.state.engine.connect() as connection:
        taken = proposals.propose(connection, proposal)
        draft = proposals.drafted(
            connection, proposal.collection, taken.feature_id, proposal.account
        )
        connection.commit()
    if draft is None:
        return taken, {}
    one = _as_feature(draft)
    return taken, {"ETag": entity_tag(proposal.collection, one, "json", in_force=True)}


def _draft(taken: Taken) -> str:
    return f"/v1/boundary-updates/{taken.update_id}"


def _told(taken: Taken, status: HTTPStatus, headers: dict[str, str]) -> Response:
    told = {
        "boundary_update": taken.update_id,
        "state": "draft",
        "href": _draft(taken),
        "id": taken.feature_id,
    }
    return Response(msgspec.json.encode(told), status, media_type=JSON, headers=headers)


def _present(reading: Reader, name: str, feature: str) -> Feature | None:
    """The feature as it is in force."""
    key = feature_key(name, feature)
    found = None if key is None else read_one(reading, Shape(name, one=True), key)
    return found[0] if found is not None and found[1] else None


def _drafted(
    request: Request, reading: Reader, where: tuple[str, str], surveyor: Holder
) -> Feature | None:
    """A feature of the surveyor's own open draft: what was just added can be moved again."""
    if feature_key(*where) is None:
        return None
    find: Callable[[Connection, str, str, str], FeatureEdit | None]
    find = request.app.state.proposals.drafted
    draft = find(reading.connection, where[0], where[1], surveyor.name)
    return None if draft is None else _as_feature(draft)


def _as_feature(draft: FeatureEdit) -> Feature:
    geometry = None if draft.geometry is None else shapely.to_geojson(draft.geometry)
    stamp = f"draft/{geometry}/{json.dumps(dict(draft.said), sort_keys=True)}"
    return Feature(draft.feature_id, stamp, geometry, dict(draft.said))
