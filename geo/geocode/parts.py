"""The door and what lies behind it: number, sub-number, building, unit, floor, room (门牌 … 室)."""

import re
from dataclasses import dataclass, field, replace

from geo.geocode.characters import HAN

BUILDING_WORDS = "栋幢座号楼"
UNIT_WORDS = "单元梯门"
FLOOR_WORDS = "层楼F"
ROOM_WORDS = "室房号"
"""Characters stripped from the end of a part before two parts are compared: 3幢 is 3栋."""
_WORDS = {
    "building": BUILDING_WORDS,
    "unit": UNIT_WORDS,
    "floor": FLOOR_WORDS,
    "room": ROOM_WORDS,
}
INNER = ("building", "unit", "floor", "room")
MOST_DOORS = 60
"""Doors of a range that are looked for."""

_END = rf"(?=[\s\-,/]|$|(?![栋幢座层楼室房单梯期米元年月日])[{HAN}A-Z])"
DOOR = re.compile(
    rf"\s*(?P<first>\d{{1,6}})(?:(?P<more>(?:号?[、/]\d{{1,6}})+)号?|(?P<listed>(?:号\d{{1,6}}){{2,}})号"
    rf"|-(?P<last>\d{{1,6}}))?(?P<word>号楼?|号院|弄|{_END})"
)
_SUB = re.compile(r"\s*之([A-Z]?\d{1,5}[A-Z]?|[甲乙丙丁A-Z])(?:号(?!楼))?")
_NUMBERS = re.compile(r"\d+")
_B = r"[ \-]?"
_NAMED = "大楼|楼|大厦|广场|中心|港湾|公寓|商厦|花园|小区|家园|花苑|苑|城|科技园|产业园|工业园|市场"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("triple", re.compile(r"[ \-]?([A-Z]?\d{1,3}[A-Z]?)-(\d{1,2})-([A-Z]?\d{1,5}[A-Z]?)(?:室|(?=\s|$))")),
    ("unit", re.compile(rf"{_B}([A-Z\d]{{1,3}})(单元|梯)")),
    ("floor", re.compile(rf"{_B}((?:地下|负|B)?\d{{1,3}})(?:-(\d{{1,3}}))?(?:层|楼(?![{HAN}])|F(?![A-Z\d]))")),
    ("building", re.compile(rf"{_B}([A-Z]?\d{{1,4}}[A-Z]?|[A-Z])(?:栋|幢|座|号楼|号院)")),
    ("annex", re.compile(r"([A-Z])之(?=\d)")),
    ("pair", re.compile(r"[ \-]?([A-Z]?\d{1,3}|[A-Z])-([A-Z]?\d{3,5}[A-Z]?)(?:室|房|(?=\s|$))")),
    ("room", re.compile(rf"{_B}([A-Z]?\d{{1,5}}[A-Z]?)(?:-(\d{{1,5}}))?(?:室|房|号房|号铺|(?=[\s,]|$))")),
    ("building", re.compile(rf"{_B}(\d{{1,4}})号(?!\d)")),
    ("named", re.compile(rf"{_B}([{HAN}A-Z]{{1,14}}?(?:{_NAMED}))(?![{HAN}]{{0,3}}(?:路|街|道|巷))")),
    ("letters", re.compile(r"[ \-]?([A-Z]{1,2}\d{0,4})(?=\s|$)")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the tail with its role and place."""

    text: str
    role: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Tail:
    """What follows a carrier; every part as written, without knowing what the registry holds."""

    number: int | None = None
    last_number: int | None = None
    """End of a range."""
    more_numbers: tuple[int, ...] = ()
    """Further doors of a list."""
    sub: str | None = None
    named: str | None = None
    """A building called by a name, when a block of it is given too: 新港广场 of 新港广场A座."""
    building: str | None = None
    unit: str | None = None
    floor: str | None = None
    last_floor: str | None = None
    room: str | None = None
    last_room: str | None = None
    pieces: tuple[Piece, ...] = ()
    end: int = 0
    block_like: bool = False
    """12号楼 may be house number 12 or block 12."""
    joined: bool = field(default=False)
    """The number and what follows it were joined by a dash: 388-1205."""


def part_key(part: str, text: str | None) -> str | None:
    """A part without its word, so that 3幢, 3栋 and 3号楼 are the same building."""
    if text is None:
        return None
    return text.rstrip(_WORDS[part]) or text


def read_tail(text: str, at: int) -> Tail | None:
    """Read a door and what lies behind it from a place in a plain text; None without a door."""
    door = DOOR.match(text, at)
    if door is None:
        return None
    tail = Tail(
        number=int(door["first"]),
        last_number=int(door["last"]) if door["last"] else None,
        more_numbers=tuple(map(int, _NUMBERS.findall(door["more"] or door["listed"] or ""))),
        pieces=(Piece(door[0].strip(), "number", door.start(), door.end()),),
        end=door.end(),
        block_like=door["word"] == "号楼",
        joined=bool(door["last"]) and not door["word"],
    )
    if tail.joined:
        tail = _unjoined(tail, door)
    sub = _SUB.match(text, tail.end) if door["word"] else None
    if sub is not None:
        piece = Piece(sub[0].strip(), "sub", sub.start(), sub.end())
        tail = replace(tail, sub=sub[1], end=sub.end(), pieces=(*tail.pieces, piece))
    return read_inner(text, tail)


def _unjoined(tail: Tail, door: re.Match[str]) -> Tail:
    """388-1205 is number and room; 62-3 may be number and sub-number."""
    assert tail.last_number is not None
    if len(door["last"]) >= 3 or (tail.number or 0) > tail.last_number:
        start = door.start("first")
        pieces = (
            Piece(door["first"], "number", start, door.end("first")),
            Piece(door["last"], "room", door.start("last"), door.end("last")),
        )
        if len(door["last"]) < 3:
            pieces = (pieces[0], replace(pieces[1], role="sub"))
            return replace(tail, last_number=None, sub=door["last"], pieces=pieces)
        return replace(tail, last_number=None, room=door["last"], pieces=pieces)
    return tail


def read_inner(text: str, tail: Tail) -> Tail:
    """Read building, unit, floor and room from where a tail ends."""
    while tail.end < len(text):
        found = next(
            ((role, match) for role, pattern in _PATTERNS if (match := pattern.match(text, tail.end))),
            None,
        )  # fmt: skip
        if found is None:
            break
        taken = _with(tail, *found)
        if taken is None:
            break
        tail = taken
    return tail


def _with(tail: Tail, role: str, match: re.Match[str]) -> Tail | None:
    piece = match[0].strip(" -")
    start = match.start() + len(match[0]) - len(match[0].lstrip(" -"))
    put = _PUT.get(role, _plain)
    found = put(tail, role, match)
    if found is None:
        return None
    shown = {"triple": "room", "pair": "room", "named": "building", "annex": "building"}
    said = piece.replace("楼", "层").replace("F", "层") if role == "floor" else piece
    kind = "room" if role == "letters" else shown.get(role, role)
    if role == "unit" and tail.floor is not None:
        kind = "room"
    new = Piece(said, kind, start, match.end())
    return replace(found, pieces=(*tail.pieces, new), end=match.end())


def _plain(tail: Tail, role: str, match: re.Match[str]) -> Tail | None:
    if role == "building" and tail.building is not None and tail.named is None:
        if not tail.building.isascii() and not tail.building[0].isdigit():
            return replace(tail, named=tail.building, building=match[0].strip(" -"))
        return None
    if getattr(tail, role) is not None:
        return None
    if role == "building":
        return replace(tail, building=match[0].strip(" -"))
    if role == "floor":
        value = f"{match[1].replace('负', '地下').replace('B', '地下')}层"
        return replace(tail, floor=value, last_floor=match[2])
    if role == "room":
        return replace(tail, room=f"{match[1]}室", last_room=match[2])
    if tail.floor is not None:  # 26层B单元: what comes after a floor is a room
        return replace(tail, room=match[1])
    return replace(tail, unit=match[1] + match[2])


def _triple(tail: Tail, _role: str, match: re.Match[str]) -> Tail | None:
    if tail.building or tail.unit or tail.room:
        return None
    return replace(tail, building=match[1], unit=match[2], room=f"{match[3]}室")


def _pair(tail: Tail, _role: str, match: re.Match[str]) -> Tail | None:
    if tail.room:
        return None
    if tail.building is None:
        return replace(tail, building=match[1], room=f"{match[2]}室")
    if tail.unit is None:
        return replace(tail, unit=match[1], room=f"{match[2]}室")
    return None


def _named(tail: Tail, _role: str, match: re.Match[str]) -> Tail | None:
    if tail.building is not None:
        return None
    return replace(tail, building=match[1])


def _annex(tail: Tail, _role: str, match: re.Match[str]) -> Tail | None:
    return replace(tail, named=tail.building, building=f"{match[1]}座")


def _letters(tail: Tail, _role: str, match: re.Match[str]) -> Tail | None:
    return None if tail.room else replace(tail, room=match[1])


_PUT = {
    "triple": _triple,
    "pair": _pair,
    "named": _named,
    "annex": _annex,
    "letters": _letters,
}
