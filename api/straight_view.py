"""Straight answers in the public shape of geocoding (`api/geocode_view.py`), put together from pieces.

What many answers have alike is written out once; what is filled in is the door.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple, cast
from uuid import UUID

import msgspec

from api.address_view import AddressView, CarrierView, ComponentsView, PositionView
from api.encoding import encode
from api.geocode_view import (
    ElementView,
    GeocodeView,
    MatchView,
    ReadingView,
    ResultView,
    ViaView,
    divisions_raw,
    via_of,
)
from geo.geocode.locate import Located
from geo.geocode.proof import MatchedToken
from registry.search.door_index import DoorRow, Kind
from registry.search.straight import FULL, Behind, Place, Straight

MOST_PIECES = 1 << 14
MOST_NUMBERS = 1 << 12
NUMBER = "number"


class _Written(NamedTuple):
    """Items of the lists of tokens and elements, each with its comma."""

    tokens: bytes
    elements: bytes


class _AtPlace(NamedTuple):
    """A place, written out."""

    items: _Written
    via: tuple[ViaView, ...]
    carrier: CarrierView | None


def encoded_straight(text: str, found: Straight) -> bytes:
    """The answer to a text as JSON."""
    kind = found.row.kind
    assert kind is not None
    place, behind = _at_place(found.place), _behind(found.behind)
    number = _number(found.digits)
    match = MatchView(
        found.grade,
        round(found.score, 3),
        found.level,
        _list(place.items.tokens, number.tokens, behind.tokens),
        place.via,
        0,
    )
    result = ResultView(
        _address(found, kind, place.carrier),
        _position(found.row, kind),
        match,
        divisions_raw(found.place.vicinity),
    )
    elements = _list(place.items.elements, number.elements, behind.elements)
    reading = ReadingView(text, (), (), (text,), elements)
    lon, lat = found.row.longitude_deg, found.row.latitude_deg
    located = Located(found.level, None, lon, lat, kind.method, kind.accuracy_m)
    return encode(GeocodeView(text, (result,), reading, (), located))


def _address(found: Straight, kind: Kind, carrier: CarrierView | None) -> AddressView:
    row = found.row
    sub, building, unit, floor, room = row.parts
    texts = found.texts()
    return AddressView(
        id=UUID(bytes=row.address_id),
        code=row.code,
        text=texts[FULL],
        texts=texts,
        components=ComponentsView(carrier, row.number, sub, building, unit, floor, room),
        status=kind.stage,
        in_force=True,
        generated=kind.generated,
        valid_from=row.within.valid_from,
        valid_to=row.within.valid_to,
    )


def _position(row: DoorRow, kind: Kind) -> PositionView:
    inherited = kind.position_depth != 0
    return PositionView(
        row.longitude_deg, row.latitude_deg, kind.method, kind.accuracy_m, inherited
    )


@lru_cache(maxsize=MOST_PIECES)
def _at_place(place: Place) -> _AtPlace:
    carrier = place.vicinity.carrier
    return _AtPlace(
        _written(place.said.tokens, ((one.text, one.role) for one in place.opening.names)),
        tuple(via_of(one, place.acts) for one in place.said.via),
        None
        if carrier is None
        else CarrierView(carrier.named_place_id, carrier.text, carrier.romanisation),
    )


@lru_cache(maxsize=MOST_PIECES)
def _behind(behind: Behind) -> _Written:
    parts = behind.ending.pieces[1:]
    return _written(behind.said.tokens, ((one.text, one.role) for one in parts))


@lru_cache(maxsize=MOST_NUMBERS)
def _number(digits: str) -> _Written:
    text = f"{digits}号"
    return _written([MatchedToken(text, NUMBER, None, "exact")], [(text, NUMBER)])


def _written(tokens: Iterable[MatchedToken], elements: Iterable[tuple[str, str]]) -> _Written:
    return _Written(
        b"".join(encode(one) + b"," for one in tokens),
        b"".join(encode(ElementView(*one)) + b"," for one in elements),
    )


def _list(*items: bytes) -> Any:
    # Raw stands for what it says, and is written as it is.
    return cast(Any, msgspec.Raw(b"[" + b"".join(items)[:-1] + b"]"))
