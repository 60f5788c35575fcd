"""Score what a text may mean against the doors there are, and locate it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from typing import Literal, Protocol
from uuid import UUID

from geo.geocode.gazetteer import COUNTY, VILLAGE, DivisionPeriod, Gazetteer, Held, holds
from geo.geocode.normalise import normalise
from geo.geocode.parse import Parse, Token, parse

Grade = Literal["A", "B", "C"]
_SCORES: dict[Grade, float] = {"A": 1.0, "B": 0.8, "C": 0.5}
_NEIGHBOURS = (2, -2, 1, -1, 4, -4)


@dataclass(frozen=True, slots=True)
class Door:
    """A registered address (门牌); longitude and latitude in degrees, EPSG:4490."""

    address_id: UUID
    code: str
    division_id: UUID
    carrier_id: UUID | None
    number: int | None
    sub: str | None
    building: str | None
    unit: str | None
    floor: str | None
    room: str | None
    stage: str
    lon: float
    lat: float
    method: str
    accuracy_m: float


@dataclass(frozen=True, slots=True)
class DoorLookup:
    """Exact components to look for; None means the address has no such part."""

    carrier_ids: tuple[UUID, ...]
    division_ids: tuple[UUID, ...]
    number: int | None
    sub: str | None = None
    building: str | None = None
    unit: str | None = None
    floor: str | None = None
    room: str | None = None


class CandidateSource(Protocol):
    """Where doors come from."""

    def doors(self, lookup: DoorLookup) -> Sequence[Door]:
        """Find the doors whose components equal the lookup's.

        Without `carrier_ids`, only doors that stand on no carrier are meant.
        """

    def near(self, lon: float, lat: float, limit: int) -> Sequence[tuple[Door, float]]:
        """Find the doors nearest to a point (degrees, EPSG:4490) with metres."""


@dataclass(frozen=True, slots=True)
class MatchedToken:
    """A piece of the text, the name it stands for, and how that was proved."""

    text: str
    role: str
    matched: str | None
    how: str


@dataclass(frozen=True, slots=True)
class Via:
    """A former name or former division (旧称) that led to the door, and the act that ended it."""

    text: str
    now: str | None
    division_id: UUID
    ended_on: date | None
    decree: str | None
    change: int | None


@dataclass(frozen=True, slots=True)
class Match:
    """A door with the proof that the text means it."""

    door: Door
    grade: Grade
    score: float
    tokens: tuple[MatchedToken, ...]
    via: tuple[Via, ...]
    found: str


@dataclass(frozen=True, slots=True)
class _Located:
    door: Door
    found: str
    complete: bool


@dataclass(frozen=True, slots=True)
class _Proof:
    tokens: tuple[MatchedToken, ...]
    via: tuple[Via, ...]
    contradictions: int
    doubts: int


def geocode(
    text: str, *, gazetteer: Gazetteer, source: CandidateSource, on: date, limit: int = 5
) -> list[Match]:
    """Find the doors an address text means, best first; names of any date may be used.

    Args:
        text: as people write it.
        gazetteer: every name that ever held.
        source: the doors in force at `on`.
        on: valid date of the chain returned.
        limit: most matches returned.
    """
    best: dict[UUID, Match] = {}
    for reading in parse(normalise(text), gazetteer):
        found = _matches(reading, gazetteer, source, on)
        for match in found:
            known = best.get(match.door.address_id)
            if known is None or match.score > known.score:
                best[match.door.address_id] = match
    ranked = sorted(best.values(), key=lambda m: (-m.score, m.door.code))
    return _only_one_certain(ranked)[:limit]


def _only_one_certain(ranked: list[Match]) -> list[Match]:
    """Lower equally good matches to candidates: a text that means two doors proves none."""
    top = [m for m in ranked if m.grade == ranked[0].grade]
    if len(top) < 2 or top[0].grade == "C":
        return ranked
    return [_graded(m, "C") for m in ranked]


def _graded(match: Match, grade: Grade) -> Match:
    return replace(match, grade=grade, score=min(match.score, _SCORES[grade]))


def _matches(
    reading: Parse, gazetteer: Gazetteer, source: CandidateSource, on: date
) -> list[Match]:
    if reading.number is None:
        return []
    found = []
    for located in _locate(reading, gazetteer, source):
        proof = _prove(reading, located.door, gazetteer, on)
        if proof.contradictions < 2:
            found.append(_match(reading, located, proof))
    return found


def _match(reading: Parse, located: _Located, proof: _Proof) -> Match:
    grade = _grade(reading, located, proof)
    loss = 0.15 * proof.contradictions + 0.05 * proof.doubts + 0.1 * (not located.complete)
    score = max(0.0, _SCORES[grade] - (loss if grade != "A" else 0.0))
    return Match(located.door, grade, score, proof.tokens, proof.via, located.found)


def _grade(reading: Parse, located: _Located, proof: _Proof) -> Grade:
    village = any(t.role == "village" for t in reading.divisions)
    carrier = reading.role("carrier")
    if proof.contradictions or located.found == "carrier reached" or not (carrier or village):
        return "C"
    repaired = carrier is not None and carrier.how != "exact"
    if repaired or proof.doubts or reading.near or not located.complete:
        return "B"
    return "A"


def _locate(reading: Parse, gazetteer: Gazetteer, source: CandidateSource) -> list[_Located]:
    base = _lookup(reading, gazetteer)
    if not base.carrier_ids and not base.division_ids:
        return []
    wanted = replace(
        base,
        building=reading.building,
        unit=reading.unit,
        floor=reading.floor,
        room=reading.room,
    )
    for lookup in _ever_less(wanted):
        doors = source.doors(lookup)
        if doors:
            return [_Located(d, _level(lookup), lookup == wanted) for d in doors]
    return _neighbours(base, source)


def _lookup(reading: Parse, gazetteer: Gazetteer) -> DoorLookup:
    carrier = reading.role("carrier")
    number, sub = reading.number, reading.sub
    if carrier:
        ids = tuple(dict.fromkeys(c.carrier_id for c in carrier.carriers))
        return DoorLookup(ids, (), number, sub)
    last = reading.divisions[-1] if reading.divisions else None
    villages = (
        dict.fromkeys(v for p in last.divisions for v in gazetteer.villages_ever(p.division_id))
        if last
        else {}
    )
    return DoorLookup((), tuple(villages), number, sub)


def _ever_less(wanted: DoorLookup) -> list[DoorLookup]:
    lookups = [wanted]
    if wanted.floor and wanted.room:
        lookups.append(replace(wanted, floor=None))
    if wanted.room:
        lookups.append(replace(wanted, room=None, floor=None))
    if wanted.floor or wanted.unit:
        lookups.append(replace(wanted, room=None, floor=None, unit=None))
    lookups.append(replace(wanted, room=None, floor=None, unit=None, building=None))
    return list(dict.fromkeys(lookups))


def _level(lookup: DoorLookup) -> str:
    for level in ("room", "floor", "unit", "building"):
        if getattr(lookup, level) is not None:
            return level
    return "door"


def _neighbours(base: DoorLookup, source: CandidateSource) -> list[_Located]:
    if not base.carrier_ids or base.number is None:
        return []
    if base.sub is not None:
        doors = source.doors(replace(base, sub=None))
        if doors:
            return [_Located(d, "carrier reached", complete=False) for d in doors]
    for step in _NEIGHBOURS:
        if base.number + step > 0:
            doors = source.doors(replace(base, number=base.number + step, sub=None))
            if doors:
                return [_Located(d, "carrier reached", complete=False) for d in doors]
    return []


def _prove(reading: Parse, door: Door, gazetteer: Gazetteer, on: date) -> _Proof:
    tokens, via, contradictions, doubts = list[MatchedToken](), list[Via](), 0, 0
    chain = gazetteer.chain(door.division_id, on)
    for token in reading.tokens:
        if not token.divisions:
            tokens.append(_plain(token, door, on))
            doubts += token.role == "other"
            continue
        matched, route = _division(token, door, chain, gazetteer, on)
        tokens.append(matched)
        via += [route] if route else []
        if matched.matched is None:
            doubts += _may_be_an_area(token)
            contradictions += not _may_be_an_area(token)
    doubts += reading.last_number is not None
    doubts += not _held_together(reading, door, gazetteer)
    return _Proof(tuple(tokens), tuple(via), contradictions, doubts)


def _may_be_an_area(token: Token) -> bool:
    """莲花 is a town and also a quarter: such a word below the county is no contradiction."""
    return token.how == "short form" and all(p.level > COUNTY for p in token.divisions)


def _held_together(reading: Parse, door: Door, gazetteer: Gazetteer) -> bool:
    """Whether the divisions named ever stood above the door at one time, pair by pair."""
    ever = gazetteer.ancestors_ever(door.division_id)
    spans = [
        [(h.since or date.min, h.until or date.max) for h in ever if h.period in token.divisions]
        for token in reading.tokens
        if token.divisions
    ]
    return all(
        any(a[0] < b[1] and b[0] < a[1] for a in one for b in other)
        for one, other in combinations([span for span in spans if span], 2)
    )


def _plain(token: Token, door: Door, on: date) -> MatchedToken:
    if not token.carriers:
        return MatchedToken(token.text, token.role, None, token.how)
    own = [c for c in token.carriers if c.carrier_id == door.carrier_id]
    name = own[0].name if own else None
    how = token.how
    if own and how == "exact" and not any(holds(c, on) and c.status == "standard" for c in own):
        how = "later name" if _begins_after(own[0].valid_from, on) else f"{own[0].status} name"
    return MatchedToken(token.text, token.role, name, how)


def _begins_after(begin: date | None, on: date) -> bool:
    return begin is not None and begin > on


def _division(
    token: Token,
    door: Door,
    chain: tuple[DivisionPeriod, ...],
    gazetteer: Gazetteer,
    on: date,
) -> tuple[MatchedToken, Via | None]:
    meant = frozenset(token.divisions)
    for period in chain:
        if period in meant:
            return MatchedToken(token.text, token.role, period.name, token.how), None
    held = [h for h in gazetteer.ancestors_ever(door.division_id) if h.period in meant]
    if not held:
        return MatchedToken(token.text, token.role, None, "contradicts the door"), None
    last = max(held, key=lambda h: h.until or date.max)
    now = _same_level(last, chain)
    if _begins_after(last.since, on):
        return MatchedToken(token.text, token.role, last.period.name, "later name"), None
    act = last.ended_by
    via = Via(
        token.text,
        now,
        last.period.division_id,
        last.until,
        act.decree if act else None,
        act.change if act else None,
    )
    standing = any(p.division_id == last.period.division_id for p in chain)
    how = "former name" if standing else "former division"
    return MatchedToken(token.text, token.role, last.period.name, how), via


def _same_level(held: Held, chain: tuple[DivisionPeriod, ...]) -> str | None:
    return next((p.name for p in chain if p.level == min(held.period.level, VILLAGE)), None)
