"""Romanisation (罗马字母拼写) of place names, proposed by machine for a person to review.

Source: 中国地名汉语拼音字母拼写规则 (〔84〕中地字第17号), on 汉语拼音方案.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from pypinyin import Style, lazy_pinyin

NO_READINGS: Mapping[str, str] = MappingProxyType({})
NUMERALS = "一二三四五六七八九十百"
MODIFIERS = frozenset("东西南北中前后上下内外")
ORDINAL = re.compile(rf"^(?P<head>.*[^{NUMERALS}])?(?P<ordinal>[{NUMERALS}]+)$")
OPEN_VOWELS = frozenset("aāáǎàoōóǒòeēéěè")
DIGITS = {digit: value for value, digit in enumerate("一二三四五六七八九", start=1)}
NUMBERED_ROAD = "马路"
"""After a bare numeral: 二马路 is a second road, not a name."""
SHORTEST_HEAD = 2
"""Characters: a shorter head keeps its modifier, 岭南 stays one word."""


def romanise(specific: str, generic: str, *, readings: Mapping[str, str] = NO_READINGS) -> str:
    """Spell a name: 湖滨南 + 路 is `Húbīn Nánlù`, 湖滨四 + 里 is `Húbīn 4 Lǐ`.

    Args:
        specific: 专名, with direction and ordinal.
        generic: 通名; empty when the name is one word (曾厝垵).
        readings: syllables of words the general dictionary gets wrong, parted by blanks,
            such as `{"厦": "xià", "曾厝垵": "zēng cuò ān"}`.
    """
    head, modifier, ordinal = _parted(specific) if generic else (specific, "", "")
    if generic == NUMBERED_ROAD and all(character in NUMERALS for character in specific):
        words = [str(_value(specific)), generic]
    elif ordinal:
        words = [head, modifier, str(_value(ordinal)), generic]
    else:
        words = [head, modifier + generic]
    return " ".join(_word(word, readings) for word in words if word)


def _parted(specific: str) -> tuple[str, str, str]:
    """Head, one-character modifier and ordinal of a specific part."""
    found = ORDINAL.match(specific)
    ordinal = found["ordinal"] if found and found["head"] else ""
    head = specific.removesuffix(ordinal) if ordinal else specific
    if len(head) > SHORTEST_HEAD and head[-1] in MODIFIERS:
        return head[:-1], head[-1], ordinal
    return head, "", ordinal


def _value(numeral: str) -> int:
    """A numeral below a thousand: 十二 is 12, 二十 is 20."""
    total, digit = 0, 0
    for character in numeral:
        unit = {"十": 10, "百": 100}.get(character)
        if unit is None:
            digit = DIGITS[character]
        else:
            total += max(digit, 1) * unit
            digit = 0
    return total + digit


def _word(word: str, readings: Mapping[str, str]) -> str:
    """One word, capitalised, with an apostrophe before an open vowel inside it."""
    syllables = _syllables(word, readings)
    joined = syllables[0]
    for syllable in syllables[1:]:
        apart = syllable[:1] in OPEN_VOWELS and joined[-1:].isalpha()
        joined += f"'{syllable}" if apart else syllable
    return joined[:1].upper() + joined[1:]


def _syllables(word: str, readings: Mapping[str, str]) -> list[str]:
    """Syllables with tone marks; the longest reviewed reading wins over the dictionary."""
    for length in range(len(word), 0, -1):
        for start in range(len(word) - length + 1):
            known = readings.get(word[start : start + length])
            if known is not None:
                before, after = word[:start], word[start + length :]
                return [
                    *(_syllables(before, readings) if before else []),
                    *known.split(),
                    *(_syllables(after, readings) if after else []),
                ]
    return list(lazy_pinyin(word, style=Style.TONE))
