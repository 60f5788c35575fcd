"""Merging timelines: what would stand if one act had said something else, or nothing.

Pure: values in, values out. `base` is what an act made of a fact, `target` what it should have
made of it (for an annulment: what it found). What was done since is carried over to the target
work by work, each by a three-way merge, day by day and attribute by attribute: what a work changed
it changes there too, for the same reason; where it changed nothing, or says what the target says
already, the target stays as it is. Where the act and later work speak of the same attribute, and
what stands now is not the target's, it is a conflict, and a person decides.

One merge of the ends would not do: it cannot tell which of two works a value comes from, nor that
something was changed and changed back on purpose.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from registry.changes.period import Period
from registry.changes.timeline import Timeline, Version, at


@dataclass(frozen=True, slots=True)
class Step:
    """What a later change made of the fact."""

    number: int
    after: Timeline
    own: bool = False
    """It corrects the act, and goes with it."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Days on which the act and later work both speak of one attribute, and differ."""

    valid: Period
    column: str | None
    """None: whether the fact holds at all."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What would stand; where there are clashes, what later work says is kept."""

    timeline: Timeline
    clashes: tuple[Clash, ...]


def merge(base: Timeline, target: Timeline, since: Sequence[Step]) -> Merged:
    """What would stand now had the act made `target` of the fact instead of `base`.

    Versions that stay as they are keep their rows. Days are parted where they would be, had the
    act never said `base`: where it alone cut a version in two, the version is whole again.

    Args:
        since: every change that touched the fact after the act, in order.
    """
    days: list[_Day] = []
    clashes: list[Clash] = []
    for valid in _stretches(base, target, *(step.after for step in since)):
        day = valid.start or date.min
        found, wanted = at(base, day), at(target, day)
        twin = _followed(found, wanted, [(step, at(step.after, day)) for step in since])
        here = _Day(valid, found, wanted, twin)
        columns = _disputed(here) or (_left_open(days[-1], here) if days else ())
        clashes.extend(Clash(valid, column) for column in columns)
        days.append(here)
    current = since[-1].after if since else base
    return Merged(with_rows(_joined(days), current), tuple(_together(clashes)))


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
class _Twin:
    """What would be believed of a day, and what of it is in dispute."""

    version: Version | None
    row: object
    """Which row it would be: neighbouring days of one row stay together."""
    disputed: frozenset[str | None] = frozenset()
    """Attributes the act and later work speak of; None: whether the fact holds at all."""


@dataclass(frozen=True, slots=True)
class _Day:
    valid: Period
    base: Version | None
    target: Version | None
    twin: _Twin


def _followed(
    base: Version | None, target: Version | None, since: list[tuple[Step, Version | None]]
) -> _Twin:
    """One day carried from the target through all that was done since."""
    past = [(base, _Twin(target, id(target)))]
    for step, now in since:
        was, twin = past[-1]
        if step.own:
            # What it had been while the act said otherwise is nothing to go back to.
            past.clear()
        elif now is not was and not _told_alike(was, now):
            twin = _carried(past, now, step.number)
        past.append((now, twin))
    return past[-1][1]


def _carried(past: list[tuple[Version | None, _Twin]], now: Version | None, number: int) -> _Twin:
    """The day after one more change, which made `now` of what `past` ends with."""
    was, twin = past[-1]
    wanted = twin.version
    taken_back = next((held for then, held in reversed(past) if _told_alike(then, now)), None)
    if taken_back is not None or alike(wanted, now):
        return taken_back or twin
    if was is None or wanted is None or now is None:
        if alike(was, now):
            return twin
        disputed = twin.disputed if alike(was, wanted) else twin.disputed | {None}
        return _Twin(now, (number, id(now)), disputed)
    if alike(was, now):
        # Said again, for another reason: by the correction of another act.
        told = _reason(wanted) == _reason(was)
        return _Twin(_for(now, wanted.values), (number, twin.row), twin.disputed) if told else twin
    return _mixed(past, (was, wanted, now), number)


def _mixed(
    past: list[tuple[Version | None, _Twin]], sides: tuple[Version, Version, Version], number: int
) -> _Twin:
    """What a change made of `was`, made of `wanted`."""
    twin = past[-1][1]
    was, wanted, now = (one.values for one in sides)
    names = was.keys() | now.keys() | wanted.keys()
    changed = {name for name in names if was.get(name) != now.get(name)}
    values = {name: (now if name in changed else wanted).get(name) for name in names}
    if _same(values, wanted):
        return twin
    disputed = twin.disputed | {
        name for name in changed if wanted.get(name) not in (was.get(name), now.get(name))
    }
    if sides[2].begun_by == number:
        return _Twin(_for(sides[2], values), (number, twin.row), disputed)
    # Another work was taken back in part: what is left comes from where it came from before.
    before = next(
        (
            held
            for _then, held in reversed(past)
            if held.version and _same(held.version.values, values)
        ),
        _Twin(_for(sides[1], values), (number, twin.row)),
    )
    return replace(before, disputed=disputed)


def _for(reason: Version, values: Mapping[str, Any]) -> Version:
    return Version(reason.valid, MappingProxyType(dict(values)), reason.cause, reason.begun_by)


def _disputed(here: _Day) -> tuple[str | None, ...]:
    found, target, disputed = here.twin.version, here.target, here.twin.disputed
    if not disputed or alike(found, target):
        return ()
    if found is None or target is None or None in disputed:
        return (None,)
    return _differing(found, target, disputed)


def _left_open(last: _Day, here: _Day) -> tuple[str | None, ...]:
    """What later work changed up to the very day on which only the act cut a version.

    What it would have said of the days after, nobody can tell.
    """
    target, before, after = here.target, last.twin.version, here.twin.version
    if target is None or target is not last.target or here.base is last.base or after is None:
        return ()
    if before is None:
        return (None,) if alike(after, target) else ()
    spoken = _differing(before, target, before.values.keys() | target.values.keys())
    open_ = set(spoken) - set(_differing(after, target, spoken))
    if open_ and here.base is None:
        return (None,)
    return tuple(sorted(open_))


def _differing(one: Version, other: Version, names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(
        sorted(
            name
            for name in names
            if name is not None and one.values.get(name) != other.values.get(name)
        )
    )


def _told_alike(one: Version | None, other: Version | None) -> bool:
    """The same, for the same reason: the one belief, whatever row it stands in."""
    if one is None or other is None:
        return one is other
    return _reason(one) == _reason(other) and alike(one, other)


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    # A column that is not given is null once it is written.
    return all(one.get(name) == other.get(name) for name in one.keys() | other.keys())


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


def _joined(days: Iterable[_Day]) -> list[Version]:
    """The versions of a fact from its days: days of one row that follow each other are one."""
    joined: list[tuple[Version, object]] = []
    for day in days:
        found, row = day.twin.version, day.twin.row
        if found is None:
            continue
        piece = Version(day.valid, found.values, found.cause, found.begun_by)
        if joined and joined[-1][1] == row and joined[-1][0].valid.end == day.valid.start:
            last = joined[-1][0]
            if _told_alike(last, piece):
                whole = Period(last.valid.start, day.valid.end)
                joined[-1] = (replace(piece, valid=whole), row)
                continue
        joined.append((piece, row))
    return [version for version, _row in joined]


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
