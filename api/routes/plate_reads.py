"""`/v1/plates`: what is known of plates (门楼牌), and whether one is genuine."""

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import plate_keys
from api.encoding import JSON, answer, encode, next_link
from api.examples import shows
from api.plate_codes import Scan, judged
from api.plate_examples import KEYS, PLATE, PLATES, REPRINTS, REVOCATIONS, VERDICT
from api.plate_reprints import reprints
from api.plate_views import key_of, plate_of, reprint_of, verdict_of
from api.problems import NotModified
from api.settings import Settings
from api.time_travel import Reader, Reading, Recorded
from qr.claim import DOMAIN, key_id_of
from qr.plate_code import PlateCodeIsUnreadable, read_code
from qr.revocations import PARAMETER, RevokedSet
from registry.addresses.address_code import AddressCode
from registry.divisions.store import DivisionStore
from registry.errors import CursorIsInvalid
from registry.plates.errors import PlateCodeIsMistyped, PlateKeyIsMissing
from registry.plates.keys import PlateKeyStore, Purpose, verifiers
from registry.plates.model import LAST_SERIAL, Plate, PlateState
from registry.plates.store import PlateStore

router = APIRouter(tags=["plates"])

AN_HOUR = "public, max-age=3600"
MOST = 1000
REVOCATION_DOMAIN = b"place-registry/plate-revocations/v1\n"
Within = Annotated[
    str | None, Query(description="Id or code of a division; all in it.", examples=["350213"])
]
Door = Annotated[str | None, Query(description="Address code of the door the plate was found at.")]


@router.get("/v1/plates", operation_id="listPlates", responses=shows(PLATES))
def list_plates(
    request: Request,
    reading: Recorded,
    within: Within = None,
    state: Annotated[PlateState | None, Query(description="State of life.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    cursor: Annotated[str | None, Query(description="From the link rel=next.")] = None,
) -> Response:
    """Plates as they were on the day, in the order of their address codes."""
    found = PlateStore(reading.connection).page(
        reading.at,
        limit=limit + 1,
        within=_division(reading, within),
        state=state,
        after=None if cursor is None else _opened(cursor),
    )
    shown = found[:limit]
    last = _place_of(shown[-1]) if len(found) > limit else None
    links = next_link(request, last)
    return answer(
        reading, {"plates": list(map(plate_of, shown)), "next": links.get("next")}, links=links
    )


@router.get("/v1/plates/keys", operation_id="listPlateKeys", responses=shows(KEYS))
def list_keys(request: Request, reading: Recorded) -> Response:
    """Every key plates were ever made with; the public ones verify signed codes offline."""
    store = PlateKeyStore(reading.connection)
    signing, tags = store.every(Purpose.SIGNATURE), store.every(Purpose.TAG)
    published = [
        key_of(one, key_id_of(one.public or b"").hex(), named.text)
        for one, named in zip(signing, verifiers(signing), strict=True)
    ]
    published += [key_of(one, None, None) for one in tags]
    return _cached(
        request,
        reading,
        {"keys": published, "claim": DOMAIN.decode().strip()},
        "public, max-age=86400",
    )


@router.get(
    "/v1/plates/revocations", operation_id="getPlateRevocations", responses=shows(REVOCATIONS)
)
def get_revocations(request: Request, reading: Recorded) -> Response:
    """Which plates were called back, as a Golomb-coded set of some 21 bits a plate; signed."""
    called_back = RevokedSet.of(
        (AddressCode.parse(code).number, serial)
        for code, serial in PlateStore(reading.connection).revoked(reading.at)
    )
    body: dict[str, Any] = {
        "count": called_back.count,
        "parameter": PARAMETER,
        "set": base64.b64encode(called_back.body).decode(),
        "key_id": None,
        "signature": None,
    }
    try:
        die = plate_keys.die(reading.connection, _settings(request).home)
    except PlateKeyIsMissing:
        return _cached(request, reading, body, AN_HOUR)
    message = REVOCATION_DOMAIN + called_back.count.to_bytes(4, "big") + called_back.body
    body["key_id"] = die.key_id.hex()
    body["signature"] = die.private.sign(message).hex()
    return _cached(request, reading, body, AN_HOUR)


@router.get("/v1/plates/verify", operation_id="verifyPlate", responses=shows(VERDICT))
def verify_plate(
    request: Request,
    reading: Recorded,
    code: Annotated[
        str, Query(max_length=600, description="What the symbol says: the URL, or its last part.")
    ],
    door: Door = None,
    lon: Annotated[float | None, Query(ge=-180, le=180, description="Where it was found.")] = None,
    lat: Annotated[float | None, Query(ge=-90, le=90)] = None,
) -> Response:
    """Whether a plate is genuine, and what the plate at this door must look like.

    A plate that was called back, or hangs at another door, is noted as a defect: by day and
    count. Who asked, and from where, is not kept.
    """
    place = None if lon is None or lat is None else (lon, lat)
    found = judged(reading, _settings(request).home, Scan(code, door, place))
    answered = answer(reading, verdict_of(found))
    answered.headers["Cache-Control"] = "no-store"
    return answered


@router.get("/v1/plates/reprints", operation_id="listReprints", responses=shows(REPRINTS))
def list_reprints(
    request: Request,
    reading: Reading,
    within: Annotated[str, Query(description="Id or code of a division.", examples=["350213"])],
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    cursor: Annotated[str | None, Query(description="From the link rel=next.")] = None,
) -> Response:
    """Which plates stay valid (all), which show an old name, which must be remade first.

    With `plan`, the list as it will be after that restructuring.
    """
    division = DivisionStore(reading.connection).resolve(within, reading.at)
    found = reprints(reading.connection, division, reading.at)
    first = 0 if cursor is None else _after([one.plate for one in found], cursor)
    shown = found[first : first + limit]
    more = first + limit < len(found)
    links = next_link(request, _place_of(shown[-1].plate) if more else None)
    body = {
        "plates": list(map(reprint_of, shown)),
        "counts": dict(Counter(one.need.name.lower() for one in found)),
        "next": links.get("next"),
    }
    return answer(reading, body, links=links)


@router.get("/v1/plates/{plate_id}", operation_id="getPlate", responses=shows(PLATE))
def get_plate(reading: Recorded, plate_id: UUID) -> Response:
    """One plate as it was on the day."""
    return answer(reading, plate_of(PlateStore(reading.connection).get(plate_id, reading.at)))


@router.get("/p/{code}", operation_id="openPlate", status_code=303, response_class=RedirectResponse)
@router.get("/P/{code}", include_in_schema=False, response_class=RedirectResponse)
def open_plate(
    request: Request,
    reading: Recorded,
    code: Annotated[str, Path(description="Plate code, as the symbol has it.", max_length=600)],
) -> Response:
    """What a camera opens: the page of the door, with what the plate claims."""
    try:
        read = read_code(code)
    except PlateCodeIsUnreadable as error:
        raise PlateCodeIsMistyped(code) from error
    judged(reading, _settings(request).home, Scan(code))
    page = f"/a/{AddressCode.of(read.number)}?plate={read}"
    return RedirectResponse(page, status_code=303, headers={"Cache-Control": "no-store"})


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _division(reading: Reader, reference: str | None) -> UUID | None:
    return (
        None
        if reference is None
        else DivisionStore(reading.connection).resolve(reference, reading.at)
    )


def _place_of(one: Plate) -> str:
    """A plate as a cursor names it."""
    return f"{one.address_code}-{one.serial}"


def _after(plates: Sequence[Plate], cursor: str) -> int:
    """How many plates of a list come before what a cursor leads to."""
    places = [_place_of(one) for one in plates]
    if cursor not in places:
        raise CursorIsInvalid(cursor)
    return places.index(cursor) + 1


def _opened(cursor: str) -> tuple[str, int]:
    code, _dash, serial = cursor.partition("-")
    try:
        last = int(serial)
    except ValueError as error:
        raise CursorIsInvalid(cursor) from error
    if not 0 < last <= LAST_SERIAL:
        raise CursorIsInvalid(cursor)
    return code, last


def _cached(request: Request, reading: Reader, body: Any, how_long: str) -> Response:
    """An answer to keep: its ETag is a digest of what it says.

    Raises:
        NotModified: the client has it.
    """
    encoded = encode(body)
    etag = f'"{hashlib.sha256(encoded).hexdigest()[:24]}"'
    if etag in request.headers.get("if-none-match", ""):
        raise NotModified(etag)
    headers = {**reading.headers(), "ETag": etag, "Cache-Control": how_long}
    return Response(encoded, media_type=JSON, headers=headers)
