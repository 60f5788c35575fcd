"""The announcement (公告) of a restructuring, with every field the rules demand, or not at all.

Sources: 地名备案公告管理办法(试行) (P06: standard name, romanisation, division it belongs to,
position, approving authority, approval date); 行政区划管理条例 (Order 704) arts 16–18 (V07, V08).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection

from registry.restructuring.cases import draw_filed
from registry.restructuring.decrees import read_decree
from registry.restructuring.errors import AnnouncementIsIncomplete
from registry.restructuring.ledger import Census, code_on
from registry.restructuring.legal_terms import Act
from registry.restructuring.legal_texts import clauses_of, position_of
from registry.restructuring.model import Restructuring, State
from registry.restructuring.paper import DecreePaper, Precision
from registry.restructuring.plan import Plan
from registry.restructuring.store import RestructuringStore

DECIDED = (State.APPROVED, State.SCHEDULED, State.HELD, State.COMMITTED)


@dataclass(frozen=True, slots=True)
class AnnouncedUnit:
    """A division that is set up, with the six fields and its code."""

    name: str
    romanisation: str
    belongs_to: str
    position: str
    code: str
    former: tuple[str, ...]
    """What it was before, in law another unit: name and code."""


@dataclass(frozen=True, slots=True)
class RetiredUnit:
    """A division that is abolished; its code is not used again."""

    name: str
    code: str | None


@dataclass(frozen=True, slots=True)
class Announcement:
    """Everything the public is told."""

    title: str
    restructuring_id: UUID
    approving_authority: str
    decree_number: str
    approved_on: date
    effective_on: date
    announced_on: date
    clauses: tuple[str, ...]
    units: tuple[AnnouncedUnit, ...]
    retired: tuple[RetiredUnit, ...]


def announce(
    connection: Connection, restructuring_id: UUID, *, announced_on: date | None, today: date
) -> Announcement:
    """The announcement of an approved restructuring.

    Args:
        announced_on: when it was published, where that is known; else it is dated today.

    Raises:
        AnnouncementIsIncomplete: a field the rules demand is missing; all missing ones are listed.
    """
    filed = RestructuringStore(connection).get(restructuring_id)
    known = None if filed.change_number is None else filed.change_number - 1
    plan, _ledger = draw_filed(connection, filed, known)
    decree = read_decree(filed)
    missing = [*_missing_of_act(filed, decree, plan), *_missing_of_units(plan)]
    if missing or decree is None or decree.number is None or decree.approved_on is None:
        raise AnnouncementIsIncomplete(missing)
    return Announcement(
        title=f"关于{filed.title}的公告",
        restructuring_id=restructuring_id,
        approving_authority=decree.authority,
        decree_number=decree.number,
        approved_on=decree.approved_on,
        effective_on=filed.effective_on,
        announced_on=announced_on or decree.announced_on or today,
        clauses=tuple(one.text for one in clauses_of(plan)),
        units=tuple(_unit(plan, unit) for unit in _units_of(plan, Act.ESTABLISH)),
        retired=tuple(
            RetiredUnit(plan.before.name(unit), _code(plan, unit, plan.before))
            for unit in _units_of(plan, Act.ABOLISH)
        ),
    )


def as_text(one: Announcement) -> str:
    """The announcement as plain text, ready to be posted."""
    lines = [
        one.title,
        "",
        f"    根据{one.approving_authority}《{one.decree_number}》（{chinese_day(one.approved_on)}批准），现将有关事项公告如下：",
        "",
        *(f"    {number}、{clause}" for number, clause in enumerate(one.clauses, start=1)),
        "",
        f"    以上调整自{chinese_day(one.effective_on)}起生效。",
    ]
    for unit in one.units:
        lines += [
            "",
            f"    标准地名：{unit.name}",
            f"    罗马字母拼写：{unit.romanisation}",
            f"    所属政区：{unit.belongs_to}",
            f"    位置描述：{unit.position}",
            f"    区划代码：{unit.code}",
            f"    批准机关：{one.approving_authority}",
            f"    批准时间：{chinese_day(one.approved_on)}",
        ]
        if unit.former:
            lines.append(f"    原名：{'、'.join(unit.former)}")
    retired = "、".join(f"{unit.name}（{unit.code}）" for unit in one.retired if unit.code)
    if retired:
        lines += ["", f"    下列代码停止使用，不再赋予其他单位：{retired}。"]
    return "\n".join([*lines, "", f"    {chinese_day(one.announced_on)}", ""])


def chinese_day(day: date) -> str:
    """2021年1月6日."""
    return f"{day.year}年{day.month}月{day.day}日"


def _missing_of_act(filed: Restructuring, decree: DecreePaper | None, plan: Plan) -> Iterator[str]:
    if filed.state not in DECIDED:
        yield f"批准 approval (state: {filed.state.value})"
    if decree is None:
        yield "批复 decree"
        return
    for name, word in (("number", "批复文号"), ("approved_on", "批准时间")):
        if getattr(decree, name) is None:
            yield f"{word} decree.{name}"
    if plan.paper.effective_precision is not Precision.DAY:
        yield "生效日期 effective_on, to the day"


def _units_of(plan: Plan, act: Act) -> list[UUID]:
    """Units that the law sets up or abolishes: a conversion does both to one."""
    return [one.divisions[0] for one in clauses_of(plan) if one.act is act]


def _missing_of_units(plan: Plan) -> Iterator[str]:
    for unit in _units_of(plan, Act.ESTABLISH):
        name = plan.after.name(unit)
        if not plan.after.units[unit].value("romanisation"):
            yield f"罗马字母拼写 romanisation: {name}"
        if plan.after.parent(unit) is None:
            yield f"所属政区 parent: {name}"
        if _position(plan, unit) is None:
            yield f"位置描述 position: {name}"
        if _code(plan, unit, plan.after) is None:
            yield f"区划代码 code: {name}"


def _unit(plan: Plan, unit: UUID) -> AnnouncedUnit:
    before = plan.before
    former: tuple[str, ...] = ()
    if unit in before.units:
        code = _code(plan, unit, before)
        former = (before.name(unit) + (f"（{code}）" if code else ""),)
    return AnnouncedUnit(
        name=plan.after.name(unit),
        romanisation=str(plan.after.units[unit].value("romanisation")),
        belongs_to=_above(plan.after, unit),
        position=_position(plan, unit) or "",
        code=_code(plan, unit, plan.after) or "",
        former=former,
    )


def _above(census: Census, unit: UUID) -> str:
    names = [census.name(one) for one in census.ancestors(unit)]
    return "".join(reversed(names[1:]))


def _position(plan: Plan, unit: UUID) -> str | None:
    """Where it lies, in words: what it belongs to, and what it governs or where its land is."""
    above, where = _above(plan.after, unit), position_of(plan, plan.after, unit)
    return f"位于{above}，{where}" if above and where else None


def _code(plan: Plan, unit: UUID, census: Census) -> str | None:
    codes = plan.codes_before if census is plan.before else plan.codes_after
    return code_on(codes, unit, plan.paper.code_scheme, plan.paper.effective_on)
