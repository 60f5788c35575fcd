"""What an act would have made of the registry with another paper: the target of a correction.

The corrected paper is drawn up on what was known before the act. Units the act set up keep their
identity, edges between the same two units stay the same edge.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from registry.addresses.rehoming import CAUSE as REHOME
from registry.addresses.tables import address_version
from registry.changes.period import Period
from registry.changes.rewriting import Targets
from registry.changes.rows import lines_of, timelines
from registry.changes.timeline import Timeline, Version, at, correct
from registry.divisions.model import code_slot_id
from registry.divisions.tables import (
    division,
    division_code_version,
    division_version,
    succession_version,
    territory_version,
)
from registry.lines.following import followed
from registry.lines.tables import boundary_line_version
from registry.restructuring.paper import Paper
from registry.restructuring.plan import Plan, draw_up
from registry.restructuring.store import RestructuringStore


@dataclass(frozen=True, slots=True)
class Redrawn:
    """The corrected act."""

    plan: Plan
    targets: Targets
    established: Mapping[UUID, str]
    """Units the act did not set up, but should have, with their layers."""


def redraw(connection: Connection, paper: Paper, number: int) -> Redrawn:
    """Draw a corrected paper up on what was known before change `number`.

    Raises:
        PlanBreaksRules: the corrected act would have broken invariants.
        RegistryError: a reference, code or timeline forbids an operation.
    """
    store = RestructuringStore(connection, number - 1)
    plan = draw_up(paper, store.ledger(paper))
    plan.refuse_if_broken()
    ids = _same_units(connection, plan, number)
    edges = _edges(connection, number)
    targets: dict[Any, dict[UUID, Timeline]] = {}
    for effect in plan.effects:
        after = tuple(_translated(version, ids) for version in effect.after)
        key = ids.get(effect.key, effect.key)
        if effect.table is division_code_version:
            key = code_slot_id(after[0].value("division_id"), after[0].value("scheme"))
        elif effect.table is succession_version:
            key = edges.get(_ends(after[0]), key)
        targets.setdefault(effect.table, {})[key] = after
    # What an act writes besides its effects; see `enactment.write`.
    for table, found in (
        (address_version, _rehomed(connection, plan, number, ids)),
        (boundary_line_version, _lines(connection, plan, number, ids)),
    ):
        targets.setdefault(table, {}).update(found)
    known = set(ids.values())
    fresh = {unit: layer for unit, layer in plan.established.items() if unit not in ids}
    return Redrawn(plan, targets, {u: layer for u, layer in fresh.items() if u not in known})


def _same_units(connection: Connection, plan: Plan, number: int) -> dict[UUID, UUID]:
    """New units of the corrected paper that the act set up already, by name."""
    rows = connection.execute(
        select(division.c.division_id, division_version.c.name)
        .join(division_version, division_version.c.division_id == division.c.division_id)
        .where(division.c.recorded_from == number, division_version.c.recorded_from == number)
        .order_by(division_version.c.version_id)
    )
    by_name: dict[str, UUID] = {name: unit for unit, name in rows}
    found: dict[UUID, UUID] = {}
    for unit in plan.established:
        same = by_name.get(plan.after.name(unit))
        if same is not None:
            found[unit] = same
    return found


def _edges(connection: Connection, number: int) -> dict[tuple[UUID | None, UUID | None], UUID]:
    edge = succession_version.c
    rows = connection.execute(
        select(edge.predecessor_id, edge.successor_id, edge.succession_id).where(
            edge.recorded_from == number
        )
    )
    return {(predecessor, successor): key for predecessor, successor, key in rows}


def _ends(edge: Version) -> tuple[UUID | None, UUID | None]:
    return edge.value("predecessor_id"), edge.value("successor_id")


def _translated(version: Version, ids: Mapping[UUID, UUID]) -> Version:
    values = {
        name: ids.get(value, value) if isinstance(value, UUID) else value
        for name, value in version.values.items()
    }
    return Version(version.valid, values, version.cause, version.begun_by, version.version_id)


def _rehomed(
    connection: Connection, plan: Plan, number: int, ids: Mapping[UUID, UUID]
) -> dict[UUID, Timeline]:
    """Addresses of ended units, and of parts that were moved, as those of who has them from the day
    of the act; see `rehome`."""
    found: dict[UUID, Timeline] = {}
    since = Period.since(plan.paper.effective_on)

    def give(source: UUID, target: UUID, held: Mapping[UUID, Timeline]) -> None:
        for key, timeline in held.items():
            after = found.get(key, timeline)
            for version in timeline:
                days = version.valid.intersection(since)
                if days is not None and version.value("division_id") == source:
                    after = correct(after, days, {"division_id": ids.get(target, target)}, REHOME)
            found[key] = after

    for ended, heir in plan.rehomed.items():
        held = address_version.c.division_id == ended
        give(ended, heir, timelines(connection, address_version, held, number - 1))
    for move in plan.door_moves:
        doors = lines_of(connection, address_version, move.address_ids, number - 1)
        give(move.from_division, move.to_division, doors)
    return found


def _lines(
    connection: Connection, plan: Plan, number: int, ids: Mapping[UUID, UUID]
) -> dict[UUID, Timeline]:
    """Boundary lines that follow the territories the act draws; see `follow`."""
    on = plan.paper.effective_on
    drawn = {
        ids.get(effect.key, effect.key): at(effect.after, on)
        for effect in plan.effects
        if effect.table is territory_version
    }
    now = {
        unit: None if version is None else version.value("territory")
        for unit, version in drawn.items()
    }
    found = followed(connection, now, number - 1, on=on, cause=plan.line_cause)
    return {key: after for key, (_before, after) in found.items()}
