"""The OGC interface as an OpenAPI 3.0 document, written out collection by collection.

The whole service is described at `/openapi.json` in OpenAPI 3.1; clients of OGC APIs read this one.
"""

from typing import Any

from fastapi import Request

from api.language import Language, preferred
from api.ogc.catalogue import GEOJSON, HTML, JSON, SCHEMA, TILED, TOLD, WORDS, base_of, schema_of
from api.ogc.crs import CRS84, OFFERED
from api.ogc.proposals import Methods, methods_of
from registry.features.model import MOST_FEATURES
from registry.features.sources import SOURCES

VERSION = "3.0.3"
PROBLEM = "application/problem+json"
MVT = "application/vnd.mapbox-vector-tile"
Json = dict[str, Any]


def description(request: Request) -> Json:
    """The document."""
    language = preferred(request)
    words = WORDS[language]
    return {
        "openapi": VERSION,
        "info": {
            "title": words["title"],
            "description": words["description"],
            "version": "1.0.0",
            "license": {"name": "Apache-2.0"},
        },
        "servers": [{"url": base_of(request)}],
        "tags": [{"name": "Capabilities"}, {"name": "Data"}, {"name": "Tiles"}],
        "paths": _paths(request, language),
        "components": {
            "parameters": _parameters(),
            "responses": _responses(),
            "schemas": _schemas(),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _paths(request: Request, language: Language) -> Json:
    paths: Json = {
        "/": _reading("getLandingPage", "Landing page", "#/components/schemas/landingPage"),
        "/conformance": _reading(
            "getConformance", "Conformance", "#/components/schemas/confClasses"
        ),
        "/api": _reading("getApi", "This document", None),
        "/collections": _reading(
            "getCollections", "Collections", "#/components/schemas/collections"
        ),
        "/tileMatrixSets": _reading("getTileMatrixSets", "Tiling schemes", None, tag="Tiles"),
        "/tileMatrixSets/{tileMatrixSetId}": _reading(
            "getTileMatrixSet", "A tiling scheme", None, ["tileMatrixSetId"], tag="Tiles"
        ),
    }
    for name in TOLD:
        paths |= _of_collection(name, language, methods_of(request, name))
    return paths


def _of_collection(name: str, language: Language, methods: Methods) -> Json:
    here, title = f"/collections/{name}", TOLD[name].title(language)
    word = "".join(part.capitalize() for part in name.split("-"))
    items = _reading(
        f"get{word}",
        title,
        "#/components/schemas/featureCollection",
        [
            "limit",
            "cursor",
            "bbox",
            "bbox-crs",
            "crs",
            "datetime",
            "filter",
            "filter-lang",
            "filter-crs",
            "at",
            "known",
            "plan",
        ],
        kind=GEOJSON,
        tag="Data",
    )
    items["get"]["parameters"] += [
        {
            "name": one.name,
            "in": "query",
            "required": False,
            "schema": schema_of(one, language),
            "style": "form",
            "explode": False,
        }
        for one in SOURCES[name].properties
        if one.queryable
    ]
    single = _reading(
        f"get{word}Feature", title, "#/components/schemas/feature", ["featureId", "crs", "at", "known", "plan"],
        kind=GEOJSON, tag="Data",
    )  # fmt: skip
    items |= _writing(word, methods.several)
    single |= _writing(word, methods.single)
    queryable = _reading(f"get{word}Queryables", "Queryables", None, kind=SCHEMA)
    found = {
        here: _reading(f"get{word}Collection", title, "#/components/schemas/collection"),
        f"{here}/queryables": queryable,
        f"{here}/items": items,
        f"{here}/items/{{featureId}}": single,
    }
    return found | _tiles(name, word) if name in TILED else found


def _tiles(name: str, word: str) -> Json:
    here = f"/collections/{name}/tiles"
    tile = [
        "tileMatrixSetId",
        "tileMatrix",
        "tileRow",
        "tileCol",
        "datetime",
        "at",
        "known",
        "plan",
    ]
    return {
        here: _reading(f"get{word}TileSets", "Vector tile sets", None, tag="Tiles"),
        f"{here}/{{tileMatrixSetId}}": _reading(
            f"get{word}TileSet", "A vector tile set", None, ["tileMatrixSetId"], tag="Tiles"
        ),
        f"{here}/{{tileMatrixSetId}}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": _reading(
            f"get{word}Tile", "A vector tile", None, tile, kind=MVT, tag="Tiles", forms=False
        ),
    }


SUMMARIES = {
    "POST": ("create", "Propose a new feature, or draw one that lies nowhere yet"),
    "PUT": ("replace", "Propose a feature in place of it"),
    "PATCH": ("update", "Propose to alter it"),
    "DELETE": ("delete", "Propose that it ends"),
}


def _writing(word: str, methods: tuple[str, ...]) -> Json:
    return {one.lower(): _written(word, one) for one in methods}


def _written(word: str, method: str) -> Json:
    codes = {"400": "InvalidParameter", "404": "NotFound", "409": "Conflict"}
    crs = {"name": "Content-Crs", "in": "header", "required": False, "schema": {"type": "string"}}
    parameters = [] if method == "DELETE" else [crs]
    done = ("201", "It became part of a draft; Location is where it will be found.")
    if method != "POST":
        done = ("202", "It became part of a draft that waits for approval.")
        codes |= {"412": "Stale", "428": "IfMatchMissing"}
        tag = {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"}}
        parameters = [_ref("featureId"), tag, *parameters]
    verb, summary = SUMMARIES[method]
    found = {
        "operationId": f"{verb}{word}Feature",
        "summary": summary,
        "tags": ["Data"],
        "security": [{"key": []}],
        "parameters": parameters,
        "responses": {
            done[0]: {"description": done[1]},
            **{code: {"$ref": f"#/components/responses/{name}"} for code, name in codes.items()},
            "401": {"description": "No key."},
            "403": {"description": "The key's role may not."},
        },
    }
    kind, schema = GEOJSON, {"$ref": "#/components/schemas/feature"}
    if method == "PATCH":
        kind, schema = "application/merge-patch+json", {"type": "object"}
    body = {"required": True, "content": {kind: {"schema": schema}}}
    return found if method == "DELETE" else {**found, "requestBody": body}


def _reading(
    operation: str,
    summary: str,
    schema: str | None,
    parameters: list[str] | None = None,
    *,
    kind: str = JSON,
    tag: str = "Capabilities",
    forms: bool = True,
) -> Json:
    body = {"type": "object"} if schema is None else {"$ref": schema}
    content: Json = {kind: {"schema": body if forms else {"type": "string", "format": "binary"}}}
    if forms:
        content[HTML] = {"schema": {"type": "string"}}
    shared = [*(parameters or []), *(["f"] if forms else [])]
    return {
        "get": {
            "operationId": operation,
            "summary": summary,
            "tags": [tag],
            "parameters": [_ref(one) for one in shared],
            "responses": {
                "200": {"description": summary, "content": content},
                "304": {"description": "The client has it already."},
                "400": {"$ref": "#/components/responses/InvalidParameter"},
                **({"404": {"$ref": "#/components/responses/NotFound"}} if parameters else {}),
                "500": {"$ref": "#/components/responses/ServerError"},
            },
        }
    }


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/parameters/{name}"}


def _query(name: str, text: str, schema: Json, **more: Any) -> Json:
    return {
        "name": name, "in": "query", "description": text, "required": False, "schema": schema,
        **(more or {"style": "form", "explode": False}),
    }  # fmt: skip


def _path(name: str, schema: Json) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _parameters() -> Json:
    crs = {"type": "string", "format": "uri", "enum": list(OFFERED), "default": CRS84}
    numbers = {
        "type": "array",
        "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
        "items": {"type": "number"},
    }
    whole = {"type": "integer", "minimum": 1, "maximum": MOST_FEATURES, "default": 10}
    text: Json = {"type": "string"}
    return {
        "f": _query("f", "json or html", {"type": "string", "enum": ["json", "html"]}),
        "limit": _query("limit", "Most features on a page", whole),
        "cursor": _query("cursor", "From the link rel=next", text),
        "bbox": _query("bbox", "Features that meet this region", numbers),
        "bbox-crs": _query("bbox-crs", "CRS of bbox", crs),
        "crs": _query("crs", "CRS of the answer", crs),
        "datetime": _query("datetime", "What holds at a moment or in an interval (RFC 3339)", text),
        "filter": _query("filter", "CQL2 over the queryables", text),
        "filter-lang": _query(
            "filter-lang", "Language of filter",
            {"type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text"},
        ),
        "filter-crs": _query("filter-crs", "CRS of geometries in filter", crs),
        "at": _query("at", "Day the answer holds for", {"type": "string", "format": "date"}),
        "known": _query("known", "Moment of the registry's knowledge", {"type": "string", "format": "date-time"}),
        "plan": _query("plan", "A restructuring to be rehearsed", {"type": "string", "format": "uuid"}),
        "featureId": _path("featureId", text),
        "tileMatrixSetId": _path("tileMatrixSetId", {"type": "string", "enum": ["WebMercatorQuad"]}),
        "tileMatrix": _path("tileMatrix", text),
        "tileRow": _path("tileRow", {"type": "integer", "minimum": 0}),
        "tileCol": _path("tileCol", {"type": "integer", "minimum": 0}),
    }  # fmt: skip


def _responses() -> Json:
    texts = {
        "InvalidParameter": "A parameter or body cannot be used.",
        "NotFound": "There is no such resource.",
        "Conflict": "Somebody else's draft touches it; the drafts are named.",
        "Stale": "It changed since it was read.",
        "IfMatchMissing": "Send If-Match with the ETag that was read.",
        "ServerError": "A fault of the service.",
    }
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/exception"}}}
    return {name: {"description": text, "content": content} for name, text in texts.items()}


def _schemas() -> Json:
    text: Json = {"type": "string"}
    link = {
        "type": "object",
        "required": ["href"],
        "properties": dict.fromkeys(("href", "rel", "type", "title"), text),
    }
    links = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}
    feature = {
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": text,
            "geometry": {"type": "object", "nullable": True},
            "properties": {"type": "object", "nullable": True},
            "links": links,
        },
    }
    return {
        "link": link,
        "landingPage": _object({"title": text, "description": text, "links": links}, ["links"]),
        "confClasses": _object({"conformsTo": {"type": "array", "items": text}}, ["conformsTo"]),
        "collection": _object(
            {"id": text, "title": text, "description": text, "links": links, "extent": {"type": "object"},
             "itemType": text, "crs": {"type": "array", "items": text}, "storageCrs": text},
            ["id", "links"],
        ),
        "collections": _object(
            {"links": links, "collections": {"type": "array", "items": {"$ref": "#/components/schemas/collection"}}},
            ["links", "collections"],
        ),
        "feature": feature,
        "featureCollection": _object(
            {"type": {"type": "string", "enum": ["FeatureCollection"]},
             "features": {"type": "array", "items": {"$ref": "#/components/schemas/feature"}},
             "links": links, "timeStamp": {"type": "string", "format": "date-time"},
             "numberMatched": {"type": "integer", "minimum": 0},
             "numberReturned": {"type": "integer", "minimum": 0}},
            ["type", "features"],
        ),
        "exception": _object({"type": text, "title": text, "detail": text, "code": text, "status": {"type": "integer"}}, ["code"]),
    }  # fmt: skip


def _object(properties: Json, required: list[str]) -> Json:
    return {"type": "object", "required": required, "properties": properties}
