"""Addresses in pinyin, in initials or in English order, written as a Chinese text may read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Protocol

from geo.geocode.characters import HAN
from geo.geocode.names import CarrierPeriod, DivisionPeriod

_PIECE = re.compile(rf"[A-Z']+|\d+(?:-\d+)*|[{HAN}]+(?:\d*号)?")
_LETTERS = re.compile(r"[A-Z]{2,}")
_ONE_HAN = re.compile(rf"[{HAN}]")
_GENERICS: dict[str, tuple[str, ...]] = {
    "ROAD": ("lu",), "RD": ("lu",), "STREET": ("jie", "dajie"), "ST": ("jie", "dajie"),
    "AVENUE": ("dadao", "lu"), "AVE": ("dadao", "lu"), "BOULEVARD": ("dadao",),
    "BLVD": ("dadao",), "LANE": ("xiang", "li", "nong"), "ALLEY": ("xiang",),
    "DISTRICT": ("qu",), "DIST": ("qu",), "CITY": ("shi",), "PROVINCE": ("sheng",),
    "PROV": ("sheng",), "COUNTY": ("xian",), "TOWN": ("zhen",), "TOWNSHIP": ("xiang", "zhen"),
    "SUBDISTRICT": ("jiedao",), "VILLAGE": ("cun",), "COMMUNITY": ("shequ",),
    "NORTH": ("bei",), "SOUTH": ("nan",), "EAST": ("dong",), "WEST": ("xi",),
    "MIDDLE": ("zhong",), "CENTRAL": ("zhong",), "N": ("bei",), "S": ("nan",),
    "E": ("dong",), "W": ("xi",),
}  # fmt: skip
_INNER = {
    "ROOM": "室", "RM": "室", "FLOOR": "层", "FL": "层", "BUILDING": "栋", "BLDG": "栋",
    "BLOCK": "栋", "UNIT": "单元", "APT": "室",
}  # fmt: skip
_IGNORED = frozenset({"NO", "NUMBER", "CHINA", "P", "R", "PRC", "OF", "THE"})
_MOST_WORDS = 6
_MOST_TEXTS = 6
_SHORTEST_ABBREVIATION = 3
_LONGEST_ABBREVIATION = 7


class Reader(Protocol):
    """The part of a gazetteer that is asked here."""

    def read_as(self, latin: str) -> list[str]:
        """Names of this pinyin."""

    def abbreviated(self, latin: str) -> list[str]:
        """Names of these initials."""

    def named(self, key: str) -> tuple[tuple[DivisionPeriod, ...], tuple[CarrierPeriod, ...]]:
        """What a name means."""


@dataclass(slots=True)
class _Found:
    names: list[list[str]] = field(default_factory=list)
    number: str = ""
    inner: str = ""
    plain: str = ""
    how: str = "pinyin"


def is_latin(text: str) -> bool:
    """Whether a plain text is written in letters rather than in characters."""
    letters = sum(len(run) for run in _LETTERS.findall(text))
    return letters >= _SHORTEST_ABBREVIATION and letters > len(_ONE_HAN.findall(text))


def han_texts(text: str, gazetteer: Reader) -> list[tuple[str, str]]:
    """Chinese texts a romanised address may stand for, each with how it was read."""
    found = _read(_PIECE.findall(text), gazetteer)
    if not found.names:
        return []
    written = []
    for chosen in islice(product(*(names[:3] for names in found.names)), _MOST_TEXTS):
        placed = sorted(chosen, key=lambda name: _level(name, gazetteer))
        number = f"{found.number}号" if found.number else ""
        written.append((f"{found.plain}{''.join(placed)}{number}{found.inner}", found.how))
    return written


def _level(name: str, gazetteer: Reader) -> int:
    divisions, carriers = gazetteer.named(name)
    return 9 if carriers or not divisions else min(p.level for p in divisions)


def _read(pieces: list[str], gazetteer: Reader) -> _Found:
    found, at = _Found(), 0
    while at < len(pieces):
        piece = pieces[at]
        if piece[0].isdigit():
            at = _number(pieces, at, found)
        elif piece in _IGNORED:
            at += 1
        elif piece in _INNER:
            at = _inner(pieces, at, found)
        elif not piece.isascii():
            found.plain += piece
            at += 1
        else:
            at = _name(pieces, at, found, gazetteer)
    return found


def _number(pieces: list[str], at: int, found: _Found) -> int:
    following = pieces[at + 1] if at + 1 < len(pieces) else ""
    if following == "F":
        found.inner += f"{pieces[at]}层"
        return at + 2
    if not found.number:
        found.number = pieces[at]
    else:
        found.inner += f" {pieces[at]}室"
    return at + 1


def _inner(pieces: list[str], at: int, found: _Found) -> int:
    following = pieces[at + 1] if at + 1 < len(pieces) else ""
    if following[:1].isdigit():
        part = f"{following}{_INNER[pieces[at]]}"
        found.inner = part + found.inner if part[-1] in "栋元" else found.inner + part
        return at + 2
    return at + 1


def _name(pieces: list[str], at: int, found: _Found, gazetteer: Reader) -> int:
    run = at
    while run < len(pieces) and pieces[run].isalpha() and run - at < _MOST_WORDS:
        run += 1
    for end in range(max(run, at + 1), at, -1):
        for latin in _spoken(pieces[at:end]):
            names = gazetteer.read_as(latin)
            if names:
                found.names.append(names)
                return end
    word = pieces[at].lower()
    if _SHORTEST_ABBREVIATION <= len(word) <= _LONGEST_ABBREVIATION:
        names = gazetteer.abbreviated(word)
        if names:
            found.names.append(names)
            found.how = "initials"
    return at + 1


def _spoken(words: list[str]) -> Iterator[str]:
    """The pinyin a run of words may stand for; an English direction may come first."""
    each = [_GENERICS.get(word, (word.lower().replace("'", ""),)) for word in words]
    for spoken in product(*each):
        yield "".join(spoken)
        if len(spoken) > 2 and words[0] in _GENERICS:
            yield "".join((*spoken[1:-1], spoken[0], spoken[-1]))
