"""Addresses as they leave the registry: the public shape of an address, its history and its map."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from api.views import DecreeOut, decree_out
from registry.addresses.model import Address, AddressHistory, FormerText, Position
from registry.addresses.text import Profile
from registry.divisions.chain import ChainLink


class CarrierView(msgspec.Struct, frozen=True):
    """The thoroughfare or area that bears the number."""

    id: UUID
    name: str
    romanisation: str | None


class ComponentsView(msgspec.Struct, frozen=True):
    """The address's own components (地址要素)."""

    carrier: CarrierView | None
    number: int | None
    sub_number: str | None
    building: str | None
    unit: str | None
    floor: str | None
    room: str | None


class DualView(msgspec.Struct, frozen=True):
    """Both texts count (新旧地名并用期) from a day until the day before another."""

    former: str
    valid_from: date
    valid_to: date | None


class AddressView(msgspec.Struct, frozen=True):
    """One address: identity, text and components."""

    id: UUID
    code: str
    text: str
    texts: dict[str, str]
    components: ComponentsView
    status: str
    in_force: bool
    generated: bool
    valid_from: date | None
    valid_to: date | None
    text_dual: str | None = None
    """With the former names in brackets, while a dual-name window holds."""
    dual_names: DualView | None = None


class PositionView(msgspec.Struct, frozen=True):
    """Where it is: degrees, EPSG:4490."""

    lon: float
    lat: float
    method: str
    accuracy_m: float
    inherited: bool


class DivisionView(msgspec.Struct, frozen=True):
    """One division of the chain."""

    id: UUID
    level: int
    kind: str
    name: str
    code: str | None
    valid_from: date | None


class PlacedAddress(msgspec.Struct, frozen=True):
    """An address with its position and its divisions, smallest first."""

    address: AddressView
    position: PositionView | None
    divisions: tuple[DivisionView, ...]


class FormerTextView(msgspec.Struct, frozen=True):
    """A text the address bore or bears, and the act that began it."""

    text: str
    legal: str
    valid_from: date | None
    valid_to: date | None
    change: int
    title: str
    decree: DecreeOut | None


class HistoryView(msgspec.Struct, frozen=True):
    """Everything believed of an address over time."""

    id: UUID
    code: str
    texts: tuple[FormerTextView, ...]
    versions: tuple[dict[str, Any], ...]


def placed(one: Address) -> PlacedAddress:
    """The public shape of an address."""
    return PlacedAddress(
        view_of(one), position_of(one.position), tuple(map(division_of, one.chain))
    )


def view_of(one: Address) -> AddressView:
    """Identity, text and components."""
    texts = {str(profile): one.text(profile) for profile in Profile}
    return AddressView(
        id=one.address_id,
        code=one.code,
        text=texts[Profile.FULL],
        texts=texts,
        components=components_of(one),
        status=str(one.stage),
        in_force=one.in_force,
        generated=one.generated,
        valid_from=one.valid_from,
        valid_to=one.valid_to,
        text_dual=None if one.dual is None else one.dual.text,
        dual_names=None
        if one.dual is None
        else DualView(one.dual.former, one.dual.since, one.dual.until),
    )


def components_of(one: Address) -> ComponentsView:
    """The address's own components."""
    carrier, parts = one.carrier, one.parts
    return ComponentsView(
        carrier=None
        if carrier is None
        else CarrierView(carrier.named_place_id, carrier.text, carrier.romanisation),
        number=parts.number,
        sub_number=parts.sub_number,
        building=parts.building,
        unit=parts.unit,
        floor=parts.floor,
        room=parts.room,
    )


def position_of(one: Position | None) -> PositionView | None:
    """A position, if there is one."""
    if one is None:
        return None
    return PositionView(
        one.longitude_deg, one.latitude_deg, one.method, one.accuracy_m, one.inherited
    )


def division_of(link: ChainLink) -> DivisionView:
    """One division of a chain."""
    return DivisionView(
        link.division_id, link.level, str(link.kind), link.name, link.code, link.valid_from
    )


def history_of(one: AddressHistory) -> HistoryView:
    """The public shape of a history."""
    return HistoryView(
        one.address_id,
        one.code,
        texts=tuple(map(_former, one.texts)),
        versions=tuple(msgspec.to_builtins(version) for version in one.versions),
    )


def feature_of(one: Address) -> dict[str, Any]:
    """An address as a GeoJSON feature."""
    where = one.position
    geometry = None
    if where is not None:
        geometry = {"type": "Point", "coordinates": [where.longitude_deg, where.latitude_deg]}
    return {
        "type": "Feature",
        "id": str(one.address_id),
        "geometry": geometry,
        "properties": row_of(one),
    }


def row_of(one: Address) -> dict[str, Any]:
    """An address as a flat row."""
    where, carrier, parts = one.position, one.carrier, one.parts
    return {
        "id": str(one.address_id),
        "code": one.code,
        "text": one.text(),
        "legal_text": one.text(Profile.LEGAL),
        "status": str(one.stage),
        "carrier": None if carrier is None else carrier.text,
        "number": parts.number,
        "sub_number": parts.sub_number,
        "building": parts.building,
        "unit": parts.unit,
        "floor": parts.floor,
        "room": parts.room,
        "divisions": [link.name for link in reversed(one.chain)],
        "division_code": one.chain[0].code if one.chain else None,
        "lon": None if where is None else where.longitude_deg,
        "lat": None if where is None else where.latitude_deg,
        "method": None if where is None else where.method,
        "accuracy_m": None if where is None else where.accuracy_m,
        "generated": one.generated,
    }


def _former(one: FormerText) -> FormerTextView:
    return FormerTextView(
        one.text,
        one.legal,
        one.valid_from,
        one.valid_to,
        one.change,
        one.title,
        decree_out(one.decree),
    )
