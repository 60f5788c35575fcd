"""Standard addresses (标准地址): one, many, and what each was called before."""

from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.address_examples import ADDRESS, ADDRESS_HISTORY
from api.address_view import feature_of, history_of, placed, row_of
from api.encoding import (
    JSON,
    answer,
    csv_answer,
    encode,
    geojson_answer,
    ndjson_answer,
    next_link,
    wanted,
)
from api.examples import shows
from api.problems import Refusal
from api.rehearsing import rows_of
from api.time_travel import (
    At,
    Known,
    PlanId,
    Reading,
    asked_day,
    hot_headers,
    reader,
    time_links,
)
from registry.addresses.address_code import AddressCode
from registry.addresses.hot_reads import HOT_BY_CODE, HotAddresses
from registry.addresses.model import AddressFilter, LifecycleStage
from registry.addresses.store import AddressStore
from registry.changes.period import AsOf
from registry.divisions.store import DivisionStore
from registry.hot import AsyncHotReads

router = APIRouter(tags=["addresses"])

CODE = Path(description="Address code (地址代码), as on the plate.", examples=["7K3M9QXA2FDT"])
MOST = 1000
BOX_NUMBERS = 4


@router.get(
    "/v1/addresses",
    operation_id="listAddresses",
    responses=shows({"addresses": [ADDRESS], "next": None}),
)
def list_addresses(
    request: Request,
    reading: Reading,
    division: Annotated[str | None, Query(description="Id or code of the smallest division.")] = None,
    thoroughfare: Annotated[str | None, Query(description="Id or name of the carrier.", examples=["琼头中里"])] = None,
    number: Annotated[int | None, Query(ge=0, description="Door number (门牌号).", examples=[9])] = None,
    within: Annotated[str | None, Query(description="Id or code of a division; all in it.", examples=["350213"])] = None,
    bbox: Annotated[str | None, Query(description="west,south,east,north; degrees, EPSG:4490.")] = None,
    status: Annotated[LifecycleStage | None, Query(description="Stage of life (状态).")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    cursor: Annotated[str | None, Query(description="From the link rel=next of the page before.")] = None,
    format_: Annotated[Literal["json", "geojson", "csv", "ndjson"] | None, Query(alias="format")] = None,
) -> Response:  # fmt: skip
    """Addresses in force on the day, filtered."""
    divisions = DivisionStore(reading.connection)
    asked = AddressFilter(
        division_id=divisions.resolve(division, reading.at) if division else None,
        within=divisions.resolve(within, reading.at) if within else None,
        thoroughfare=thoroughfare,
        number=number,
        bbox=read_box(bbox) if bbox else None,
        stage=status,
    )
    found = AddressStore(reading.connection).page(asked, reading.at, limit=limit + 1, after=cursor)
    shown = found[:limit]
    links = next_link(request, shown[-1].code if len(found) > limit else None)
    match wanted(request, format_, of=("json", "geojson", "csv", "ndjson")):
        case "geojson":
            return geojson_answer(reading, list(map(feature_of, shown)), links=links)
        case "csv":
            return _linked(csv_answer(reading, map(row_of, shown)), links)
        case "ndjson":
            return _linked(ndjson_answer(reading, map(placed, shown)), links)
        case _:
            return answer(
                reading,
                {"addresses": list(map(placed, shown)), "next": links.get("next")},
                links=links,
            )


@router.get("/v1/addresses/{code}", operation_id="getAddress", responses=shows(ADDRESS))
async def get_address(
    request: Request,
    code: Annotated[str, CODE],
    at: At = None,
    known: Known = None,
    plan: PlanId = None,
) -> Response:
    """One address as it read on the day; a retired one answers with its status."""
    canonical = str(AddressCode.parse(code))
    if known is None and plan is None:
        found = await _hot_read(request, canonical, at)
        if found is not None:
            return found
    return await run_in_threadpool(_plain_read, request, canonical, (at, known, plan))


@router.get(
    "/v1/addresses/{code}/history",
    operation_id="getAddressHistory",
    responses=shows(ADDRESS_HISTORY),
)
def get_history(reading: Reading, code: Annotated[str, CODE]) -> Response:
    """Every believed version of an address, and every text it ever bore, with its decree."""
    canonical = str(AddressCode.parse(code))
    found = AddressStore(reading.connection).history(canonical, reading.at.known)
    return answer(reading, history_of(found))


def read_box(text: str) -> tuple[float, float, float, float]:
    """A box as west,south,east,north in degrees.

    Raises:
        Refusal: it is not four numbers in range and order.
    """
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise _box_refused(text) from error
    if len(numbers) != BOX_NUMBERS:
        raise _box_refused(text)
    west, south, east, north = numbers
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _box_refused(text)
    return west, south, east, north


def _box_refused(text: str) -> Refusal:
    what = f"bbox {text!r} must be west,south,east,north in degrees"
    return Refusal("request-is-invalid", HTTPStatus.UNPROCESSABLE_ENTITY, what, what=what)


async def _hot_read(request: Request, code: str, at: str | None) -> Response | None:
    """The address on the bare driver; None when it does not exist on that day."""
    day = asked_day(request, at)
    state = request.app.state
    hot, hot_addresses = (
        cast(AsyncHotReads, state.async_hot),
        cast(HotAddresses, state.hot_addresses),
    )
    rows = await hot.rows(HOT_BY_CODE, keys=[code], on=day, known=None)
    if hot_addresses.is_ready(rows, day):
        found = hot_addresses.completed(rows, day)
    else:
        # The first question about a day and change fetches a chain: not in the event loop.
        found = await run_in_threadpool(hot_addresses.completed, rows, day)
    if found.known is None:
        return None
    travels = at is not None or "accept-datetime" in request.headers
    headers = hot_headers(request, AsOf(day, found.known), travels=travels)
    headers["Link"] = time_links(f"/v1/addresses/{code}")
    return Response(encode(placed(found.addresses[0])), media_type=JSON, headers=headers)


def _plain_read(
    request: Request, code: str, where: tuple[str | None, str | None, str | None]
) -> Response:
    with contextmanager(reader)(request, *where) as reading:
        hot = HotAddresses(rows_of(reading.connection)).by_codes(
            [code], reading.at.valid_on, reading.at.known
        )
        found = hot.addresses or [AddressStore(reading.connection).get(code, reading.at)]
        answered = answer(reading, placed(found[0]))
        answered.headers["Link"] = time_links(f"/v1/addresses/{code}")
        return answered


def _linked(response: Any, links: dict[str, str]) -> Response:
    if links:
        response.headers["Link"] = f'<{links["next"]}>; rel="next"'
    linked: Response = response
    return linked
