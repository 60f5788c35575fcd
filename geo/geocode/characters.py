"""Characters: one written form for each, how they sound, and which look alike.

Both the registry's names and the texts asked about are folded here, so that a name with a rare
character (筼, 坵) is found whichever form either of them uses.

Sources: OpenCC's t2s table for traditional characters; Unihan for rare forms and look-alikes
(`lookalikes.py`); pypinyin for sounds.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from functools import cache, lru_cache

from opencc import OpenCC
from pypinyin import Style, lazy_pinyin, pinyin

from geo.geocode.lookalikes import LOOKALIKES, VARIANTS

HAN = "㐀-䶿一-鿿〇"
"""Inside a character class of a regular expression."""
_BLOCKS = ((0x3400, 0x4DC0), (0x4E00, 0xA000))
_OVER = {
    "裡": "里",
    "裏": "里",
    "號": "号",
    "○": "〇",
    "◯": "〇",
    "…": "...",
    **dict.fromkeys("‐‑‒–—―−~～﹣－", "-"),
    **dict.fromkeys("【〔〖「『<《", "("),
    **dict.fromkeys("】〕〗」』>》", ")"),
}


@cache
def _table() -> Mapping[int, str]:
    """What every character is written as; characters that stay are not in it."""
    converter = OpenCC("t2s")
    table: dict[int, str] = {}
    for first, last in _BLOCKS:
        for code in range(first, last):
            written = converter.convert(chr(code))
            if written != chr(code):
                table[code] = written
    for pair in VARIANTS.split():
        rare, usual = pair[0], pair[1]
        table.setdefault(ord(rare), table.get(ord(usual), usual))
    table.update({ord(rare): usual for rare, usual in _OVER.items()})
    return table


def half_width(text: str) -> str:
    """Full-width letters, digits and signs as half-width ones; compatibility forms resolved."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def fold(text: str) -> str:
    """Traditional characters, rare forms and kinds of dashes and brackets in one form each."""
    return text if text.isascii() else text.translate(_table())


@cache
def sounds(character: str) -> frozenset[str]:
    """Every reading of a character, tones left out."""
    return frozenset(pinyin(character, style=Style.NORMAL, heteronym=True)[0])


@lru_cache(maxsize=1 << 17)
def syllables(name: str) -> tuple[str, ...]:
    """The likeliest reading of a name, tones left out."""
    return tuple(lazy_pinyin(name))


@cache
def _groups() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for group in LOOKALIKES.split():
        for character in group:
            found[character].update(group)
    return {character: frozenset(group) for character, group in found.items()}


@cache
def likeness(one: str, other: str) -> str | None:
    """Why one character may be written for another: `sound`, `shape`, or None."""
    if sounds(one) & sounds(other):
        return "sound"
    return "shape" if other in _groups().get(one, ()) else None
