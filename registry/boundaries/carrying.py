"""Writing feature edits with the verbs the registry has for them, inside somebody's work."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any
from uuid import UUID

from shapely.geometry import Point, box
from sqlalchemy import Connection

from geo.coverage.model import scale_at
from geo.measures import away_m
from registry.addresses.tables import position_version
from registry.boundaries.edit_effects import holders_of
from registry.boundaries.edit_store import JOINT, EditStore
from registry.boundaries.edits import (
    ADDRESSES,
    LINES,
    MARKERS,
    NAMES,
    THOROUGHFARES,
    Action,
    FeatureEdit,
    Side,
)
from registry.boundaries.errors import CollectionIsNotEditable, MarkerLineIsUnclear
from registry.boundaries.model import BoundaryUpdate, Reason
from registry.changes.period import AsOf, Period
from registry.changes.timeline import at as version_at
from registry.changes.timeline import begin, change_from, correct
from registry.changes.work import Work
from registry.divisions.store import DivisionStore
from registry.errors import NotInForce
from registry.lines.commands import (
    courses,
    derive,
    describe,
    end_marker,
    inspect,
    set_marker,
)
from registry.lines.errors import LineIsUnknown
from registry.lines.model import OFF_LINE_M, MarkerKind
from registry.lines.store import LineStore
from registry.names.commands import redraw_place

DAYS = frozenset({"agreement_on", "inspected_on"})
LIES_NOWHERE = "it lies nowhere yet: say where"
ACCURACY_M: Mapping[str, float] = MappingProxyType(
    {"surveyed": 0.5, "digitised": 5.0, "published": 20.0}
)
"""Of a position whose surveyor does not say it, by what the draft rests on."""


def carry_out(work: Work, held: BoundaryUpdate, edits: Iterable[FeatureEdit]) -> None:
    """Write the feature edits of an update; territories were written before, so lines run anew.

    Raises:
        Whatever the verbs refuse: a marker off its line, a number that is taken, a later act.
    """
    for edit in sorted(edits, key=lambda one: (_ORDER.index(one.collection), one.feature_id)):
        _VERBS[edit.collection](work, held, edit)


def _describe_line(work: Work, held: BoundaryUpdate, edit: FeatureEdit) -> None:
    day = held.effective_on
    _begin_line(work, edit, day)
    said = {name: _typed(name, value) for name, value in edit.said.items()}
    inspected_on = said.pop("inspected_on", None)
    # The inspection comes first: it was before the day the rest is said from.
    if inspected_on is not None:
        inspect(work, edit.subject, inspected_on=inspected_on)
    if said:
        describe(work, edit.subject, said, on=day)


def _begin_line(work: Work, edit: FeatureEdit, day: date) -> None:
    """A line nobody has recorded yet is read off the territories of its sides."""
    at = AsOf(day, work.number)
    try:
        LineStore(work.connection).line(edit.subject, at)
    except LineIsUnknown:
        sides = [UUID(one) for one in edit.feature_id.split(JOINT)]
        held = DivisionStore(work.connection).territories(sides, at)
        drawn = courses({one: territory.territory for one, territory in held.items()})
        if not drawn:
            raise
        days = {one: territory.valid for one, territory in held.items()}
        derive(work, drawn, on=day, cause="derive", held=days)


def _set_marker(work: Work, held: BoundaryUpdate, edit: FeatureEdit) -> None:
    day = held.effective_on
    if edit.action is Action.END:
        end_marker(work, edit.subject, on=day)
        return
    said = dict(edit.said)
    if edit.action is Action.BEGIN:
        line_id, spot = UUID(said.pop("line_id")), edit.geometry
        number, kind = said.pop("number"), said.pop("kind")
    else:
        marker = LineStore(work.connection).marker(edit.subject, AsOf(day, work.number))
        line_id, number = marker.line_id, marker.number
        spot = marker.spot if edit.geometry is None else edit.geometry
        kind = said.pop("kind", marker.kind.value)
        said = {"state": marker.state.value, **said}
    assert isinstance(spot, Point)
    set_marker(
        work, line_id, number=number, kind=MarkerKind(kind), spot=spot, on=day, more=said
    )  # fmt: skip


def _redraw_place(work: Work, held: BoundaryUpdate, edit: FeatureEdit) -> None:
    day = held.effective_on
    before = _present(work, edit, day)
    extent = before.geometry if edit.geometry is None else edit.geometry
    if extent is None:
        raise CollectionIsNotEditable(collection=edit.collection, why=LIES_NOWHERE)
    values: dict[str, Any] = {
        "basis": edit.said.get("basis", held.basis),
        "source": f"{held.source}: {held.title}",
    }
    # What is only said otherwise of a place leaves it where it was, and with whom.
    if edit.geometry is not None:
        at = AsOf(day, work.number)
        holder = holders_of(work.connection, {edit.subject: extent}, at).get(edit.subject)
        division_id = None if holder is None else holder.division_id
        values |= {"extent": extent, "division_id": division_id}
    redraw_place(
        work,
        edit.subject,
        values,
        on=day,
        moved=held.reason is Reason.LEGAL_CHANGE,
    )


def _place_door(work: Work, held: BoundaryUpdate, edit: FeatureEdit) -> None:
    """A door that moved stood elsewhere until the day; one that is known better stood there before."""
    day, legal = held.effective_on, held.reason is Reason.LEGAL_CHANGE
    before = work.believed(position_version, [edit.subject]).get(edit.subject, ())
    patch = dict(edit.said)
    if edit.geometry is not None:
        fresh = {"method": held.basis, "accuracy_m": ACCURACY_M[held.basis]}
        patch = {"position": edit.geometry, **fresh, **patch}
    if not before and edit.geometry is None:
        raise CollectionIsNotEditable(collection=edit.collection, why=LIES_NOWHERE)
    cause = "move_position" if legal else "correct_position"
    current = version_at(before, day)
    if not before:
        after = begin((), Period.since(day) if legal else Period(), patch, cause)
    elif legal:
        after = change_from(before, day, patch, cause)
    elif current is None:
        raise NotInForce(on=day, what=edit.feature_id)
    else:
        after = correct(before, current.valid, patch, cause)
    work.rewrite(position_version, edit.subject, before, after)


def _present(work: Work, edit: FeatureEdit, day: date) -> Side:
    found = EditStore(work.connection).side(edit.collection, edit.subject, AsOf(day, work.number))
    if found is None:
        raise NotInForce(on=day, what=edit.feature_id)
    return found


def _typed(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name in DAYS and value is not None else value


_ORDER = (LINES, MARKERS, NAMES, THOROUGHFARES, ADDRESSES)
_VERBS: Mapping[str, Callable[[Work, BoundaryUpdate, FeatureEdit], None]] = MappingProxyType(
    {
        LINES: _describe_line,
        MARKERS: _set_marker,
        NAMES: _redraw_place,
        THOROUGHFARES: _redraw_place,
        ADDRESSES: _place_door,
    }
)


def line_near(connection: Connection, spot: Point, number: str, at: AsOf) -> UUID:
    """The recorded line a marker at a spot stands on.

    Where several meet, the one whose number the marker's begins with.

    Raises:
        MarkerLineIsUnclear: none passes there, or more than one comes into question.
    """
    east, north = scale_at(spot)
    aside, along = OFF_LINE_M / east, OFF_LINE_M / north
    around = box(spot.x - aside, spot.y - along, spot.x + aside, spot.y + along)
    lines = [
        one
        for one in LineStore(connection).lines(at, bbox=around.bounds)
        if away_m(spot, one.course) <= OFF_LINE_M
    ]
    if len(lines) > 1:
        lines = [one for one in lines if one.number and number.startswith(one.number)]
    if len(lines) != 1:
        raise MarkerLineIsUnclear(number=number)
    return lines[0].line_id
