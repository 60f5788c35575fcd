"""`/search`, `/reverse`, `/lookup`, `/status`: for clients that speak to Nominatim."""

from contextlib import contextmanager
from datetime import UTC
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from api.encoding import GEOJSON, JSON, encode
from api.language import preferred
from api.nominatim.asking import looked_up, reversed_at, searched, structured
from api.nominatim.formats import FORMATS, Shape, many, single
from api.nominatim.place import NominatimPlace
from api.problems import Refusal
from api.time_travel import At, Known, PlanId, Reader, reader
from registry.changes.store import ChangeStore

MOST, MOST_LOOKED_UP, DEFAULT = 40, 50, 10
COUNTRY = "cn"
Box = tuple[float, float, float, float]


router = APIRouter(tags=["nominatim"])

Flag = Annotated[int, Query(ge=0, le=1)]


def _shape(
    format_: Annotated[str, Query(alias="format", description=", ".join(FORMATS))] = "jsonv2",
    addressdetails: Flag | None = None,
    extratags: Annotated[str, Query(description="1: the registry's own id or code")] = "0",
    namedetails: Flag = 0,
) -> Shape:
    if format_ not in FORMATS:
        what = f"Parameter 'format' must be one of: {', '.join(FORMATS)}"
        raise Refusal("request-is-invalid", HTTPStatus.BAD_REQUEST, what)
    more = extratags.lower() in ("1", "true")
    return Shape(format_, bool(addressdetails), more, bool(namedetails))


def _shape_with_address(
    format_: Annotated[str, Query(alias="format", description=", ".join(FORMATS))] = "jsonv2",
    addressdetails: Flag = 1,
    extratags: str = "0",
    namedetails: Flag = 0,
) -> Shape:
    return _shape(format_, addressdetails, extratags, namedetails)


def _reading(request: Request, at: At = None, known: Known = None, plan: PlanId = None) -> Any:
    yield from reader(request, at, known, plan)


Place = Annotated[Reader, Depends(_reading)]
Shown = Annotated[Shape, Depends(_shape)]
ShownWithAddress = Annotated[Shape, Depends(_shape_with_address)]
Language = Annotated[str | None, Query(alias="accept-language", description="zh or en")]
Part = Annotated[str | None, Query(max_length=200)]


@router.get("/search", operation_id="nominatimSearch")
def search(
    request: Request,
    reading: Place,
    shape: Shown,
    q: Annotated[str | None, Query(max_length=1000, examples=["琼头中里9号"])] = None,
    amenity: Part = None,
    carrier: Annotated[
        str | None, Query(alias="street", max_length=200, examples=["9 琼头中里"])
    ] = None,
    city: Part = None,
    county: Part = None,
    state: Part = None,
    country: Part = None,
    postalcode: Part = None,
    limit: Annotated[int, Query(ge=1)] = DEFAULT,
    viewbox: Annotated[str | None, Query(description="west,south,east,north")] = None,
    bounded: Flag = 0,
    countrycodes: Part = None,
    exclude_place_ids: Part = None,
    language: Language = None,
) -> Response:
    """Places a text or its parts mean, as Nominatim answers."""
    parts = {"amenity": amenity, "street": carrier, "city": city, "county": county, "state": state}
    others = any(parts.values()) or country is not None or postalcode is not None
    if bool(q and q.strip()) == others:
        what = "Structured query parameters cannot be used together with 'q' parameter." if others else "Nothing to search for."  # fmt: skip
        raise Refusal("request-is-invalid", HTTPStatus.BAD_REQUEST, what)
    text = structured(parts) if others or q is None else q
    box = None if viewbox is None else _box(viewbox)
    abroad = countrycodes and COUNTRY not in countrycodes.lower().split(",")
    most = min(limit, MOST)
    found = [] if abroad else searched(reading, text, _language(request, language), limit=MOST)
    excluded = set((exclude_place_ids or "").split(","))
    kept = [one for one in found if str(one.osm_id) not in excluded]
    return _answer(reading, shape, many(_inside(kept, box, only=bool(bounded))[:most], shape, text))


@router.get("/reverse", operation_id="nominatimReverse")
def reverse(
    request: Request,
    reading: Place,
    shape: ShownWithAddress,
    lat: Annotated[float, Query(ge=-90, le=90, examples=[24.652])],
    lon: Annotated[float, Query(ge=-180, le=180, examples=[118.251])],
    zoom: Annotated[int, Query(ge=0, le=18)] = 18,
    language: Language = None,
) -> Response:
    """The place at a point, as fine as `zoom` asks for, as Nominatim answers."""
    found = reversed_at(reading, lon, lat, zoom, _language(request, language))
    body = {"error": "Unable to geocode"} if found is None else single(found, shape)
    return _answer(reading, shape, body, plain=found is None)


@router.get("/lookup", operation_id="nominatimLookup")
def lookup(
    request: Request,
    reading: Place,
    shape: ShownWithAddress,
    osm_ids: Annotated[str, Query(description="Such as N123,W456,R789", examples=["N1"])],
    language: Language = None,
) -> Response:
    """The places behind ids that `/search` and `/reverse` gave."""
    wanted = []
    for one in filter(None, (part.strip() for part in osm_ids.split(","))):
        kind, number = one[0].upper(), one[1:]
        if kind not in "NWR" or not (number.isascii() and number.isdigit()) or len(number) > 18:
            raise Refusal("request-is-invalid", HTTPStatus.BAD_REQUEST, f"Bad OSM id: {one}")
        wanted.append((kind, int(number)))
    if len(wanted) > MOST_LOOKED_UP:
        raise Refusal("request-is-invalid", HTTPStatus.BAD_REQUEST, "Too many object IDs.")
    found = looked_up(reading, wanted, _language(request, language))
    return _answer(reading, shape, many(found, shape, ""))


@router.get("/status", operation_id="nominatimStatus")
def status(
    request: Request,
    format_: Annotated[str, Query(alias="format", pattern="^(text|json)$")] = "text",
) -> Response:
    """Whether the service answers, and how new its content is."""
    if format_ == "text":
        return Response("OK", media_type="text/plain; charset=utf-8")
    with contextmanager(reader)(request) as reading:
        number = reading.at.known
        head = ChangeStore(reading.connection).many([number], number).get(number)
    updated = None if head is None else head.recorded_at.astimezone(UTC).isoformat()
    told = {
        "status": 0,
        "message": "OK",
        "data_updated": updated,
        "software_version": request.app.version,
        "database_version": request.app.version,
    }
    return Response(encode(told), media_type=JSON)


def _language(request: Request, given: str | None) -> str:
    if given:
        return "en" if given.lower().startswith("en") else "zh"
    return preferred(request)


def _box(text: str) -> Box:
    try:
        x1, y1, x2, y2 = map(float, text.split(","))
    except ValueError as error:
        what = "Bad format for parameter 'viewbox'. Expecting 4 numbers."
        raise Refusal("request-is-invalid", HTTPStatus.BAD_REQUEST, what) from error
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _inside(found: list[NominatimPlace], box: Box | None, *, only: bool) -> list[NominatimPlace]:
    """Places in the box first, or alone."""
    if box is None:
        return found
    west, south, east, north = box

    def outside(one: NominatimPlace) -> bool:
        return not (west <= one.lon <= east and south <= one.lat <= north)

    kept = [one for one in found if not (only and outside(one))]
    return sorted(kept, key=outside)


def _answer(reading: Reader, shape: Shape, body: Any, *, plain: bool = False) -> Response:
    geographic = shape.format in ("geojson", "geocodejson") and not plain
    return Response(
        encode(body), media_type=GEOJSON if geographic else JSON, headers=reading.headers()
    )


def error_form(status_code: int, message: str) -> Response:
    """An error the way Nominatim's clients read it."""
    code = HTTPStatus.BAD_REQUEST if status_code == HTTPStatus.UNPROCESSABLE_ENTITY else status_code
    body = {"error": {"code": int(code), "message": message}}
    return Response(encode(body), status_code=code, media_type=JSON)
