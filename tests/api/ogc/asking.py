"""What the tests of the OGC interface ask, over and over."""

from typing import Any

import httpx
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

COLLECTIONS = (
    "divisions",
    "boundary-lines",
    "boundary-markers",
    "place-names",
    "thoroughfares",
    "addresses",
    "plates",
)
FULL = ("divisions", "boundary-lines", "place-names", "thoroughfares", "addresses")
"""Those that hold something in the demo city."""
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
ISLAND = "118.06,24.42,118.2,24.56"
"""Xiamen island, longitude first."""
EN = {"Accept-Language": "en"}


def items(client: httpx.Client, collection: str, **parameters: Any) -> dict[str, Any]:
    """A page of features; `bbox_crs` stands for `bbox-crs`."""
    answered = ask(client, collection, **parameters)
    assert answered.status_code == 200, answered.text
    return dict(answered.json())


def ask(client: httpx.Client, collection: str, **parameters: Any) -> httpx.Response:
    given = {name.rstrip("_").replace("__", "-"): value for name, value in parameters.items()}
    return client.get(f"/ogc/collections/{collection}/items", params=given, headers=EN)


def every_page(client: httpx.Client, collection: str, **parameters: Any) -> list[dict[str, Any]]:
    """All features, page after page, along the links."""
    page = items(client, collection, **parameters)
    found = list(page["features"])
    while following := href(page, "next"):
        page = client.get(following).json()
        found += page["features"]
    return found


def href(document: dict[str, Any], rel: str) -> str | None:
    return next((one["href"] for one in document["links"] if one["rel"] == rel), None)


def geometry_of(feature: dict[str, Any]) -> BaseGeometry:
    return shape(feature["geometry"])


def ids(page: dict[str, Any]) -> list[str]:
    return [one["id"] for one in page["features"]]
