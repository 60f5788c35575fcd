"""Dividing a unit on the ground: which members, which land and which doors go to which part.

Membership first, geometry second. Members a part names go with it wherever they lie; other members
go with the piece they lie in; one that is cut must be divided itself, or named. A unit without
members gives its land piece by piece. See `doors` for addresses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import shapely
from shapely.geometry import MultiPolygon

from registry.changes.timeline import Version, at
from registry.divisions.territory import joined, read_territory
from registry.restructuring.cutting import (
    areal,
    dividing_lines,
    read_line,
    sides_of,
    size_m2,
    without,
)
from registry.restructuring.doors import Division, assign
from registry.restructuring.drawing import Drawing
from registry.restructuring.findings import error
from registry.restructuring.grammar import GeoJson
from registry.restructuring.ledger import Census
from registry.restructuring.refusals import DoorIsElsewhere, PlaceIsUnknown, TerritoryIsUnknown

TOLERANCE_M2 = 1.0
"""Land below this is rounding, not land: the tolerance that Order 65 art 3 wants stated."""
CUT = 0.01
"""A member of whose area more than this lies on another side is cut, not merely badly drawn."""


@dataclass(frozen=True, slots=True)
class Taker:
    """A unit that takes part of another, and what picks its part out."""

    unit: UUID
    places: tuple[str, ...] = ()
    side: str | None = None
    territory: GeoJson | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One unit to be divided."""

    unit: UUID
    takers: tuple[Taker, ...]
    keeps: bool
    cause: str
    line: GeoJson | None
    doors: Mapping[str, str]
    edge_m: float

    @property
    def on_the_ground(self) -> bool:
        """Whether anything but membership divides it."""
        picked = any(one.places or one.side or one.territory for one in self.takers)
        return picked or bool(self.doors)


def divide(drawing: Drawing, order: Order) -> None:
    """Divide a unit as ordered.

    Raises:
        TerritoryIsUnknown, LineDoesNotCut, GeometryIsInvalid: the ground cannot be divided so.
        DoorIsElsewhere, PlaceIsUnknown: the paper settles what is not there.
    """
    version = at(drawing.territories.get(order.unit, ()), drawing.on)
    whole = None if version is None else _territory(version)
    pieces = _pieces(drawing, order, whole)
    if pieces and version is not None:
        members = _members(drawing, order.unit)
        if members:
            _send_members(drawing, order, pieces, members)
        else:
            _send_land(drawing, order, pieces, version)
    _send_doors(drawing, order, pieces, whole)
    having = drawing.divided.setdefault(order.unit, set())
    having |= {one.unit for one in order.takers}
    if order.keeps:
        having.add(order.unit)
    else:
        drawing.dissolved.add(order.unit)


def _pieces(drawing: Drawing, order: Order, whole: MultiPolygon | None) -> dict[UUID, MultiPolygon]:
    """The ground of every taker, and of the unit itself where it keeps the rest."""
    drawn = [one for one in order.takers if one.side or one.territory is not None]
    if not drawn:
        return {}
    name = drawing.name(order.unit)
    if whole is None:
        raise TerritoryIsUnknown(name)
    sides = {} if order.line is None else sides_of(whole, read_line(order.line), name)
    pieces: dict[UUID, MultiPolygon] = {}
    rest = whole
    for taker in drawn:
        wanted = whole
        if taker.side is not None:
            wanted = sides["left" if taker.side == "left" else "right"]
        if taker.territory is not None:
            given = read_territory(taker.territory)
            _refuse_overhang(drawing, order, taker, size_m2(without(given, whole)))
            wanted = areal(given.intersection(wanted))
        _refuse_overlap(drawing, order, taker, size_m2(without(wanted, rest)))
        pieces[taker.unit] = areal(wanted.intersection(rest)) if pieces else wanted
        rest = without(rest, wanted)
    if order.keeps:
        pieces[order.unit] = rest
    _refuse_rest(drawing, order, size_m2(rest), all_drawn=len(drawn) == len(order.takers))
    return pieces


def _refuse_rest(drawing: Drawing, order: Order, left_m2: float, *, all_drawn: bool) -> None:
    name = drawing.name(order.unit)
    if order.keeps and left_m2 <= TOLERANCE_M2:
        drawing.findings.append(
            error(
                "V02",
                f"nothing of {name} is left, though it `keeps` the rest: say `keeps: false`",
                f"{name}已无剩余范围，却写明保留：请写 keeps: false",
                order.unit,
            )
        )
    elif not order.keeps and left_m2 > TOLERANCE_M2 and all_drawn:
        drawing.findings.append(
            error(
                "V02",
                f"{left_m2:.0f} m² of {name} go to nobody: widen a part, or let {name} keep them",
                f"{name}有 {left_m2:.0f} 平方米未划归任何单位：请扩大某一部分，或由{name}保留",
                order.unit,
            )
        )


def _refuse_overhang(drawing: Drawing, order: Order, taker: Taker, over_m2: float) -> None:
    if over_m2 > TOLERANCE_M2:
        whole, part = drawing.name(order.unit), drawing.name(taker.unit)
        drawing.findings.append(
            error(
                "V02",
                f"the territory drawn for {part} reaches {over_m2:.0f} m² outside {whole}: clip it",
                f"为{part}所绘范围超出{whole} {over_m2:.0f} 平方米：请裁去",
                order.unit,
                taker.unit,
            )
        )


def _refuse_overlap(drawing: Drawing, order: Order, taker: Taker, over_m2: float) -> None:
    if over_m2 > TOLERANCE_M2:
        whole, part = drawing.name(order.unit), drawing.name(taker.unit)
        drawing.findings.append(
            error(
                "V02",
                f"{over_m2:.0f} m² of {whole} go to {part} and to another part: draw them apart",
                f"{whole}有 {over_m2:.0f} 平方米同时划给{part}与另一部分：请分清",
                order.unit,
                taker.unit,
            )
        )


def _members(drawing: Drawing, unit: UUID) -> list[UUID]:
    census = Census.take(drawing.divisions, drawing.on)
    return drawing.parts(census).get(unit, [])


def _send_members(
    drawing: Drawing, order: Order, pieces: Mapping[UUID, MultiPolygon], members: Sequence[UUID]
) -> None:
    for member in sorted(members, key=lambda one: one.bytes):
        version = at(drawing.territories.get(member, ()), drawing.on)
        name, whole = drawing.name(member), drawing.name(order.unit)
        if version is None:
            drawing.findings.append(
                error(
                    "V18",
                    f"{name} has no territory, so no line tells where it goes: name it among the "
                    f"members of a part of {whole}",
                    f"{name}没有范围，无法据图划归：请在{whole}某一部分的 members 中写明",
                    member,
                )
            )
            continue
        territory = _territory(version)
        shares = {
            unit: territory.intersection(piece).area / territory.area
            for unit, piece in pieces.items()
        }
        heir, share = max(shares.items(), key=lambda item: item[1])
        if share < 1 - CUT:
            drawing.findings.append(
                error(
                    "V18",
                    f"the line cuts {name} ({share:.0%} on one side): name it among the members of "
                    "a part, or divide it in the same paper",
                    f"界线穿过{name}（一侧占 {share:.0%}）：请在某一部分的 members 中写明，或在同一方案中划分它",
                    member,
                )
            )
        elif heir != order.unit:
            drawing.move(member, heir, order.cause)


def _send_land(
    drawing: Drawing, order: Order, pieces: Mapping[UUID, MultiPolygon], version: Version
) -> None:
    basis = "illustrative" if version.value("basis") == "illustrative" else "digitised"
    for unit, piece in pieces.items():
        if piece.is_empty or (unit == order.unit and not order.keeps):
            continue
        own = at(drawing.territories.get(unit, ()), drawing.on)
        if unit == order.unit:
            land = piece
        elif own is not None:
            land = areal(shapely.union_all([_territory(own), piece]))
        elif unit in drawing.established:
            land = piece
        else:
            # What it had is not known, so what it has now is not either.
            continue
        land = joined([land])
        values = {
            "territory": land,
            "area_m2": size_m2(land),
            "basis": basis,
            "source": drawing.paper.title,
        }
        drawing.set_territory(unit, values, order.cause)
        drawing.drawn.add(unit)
        drawing.causes.setdefault(unit, order.cause)


def _send_doors(
    drawing: Drawing,
    order: Order,
    pieces: Mapping[UUID, MultiPolygon],
    whole: MultiPolygon | None,
) -> None:
    doors, places = drawing.door_book.inside(order.unit)
    takers = [one.unit for one in order.takers]
    settled = {code: drawing.find(reference) for code, reference in order.doors.items()}
    here, allowed = set(doors.codes), {*takers, *([order.unit] if order.keeps else [])}
    for code, unit in settled.items():
        if code not in here or unit not in allowed:
            raise DoorIsElsewhere(code, division=drawing.name(order.unit))
    line = dividing_lines(list(pieces.values()), whole) if pieces and whole is not None else None
    found = assign(
        doors,
        Division(
            unit=order.unit,
            takers=takers,
            keeps=order.keeps,
            pieces=pieces,
            line=line,
            places={
                _place(drawing, order.unit, place): taker.unit
                for taker in order.takers
                for place in taker.places
            },
            settled=settled,
            edge_m=order.edge_m,
        ),
    )
    drawing.door_book.send(order.unit, takers, places, found)


def _place(drawing: Drawing, unit: UUID, reference: str) -> UUID:
    """The street or area of a unit that an id or a name means."""
    known = [
        place.named_place_id
        for place in drawing.ledger.places.values()
        if unit in place.where
        and reference
        in (str(place.named_place_id), *(str(one.value("text")) for one in place.name))
    ]
    if len(known) != 1:
        raise PlaceIsUnknown(reference, found=len(known))
    return known[0]


def _territory(version: Version) -> MultiPolygon:
    territory: MultiPolygon = version.value("territory")
    return territory
