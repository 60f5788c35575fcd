"""Corrections in a paper (更正): what the registry said of some days was wrong; the world stays.

Versions are rewritten for the period alone, with the cause `correct`; no unit begins, ends or
succeeds another. Territories of parents follow a corrected membership or territory for the same
days.
"""

from datetime import date
from itertools import pairwise
from uuid import UUID

from shapely.geometry import Point

from geo.area import area_m2
from registry.changes.period import Period
from registry.changes.timeline import Timeline, at, begin, correct
from registry.divisions.model import code_slot_id
from registry.divisions.territory import joined, read_territory
from registry.errors import NotInForce
from registry.restructuring.drawing import Drawing
from registry.restructuring.grammar import Correct

CAUSE = "correct"


def apply_correction(drawing: Drawing, operation: Correct) -> None:
    """Rewrite what is believed of a division during a period.

    Raises:
        NotInForce: nothing is believed of those days, so nothing of them can be wrong.
        CodeWasUsed: the code belongs to another division.
    """
    unit = drawing.find(operation.division)
    timeline = drawing.divisions[unit]
    span = _span(drawing, operation, timeline)
    if not any(version.valid.overlaps(span) for version in timeline):
        raise NotInForce(on=span.start, what=drawing.name(unit))
    patch = _patch(drawing, operation)
    parents = {version.value("parent_id") for version in timeline if version.valid.overlaps(span)}
    if patch:
        drawing.divisions[unit] = correct(timeline, span, patch, CAUSE)
        drawing.causes.setdefault(unit, CAUSE)
    if operation.code is not None:
        _correct_code(drawing, unit, operation.code, span)
    if operation.territory is not None:
        _correct_territory(drawing, unit, operation, span)
    if operation.parent is not None:
        parents.add(patch["parent_id"])
    if operation.parent is not None or operation.territory is not None:
        for parent in parents - {None}:
            _follow(drawing, parent, span)


def _span(drawing: Drawing, operation: Correct, timeline: Timeline) -> Period:
    if operation.during is not None:
        return Period(operation.during.since, operation.during.until)
    current = at(timeline, drawing.on)
    if current is None:
        raise NotInForce(on=drawing.on, what=operation.division)
    return current.valid


def _patch(drawing: Drawing, operation: Correct) -> dict[str, object]:
    patch: dict[str, object] = {}
    if operation.name is not None:
        patch |= {
            "name": operation.name,
            "published_name": operation.published_name or operation.name,
        }
    elif operation.published_name is not None:
        patch["published_name"] = operation.published_name
    if operation.romanisation is not None:
        patch["romanisation"] = operation.romanisation
    if operation.kind is not None:
        patch["kind"] = operation.kind.value
    if operation.parent is not None:
        patch["parent_id"] = drawing.find(operation.parent)
    if operation.seat is not None:
        patch["seat"] = Point(*operation.seat)
    return patch


def _correct_code(drawing: Drawing, unit: UUID, code: str, span: Period) -> None:
    scheme = drawing.paper.code_scheme
    drawing.claim_code(unit, code)
    slot = code_slot_id(unit, scheme)
    timeline = drawing.codes.get(slot, ())
    values = {"division_id": unit, "scheme": scheme, "code": code, "provisional": False}
    if any(version.valid.overlaps(span) for version in timeline):
        drawing.codes[slot] = correct(timeline, span, {"code": code}, CAUSE)
    else:
        drawing.codes[slot] = begin(timeline, span, values, CAUSE)


def _correct_territory(drawing: Drawing, unit: UUID, operation: Correct, span: Period) -> None:
    assert operation.territory is not None
    territory = read_territory(operation.territory)
    values = {
        "territory": territory,
        "area_m2": area_m2(territory),
        "basis": "digitised",
        "source": drawing.paper.title,
    }
    timeline = drawing.territories.get(unit, ())
    if any(version.valid.overlaps(span) for version in timeline):
        drawing.territories[unit] = correct(timeline, span, values, CAUSE)
    else:
        drawing.territories[unit] = begin(timeline, span, values, CAUSE)
    drawing.drawn.add(unit)
    drawing.causes.setdefault(unit, CAUSE)


def _follow(drawing: Drawing, parent: UUID | None, span: Period) -> None:
    """Where all members of a unit have territories, it has what they cover, day by day."""
    while parent is not None and parent in drawing.divisions and parent not in drawing.drawn:
        for stretch in _stretches(drawing, parent, span):
            day = stretch.start or _before(stretch)
            members = [
                one
                for one, timeline in drawing.divisions.items()
                if (version := at(timeline, day)) is not None
                and version.value("parent_id") == parent
                and drawing.same_tree(one, parent)
            ]
            parts = [at(drawing.territories.get(one, ()), day) for one in members]
            known = [part.value("territory") for part in parts if part is not None]
            own = at(drawing.territories.get(parent, ()), day)
            if not known or len(known) < len(parts) or own is None:
                continue
            territory = joined(known)
            if own.value("territory").symmetric_difference(territory).is_empty:
                continue
            patch = {"territory": territory, "area_m2": area_m2(territory)}
            timeline = drawing.territories[parent]
            drawing.territories[parent] = correct(timeline, stretch, patch, CAUSE)
            drawing.causes.setdefault(parent, CAUSE)
        version = at(drawing.divisions[parent], drawing.on)
        parent = None if version is None else version.value("parent_id")


def _stretches(drawing: Drawing, parent: UUID, span: Period) -> list[Period]:
    """The span, cut on every day on which a member or its territory can change."""
    ever = [
        one
        for one, timeline in drawing.divisions.items()
        if any(version.value("parent_id") == parent for version in timeline)
    ]
    days = {
        day
        for one in (*ever, parent)
        for timeline in (drawing.divisions[one], drawing.territories.get(one, ()))
        for version in timeline
        for day in (version.valid.start, version.valid.end)
        if day is not None and day in span and day != span.start
    }
    edges = [span.start, *sorted(days), span.end]
    return [Period(start, end) for start, end in pairwise(edges)]


def _before(stretch: Period) -> date:
    return date.min if stretch.end is None else date.fromordinal(stretch.end.toordinal() - 1)
