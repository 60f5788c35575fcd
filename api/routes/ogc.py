"""`/ogc`: OGC API Features over the registry's collections."""

from contextlib import contextmanager

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.language import preferred
from api.ogc import catalogue
from api.ogc.answers import (
    feature_body,
    geojson,
    link_header,
    page_body,
    page_links,
)
from api.ogc.asking import SHARED, TIME, Asked, known_collection, page_asked, refuse_unknown
from api.ogc.catalogue import GEOJSON, JSON, SCHEMA, WORDS, base_of, link, self_links
from api.ogc.crs import crs_named
from api.ogc.described import DESCRIBING, described
from api.ogc.examples import DESCRIBED, ITEM, ITEMS, LANDING, PAGED, SINGLE, answers
from api.ogc.forms import form_wanted
from api.ogc.openapi import description
from api.ogc.pages import collection_page, item_page, items_page
from api.ogc.reading import hot_page, read_one, read_page
from api.ogc.refusals import unknown
from api.ogc.tags import entity_tag
from api.problems import NotModified
from api.time_travel import (
    At,
    Known,
    PlanId,
    Recorded,
    asked_day,
    hot_headers,
    reader,
)
from registry.changes.period import AsOf
from registry.features.model import Feature, Shape
from registry.features.pages import feature_key

router = APIRouter(prefix="/ogc", tags=["ogc"])


@router.get("", operation_id="getOgcLanding", openapi_extra=DESCRIBED, responses=answers(LANDING))
def landing(request: Request, reading: Recorded) -> Response:
    """Where everything of the OGC API is found from."""
    return described(request, reading, catalogue.landing(request))


@router.get(
    "/conformance", operation_id="getOgcConformance", openapi_extra=DESCRIBED, responses=answers({})
)
def conformance(request: Request, reading: Recorded) -> Response:
    """The conformance classes that are met."""
    return described(request, reading, catalogue.conformance(request))


@router.get("/api", operation_id="getOgcApi", openapi_extra=DESCRIBED, responses=answers({}))
def api(request: Request, reading: Recorded) -> Response:
    """This interface as an OpenAPI 3.0 document."""
    return described(request, reading, description(request), catalogue.OPENAPI)


@router.get(
    "/collections",
    operation_id="listOgcCollections",
    openapi_extra=DESCRIBED,
    responses=answers({}),
)
def collections(request: Request, reading: Recorded) -> Response:
    """Every collection, where it lies and in which coordinate systems it is given."""
    return described(request, reading, catalogue.collections(request, reading.connection))


@router.get(
    "/collections/{collection}",
    operation_id="getOgcCollection",
    openapi_extra=DESCRIBED,
    responses=answers({}),
)
def collection(collection: str, request: Request, reading: Recorded) -> Response:
    """One collection."""
    name = known_collection(collection)
    refuse_unknown(request, DESCRIBING)
    body = catalogue.collection(request, reading.connection, name, links=self_links(request))
    if form_wanted(request) == "html":
        return collection_page(request, reading.headers(), body)
    return Response(msgspec.json.encode(body), media_type=JSON, headers=reading.headers())


@router.get(
    "/collections/{collection}/queryables",
    operation_id="getOgcQueryables",
    openapi_extra=DESCRIBED,
    responses=answers({}),
)
def queryables(collection: str, request: Request, reading: Recorded) -> Response:
    """What features of a collection can be picked by, as a JSON Schema."""
    body = catalogue.queryables(request, known_collection(collection))
    return described(request, reading, body, SCHEMA)


@router.get(
    "/collections/{collection}/items",
    operation_id="listOgcItems",
    openapi_extra=PAGED,
    responses=answers(ITEMS, GEOJSON),
)
async def items(
    collection: str,
    request: Request,
    at: At = None,
    known: Known = None,
    plan: PlanId = None,
) -> Response:
    """Features of a collection in force on the day, by id; every queryable is a parameter too."""
    name = known_collection(collection)
    asked = page_asked(request, name)
    form = form_wanted(request)
    day = at if asked.on is None else asked.on.isoformat()
    if known is None and plan is None and asked.filter is None and form != "html":
        return await _hot_items(request, name, asked, day)
    return await run_in_threadpool(_plain_items, request, name, asked, (day, known, plan))


@router.get(
    "/collections/{collection}/items/{feature}",
    operation_id="getOgcItem",
    openapi_extra=SINGLE,
    responses=answers(ITEM, GEOJSON),
)
def item(
    collection: str,
    feature: str,
    request: Request,
    at: At = None,
    known: Known = None,
    plan: PlanId = None,
) -> Response:
    """One feature; one that has ended answers as it last was, and says so."""
    name = known_collection(collection)
    refuse_unknown(request, (TIME - {"datetime"}) | SHARED | {"crs"})
    system = crs_named(request.query_params.get("crs"), "crs")
    key = feature_key(name, feature)
    if key is None:
        raise unknown(f"{name} has no feature {feature}")
    shape = Shape(
        name, one=True, srid=system.storage_srid, flipped=system.flipped, digits=system.digits
    )
    form = form_wanted(request)
    with contextmanager(reader)(request, at, known, plan) as reading:
        found = read_one(reading, shape, key)
        if found is None:
            raise unknown(f"{name} has no feature {feature}")
        one, in_force = found
        tag = entity_tag(name, one, form, in_force=in_force, proposal=reading.proposal)
        headers = {**reading.headers(), "ETag": tag}
        _refuse_repetition(request, tag)
        links = _item_links(request, name)
        headers["Link"] = link_header(links)
        if not in_force:
            one = Feature(
                one.feature_id, one.stamp, one.geometry, {**one.properties, "in_force": False}
            )
        if form == "html":
            return item_page(request, name, one, headers)
        return geojson(feature_body(one, links=links), system, headers)


def _refuse_repetition(request: Request, tag: str) -> None:
    given = [
        one.strip().removeprefix("W/")
        for one in request.headers.get("if-none-match", "").split(",")
    ]
    if tag in given:
        raise NotModified(tag)


async def _hot_items(request: Request, name: str, asked: Asked, day: str | None) -> Response:
    on, head = asked_day(request, day), await request.app.state.present.lately()
    at = AsOf(on, head)
    travels = day is not None or "accept-datetime" in request.headers
    headers = hot_headers(request, at, travels=travels)
    return _page(request, name, asked, await hot_page(request, asked, at), headers)


def _plain_items(
    request: Request, name: str, asked: Asked, where: tuple[str | None, str | None, str | None]
) -> Response:
    with contextmanager(reader)(request, *where) as reading:
        found = read_page(reading, asked)
        if form_wanted(request) == "html":
            shown = found[: asked.limit]
            following = shown[-1].feature_id if len(found) > asked.limit else None
            return items_page(request, reading.headers(), name, shown, following)
        return _page(request, name, asked, found, reading.headers())


def _page(
    request: Request, name: str, asked: Asked, found: list[Feature], headers: dict[str, str]
) -> Response:
    shown = found[: asked.limit]
    more = len(found) > asked.limit
    links = page_links(request, name, shown[-1].feature_id if more else None)
    headers["Link"] = link_header(links)
    body = page_body(shown, links, whole=not more and not asked.key)
    return geojson(body, asked.crs, headers)


def _item_links(request: Request, name: str) -> list[dict[str, str]]:
    words = WORDS[preferred(request)]
    here = f"{base_of(request)}/collections/{name}"
    return [*self_links(request, GEOJSON), link(here, "collection", JSON, words["collection"])]
