"""From an address text to the doors it proves: the whole answer, graded and explained."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from geo.geocode.candidates import CandidateSource, Door, DoorLookup
from geo.geocode.gazetteer import Gazetteer
from geo.geocode.grades import MOST_CONTRADICTIONS, SCORES, Grade, graded
from geo.geocode.locate import Located, locate
from geo.geocode.lookups import Attempt, attempts, fallbacks
from geo.geocode.missing import Missing, missing_of
from geo.geocode.normalise import LONGEST_TEXT, Normalised, normalise
from geo.geocode.parse import Parse, parse
from geo.geocode.proof import Ground, MatchedToken, Proof, Via, contradicted, prove
from geo.geocode.split import addresses_in

REACHED = "carrier reached"
MOST_NUMBERS_AWAY = 4
"""A door further along the road is no candidate for the one asked for."""


@dataclass(frozen=True, slots=True)
class Match:
    """A door with the proof that the text means it."""

    door: Door
    grade: Grade
    score: float
    tokens: tuple[MatchedToken, ...]
    via: tuple[Via, ...]
    found: str
    address: int = 0
    """Which of several addresses in one text it answers, from 0."""
    several: bool = False
    """Whether the text asks for more doors than this."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a text was understood, whether or not anything was found."""

    normalised: Normalised
    addresses: tuple[str, ...]
    """More than one: the line holds several addresses."""
    parses: tuple[tuple[Parse, ...], ...]
    """The ways each of them can be read, best first."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything an address text leads to."""

    reading: Reading
    matches: tuple[Match, ...]
    missing: tuple[Missing, ...]
    """What would decide between candidates, or is needed to find any."""
    located: Located | None
    """The best position the text supports, whether or not a door was found."""


class TextIsTooLong(ValueError):
    """An address has at most `LONGEST_TEXT` characters."""


def read(text: str, gazetteer: Gazetteer) -> Reading:
    """Normalise and parse a text; asks nobody for doors.

    Raises:
        TextIsTooLong: longer than `LONGEST_TEXT` characters.
    """
    if len(text) > LONGEST_TEXT:
        raise TextIsTooLong(len(text))
    plain = normalise(text)
    hits = gazetteer.hits(plain.text)
    addresses = addresses_in(plain.text, hits)
    if len(addresses) == 1:
        return Reading(plain, addresses, (tuple(parse(plain, gazetteer, hits)),))
    parses = tuple(tuple(parse(replace(plain, text=one), gazetteer)) for one in addresses)
    return Reading(plain, addresses, parses)


def first_lookups(reading: Reading, gazetteer: Gazetteer) -> list[DoorLookup]:
    """What a reading will be looked for first: to ask for many texts at once, see `Prefetched`."""
    return [
        attempt.lookup
        for parses in reading.parses
        for one in parses
        for attempt in attempts(one, gazetteer)
    ]


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

    Raises:
        TextIsTooLong: longer than `LONGEST_TEXT` characters.
    """
    reading = read(text, gazetteer)
    return list(match_reading(reading, Ground(gazetteer, on), source, limit=limit))


def answer(
    text: str, *, gazetteer: Gazetteer, source: CandidateSource, on: date, limit: int = 5
) -> Outcome:
    """Everything a text leads to: doors, what is missing, and a position; see `geocode`."""
    reading = read(text, gazetteer)
    return answer_reading(reading, Ground(gazetteer, on), source, limit=limit)


def answer_reading(
    reading: Reading, ground: Ground, source: CandidateSource, *, limit: int = 5
) -> Outcome:
    """The same of a text that is read already."""
    matches = match_reading(reading, ground, source, limit=limit)
    return Outcome(
        reading,
        matches,
        missing_of(matches, reading.parses[0] if reading.parses else (), ground),
        locate(matches, reading.parses[0] if reading.parses else (), ground, source),
    )


def match_reading(
    reading: Reading, ground: Ground, source: CandidateSource, *, limit: int = 5
) -> tuple[Match, ...]:
    """The doors a reading means, best first."""
    found: list[Match] = []
    for place, parses in enumerate(reading.parses):
        ranked = _only_one_certain(_ranked(parses, ground, source))
        found += [replace(match, address=place) for match in ranked] if place else ranked
    if len(reading.addresses) > 1:
        found = [_graded(match, "C") for match in found]
    return tuple(found[:limit] if len(reading.addresses) == 1 else _in_turn(found, limit))


def _in_turn(found: Sequence[Match], limit: int) -> list[Match]:
    """The best of each address first, then the second best."""
    places: dict[int, int] = {}
    order = []
    for match in found:
        places[match.address] = places.get(match.address, -1) + 1
        order.append((places[match.address], match.address))
    ranked = sorted(zip(order, found, strict=True), key=lambda pair: pair[0])
    return [match for _order, match in ranked][:limit]


def _ranked(parses: Sequence[Parse], ground: Ground, source: CandidateSource) -> list[Match]:
    tried = [attempts(one, ground.gazetteer) for one in parses]
    asked = [attempt for exact in tried for attempt in exact]
    held = _held(asked, source)
    best: dict[UUID, Match] = {}
    for one, exact in zip(parses, tried, strict=True):
        found = _found(one, exact, held, ground, source)
        less = [] if found else fallbacks(one, ground.gazetteer, exact)
        if less:
            found = _found(one, less, _held(less, source), ground, source)
        if not found:
            found = _neighbours(one, exact, ground, source)
        _keep_best(best, found)
    return sorted(best.values(), key=_order) if len(best) > 1 else list(best.values())


def _order(match: Match) -> tuple[object, ...]:
    retired = match.door.stage == "retired"
    return (
        -match.score, match.door.former is not None, retired,
        match.door.number or 0, len(match.door.room or ""), match.door.room or "", match.door.code,
    )  # fmt: skip


def _keep_best(best: dict[UUID, Match], found: Iterable[Match]) -> None:
    for match in found:
        known = best.get(match.door.address_id)
        if known is None or match.score > known.score:
            best[match.door.address_id] = match


def _held(asked: Sequence[Attempt], source: CandidateSource) -> dict[DoorLookup, Sequence[Door]]:
    """The doors of each look-up."""
    lookups = [attempt.lookup for attempt in asked]
    return dict(zip(lookups, source.doors(lookups), strict=True)) if lookups else {}


def _found(
    reading: Parse,
    tried: Sequence[Attempt],
    held: dict[DoorLookup, Sequence[Door]],
    ground: Ground,
    source: CandidateSource,
) -> list[Match]:
    found: list[Match] = []
    for attempt in tried:
        if found and not (attempt.several and found[-1].several):
            break
        doors = held.get(attempt.lookup, ())
        found += _matches(reading, attempt, doors, ground, source)
    return found


def _matches(
    reading: Parse,
    attempt: Attempt,
    doors: Sequence[Door],
    ground: Ground,
    source: CandidateSource,
    found: str | None = None,
) -> list[Match]:
    matches = []
    for door in doors:
        proof = prove(reading, attempt, door, ground)
        if contradicted(proof, reading):
            stood = source.standings([door.address_id]).get(door.address_id, ())
            if len(stood) > 1:
                proof = prove(reading, attempt, door, ground, stood)
        if proof.contradictions < MOST_CONTRADICTIONS:
            matches.append(_match(reading, attempt, door, proof, found))
    return matches


def _match(reading: Parse, attempt: Attempt, door: Door, proof: Proof, found: str | None) -> Match:
    grade, score = graded(reading, attempt, proof.contradictions, proof.doubts, found)
    level = found or attempt.level
    return Match(door, grade, score, proof.tokens, proof.via, level, several=attempt.several)


def _neighbours(
    reading: Parse, exact: Sequence[Attempt], ground: Ground, source: CandidateSource
) -> list[Match]:
    """Candidates on the carrier when the door itself is not registered."""
    base = exact[0].lookup if exact else None
    if base is None or base.number is None or not base.carrier_ids:
        return []
    number = base.number
    bare = replace(base, building=None, unit=None, floor=None, room=None)
    attempt = Attempt(bare, complete=False, doubt="door not registered")
    if base.sub is not None:
        doors = source.doors([replace(bare, sub=None)])[0]
        if doors:
            return _matches(reading, attempt, doors, ground, source, REACHED)
    around = [
        door
        for door in source.around(base.carrier_ids, number)
        if abs((door.number or 0) - number) <= MOST_NUMBERS_AWAY
    ]
    return _matches(reading, attempt, around, ground, source, REACHED)


def _only_one_certain(ranked: list[Match]) -> list[Match]:
    """Lower equally good matches to candidates: a text that means two doors proves none."""
    if len(ranked) < 2 or ranked[0].several:
        return ranked
    top = [m for m in ranked if m.grade == ranked[0].grade and _equals(m, ranked[0])]
    if len(top) < 2 or top[0].grade == "C":
        return ranked[:1] + [_graded(m, "C") for m in ranked[1:]]
    return [_graded(m, "C") for m in ranked]


def _equals(one: Match, best: Match) -> bool:
    """As good a match: as well proved, in force now as the other, and no retired door."""
    return (
        one.score > best.score - 0.04
        and (one.door.former is None) == (best.door.former is None)
        and (one.door.stage == "retired") == (best.door.stage == "retired")
    )


def _graded(match: Match, grade: Grade) -> Match:
    return replace(match, grade=grade, score=min(match.score, SCORES[grade]))


class Prefetched:
    """A source that has the answers to some look-ups already, for batches and event loops."""

    def __init__(self, source: CandidateSource, held: Mapping[DoorLookup, Sequence[Door]]) -> None:
        self._source = source
        self._held = dict(held)
        self.around = source.around
        self.standings = source.standings
        self.carriers = source.carriers
        self.territories = source.territories
        self.crossing = source.crossing

    def doors(self, lookups: Sequence[DoorLookup]) -> Sequence[Sequence[Door]]:
        """The doors of each look-up, from what is held or else from the source, in one question."""
        unknown = [one for one in dict.fromkeys(lookups) if one not in self._held]
        if unknown:
            self._held.update(zip(unknown, self._source.doors(unknown), strict=True))
        return [self._held[one] for one in lookups]
