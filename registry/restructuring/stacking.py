"""A ledger as it would be once an earlier act of the same case has been carried out."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
from sqlalchemy import Table

from registry.changes.timeline import Timeline, Version, at
from registry.divisions.model import code_slot_id
from registry.divisions.tables import division_code_version, division_version, territory_version
from registry.names.tables import place_name_version
from registry.restructuring.door_book import DoorMove
from registry.restructuring.doors import Doors
from registry.restructuring.ledger import AddressCount, Ledger, Place
from registry.restructuring.paper import Paper
from registry.restructuring.plan import Plan
from registry.restructuring.wording import ways_of

NOT_YET_WRITTEN = -1
"""Stands for the number of a change that has not been made."""


def joint_paper(earlier: Paper, later: Paper) -> Paper:
    """A paper that names whatever either of two acts names, to load one ledger for both."""
    joint: Paper = msgspec.structs.replace(
        later, operations=(*earlier.operations, *later.operations)
    )
    return joint


def on_top(ledger: Ledger, plan: Plan) -> Ledger:
    """The ledger after a plan drawn on it."""
    scheme = plan.paper.code_scheme
    owners = {
        str(version.value("code")): version.value("division_id")
        for effect in plan.effects
        if effect.table is division_code_version
        for version in effect.after
        if effect.key == code_slot_id(version.value("division_id"), scheme)
    }
    return replace(
        ledger,
        layers={**ledger.layers, **plan.established},
        divisions=_after(plan, division_version, ledger.divisions),
        codes=_after(plan, division_code_version, ledger.codes),
        territories=_after(plan, territory_version, ledger.territories),
        code_owners={**ledger.code_owners, **owners},
        address_counts=_counted(ledger, plan),
        places=_places(ledger, plan),
        used_codes=ledger.used_codes | frozenset(owners),
        reserved={code: unit for code, unit in ledger.reserved.items() if code not in owners},
        doors=_doors(ledger, plan),
        rehomed={
            **{filed: plan.rehomed.get(now, now) for filed, now in ledger.rehomed.items()},
            **plan.rehomed,
        },
        door_moves=tuple(_door_moves(ledger, plan)),
        renamed={
            **ledger.renamed,
            **{place: name for place, (_name_id, name) in _renamed(plan).items()},
        },
    )


def _after(plan: Plan, table: Table, before: Mapping[UUID, Timeline]) -> dict[UUID, Timeline]:
    ids = count(-1, -1)
    return {
        **before,
        **{
            effect.key: tuple(_as_written(version, ids) for version in effect.after)
            for effect in plan.effects
            if effect.table is table
        },
    }


def _as_written(version: Version, ids: Any) -> Version:
    if version.version_id is not None:
        return version
    return replace(
        version,
        version_id=next(ids),
        begun_by=NOT_YET_WRITTEN if version.begun_by is None else version.begun_by,
    )


def _places(ledger: Ledger, plan: Plan) -> dict[UUID, Place]:
    """Streets and areas as they are called, and where they lie, after a plan."""
    found = {
        key: replace(place, where=frozenset(plan.rehomed.get(one, one) for one in place.where))
        for key, place in ledger.places.items()
    }
    for move in plan.door_moves:
        for key in move.carriers & found.keys():
            found[key] = replace(found[key], where=found[key].where | {move.to_division})
    for key, (name_id, name) in _renamed(plan).items():
        found[key] = replace(found[key], place_name_id=name_id, name=name)
    return found


def _renamed(plan: Plan) -> dict[UUID, tuple[UUID, Timeline]]:
    """Names a plan gives to streets and areas, or has written otherwise."""
    found: dict[UUID, tuple[UUID, Timeline]] = {}
    for name_id, name in _after(plan, place_name_version, {}).items():
        current = at(name, plan.paper.effective_on)
        if current is not None and current.value("status") == "standard":
            found[current.value("named_place_id")] = name_id, name
    return found


def _doors(ledger: Ledger, plan: Plan) -> dict[UUID, Doors]:
    """Doors by the unit they belong to after a plan, in the order of their codes."""
    goes = {
        (one, move.from_division): move.to_division
        for move in plan.door_moves
        for one in move.address_ids
    }
    parts: dict[UUID, list[Doors]] = {}
    for unit, doors in ledger.doors.items():
        home = plan.rehomed.get(unit, unit)
        targets: dict[UUID, list[int]] = {home: []}
        for row, one in enumerate(doors.ids):
            targets.setdefault(goes.get((one, unit), home), []).append(row)
        for target, rows in targets.items():
            parts.setdefault(target, []).append(doors.take(np.array(rows, dtype=np.intp)))
    return {unit: Doors.together(found) for unit, found in parts.items()}


def _door_moves(ledger: Ledger, plan: Plan) -> Iterator[DoorMove]:
    """All addresses that acts not carried out yet move one by one, from where they are filed."""
    # Those of a unit that ends count among them where they are known, so that a later act may
    # divide the unit that has them then.
    whole = [
        DoorMove(unit, heir, doors.ids, _carriers(doors))
        for unit, heir in plan.rehomed.items()
        if (doors := ledger.doors.get(unit)) is not None and doors.ids
    ]
    ways = ways_of(ledger.door_moves, (*whole, *plan.door_moves))
    carriers = {
        one: move.carriers
        for move in (*ledger.door_moves, *whole, *plan.door_moves)
        for one in move.address_ids
    }
    groups: dict[tuple[UUID, UUID], list[UUID]] = {}
    for (one, filed), (_filed, _eve, later) in ways.items():
        groups.setdefault((filed, plan.rehomed.get(later, later)), []).append(one)
    for (filed, later), ids in groups.items():
        borne = frozenset[UUID]().union(*(carriers[one] for one in ids))
        yield DoorMove(filed, later, tuple(ids), borne)


def _carriers(doors: Doors) -> frozenset[UUID]:
    return frozenset(one for one in doors.carriers if one is not None)


def _counted(ledger: Ledger, plan: Plan) -> dict[UUID, AddressCount]:
    found = dict(ledger.address_counts)

    def add(unit: UUID, total: int, bare: int) -> None:
        own = found.get(unit, AddressCount(0, 0))
        found[unit] = AddressCount(own.total + total, own.without_carrier + bare)

    for move in plan.door_moves:
        doors = ledger.doors.get(move.from_division, Doors.none())
        carriers = dict(zip(doors.ids, doors.carriers, strict=True))
        total = len(move.address_ids)
        bare = sum(carriers.get(one) is None for one in move.address_ids)
        add(move.from_division, -total, -bare)
        add(move.to_division, total, bare)
    for ended, heir in plan.rehomed.items():
        gone = found.pop(ended, AddressCount(0, 0))
        add(heir, gone.total, gone.without_carrier)
    return {unit: count for unit, count in found.items() if count.total}
