"""What a collection's features are made of: joined tables, properties, geometry, version stamps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, FromClause, func

from registry.changes.period import AsOf
from registry.features.model import Property, PropertyKind

Columns = Mapping[str, ColumnElement[Any]]
Meets = Callable[[ColumnElement[Any]], ColumnElement[bool]]
"""A condition on a geometry."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A collection's tables, joined for one point of both clocks."""

    tables: FromClause
    columns: Columns
    """The properties, by name."""
    geometry: ColumnElement[Any]
    """EPSG:4490, longitude first; may be null."""
    stamp: tuple[ColumnElement[Any], ...]
    """The version ids a feature is made of."""
    within: Callable[[Meets], ColumnElement[bool]]
    """What picks features by a condition on their geometry, found by an index."""
    only: tuple[ColumnElement[bool], ...] = ()
    """Rows that are features at all."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the features of one collection come from."""

    main: FromClause
    """The version table whose rows say when a feature is what it is."""
    keys: tuple[ColumnElement[Any], ...]
    """The feature's id, and the order of pages."""
    properties: tuple[Property, ...]
    joined: Callable[[FromClause, AsOf], Joined]
    """Joins to rows of the main table what features are made of."""
    lean: Callable[[], FromClause] | None
    """The fewest tables that hold the id and `only`; None: all are needed to tell features."""
    lean_properties: frozenset[str]
    """Properties those few tables hold."""
    placed_by: Column[Any]
    """The stored geometry that says how far the collection reaches."""
    only: tuple[ColumnElement[bool], ...] = ()
    """Rows of the tables that belong to it."""
    lean_region: bool = False
    """Whether `Joined.within` needs no more than the few tables."""
    walked: Column[Any] | None = None
    """Identities to go through in the order of ids, where features are made of several rows of the main
    table and all would have to be made to sort them."""

    def property(self, name: str) -> Property | None:
        """One of its properties."""
        return next((one for one in self.properties if one.name == name), None)


VALID = (
    Property(
        "valid_from",
        PropertyKind.DAY,
        "生效日期",
        "First day it holds; null: since before the sources",
    ),
    Property(
        "valid_to",
        PropertyKind.DAY,
        "失效日期",
        "First day it holds no more; null: until further notice",
    ),
)


def valid_days(main: FromClause) -> dict[str, ColumnElement[Any]]:
    """The columns of `VALID`."""
    return {"valid_from": func.lower(main.c.valid), "valid_to": func.upper(main.c.valid)}


def named(
    name: str, zh: str, en: str, kind: PropertyKind = PropertyKind.TEXT, **more: Any
) -> Property:
    """A property and what it is called."""
    return Property(name, kind, zh, en, **more)
