"""What each verb of the grammar does to a drawing."""

from collections.abc import Sequence
from functools import singledispatch
from uuid import UUID

from shapely.geometry import Point

from geo.area import area_m2
from registry.divisions.territory import read_territory
from registry.restructuring.allocation import allocate
from registry.restructuring.corrections import apply_correction
from registry.restructuring.dividing import Order, Taker, divide
from registry.restructuring.drawing import Asked, Drawing
from registry.restructuring.findings import error
from registry.restructuring.grammar import (
    AUTO,
    Abolish,
    Absorb,
    AdjustTerritory,
    Codes,
    Correct,
    Establish,
    GeoJson,
    Merge,
    Operation,
    Recode,
    Rename,
    Reparent,
    Retype,
    SetSeat,
    Split,
    Transfer,
    codes_in,
)
from registry.restructuring.naming import rename_place


def draw(drawing: Drawing) -> Drawing:
    """Apply all operations: new units first, so that any operation can refer to them."""
    operations = drawing.paper.operations
    for operation in operations:
        _coin_units(operation, drawing)
    for operation in operations:
        _apply(operation, drawing)
    allocate(drawing)
    return drawing


@singledispatch
def _coin_units(operation: Operation, drawing: Drawing) -> None:
    """Set up the units the operation makes; most make none."""


@_coin_units.register
def _(operation: Establish, drawing: Drawing) -> None:
    parent = None if operation.parent is None else drawing.find(operation.parent)
    drawing.coin(operation, parent, "establish")


@_coin_units.register
def _(operation: Merge, drawing: Drawing) -> None:
    parent = operation.into.parent
    where = (
        drawing.before.parent(drawing.find(operation.divisions[0]))
        if parent is None
        else drawing.find(parent)
    )
    drawing.coin(operation.into, where, "merge")


@_coin_units.register
def _(operation: Split, drawing: Drawing) -> None:
    parent = drawing.before.parent(drawing.find(operation.division))
    for part in operation.into:
        drawing.coin(part, parent if part.parent is None else drawing.find(part.parent), "split")


@_coin_units.register
def _(operation: Retype, drawing: Drawing) -> None:
    if operation.code and operation.code != AUTO:
        drawing.also_known_as(operation.code, drawing.find(operation.division))


@singledispatch
def _apply(operation: Operation, drawing: Drawing) -> None:
    """Do what is left of an operation once its new units exist."""
    raise AssertionError(f"no rule for {operation!r} in {drawing.paper.title}")


@_apply.register
def _(operation: Establish, drawing: Drawing) -> None:
    unit = drawing.find_coined(operation)
    drawing.origins[unit] = tuple(drawing.find(one) for one in operation.origins)
    if operation.territory is not None:
        _set_territory(drawing, unit, operation.territory, "establish")


@_apply.register
def _(operation: Retype, drawing: Drawing) -> None:
    unit = drawing.find(operation.division)
    patch: dict[str, object] = {"kind": operation.kind.value}
    if operation.name is not None:
        patch["name"] = operation.name
        patch["published_name"] = operation.published_name or operation.name
        patch["romanisation"] = operation.romanisation
    if operation.seat is not None:
        patch["seat"] = Point(*operation.seat)
    drawing.patch(unit, patch, "retype")
    drawing.causes[unit] = "retype"
    drawing.code_for(unit, operation.code, "retype")
    _give_codes(drawing, operation.codes, "retype", members_of=unit)


@_apply.register
def _(operation: Transfer, drawing: Drawing) -> None:
    to = drawing.find(operation.to)
    _transfer(drawing, operation.divisions, to, operation.codes, "transfer")
    if operation.part_of is None:
        return
    unit = drawing.find(operation.part_of)
    taker = Taker(to, operation.places, operation.side, operation.territory)
    order = Order(
        unit=unit,
        takers=(taker,),
        keeps=True,
        cause="transfer",
        line=operation.line,
        doors=operation.doors,
        edge_m=operation.edge_m,
    )
    if order.on_the_ground:
        _refuse_other_level(drawing, unit, to)
        divide(drawing, order)


@_apply.register
def _(operation: Recode, drawing: Drawing) -> None:
    for reference, code in operation.codes.items():
        unit = drawing.find(reference)
        if code == AUTO:
            drawing.code_for(unit, code, "recode")
        else:
            drawing.give_code(unit, drawing.kind_of(unit), code, "recode", reuse=operation.reuse)
        drawing.causes.setdefault(unit, "recode")


@_apply.register
def _(operation: Rename, drawing: Drawing) -> None:
    if operation.division is None:
        rename_place(drawing, operation)
        return
    patch = {
        "name": operation.name,
        "published_name": operation.published_name or operation.name,
        "romanisation": operation.romanisation,
    }
    drawing.patch(drawing.find(operation.division), patch, "rename")


@_apply.register
def _(operation: Reparent, drawing: Drawing) -> None:
    unit = drawing.find(operation.division)
    drawing.move(unit, drawing.find(operation.to), "reparent")
    drawing.code_for(unit, operation.code, "reparent")
    _give_codes(drawing, operation.codes, "reparent", members_of=unit)


@_apply.register
def _(operation: Abolish, drawing: Drawing) -> None:
    successors = tuple(drawing.find(one) for one in operation.successors)
    drawing.end(drawing.find(operation.division), successors, operation.no_successor, "abolish")


@_apply.register
def _(operation: Merge, drawing: Drawing) -> None:
    into = drawing.find_coined(operation.into)
    _join(drawing, operation.divisions, into, operation.codes, "merge")


@_apply.register
def _(operation: Absorb, drawing: Drawing) -> None:
    into = drawing.find(operation.into)
    _join(drawing, operation.divisions, into, operation.codes, "absorb")


@_apply.register
def _(operation: Split, drawing: Drawing) -> None:
    unit = drawing.find(operation.division)
    parts = [drawing.find_coined(part) for part in operation.into]
    for part, new in zip(operation.into, parts, strict=True):
        _transfer(drawing, part.members, new, part.codes, "split")
        drawing.origins[new] = (unit,)
    order = Order(
        unit=unit,
        takers=tuple(
            Taker(new, part.places, part.side, part.territory)
            for part, new in zip(operation.into, parts, strict=True)
        ),
        keeps=operation.keeps,
        cause="split",
        line=operation.line,
        doors=operation.doors,
        edge_m=operation.edge_m,
    )
    if order.on_the_ground:
        divide(drawing, order)
        for part, new in zip(operation.into, parts, strict=True):
            if part.codes == AUTO:
                drawing.asked_members.append(Asked(new, "split"))
    if not operation.keeps:
        drawing.end(unit, tuple(parts), None, "split")


@_apply.register
def _(operation: AdjustTerritory, drawing: Drawing) -> None:
    unit = drawing.find(operation.division)
    _set_territory(drawing, unit, operation.territory, "adjust_territory")
    drawing.causes.setdefault(unit, "adjust_territory")


@_apply.register
def _(operation: SetSeat, drawing: Drawing) -> None:
    unit = drawing.find(operation.division)
    drawing.patch(unit, {"seat": Point(*operation.seat)}, "set_seat")


@_apply.register
def _(operation: Correct, drawing: Drawing) -> None:
    apply_correction(drawing, operation)


def _transfer(
    drawing: Drawing, members: tuple[str, ...], to: UUID, codes: Codes, cause: str
) -> None:
    moved = [drawing.find(reference) for reference in members]
    for unit in moved:
        drawing.move(unit, to, cause)
    _give_codes(drawing, codes, cause, moved=moved)


def _join(
    drawing: Drawing, references: tuple[str, ...], into: UUID, codes: Codes, cause: str
) -> None:
    members = drawing.before.members()
    moved = []
    for reference in references:
        unit = drawing.find(reference)
        for member in members.get(unit, []):
            if member not in drawing.moved and member not in drawing.ended:
                drawing.move(member, into, cause)
                moved.append(member)
        drawing.end(unit, (into,), None, cause)
    _give_codes(drawing, codes, cause, moved=moved)


def _give_codes(
    drawing: Drawing,
    codes: Codes,
    cause: str,
    *,
    moved: Sequence[UUID] = (),
    members_of: UUID | None = None,
) -> None:
    """Codes one by one; or `auto`: for units that moved, or for members that stay."""
    if codes == AUTO:
        if members_of is not None:
            drawing.asked_members.append(Asked(members_of, cause, keeps_number=True))
        drawing.asked += [Asked(unit, cause) for unit in moved]
    for reference, code in codes_in(codes).items():
        drawing.code_for(drawing.find(reference), code, cause)


def _refuse_other_level(drawing: Drawing, unit: UUID, to: UUID) -> None:
    if drawing.kind_of(unit).level == drawing.kind_of(to).level:
        return
    giver, taker = drawing.name(unit), drawing.name(to)
    drawing.findings.append(
        error(
            "V18",
            f"a part of {giver} cannot go to {taker}, which is of another level: name a unit of its "
            "level, or split the part off first",
            f"{giver}的一部分不能划给不同级别的{taker}：请写同级单位，或先分设",
            unit,
            to,
        )
    )


def _set_territory(drawing: Drawing, unit: UUID, geojson: GeoJson, cause: str) -> None:
    territory = read_territory(geojson)
    values = {
        "territory": territory,
        "area_m2": area_m2(territory),
        "basis": "digitised",
        "source": drawing.paper.title,
    }
    drawing.set_territory(unit, values, cause)
    drawing.drawn.add(unit)
