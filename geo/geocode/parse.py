"""Plain address text to what its parts may mean, best reading first."""

import re
from dataclasses import dataclass, replace

from rapidfuzz import process
from rapidfuzz.distance import Hamming

from geo.geocode.gazetteer import VILLAGE, CarrierPeriod, DivisionPeriod, Gazetteer, Hit
from geo.geocode.normalise import Normalised

ROLES = {1: "province", 2: "city", 3: "county", 4: "township", 5: "village"}
_MOST_PARSES = 6
_NEAR = re.compile(r"附近|旁边?|对面|隔壁|交叉口|路口|[东南西北]侧?\d+米")
_POSTCODE = re.compile(r"^\d{6}(?=\s|[一-鿿])\s*")
_ESTATE = re.compile(r"(园|区|[一二三四五六七八九]期|花园|小区|公寓|大院|新村|新城)$")
_NUMBER = re.compile(r"\s*(\d{1,6})(?:-(\d{1,6}))?(号楼?|(?=\s|-|$))")
_SUB = re.compile(r"之([A-Z]?\d{1,5})")
_INNER: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("unit", re.compile(r"[ -]?([A-Z\d]{1,3})(单元|梯)")),
    ("floor", re.compile(r"[ -]?((?:地下)?\d{1,3})(层|楼|F)")),
    ("building", re.compile(r"[ -]?([A-Z\d]{1,4})(栋|幢|座|号楼)")),
    ("room", re.compile(r"[ -]?([A-Z]?\d{1,5}[A-Z]?)(室|(?=\s|$))")),
    ("building", re.compile(r"[ -]?([一-鿿]{2,12}?(?:楼|大厦|广场|中心|港湾|公寓))()")),
)


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


@dataclass(frozen=True, slots=True)
class Parse:
    """One reading of an address; numbers as written, `last_number` ends a range."""

    tokens: tuple[Token, ...]
    number: int | None
    last_number: int | None
    sub: str | None
    building: str | None
    unit: str | None
    floor: str | None
    room: str | None
    near: bool

    def role(self, role: str) -> Token | None:
        """Find the first token of a role."""
        return next((t for t in self.tokens if t.role == role), None)

    @property
    def divisions(self) -> tuple[Token, ...]:
        """The division tokens, in the order written."""
        return tuple(t for t in self.tokens if t.divisions)


def parse(normalised: Normalised, gazetteer: Gazetteer) -> list[Parse]:
    """Read a text in every way the gazetteer allows, best first; empty when in none."""
    text = normalised.text
    hits = gazetteer.hits(text)
    anchors = _carrier_tokens(hits)
    if not any(_NUMBER.match(text, anchor.end) for anchor in anchors):
        anchors += _repairs(text, gazetteer)
    found = [_read(text, hits, anchor) for anchor in anchors]
    if not anchors:
        found += [reading for reading in _without_carrier(text, hits) if reading is not None]
    return sorted(found, key=lambda p: _worth(p, len(text)), reverse=True)[:_MOST_PARSES]


def _worth(reading: Parse, length: int) -> float:
    carrier = reading.role("carrier")
    spoken = sum(t.end - t.start for t in reading.tokens if t.role != "other")
    repaired = carrier is not None and carrier.how != "exact"
    return spoken / max(length, 1) + (reading.number is not None) - 0.3 * repaired


def _carrier_tokens(hits: tuple[Hit, ...]) -> list[Token]:
    spans = [hit for hit in hits if hit.carriers]
    return [
        Token(hit.text, "carrier", hit.start, hit.end, carriers=hit.carriers)
        for hit in spans
        if not any(_inside(hit, other) for other in spans)
    ]


def _inside(hit: Hit, other: Hit) -> bool:
    wider = other.end - other.start > hit.end - hit.start
    return wider and other.start <= hit.start and hit.end <= other.end


def _repairs(text: str, gazetteer: Gazetteer) -> list[Token]:
    door = re.search(r"([一-鿿]{3,})\s*\d", text)
    if door is None:
        return []
    found = []
    for begin in range(max(door.start(1), door.end(1) - 8), door.end(1) - 2):
        word = text[begin : door.end(1)]
        for name, how in _like(word, gazetteer):
            carriers = gazetteer.carriers_named(name)
            found.append(Token(word, "carrier", begin, door.end(1), carriers=carriers, how=how))
    return found


def _like(word: str, gazetteer: Gazetteer) -> list[tuple[str, str]]:
    alike = [(name, f"homophone of {name}") for name in gazetteer.homophones(word)]
    near = process.extract(
        word,
        gazetteer.carrier_names(len(word)),
        scorer=Hamming.distance,
        score_cutoff=1,
        limit=3,
    )
    known = {name for name, _how in alike}
    return alike + [
        (name, f"one character of {name}") for name, _far, _at in near if name not in known
    ]


def _division_tokens(hits: tuple[Hit, ...], start: int, end: int) -> list[Token]:
    """Choose the longest names left to right.

    Levels go down as addresses do; a short form that would climb back up is left alone, since
    it may be part of another word. A whole name is always taken: it has to be proved as well.
    """
    chosen: list[Token] = []
    at, level = start, 0
    inside = [h for h in hits if h.divisions and start <= h.start and h.end <= end]
    for hit in sorted(inside, key=lambda h: (h.start, -h.end)):
        whole = tuple(p for p in hit.divisions if p.name == hit.text)
        below = tuple(p for p in hit.divisions if p.level > level)
        meant = tuple(p for p in whole if p.level > level) or below or whole
        if hit.start < at or not meant:
            continue
        own = min(p.level for p in meant)
        level = max(level, own)
        how = "exact" if set(meant) <= set(whole) or own == VILLAGE else "short form"
        role = ROLES.get(own, "other")
        chosen.append(Token(hit.text, role, hit.start, hit.end, divisions=meant, how=how))
        at = hit.end
    return chosen


def _read(text: str, hits: tuple[Hit, ...], anchor: Token) -> Parse:
    tokens = [*_before(text, _division_tokens(hits, 0, anchor.start), anchor.start), anchor]
    return _with_tail(text, tokens, anchor.end)


def _without_carrier(text: str, hits: tuple[Hit, ...]) -> list[Parse]:
    number = re.search(r"\d+号", text)
    limit = number.start() if number else len(text)
    divisions = _division_tokens(hits, 0, limit)
    if not divisions:
        return []
    return [_with_tail(text, _before(text, divisions, limit), limit)]


def _before(text: str, divisions: list[Token], end: int) -> list[Token]:
    """Fill the gaps among the divisions with postcode, estate and other tokens."""
    tokens: list[Token] = []
    postcode = _POSTCODE.match(text)
    at = 0
    if postcode:
        at = postcode.end()
        tokens.append(Token(postcode[0].strip(), "postcode", 0, at))
    for token in divisions:
        tokens += _gap(text, at, token.start)
        tokens.append(token)
        at = token.end
    return tokens + _gap(text, at, end)


def _gap(text: str, start: int, end: int) -> list[Token]:
    words = text[start:end].strip()
    if not words:
        return []
    role = "estate" if len(words) > 2 and _ESTATE.search(words) else "other"
    return [Token(words, role, start, end)]


def _with_tail(text: str, tokens: list[Token], at: int) -> Parse:
    number, last, sub = None, None, None
    door = _NUMBER.match(text, at)
    if door:
        number, last = int(door[1]), int(door[2]) if door[2] else None
        tokens = [*tokens, Token(door[0].strip(), "number", door.start(), door.end())]
        at = door.end()
        after = _SUB.match(text, at)
        if after:
            sub, at = after[1], after.end()
            tokens.append(Token(after[0], "sub", after.start(), at))
    inner, near = _inner(text, at) if door else _rest(text, at)
    reading = Parse((*tokens, *inner), number, last, sub, None, None, None, None, near=near)
    parts = {t.role: t.text for t in reversed(inner)}
    return replace(
        reading,
        building=parts.get("building"),
        unit=parts.get("unit"),
        floor=parts.get("floor"),
        room=f"{parts['room'].removesuffix('室')}室" if "room" in parts else None,
    )


def _inner(text: str, at: int) -> tuple[list[Token], bool]:
    tokens: list[Token] = []
    while at < len(text):
        found = next(((r, m) for r, p in _INNER if (m := p.match(text, at))), None)
        if found is None:
            break
        role, match = found
        piece = match[0].strip(" -").replace("楼", "层").replace("F", "层")
        said = piece if role == "floor" else match[0].strip(" -")
        tokens.append(Token(said, role, match.start(), match.end()))
        at = match.end()
    rest, near = _rest(text, at)
    return tokens + rest, near


def _rest(text: str, at: int) -> tuple[list[Token], bool]:
    words = text[at:].strip()
    if not words:
        return [], False
    near = _NEAR.search(words) is not None
    return [Token(words, "near" if near else "other", at, len(text))], near
