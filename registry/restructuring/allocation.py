"""Codes a paper leaves to the registry: the next number above every one ever used in the block.

Rules: GB/T 10114 and the statistical scheme for the blocks; Order 79 for "sequential, retired
numbers not used again"; `domain.md` §3 for who keeps a number. A member that stays with a parent
whose code changes keeps its last digits; one that moves is counted on under its new parent, in
the order of old codes. Codes found here are provisional until they are published.
"""

from collections.abc import Iterator
from uuid import UUID

from registry.divisions.model import CODE_LENGTHS, DivisionKind, in_block, next_code
from registry.errors import CodeOutsideBlock
from registry.restructuring.drawing import Asked, Drawing
from registry.restructuring.ledger import Census, code_on
from registry.restructuring.refusals import ParentHasNoCode


def allocate(drawing: Drawing) -> None:
    """Give every unit that asked the code it gets, parents first.

    Raises:
        ParentHasNoCode: the parent bears none in the paper's scheme.
        CodeOutsideBlock: the block is full, or the kind has none.
    """
    if not drawing.asked and not drawing.asked_members:
        return
    census = Census.take(drawing.divisions, drawing.on)
    asked = _in_order(drawing, census)
    ledger = drawing.ledger
    used = {*ledger.used_codes, *ledger.code_owners, *drawing.given_codes()}
    taken = used | set(ledger.reserved)
    kept = {unit: code for code, unit in ledger.reserved.items() if code not in used}
    for one in asked:
        unit = one.division_id
        kind = drawing.kind_of(unit)
        prefix = _prefix(drawing, census, unit)
        code = kept.get(unit)
        if code is None or not _fits(code, prefix, kind):
            code = _kept_number(drawing, one, prefix, taken) or next_code(
                prefix, kind, frozenset(taken)
            )
        taken.add(code)
        drawing.give_code(unit, kind, code, one.cause, provisional=True)
        drawing.allocated[unit] = code


def _in_order(drawing: Drawing, census: Census) -> list[Asked]:
    """Parents first; new units as the paper has them, the others by their old codes."""
    found: dict[UUID, Asked] = {}
    for one in (*drawing.asked, *_expanded(drawing, census)):
        found.setdefault(one.division_id, one)
    place = {unit: index for index, unit in enumerate(drawing.established)}

    def key(one: Asked) -> tuple[int, bool, int, str]:
        unit = one.division_id
        return (
            drawing.kind_of(unit).level,
            unit in place,
            place.get(unit, 0),
            _old_code(drawing, unit) or drawing.name(unit),
        )

    return sorted(found.values(), key=key)


def _expanded(drawing: Drawing, census: Census) -> Iterator[Asked]:
    members = drawing.parts(census)
    for one in drawing.asked_members:
        for member in members.get(one.division_id, []):
            if not _has_own(drawing, member):
                yield Asked(member, one.cause, one.keeps_number)


def _has_own(drawing: Drawing, unit: UUID) -> bool:
    """Whether the paper itself states a code for a unit."""
    code = code_on(drawing.codes, unit, drawing.paper.code_scheme, drawing.on)
    return code is not None and drawing.is_given(code)


def _prefix(drawing: Drawing, census: Census, unit: UUID) -> str:
    kind = drawing.kind_of(unit)
    if kind.level not in CODE_LENGTHS or kind.level == 1:
        raise CodeOutsideBlock(f"no code can be counted for a {kind}: state it", given="auto")
    parent = census.parent(unit)
    scheme = drawing.paper.code_scheme
    code = None if parent is None else code_on(drawing.codes, parent, scheme, drawing.on)
    if code is None or len(code) != CODE_LENGTHS[kind.level - 1]:
        above = "it stands at the top and" if parent is None else drawing.name(parent)
        raise ParentHasNoCode(drawing.name(unit), parent=above)
    return code


def _kept_number(drawing: Drawing, one: Asked, prefix: str, taken: set[str]) -> str | None:
    """The old last digits under the new prefix, where they are free and fit the kind."""
    old = _old_code(drawing, one.division_id)
    if old is None or not one.keeps_number:
        return None
    kind = drawing.kind_of(one.division_id)
    code = prefix + old[-(CODE_LENGTHS[kind.level] - len(prefix)) :]
    mine = drawing.ledger.code_owners.get(code) == one.division_id and code == old
    if mine:
        return code
    return code if code not in taken and in_block(code, kind) else None


def _old_code(drawing: Drawing, unit: UUID) -> str | None:
    return code_on(drawing.ledger.codes, unit, drawing.paper.code_scheme, drawing.on)


def _fits(code: str, prefix: str, kind: DivisionKind) -> bool:
    of_the_parent = code.startswith(prefix) and len(code) == CODE_LENGTHS[kind.level]
    return of_the_parent and in_block(code, kind)
