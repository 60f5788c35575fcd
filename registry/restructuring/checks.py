"""Invariants of lineage and coverage that a plan's result must keep (`design.md` §2, law 12).

Everything here is a breach. What the field's regulations demand beyond them is in `standards`.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from registry.divisions.model import LAYERS_OF_THE_STATE
from registry.restructuring.coverage import gaps_of
from registry.restructuring.door_book import DoorMove
from registry.restructuring.doors import EdgeReason
from registry.restructuring.drawing import Drawing
from registry.restructuring.findings import Finding, Severity, error
from registry.restructuring.ledger import Census
from registry.restructuring.succession import Edge

SHARE_TOLERANCE = 1e-9
NAMED = 12
"""Doors that a sentence names; the finding lists all."""
EDGE_WORDS = {
    EdgeReason.NEAR_LINE: ("near the line", "临近界线"),
    EdgeReason.NO_POSITION: ("without position", "没有位置"),
    EdgeReason.CARRIER_DISAGREES: (
        "away from the rest of their street",
        "与所在路、里其他门牌不同侧",
    ),
    EdgeReason.OUTSIDE: ("outside the territory", "在范围之外"),
}


def breaches_of(
    drawing: Drawing, after: Census, edges: Sequence[Edge], moves: Sequence[DoorMove]
) -> Iterator[Finding]:
    """What forbids the plan; each says what to mend."""
    yield from drawing.findings
    yield from _orphans(drawing, after)
    yield from _cycles_and_levels(drawing, after)
    yield from _outliving(drawing)
    yield from _lost(drawing)
    yield from _homeless(drawing)
    yield from _edge_doors(drawing)
    yield from _doors_that_move_on(drawing, moves)
    yield from _shares(drawing, edges)
    yield from gaps_of(drawing, after)


def _orphans(drawing: Drawing, after: Census) -> Iterator[Finding]:
    for parent, children in after.members().items():
        if parent in drawing.ended:
            names = "、".join(sorted(after.name(child) for child in children))
            ending = drawing.before.name(parent)
            yield error(
                "V18",
                f"{ending} ends but {len(children)} members stay behind "
                f"({names}): transfer or abolish them",
                f"{ending}撤销，但所辖 {len(children)} 个单位未安排（{names}）：请划转或撤销",
                parent,
                *children,
            )


def _cycles_and_levels(drawing: Drawing, after: Census) -> Iterator[Finding]:
    changed = sorted(set(drawing.causes) & set(after.units), key=lambda one: one.bytes)
    for unit, parent in ((one, found) for one in changed if (found := after.parent(one))):
        name, above = after.name(unit), after.name(parent)
        if parent not in after.units:
            if parent not in drawing.ended:
                yield error(
                    "L12",
                    f"{name}: its parent is not in force on {drawing.on}: name one that is",
                    f"{name}的上级在 {drawing.on} 不在有效状态：请写有效的上级",
                    unit,
                )
        elif unit in list(after.ancestors(parent)):
            yield error(
                "L12",
                f"{name} would lie inside itself: put it under another unit",
                f"{name}将隶属于自身：请改写其上级",
                unit,
            )
        elif drawing.same_tree(unit, parent):
            if _stands_too_low(drawing, after, parent, unit):
                yield error(
                    "L12",
                    f"{name} cannot lie under {above}: same or lower level; name a higher unit",
                    f"{name}不能隶属于同级或下级的{above}：请写上级单位",
                    unit,
                )
        elif not _is_of_the_state(drawing, parent):
            yield error(
                "L12",
                f"{name} cannot lie under {above}, which belongs to another tree "
                f"({drawing.layer(parent)}): name a unit of its own tree, or a division",
                f"{name}不能隶属于另一体系的{above}（{drawing.layer(parent)}）：请写本体系的单位或行政区划",
                unit,
            )


def _stands_too_low(drawing: Drawing, after: Census, parent: UUID, unit: UUID) -> bool:
    return _is_of_the_state(drawing, unit) and after.level(parent) >= after.level(unit)


def _is_of_the_state(drawing: Drawing, unit: UUID) -> bool:
    return drawing.layer(unit) in LAYERS_OF_THE_STATE


def _outliving(drawing: Drawing) -> Iterator[Finding]:
    for unit in drawing.causes:
        for version in drawing.divisions[unit]:
            parent = version.value("parent_id")
            if parent is None or parent not in drawing.divisions:
                continue
            lives = [one.valid for one in drawing.divisions[parent]]
            if not version.valid.covered_by(lives) and parent not in drawing.ended:
                name = version.value("name")
                yield error(
                    "L12",
                    f"{name} would outlive its parent: give it another one in time",
                    f"{name}的存续将超出其上级：请安排新的上级",
                    unit,
                )


def _lost(drawing: Drawing) -> Iterator[Finding]:
    for unit, (successors, note) in drawing.ended.items():
        name = drawing.before.name(unit)
        if not successors and not note:
            yield error(
                "V02",
                f"{name} ends without a successor: name `successors`, "
                "or say why there is none in `no_successor`",
                f"{name}撤销而无承继单位：请写 successors，或在 no_successor 中说明原因",
                unit,
            )
        if unit in successors:
            yield error(
                "L12",
                f"{name} cannot succeed itself: name another successor",
                f"{name}不能由自身承继：请写其他承继单位",
                unit,
            )


def _homeless(drawing: Drawing) -> Iterator[Finding]:
    for unit, (successors, _note) in drawing.ended.items():
        count = drawing.ledger.address_counts.get(unit)
        if count is None or not count.total or len(successors) == 1 or unit in drawing.divided:
            continue
        name = drawing.before.name(unit)
        yield error(
            "L12",
            f"{name} ends with {count.total} addresses of its own: exactly one successor must take "
            "them over, or a split must say by line, territory, places or doors where each goes",
            f"{name}撤销时尚有直属地址 {count.total} 个：须由一个单位承接，或在分设中按界线、范围、"
            "地名或门牌写明各归何处",
            unit,
        )


def _edge_doors(drawing: Drawing) -> Iterator[Finding]:
    unsettled: dict[tuple[UUID, EdgeReason], list[str]] = {}
    for door in drawing.door_book.edge:
        unsettled.setdefault((door.division_id, door.reason), []).append(door.code)
    for (unit, reason), codes in unsettled.items():
        english, chinese = EDGE_WORDS[reason]
        some = ", ".join(codes[:NAMED]) + (" …" if len(codes) > NAMED else "")
        name = drawing.name(unit)
        yield Finding(
            "L12",
            Severity.ERROR,
            f"{name}有 {len(codes)} 个门牌{chinese}（{some}）：请在 doors 中逐一写明归属",
            f"{len(codes)} doors of {name} stand {english} ({some}): settle each in `doors`",
            (unit,),
            tuple(codes),
        )


def _doors_that_move_on(drawing: Drawing, moves: Sequence[DoorMove]) -> Iterator[Finding]:
    for unit, (successors, _note) in drawing.ended.items():
        count = drawing.ledger.address_counts.get(unit)
        if count is None or not count.total or len(successors) != 1 or unit in drawing.divided:
            continue
        heir = drawing.heir(unit)
        if heir in drawing.divided or heir in drawing.ended:
            name, next_name = drawing.before.name(unit), drawing.name(heir)
            yield error(
                "L12",
                f"the doors of {name} go to {next_name}, which this act divides or ends as well: "
                "carry it out as two acts, one day apart",
                f"{name}的门牌归{next_name}，而{next_name}同时被划分或撤销：请分两次实施",
                unit,
                heir,
            )
    for unit in sorted({move.to_division for move in moves}, key=lambda one: one.bytes):
        if unit in drawing.ended:
            name = drawing.name(unit)
            yield error(
                "L12",
                f"doors would go to {name}, which ends in this act: name the unit that goes on",
                f"有门牌归{name}，而{name}在本次撤销：请写存续的单位",
                unit,
            )


def _shares(drawing: Drawing, edges: Sequence[Edge]) -> Iterator[Finding]:
    sums: dict[tuple[UUID, str], float] = {}
    for edge in edges:
        if edge.predecessor_id is None:
            continue
        for basis in ("share_members", "share_area", "share_addresses"):
            share = getattr(edge, basis)
            if share is not None:
                key = edge.predecessor_id, basis
                sums[key] = sums.get(key, 0.0) + share
    for (unit, basis), total in sums.items():
        if abs(total - 1.0) > SHARE_TOLERANCE:
            name = drawing.before.name(unit)
            what = basis.removeprefix("share_")
            yield error(
                "L12",
                f"the parts of {name} make {total:.3f} of it by {what}, not 1: say where all goes",
                f"{name}各部分合计为 {total:.3f}（{what}），不等于 1：请写明全部去向",
                unit,
            )
