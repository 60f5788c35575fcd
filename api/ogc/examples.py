"""Examples of OGC answers for the OpenAPI document of the whole service."""

from typing import Any

LANDING = {
    "title": "Place Registry: features and tiles",
    "links": [{"href": "/ogc/collections", "rel": "data", "type": "application/json"}],
}
FEATURE = {
    "type": "Feature",
    "id": "a0285070-4627-5832-8edc-38064fa614ca",
    "geometry": None,
    "properties": {"code": "350213102", "name": "马巷镇", "kind": "town", "level": 4},
}
ITEM: dict[str, Any] = {**FEATURE, "links": []}
ITEMS: dict[str, Any] = {
    "type": "FeatureCollection",
    "numberReturned": 1,
    "links": [],
    "features": [FEATURE],
}
FORM = ("f", "json or html; else by Accept.", "json")
CRS = ("crs", "URI of the coordinate system of the answer; default CRS84.", None)


def _asked(*parameters: tuple[str, str, str | None]) -> dict[str, Any]:
    """Query parameters that a route reads by itself, described."""
    found = []
    for name, description, example in parameters:
        one = {
            "name": name,
            "in": "query",
            "description": description,
            "schema": {"type": "string"},
        }
        found.append(one if example is None else {**one, "example": example})
    return {"parameters": found}


DESCRIBED = _asked(FORM)
SINGLE = _asked(FORM, CRS)
DATED = _asked(("datetime", "Day or moment of RFC 3339: what holds then.", "2020-12-31"))
PAGED = _asked(
    ("limit", "Most features on a page, 1 to 1000.", "100"),
    ("bbox", "Region: four or six numbers, in bbox-crs.", "118,24.4,118.2,24.6"),
    ("bbox-crs", "URI of the coordinate system of bbox; default CRS84.", None),
    CRS,
    ("datetime", "Moment or interval of RFC 3339: what holds then.", "2020-12-31"),
    ("filter", "CQL2 over the queryables.", "level = 4"),
    ("filter-lang", "cql2-text or cql2-json.", None),
    ("filter-crs", "URI of the coordinate system of geometries in filter.", None),
    ("cursor", "From the link rel=next of the page before.", None),
    FORM,
)


def answers(example: dict[str, Any], kind: str = "application/json") -> dict[int | str, Any]:
    """What a route answers with."""
    return {
        200: {"content": {kind: {"example": example}, "text/html": {}}},
        400: {
            "description": "A parameter cannot be used.",
            "content": {"application/problem+json": {}},
        },
    }


def tile_answers(kind: str) -> dict[int | str, Any]:
    """What a route of tiles answers with."""
    return {
        200: {"content": {kind: {"schema": {"type": "string", "format": "binary"}}}},
        304: {"description": "The client has it already."},
    }


DRAFT = "7f3a1c1e-6f0d-5c55-9a35-0a8f6ad8b4c7"
PROPOSED = {
    "boundary_update": DRAFT,
    "state": "draft",
    "href": f"/v1/boundary-updates/{DRAFT}",
    "id": "a0285070-4627-5832-8edc-38064fa614ca",
}
PROBLEM: dict[str, Any] = {"application/problem+json": {}}
TAKEN: dict[int | str, Any] = {
    409: {"description": "Another draft touches it; the drafts are named.", "content": PROBLEM}
}


def proposed(kind: str | None) -> dict[int | str, Any]:
    """What a write of a feature answers with."""
    sent = "It" if kind is None else f"Sent as {kind}; it"
    return {
        202: {
            "description": f"{sent} waits in a draft.",
            "content": {"application/json": {"example": PROPOSED}},
        },
        **TAKEN,
        412: {"description": "It changed since it was read.", "content": PROBLEM},
        428: {"description": "If-Match is missing.", "content": PROBLEM},
    }


def created(kind: str) -> dict[int | str, Any]:
    """What a new feature is answered with."""
    return {
        201: {
            "description": f"Sent as {kind}; it waits in a draft, Location is where it will be found.",
            "content": {"application/json": {"example": PROPOSED}},
        },
        **TAKEN,
    }
