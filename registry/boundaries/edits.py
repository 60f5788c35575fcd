"""Edits of features besides territories that a boundary update may hold (要素编辑). Values, no I/O.

A line's attributes, a marker, the extent of a named place, the position of a door: each waits in a
draft as a territory does, and is written by the verb the registry has for it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from shapely.geometry.base import BaseGeometry

from registry.boundaries.errors import UpdateChangesNothing

LINES, MARKERS = "boundary-lines", "boundary-markers"
NAMES, THOROUGHFARES, ADDRESSES = "place-names", "thoroughfares", "addresses"
GEOMETRY = "geometry"
POINTS = ("Point",)
COURSES = ("LineString", "MultiLineString", "Polygon", "MultiPolygon")
SHAPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        LINES: ("LineString", "MultiLineString"),
        MARKERS: POINTS,
        NAMES: ("Point", "MultiPoint", *COURSES),
        THOROUGHFARES: COURSES,
        ADDRESSES: POINTS,
    }
)
"""Kinds of geometry a feature of each collection can have."""


class Action(StrEnum):
    """What an edit does to a feature."""

    BEGIN = "begin"
    ALTER = "alter"
    END = "end"


@dataclass(frozen=True, slots=True)
class FeatureEdit:
    """One feature as an update would have it."""

    collection: str
    feature_id: str
    """As the OGC API names it."""
    subject: UUID
    """The fact it rewrites: two names of one place have one extent."""
    action: Action
    geometry: BaseGeometry | None
    """EPSG:4490; None: it stays as it is."""
    said: Mapping[str, Any]
    """What is said otherwise, by column; JSON values."""
    based_on: int
    """The change whose state was edited."""

    def after(
        self, earlier: "FeatureEdit | None", as_it_is: Collection[str] = ()
    ) -> "FeatureEdit | None":
        """Together with what the same draft says of the feature already; None: nothing is left.

        Args:
            as_it_is: what is to be as the registry has it, by column; `GEOMETRY` for where it lies.

        Raises:
            UpdateChangesNothing: the draft ends it already.
        """
        if earlier is None:
            return self
        if earlier.action is Action.BEGIN and self.action is Action.END:
            return None
        if earlier.action is Action.END and self.action is Action.END:
            raise UpdateChangesNothing
        based_on = min(self.based_on, earlier.based_on)
        if self.action is not Action.ALTER:
            return replace(self, based_on=based_on)
        together = replace(self._over(earlier, as_it_is), based_on=based_on)
        return None if as_it_is and together.says_nothing() else together

    def says_nothing(self) -> bool:
        """Whether it alters a feature in nothing."""
        return self.action is Action.ALTER and self.geometry is None and not self.said

    def _over(self, earlier: "FeatureEdit", as_it_is: Collection[str]) -> "FeatureEdit":
        if earlier.action is Action.END:
            return self
        if earlier.action is Action.BEGIN and self.collection == MARKERS:
            # It is only in the draft: what is as it is, is as the draft has it.
            as_it_is = ()
        held = None if GEOMETRY in as_it_is else earlier.geometry
        kept = {name: value for name, value in earlier.said.items() if name not in as_it_is}
        return replace(
            self,
            action=earlier.action,
            geometry=held if self.geometry is None else self.geometry,
            said={**kept, **self.said},
        )


@dataclass(frozen=True, slots=True)
class Side:
    """A feature on one side of an edit: as it is, or as it would be."""

    geometry: BaseGeometry | None
    attributes: Mapping[str, Any]

    def altered_by(self, edit: FeatureEdit) -> tuple[str, ...]:
        """What an edit says otherwise than it is here, by name; `geometry` for where it lies."""
        names = [name for name, value in edit.said.items() if _plain(self, name) != value]
        if edit.geometry is not None and not _same(edit.geometry, self.geometry):
            names.append(GEOMETRY)
        return tuple(sorted(names))


def _plain(side: Side, name: str) -> Any:
    value = side.attributes.get(name)
    return value.isoformat() if isinstance(value, date) else value


def _same(one: BaseGeometry, other: BaseGeometry | None) -> bool:
    return other is not None and bool(one.normalize().equals_exact(other.normalize(), 1e-12))
