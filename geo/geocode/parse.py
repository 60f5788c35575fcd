"""Plain address text to what its parts may mean, best reading first."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from geo.geocode.characters import HAN
from geo.geocode.gazetteer import Gazetteer, Hit, outermost
from geo.geocode.latin import han_texts, is_latin
from geo.geocode.names import VILLAGE, CarrierPeriod, DivisionPeriod
from geo.geocode.normalise import Normalised, name_key
from geo.geocode.parts import Tail, read_inner, read_tail
from geo.geocode.rest import NEAR, between, words_left

ROLES = {1: "province", 2: "city", 3: "county", 4: "township", 5: "village"}
MOST_PARSES = 8
MOST_ANCHORS = 12
"""Names that are tried as the one that bears the number."""
_LONGEST_NAME = 9
_CODE = re.compile(r"(?<!\d)\d{6}(?:\d{3})?(?:\d{3})?(?!\d)")
_NUMBERED = re.compile(r"\d+(?:号|[、/]\d)")
_BLOCK = re.compile(r"[A-Z]?\d{1,4}(?:栋|幢|座|号楼|单元|层|室)")
_WORD = re.compile(rf"[{HAN}]+")
_LONGER = re.compile(
    r"[东南西北中]?(?:[一二三四五六七八九十]+)?(?:支路|支弄|辅路|横街|胡同|大街|路|街|巷|弄|里(?!面))"
)
_GENERIC = re.compile(
    r"自治州|自治县|地区|省|市|区|县|镇|乡|街道(?:办事处)?|社区(?:居委会)?|村委会|居委会|村"
)
_LEVELS_OF = {
    "省": (1,), "自治州": (2,), "地区": (2,), "市": (2, 3), "区": (3,), "县": (3,), "自治县": (3,),
    "镇": (4,), "乡": (4,), "街道": (4,), "街道办事处": (4,),
}  # fmt: skip
_ESTATE_AFTER = re.compile(
    r"(?:国际|第?[一二三四五六七八九十]|[东西南北中新])?(?:公园|花园|小区|新村|新城|家园|花苑|豪园|嘉园|名苑|公寓|大厦|广场|中心|工业园|产业园|科技园|开发区|工业区|商城|市场|医院|学校|小学|中学|大学|车站|机场)"
)
_CROSSING = re.compile(r"^\s*(?:与|和|跟|及|同|[×/、-])\s*$")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text with its role (地址要素) and all it may mean."""

    text: str
    role: str
    start: int
    end: int
    divisions: tuple[DivisionPeriod, ...] = ()
    carriers: tuple[CarrierPeriod, ...] = ()
    how: str = "exact"
    safe: bool = True
    """Whether what was repaired, if anything, is a repair people need often."""


@dataclass(frozen=True, slots=True)
class Parse:
    """One reading of an address."""

    tokens: tuple[Token, ...]
    tail: Tail
    near: bool = False
    reordered: bool = False
    """The parts were not written from large to small."""
    inside_longer: bool = False
    """The carrier's name is only part of what may be a longer name."""
    crossing: Token | None = None
    """The other road of a crossing."""
    names: tuple[Token, ...] | None = field(default=None, compare=False, repr=False)
    """The tokens before the door: one object for all texts that say the same there."""

    @property
    def number(self) -> int | None:
        """The door number, the first of several."""
        return self.tail.number

    def role(self, role: str) -> Token | None:
        """Find the first token of a role."""
        return next((t for t in self.tokens if t.role == role), None)

    @property
    def carrier(self) -> Token | None:
        """The token of the registered name that bears the number."""
        return next((t for t in self.tokens if t.carriers), None)

    @property
    def divisions(self) -> tuple[Token, ...]:
        """The division tokens, in the order written."""
        return tuple(t for t in self.tokens if t.divisions)

    @property
    def repaired(self) -> bool:
        """Whether the carrier's name had to be repaired."""
        return self.carrier is not None and self.carrier.how != "exact"


def parse(
    normalised: Normalised, gazetteer: Gazetteer, hits: tuple[Hit, ...] | None = None
) -> list[Parse]:
    """Read a text in every way the gazetteer allows, best first; empty when in none.

    Args:
        hits: the registry's names in the text, when they are known already.
    """
    text = normalised.text
    if is_latin(text):
        return [
            _said_as(reading, how)
            for han, how in han_texts(text, gazetteer)
            for reading in _parse(han, gazetteer, gazetteer.hits(han))[:2]
        ][:MOST_PARSES]
    return _parse(text, gazetteer, gazetteer.hits(text) if hits is None else hits)


def _parse(text: str, gazetteer: Gazetteer, hits: tuple[Hit, ...]) -> list[Parse]:
    anchors = _anchors(hits)
    read = [_read(text, hits, anchor, gazetteer) for anchor in anchors]
    if not any(_good(reading) for reading in read):
        read += [_read(text, hits, one, gazetteer) for one in _repairs(text, hits, gazetteer)]
    if not any(_good(reading) for reading in read):
        read += _without_carrier(text, hits, gazetteer)
    return sorted(read, key=lambda p: -_worth(p, len(text)))[:MOST_PARSES]


def _good(reading: Parse) -> bool:
    door = reading.number is not None or reading.tail.building is not None
    return (door or reading.crossing is not None) and not reading.inside_longer


def _worth(reading: Parse, length: int) -> float:
    spoken = sum(t.end - t.start for t in reading.tokens if t.role != "other")
    carrier = reading.carrier
    later = carrier.start / max(length, 1) if carrier else 0
    return (
        spoken / max(length, 1)
        + (reading.number is not None)
        - 0.3 * reading.repaired
        - 0.2 * (carrier is not None and not carrier.safe)
        - 0.5 * reading.inside_longer
        + 0.01 * later
    )


def _anchors(hits: tuple[Hit, ...]) -> list[Token]:
    """Names that may bear the number: those that are no part of a longer registered name."""
    return [
        Token(hit.text, "carrier", hit.start, hit.end, carriers=hit.carriers)
        for hit in outermost(hits)
        if hit.carriers
    ][:MOST_ANCHORS]


def _repairs(text: str, hits: tuple[Hit, ...], gazetteer: Gazetteer) -> list[Token]:
    """Words before a number, or whole words, that are nearly the name of a carrier."""
    door = _NUMBERED.search(text)
    found: list[Token] = []
    ends = [door.start()] if door else []
    ends += [m.end() for m in _WORD.finditer(text) if m.end() not in ends]
    known = {hit.end for hit in hits if hit.divisions}
    starts = known | {m.start() for m in _WORD.finditer(text)}
    for end in [len(text[:one].rstrip()) for one in ends]:
        for begin in range(max(0, end - _LONGEST_NAME), end - 2):
            word = text[begin:end]
            if not _WORD.fullmatch(word):
                continue
            for repair in gazetteer.like_carrier(word):
                carriers = gazetteer.named(repair.name)[1]
                safe = repair.safe and (begin in starts or len(word) > SHORT)
                token = Token(word, "carrier", begin, end, (), carriers, repair.how, safe)
                found.append(token)
        if found:
            break
    begins_well = {token.start: token.start in starts for token in found}
    return sorted(found, key=lambda t: (not begins_well[t.start], not t.safe, t.start))[
        :MOST_PARSES
    ]


SHORT = 3


@lru_cache(maxsize=1 << 16)
def _is_whole(name: str, text: str) -> bool:
    return name == text or name_key(name) == text


def _division_tokens(
    text: str, hits: tuple[Hit, ...], start: int, end: int, gazetteer: Gazetteer
) -> list[Token]:
    """Choose the longest names left to right.

    Levels go down as addresses do; a short form that would climb back up is left alone, since
    it may be part of another word. A whole name is always taken: it has to be proved as well.
    """
    chosen: list[Token] = []
    at, level = start, 0
    inside = [h for h in hits if start <= h.start and h.end <= end]
    for hit in sorted(inside, key=lambda h: (h.start, -h.end)):
        if hit.start < at:
            continue
        token = _division_token(text, hit, level, end) if hit.divisions else _elsewhere(hit, chosen)
        if token is None:
            continue
        level = max(level, min((p.level for p in token.divisions), default=0))
        chosen.append(token)
        at = token.end
    return _with_codes(text, chosen, start, end, gazetteer)


def _division_token(text: str, hit: Hit, level: int, end: int) -> Token | None:
    whole = tuple(p for p in hit.divisions if _is_whole(p.name, hit.text))
    below = tuple(p for p in hit.divisions if p.level > level)
    meant = tuple(p for p in whole if p.level > level) or below or whole
    if not meant:
        return None
    own = min(p.level for p in meant)
    role = ROLES.get(own, "other")
    if set(meant) <= set(whole):
        return Token(hit.text, role, hit.start, hit.end, divisions=meant)
    if _ESTATE_AFTER.match(text, hit.end, end):
        return None
    generic = _GENERIC.match(text, hit.end, end)
    if generic and not hit.text.endswith(("村", "社区", "居委会", "村委会")):
        return _of_another_kind(hit, meant, generic)
    how = "exact" if own == VILLAGE else "short form"
    return Token(hit.text, role, hit.start, hit.end, divisions=meant, how=how)


def _of_another_kind(
    hit: Hit, meant: tuple[DivisionPeriod, ...], generic: re.Match[str]
) -> Token | None:
    """同安县, when only 同安区 is known: the same place under a kind it may have had."""
    levels = _LEVELS_OF.get(generic[0], (VILLAGE,))
    fitting = tuple(p for p in meant if p.level in levels)
    if not fitting:
        return None
    role = ROLES.get(fitting[0].level, "other")
    text = hit.text + generic[0]
    return Token(text, role, hit.start, generic.end(), fitting, how=f"kind differs: {generic[0]}")


def _elsewhere(hit: Hit, chosen: list[Token]) -> Token | None:
    """A well-known division that is not this registry's, where a division may be named."""
    first = all(t.end <= hit.start for t in chosen) and (chosen or hit.start == 0)
    if hit.carriers or not first or (chosen and chosen[-1].end != hit.start):
        return None
    return Token(hit.text, "unknown division", hit.start, hit.end)


def _with_codes(
    text: str, chosen: list[Token], start: int, end: int, gazetteer: Gazetteer
) -> list[Token]:
    for match in _CODE.finditer(text, start, end):
        meant = gazetteer.coded(match[0])
        if meant and not any(t.start < match.end() and match.start() < t.end for t in chosen):
            role = ROLES.get(min(p.level for p in meant), "other")
            chosen.append(Token(match[0], role, match.start(), match.end(), meant, how="code"))
    return sorted(chosen, key=lambda t: t.start)


def _read(text: str, hits: tuple[Hit, ...], anchor: Token, gazetteer: Gazetteer) -> Parse:
    crossing = _crossing(text, hits, anchor)
    if crossing is not None:
        return _crossed(text, hits, anchor, crossing, gazetteer)
    start, end = anchor.start, anchor.end
    tail = read_tail(text, end)
    reordered = False
    if tail is None:
        end, tail = _later_tail(text, end, hits)
    if tail.number is None and tail.building is None:
        before = _tail_before(text, start)
        if before is not None:
            tail, start, reordered = before[0], before[1], True
    head = _division_tokens(text, hits, 0, start, gazetteer)
    after = _division_tokens(text, hits, max(end, tail.end), len(text), gazetteer)
    if reordered:
        after = _division_tokens(text, hits, anchor.end, len(text), gazetteer)
    tokens, near = _filled(text, [*head, anchor, *pieces_of(tail), *after], gazetteer)
    longer = _is_inside_longer(text, anchor, tokens)
    moved = reordered or any(t.end <= len(text) and t.start > anchor.start for t in after)
    return Parse(tokens, tail, near, reordered=moved, inside_longer=longer)


def _later_tail(text: str, end: int, hits: tuple[Hit, ...]) -> tuple[int, Tail]:
    """The door further on, when no other name that could bear it stands between."""
    inner = read_inner(text, Tail(end=end))
    if inner.pieces:
        return end, inner
    door = _NUMBERED.search(text, end)
    if door is None or any(h.carriers and end <= h.start < door.start() for h in hits):
        return end, Tail(end=end)
    if between(text[end : door.start()]):
        return end, read_tail(text, door.start()) or Tail(end=end)
    return end, Tail(end=end)


def _tail_before(text: str, start: int) -> tuple[Tail, int] | None:
    """A door written before the name that bears it."""
    found = None
    for door in _NUMBERED.finditer(text, 0, start):
        tail = read_tail(text[:start].rstrip(), door.start())
        if tail is not None and found is None:
            found = tail, door.start()
    return found


def _crossing(text: str, hits: tuple[Hit, ...], anchor: Token) -> Token | None:
    for hit in hits:
        if (
            hit.carriers
            and hit.start > anchor.end
            and _CROSSING.match(text[anchor.end : hit.start])
        ):
            rest = text[hit.end :]
            if NEAR.match(rest):
                return Token(hit.text, "crossing", hit.start, hit.end, carriers=hit.carriers)
    return None


def _crossed(
    text: str, hits: tuple[Hit, ...], anchor: Token, other: Token, gazetteer: Gazetteer
) -> Parse:
    head = _division_tokens(text, hits, 0, anchor.start, gazetteer)
    joint = Token(text[anchor.end : other.start], "joint", anchor.end, other.start)
    tokens, _near = _filled(text, [*head, anchor, joint, other], gazetteer)
    return Parse(tokens, Tail(end=other.end), near=True, crossing=other)


def _is_inside_longer(text: str, anchor: Token, tokens: tuple[Token, ...]) -> bool:
    after = _LONGER.match(text, anchor.end)
    if after and after[0]:
        return True
    left = next((t for t in tokens if t.end == anchor.start and not t.divisions), None)
    return left is not None and left.role == "other" and len(left.text) == 1


def _without_carrier(text: str, hits: tuple[Hit, ...], gazetteer: Gazetteer) -> list[Parse]:
    """A reading of which only divisions, an estate and numbers are understood, if that much."""
    door = _NUMBERED.search(text)
    limit = door.start() if door else len(text)
    divisions = _division_tokens(text, hits, 0, limit, gazetteer)
    tail = read_tail(text, limit) if door else None
    if tail is None and divisions:
        tail = read_tail(text, divisions[-1].end)
    if tail is None:
        inner = _BLOCK.search(text)
        tail = read_inner(text, Tail(end=inner.start() if inner else len(text)))
    known = [t for t in divisions if not tail.pieces or t.end <= tail.pieces[0].start]
    after = _division_tokens(text, hits, tail.end, len(text), gazetteer)
    tokens, near = _filled(text, [*known, *pieces_of(tail), *after], gazetteer)
    return [Parse(tokens, tail, near, reordered=bool(after))] if tokens else []


def pieces_of(tail: Tail) -> Iterator[Token]:
    """The door and its parts as tokens."""
    for piece in tail.pieces:
        yield Token(piece.text, piece.role, piece.start, piece.end)


def _filled(text: str, known: list[Token], gazetteer: Gazetteer) -> tuple[tuple[Token, ...], bool]:
    """Fill what lies between the tokens with tokens of what it may be."""
    tokens: list[Token] = []
    at, near = 0, False
    ordered = sorted(known, key=lambda t: t.start)
    for token in [*ordered, None]:
        until = len(text) if token is None else token.start
        for left in words_left(text, at, until):
            near = near or left.role == "near"
            tokens.append(_explained(Token(left.text, left.role, left.start, left.end), gazetteer))
        if token is not None:
            tokens.append(token)
            at = max(at, token.end)
    return tuple(tokens), near


def _explained(left: Token, gazetteer: Gazetteer) -> Token:
    """A misspelt division, if that is what is left."""
    if left.role not in ("unknown division", "other", "unknown village"):
        return left
    for repair in gazetteer.like_division(left.text):
        meant = tuple(p for p in gazetteer.named(repair.name)[0] if _is_whole(p.name, repair.name))
        if meant and repair.safe:
            role = ROLES.get(min(p.level for p in meant), "other")
            return replace(left, role=role, divisions=meant, how=repair.how)
    return left


def _said_as(reading: Parse, how: str) -> Parse:
    """A reading of romanised text: every registered name was read from its sound."""
    tokens = tuple(replace(t, how=how) if t.carriers or t.divisions else t for t in reading.tokens)
    return replace(reading, tokens=tokens)
