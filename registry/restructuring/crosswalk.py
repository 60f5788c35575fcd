"""The crosswalk (新旧对照) of one restructuring: what it did, or what it would do now."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Connection

from registry.changes.amendments import AmendmentStore
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
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
from registry.restructuring.model import Restructuring
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
    annulled_by: int | None = None
    """The change that took it back: it does nothing."""
    corrections: tuple[int, ...] = ()
    """The changes that put it right and stand, in order."""


def crosswalk_of(
    connection: Connection, restructuring_id: UUID, known: int | None = None
) -> RestructuringCrosswalk:
    """What a filed restructuring did, or would do now; divisions it leaves alone are left out.

    A committed one is read on its day, as known before its change and after it: other acts of
    the same day are not mixed in. A corrected one is read as its last correction left it, on the
    day that gave it; an annulled one has no rows.

    Args:
        known: with the amendments known after that change; None: with all there are.

    Raises:
        RestructuringIsUnknown: none has that id.
        RegistryError: the plan cannot be drawn up any more; the class says why.
    """
    store = RestructuringStore(connection)
    filed = store.get(restructuring_id)
    if filed.change_number is not None:
        head = ChangeStore(connection).head() if known is None else known
        return _final(connection, filed, filed.change_number, max(head, filed.change_number))
    plan, ledger = draw_filed(connection, filed)
    here = AsOf(filed.effective_on, ledger.head)
    rows = _draft(connection, plan, ledger)
    return RestructuringCrosswalk(here, here, rows, final=False, digest=plan.digest)


def _final(
    connection: Connection, filed: Restructuring, number: int, known: int
) -> RestructuringCrosswalk:
    amendments = AmendmentStore(connection)
    annulled_by = amendments.annulled_by(number, known)
    corrections = amendments.corrections_of(number, known)
    on = ChangeStore(connection).many([number], known)[number].effective_on or filed.effective_on
    if annulled_by is not None:
        here, rows = AsOf(on, annulled_by), list[CrosswalkRow]()
        start = here
    elif corrections:
        # The registry believes it of every day by now: what changes is the day.
        start, here = AsOf(on - timedelta(days=1), corrections[-1]), AsOf(on, corrections[-1])
        rows = crosswalk(connection, start=start, end=here, only={number, *corrections})
    else:
        start, here = AsOf(on, number - 1), AsOf(on, number)
        rows = touched(crosswalk(connection, start=start, end=here))
    return RestructuringCrosswalk(
        start,
        here,
        rows,
        final=True,
        digest=filed.effects_digest,
        annulled_by=annulled_by,
        corrections=corrections,
    )


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
