"""Cutting any city's address into elements by its structure, with no list of its streets.

Known are only the divisions of a lexicon and the generic parts (通名) that end a name: 路, 村, 幢.
Used where the registry has nothing to say, and scored on the open label sets.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from geo.geocode.characters import HAN
from geo.geocode.numerals import NUMERAL

LONGEST = 12
"""Characters of the longest name looked for in the lexicon."""
DIVISIONS = {1: "province", 2: "city", 3: "county", 4: "township"}
_H = f"[{HAN}]"
_N = f"[\\d{NUMERAL}]"
_COUNTY = re.compile(rf"{_H}{{2,3}}?(?:市|区|县)(?![{HAN}]?(?:路|街|政府))")
_TOWN = re.compile(rf"{_H}{{1,4}}?(?:街道(?:办事处)?|镇|乡)(?!(?:路|街|村|中|政府|卫生|工业))")
_ZONE = re.compile(
    rf"[{HAN}A-Z]{{0,10}}?(?:开发区|高新区|产业园|保税区|工业园区|工业区|工业园|产业区|园区|新区|管委会)"
)
_VILLAGE = re.compile(
    rf"{_H}{{1,6}}?(?:社区居委会|居民委员会|村民委员会|村委会|居委会|社区|(?<!新)村)(?!口|[东南西北]?路|道|街|委|镇|中路|小区|公寓|大厦|公园|医院|大队|民)"
)
_ROAD = re.compile(
    rf"(?:[GSX]\d{{2,4}}|\d{{2,4}})?(?:国道|省道|县道)|\d{{1,2}}号(?:大街|路|街)|[{HAN}0-9]{{1,8}}?(?:大道|大街|公路|胡同|(?<![道公铁])路|街(?!道|坊|心|区)|巷|(?<![街隧地轨步通国省大])道(?!路|口|北|南))"
    rf"(?:[东南西北中](?:路|街))?"
)
_LANE = re.compile(rf"[东南西北中{NUMERAL}]段|{_N}{{1,5}}弄|{_H}{{1,4}}?(?:弄|巷|支路)")
_NUMBER = re.compile(
    rf"(?:附|甲|乙)?[A-Z]?{_N}{{1,5}}[A-Z]?(?:[-、,/至之~]\d{{1,5}})*号(?:之[一二三四五六七八九十\d]+|-\d{{1,3}}(?=$|[{HAN}]))?(?:院)?"
)
_BARE = re.compile(rf"[A-Z]?\d{{1,5}}(?=$|[{HAN},\s\-_A-Z])(?![幢栋座层楼室单弄组期区号])")
_BLOCK = re.compile(
    rf"[A-Z]?[\d{NUMERAL}]{{1,4}}[A-Z]?(?:-\d{{1,3}})?(?:号楼|幢|栋|座|#楼?|号幢|号栋|楼(?=\d))|[A-Z]{{1,2}}\d{{0,2}}(?:幢|栋|座|区|楼)"
)
_CELL = re.compile(rf"[A-Z\d{NUMERAL}]{{1,3}}(?:单元|梯|号门|门)")
_FLOOR = re.compile(rf"(?:地下|负|B)?[\d{NUMERAL}]{{1,3}}(?:-[\d{NUMERAL}]{{1,3}})?(?:层|楼|F)")
_ROOM = re.compile(r"[A-Z]{0,2}-?\d{2,5}[A-Z]?(?:[-、,/]\d{1,5})*(?:号?室|房间|房|号铺)?")
_DASHED = re.compile(
    r"([A-Z]?\d{1,4}[A-Z]?)(?:幢|栋)?-([A-Z\d]{1,4})(?:单元)?-([A-Z]?\d{1,5}[A-Z]?室?)"
)
_PAIR = re.compile(r"([A-Z]?\d{1,3}[A-Z]?)-(\d{3,5}室?)")
_ASSIST = re.compile(
    r"附近|旁边|旁|斜对面|对面|隔壁|内|里面|交叉口|路口|交汇处|[东南西北]{1,2}(?:侧|边|面)?\d+米|门口|后面"
)
_STRONG = re.compile(
    r"公寓|花园|小区|大厦|广场|中心|市场|公司|医院|学校|小学|中学|大学|学院|银行|酒店|宾馆|商厦|商城|家园|花苑|新村|新城|物流园|山庄|宿舍|超市|工业园|科技园"
)
_ADDRESSLIKE = frozenset({"road", "lane"})


@dataclass(frozen=True, slots=True)
class Element:
    """A piece of an address (地址要素), `start` to `end` exclusive."""

    role: str
    start: int
    end: int


class Lexicon:
    """Names of divisions with the levels they occur on; whole names and short forms."""

    def __init__(
        self,
        whole: Mapping[str, frozenset[int]],
        short: Mapping[str, frozenset[int]],
        within: Mapping[str, frozenset[str]] = MappingProxyType({}),
    ) -> None:
        """Take the names.

        Args:
            whole: full names with their levels, 1 province to 4 township.
            short: the same without their generic part, down to counties.
            within: short names of townships by the name, whole or short, of their county.
        """
        self._whole = whole
        self._short = short
        self._within = within

    def township(self, text: str, start: int, county: str) -> int | None:
        """Where the short name of one of a county's townships that begins here ends."""
        held = self._within.get(county, frozenset())
        ends = range(min(len(text), start + LONGEST), start + 1, -1)
        return next((end for end in ends if text[start:end] in held), None)

    def at(self, text: str, start: int) -> Iterator[tuple[int, frozenset[int], bool]]:
        """The names beginning at a place, longest first: end, levels, whether it is whole."""
        for end in range(min(len(text), start + LONGEST), start + 1, -1):
            word = text[start:end]
            if levels := self._whole.get(word):
                yield end, levels, True
            if levels := self._short.get(word):
                yield end, levels, False


@dataclass(slots=True)
class _Cut:
    """Where the cutting of a text has come to."""

    text: str
    lexicon: Lexicon
    at: int = 0
    level: int = 0
    found: list[Element] = field(default_factory=list)

    @property
    def last(self) -> str:
        """The role of the last element, if it ends here."""
        ends_here = self.found and self.found[-1].end == self.at
        return self.found[-1].role if ends_here else ""

    def put(self, role: str, end: int) -> bool:
        """Take the text up to a place as an element."""
        self.found.append(Element(role, self.at, end))
        self.at = end
        return True


def segment(text: str, lexicon: Lexicon) -> list[Element]:
    """Cut a text into elements, left to right, from large to small; a rest is a `place`."""
    cut = _Cut(text, lexicon)
    while cut.at < len(text):
        if not any(step(cut) for step in _STEPS):
            _rest(cut)
    return _merged(cut.found)


def _rest(cut: _Cut) -> None:
    """One character nobody claims belongs to a place's name, or separates."""
    character = cut.text[cut.at]
    cut.put("place" if character.isalnum() else "separator", cut.at + 1)


def _merged(found: list[Element]) -> list[Element]:
    merged: list[Element] = []
    for one in found:
        before = merged[-1] if merged else None
        if before and before.role == one.role == "place" and before.end == one.start:
            merged[-1] = Element("place", before.start, one.end)
        else:
            merged.append(one)
    return merged


def _division(cut: _Cut) -> bool:
    road = _ROAD.match(cut.text, cut.at)
    for end, levels, whole in cut.lexicon.at(cut.text, cut.at):
        deeper = [one for one in levels if one > cut.level]
        if not deeper and not (whole and cut.last in DIVISIONS.values()):
            continue
        level = min(deeper, default=min(levels))
        if not whole and not _stands_alone(cut, end, level, road):
            continue
        cut.level = level
        return cut.put(DIVISIONS[level], end)
    return False


def _stands_alone(cut: _Cut, end: int, level: int, road: re.Match[str] | None) -> bool:
    """Whether a short form is a word of its own: not the beginning of a road's or place's name."""
    if level > 3 or (level == 3 and cut.at > 0 and cut.last not in DIVISIONS.values()):
        return False
    if level == 2 and cut.at > 0 and cut.last != "province":
        return False
    if road and road.end() <= end + 2:
        return False
    after = cut.text[end : end + 6]
    return bool(after) and not _AFTER_SHORT.match(after)


_AFTER_SHORT = re.compile(
    r"(?:市|区|县|镇|乡|街道|路|街|大道|大厦|广场|公寓|小区|花园|人家|酒店|银行|商|国际|一?[东南西北中]?[一二三四五]?(?:路|街(?!道)|站|苑)|.(?:路|街(?!道))|村|新村)"
)


def _township(cut: _Cut) -> bool:
    """The short name of a township right behind its county, unless it begins another name."""
    if cut.last != "county":
        return False
    county = cut.text[cut.found[-1].start : cut.at]
    end = cut.lexicon.township(cut.text, cut.at, county)
    if end is None or end == len(cut.text) or _AFTER_SHORT.match(cut.text, end):
        return False
    if not cut.text[end].isalnum():
        return False
    cut.level = 4
    return cut.put("township", end)


def _county(cut: _Cut) -> bool:
    if cut.level >= 3 or not (cut.last in ("province", "city") or cut.at == 0):
        return False
    match = _COUNTY.match(cut.text, cut.at)
    if not match or _STRONG.search(match[0]) or _ZONE_END.search(match[0]):
        return False
    if cut.at == 0 and not match[0].endswith(("市", "县")) and len(match[0]) != 3:
        return False
    cut.level = 3
    return cut.put("county", match.end())


_ZONE_END = re.compile(r"(?:开发区|工业区|园区|新区|小区|校区|社区|高新区|景区|街区)$")


def _named(cut: _Cut) -> bool:
    """A town, zone, village or road: whichever ends first, unless a place's name comes before."""
    if not cut.text[cut.at].isalnum():
        return False
    options = []
    if cut.level < 4 and cut.last in ("", "province", "city", "county", "zone"):
        options.append(("township", _TOWN.match(cut.text, cut.at)))
    options += [
        ("zone", _ZONE.match(cut.text, cut.at)),
        ("village", _VILLAGE.match(cut.text, cut.at)),
        ("lane" if cut.last in ("road", "number") else "road", _ROAD.match(cut.text, cut.at)),
    ]
    if cut.last in ("road", "number", "lane"):
        options.append(("lane", _LANE.match(cut.text, cut.at)))
    ends = [(match.end(), role) for role, match in options if match]
    if not ends:
        return False
    end, role = min(ends)
    return _take_named(cut, role, end)


def _take_named(cut: _Cut, role: str, end: int) -> bool:
    word = cut.text[cut.at : end]
    inside = [m.end() for m in _STRONG.finditer(word[:-1]) if m.start() > 0]
    if role in ("road", "village", "lane") and inside and inside[-1] < len(word) - 2:
        return cut.put("place", cut.at + inside[-1])
    if role == "road" and (rest := _before_road(word)):
        return cut.put("place", cut.at + rest)
    if role == "township":
        cut.level = 4
    if role in ("road", "village", "zone"):
        cut.level = max(cut.level, 4)
    return cut.put(role, end)


def _before_road(word: str) -> int:
    """How many characters before a road's name are another name: names are two or three long."""
    match = _ROAD_NAME.fullmatch(word)
    if match is None or len(match["stem"]) < LONG_STEM or word[0].isdigit():
        return 0
    return len(match["stem"]) - USUAL_STEM


LONG_STEM, USUAL_STEM = 4, 2
_ROAD_NAME = re.compile(
    rf"(?P<stem>.*?)[东南西北中]?{_N}?(?:大道|大街|公路|胡同|路|街|巷|道)(?:[东南西北中](?:路|街))?"
)


def _group(cut: _Cut) -> bool:
    match = _GROUP.match(cut.text, cut.at)
    return bool(match) and cut.put("group", match.end()) if match else False


_GROUP = re.compile(rf"第?{_N}{{1,3}}(?:村民小组|小组|组|大队)")


def _lane_number(cut: _Cut) -> bool:
    """888弄 is a lane when a number follows it, else it is the number."""
    match = _LANE.match(cut.text, cut.at)
    if not match or not cut.text[cut.at].isdigit() or not match[0].endswith("弄"):
        return False
    numbered = _NUMBER.match(cut.text, match.end()) or _BARE.match(cut.text, match.end())
    if cut.last not in ("road", "place", "village", "lane", "number"):
        return False
    return cut.put("lane" if numbered and cut.last == "road" else "number", match.end())


def _number(cut: _Cut) -> bool:
    after = cut.last
    if after in ("building", "unit", "floor", "room", "separator"):
        return False
    block = _BLOCK.match(cut.text, cut.at)
    match = _NUMBER.match(cut.text, cut.at)
    if match and (block is None or block.end() < match.end() or after in _ADDRESSLIKE):
        if _NOT_A_DOOR.match(cut.text, match.end()):
            return False
        role, end = _role_of_number(cut), match.end()
        if role == "number" and after in _ADDRESSLIKE:
            end = cut.at + _first_door(match[0])
        return cut.put(role, end)
    if after in _ADDRESSLIKE or after == "village" or _is_hamlet(cut):
        bare = _BARE.match(cut.text, cut.at)
        if bare:
            between = _RANGE.match(cut.text, cut.at)
            whole = between and (_is_range(between) or int(between[2]) < MOST_STAIRS)
            end = between.end() if between and whole else bare.end()
            return cut.put("lane number" if after == "lane" else "number", end)
    return False


_NOT_A_DOOR = re.compile(r"楼|幢|栋|大街|路(?!口)|街(?!口)")
_RANGE = re.compile(r"(\d{1,5})-(\d{1,5})(?!\d|-)")
MOST_IN_RANGE = 60
MOST_STAIRS = 3
"""12-2号 is one of a few doors of one house."""


def _is_range(between: re.Match[str]) -> bool:
    return 0 < int(between[2]) - int(between[1]) <= MOST_IN_RANGE


def _first_door(word: str) -> int:
    """82-11号 is door 82 and something in it; 8-10号 are doors 8 to 10."""
    between = _RANGE.match(word)
    if between is None or _is_range(between) or int(between[2]) <= MOST_STAIRS:
        return len(word)
    return between.end(1)


def _role_of_number(cut: _Cut) -> str:
    """A number behind a road or village is a door's; behind an estate it is a block's."""
    if any(one.role in ("building", "unit", "floor") for one in cut.found):
        return "room"
    if cut.last == "place" and cut.text[cut.at - 1] in "楼街排铺":
        return "room"
    if cut.last == "zone":
        return "building"
    if cut.last == "place" and cut.text[cut.at - 1] in _ESTATE_ENDS:
        return "number" if _NUMBERED_QUARTER.search(cut.text[: cut.at]) else "building"
    if cut.last == "lane" and cut.text[cut.at - 1] in "路街道段":
        return "number"
    return {"lane": "lane number", "number": "building", "lane number": "building"}.get(
        cut.last, "number"
    )


_ESTATE_ENDS = "区园场城苑里厦坊心府庭邸寓墅"
_NUMBERED_QUARTER = re.compile(rf"{_N}区$")
_HAMLET_ENDS = "塘浜洋岙埭家宅坞头湾桥岭坑畈坂垟埠"


def _is_hamlet(cut: _Cut) -> bool:
    """Whether what ends here sounds like a natural village, whose houses are numbered."""
    return (
        cut.last == "place"
        and cut.text[cut.at - 1] in _HAMLET_ENDS
        and not _RANGE_OR_MORE.match(cut.text, cut.at)
    )


_RANGE_OR_MORE = re.compile(r"\d+-")


def _inner(cut: _Cut) -> bool:
    if _dashed(cut):
        return True
    for role, pattern in (
        ("building", _BLOCK),
        ("unit", _CELL),
        ("floor", _FLOOR),
        ("room", _ROOM),
    ):
        match = pattern.match(cut.text, cut.at)
        if match and _begins_a_part(cut):
            return cut.put(role, match.end())
    return False


def _begins_a_part(cut: _Cut) -> bool:
    """A numeral in the middle of a name (第二小学) begins no part."""
    return cut.text[cut.at] not in NUMERAL or cut.last != "place" or cut.at == 0


def _dashed(cut: _Cut) -> bool:
    match = _DASHED.match(cut.text, cut.at)
    roles: tuple[str, ...] = ("building", "unit", "room")
    if match is None:
        match = _PAIR.match(cut.text, cut.at)
        roles = ("unit" if cut.last == "building" else "building", "room")
    if match is None:
        return False
    for group, role in enumerate(roles, start=1):
        if match.start(group) > cut.at:
            cut.put("separator", match.start(group))
        cut.put(role, match.end(group))
    return True


def _assist(cut: _Cut) -> bool:
    match = _ASSIST.match(cut.text, cut.at)
    return bool(match and cut.last) and cut.put("near", match.end()) if match else False


_STEPS = (_division, _county, _township, _group, _lane_number, _number, _inner, _assist, _named)
