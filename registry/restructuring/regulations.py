"""What the field's regulations ask of a plan beyond lineage: checks V02 to V21 (`domain.md` §3).

Order 704 and Order 65 on divisions, Order 79 on codes, the provincial standards as defaults.
"""

from collections.abc import Iterator
from uuid import UUID

from shapely.geometry import MultiPolygon, Point

from registry.changes.timeline import at
from registry.divisions.model import (
    CODE_LENGTHS,
    LAYERS_OF_THE_STATE,
    STATISTICAL,
    STATUTORY,
    DivisionKind,
    check_code,
    in_block,
    next_code,
)
from registry.errors import CodeOutsideBlock
from registry.restructuring.cutting import areal
from registry.restructuring.drawing import Drawing
from registry.restructuring.findings import Finding, error, notice, warning
from registry.restructuring.grammar import Rename
from registry.restructuring.ledger import Census, code_on

CHANGED_CODE = frozenset({"retype", "reparent", "establish", "merge", "split"})
"""Operations by which a unit gets another code (Order 79 art 6)."""


def regulations_of(drawing: Drawing, after: Census) -> Iterator[Finding]:
    """Findings of every severity."""
    for unit in sorted(set(drawing.causes) & set(after.units), key=lambda one: one.bytes):
        if drawing.layer(unit) in LAYERS_OF_THE_STATE:
            yield from _seat(drawing, after, unit)
            yield from _new_unit(drawing, after, unit)
            yield from _code_effect(drawing, after, unit)
            yield from _range(drawing, after, unit)
            yield from _coast(drawing, after, unit)
    yield from _sequence(drawing)
    yield from _village_blocks(drawing, after)
    yield from _consultation(drawing, after)
    yield from _dates(drawing)


def _seat(drawing: Drawing, after: Census, unit: UUID) -> Iterator[Finding]:
    seat, territory = _seat_of(after, unit), _territory(drawing, unit)
    if seat is None:
        return
    name = after.name(unit)
    if territory is not None and not territory.covers(seat):
        yield error(
            "V03",
            f"the seat of {name} ({seat.x:.5f}, {seat.y:.5f}) lies outside its territory: move it",
            f"{name}驻地（{seat.x:.5f}, {seat.y:.5f}）不在其范围内：请改写驻地",
            unit,
        )
    if DivisionKind(after.units[unit].value("kind")) is not DivisionKind.SUBDISTRICT:
        return
    home = next(
        (
            one
            for one in drawing.parts(after).get(unit, [])
            if (ground := _territory(drawing, one)) is not None and ground.covers(seat)
        ),
        None,
    )
    if home is not None and after.units[home].value("kind") != DivisionKind.COMMUNITY:
        yield warning(
            "V16",
            f"the seat of {name} lies in {after.name(home)}, which is no residents' community",
            f"{name}驻地位于{after.name(home)}，不是居委会（社区）",
            unit,
            home,
        )


def _new_unit(drawing: Drawing, after: Census, unit: UUID) -> Iterator[Finding]:
    if drawing.established.get(unit) != STATUTORY:
        return
    lacking = []
    if _territory(drawing, unit) is None:
        lacking.append(("line", "界线"))
    if _seat_of(after, unit) is None and after.level(unit) < 5:
        lacking.append(("seat", "驻地"))
    if after.parent(unit) is None and after.level(unit) > 1:
        lacking.append(("parent", "隶属关系"))
    if lacking:
        name = after.name(unit)
        yield warning(
            "V03",
            f"{name} is new and lacks its {' and '.join(one for one, _ in lacking)}: the plan put "
            "to the approver must state it",
            f"新设的{name}缺少{'、'.join(one for _, one in lacking)}：报批方案须写明",
            unit,
        )


def _code_effect(drawing: Drawing, after: Census, unit: UUID) -> Iterator[Finding]:
    """Order 79 art 6: established, retyped or re-parented units get another code, others none."""
    if after.level(unit) not in (3, 4) or drawing.paper.code_scheme not in CODE_SCHEMES:
        return
    scheme, cause = drawing.paper.code_scheme, drawing.causes[unit]
    old = code_on(drawing.ledger.codes, unit, scheme, drawing.on)
    new = code_on(drawing.codes, unit, scheme, drawing.on)
    name = after.name(unit)
    if cause in CHANGED_CODE and new is None:
        yield warning(
            "V12",
            f"{name} gets no code: state one, or `code: auto`",
            f"{name}没有代码：请写明，或写 code: auto",
            unit,
        )
    elif cause in CHANGED_CODE and old == new and _kind_or_parent_changes(drawing, after, unit):
        yield warning(
            "V12",
            f"{name} keeps the code {old}, though the act retires it: state another, or "
            "`code: auto`",
            f"{name}沿用代码 {old}，依规应停用并另编：请写明新码，或写 code: auto",
            unit,
        )
    elif cause in ("rename", "set_seat", "adjust_territory") and old != new and old is not None:
        yield warning(
            "V12",
            f"{name} changes its code {old} to {new}, though a new name, line or seat keeps it",
            f"{name}代码由 {old} 改为 {new}；更名、界线变更、驻地迁移均不改代码",
            unit,
        )


CODE_SCHEMES = (STATISTICAL, "civil_affairs")


def _kind_or_parent_changes(drawing: Drawing, after: Census, unit: UUID) -> bool:
    if unit not in drawing.before.units:
        return True
    old, new = drawing.before.units[unit], after.units[unit]
    return any(old.value(fact) != new.value(fact) for fact in ("kind", "parent_id"))


def _range(drawing: Drawing, after: Census, unit: UUID) -> Iterator[Finding]:
    territory = _territory(drawing, unit)
    is_subdistrict = after.units[unit].value("kind") == DivisionKind.SUBDISTRICT
    if not is_subdistrict or territory is None:
        return
    parts = len(territory.geoms)
    before = at(drawing.ledger.territories.get(unit, ()), drawing.on)
    was = 1 if before is None else len(before.value("territory").geoms)
    if parts > max(was, 1):
        name = after.name(unit)
        yield warning(
            "V16",
            f"{name} would lie in {parts} parts apart: its range should be continuous",
            f"{name}管辖范围分成 {parts} 块，宜集中连片",
            unit,
        )


def _coast(drawing: Drawing, after: Census, unit: UUID) -> Iterator[Finding]:
    """Order 704 art 7(4): a line or parent change at the coast goes to the State Council.

    The rim of the largest territory known around the unit stands for coast and outer border.
    """
    if drawing.causes[unit] not in ("reparent", "adjust_territory") or after.level(unit) > 4:
        return
    territory = _territory(drawing, unit)
    rims = [
        ground
        for one in after.ancestors(unit)
        if after.level(one) <= 2 and (ground := _territory(drawing, one)) is not None
    ]
    if territory is None or not rims:
        return
    if territory.boundary.intersection(rims[-1].boundary).length > 0:
        name = after.name(unit)
        yield warning(
            "V20",
            f"{name} reaches the coast or the outer border: check whether its new line or parent "
            "is for the State Council to approve",
            f"{name}临海或位于边缘：其界线或隶属关系变更如涉及海岸、海岛、湖泊，须报国务院审批",
            unit,
        )


def _sequence(drawing: Drawing) -> Iterator[Finding]:
    """Order 79: numbers are given one after the other, above every one ever used in the block."""
    if drawing.paper.code_scheme != STATISTICAL or not drawing.ledger.used_codes:
        return
    used = set(drawing.ledger.used_codes)
    for code, unit in sorted(drawing.given_codes().items()):
        kind = _kind(drawing, unit)
        if kind is None or kind.level not in (3, 4) or unit in drawing.allocated:
            continue
        if len(code) != CODE_LENGTHS[kind.level] or not in_block(code, kind):
            continue
        prefix = code[: CODE_LENGTHS[kind.level - 1]]
        try:
            expected = next_code(prefix, kind, frozenset(used))
        except CodeOutsideBlock:
            expected = code
        used.add(code)
        if code != expected:
            name = drawing.name(unit)
            yield warning(
                "V13",
                f"{name} gets {code}; the next number above every one ever used is {expected}: "
                "give that, or `code: auto`",
                f"{name}拟用代码 {code}，按顺序应为 {expected}：请改用，或写 code: auto",
                unit,
            )


def _kind(drawing: Drawing, unit: UUID) -> DivisionKind | None:
    version = at(drawing.divisions[unit], drawing.on)
    return None if version is None else DivisionKind(version.value("kind"))


def _village_blocks(drawing: Drawing, after: Census) -> Iterator[Finding]:
    if drawing.paper.code_scheme != STATISTICAL:
        return
    for unit in sorted(set(drawing.causes) & set(after.units), key=lambda one: one.bytes):
        code = code_on(drawing.codes, unit, STATISTICAL, drawing.on)
        kind = DivisionKind(after.units[unit].value("kind"))
        if code is None or kind.level != 5 or drawing.established.get(unit, STATUTORY) != STATUTORY:
            continue
        try:
            check_code(code, kind)
        except CodeOutsideBlock as wrong:
            yield warning(
                "V13",
                f"{after.name(unit)}: {wrong}",
                f"{after.name(unit)}的代码 {code} 不在该类别的号段内（GB/T 10114）",
                unit,
            )


def _consultation(drawing: Drawing, after: Census) -> Iterator[Finding]:
    """Order 65 art 3: changes of line or parent are drafted jointly, after consultation."""
    if drawing.paper.consulted is not None:
        return
    for unit in sorted(drawing.moved & set(after.units), key=lambda one: one.bytes):
        old, new = drawing.before.parent(unit), after.parent(unit)
        if after.level(unit) > 4 or old is None or new is None or old == new:
            continue
        if old not in after.units or new not in drawing.before.units:
            continue
        first, second = drawing.before.name(old), after.name(new)
        yield warning(
            "V21",
            f"{after.name(unit)} goes from {first} to {second}: both draft the plan together; say "
            "who was heard in `consulted`",
            f"{after.name(unit)}由{first}划归{second}：应由双方协商后共同编制方案，请在 consulted 中写明",
            unit,
        )


def _dates(drawing: Drawing) -> Iterator[Finding]:
    """The four dates of an act: approved, announced, effective, opened."""
    paper = drawing.paper
    if all(isinstance(one, Rename) and one.place is not None for one in paper.operations):
        return
    decree = paper.decree
    lacking = [
        words
        for words, day in (
            (("approved", "批准"), decree and decree.approved_on),
            (("announced", "公告"), decree and decree.announced_on),
            (("opened", "挂牌"), paper.opened_on),
        )
        if day is None
    ]
    if lacking:
        yield notice(
            "V19",
            f"dates not given yet: {', '.join(one for one, _ in lacking)}",
            f"尚缺日期：{'、'.join(one for _, one in lacking)}",
        )


def _seat_of(census: Census, unit: UUID) -> Point | None:
    seat: Point | None = census.units[unit].value("seat")
    return seat


def _territory(drawing: Drawing, unit: UUID) -> MultiPolygon | None:
    version = at(drawing.territories.get(unit, ()), drawing.on)
    return None if version is None else areal(version.value("territory"))
