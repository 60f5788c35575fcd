"""What a map program asks of a collection, and what its rows carry. Values only, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

MOST_FEATURES = 1000
"""The longest page; a request for more gets this many."""


class PropertyKind(StrEnum):
    """What a property holds."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    DAY = "day"
    IDENTITY = "identity"
    """An id of the registry (UUID)."""
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Property:
    """One property of the features of a collection."""

    name: str
    kind: PropertyKind
    title_zh: str
    title_en: str
    queryable: bool = True
    """Whether features can be picked by it; what is composed after the query cannot."""
    values: tuple[str, ...] = ()
    """The values there are, where they are few."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days from the first to the last, both included; None: open."""

    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Shape:
    """What a statement looks like; requests of one shape share its plan.

    Values are given when it is run: `on known`, and `key_N region first last` and `is_NAME` for each
    of `equals` where they apply.
    """

    collection: str
    one: bool = False
    """A single feature by its id."""
    after: bool = False
    """Only features whose id comes after one."""
    region: bool = False
    """Only features whose geometry meets a region."""
    wide: bool = False
    """The region holds so much that passing over what lies outside is quicker than sorting."""
    few: bool = False
    """The region holds so little that any way in will do: the statement need not be planned for it."""
    span: bool = False
    """Features of any day of a span, each as it was last in it; else of one day."""
    equals: tuple[str, ...] = ()
    """Properties that must have a value."""
    srid: int = 4490
    flipped: bool = False
    """Latitude or northing first."""
    digits: int = 9
    """Decimals of coordinates."""
    limit: int = 2
    """Rows read. A plan is made for it, so it is one of few: see `rows_to_read`."""


STEPS = (2, 11, 21, 51, 101, 201, 501, MOST_FEATURES + 1)


def rows_to_read(limit: int) -> int:
    """How many rows to read for a page and the one after it."""
    return next(step for step in STEPS if step > limit)


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: its id, the stamp of what it is made of, its GeoJSON geometry, its properties."""

    feature_id: str
    stamp: str
    """Changes whenever any of the versions shown does."""
    geometry: str | None
    """GeoJSON text in the coordinate system asked for."""
    properties: Mapping[str, object] = field(default_factory=dict)
