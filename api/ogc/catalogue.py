"""What the collections are called, and the documents that describe them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from fastapi import Request
from sqlalchemy import ColumnElement, Connection, func, literal, select

from api.language import Language, preferred
from api.ogc.conformance import CLASSES, WRITING
from api.ogc.crs import OFFERED, STORAGE
from registry.features.model import Property, PropertyKind
from registry.features.sources import SOURCES

JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA = "application/schema+json"
REL = "http://www.opengis.net/def/rel/ogc/1.0/"
EARTH = (-180.0, -90.0, 180.0, 90.0)
WORDS = {
    "zh": {
        "title": "地名地址登记库：要素与瓦片",
        "description": "区划、界线、界桩、地名、街路巷、地址、门牌，可按任一时点查询。",
        "this": "本文档",
        "html": "网页",
        "api": "接口定义",
        "doc": "接口说明",
        "conformance": "遵循的标准要求",
        "collections": "要素集",
        "items": "要素",
        "queryables": "可查询属性",
        "tiles": "矢量瓦片",
        "schemes": "瓦片方案",
        "collection": "所属要素集",
        "next": "下一页",
        "crs": "坐标系",
    },
    "en": {
        "title": "Place Registry: features and tiles",
        "description": "Divisions, boundary lines and markers, place names, thoroughfares, addresses and plates, "
        "at any point in time.",
        "this": "This document",
        "html": "This document as HTML",
        "api": "The definition of the interface",
        "doc": "The interface for people",
        "conformance": "Conformance classes",
        "collections": "Feature collections",
        "items": "Features",
        "queryables": "Queryables",
        "tiles": "Vector tiles",
        "schemes": "Tiling schemes",
        "collection": "The collection",
        "next": "Next page",
        "crs": "Coordinate system",
    },
}


@dataclass(frozen=True, slots=True)
class Told:
    """What people are told of a collection."""

    title_zh: str
    title_en: str
    description_zh: str
    description_en: str

    def title(self, language: Language) -> str:
        """Its title."""
        return self.title_zh if language == "zh" else self.title_en

    def description(self, language: Language) -> str:
        """What it holds."""
        return self.description_zh if language == "zh" else self.description_en


TOLD: Mapping[str, Told] = MappingProxyType(
    {
        "divisions": Told(
            "行政区划",
            "Divisions",
            "各级行政区划及其管辖范围。",
            "Divisions of all levels with their territories.",
        ),
        "boundary-lines": Told(
            "行政区域界线",
            "Boundary lines",
            "同级区划之间的界线：管辖范围的公共边，及已登记的协议与状况。",
            "Edges that divisions of one level share, with what is recorded of the lines.",
        ),
        "boundary-markers": Told(
            "界桩",
            "Boundary markers",
            "界线上的界桩及其状态。",
            "Markers on boundary lines and their states.",
        ),
        "place-names": Told(
            "地名",
            "Place names",
            "标准地名、曾用名与别名。",
            "Standard, former and variant names of places.",
        ),
        "thoroughfares": Told(
            "街路巷",
            "Thoroughfares",
            "街路巷的线位与标准名称。",
            "Streets, roads and lanes with their courses.",
        ),
        "addresses": Told(
            "标准地址",
            "Addresses",
            "标准地址及其位置点。",
            "Standard addresses with their positions.",
        ),
        "plates": Told(
            "门楼牌", "Door plates", "门楼牌及其状态。", "Door plates and their states."
        ),
    }
)


def link(href: str, rel: str, kind: str, title: str, **more: str) -> dict[str, str]:
    """One link."""
    return {"href": href, "rel": rel, "type": kind, "title": title, **more}


def base_of(request: Request) -> str:
    """Where the interface begins."""
    return f"{request.app.state.settings.public_url}/ogc"


def self_links(request: Request, own: str = JSON) -> list[dict[str, str]]:
    """The document itself and the same for people."""
    words = WORDS[preferred(request)]
    here = f"{request.app.state.settings.public_url}{request.url.path}"
    query = request.url.include_query_params(f="html").query
    asked = f"{here}?{request.url.query}" if request.url.query else here
    return [
        link(asked, "self", own, words["this"]),
        link(f"{here}?{query}", "alternate", HTML, words["html"]),
    ]


def landing(request: Request) -> dict[str, Any]:
    """The landing page."""
    words, base = WORDS[preferred(request)], base_of(request)
    return {
        "title": words["title"],
        "description": words["description"],
        "links": [
            *self_links(request),
            link(f"{base}/api", "service-desc", OPENAPI, words["api"]),
            link(f"{base}/api?f=html", "service-doc", HTML, words["doc"]),
            link(f"{base}/conformance", "conformance", JSON, words["conformance"]),
            link(f"{base}/conformance", f"{REL}conformance", JSON, words["conformance"]),
            link(f"{base}/collections", "data", JSON, words["collections"]),
            link(f"{base}/collections", f"{REL}data", JSON, words["collections"]),
            link(f"{base}/tileMatrixSets", f"{REL}tiling-schemes", JSON, words["schemes"]),
        ],
    }


def conformance(request: Request) -> dict[str, Any]:
    """What the interface conforms to."""
    taken = WRITING if request.app.state.proposals is not None else ()
    return {"conformsTo": [*CLASSES, *taken]}


def collections(request: Request, connection: Connection) -> dict[str, Any]:
    """Every collection."""
    return {
        "links": self_links(request),
        "crs": list(OFFERED),
        "collections": [collection(request, connection, name) for name in TOLD],
    }


def collection(
    request: Request, connection: Connection, name: str, *, links: Sequence[dict[str, str]] = ()
) -> dict[str, Any]:
    """One collection."""
    language = preferred(request)
    words, told = WORDS[language], TOLD[name]
    here = f"{base_of(request)}/collections/{name}"
    return {
        "id": name,
        "title": told.title(language),
        "description": told.description(language),
        "itemType": "feature",
        "extent": {
            "spatial": {"bbox": [list(extent(connection, name))], "crs": OGC_CRS84},
            "temporal": {"interval": [[None, None]], "trs": GREGORIAN},
        },
        "crs": list(OFFERED),
        "storageCrs": STORAGE,
        "links": [
            *(links or [link(here, "self", JSON, words["this"])]),
            link(f"{here}/items", "items", GEOJSON, words["items"]),
            link(f"{here}/items?f=html", "items", HTML, words["items"]),
            link(f"{here}/queryables", f"{REL}queryables", SCHEMA, words["queryables"]),
            *tile_links(request, name),
        ],
    }


OGC_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
TILED = {
    "divisions": "divisions",
    "boundary-lines": "boundary-lines",
    "place-names": "names",
    "thoroughfares": "thoroughfares",
    "addresses": "addresses",
}
"""The tile set of each collection that has one."""


def tile_links(request: Request, name: str) -> list[dict[str, str]]:
    """Where a collection's tiles are described."""
    if name not in TILED:
        return []
    words = WORDS[preferred(request)]
    href = f"{base_of(request)}/collections/{name}/tiles"
    return [link(href, f"{REL}tilesets-vector", JSON, words["tiles"])]


def extent(connection: Connection, name: str) -> tuple[float, float, float, float]:
    """How far a collection reaches on any day: what the statistics say, else what there is."""
    column = SOURCES[name].placed_by
    guessed = func.ST_EstimatedExtent(literal(column.table.name), literal(column.name))
    for found in (guessed, func.ST_Extent(column)):
        row = connection.execute(select(*_corners(found))).one()
        if row[0] is not None:
            return row[0], row[1], row[2], row[3]
    return EARTH


def _corners(box: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    return [func.ST_XMin(box), func.ST_YMin(box), func.ST_XMax(box), func.ST_YMax(box)]


TYPES: Mapping[PropertyKind, dict[str, str]] = MappingProxyType(
    {
        PropertyKind.TEXT: {"type": "string"},
        PropertyKind.WHOLE: {"type": "integer"},
        PropertyKind.NUMBER: {"type": "number"},
        PropertyKind.DAY: {"type": "string", "format": "date"},
        PropertyKind.IDENTITY: {"type": "string", "format": "uuid"},
        PropertyKind.FLAG: {"type": "boolean"},
    }
)
SHAPES = {
    "divisions": "https://geojson.org/schema/MultiPolygon.json",
    "boundary-lines": "https://geojson.org/schema/Geometry.json",
    "boundary-markers": "https://geojson.org/schema/Point.json",
    "place-names": "https://geojson.org/schema/Geometry.json",
    "thoroughfares": "https://geojson.org/schema/Geometry.json",
    "addresses": "https://geojson.org/schema/Point.json",
    "plates": "https://geojson.org/schema/Point.json",
}


def queryables(request: Request, name: str) -> dict[str, Any]:
    """What features of a collection can be picked by, as a JSON Schema."""
    language = preferred(request)
    found: dict[str, Any] = {
        one.name: schema_of(one, language) for one in SOURCES[name].properties if one.queryable
    }
    found["geometry"] = {"$ref": SHAPES[name], "x-ogc-role": "primary-geometry"}
    return {
        "$schema": "https://json-schema.org/draft/2019-09/schema",
        "$id": f"{base_of(request)}/collections/{name}/queryables",
        "type": "object",
        "title": TOLD[name].title(language),
        "properties": found,
        "additionalProperties": False,
    }


def schema_of(one: Property, language: Language) -> dict[str, Any]:
    """One property as a JSON Schema."""
    title = one.title_zh if language == "zh" else one.title_en
    found: dict[str, Any] = {"title": title, **TYPES[one.kind]}
    return {**found, "enum": list(one.values)} if one.values else found
