"""OGC resources as pages for people, with a small map picture."""

from collections.abc import Sequence
from typing import Any

import msgspec
import shapely
from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from api.language import preferred
from api.ogc.catalogue import TOLD, WORDS, base_of
from api.web.page import render_template
from api.web.picture import PICTURE_WORDS, frame_of, legend, path_of, pixel, svg
from registry.features.model import Feature
from registry.features.sources import SOURCES

MOST_DRAWN = 400
LARGEST_BYTES = 60_000
TOLERANCES_PX = (0.7, 1.5, 3.0, 6.0, 12.0, 24.0)


def document_page(request: Request, headers: dict[str, str], body: dict[str, Any]) -> Response:
    """A document about the interface: its links, and the rest as it is."""
    rest = {
        name: value for name, value in body.items() if name not in ("links", "title", "description")
    }
    return _page(
        request,
        headers,
        title=body.get("title") or WORDS[preferred(request)]["title"],
        text=body.get("description", ""),
        links=body.get("links", ()),
        rest=msgspec.json.format(msgspec.json.encode(rest), indent=1).decode() if rest else "",
    )


def collection_page(request: Request, headers: dict[str, str], body: dict[str, Any]) -> Response:
    """A collection: what it holds, how far it reaches, where its features are."""
    west, south, east, north = body["extent"]["spatial"]["bbox"][0]
    frame = shapely.box(west, south, east, north)
    return _page(
        request,
        headers,
        title=body["title"],
        text=body["description"],
        links=body["links"],
        picture=picture([frame], preferred(request)),
    )


def items_page(
    request: Request,
    headers: dict[str, str],
    name: str,
    found: Sequence[Feature],
    following: str | None,
) -> Response:
    """A page of features as a table with a picture."""
    language = preferred(request)
    shown = [one for one in SOURCES[name].properties if not one.name.endswith("_id")]
    here = f"{base_of(request)}/collections/{name}"
    onward = None
    if following is not None:
        onward = f"{here}/items?{request.url.include_query_params(cursor=following).query}"
    return _page(
        request,
        headers,
        title=TOLD[name].title(language),
        text=TOLD[name].description(language),
        heads=[one.title_zh if language == "zh" else one.title_en for one in shown],
        rows=[(f"{here}/items/{one.feature_id}?f=html", _cells(one, shown)) for one in found],
        picture=picture([_drawn(one) for one in found], language),
        next=onward,
    )


def item_page(request: Request, name: str, one: Feature, headers: dict[str, str]) -> Response:
    """One feature: its properties and where it lies."""
    language = preferred(request)
    known = {each.name: each for each in SOURCES[name].properties}
    facts = [
        (_title(known.get(key), key, language), "" if value is None else str(value))
        for key, value in one.properties.items()
    ]
    return _page(
        request,
        headers,
        title=str(
            next(
                filter(None, (one.properties.get(key) for key in ("name", "text", "shown_text"))),
                one.feature_id,
            )
        ),
        text=TOLD[name].title(language),
        facts=facts,
        picture=picture([_drawn(one)], language),
    )


def picture(geometries: Sequence[BaseGeometry | None], language: str) -> str:
    """Features on plain ground; geometries are EPSG:4490, longitude first."""
    there = [one for one in geometries[:MOST_DRAWN] if one is not None and not one.is_empty]
    if not there:
        return ""
    frame = frame_of(shapely.box(*shapely.total_bounds(there)))
    words = PICTURE_WORDS[language]
    cuts = [cut for cut in map(frame.cut, there) if cut is not None]
    drawn = ""
    for tolerance_px in TOLERANCES_PX:
        body = "".join(_mark(cut, tolerance_px) for cut in cuts)
        drawn = svg(words["title"], body + legend(frame, words, illustrative=False))
        if len(drawn.encode()) <= LARGEST_BYTES:
            break
    return drawn


def _mark(cut: BaseGeometry, tolerance_px: float) -> str:
    points, paths = [], []
    for part in shapely.get_parts(shapely.simplify(cut, tolerance_px)):
        if part.geom_type == "Point":
            x, y = pixel(part)
            points.append(
                f'<circle class="m-solid" cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#d3202c"/>'
            )
        elif part.geom_type == "Polygon":
            paths += [path_of(ring.coords) + "z" for ring in (part.exterior, *part.interiors)]
        elif part.geom_type == "LineString":
            paths.append(path_of(part.coords))
    filled = "#cfdfee" if cut.geom_type.endswith("Polygon") else "none"
    path = (
        f'<path fill="{filled}" fill-opacity=".6" stroke="#456" fill-rule="evenodd" d="{"".join(paths)}"/>'
        if paths
        else ""
    )
    return path + "".join(points)


def _drawn(one: Feature) -> BaseGeometry | None:
    return None if one.geometry is None else shape(msgspec.json.decode(one.geometry))


def _title(known: Any, key: str, language: str) -> str:
    if known is None:
        return key
    return str(known.title_zh if language == "zh" else known.title_en)


def _cells(one: Feature, shown: Sequence[Any]) -> list[str]:
    values = (one.properties.get(each.name) for each in shown)
    return ["" if value is None else str(value) for value in values]


def _page(request: Request, headers: dict[str, str], **values: Any) -> Response:
    language = preferred(request)
    nothing: dict[str, Any] = {
        "links": (),
        "rest": "",
        "heads": (),
        "rows": (),
        "facts": (),
        "next": None,
    }
    drawn = Markup(values.pop("picture", ""))  # noqa: S704 -- a picture holds no text but our own
    text = render_template(
        "ogc.html", language, **{**nothing, **values, "picture": drawn, "here": request.url.path}
    )
    return HTMLResponse(text, headers={**headers, "Vary": "Accept, Accept-Language"})
