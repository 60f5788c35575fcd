"""Divisions (行政区划): kinds, levels, codes and the rules that need no database."""

from enum import StrEnum
from uuid import UUID, uuid5

from registry.errors import CodeOutsideBlock

STATUTORY = "statutory"
STATISTICAL = "statistical"
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

    @property
    def level(self) -> int:
        """1 province, 2 city, 3 county, 4 township, 5 village."""
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


def next_code(prefix: str, kind: DivisionKind, ever_used: frozenset[str]) -> str:
    """The next code under a parent's code: above every number ever used in the block.

    Raises:
        CodeOutsideBlock: the block is full.

    Source: 行政区划代码管理办法 (Order 79, 2025): sequential, retired numbers not used again.
    """
    block = BLOCKS[kind]
    used = [int(code[-3:]) for code in ever_used if code[:-3] == prefix]
    ordinal = max((number for number in used if number in block), default=block.start - 1) + 1
    if ordinal not in block:
        raise CodeOutsideBlock(f"no free number for a {kind} under {prefix}", given=prefix)
    return f"{prefix}{ordinal:03d}"
