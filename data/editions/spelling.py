"""How alike two printed names are, whatever the lists did to them."""

import re
import unicodedata
from functools import lru_cache

from pypinyin import lazy_pinyin
from rapidfuzz import fuzz

from data.editions.names import PRIVATE_USE
from data.editions.units import COUNTY, TOWNSHIP, VILLAGE

ENDINGS = {
    COUNTY: ("新区", "林区", "区", "县", "市"),
    TOWNSHIP: ("街道", "地区", "民族乡", "族乡", "镇", "乡", "苏木"),
    VILLAGE: ("社区", "村"),
}
SHORTEST_STEM = 2

EQUAL = 1.0
UNREADABLE = 0.97
"""Equal but for characters a list could not print: `?`, private use."""
SAME_STEM = 0.95
SAME_SOUND = 0.85
CONTAINED = 0.7
LIKENESS = 0.8
"""Weight of the plain likeness of characters, when nothing better speaks."""
HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
WORD_BREAKS = re.compile(r"[^\w]+")


@lru_cache(maxsize=1 << 17)
def stem(name: str, level: int) -> str:
    """The specific part of a name (专名): 马巷 of 马巷镇 and of 马巷街道."""
    for ending in ENDINGS.get(level, ()):
        if name.endswith(ending) and len(name) >= len(ending) + SHORTEST_STEM:
            return name.removesuffix(ending)
    return name


@lru_cache(maxsize=1 << 17)
def sound(name: str) -> str:
    """How a name reads, without tones: 马垅路, 马垄路 and 马龙路 are one; Latin letters bare."""
    if HAN.search(name):
        return " ".join(lazy_pinyin(name))
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(one for one in plain if not unicodedata.combining(one))
    return WORD_BREAKS.sub(" ", letters.replace("œ", "oe")).strip()


@lru_cache(maxsize=1 << 18)
def likeness(one: str, other: str, level: int) -> float:
    """0 (nothing in common) to 1 (the same), as names of one level."""
    if one == other:
        return EQUAL
    if _readable_part_agrees(one, other):
        return UNREADABLE
    ours, theirs = stem(one, level), stem(other, level)
    if ours == theirs or _readable_part_agrees(ours, theirs):
        return SAME_STEM
    if sound(ours) == sound(theirs):
        return SAME_SOUND
    plain = LIKENESS * fuzz.ratio(ours, theirs) / 100
    if min(len(ours), len(theirs)) >= SHORTEST_STEM and (ours in theirs or theirs in ours):
        return max(CONTAINED, plain)
    return plain


def words(name: str) -> frozenset[str]:
    """The words of a name in Latin letters; of a Han name none, its characters say too little."""
    return frozenset() if HAN.search(name) else frozenset(sound(name).split())


def _readable_part_agrees(one: str, other: str) -> bool:
    """The same length, and every character that both lists could print is the same."""
    if len(one) != len(other) or not (PRIVATE_USE.search(one) or PRIVATE_USE.search(other)):
        return False
    pairs = [
        (ours, theirs)
        for ours, theirs in zip(one, other, strict=True)
        if not (PRIVATE_USE.match(ours) or PRIVATE_USE.match(theirs))
    ]
    return bool(pairs) and all(ours == theirs for ours, theirs in pairs)
