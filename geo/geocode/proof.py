"""Whether the words of a reading are true of a door, word by word."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations
from uuid import UUID

from geo.geocode.candidates import Door, Standing
from geo.geocode.gazetteer import Gazetteer, Held
from geo.geocode.lookups import Attempt
from geo.geocode.names import COUNTY, VILLAGE, DivisionPeriod, holds
from geo.geocode.parse import Parse, Token
from geo.geocode.parts import part_key

UNKNOWN = frozenset({"unknown division", "unknown road", "unknown village"})
NEUTRAL = frozenset({"postcode"})
_INNER = frozenset({"building", "unit", "floor", "room"})
MOST_SAID = 100_000
"""Names whose proofs are kept."""


@dataclass(frozen=True, slots=True)
class MatchedToken:
    """A piece of the text, the name it stands for, and how that was proved."""

    text: str
    role: str
    matched: str | None
    how: str


@dataclass(frozen=True, slots=True)
class Via:
    """A former name, division or number (旧称) that led to the door, and the act that ended it."""

    text: str
    now: str | None
    division_id: UUID
    ended_on: date | None
    decree: str | None
    change: int | None


@dataclass(frozen=True, slots=True)
class Proof:
    """What speaks for a door and what against it."""

    tokens: tuple[MatchedToken, ...]
    via: tuple[Via, ...]
    contradictions: int
    doubts: int


@dataclass(frozen=True, slots=True)
class Ground:
    """What a proof is held against: the names, and the day the answer is for."""

    gazetteer: Gazetteer
    on: date
    said: "dict[tuple[int, UUID, UUID | None], Said]" = field(
        default_factory=dict, compare=False, repr=False
    )
    """What names said of doors, by the object they are, division and carrier."""


@dataclass(frozen=True, slots=True)
class Said:
    """What some tokens say of a door."""

    tokens: tuple[MatchedToken, ...] = ()
    via: tuple[Via, ...] = ()
    contradictions: int = 0
    doubts: int = 0
    together: bool | None = None
    """Whether the divisions named stand together; None: not asked."""
    of: tuple[Token, ...] = ()


def prove(
    reading: Parse,
    attempt: Attempt,
    door: Door,
    ground: Ground,
    standings: Sequence[Standing] = (),
) -> Proof:
    """Hold every token of a reading against a door.

    Args:
        standings: all the places where the door ever stood, when that was asked for.
    """
    chain = ground.gazetteer.chain(door.division_id, ground.on)
    names, rest = Said(), reading.tokens
    settled = not standings and door.former is None
    if settled and reading.names is not None:
        names, rest = said_by_names(reading, door, ground), rest[len(reading.names) :]
    said = _said(rest, door, chain, ground, standings)
    former = _former_number(door)
    via = (*names.via, *said.via, *([former] if former else ()))
    together = names.together
    if together is None:
        together = _held_together(reading, door, ground.gazetteer, standings, chain)
    doubts = doubts_in_all(reading, attempt, names.doubts + said.doubts, together=together)
    contradictions = names.contradictions + said.contradictions
    return Proof((*names.tokens, *said.tokens), via, contradictions, doubts)


def doubts_in_all(reading: Parse, attempt: Attempt, of_words: int, *, together: bool) -> int:
    """The doubts of single words, with those of the reading as a whole."""
    return of_words + (attempt.doubt is not None) + reading.reordered + (not together)


def said_by_names(reading: Parse, door: Door, ground: Ground) -> Said:
    """What the names before a door say of it: of every door of its carrier in its division alike.

    That is so of a door that never stood elsewhere.
    """
    names = reading.names
    assert names is not None
    key = id(names), door.division_id, door.carrier_id
    found = ground.said.get(key)
    if found is None or found.of is not names:
        if len(ground.said) >= MOST_SAID:
            ground.said.clear()
        chain = ground.gazetteer.chain(door.division_id, ground.on)
        together = _held_together(reading, door, ground.gazetteer, (), chain)
        found = replace(_said(names, door, chain, ground, ()), together=together, of=names)
        ground.said[key] = found
    return found


def said_by_parts(pieces: Sequence[Token], door: Door, ground: Ground) -> Said:
    """What a number and the parts behind it say: of every door with the same parts alike."""
    return _said(pieces, door, (), ground, ())


def _said(
    said: Sequence[Token],
    door: Door,
    chain: tuple[DivisionPeriod, ...],
    ground: Ground,
    standings: Sequence[Standing],
) -> Said:
    tokens, via, contradictions, doubts = list[MatchedToken](), list[Via](), 0, 0
    for token in said:
        if not token.divisions:
            plain = _plain(token, door, ground)
            tokens.append(plain)
            contradictions += token.role in UNKNOWN
            doubts += token.role in ("other", "estate") or plain.how.startswith("written")
            doubts += token.role == "building" and plain.matched is None
            continue
        matched, route = _division(token, door, chain, ground, standings)
        tokens.append(matched)
        via += [route] if route else []
        doubts += token.how not in ("exact", "short form", "code")
        if matched.matched is None:
            area = _may_be_an_area(token)
            doubts += area
            contradictions += not area
    return Said(tuple(tokens), tuple(via), contradictions, doubts)


def _may_be_an_area(token: Token) -> bool:
    """莲花 is a town and also a quarter: such a word below the county is no contradiction."""
    return token.how == "short form" and all(p.level > COUNTY for p in token.divisions)


def _held_together(
    reading: Parse,
    door: Door,
    gazetteer: Gazetteer,
    standings: Sequence[Standing],
    chain: tuple[DivisionPeriod, ...],
) -> bool:
    """Whether the divisions named ever stood above the door at one time, pair by pair."""
    named = [token for token in reading.tokens if token.divisions]
    if len(named) < 2 or _stand_in_one_chain(named, chain):
        return True
    ever = _ever(door, gazetteer, standings)
    spans = [
        [(h.since or date.min, h.until or date.max) for h in ever if h.period in token.divisions]
        for token in named
    ]
    return all(
        any(a[0] < b[1] and b[0] < a[1] for a in one for b in other)
        for one, other in combinations([span for span in spans if span], 2)
    )


def _stand_in_one_chain(named: Sequence[Token], chain: tuple[DivisionPeriod, ...]) -> bool:
    """Whether all that is named stands above the door on the day itself."""
    return all(any(period in token.divisions for period in chain) for token in named)


def _plain(token: Token, door: Door, ground: Ground) -> MatchedToken:
    if token.role in UNKNOWN:
        return MatchedToken(token.text, _spoken_role(token.role), None, "not in the register")
    if token.role in _INNER:
        return _part(token, door)
    if not token.carriers:
        return MatchedToken(token.text, token.role, None, token.how)
    stood = {door.carrier_id} | ({door.former.carrier_id} if door.former else set())
    own = [c for c in token.carriers if c.carrier_id in stood]
    name, how = own[0].name if own else None, token.how
    in_force = any(
        c.carrier_id == door.carrier_id and holds(c, ground.on) and c.status == "standard"
        for c in own
    )
    if own and how == "exact" and not in_force:
        later = own[0].valid_from is not None and own[0].valid_from > ground.on
        how = "later name" if later else f"{_status(own[0].status, own[0].carrier_id, door)} name"
    return MatchedToken(token.text, token.role, name, how)


def _status(status: str, carrier_id: UUID, door: Door) -> str:
    return status if carrier_id == door.carrier_id and status != "standard" else "former"


def _spoken_role(role: str) -> str:
    return {"unknown road": "carrier", "unknown village": "village"}.get(role, "division")


def _part(token: Token, door: Door) -> MatchedToken:
    """栋 for 幢 is a repair that is said; a room written without its word is none."""
    held = getattr(door, token.role, None)
    if held is None or held == token.text:
        return MatchedToken(token.text, token.role, held, token.how)
    said = token.text.rpartition("-")[2] if token.role == "room" else token.text
    if part_key(token.role, held) == part_key(token.role, said):
        bare = held.startswith(said) or token.role == "floor"
        return MatchedToken(
            token.text, token.role, held, "exact" if bare else f"written for {held}"
        )
    return MatchedToken(token.text, token.role, None, token.how)


def _division(
    token: Token,
    door: Door,
    chain: tuple[DivisionPeriod, ...],
    ground: Ground,
    standings: Sequence[Standing],
) -> tuple[MatchedToken, Via | None]:
    meant = frozenset(token.divisions)
    for period in chain:
        if period in meant:
            return MatchedToken(token.text, token.role, period.name, token.how), None
    held = [h for h in _ever(door, ground.gazetteer, standings) if h.period in meant]
    if not held:
        return MatchedToken(token.text, token.role, None, "contradicts the door"), None
    last = max(held, key=lambda h: h.until or date.max)
    now = _same_level(last, chain)
    if last.since is not None and last.since > ground.on:
        return MatchedToken(token.text, token.role, last.period.name, "later name"), None
    act, moved = last.ended_by, _moved(last, standings)
    via = Via(
        token.text,
        now,
        last.period.division_id,
        last.until,
        act.decree if act else None,
        act.change if act else moved,
    )
    standing = any(p.division_id == last.period.division_id for p in chain)
    how = "former name" if standing else "former division"
    return MatchedToken(token.text, token.role, last.period.name, how), via


def _ever(door: Door, gazetteer: Gazetteer, standings: Sequence[Standing]) -> list[Held]:
    """Every division the door ever stood under, as far as it stood there."""
    found = list(gazetteer.ancestors_ever(door.division_id))
    elsewhere = [s for s in standings if s.division_id != door.division_id]
    if door.former is not None and door.former.division_id != door.division_id:
        elsewhere.append(door.former)
    for one in elsewhere:
        for held in gazetteer.ancestors_ever(one.division_id):
            since = max(held.since or date.min, one.valid_from or date.min)
            until = min(held.until or date.max, one.valid_to or date.max)
            if since < until:
                found.append(
                    Held(
                        held.period,
                        None if since == date.min else since,
                        None if until == date.max else until,
                        held.ended_by if held.until == until else None,
                    )
                )
    return found


def _moved(last: Held, standings: Sequence[Standing]) -> int | None:
    """The change by which the door left a division."""
    return next((s.change for s in standings if s.valid_from == last.until), None)


def _former_number(door: Door) -> Via | None:
    was = door.former
    if was is None or (was.number, was.sub) == (door.number, door.sub):
        return None
    return Via(_door(was), _door(door), door.division_id, was.valid_to, None, was.change)


def _door(one: Door | Standing) -> str:
    return f"{one.number}号" + (f"之{one.sub}" if one.sub else "")


def _same_level(held: Held, chain: tuple[DivisionPeriod, ...]) -> str | None:
    return next((p.name for p in chain if p.level == min(held.period.level, VILLAGE)), None)


def contradicted(proof: Proof, reading: Parse) -> bool:
    """Whether a division token is not true of the door as far as known."""
    said: Collection[str] = {t.text for t in reading.tokens if t.divisions}
    return any(t.matched is None and t.text in said for t in proof.tokens)
