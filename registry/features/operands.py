"""What stands on the two sides of a comparison: columns and literals of known kinds."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import shapely
from shapely.geometry import box, shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement, Date, Double, Text, Uuid, cast, func, literal

from registry.changes.period import SHANGHAI
from registry.features.errors import FilterIsInvalid
from registry.features.model import PropertyKind

MOST_VERTICES = 5_000
NUMBERS = (PropertyKind.WHOLE, PropertyKind.NUMBER)
OPEN = ".."
STORED = 4490
FLAT_BOX = 4


@dataclass(frozen=True, slots=True)
class Operand:
    """A value of a known kind."""

    kind: PropertyKind
    value: ColumnElement[Any]
    column: bool = False
    """Whether it differs from row to row."""
    said: Any = None
    """A literal as it was written."""

    @property
    def is_number(self) -> bool:
        """Whether it can be reckoned with."""
        return self.kind in NUMBERS

    def as_number(self) -> ColumnElement[Any]:
        """As a floating number, so that 7 / 2 is 3.5."""
        return cast(self.value, Double)

    def beside(self, other: "Operand") -> "Operand":
        """Itself as something that can be compared with another.

        Raises:
            FilterIsInvalid: the two are of kinds that cannot be compared.
        """
        if self.kind is other.kind or (self.is_number and other.is_number):
            return self
        if not self.column and isinstance(self.said, str):
            if other.kind is PropertyKind.IDENTITY:
                return replace(self, kind=other.kind, value=literal(_identity(self.said), Uuid()))
            if other.kind is PropertyKind.DAY:
                return replace(self, kind=other.kind, value=literal(day_of(self.said), Date()))
        elif isinstance(other.said, str) and self.kind in (PropertyKind.IDENTITY, PropertyKind.DAY):
            return self
        raise FilterIsInvalid(f"a {self.kind} cannot be compared with a {other.kind}")


def of_value(node: Any) -> Operand:
    """A literal.

    Raises:
        FilterIsInvalid: it is of no kind that can be compared.
    """
    if isinstance(node, bool):
        return Operand(PropertyKind.FLAG, literal(node), said=node)
    if isinstance(node, int | float):
        if not math.isfinite(node):
            raise FilterIsInvalid(f"{node} is no number")
        return Operand(PropertyKind.NUMBER, literal(float(node), Double()), said=node)
    if isinstance(node, str):
        if "\x00" in node:
            raise FilterIsInvalid("a text holds a null character")
        return Operand(PropertyKind.TEXT, literal(node, Text()), said=node)
    if isinstance(node, Mapping) and set(node) in ({"date"}, {"timestamp"}):
        day = day_of(next(iter(node.values())))
        return Operand(PropertyKind.DAY, literal(day, Date()), said=None)
    raise FilterIsInvalid(f"{str(node)[:60]!r} is no value that can be compared")


def day_of(text: Any) -> date:
    """The day of a date, or that in Shanghai of a moment.

    Raises:
        FilterIsInvalid: it does not exist.
    """
    try:
        if len(text) == len("2020-12-31"):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
        return (
            (moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI))
            .astimezone(SHANGHAI)
            .date()
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise FilterIsInvalid(f"{text!r} is no date that exists") from error


def placed(node: Any) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """An instant or interval as the days it begins and ends before.

    Raises:
        FilterIsInvalid: it is neither.
    """
    if isinstance(node, Mapping) and set(node) == {"interval"} and len(node["interval"]) == 2:
        first, last = (_bound(each) for each in node["interval"])
        if first is not None and last is not None and first > last:
            raise FilterIsInvalid("an interval ends before it begins")
        return of_days(literal(first, Date()), literal(_day_after(last), Date()))
    if isinstance(node, str) or (
        isinstance(node, Mapping) and set(node) in ({"date"}, {"timestamp"})
    ):
        day = day_of(node if isinstance(node, str) else next(iter(node.values())))
        return of_days(literal(day, Date()), literal(_day_after(day), Date()))
    raise FilterIsInvalid("a temporal predicate compares dates, timestamps and intervals")


def of_days(
    start: ColumnElement[Any], end: ColumnElement[Any]
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The two ends of a stretch of days, open ones as far away as can be."""
    infinite = (cast(literal(text, Text()), Date()) for text in ("-infinity", "infinity"))
    before, after = infinite
    return func.coalesce(start, before, type_=Date), func.coalesce(end, after, type_=Date)


def geometry_of(node: Any) -> BaseGeometry:
    """A geometry literal, as it was written.

    Raises:
        FilterIsInvalid: it is none, or not a sound one.
    """
    try:
        found = _drawn(node)
    except (TypeError, ValueError, KeyError, AttributeError, shapely.GEOSException) as error:
        raise FilterIsInvalid(f"a geometry cannot be read: {error}") from error
    if found.is_empty or shapely.get_num_coordinates(found) > MOST_VERTICES:
        raise FilterIsInvalid(f"a geometry must have from 1 to {MOST_VERTICES} points")
    if not bool(shapely.is_valid(found)):
        raise FilterIsInvalid(f"a geometry is not sound: {shapely.is_valid_reason(found)}")
    return shapely.force_2d(found)


def stored_wkb(geometry: BaseGeometry) -> bytes:
    """A geometry of EPSG:4490 as the database takes it."""
    return shapely.to_wkb(shapely.set_srid(geometry, STORED), include_srid=True)


def _drawn(node: Any) -> BaseGeometry:
    if not isinstance(node, Mapping):
        raise ValueError("it must be a geometry")
    if "bbox" in node:
        numbers = [float(each) for each in node["bbox"]]
        if len(numbers) != FLAT_BOX:
            numbers = [*numbers[:2], *numbers[3:5]] if len(numbers) == FLAT_BOX + 2 else []
        west, south, east, north = numbers
        if not (west <= east and south <= north):
            raise ValueError("a box ends before it begins")
        return box(west, south, east, north)
    return shape(dict(node))


def _day_after(day: date | None) -> date | None:
    """None: there is none, as of the last day of the calendar (9999-12-31, often said for ever)."""
    return None if day is None or day == date.max else day + timedelta(days=1)


def _bound(text: Any) -> date | None:
    if isinstance(text, Mapping):
        text = next(iter(text.values()), None)
    return None if text == OPEN else day_of(text)


def _identity(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise FilterIsInvalid(f"{text!r} is no id") from error
