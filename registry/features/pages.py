"""From rows of the statement to features, and from an id to the parameters that find it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid

from registry.addresses.text import AddressParts, Profile, compose
from registry.changes.period import AsOf
from registry.divisions.chain import Chain
from registry.features.model import Feature, Shape, Span
from registry.features.sources import SOURCES
from registry.hot import Row

JOINT = "_"
"""Between the parts of an id that has several."""
INNER = ("building", "unit", "floor", "room")
Chains = Callable[[set[UUID], AsOf], Mapping[UUID, Chain]]


def feature_key(collection: str, feature_id: str) -> tuple[object, ...] | None:
    """The parts of an id, as the statement takes them; None: nothing can have such an id."""
    keys = SOURCES[collection].keys
    parts = feature_id.split(JOINT) if len(keys) > 1 else [feature_id]
    if len(parts) != len(keys) or "\x00" in feature_id:
        return None
    try:
        return tuple(
            UUID(part) if isinstance(key.type, Uuid) else part
            for key, part in zip(keys, parts, strict=True)
        )
    except ValueError:
        return None


def parameters(
    at: AsOf,
    *,
    key: Sequence[object] = (),
    region: bytes | None = None,
    span: Span | None = None,
    equals: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """What the statement of a shape is run with; parameters it does not have do no harm."""
    found: dict[str, object] = {
        "on": at.valid_on,
        "known": at.known,
        "region": region,
        "first": None if span is None else span.first,
        "last": None if span is None else span.last,
    }
    found |= {f"key_{place}": part for place, part in enumerate(key)}
    return found | {f"is_{name}": value for name, value in (equals or {}).items()}


def features_of(shape: Shape, rows: Sequence[Row], at: AsOf, chains: Chains) -> list[Feature]:
    """The features in rows, in their order.

    Args:
        chains: what lies above divisions at a point in time: addresses are composed with it.
    """
    source = SOURCES[shape.collection]
    width = len(source.keys)
    names = [one.name for one in source.properties if one.queryable]
    found = [_feature(row, names, width) for row in rows]
    if shape.collection != "addresses":
        return found
    days = [row[width + 1] for row in rows]
    above = {
        day: chains(
            {_division(one) for one, on in zip(found, days, strict=True) if on == day},
            AsOf(day, at.known),
        )
        for day in set(days)
    }
    return [_with_text(one, above[day]) for one, day in zip(found, days, strict=True)]


def divisions_shown(shape: Shape, rows: Sequence[Row]) -> set[UUID]:
    """The divisions whose chains `features_of` will ask for, when all rows show one day."""
    if shape.collection != "addresses":
        return set()
    source = SOURCES[shape.collection]
    names = [one.name for one in source.properties if one.queryable]
    place = len(source.keys) + 3 + names.index("division_id")
    return {row[place] for row in rows}


def _feature(row: Row, names: Sequence[str], width: int) -> Feature:
    feature_id = JOINT.join(map(str, row[:width]))
    stamp, _day, geometry = row[width : width + 3]
    return Feature(feature_id, stamp, geometry, dict(zip(names, row[width + 3 :], strict=True)))


def _division(one: Feature) -> UUID:
    division_id = one.properties["division_id"]
    assert isinstance(division_id, UUID)
    return division_id


def _with_text(one: Feature, chains: Mapping[UUID, Chain]) -> Feature:
    seen: dict[str, Any] = dict(one.properties)
    parts = AddressParts(seen["number"], seen["sub_number"], *(seen[name] for name in INNER))
    text = compose(
        parts,
        seen["carrier"],
        chains.get(seen["division_id"], ()),
        Profile.FULL,
    )
    # Divisions above it are no part of the row, and yet of what is shown.
    return Feature(one.feature_id, f"{one.stamp}/{text}", one.geometry, {"text": text, **seen})


def nearest_day(spans: Sequence[tuple[date | None, date | None]], on: date) -> date | None:
    """A day on which something was: its last before the day asked about, else its first."""
    ended = [end for _start, end in spans if end is not None and end <= on]
    if ended:
        return max(ended) - timedelta(days=1)
    starts = [start for start, _end in spans if start is not None]
    return min(starts, default=None)
