"""The crosswalk (新旧对照) of one restructuring: what it did, or what it would do now."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import Connection

from registry.changes.period import AsOf
from registry.changes.timeline import Timeline, Version, at
from registry.divisions.crosswalk import (
    Acts,
    CrosswalkRow,
    crosswalk,
    first_real_address,
    tabulate,
    touched,
)
from registry.divisions.lineage import Act, SuccessionEdge
from registry.divisions.model import STATUTORY, DivisionKind
from registry.divisions.population import People
from registry.divisions.sides import Sides
from registry.divisions.values import Division, DivisionStatus
from registry.restructuring.cases import draw_filed
from registry.restructuring.ledger import Census, Ledger
from registry.restructuring.plan import Plan
from registry.restructuring.store import RestructuringStore


@dataclass(frozen=True, slots=True)
class RestructuringCrosswalk:
    """The divisions one restructuring touches, before and after it."""

    start: AsOf
    end: AsOf
    rows: list[CrosswalkRow]
    final: bool
    """It has been committed; False: it is a plan, drawn up on what is known at `start`."""
    digest: str | None
    """SHA-256 of its effects."""


def crosswalk_of(connection: Connection, restructuring_id: UUID) -> RestructuringCrosswalk:
    """What a filed restructuring did, or would do now; divisions it leaves alone are left out.

    A committed one is read on its day, as known before its change and after it: other acts of
    the same day are not mixed in.

    Raises:
        RestructuringIsUnknown: none has that id.
        RegistryError: the plan cannot be drawn up any more; the class says why.
    """
    store = RestructuringStore(connection)
    filed = store.get(restructuring_id)
    if filed.change_number is not None:
        start = AsOf(filed.effective_on, filed.change_number - 1)
        end = AsOf(filed.effective_on, filed.change_number)
        rows = crosswalk(connection, start=start, end=end)
        return RestructuringCrosswalk(
            start, end, touched(rows), final=True, digest=filed.effects_digest
        )
    plan, ledger = draw_filed(connection, filed)
    here = AsOf(filed.effective_on, ledger.head)
    rows = _draft(connection, plan, ledger)
    return RestructuringCrosswalk(here, here, rows, final=False, digest=plan.digest)


def _draft(connection: Connection, plan: Plan, ledger: Ledger) -> list[CrosswalkRow]:
    number = ledger.head + 1
    on = plan.paper.effective_on
    basis = plan.paper.legal_basis()
    named = None if basis is None else basis.number or basis.authority
    sides = _sides(plan, ledger, number)
    acts = Acts(
        own=_own_acts(plan, (on, number)),
        decrees={} if named is None else {number: named},
        corrections=frozenset(),
        first_real_address=first_real_address(connection),
        people=People.read(connection, sides.old, AsOf(on, ledger.head)),
    )
    rows = tabulate(sides, _edges(plan, ledger, number), acts)
    # The number is not given yet: by then the registry may have moved on.
    return [replace(row, changes=()) for row in touched(rows)]


def _sides(plan: Plan, ledger: Ledger, number: int) -> Sides:
    layers = {**ledger.layers, **plan.established}
    return Sides(
        old=_side(plan.before, plan.codes_before, layers, number),
        new=_side(plan.after, plan.codes_after, layers, number),
    )


def _side(
    census: Census, codes: Mapping[UUID, Timeline], layers: Mapping[UUID, str], number: int
) -> dict[UUID, Division]:
    borne: dict[UUID, dict[str, str]] = {}
    for timeline in codes.values():
        version = at(timeline, census.on)
        if version is not None:
            schemes = borne.setdefault(version.value("division_id"), {})
            schemes[version.value("scheme")] = version.value("code")
    return {
        unit: _division(unit, version, borne.get(unit, {}), layers.get(unit, STATUTORY), number)
        for unit, version in census.units.items()
    }


def _division(
    unit: UUID, version: Version, codes: dict[str, str], layer: str, number: int
) -> Division:
    kind = DivisionKind(version.value("kind"))
    return Division(
        division_id=unit,
        layer=layer,
        status=DivisionStatus.IN_FORCE,
        kind=kind,
        level=kind.level,
        name=version.value("name"),
        published_name=version.value("published_name"),
        romanisation=version.value("romanisation"),
        parent_id=version.value("parent_id"),
        codes=codes,
        valid=version.valid,
        cause=version.cause,
        begun_by=number if version.begun_by is None else version.begun_by,
    )


def _own_acts(plan: Plan, act: Act) -> dict[UUID, list[Act]]:
    found: dict[UUID, list[Act]] = {}
    for effect in plan.effects:
        if effect.table.name == "division_version":
            found[effect.key] = [act]
        elif effect.table.name == "division_code_version":
            found[effect.after[-1].value("division_id")] = [act]
    return found


def _edges(plan: Plan, ledger: Ledger, number: int) -> list[SuccessionEdge]:
    on, members = plan.paper.effective_on, plan.before.members()
    return [
        SuccessionEdge(
            predecessor_id=edge.predecessor_id,
            successor_id=edge.successor_id,
            kind=edge.kind,
            on=on,
            change=number,
            share_members=edge.share_members,
            share_area=edge.share_area,
            share_addresses=edge.share_addresses,
            note=edge.note,
            basis_area=None
            if edge.share_area is None or edge.predecessor_id is None
            else _basis(ledger, members.get(edge.predecessor_id, []), on),
        )
        for edge in plan.edges
    ]


def _basis(ledger: Ledger, units: list[UUID], on: date) -> str | None:
    found = (at(ledger.territories.get(unit, ()), on) for unit in units)
    return ";".join(sorted({str(one.value("basis")) for one in found if one is not None})) or None
