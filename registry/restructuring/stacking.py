"""A ledger as it would be once an earlier act of the same case has been carried out."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Table

from registry.changes.timeline import Timeline, Version
from registry.divisions.model import code_slot_id
from registry.divisions.tables import division_code_version, division_version, territory_version
from registry.restructuring.ledger import AddressCount, Ledger
from registry.restructuring.paper import Paper
from registry.restructuring.plan import Plan

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
    codes = _after(plan, division_code_version, ledger.codes)
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
        codes=codes,
        territories=_after(plan, territory_version, ledger.territories),
        code_owners={**ledger.code_owners, **owners},
        address_counts=_moved(ledger.address_counts, plan.rehomed),
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


def _moved(
    counts: Mapping[UUID, AddressCount], rehomed: Mapping[UUID, UUID]
) -> dict[UUID, AddressCount]:
    found = dict(counts)
    for ended, heir in rehomed.items():
        moved = found.pop(ended, AddressCount(0, 0))
        own = found.get(heir, AddressCount(0, 0))
        found[heir] = AddressCount(
            own.total + moved.total, own.without_carrier + moved.without_carrier
        )
    return found
