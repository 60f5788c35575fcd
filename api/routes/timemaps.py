"""Time maps (RFC 7089): every stretch of a resource's life, as the addresses of its mementos.

A resource is its own time gate: it takes `Accept-Datetime`, or `at`. A memento's moment is midnight
UTC of the first day it holds for, 08:00 in Shanghai of that day.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from email.utils import format_datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.encoding import answer
from api.log_examples import shows_text
from api.time_travel import Reader, Recorded
from registry.addresses.address_code import AddressCode
from registry.addresses.store import AddressStore
from registry.divisions.store import DivisionStore

router = APIRouter(tags=["time"])

LINK_FORMAT = "application/link-format"
BEGINNING = date(1970, 1, 1)
"""Stands for the day a stretch began that is older than the registry's sources."""
EXAMPLE = """</v1/divisions/a0285070-4627-5832-8edc-38064fa614ca>; rel="original timegate",
</v1/divisions/a0285070-4627-5832-8edc-38064fa614ca/timemap>; rel="self"; type="application/link-format",
</v1/divisions/a0285070-4627-5832-8edc-38064fa614ca?at=2003-04-26>; rel="first memento"; datetime="Sat, 26 Apr 2003 00:00:00 GMT",
</v1/divisions/a0285070-4627-5832-8edc-38064fa614ca?at=2021-01-06>; rel="last memento"; datetime="Wed, 06 Jan 2021 00:00:00 GMT"
"""
CODE = Path(description="Address code (地址代码), as on the plate.", examples=["7K3M9QXA2FDT"])


@router.get(
    "/v1/divisions/{division}/timemap",
    operation_id="getDivisionTimeMap",
    responses=shows_text(EXAMPLE, LINK_FORMAT),
    response_class=Response,
)
def division_timemap(division: str, request: Request, reading: Recorded) -> Response:
    """Every stretch of days on which a division was the same."""
    store = DivisionStore(reading.connection)
    division_id = store.resolve(division, reading.at)
    store.get(division_id, reading.at)
    known = reading.at.known
    days = {one.valid.start for one in store.history(division_id, known)}
    days |= {one.valid.start for one in store.codes_of(division_id, known)}
    return _timemap(request, reading, f"/v1/divisions/{division_id}", days)


@router.get(
    "/v1/addresses/{code}/timemap",
    operation_id="getAddressTimeMap",
    responses=shows_text(EXAMPLE, LINK_FORMAT),
    response_class=Response,
)
def address_timemap(request: Request, reading: Recorded, code: Annotated[str, CODE]) -> Response:
    """Every stretch of days on which an address read the same."""
    canonical = str(AddressCode.parse(code))
    found = AddressStore(reading.connection).history(canonical, reading.at.known)
    days = {text.valid_from for text in found.texts}
    return _timemap(request, reading, f"/v1/addresses/{canonical}", days)


@router.get(
    "/v1/codes/{code}/timemap",
    operation_id="getCodeTimeMap",
    responses=shows_text(EXAMPLE, LINK_FORMAT),
    response_class=Response,
)
def code_timemap(code: str, request: Request, reading: Recorded) -> Response:
    """Every day on which a code began to be borne, or ceased to be."""
    bearers = DivisionStore(reading.connection).by_code(code, reading.at.known)
    days = {one.valid.start for one in bearers} | {
        one.valid.end for one in bearers if one.valid.end is not None
    }
    return _timemap(request, reading, f"/v1/codes/{code}", days)


def _timemap(request: Request, reading: Reader, path: str, starts: set[date | None]) -> Response:
    days = sorted({day or BEGINNING for day in starts})
    if "application/json" in request.headers.get("accept", ""):
        mementos = [{"href": _memento(path, day), "datetime": _moment(day)} for day in days]
        return answer(reading, {"original": path, "timegate": path, "mementos": mementos})
    lines = [
        f'<{path}>; rel="original timegate"',
        f'<{path}/timemap>; rel="self"; type="{LINK_FORMAT}"',
        *(
            f'<{_memento(path, day)}>; rel="{_relation(place, days)}"; datetime="{_moment(day)}"'
            for place, day in enumerate(days)
        ),
    ]
    return Response(",\n".join(lines) + "\n", media_type=LINK_FORMAT, headers=reading.headers())


def _relation(place: int, days: Sequence[date]) -> str:
    first = "first " if place == 0 else ""
    last = "last " if place == len(days) - 1 else ""
    return f"{first}{last}memento"


def _memento(path: str, day: date) -> str:
    return f"{path}?at={day.isoformat()}"


def _moment(day: date) -> str:
    return format_datetime(datetime(day.year, day.month, day.day, tzinfo=UTC), usegmt=True)
