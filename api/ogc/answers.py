"""Features on the wire: GeoJSON with its links, written without looking into geometries again."""

from collections.abc import Sequence
from typing import Any

import msgspec
from fastapi import Request, Response

from api import clock
from api.language import preferred
from api.ogc.catalogue import GEOJSON, JSON, WORDS, base_of, link, self_links
from api.ogc.crs import Crs
from registry.features.model import Feature

MEDIA = "application/geo+json; charset=utf-8"
NOTHING = msgspec.Raw(b"null")


def page_links(request: Request, collection: str, following: str | None) -> list[dict[str, str]]:
    """The links of a page: itself, the same for people, the next one, the collection."""
    words, here = WORDS[preferred(request)], f"{base_of(request)}/collections/{collection}"
    links = self_links(request, GEOJSON)
    if following is not None:
        query = request.url.include_query_params(cursor=following).query
        links.append(link(f"{here}/items?{query}", "next", GEOJSON, words["next"]))
    return [*links, link(here, "collection", JSON, words["collection"])]


def feature_body(one: Feature, **more: Any) -> dict[str, Any]:
    """One feature as it is written."""
    geometry = NOTHING if one.geometry is None else msgspec.Raw(one.geometry.encode())
    return {
        "type": "Feature",
        "id": one.feature_id,
        "geometry": geometry,
        "properties": one.properties,
        **more,
    }


def page_body(
    found: Sequence[Feature], links: Sequence[dict[str, str]], *, whole: bool
) -> dict[str, Any]:
    """A page of features.

    Args:
        whole: the page holds all that match, so their number is known.
    """
    body: dict[str, Any] = {
        "type": "FeatureCollection",
        "timeStamp": clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "numberReturned": len(found),
        "links": links,
        "features": [feature_body(one) for one in found],
    }
    return {**body, "numberMatched": len(found)} if whole else body


def geojson(body: dict[str, Any], crs: Crs, headers: dict[str, str]) -> Response:
    """An answer that says in which coordinate system it is."""
    return Response(
        msgspec.json.encode(body),
        media_type=MEDIA,
        headers={**headers, "Content-Crs": f"<{crs.uri}>"},
    )


def link_header(links: Sequence[dict[str, str]]) -> str:
    """Links as a header."""
    return ", ".join(f'<{one["href"]}>; rel="{one["rel"]}"; type="{one["type"]}"' for one in links)
