"""What the law says of a plan (法定文本): decree drafts, code list, announcement, in Chinese.

One identity lives through a conversion, while the law abolishes one unit and establishes another:
撤镇设街 reads 撤销马巷镇，设立马巷街道 in every text made here. Pure: a plan in, texts out. What a
plan does not know is left open in 〔待填〕, never made up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from registry.changes.model import Verb
from registry.changes.timeline import at
from registry.divisions.model import LAYERS_OF_THE_STATE, STATUTORY, DivisionKind
from registry.restructuring.grammar import AdjustTerritory, SetSeat
from registry.restructuring.ledger import Census, code_on
from registry.restructuring.legal_terms import (
    PREDICATES,
    Act,
    Approver,
    Clause,
    approver_of,
    authority_name,
    extent_word,
    numeral,
)
from registry.restructuring.plan import Plan


class CodeFate(StrEnum):
    """What becomes of a code (Order 79 art 6)."""

    ABOLISHED = "abolished"
    ESTABLISHED = "established"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class LegalCode:
    """One line of the code list (代码变更表)."""

    fate: CodeFate
    code: str
    name: str
    division_id: UUID
    provisional: bool = False
    """Not to be printed or published yet."""


@dataclass(frozen=True, slots=True)
class DecreeDraft:
    """The draft of one authority's decree (批复); acts of two authorities make two decrees."""

    approver: Approver
    authority: str
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnnouncedName:
    """One name of the announcement (公告), with the six fields it must carry (P06)."""

    act: Act
    name: str
    romanisation: str | None
    belongs_to: str | None
    position: str | None
    authority: str
    approved_on: date | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LegalTexts:
    """Every legal output of a plan."""

    title: str
    effective_on: date
    drafts: tuple[DecreeDraft, ...]
    clauses: tuple[Clause, ...]
    codes: tuple[LegalCode, ...]
    announcement: tuple[AnnouncedName, ...]

    def text(self) -> str:
        """All of it as one text."""
        return "\n\n".join(_pages(self))


def legal_texts(plan: Plan) -> LegalTexts:
    """Turn a plan into what the law wants written; a correction has no decree and no clauses."""
    clauses = clauses_of(plan)
    return LegalTexts(
        title=plan.paper.title,
        effective_on=plan.paper.effective_on,
        drafts=tuple(_drafts(plan, clauses)),
        clauses=clauses,
        codes=tuple(_codes(plan)),
        announcement=tuple(_announced(plan, clauses)),
    )


def clauses_of(plan: Plan) -> tuple[Clause, ...]:
    """The act, sentence by sentence, as decrees and the announcement say it."""
    return () if plan.paper.verb is Verb.CORRECT else tuple(_clauses(plan))


def _clauses(plan: Plan) -> Iterator[Clause]:
    before, after = plan.before, plan.after
    for unit in _ordered(plan, set(before.units) | set(after.units)):
        if unit not in after.units:
            yield _abolished(plan, unit)
        elif unit not in before.units:
            yield _established(plan, unit)
        elif _is_converted(plan, unit):
            yield from _converted(plan, unit)
        elif before.name(unit) != after.name(unit):
            text = f"将{before.name(unit)}更名为{after.name(unit)}。"
            yield _clause(Act.RENAME, after, unit, text)
    yield from _moves(plan)
    yield from _parts(plan)
    yield from _lines_and_seats(plan)


def _is_converted(plan: Plan, unit: UUID) -> bool:
    old, new = plan.before.units[unit], plan.after.units[unit]
    return bool(old.value("kind") != new.value("kind"))


def _converted(plan: Plan, unit: UUID) -> Iterator[Clause]:
    """撤销 … 设立 …: abolished by one authority, established by another, one identity here."""
    old, new = plan.before.name(unit), plan.after.name(unit)
    kind = _kind(plan.after, unit)
    yield _clause(Act.ABOLISH, plan.before, unit, f"撤销{old}。")
    same = not any(edge.predecessor_id == unit and edge.successor_id != unit for edge in plan.edges)
    members = [one.successor_id for one in plan.edges if one.predecessor_id == unit]
    ground = (
        f"以原{old}的{extent_word(_kind(plan.before, unit))}为{new}的{extent_word(kind)}"
        if same and len(members) <= 1
        else f"{new}{_rules_over(plan, unit)}"
    )
    yield _clause(Act.ESTABLISH, plan.after, unit, f"设立{new}，{ground}{_seat(plan, unit)}。")


def _abolished(plan: Plan, unit: UUID) -> Clause:
    name = plan.before.name(unit)
    word = extent_word(_kind(plan.before, unit))
    heirs = list(
        dict.fromkeys(
            plan.after.name(edge.successor_id)
            for edge in plan.edges
            if edge.predecessor_id == unit
            and edge.successor_id is not None
            and edge.successor_id != unit
        )
    )
    notes = [edge.note for edge in plan.edges if edge.predecessor_id == unit and edge.note]
    if len(heirs) == 1:
        ground = f"，将其{word}划归{heirs[0]}管辖"
    elif heirs:
        ground = f"，将其{word}分别划归{'、'.join(heirs)}管辖"
    else:
        ground = f"（{notes[0]}）" if notes else ""
    return _clause(Act.ABOLISH, plan.before, unit, f"撤销{name}{ground}。")


def _established(plan: Plan, unit: UUID) -> Clause:
    name, parent = plan.after.name(unit), plan.after.parent(unit)
    of = "" if parent is None else f"，隶属{plan.after.name(parent)}"
    ground = _rules_over(plan, unit)
    return _clause(
        Act.ESTABLISH,
        plan.after,
        unit,
        f"设立{name}{of}{'，' + name + ground if ground else ''}{_seat(plan, unit)}。",
    )


def _rules_over(plan: Plan, unit: UUID) -> str:
    """辖 A、B、C: the members a unit has afterwards."""
    members = [
        plan.after.name(one) for one in _ordered(plan, set(plan.after.members().get(unit, [])))
    ]
    return f"辖{'、'.join(members)} {len(members)} 个单位" if members else ""


def _seat(plan: Plan, unit: UUID) -> str:
    seat = plan.after.units[unit].value("seat")
    return "" if seat is None else f"，驻地位于东经 {seat.x:.5f}°、北纬 {seat.y:.5f}°"


def _moves(plan: Plan) -> Iterator[Clause]:
    """Units that go on under another parent, from one to another in one sentence."""
    groups: dict[tuple[UUID, UUID], list[UUID]] = {}
    for unit in _ordered(plan, set(plan.before.units) & set(plan.after.units)):
        old, new = plan.before.parent(unit), plan.after.parent(unit)
        if old is not None and new is not None and old != new:
            groups.setdefault((old, new), []).append(unit)
    for (old, new), units in groups.items():
        names = "、".join(plan.before.name(unit) for unit in units)
        text = f"将{plan.before.name(old)}的{names}划归{plan.after.name(new)}管辖。"
        act = Act.NEW_PARENT if plan.after.level(units[0]) <= 4 else Act.RANGE
        # A community that moves changes the range of the two units it moves between.
        whose = units[0] if act is Act.NEW_PARENT else new
        yield Clause(act, approver_of(act, _kind(plan.after, whose)), text, tuple(units))


def _parts(plan: Plan) -> Iterator[Clause]:
    moved: dict[tuple[UUID, UUID], int] = {}
    for move in plan.door_moves:
        key = move.from_division, move.to_division
        moved[key] = moved.get(key, 0) + len(move.address_ids)
    for edge in plan.edges:
        giver, taker = edge.predecessor_id, edge.successor_id
        if edge.kind != "transfer" or edge.share_members is not None or not giver or not taker:
            continue
        doors = moved.get((giver, taker), 0)
        text = (
            f"将{plan.before.name(giver)}的部分{extent_word(_kind(plan.before, giver))}"
            f"（门牌 {doors} 个）划归{plan.after.name(taker)}管辖。"
        )
        act = Act.LINE if plan.after.level(taker) <= 4 else Act.RANGE
        approver = approver_of(act, _kind(plan.after, taker))
        yield Clause(act, approver, text, (giver, taker))


def _lines_and_seats(plan: Plan) -> Iterator[Clause]:
    adjusted = [one for one in plan.paper.operations if isinstance(one, AdjustTerritory)]
    drawn = {
        effect.key
        for effect in plan.effects
        if any(version.cause == "adjust_territory" for version in effect.after)
    }
    units = _ordered(plan, drawn & set(plan.after.units)) if adjusted else []
    if units:
        names = "、".join(plan.after.name(unit) for unit in units)
        yield Clause(
            Act.LINE,
            approver_of(Act.LINE, _kind(plan.after, units[0])),
            f"调整{names}的界线，以所附界线图为准。",
            tuple(units),
        )
    if any(isinstance(one, SetSeat) for one in plan.paper.operations):
        for unit in _ordered(plan, set(plan.before.units) & set(plan.after.units)):
            old, new = (census.units[unit].value("seat") for census in (plan.before, plan.after))
            if new is not None and old != new and not _is_converted(plan, unit):
                text = f"将{plan.after.name(unit)}驻地迁至东经 {new.x:.5f}°、北纬 {new.y:.5f}°。"
                yield _clause(Act.SEAT, plan.after, unit, text)


def _codes(plan: Plan) -> Iterator[LegalCode]:
    scheme, on = plan.paper.code_scheme, plan.paper.effective_on
    for unit in _ordered(plan, set(plan.before.units) | set(plan.after.units)):
        old = code_on(plan.codes_before, unit, scheme, on) if unit in plan.before.units else None
        new = code_on(plan.codes_after, unit, scheme, on) if unit in plan.after.units else None
        touched = unit not in plan.before.units or unit not in plan.after.units
        renamed = not touched and plan.before.name(unit) != plan.after.name(unit)
        provisional = unit in plan.allocated
        if old == new:
            if old is not None and (renamed or (not touched and _is_converted(plan, unit))):
                yield LegalCode(CodeFate.KEPT, old, plan.after.name(unit), unit)
            continue
        if old is not None:
            yield LegalCode(CodeFate.ABOLISHED, old, plan.before.name(unit), unit)
        if new is not None:
            name = plan.after.name(unit)
            yield LegalCode(CodeFate.ESTABLISHED, new, name, unit, provisional)


def _drafts(plan: Plan, clauses: Sequence[Clause]) -> Iterator[DecreeDraft]:
    for approver in Approver:
        mine = [clause for clause in clauses if clause.approver is approver]
        if mine:
            yield _draft(plan, approver, mine)


def _draft(plan: Plan, approver: Approver, clauses: Sequence[Clause]) -> DecreeDraft:
    unit = clauses[0].divisions[0]
    census = plan.after if unit in plan.after.units else plan.before
    authority = authority_name(approver, census, unit)
    decree = plan.paper.decree
    number = approved = None
    if decree is not None and decree.authority == authority:
        number, approved = decree.number, decree.approved_on
    below = census.parent(unit)
    asked = "〔待填：请示机关〕" if below is None else f"{census.name(below)}人民政府"
    closing = (
        f"{numeral(len(clauses) + 1)}、上述事项自{_day(plan.paper.effective_on)}起施行，"
        "自批准之日起十二个月内完成；界线勘定、代码公布与社会公告依规办理。"
    )
    return DecreeDraft(
        approver,
        authority,
        f"{authority}关于同意{_subject(clauses)}的批复",
        (
            number or "〔待填：文号〕",
            f"{asked}：",
            f"《关于{plan.paper.title}的请示》收悉。现批复如下：",
            *(
                f"{numeral(place)}、同意{clause.text}"
                for place, clause in enumerate(clauses, start=1)
            ),
            closing,
            f"{authority}　{_day(approved) if approved else '〔待填：批准日期〕'}",
        ),
    )


def _subject(clauses: Sequence[Clause]) -> str:
    first = clauses[0].text.rstrip("。").split("，")[0]
    return first if len(clauses) == 1 else f"{first}等事项"


def _announced(plan: Plan, clauses: Sequence[Clause]) -> Iterator[AnnouncedName]:
    decree = plan.paper.decree
    for clause in clauses:
        if clause.act not in (Act.ABOLISH, Act.ESTABLISH, Act.RENAME):
            continue
        unit = clause.divisions[0]
        census = plan.before if clause.act is Act.ABOLISH else plan.after
        parent = census.parent(unit)
        romanisation = census.units[unit].value("romanisation")
        authority = authority_name(clause.approver, census, unit)
        approved = decree.approved_on if decree and decree.authority == authority else None
        fields = {
            "罗马字母拼写": romanisation,
            "所属政区": None if parent is None else census.name(parent),
            "位置描述": position_of(plan, census, unit),
            "批准机关": None if "待填" in authority else authority,
            "批准时间": approved,
        }
        yield AnnouncedName(
            act=clause.act,
            name=census.name(unit),
            romanisation=romanisation,
            belongs_to=None if parent is None else census.path(parent).replace("/", ""),
            position=position_of(plan, census, unit),
            authority=authority,
            approved_on=approved,
            missing=tuple(word for word, value in fields.items() if value is None),
        )


def position_of(plan: Plan, census: Census, unit: UUID) -> str | None:
    """The members it covers, or the box of its territory."""
    members = census.members().get(unit, [])
    if members:
        return "辖" + "、".join(census.name(one) for one in _ordered(plan, set(members)))
    for effect in plan.effects:
        if effect.key == unit and effect.table.name == "territory_version":
            version = at(effect.after, census.on)
            if version is not None:
                west, south, east, north = version.value("territory").bounds
                return f"东经 {west:.4f}°–{east:.4f}°，北纬 {south:.4f}°–{north:.4f}°"
    return None


def _pages(texts: LegalTexts) -> Iterator[str]:
    for draft in texts.drafts:
        yield "\n".join((draft.title, *draft.paragraphs))
    if texts.codes:
        words = {CodeFate.ABOLISHED: "撤销", CodeFate.ESTABLISHED: "新设", CodeFate.KEPT: "沿用"}
        yield "\n".join(
            (
                "行政区划代码变更表",
                *(
                    f"{words[line.fate]}　{line.code}　{line.name}"
                    f"{'（暂定，未公布）' if line.provisional else ''}"
                    for line in texts.codes
                ),
            )
        )
    if texts.announcement:
        yield "\n".join(("公告", *(_notice(one) for one in texts.announcement)))


def _notice(one: AnnouncedName) -> str:
    blank = "〔待填〕"
    return (
        f"{PREDICATES[one.act]}　{one.name}　{one.romanisation or blank}　"
        f"{one.belongs_to or blank}　{one.position or blank}　{one.authority}　"
        f"{_day(one.approved_on) if one.approved_on else blank}"
    )


def _clause(act: Act, census: Census, unit: UUID, text: str) -> Clause:
    return Clause(act, approver_of(act, _kind(census, unit)), text, (unit,))


def _kind(census: Census, unit: UUID) -> DivisionKind:
    return DivisionKind(census.units[unit].value("kind"))


def _ordered(plan: Plan, units: set[UUID]) -> list[UUID]:
    """Higher levels first, then by code, then by name; units of other trees have no legal form."""
    scheme, on = plan.paper.code_scheme, plan.paper.effective_on

    def key(unit: UUID) -> tuple[int, str, str]:
        census = plan.before if unit in plan.before.units else plan.after
        codes = plan.codes_before if unit in plan.before.units else plan.codes_after
        return census.level(unit), code_on(codes, unit, scheme, on) or "~", census.name(unit)

    state = [
        one
        for one in units
        if plan.layers.get(one, STATUTORY) in LAYERS_OF_THE_STATE
        and (one in plan.before.units or one in plan.after.units)
    ]
    return sorted(state, key=key)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
