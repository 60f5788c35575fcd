"""What is left of a text between the names and numbers that are known."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

NEAR = re.compile(
    r"附近|旁边?|对面|隔壁|斜对面|后面|前面|门口|交叉路?口|交汇[处口]|交界[处口]|路口|[东南西北]{1,2}(?:侧|边|面|方向)?约?\d+米|以[东南西北]"
)
_POSTCODE = re.compile(r"^\d{6}$")
_AREA = re.compile(
    r"(?:园|苑|庄|[一二三四五六七八九十]期|花园|小区|公寓|大院|新村|新城|家园|工业区|开发区|产业区|园区|新区|片区|校区|自贸区|保税区|管委会|农场|林场|北区|南区|东区|西区|中区|[A-Z]区)$"
)
_PART = re.compile(
    r"(?P<division>[^\s]{1,7}?(?:自治区|自治州|自治县|省|市|(?<![小园社校片新发保业城])区|县|镇|乡|街道(?:办事处)?))"
)
_ROAD = re.compile(r".{2,}(?:大道|大街|路|街|巷|弄|胡同)$")
_VILLAGE = re.compile(r".{1,}(?:社区|居委会|村委会|(?<!新)村)$")
_NOT_BETWEEN = re.compile(r"路|街|巷|弄|道|村|社区|镇|乡")


@dataclass(frozen=True, slots=True)
class Left:
    """Words that no name or number explains, with what they look like."""

    text: str
    role: str
    start: int
    end: int


def between(words: str) -> bool:
    """Whether words may stand between a carrier and its number: a block, an estate, no road."""
    return not _NOT_BETWEEN.search(words)


def words_left(text: str, start: int, end: int) -> Iterator[Left]:
    """Cut what is left into words with roles."""
    while start < end and text[start] in " -、/,.":
        start += 1
    while end > start and text[end - 1] in " -、/,.":
        end -= 1
    while start < end:
        if text[start] == " ":
            start += 1
            continue
        blank = text.find(" ", start, end)
        stop = end if blank < 0 else blank
        part = _PART.match(text, start, stop)
        if part and not _AREA.search(part[0]):
            yield Left(part[0], "unknown division", start, part.end())
            start = part.end()
            continue
        words = text[start:stop]
        yield Left(words, _role(words), start, stop)
        start = stop


def _role(words: str) -> str:
    if NEAR.search(words):
        return "near"
    if _POSTCODE.match(words):
        return "postcode"
    if len(words) > 2 and _AREA.search(words):
        return "estate"
    if _ROAD.match(words):
        return "unknown road"
    if _VILLAGE.match(words):
        return "unknown village"
    return "other"
