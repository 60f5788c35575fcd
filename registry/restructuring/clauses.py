"""What a plan does, in the words of the law: clauses for decrees and announcements, in Chinese.

One identity lives through a conversion, but the law knows only 撤销 and 设立 for it (行政区划管理条例
art 2; `docs/restructuring.md`), so that is how it is written.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from registry.divisions.model import DivisionKind
from registry.restructuring.ledger import Census
from registry.restructuring.plan import Plan

VILLAGE_LEVEL = 5


def clauses_of(plan: Plan) -> tuple[str, ...]:
    """The act, clause by clause: what ends and begins, what is renamed, who belongs where."""
    return (
        *_conversions(plan),
        *_ended(plan),
        *_begun(plan),
        *_renamed(plan),
        *_transfers(plan),
        *_reparented(plan),
    )


def converted(plan: Plan) -> list[UUID]:
    """Units that go on under another kind: in law one ends and another begins."""
    return _ordered(
        plan.after,
        (unit for unit in _goes_on(plan) if _kind(plan.before, unit) != _kind(plan.after, unit)),
    )


def begun(plan: Plan) -> list[UUID]:
    """Units that begin."""
    return _ordered(plan.after, set(plan.after.units) - set(plan.before.units))


def ended(plan: Plan) -> list[UUID]:
    """Units that end."""
    return _ordered(plan.before, set(plan.before.units) - set(plan.after.units))


def members_text(census: Census, unit: UUID) -> str | None:
    """Its members by name; None: it has none."""
    names = sorted(census.name(one) for one in census.members().get(unit, []))
    return f"{'、'.join(names)}共{len(names)}个村（居）委会" if names else None


def _conversions(plan: Plan) -> Iterator[str]:
    before, after = plan.before.members(), plan.after.members()
    for unit in converted(plan):
        old, new = plan.before.name(unit), plan.after.name(unit)
        line = f"撤销{old}，设立{new}"
        if set(before.get(unit, [])) == set(after.get(unit, [])):
            yield f"{line}，以原{old}的行政区域为{new}的{_range(plan, unit)}。"
        else:
            yield f"{line}，{_governs(plan, unit)}。"


def _ended(plan: Plan) -> Iterator[str]:
    heirs: dict[UUID, list[str]] = {}
    for edge in plan.edges:
        if edge.predecessor_id is not None and edge.successor_id is not None:
            heirs.setdefault(edge.predecessor_id, []).append(plan.after.name(edge.successor_id))
    for unit in ended(plan):
        names = "、".join(sorted(heirs.get(unit, [])))
        to = f"，其所辖区域划归{names}" if names else ""
        yield f"撤销{plan.before.name(unit)}{to}。"


def _begun(plan: Plan) -> Iterator[str]:
    for unit in begun(plan):
        yield f"设立{plan.after.name(unit)}，{_governs(plan, unit)}。"


def _renamed(plan: Plan) -> Iterator[str]:
    same = set(_goes_on(plan)) - set(converted(plan))
    for unit in _ordered(plan.after, same):
        if plan.before.name(unit) != plan.after.name(unit):
            yield f"{plan.before.name(unit)}更名为{plan.after.name(unit)}。"


def _transfers(plan: Plan) -> Iterator[str]:
    told = {*converted(plan), *begun(plan)}
    moves: dict[tuple[str, str], list[str]] = {}
    for unit in _goes_on(plan):
        old, new = plan.before.parent(unit), plan.after.parent(unit)
        village = DivisionKind(_kind(plan.after, unit)).level == VILLAGE_LEVEL
        if village and old is not None and new is not None and old != new and new not in told:
            place = (plan.before.name(old), plan.after.name(new))
            moves.setdefault(place, []).append(plan.after.name(unit))
    for (old_name, new_name), names in sorted(moves.items()):
        yield f"将原{old_name}的{'、'.join(sorted(names))}划归{new_name}管辖。"


def _reparented(plan: Plan) -> Iterator[str]:
    for unit in _ordered(plan.after, _goes_on(plan)):
        old, new = plan.before.parent(unit), plan.after.parent(unit)
        village = DivisionKind(_kind(plan.after, unit)).level == VILLAGE_LEVEL
        if not village and old != new and new is not None:
            yield f"{plan.after.name(unit)}改由{plan.after.name(new)}管辖。"


def _governs(plan: Plan, unit: UUID) -> str:
    members = members_text(plan.after, unit)
    if members is not None:
        return f"管辖{members}"
    parent = plan.after.parent(unit)
    return "无下辖单位" if parent is None else f"隶属{plan.after.name(parent)}"


def _range(plan: Plan, unit: UUID) -> str:
    # A subdistrict is a branch office: it has a range of jurisdiction, no territory of its own.
    subdistrict = _kind(plan.after, unit) == DivisionKind.SUBDISTRICT.value
    return "管辖范围" if subdistrict else "行政区域"


def _goes_on(plan: Plan) -> set[UUID]:
    return set(plan.before.units) & set(plan.after.units)


def _kind(census: Census, unit: UUID) -> str:
    return str(census.units[unit].value("kind"))


def _ordered(census: Census, units: Iterator[UUID] | set[UUID] | Sequence[UUID]) -> list[UUID]:
    return sorted(units, key=lambda unit: (census.level(unit), census.name(unit), unit.bytes))
