"""Divisions (行政区划): kinds, levels, codes and the rules that need no database."""

from enum import StrEnum
from uuid import UUID, uuid5

from registry.errors import CodeOutsideBlock

STATUTORY = "statutory"
STATISTICAL = "statistical"
LAYERS_OF_THE_STATE = frozenset({STATUTORY, STATISTICAL})
"""Layers that make one tree, whose members cover their parents. Any other layer (网格, 园区) is a
tree of its own: its units may hang on a unit of the state, but are none of its parts."""
CIVIL_AFFAIRS = "civil_affairs"
OWN = "own"
SCHEMES = (STATISTICAL, CIVIL_AFFAIRS, OWN)


class DivisionKind(StrEnum):
    """Kind of a division (区划类别)."""

    PROVINCE = "province"
    PREFECTURE = "prefecture"
    """地级市 and other units of that level."""
    COUNTY = "county"
    DISTRICT = "district"
    COUNTY_CITY = "county_city"
    """县级市."""
    TOWN = "town"
    """镇."""
    TOWNSHIP = "township"
    """乡."""
    SUBDISTRICT = "subdistrict"
    """街道."""
    SPECIAL_AREA = "special_area"
    """Unit at township level that exists in statistics only: farm, zone, port."""
    VILLAGE = "village"
    """村."""
    COMMUNITY = "community"
    """社区, 居委会."""
    SPECIAL_VILLAGE = "special_village"
    """Unit at village level that exists in statistics only."""
    GRID = "grid"
    """网格: a cell of grass-roots work inside a community, in a tree of its own."""

    @property
    def level(self) -> int:
        """1 province, 2 city, 3 county, 4 township, 5 village, 6 grid."""
        return LEVELS[self]


LEVELS: dict[DivisionKind, int] = {
    DivisionKind.PROVINCE: 1,
    DivisionKind.PREFECTURE: 2,
    DivisionKind.COUNTY: 3,
    DivisionKind.DISTRICT: 3,
    DivisionKind.COUNTY_CITY: 3,
    DivisionKind.TOWN: 4,
    DivisionKind.TOWNSHIP: 4,
    DivisionKind.SUBDISTRICT: 4,
    DivisionKind.SPECIAL_AREA: 4,
    DivisionKind.VILLAGE: 5,
    DivisionKind.COMMUNITY: 5,
    DivisionKind.SPECIAL_VILLAGE: 5,
    DivisionKind.GRID: 6,
}

CODE_LENGTHS = {1: 2, 2: 4, 3: 6, 4: 9, 5: 12}
"""Digits of a code by level, in the statistical and the civil-affairs scheme."""

BLOCKS: dict[DivisionKind, range] = {
    DivisionKind.SUBDISTRICT: range(1, 100),
    DivisionKind.TOWN: range(100, 200),
    DivisionKind.TOWNSHIP: range(200, 400),
    DivisionKind.SPECIAL_AREA: range(400, 600),
    DivisionKind.COMMUNITY: range(1, 200),
    DivisionKind.VILLAGE: range(200, 400),
    DivisionKind.SPECIAL_VILLAGE: range(400, 600),
}
"""Last three digits by kind. Source: GB/T 10114-2003 for townships, 统计用区划代码编制规则 for villages."""


def code_slot_id(division_id: UUID, scheme: str) -> UUID:
    """The fact "what code this division has in this scheme", whose versions are the codes."""
    return uuid5(division_id, scheme)


def check_code(code: str, kind: DivisionKind) -> None:
    """Refuse a code whose form or block does not fit the kind.

    Raises:
        CodeOutsideBlock: wrong length, not digits, or the last three digits belong to another kind.

    Source: GB/T 10114-2003; `domain.md` section 5.
    """
    length = CODE_LENGTHS[kind.level]
    if not (code.isascii() and code.isdigit() and len(code) == length):
        raise CodeOutsideBlock(f"code {code!r} of a {kind} must have {length} digits", given=code)
    block = BLOCKS.get(kind)
    if block is not None and int(code[-3:]) not in block:
        raise CodeOutsideBlock(
            f"code {code}: the last three digits of a {kind} lie in "
            f"{block.start:03d}-{block.stop - 1}",
            given=code,
        )


TWO_DIGIT_BLOCKS: dict[DivisionKind, tuple[range, ...]] = {
    DivisionKind.PREFECTURE: (range(1, 21), range(51, 71)),
    DivisionKind.DISTRICT: (range(2, 21), range(51, 81)),
    DivisionKind.COUNTY: (range(21, 51),),
    DivisionKind.COUNTY_CITY: (range(81, 100),),
}
"""Last two digits by kind; 01 stands for all districts of a city. Source: GB/T 2260."""

FIRST_NUMBERS = {DivisionKind.VILLAGE: 201}
"""Where counting begins, if not with the block. Source: the statistical lists."""


def next_code(prefix: str, kind: DivisionKind, ever_used: frozenset[str]) -> str:
    """The next code under a parent's code: above every number ever used in the block.

    Args:
        prefix: the parent's code, without trailing zeros.

    Raises:
        CodeOutsideBlock: the block is full, or numbers of that kind have no block.

    Source: 行政区划代码管理办法 (Order 79, 2025): sequential, retired numbers not used again.
    """
    width, blocks = _numbers(kind)
    used = {int(code[len(prefix) :]) for code in ever_used if _is_under(code, prefix, width)}
    for block in blocks:
        first = FIRST_NUMBERS.get(kind, block.start) - 1
        ordinal = max((number for number in used if number in block), default=first) + 1
        if ordinal in block:
            return f"{prefix}{ordinal:0{width}d}"
    raise CodeOutsideBlock(f"no free number for a {kind} under {prefix}", given=prefix)


def in_block(code: str, kind: DivisionKind) -> bool:
    """Whether the number a code ends in belongs to the kind."""
    width, blocks = _numbers(kind)
    return any(int(code[-width:]) in block for block in blocks)


def _numbers(kind: DivisionKind) -> tuple[int, tuple[range, ...]]:
    """Digits a level adds to its parent's code, and the blocks of the kind in them."""
    if kind in BLOCKS:
        return 3, (BLOCKS[kind],)
    return 2, TWO_DIGIT_BLOCKS.get(kind, ())


def _is_under(code: str, prefix: str, width: int) -> bool:
    return code.startswith(prefix) and len(code) == len(prefix) + width and code.isdigit()
