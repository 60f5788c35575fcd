"""An address for those who read no Chinese: spelled out in pinyin, and in English order.

Legal signs carry pinyin, not English, so the romanised line is the name's legal spelling; the
English line is for people, with the generic part of each division translated.
"""

import re
from collections.abc import Sequence
from typing import Final

from api.web.words import KINDS
from registry.addresses.text import AddressParts
from registry.names.romanisation import romanise

_GENERICS: Final = (
    *("街道", "社区", "自治区", "省", "市", "区", "县", "镇", "乡", "村"),
    *("大道", "路", "街", "巷", "里"),
)
_HOUSES: Final = (
    (re.compile(r"^(.+?)(?:号楼|栋|幢|座)$"), "Building {}"),
    (re.compile(r"^(.+?)(?:单元|梯)$"), "Unit {}"),
    (re.compile(r"^(?:地下)(.+?)层$"), "Floor B{}"),
    (re.compile(r"^(.+?)层$"), "Floor {}"),
    (re.compile(r"^(.+?)室$"), "Room {}"),
)
_SPELLED: Final = (
    *(("号楼", "Hàolóu"), ("栋", "Dòng"), ("幢", "Zhuàng"), ("座", "Zuò"), ("单元", "Dānyuán")),
    *(("梯", "Tī"), ("层", "Céng"), ("室", "Shì")),
)

Unit = tuple[str, str, str | None]
"""Name, kind (a value of DivisionKind) and romanisation of a division; None: not reviewed."""


def romanised(units: Sequence[Unit], carrier: str | None, parts: AddressParts) -> str:
    """The address spelled in pinyin, in Chinese order.

    Args:
        units: divisions, province first.
        carrier: romanisation of what bears the number, its name where there is none.
    """
    inner = (parts.building, parts.unit, parts.floor, parts.room)
    names = [spelled or name for name, _kind, spelled in units]
    pieces = [*names, carrier, _door(parts, "{} Hào"), *map(_spelled, inner)]
    return " ".join(piece for piece in pieces if piece)


def english(units: Sequence[Unit], carrier: str | None, parts: AddressParts) -> str:
    """The address in English, from the room to the country."""
    inner = (parts.room, parts.floor, parts.unit, parts.building)
    door = _door(parts, "No. {}")
    place = " ".join(piece for piece in (door, carrier) if piece)
    pieces = [*map(_translated, inner), place, *(_unit(*unit) for unit in reversed(units))]
    return ", ".join([*(piece for piece in pieces if piece), "China"])


def proposed(name: str) -> str:
    """How a machine would spell a name, until somebody has reviewed it."""
    generic = next((each for each in _GENERICS if name.endswith(each) and name != each), "")
    return romanise(name.removesuffix(generic), generic)


def _door(parts: AddressParts, form: str) -> str | None:
    if parts.number is None:
        return None
    sub = "" if parts.sub_number is None else f"-{parts.sub_number}"
    return form.format(f"{parts.number}{sub}")


def _unit(name: str, kind: str, spelled: str | None) -> str:
    word = KINDS["en"].get(kind, kind).title()
    if spelled is None:
        return name
    specific, _blank, generic = spelled.rpartition(" ")
    return f"{specific or generic} {word}"


def _translated(piece: str | None) -> str | None:
    for pattern, form in _HOUSES:
        found = pattern.match(piece or "")
        if found:
            return form.format(found[1])
    return piece


def _spelled(piece: str | None) -> str | None:
    for ending, said in _SPELLED:
        if piece and piece.endswith(ending):
            return f"{piece.removesuffix(ending)} {said}"
    return piece
