"""The temporal predicates of CQL2 over half-open stretches of days.

Source: OGC 21-065r2, table 14; the relations are Allen's, written with exclusive ends.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, not_

Stretch = tuple[ColumnElement[Any], ColumnElement[Any]]
"""First day, and first day after."""
Relation = Callable[[Stretch, Stretch], ColumnElement[bool]]


def temporal(op: str, one: Stretch, other: Stretch) -> ColumnElement[bool]:
    """Whether two stretches stand in a relation."""
    return TEMPORAL[op](one, other)


def _intersects(one: Stretch, other: Stretch) -> ColumnElement[bool]:
    return and_(one[0] < other[1], one[1] > other[0])


def _equals(one: Stretch, other: Stretch) -> ColumnElement[bool]:
    return and_(one[0] == other[0], one[1] == other[1])


def _during(one: Stretch, other: Stretch) -> ColumnElement[bool]:
    return and_(one[0] > other[0], one[1] < other[1])


def _starts(one: Stretch, other: Stretch) -> ColumnElement[bool]:
    return and_(one[0] == other[0], one[1] < other[1])


def _finishes(one: Stretch, other: Stretch) -> ColumnElement[bool]:
    return and_(one[1] == other[1], one[0] > other[0])


def _overlaps(one: Stretch, other: Stretch) -> ColumnElement[bool]:
    return and_(one[0] < other[0], one[1] > other[0], one[1] < other[1])


def _turned(relation: Relation) -> Relation:
    return lambda one, other: relation(other, one)


TEMPORAL: Mapping[str, Relation] = {
    "t_after": lambda one, other: one[0] >= other[1],
    "t_before": lambda one, other: one[1] <= other[0],
    "t_intersects": _intersects,
    "t_disjoint": lambda one, other: not_(_intersects(one, other)),
    "t_equals": _equals,
    "t_during": _during,
    "t_contains": _turned(_during),
    "t_starts": _starts,
    "t_startedBy": _turned(_starts),
    "t_finishes": _finishes,
    "t_finishedBy": _turned(_finishes),
    "t_overlaps": _overlaps,
    "t_overlappedBy": _turned(_overlaps),
    "t_meets": lambda one, other: one[1] == other[0],
    "t_metBy": lambda one, other: other[1] == one[0],
}
