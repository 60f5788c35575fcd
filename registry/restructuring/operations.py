"""What each verb of the grammar does to a drawing."""

from functools import singledispatch
from uuid import UUID

from geo.area import area_m2
from registry.changes.period import Period
from registry.changes.timeline import at, begin, change_from
from registry.divisions.territory import read_territory
from registry.restructuring.drawing import Drawing
from registry.restructuring.paper import (
    Abolish,
    Absorb,
    AdjustTerritory,
    Establish,
    Merge,
    Operation,
    Recode,
    Rename,
    Reparent,
    Retype,
    Split,
    Transfer,
)


def draw(drawing: Drawing) -> Drawing:
    """Apply all operations: new units first, so that any operation can refer to them."""
    operations = drawing.paper.operations
    for operation in operations:
        _coin_units(operation, drawing)
    for operation in operations:
        _apply(operation, drawing)
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
    if operation.code:
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
    drawing.patch(unit, patch, "retype")
    drawing.causes[unit] = "retype"
    if operation.code is not None:
        drawing.give_code(unit, operation.kind, operation.code, "retype")


@_apply.register
def _(operation: Transfer, drawing: Drawing) -> None:
    _transfer(
        drawing,
        operation.divisions,
        drawing.find(operation.to),
        operation.codes,
        "transfer",
    )


@_apply.register
def _(operation: Recode, drawing: Drawing) -> None:
    for reference, code in operation.codes.items():
        unit = drawing.find(reference)
        drawing.give_code(unit, drawing.kind_of(unit), code, "recode", reuse=operation.reuse)
        drawing.causes.setdefault(unit, "recode")


@_apply.register
def _(operation: Rename, drawing: Drawing) -> None:
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
    if operation.code is not None:
        drawing.give_code(unit, drawing.kind_of(unit), operation.code, "reparent")


@_apply.register
def _(operation: Abolish, drawing: Drawing) -> None:
    successors = tuple(drawing.find(one) for one in operation.successors)
    drawing.end(drawing.find(operation.division), successors, operation.no_successor, "abolish")


@_apply.register
def _(operation: Merge, drawing: Drawing) -> None:
    _join(drawing, operation.divisions, drawing.find_coined(operation.into), "merge")


@_apply.register
def _(operation: Absorb, drawing: Drawing) -> None:
    _join(drawing, operation.divisions, drawing.find(operation.into), "absorb")


@_apply.register
def _(operation: Split, drawing: Drawing) -> None:
    unit = drawing.find(operation.division)
    parts = [drawing.find_coined(part) for part in operation.into]
    for part, new in zip(operation.into, parts, strict=True):
        _transfer(drawing, part.members, new, part.codes, "split")
        drawing.origins[new] = (unit,)
    if not operation.keeps:
        drawing.end(unit, tuple(parts), None, "split")


@_apply.register
def _(operation: AdjustTerritory, drawing: Drawing) -> None:
    unit = drawing.find(operation.division)
    _set_territory(drawing, unit, operation.territory, "adjust_territory")


def _transfer(
    drawing: Drawing,
    members: tuple[str, ...],
    to: UUID,
    codes: dict[str, str],
    cause: str,
) -> None:
    for reference in members:
        drawing.move(drawing.find(reference), to, cause)
    for reference, code in codes.items():
        unit = drawing.find(reference)
        drawing.give_code(unit, drawing.kind_of(unit), code, cause)


def _join(drawing: Drawing, references: tuple[str, ...], into: UUID, cause: str) -> None:
    members = drawing.before.members()
    for reference in references:
        unit = drawing.find(reference)
        for member in members.get(unit, []):
            if member not in drawing.moved and member not in drawing.ended:
                drawing.move(member, into, cause)
        drawing.end(unit, (into,), None, cause)


def _set_territory(drawing: Drawing, unit: UUID, geojson: dict[str, object], cause: str) -> None:
    territory = read_territory(geojson)
    values = {
        "territory": territory,
        "area_m2": area_m2(territory),
        "basis": "digitised",
        "source": drawing.paper.title,
    }
    timeline = drawing.territories.get(unit, ())
    if at(timeline, drawing.on) is None:
        drawing.territories[unit] = begin(timeline, Period.since(drawing.on), values, cause)
    else:
        drawing.territories[unit] = change_from(timeline, drawing.on, values, cause)
