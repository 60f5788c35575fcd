"""The algebra of versions: how one fact's history changes when a stretch of it is rewritten.

Pure: values in, values out. The store writes the difference between two timelines; a plan
compares them. Both therefore agree on what a change does before anything is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from registry.changes.period import Period
from registry.errors import LaterActExists, NotInForce


@dataclass(frozen=True, slots=True)
class Version:
    """One believed version (版本) of a fact: what held, during which days, and why."""

    valid: Period
    values: Mapping[str, Any]
    cause: str
    """The operation these values come from."""
    begun_by: int | None = None
    """Number of the change these values come from; None: the change being prepared."""
    version_id: int | None = None
    """None until it is written."""

    def value(self, column: str) -> Any:
        """The value of one column."""
        return self.values[column]


Timeline = tuple[Version, ...]
"""The believed versions of one fact, in order of `valid`, never overlapping."""


def at(timeline: Timeline, day: date) -> Version | None:
    """The version in force on a day."""
    return next((version for version in timeline if day in version.valid), None)


def begin(timeline: Timeline, valid: Period, values: Mapping[str, Any], cause: str) -> Timeline:
    """Add a version to days that hold none.

    Raises:
        LaterActExists: some of those days hold a version already.
    """
    for version in timeline:
        if version.valid.overlaps(valid):
            raise LaterActExists(on=valid.start, later=version.valid.start)
    return _in_order((*timeline, Version(valid, MappingProxyType(dict(values)), cause)))


def change_from(
    timeline: Timeline, day: date, patch: Mapping[str, Any] | None, cause: str
) -> Timeline:
    """From a day on the world is different: patch the values, or end the fact with None.

    Raises:
        NotInForce: nothing held on that day.
        LaterActExists: a later act already changed the fact; change that one, or correct.
    """
    current = at(timeline, day)
    if current is None:
        raise NotInForce(on=day)
    later = [v for v in timeline if v.valid.start is not None and v.valid.start > day]
    if later:
        raise LaterActExists(on=day, later=later[0].valid.start)
    if current.valid.end is not None and patch is None:
        raise LaterActExists(on=day, later=current.valid.end)
    return correct(timeline, Period(day, current.valid.end), patch, cause)


def correct(
    timeline: Timeline, span: Period, patch: Mapping[str, Any] | None, cause: str
) -> Timeline:
    """The registry had it wrong during `span`: patch what it says of those days, or strike them.

    Versions outside the span stay as they are; those that reach over its edge are cut there.
    A patch that changes nothing leaves the version untouched.
    """
    rewritten: list[Version] = []
    for version in timeline:
        shared = version.valid.intersection(span)
        if shared is None or (patch is not None and _unchanged(version, patch)):
            rewritten.append(version)
            continue
        rewritten.extend(
            Version(rest, version.values, version.cause, version.begun_by)
            for rest in version.valid.minus(span)
        )
        if patch is not None:
            values = MappingProxyType({**version.values, **patch})
            rewritten.append(Version(shared, values, cause))
    return _in_order(rewritten)


def difference(before: Timeline, after: Timeline) -> tuple[list[Version], list[Version]]:
    """The versions to close and the versions to write to get from one timeline to the other."""
    kept = {v.version_id for v in after if v.version_id is not None}
    closed = [v for v in before if v.version_id not in kept]
    return closed, [v for v in after if v.version_id is None]


def _unchanged(version: Version, patch: Mapping[str, Any]) -> bool:
    return all(version.values.get(column) == value for column, value in patch.items())


def _in_order(versions: Sequence[Version]) -> Timeline:
    return tuple(sorted(versions, key=lambda version: version.valid.sort_key))
