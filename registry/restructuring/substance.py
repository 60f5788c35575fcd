"""The substance of a plan: what an approver agrees to, effect by effect.

Two plans whose substance is equal do the same to the same units, whatever else went on around
them. It holds, of every fact the plan writes, the values that identify its object and those the
plan changes, before and after. It leaves out what everyday edits move and nobody approves: the
shares of a succession (they are recomputed at the commit), which doors an ended village has by then
(its successor, who takes them over, is in the succession), and columns the plan only carries along.

A territory that follows members is held as the ground that leaves it and the ground that comes: two
plans that take different villages from one town do not move each other.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from registry.changes.timeline import Timeline, Version, at, difference
from registry.divisions.tables import territory_version
from registry.restructuring.plan import Effect, Plan
from registry.restructuring.territories import CAUSE, HAIR_DEG2

NAMED = frozenset({"kind", "name", "parent_id", "code", "text", "division_id"})
"""Values by which people know the object; they are part of what was approved."""
FIGURES = frozenset({"share_members", "share_area", "share_addresses", "area_m2"})

SAME_DEG = 1e-9
"""A tenth of a millimetre: what two computations of one corner may differ by."""

Item = dict[str, Any]
Substance = dict[str, Item]
"""By `table:key`; every value is ready for JSON."""


def substance_of(plan: Plan) -> Substance:
    """Everything an approval of the plan covers."""
    return {f"{effect.table.name}:{effect.key}": _item(effect) for effect in plan.effects}


def digest_of(substance: Substance) -> str:
    """SHA-256 of a substance."""
    text = json.dumps(substance, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def differing(approved: Substance, now: Substance) -> list[str]:
    """Keys of the effects that are not what they were."""
    return sorted(key for key in approved.keys() | now.keys() if approved.get(key) != now.get(key))


def overwritten(approved: Substance, now: Substance) -> list[str]:
    """Keys of effects on values that somebody else changed since: the two cannot both be meant."""
    return [
        key
        for key in sorted(approved.keys() & now.keys())
        if _replaced(approved[key]) != _replaced(now[key])
    ]


def _replaced(item: Item) -> list[Any]:
    # What the plan takes away: the old values of the columns it changes.
    return [
        {name: value for name, value in one["was"].items() if one["becomes"].get(name) != value}
        for one in item.get("written", [])
        if one["was"] is not None
    ]


def _item(effect: Effect) -> Item:
    item: Item = {"written": list(_written(effect))}
    end_before, end_after = _end(effect.before), _end(effect.after)
    if end_before != end_after:
        item["ends"] = end_after
    return item


def _written(effect: Effect) -> Iterator[Item]:
    _closed, new = difference(effect.before, effect.after)
    for version in new:
        if version.begun_by is not None:
            continue  # what was there before, cut short: its end says so
        was = None if version.valid.start is None else at(effect.before, version.valid.start)
        if was is not None and effect.table is territory_version and version.cause == CAUSE:
            values = _ground_moved(was, version)
        else:
            values = {
                "was": None if was is None else _values(was, version),
                "becomes": _values(version, was),
            }
        yield {
            "valid": [_text(version.valid.start), _text(version.valid.end)],
            "cause": version.cause,
            **values,
        }


def _ground_moved(was: Version, version: Version) -> Item:
    """What a territory that follows its members loses and wins, whatever else it holds by then."""
    before, after = was.value("territory"), version.value("territory")
    return {
        "was": {},
        "becomes": {
            "basis": version.value("basis"),
            "lost": _ground(before.difference(after)),
            "won": _ground(after.difference(before)),
        },
    }


def _ground(found: BaseGeometry) -> str:
    """SHA-256 of a piece of ground, the same for any two ways of working the piece out."""
    parts = [one for one in shapely.get_parts(found) if one.area > HAIR_DEG2]
    plain = shapely.union_all(parts).normalize().simplify(SAME_DEG)
    rounded = shapely.set_precision(plain, SAME_DEG, mode="pointwise").normalize()
    return hashlib.sha256(rounded.wkb).hexdigest()


def _values(version: Version, other: Version | None) -> Mapping[str, Any]:
    return {
        name: _text(value)
        for name, value in sorted(version.values.items())
        if name not in FIGURES
        and (name in NAMED or other is None or _text(other.values.get(name)) != _text(value))
    }


def _end(timeline: Timeline) -> Any:
    return _text(timeline[-1].valid.end) if timeline else None


def _text(value: object) -> object:
    if isinstance(value, BaseGeometry):
        return hashlib.sha256(value.wkb).hexdigest()
    return value if value is None or isinstance(value, int | float | str) else str(value)
