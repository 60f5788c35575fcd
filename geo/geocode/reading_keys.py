"""How names are typed: by characters, pinyin, initials or any mixture, as keys and patterns."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from geo.geocode.characters import HAN, fold, half_width, sounds, syllables
from geo.geocode.normalise import name_key

LONGEST_KEYS = 60
"""Keys of a query that are looked at."""
SHORTEST_WITH_DIRECTION = 4
END = "'"
_TELLING = frozenset("东西南北中前后上下内外一二三四五六七八九十")
_HAN = re.compile(f"[{HAN}]")
_KEY = re.compile(f"[{HAN}a-z0-9]")
_DIGITS = dict(zip("一二三四五六七八九十", ("1", "2", "3", "4", "5", "6", "7", "8", "9", "10"), strict=True))  # fmt: skip


def keys_of(text: str) -> str:
    """What was typed, in plain form: folded characters and lower-case letters, blanks dropped."""
    plain = fold(half_width(text)).lower().replace("ü", "v")
    bare = "".join(
        one for one in unicodedata.normalize("NFD", plain) if not unicodedata.combining(one)
    )
    return "".join(_KEY.findall(bare))[:LONGEST_KEYS]


@lru_cache(maxsize=1 << 18)
def encodings(name: str, romanisation: str | None) -> tuple[str, ...]:
    """A name as patterns are matched against it: each character, its reading, an apostrophe.

    The stored romanisation wins over the general dictionary; numerals may be typed as digits.
    """
    plain = fold(half_width(name)).lower()
    read = _stored(plain, keys_of(romanisation)) if romanisation else None
    usual = _readings(plain)
    found = {_written(plain, read or usual)}
    if read is not None and any(one.isdigit() for one in read):
        spoken = [one if not one.isdigit() else own for one, own in zip(read, usual, strict=True)]
        found.add(_written(plain, spoken))
    digits = name_key(name).lower()
    if digits != plain:
        found.add(_written(digits, _readings(digits)))
    return tuple(sorted(found))


def without_direction(name: str) -> str | None:
    """A name less the direction or ordinal before its generic part: 湖滨南路 → 湖滨路.

    None when it has none. People who type begin with what they are sure of.
    """
    if len(name) < SHORTEST_WITH_DIRECTION or name[-2] not in _TELLING:
        return None
    return name[:-2] + name[-1]


def pattern_of(keys: str, *, whole: bool = False) -> re.Pattern[str]:
    """What encodings these keys begin, every syllable by as many letters as were typed.

    Args:
        whole: the keys must reach the last character of the name.
    """
    parts = []
    before = ""
    for key in keys:
        parts.append(_step(before, key))
        before = key
    end = f"[a-z0-9]*{END}$" if whole else ""
    return re.compile("".join(parts) + end)


def first_keys(encoding: str) -> Iterator[str]:
    """The keys with which typing a name may begin."""
    yield encoding[0]
    if encoding[1] != encoding[0] and encoding[1] != END:
        yield encoding[1]


def is_han(key: str) -> bool:
    """Whether a key is a character rather than a letter or digit."""
    return _HAN.match(key) is not None


def _step(before: str, key: str) -> str:
    """From one key to the next: along the same syllable, or to the beginning of a later one."""
    rest = f"[a-z0-9]*{END}"
    if is_han(key):
        return key if not before else f"{rest}{key}"
    letter = "[uv]" if key in "uv" else key
    if not before:
        return f".{letter}"
    return f"{rest}.{letter}" if is_han(before) else f"(?:{rest}.)?{letter}"


def _written(name: str, readings: Sequence[str]) -> str:
    return "".join(
        f"{character}{reading}{END}" for character, reading in zip(name, readings, strict=True)
    )


@lru_cache(maxsize=1 << 17)
def _readings(name: str) -> tuple[str, ...]:
    """A reading for each character; letters and digits read as they are written."""
    found: list[str] = []
    for run in syllables(name):
        found += [run.lower()] if len(found) < len(name) and is_han(name[len(found)]) else run
    if len(found) != len(name):
        # A rare character without a reading was joined to its neighbours.
        found = [syllables(one)[0].lower() for one in name]
    return tuple(found)


def _stored(name: str, letters: str) -> tuple[str, ...] | None:
    """A stored romanisation shared out to the characters; None when it does not fit them."""
    found = _shared_out(name, letters)
    if found is not None:
        return found
    # An unusual reading: the general ones stand from both ends, the odd one takes what is left.
    usual = _readings(name)
    for odd in range(len(name)):
        head, tail = "".join(usual[:odd]), "".join(usual[odd + 1 :])
        middle = len(letters) - len(head) - len(tail)
        if middle > 0 and letters.startswith(head) and letters.endswith(tail):
            return (*usual[:odd], letters[len(head) : len(head) + middle], *usual[odd + 1 :])
    return None


def _shared_out(name: str, letters: str) -> tuple[str, ...] | None:
    if not name:
        return () if not letters else None
    own = sounds(name[0]) if is_han(name[0]) else frozenset({name[0]})
    choices = sorted(own | {_DIGITS.get(name[0], "")} - {""}, key=len, reverse=True)
    for reading in choices:
        plain = reading.replace("ü", "v")
        if letters.startswith(plain):
            rest = _shared_out(name[1:], letters[len(plain) :])
            if rest is not None:
                return (plain, *rest)
    return None
