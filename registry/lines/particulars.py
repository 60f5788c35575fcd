"""Verbs on what belongs to lines and markers: segments, landmarks, a whole series of markers.

What belongs to a line or marker is said as a whole from a day on; a place that is not said any more
ends. Nothing here commits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from shapely.geometry import Point
from sqlalchemy import Table, select

from registry.changes.period import AsOf, Period
from registry.changes.timeline import Timeline, begin, change_from
from registry.changes.timeline import at as version_at
from registry.changes.work import Work
from registry.lines.commands import set_marker
from registry.lines.errors import LineHasNoNumber
from registry.lines.model import (
    BoundaryMarker,
    Landmark,
    MarkerKind,
    Segment,
    check_joined,
    last_place,
    marker_numbers,
)
from registry.lines.store import LineStore
from registry.lines.tables import boundary_segment_version, marker_landmark_version

PLACES = UUID("3f0b6f0e-7a34-5c1e-8d11-17796a2009b2")
"""Namespace: a place on a line or on the sheet of a marker."""


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a marker is put up, and what it is."""

    kind: MarkerKind
    spot: Point
    more: Mapping[str, Any] = field(default_factory=dict)
    """Material, face texts, keeper, accuracy."""


def describe_course(work: Work, line_id: UUID, segments: Sequence[Segment], *, on: date) -> None:
    """Say of a line, from a day on, by what it is shown on the ground, segment by segment.

    Raises:
        LineIsUnknown: no such line on the day.
        SegmentsDoNotJoin: they leave a gap, or name a marker that does not stand on the line.
        LaterActExists: they were said otherwise from a later day on.
    """
    at, store = AsOf(on, work.number), LineStore(work.connection)
    store.line(line_id, at)
    check_joined(segments, {one.number for one in store.markers(at, line=line_id, limit=None)})
    _say(work, boundary_segment_version, "line_id", line_id, [asdict(one) for one in segments], on)


def note_landmarks(work: Work, marker_id: UUID, landmarks: Sequence[Landmark], *, on: date) -> None:
    """Say of a marker, from a day on, what it is found again by.

    Raises:
        MarkerIsUnknown: no such marker on the day.
        LaterActExists: they were said otherwise from a later day on.
    """
    LineStore(work.connection).marker(marker_id, AsOf(on, work.number))
    _say(
        work,
        marker_landmark_version,
        "marker_id",
        marker_id,
        [asdict(one) for one in landmarks],
        on,
    )


def set_series(
    work: Work, line_id: UUID, stands: Sequence[Stand], *, on: date
) -> list[BoundaryMarker]:
    """Put markers up on a line and number them by the rule: from west to east, or north to south.

    Numbers go on after the highest the line ever gave. In the order of `stands`.

    Raises:
        LineHasNoNumber: their numbers begin with that of the line.
        SeriesIsFull, MarkerIsOffItsLine, LineIsUnknown: see the classes.
    """
    store = LineStore(work.connection)
    line = store.line(line_id, AsOf(on, work.number))
    if line.number is None:
        raise LineHasNoNumber(str(line_id))
    numbers = marker_numbers(
        line.number,
        [one.kind for one in stands],
        [one.spot for one in stands],
        after=last_place(store.numbers_of(line_id)),
    )
    return [
        set_marker(work, line_id, number=number, kind=one.kind, spot=one.spot, on=on, more=one.more)
        for number, one in zip(numbers, stands, strict=True)
    ]


def _say(
    work: Work,
    table: Table,
    owner: str,
    owner_id: UUID,
    said: Sequence[Mapping[str, Any]],
    on: date,
) -> None:
    """Let what belongs to an owner be `said` from a day on, place by place."""
    key = table.c[table.info["key"]]
    held = work.connection.execute(
        select(key, table.c.place).where(table.c[owner] == owner_id, table.c.recorded_to.is_(None))
    )
    keys = {place: key for key, place in held} | {
        place: uuid5(PLACES, f"{owner_id}|{place}") for place in range(1, len(said) + 1)
    }
    timelines = work.believed(table, keys.values())
    rewritten = []
    for place, one in sorted(keys.items()):
        before = timelines.get(one, ())
        values = None
        if place <= len(said):
            values = {owner: owner_id, "place": place, **_plain(said[place - 1])}
        rewritten.append((one, before, _from_day(before, values, on)))
    work.rewrite_all(table, rewritten)


def _from_day(before: Timeline, values: Mapping[str, Any] | None, on: date) -> Timeline:
    if version_at(before, on) is not None:
        return change_from(before, on, values, "describe")
    return before if values is None else begin(before, Period.since(on), values, "describe")


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.value if isinstance(value, StrEnum) else value for name, value in values.items()
    }
