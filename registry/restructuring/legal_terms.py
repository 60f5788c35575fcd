"""Words of the law for what an act does: who approves it, and what becomes of a code.

Sources: 行政区划管理条例 (Order 704) arts 6 to 9, organ law art 85, village and residents'
committee laws, 行政区划代码管理办法 (Order 79) art 6; tables in `domain.md` §3.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from registry.divisions.model import DivisionKind
from registry.restructuring.ledger import Census


class Act(StrEnum):
    """What the law calls a change."""

    ABOLISH = "abolish"
    ESTABLISH = "establish"
    RENAME = "rename"
    NEW_PARENT = "new_parent"
    LINE = "line"
    RANGE = "range"
    SEAT = "seat"


class Approver(StrEnum):
    """Who approves a change, by level."""

    STATE_COUNCIL = "state_council"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


PREDICATES = {
    Act.ABOLISH: "撤销",
    Act.ESTABLISH: "设立",
    Act.RENAME: "更名",
    Act.NEW_PARENT: "变更隶属关系",
    Act.LINE: "变更界线",
    Act.RANGE: "调整管辖范围",
    Act.SEAT: "迁移驻地",
}


@dataclass(frozen=True, slots=True)
class Clause:
    """One sentence of a decree, and who has to approve it."""

    act: Act
    approver: Approver
    text: str
    divisions: tuple[UUID, ...]


def approver_of(act: Act, kind: DivisionKind) -> Approver:
    """Who approves a change of a unit.

    A subdistrict (街道) is a branch office: the government that sets it up asks the level above,
    in a city divided into districts the city. Communities and villages are the county's.
    """
    if kind.level <= 3:
        return Approver.PROVINCE if act is Act.LINE and kind.level == 3 else Approver.STATE_COUNCIL
    if kind.level == 4:
        return Approver.CITY if kind is DivisionKind.SUBDISTRICT else Approver.PROVINCE
    return Approver.COUNTY


def authority_name(approver: Approver, census: Census, unit: UUID) -> str:
    """The approving government by name, read off the chain above a unit."""
    level = {Approver.PROVINCE: 1, Approver.CITY: 2, Approver.COUNTY: 3}.get(approver)
    if level is None:
        return "国务院"
    above = next((one for one in census.ancestors(unit) if census.level(one) == level), None)
    return "〔待填：批准机关〕" if above is None else f"{census.name(above)}人民政府"


def extent_word(kind: DivisionKind) -> str:
    """A government has a 行政区域, a branch office or a committee a 管辖范围."""
    office = kind is DivisionKind.SUBDISTRICT or kind.level >= 5
    return "管辖范围" if office else "行政区域"


def numeral(number: int) -> str:
    """一 二 … 十 十一 … 九十九, as clauses are numbered."""
    digits = "〇一二三四五六七八九"
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{digits[tens]}十"
    return head + (digits[ones] if ones else "") or digits[0]
