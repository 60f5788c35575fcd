"""Which columns of a table hold the address: told, or guessed from names and then from content."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.geocode_view import said_in_parts
from registry.errors import SourceIsUnreadable

PARTS = (
    "province", "city", "county", "township", "village",
    "carrier", "number", "building", "unit", "floor", "room",
)  # fmt: skip
WHOLE = (
    "address", "q", "text", "addr", "full_address", "地址", "标准地址", "详细地址", "住址", "地址全称",
)  # fmt: skip
NAMED: Mapping[str, tuple[str, ...]] = {
    "province": ("province", "省", "省份"),
    "city": ("city", "市", "城市", "地市"),
    "county": ("county", "district", "区", "县", "区县", "县区", "行政区"),
    "township": ("township", "town", "街道", "乡镇", "镇街", "镇", "街镇"),
    "village": ("village", "community", "村", "社区", "村居", "村社区"),
    "carrier": ("carrier", "street", "road", "路", "街路巷", "道路", "路名", "街道路巷"),
    "number": ("number", "housenumber", "house_number", "门牌", "门牌号", "号"),
    "building": ("building", "楼栋", "栋", "幢", "楼栋号"),
    "unit": ("unit", "单元", "单元号"),
    "floor": ("floor", "层", "楼层"),
    "room": ("room", "室", "房号", "户室", "室号"),
}
_LIKE_WHOLE = re.compile("地址|住址|address", re.IGNORECASE)
_LIKE_ADDRESS = re.compile(r"[路街巷里弄村社镇区].*\d|\d+\s*[号號#]")
SAMPLED = 50
ENOUGH = 0.5
"""Share of sampled cells that must look like addresses."""


@dataclass(frozen=True, slots=True)
class AddressColumns:
    """Where a row says its address: whole in some columns, one after the other, or in parts."""

    whole: tuple[str, ...] = ()
    parts: tuple[tuple[str, str], ...] = ()
    """Part and column."""

    def text_of(self, row: Mapping[str, Any]) -> str:
        """The address of a row as one text; empty when it has none."""
        if self.whole:
            return "".join([_said(row.get(name)) for name in self.whole])
        return said_in_parts({part: _said(row.get(name)) for part, name in self.parts})


def told_columns(told: str, had: Sequence[str], file: str) -> AddressColumns:
    """What `--columns` names: `地址`, or `区,路,门牌` joined, or `county=区,carrier=路,number=号`.

    Raises:
        SourceIsUnreadable: a column is not there, or a part is none.
    """
    whole, parts = [], []
    for piece in filter(None, (one.strip() for one in told.split(","))):
        part, equals, name = piece.partition("=")
        column = name if equals else part
        if had and column not in had:
            raise SourceIsUnreadable(file, f"no column {column}; it has {', '.join(had)}")
        if not equals or part == "address":
            whole.append(column)
        elif part in PARTS:
            parts.append((part, column))
        else:
            raise SourceIsUnreadable(file, f"no part {part}; there are {', '.join(PARTS)}")
    return _one_way(whole, parts, file)


def _one_way(whole: list[str], parts: list[tuple[str, str]], file: str) -> AddressColumns:
    if bool(whole) == bool(parts):
        raise SourceIsUnreadable(file, "name columns with the whole address, or its parts")
    return AddressColumns(tuple(whole), tuple(sorted(parts, key=lambda one: PARTS.index(one[0]))))


def guessed_columns(
    had: Sequence[str], sample: Iterable[Mapping[str, Any]], file: str
) -> AddressColumns:
    """The columns that look like the address.

    Raises:
        SourceIsUnreadable: none does.
    """
    by_name = {_plain(name): name for name in reversed(had)}
    for name in WHOLE:
        if name in by_name:
            return AddressColumns((by_name[name],))
    like = next((name for name in had if _LIKE_WHOLE.search(name)), None)
    if like is not None:
        return AddressColumns((like,))
    parts = [
        (part, by_name[name])
        for part, names in NAMED.items()
        if (name := next((one for one in names if one in by_name), ""))
    ]
    if {"carrier", "number"} <= {part for part, _name in parts}:
        return AddressColumns(parts=tuple(parts))
    best = _by_content(had, list(sample))
    if best is None:
        wanted = " or ".join(WHOLE[:3])
        raise SourceIsUnreadable(
            file, f"no column {wanted}; it has {', '.join(had)}: name one with --columns"
        )
    return AddressColumns((best,))


def _by_content(had: Sequence[str], sample: Sequence[Mapping[str, Any]]) -> str | None:
    def share(name: str) -> float:
        cells = [_said(row.get(name)) for row in sample]
        return sum(bool(_LIKE_ADDRESS.search(cell)) for cell in cells) / max(1, len(cells))

    best = max(had, key=share, default=None)
    return best if best is not None and share(best) >= ENOUGH else None


def _plain(name: str) -> str:
    return name.strip().lstrip("\ufeff").casefold()


def _said(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).replace("\0", "").strip()
