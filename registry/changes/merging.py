"""Three-way merge of timelines: what would stand if one act had said something else, or nothing.

Pure: values in, values out. `base` is what an act made of a fact, `target` what it should have
made of it (for an annulment: what it found), `current` what stands now, with everything done
since. The merge goes day by day and attribute by attribute: where only the act speaks, the target
takes its place; where only later work speaks, later work stays; where both do, and differ, it is a
conflict, and a person decides.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from registry.changes.period import Period
from registry.changes.timeline import Timeline, Version, at


@dataclass(frozen=True, slots=True)
class Clash:
    """Days on which the act and later work both speak of one attribute, and differ."""

    valid: Period
    column: str | None
    """None: whether the fact holds at all."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What would stand; where there are clashes, what stands now is kept."""

    timeline: Timeline
    clashes: tuple[Clash, ...]


def merge(base: Timeline, target: Timeline, current: Timeline) -> Merged:
    """What would stand now had the act made `target` of the fact instead of `base`.

    Versions that stay as they are keep their rows; a version that later work and the target both
    have a part in bears the name of the later work.
    """
    pieces: list[tuple[Version, bool]] = []
    clashes: list[Clash] = []
    last = _Day(None, None, None)
    for valid in _stretches(base, target, current):
        day = valid.start or date.min
        here = _Day(at(base, day), at(target, day), at(current, day))
        wanted, now = here.target, here.current
        found, columns = (now, (None,)) if _left_open(last, here) else _on_a_day(here)
        last = here
        clashes.extend(Clash(valid, column) for column in columns)
        if found is not None:
            mixed = found is not wanted and found is not now
            pieces.append((Version(valid, found.values, found.cause, found.begun_by), mixed))
    return Merged(with_rows(_joined(pieces), current), tuple(_together(clashes)))


def alike(one: Version | None, other: Version | None) -> bool:
    """Whether two versions say the same, whoever said it."""
    if one is None or other is None:
        return one is other
    return one.values is other.values or _same(one.values, other.values)


def first_difference(one: Timeline, other: Timeline) -> date | None:
    """The first day on which two timelines differ; the first of all days is `date.min`."""
    for valid in _stretches(one, other):
        day = valid.start or date.min
        if not alike(at(one, day), at(other, day)):
            return day
    return None


def with_rows(timeline: Iterable[Version], current: Timeline) -> Timeline:
    """The same versions, with their rows where a row says exactly this already."""
    rows = {(one.valid, one.cause, one.begun_by): one for one in current}
    found = ((piece, rows.get((piece.valid, piece.cause, piece.begun_by))) for piece in timeline)
    return tuple(row if row is not None and alike(row, piece) else piece for piece, row in found)


def without(periods: Iterable[Period], others: Iterable[Period]) -> tuple[Period, ...]:
    """The days in the first periods that lie in none of the others."""
    rest = tuple(periods)
    for other in others:
        rest = tuple(piece for part in rest for piece in part.minus(other))
    return rest


def days_of(timeline: Timeline) -> tuple[Period, ...]:
    """The days on which a fact holds."""
    return tuple(version.valid for version in timeline)


@dataclass(frozen=True, slots=True)
class _Day:
    base: Version | None
    target: Version | None
    current: Version | None


def _left_open(last: _Day, here: _Day) -> bool:
    """Whether the act ended a version that later work changed up to that very end.

    What the later work would have said of the days after the end, nobody can tell.
    """
    ended = here.base is None and here.current is None and last.base is not None
    went_on = here.target is not None and here.target is last.target
    return ended and went_on and not alike(last.base, last.current)


def _on_a_day(here: _Day) -> tuple[Version | None, tuple[str | None, ...]]:
    base, target, current = here.base, here.target, here.current
    if alike(current, base):
        return target, ()
    if alike(target, base) or alike(current, target):
        return current, ()
    if base is None or target is None or current is None:
        return current, (None,)
    values: dict[str, Any] = {}
    clashes: list[str | None] = []
    for column, now in current.values.items():
        was, wanted = base.values.get(column), target.values.get(column)
        if was != wanted and was != now and wanted != now:
            clashes.append(column)
        values[column] = wanted if was == now else now
    return _told_by(values, target, current), tuple(clashes)


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    # A column that is not given is null once it is written.
    return all(one.get(name) == other.get(name) for name in one.keys() | other.keys())


def _told_by(values: Mapping[str, Any], target: Version, current: Version) -> Version:
    origin = target if _same(target.values, values) else current
    return Version(origin.valid, MappingProxyType(dict(values)), origin.cause, origin.begun_by)


def _stretches(*timelines: Timeline) -> Iterator[Period]:
    """The stretches between the days on which any of the timelines changes."""
    days = {
        day
        for timeline in timelines
        for version in timeline
        for day in (version.valid.start, version.valid.end)
        if day is not None
    }
    for start, end in pairwise([None, *sorted(days), None]):
        yield Period(start, end)


def _joined(pieces: list[tuple[Version, bool]]) -> list[Version]:
    """Neighbours that say the same for the same reason are one version; what is mixed of two
    reasons takes that of a neighbour that says the same."""
    joined: list[tuple[Version, bool]] = []
    for piece, mixed in pieces:
        last, was_mixed = joined[-1] if joined else (None, False)
        if last is None or last.valid.end != piece.valid.start or not alike(last, piece):
            joined.append((piece, mixed))
        elif mixed or was_mixed or _reason(last) == _reason(piece):
            told = piece if was_mixed else last
            whole = Period(last.valid.start, piece.valid.end)
            version = Version(whole, told.values, told.cause, told.begun_by)
            joined[-1] = (version, mixed and was_mixed)
        else:
            joined.append((piece, mixed))
    return [version for version, _mixed in joined]


def _reason(version: Version) -> tuple[str, int | None]:
    return version.cause, version.begun_by


def _together(clashes: list[Clash]) -> Iterator[Clash]:
    """Clashes over one attribute on adjoining days are one clash."""
    by_column: dict[str | None, list[Clash]] = {}
    for clash in clashes:
        group = by_column.setdefault(clash.column, [])
        if group and group[-1].valid.end == clash.valid.start:
            group[-1] = Clash(Period(group[-1].valid.start, clash.valid.end), clash.column)
        else:
            group.append(clash)
    for group in by_column.values():
        yield from group
