"""Verbs on boundary lines and markers: derive, describe, inspect, set a marker.

Lines are read off the territories: an edge is digitised once, and what is said of a line (agreement,
status, inspections) stays with it when its course is drawn better. Nothing here commits.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid5

import shapely
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects.postgresql import insert as upsert

from geo.coverage.areas import edge_of
from geo.measures import away_m, length_m
from registry.changes.period import AsOf, Period
from registry.changes.timeline import Timeline, begin, change_from, correct
from registry.changes.timeline import at as version_at
from registry.changes.work import Work
from registry.errors import LaterActExists
from registry.lines.errors import (
    LineIsUnknown,
    LineNumberIsTaken,
    MarkerIsOffItsLine,
    MarkerIsUnknown,
    MarkerNumberIsTaken,
)
from registry.lines.model import (
    BoundaryMarker,
    LegalStatus,
    MarkerKind,
    MarkerState,
    TechnicalStatus,
    check_number,
    check_place,
    farthest_m,
    refuse_to_come,
)
from registry.lines.store import LineStore
from registry.lines.tables import (
    boundary_line,
    boundary_line_version,
    boundary_marker,
    boundary_marker_version,
    boundary_segment_version,
    marker_landmark_version,
    marker_photo,
)

LINES = UUID("4d0a2f7e-3b5c-5f0e-9f54-17796a2009b0")
"""Namespace: two divisions have one line."""
MARKERS = UUID("9c1f6a52-2f0b-5a0e-8f54-17796a2009b1")
GRID_DEG = 1e-9
SHORTEST_M = 0.05
"""Less is rounding, not a line."""
ALWAYS = Period()
_OWNERS = {boundary_segment_version.name: "line_id", marker_landmark_version.name: "marker_id"}
DERIVED = {
    "legal_status": LegalStatus.CUSTOMARY.value,
    "technical_status": TechnicalStatus.DERIVED.value,
}
DESCRIBED = frozenset(
    {
        "number",
        "legal_status",
        "technical_status",
        "accuracy_m",
        "agreed_length_m",
        "agreement_number",
        "agreement_on",
        "agreement_sha256",
        "description",
    }
)


def line_id_of(one: UUID, other: UUID) -> UUID:
    """The line of two divisions; it is the same for ever."""
    return uuid5(LINES, "|".join(sorted((str(one), str(other)))))


def marker_id_of(line_id: UUID, number: str) -> UUID:
    """The marker that bears a number on a line; numbers are never given again."""
    return uuid5(MARKERS, f"{line_id}|{number}")


def courses(
    territories: Mapping[UUID, MultiPolygon], around: Collection[UUID] | None = None
) -> dict[tuple[UUID, UUID], MultiLineString]:
    """Where territories of one level meet, by pair (the smaller id first).

    Args:
        around: only pairs with one of these; None: all.
    """
    units = sorted(territories)
    tree = shapely.STRtree([territories[one] for one in units])
    edges = {one: edge_of(territories[one]) for one in units}
    found: dict[tuple[UUID, UUID], MultiLineString] = {}
    for one in units if around is None else sorted(around):
        for place in tree.query(territories[one]):
            other = units[int(place)]
            pair = (min(one, other), max(one, other))
            if other == one or pair in found:
                continue
            shared = shapely.intersection(edges[one], edges[other], grid_size=GRID_DEG)
            course = _linear(shared)
            if length_m(course) >= SHORTEST_M:
                found[pair] = course
    return found


def derive(
    work: Work,
    drawn: Mapping[tuple[UUID, UUID], MultiLineString],
    *,
    on: date,
    cause: str,
    held: Mapping[UUID, Period] | None = None,
) -> int:
    """Let lines follow the territories; returns how many were written.

    What begins, begins as customary and derived, on the days both sides have the territories it was
    read off. With the cause `adjust_territory` a course changes
    from the day on; otherwise it was the same line before, known worse.

    Args:
        held: days on which a division has the territory the lines were read off; None: always.
    """
    ids = {pair: line_id_of(*pair) for pair in drawn}
    timelines = work.believed(boundary_line_version, list(ids.values()))
    known = set(timelines) | _identities(work, list(ids.values()))
    work.establish(
        boundary_line,
        [
            {"line_id": ids[pair], "left_id": pair[0], "right_id": pair[1]}
            for pair in sorted(drawn)
            if ids[pair] not in known
        ],
    )
    count = 0
    for pair in sorted(drawn):
        before = timelines.get(ids[pair], ())
        one, other = (ALWAYS if held is None else held[side] for side in pair)
        both = one.intersection(other) or ALWAYS
        after = with_course(before, drawn[pair], on, cause, both)
        if after != before:
            count += bool(work.rewrite(boundary_line_version, ids[pair], before, after))
    return count


def with_course(
    before: Timeline,
    course: MultiLineString,
    on: date,
    cause: str,
    held: Period = ALWAYS,
) -> Timeline:
    """A line with another course; see `derive` for what the cause means.

    Args:
        held: days on which a line that begins can be said to have held.

    Raises:
        LaterActExists: it has another course again from a later day on.
    """
    current = version_at(before, on)
    if current is None:
        free = _free_days(before, on)
        return begin(before, free.intersection(held) or free, {**DERIVED, "course": course}, cause)
    if _runs_alike(current.value("course"), course):
        return before
    span = _days_moved(before, on, cause)
    later = [one.valid.start for one in before if one.valid.start and one.valid.start > on]
    other = [start for start in later if span.end is not None and start >= span.end]
    if cause == "adjust_territory" and other:
        raise LaterActExists(on=on, later=other[0])
    return correct(before, span, {"course": course}, cause)


def ended(before: Timeline, on: date, cause: str) -> Timeline:
    """A line whose sides do not meet any more, from a day on; it was so before, if drawn better."""
    if version_at(before, on) is None:
        return before
    return correct(before, _days_moved(before, on, cause), None, cause)


def _days_moved(before: Timeline, on: date, cause: str) -> Period:
    """The days around one on which a line keeps its course, whatever else was said of it meanwhile;
    from the day on, where the world moved."""
    place = next(place for place, one in enumerate(before) if on in one.valid)
    course = before[place].value("course")
    start, end = before[place].valid.start, before[place].valid.end
    for one in reversed(before[:place]):
        if one.valid.end != start or not _runs_alike(one.value("course"), course):
            break
        start = one.valid.start
    for one in before[place + 1 :]:
        if one.valid.start != end or not _runs_alike(one.value("course"), course):
            break
        end = one.valid.end
    return Period(on if cause == "adjust_territory" else start, end)


def _runs_alike(one: BaseGeometry, other: BaseGeometry) -> bool:
    return bool(one.normalize().equals_exact(other.normalize(), GRID_DEG))


def describe(work: Work, line_id: UUID, said: Mapping[str, Any], *, on: date) -> None:
    """Say of a line, from a day on, what was agreed and how well it is known.

    Raises:
        LineIsUnknown, NotInForce, LaterActExists.
        LineNumberIsTaken: another line of one of its sides bears that number on the day.
        DayIsToCome: the agreement is of a day to come.
    """
    assert said.keys() <= DESCRIBED
    refuse_to_come(said.get("agreement_on"), today=work.recorded_on)
    if said.get("number") is not None:
        _refuse_taken(work, line_id, said["number"], on)
    _change_line(work, line_id, said, on, "describe")


def inspect(work: Work, line_id: UUID, *, inspected_on: date) -> None:
    """Both sides have inspected a line together (联合检查).

    Raises:
        LineIsUnknown, NotInForce, LaterActExists.
        DayIsToCome: nobody has inspected anything yet.
    """
    refuse_to_come(inspected_on, today=work.recorded_on)
    _change_line(work, line_id, {"inspected_on": inspected_on}, inspected_on, "inspect")


def set_marker(
    work: Work,
    line_id: UUID,
    *,
    number: str,
    kind: MarkerKind,
    spot: Point,
    on: date,
    more: Mapping[str, Any] | None = None,
) -> BoundaryMarker:
    """Put a marker up on a line, or say otherwise of the one with that number.

    Raises:
        MarkerNumberIsInvalid, MarkerNumberIsOfAnotherLine, MarkerNumberIsTaken: see the classes.
        MarkerIsOffItsLine: it would stand more than ten metres from the line, or half a kilometre
            where several posts make it.
        LineIsUnknown: no such line on the day.
    """
    check_number(number, kind)
    store = LineStore(work.connection)
    line = store.line(line_id, AsOf(on, work.number))
    check_place(number, line.number, store.numbers_of(line_id))
    aside_m = away_m(spot, line.course)
    if aside_m > farthest_m(kind):
        raise MarkerIsOffItsLine(number=number, away_m=aside_m)
    marker_id = marker_id_of(line_id, number)
    before = work.believed(boundary_marker_version, [marker_id]).get(marker_id, ())
    values = {
        "number": number,
        "kind": kind.value,
        "state": MarkerState.STANDING.value,
        "spot": spot,
        **(more or {}),
    }
    if not before:
        if work.connection.scalar(
            select(boundary_marker.c.marker_id).where(boundary_marker.c.marker_id == marker_id)
        ):
            raise MarkerNumberIsTaken(number=number, taken=number)
        work.establish(boundary_marker, [{"marker_id": marker_id, "line_id": line_id}])
        after = begin((), Period.since(on), values, "set")
    else:
        after = change_from(before, on, values, "set")
    work.rewrite(boundary_marker_version, marker_id, before, after)
    return store.marker(marker_id, AsOf(on, work.number))


def report_marker(work: Work, marker_id: UUID, state: MarkerState, *, on: date) -> None:
    """How a marker stands from a day on.

    Raises:
        MarkerIsUnknown: no such marker.
    """
    before = work.believed(boundary_marker_version, [marker_id]).get(marker_id)
    if before is None:
        raise MarkerIsUnknown(str(marker_id))
    after = change_from(before, on, {"state": state.value}, state.value)
    work.rewrite(boundary_marker_version, marker_id, before, after)


def end_marker(work: Work, marker_id: UUID, *, on: date) -> None:
    """A marker is taken away from a day on, by agreement of both sides; its number is not given again.

    Raises:
        MarkerIsUnknown: no such marker.
        NotInForce, LaterActExists: see `change_from`.
    """
    before = work.believed(boundary_marker_version, [marker_id]).get(marker_id)
    if before is None:
        raise MarkerIsUnknown(str(marker_id))
    after = change_from(before, on, None, "remove")
    work.rewrite(boundary_marker_version, marker_id, before, after)
    end_belongings(work, marker_landmark_version, {marker_id: (before, after)}, "remove")


def end_belongings(
    work: Work, table: Table, owners: Mapping[UUID, tuple[Timeline, Timeline]], cause: str
) -> None:
    """Segments end with their line, landmarks with their marker: on the days these lost.

    Args:
        table: the versions of what belongs to the owners.
        owners: each owner's timeline before and after.
    """
    lost = {one: _lost(*sides) for one, sides in owners.items()}
    key, owner = table.c[table.info["key"]], table.c[_OWNERS[table.name]]
    held = work.connection.execute(
        select(key, owner).where(owner.in_(list(lost)), table.c.recorded_to.is_(None)).distinct()
    )
    of = {row[0]: row[1] for row in held}
    for one, before in sorted(work.believed(table, of).items()):
        after = before
        for days in lost[of[one]]:
            after = correct(after, days, None, cause)
        work.rewrite(table, one, before, after)


def _lost(before: Timeline, after: Timeline) -> list[Period]:
    """The days on which something held that does not any more."""
    left = [one.valid for one in before]
    for version in after:
        left = [rest for days in left for rest in days.minus(version.valid)]
    return left


def add_photo(
    connection: Connection, marker_id: UUID, sha256: str, *, taken_on: date, note: str | None
) -> None:
    """Keep a photograph with its marker; the same one is kept once. It is no public record."""
    connection.execute(
        upsert(marker_photo)
        .values(marker_id=marker_id, sha256=sha256, taken_on=taken_on, note=note)
        .on_conflict_do_nothing()
    )


def _refuse_taken(work: Work, line_id: UUID, number: str, on: date) -> None:
    store, at = LineStore(work.connection), AsOf(on, work.number)
    line = store.line(line_id, at)
    for other in store.between([line.left_id, line.right_id], at):
        if other.number == number and other.line_id != line_id:
            raise LineNumberIsTaken(number=number, line=str(other.line_id))


def _change_line(work: Work, line_id: UUID, patch: Mapping[str, Any], on: date, cause: str) -> None:
    before = work.believed(boundary_line_version, [line_id]).get(line_id)
    if before is None:
        raise LineIsUnknown(str(line_id))
    after = change_from(before, on, patch, cause)
    work.rewrite(boundary_line_version, line_id, before, after)


def _free_days(before: Timeline, on: date) -> Period:
    """The days around one on which nothing holds: all, where the line was never known."""
    starts = [one.valid.start for one in before if one.valid.start and one.valid.start > on]
    ends = [one.valid.end for one in before if one.valid.end and one.valid.end <= on]
    return Period(max(ends, default=None), min(starts, default=None))


def _identities(work: Work, ids: list[UUID]) -> set[UUID]:
    rows = work.connection.scalars(
        select(boundary_line.c.line_id).where(boundary_line.c.line_id.in_(ids))
    )
    return set(rows)


def _linear(geometry: BaseGeometry) -> MultiLineString:
    parts = [
        part
        for part in shapely.get_parts(shapely.get_parts(geometry))
        if isinstance(part, LineString) and not part.is_empty
    ]
    merged = shapely.line_merge(MultiLineString(parts))
    return MultiLineString(list(shapely.get_parts(merged)))
