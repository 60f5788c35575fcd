"""A plan in words and figures, for people to read before anything is written."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import RowMapping

from registry.addresses.text import AddressParts, Profile, compose
from registry.changes.timeline import Timeline
from registry.divisions.chain import Chain
from registry.restructuring.ledger import AddressCount, Census, code_on
from registry.restructuring.model import (
    AddressEffect,
    ChangedUnit,
    CodeChange,
    MovedUnit,
    Preview,
    SuccessionLine,
    TextChange,
    UnitLine,
)
from registry.restructuring.plan import Plan

SHOWN = ("kind", "name", "parent_id")
TOWNSHIP_AND_BELOW = (4, 5)


def describe(
    plan: Plan, *, counts: dict[UUID, AddressCount], samples: Sequence[RowMapping]
) -> Preview:
    """Put a plan into lists.

    Args:
        counts: addresses by the division they refer to, as the ledger has them.
        samples: address rows of `affected(plan)` divisions, see `RestructuringStore.samples`.
    """
    return Preview(
        title=plan.paper.title,
        effective_on=plan.paper.effective_on,
        effective_precision=plan.paper.effective_precision.value,
        drawn_at=plan.drawn_at,
        digest=plan.digest,
        ended=_lines(plan, set(plan.before.units) - set(plan.after.units), plan.before),
        begun=_lines(plan, set(plan.after.units) - set(plan.before.units), plan.after),
        changed=tuple(_changed(plan)),
        moved=tuple(_moved(plan)),
        codes=tuple(_codes(plan)),
        succession=tuple(_succession(plan)),
        addresses=_addresses(plan, counts, samples),
        rows_to_write=plan.rows_to_write(),
        warnings=plan.warnings,
        breaches=plan.breaches,
        findings=plan.findings,
        edge_doors=plan.edge_doors,
    )


def affected(plan: Plan) -> list[UUID]:
    """Divisions in force before whose addresses read differently afterwards."""
    return [
        unit
        for unit in sorted(plan.before.units, key=lambda one: one.bytes)
        if _names(plan.before.chain(unit)) != _names(_chain_after(plan, unit))
    ]


def _chain_after(plan: Plan, unit: UUID) -> Chain:
    return plan.after.chain(plan.rehomed.get(unit, unit))


def _names(chain: Chain) -> tuple[str, ...]:
    return tuple(link.name for link in chain)


def _upper_names(chain: Chain) -> tuple[str, ...]:
    return tuple(link.name for link in chain if link.level not in TOWNSHIP_AND_BELOW)


def _line(
    plan: Plan, unit: UUID, census: Census, codes: dict[UUID, Timeline], members: int
) -> UnitLine:
    parent = census.parent(unit)
    return UnitLine(
        division_id=unit,
        kind=str(census.units[unit].value("kind")),
        name=census.name(unit),
        code=code_on(codes, unit, plan.paper.code_scheme, census.on),
        parent=None if parent is None else census.name(parent),
        members=members,
    )


def _lines(plan: Plan, units: set[UUID], census: Census) -> tuple[UnitLine, ...]:
    codes = dict(plan.codes_before if census is plan.before else plan.codes_after)
    members = census.members()
    lines = [_line(plan, unit, census, codes, len(members.get(unit, []))) for unit in units]
    return tuple(sorted(lines, key=lambda line: (line.code or "", line.name)))


def _changed(plan: Plan) -> Iterator[ChangedUnit]:
    before_members, after_members = plan.before.members(), plan.after.members()
    found = []
    for unit in set(plan.before.units) & set(plan.after.units):
        old, new = plan.before.units[unit], plan.after.units[unit]
        if all(old.value(name) == new.value(name) for name in ("kind", "name")):
            continue
        found.append(
            ChangedUnit(
                _line(
                    plan,
                    unit,
                    plan.before,
                    dict(plan.codes_before),
                    len(before_members.get(unit, [])),
                ),
                _line(
                    plan,
                    unit,
                    plan.after,
                    dict(plan.codes_after),
                    len(after_members.get(unit, [])),
                ),
            )
        )
    yield from sorted(found, key=lambda line: (line.before.code or "", line.before.name))


def _moved(plan: Plan) -> Iterator[MovedUnit]:
    scheme, on = plan.paper.code_scheme, plan.paper.effective_on
    found = []
    for unit in set(plan.before.units) & set(plan.after.units):
        old, new = plan.before.parent(unit), plan.after.parent(unit)
        if old is None or new is None or old == new:
            continue
        found.append(
            MovedUnit(
                division_id=unit,
                name=plan.after.name(unit),
                from_name=plan.before.name(old),
                to_name=plan.after.name(new),
                code_before=code_on(plan.codes_before, unit, scheme, on),
                code_after=code_on(plan.codes_after, unit, scheme, on),
            )
        )
    yield from sorted(found, key=lambda line: (line.code_after or "", line.name))


def _codes(plan: Plan) -> Iterator[CodeChange]:
    scheme, on = plan.paper.code_scheme, plan.paper.effective_on
    found = []
    for unit in set(plan.before.units) | set(plan.after.units):
        old = code_on(plan.codes_before, unit, scheme, on) if unit in plan.before.units else None
        new = code_on(plan.codes_after, unit, scheme, on) if unit in plan.after.units else None
        if old != new:
            census = plan.after if unit in plan.after.units else plan.before
            found.append(CodeChange(unit, census.name(unit), old, new))
    yield from sorted(found, key=lambda line: (line.before or "~", line.after or "~"))


def _succession(plan: Plan) -> Iterator[SuccessionLine]:
    for edge in plan.edges:
        yield SuccessionLine(
            predecessor=None
            if edge.predecessor_id is None
            else _name_before(plan, edge.predecessor_id),
            successor=None if edge.successor_id is None else _name_after(plan, edge.successor_id),
            kind=edge.kind,
            share_members=edge.share_members,
            share_area=edge.share_area,
            share_addresses=edge.share_addresses,
            note=edge.note,
        )


def _name_before(plan: Plan, unit: UUID) -> str:
    return (plan.before if unit in plan.before.units else plan.after).name(unit)


def _name_after(plan: Plan, unit: UUID) -> str:
    return (plan.after if unit in plan.after.units else plan.before).name(unit)


def _addresses(
    plan: Plan, counts: dict[UUID, AddressCount], samples: Sequence[RowMapping]
) -> AddressEffect:
    full = legal = 0
    for unit in affected(plan):
        if unit not in counts:
            continue
        full += counts[unit].total
        upper = _upper_names(plan.before.chain(unit)) != _upper_names(_chain_after(plan, unit))
        legal += counts[unit].total if upper else counts[unit].without_carrier
    return AddressEffect(
        full_text_changes=full,
        legal_text_changes=legal,
        rehomed=sum(counts[unit].total for unit in plan.rehomed if unit in counts),
        samples=tuple(_sample(plan, row) for row in samples),
    )


def _sample(plan: Plan, row: RowMapping) -> TextChange:
    parts = AddressParts(
        number=row["number"],
        sub_number=row["sub_number"],
        building=row["building"],
        unit=row["unit"],
        floor=row["floor"],
        room=row["room"],
    )
    unit, carrier = row["division_id"], row["carrier_name"]
    return TextChange(
        code=row["code"],
        before=compose(parts, carrier, plan.before.chain(unit), Profile.FULL),
        after=compose(parts, carrier, _chain_after(plan, unit), Profile.FULL),
    )
