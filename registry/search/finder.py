"""Finding addresses by text and by place, with the proof and the acts behind it."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from threading import Lock

from sqlalchemy import Connection

from geo.geocode.candidates import DoorLookup
from geo.geocode.gazetteer import Gazetteer
from geo.geocode.match import (
    Match,
    Outcome,
    Prefetched,
    Reading,
    answer_reading,
    first_lookups,
    read,
)
from geo.geocode.normalise import LONGEST_TEXT
from geo.geocode.proof import Ground
from registry.addresses.hot_reads import HotAddresses
from registry.addresses.model import Address
from registry.changes.model import Change
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.errors import TextIsTooLong
from registry.hot import Row, Rows
from registry.search.around import Around
from registry.search.census import Census, take_census
from registry.search.doors import DoorSource, Question, questions_of
from registry.search.doors_at_hand import DoorsAtHand, DoorsKnown
from registry.search.dual_names import parted, proven
from registry.search.gazetteers import Gazetteers
from registry.search.held_doors import Footings, HeldDoors, NotAtHand
from registry.search.moment import Moment
from registry.search.straight import Straight
from registry.search.suggestions import Suggester

MOST_COUNTED = 16
MOST_MOMENTS = 16
"""Changes whose acts are kept as they were known then."""


@dataclass(frozen=True, slots=True)
class Found:
    """One address a text may mean, the proof, and the acts that renamed what the text says."""

    match: Match
    address: Address
    acts: Mapping[int, Change]
    """By number, those the match's `via` names."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything a text leads to."""

    outcome: Outcome
    found: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Begun:
    """A text that has been read, and what the database has to be asked about it first."""

    gazetteer: Gazetteer
    reading: Reading
    former: tuple[str, ...]
    """Names in brackets that the text gives beside the present ones."""
    lookups: Sequence[DoorLookup]
    questions: Sequence[Question]


class Finder:
    """Finds addresses as of any point in time; keeps gazetteers between questions."""

    def __init__(
        self,
        rows: Rows,
        gazetteers: Gazetteers | None = None,
        doors: DoorsAtHand | None = None,
    ) -> None:
        """Take what reads rows.

        Args:
            gazetteers: those of other rows of the same state, or told of places elsewhere.
            doors: doors that are found without the database.
        """
        self._rows = rows
        self.doors = doors
        self._addresses = HotAddresses(rows)
        self._gazetteers = gazetteers or Gazetteers()
        self._footings = Footings()
        self.around = Around(rows, self._addresses, self._gazetteers, self._footings.of)
        self.suggester = Suggester(rows, self._addresses, self._gazetteers)
        self._counted: dict[AsOf, Census] = {}
        self._acts: OrderedDict[int, dict[int, Change]] = OrderedDict()
        self._reading_acts = Lock()
        self._kept_up: AsOf | None = None
        self._moment: Moment | None = None
        """The last one straight answers were given at."""

    def by_text(self, connection: Connection, text: str, at: AsOf, *, limit: int) -> list[Found]:
        """The addresses a text may mean, best first; names of any date may be used.

        Raises:
            TextIsTooLong: it is no address.
        """
        return list(self.ask(connection, text, at, limit=limit).found)

    def ask(self, connection: Connection, text: str, at: AsOf, *, limit: int) -> Answer:
        """Everything a text leads to: addresses, how it was read, what is missing, a position.

        Raises:
            TextIsTooLong: it is no address.
        """
        _refuse_long(text)
        ground = Ground(self.gazetteer(connection, at), at.valid_on)
        source = DoorSource(self._rows, at)
        plain, former = parted(text)
        reading = read(plain, ground.gazetteer)
        outcome = _proven(answer_reading(reading, ground, source, limit=limit), former, ground)
        acts = self._learn_acts(connection, at, outcome)
        return self._shown(outcome, source, at, acts)

    def ask_many(
        self, connection: Connection, texts: Sequence[str], at: AsOf, *, limit: int
    ) -> list[Answer]:
        """The same of many texts, whose first look-ups go to the database together.

        Raises:
            TextIsTooLong: one of them is no address.
        """
        for text in texts:
            _refuse_long(text)
        gazetteer = self.gazetteer(connection, at)
        held = [self._at_hand(text, at, limit) for text in texts]
        rest = [text for text, one in zip(texts, held, strict=True) if one is None]
        asked = iter(self._asked(connection, rest, Ground(gazetteer, at.valid_on), at, limit))
        return [next(asked) if one is None else one for one in held]

    def _asked(
        self, connection: Connection, texts: Sequence[str], ground: Ground, at: AsOf, limit: int
    ) -> list[Answer]:
        if not texts:
            return []
        source = DoorSource(self._rows, at)
        split = [parted(text) for text in texts]
        readings = [read(plain, ground.gazetteer) for plain, _former in split]
        lookups = list(
            dict.fromkeys(
                lookup for one in readings for lookup in first_lookups(one, ground.gazetteer)
            )
        )
        held = dict(zip(lookups, source.doors(lookups), strict=True))
        ready = Prefetched(source, held)
        outcomes = [
            _proven(answer_reading(one, ground, ready, limit=limit), former, ground)
            for one, (_plain, former) in zip(readings, split, strict=True)
        ]
        acts = self._learn_acts(connection, at, *outcomes)
        return [self._shown(outcome, source, at, acts) for outcome in outcomes]

    def keep_up(self, connection: Connection, at: AsOf) -> bool:
        """Bring everything that is kept at hand up to a point in time, before it is asked for.

        Returns:
            False: an index of the doors has to be written first.
        """
        before = self._kept_up
        gazetteer = self.gazetteer(connection, at)
        # Here, in a thread of its own, and not by the first who asks.
        self._footings.of(gazetteer, at.valid_on)
        if self.doors is None or not self.doors.reach(connection, at.known):
            return False
        same_day = before is not None and before.valid_on == at.valid_on
        if before and same_day and self._gazetteers.at_hand(before.known) is gazetteer:
            # Neither a name nor a division has changed: chains stay as they are.
            self._addresses.carry_over(before, at)
        doors = self.doors.at(at.known)
        if doors is not None:
            self.around.keep_up(connection, doors.index, at)
        self._kept_up = at
        return True

    def at_hand(self, text: str, at: AsOf, *, limit: int) -> Answer:
        """The same as `ask`, without the database.

        Raises:
            NotAtHand: it takes more than is at hand, of that state or at all: ask with `ask`.
            TextIsTooLong: it is no address.
        """
        _refuse_long(text)
        doors = None if self.doors is None else self.doors.at(at.known)
        gazetteer = self._gazetteers.at_hand(at.known)
        if doors is None or gazetteer is None:
            raise NotAtHand
        footing = self._footings.of(gazetteer, at.valid_on)
        source = HeldDoors(doors, footing)
        plain, former = parted(text)
        reading = footing.readings.read(plain)
        outcome = answer_reading(reading, footing.ground, source, limit=limit)
        outcome = _proven(outcome, former, footing.ground)
        known = self._acts.get(at.known, {})
        wanted = _acts_of(outcome)
        if wanted - known.keys():
            raise NotAtHand
        acts = {number: known[number] for number in wanted}
        found = []
        for match in outcome.matches:
            chain = self._addresses.settled_chain(match.door.division_id, at)
            if chain is None:
                raise NotAtHand
            found.append(Found(match, source.address(match.door, chain), acts))
        return Answer(outcome, tuple(found))

    def straight(self, text: str, at: AsOf) -> Straight | None:
        """The same of a text that says plainly which door it means, at a fifth of the cost.

        None: ask with `at_hand`; of names that have not been asked about before, too.
        """
        moment = self._moment
        if moment is None or moment.at != at or moment.doors is not self.newest_doors:
            moment = self._moment = self._moment_at(at)
        return None if moment is None else moment.answer(text)

    @property
    def newest_doors(self) -> DoorsKnown | None:
        """The doors at hand."""
        return None if self.doors is None else self.doors.newest

    def _moment_at(self, at: AsOf) -> Moment | None:
        doors, gazetteer = self.newest_doors, self._gazetteers.at_hand(at.known)
        if doors is None or doors.known != at.known or gazetteer is None:
            return None
        acts = self._acts_at(at.known)
        return Moment(at, doors, self._footings.of(gazetteer, at.valid_on), self._addresses, acts)

    def _at_hand(self, text: str, at: AsOf, limit: int) -> Answer | None:
        try:
            return self.at_hand(text, at, limit=limit)
        except NotAtHand:
            return None

    def begin(self, text: str) -> Begun | None:
        """Read a text with the newest names at hand; None when there are none yet.

        For event loops: ask the database `questions` on any driver, then `finish`.

        Raises:
            TextIsTooLong: it is no address.
        """
        _refuse_long(text)
        gazetteer = self._gazetteers.newest()
        if gazetteer is None:
            return None
        plain, former = parted(text)
        reading = read(plain, gazetteer)
        lookups = first_lookups(reading, gazetteer)
        return Begun(gazetteer, reading, former, lookups, questions_of(lookups))

    def finish(
        self, begun: Begun, answers: Sequence[Sequence[Row]], on: date, *, limit: int
    ) -> tuple[Answer, AsOf]:
        """The answer, and the point in time it shows, from what the database said.

        Raises:
            NotAtHand: nothing was found so far, the names have changed, or a division's chain
                or an act is not known yet: ask again with `ask`.
        """
        rows = [row for answer in answers for row in answer]
        if not rows or not self._addresses.is_ready(rows, on):
            raise NotAtHand
        at = AsOf(on, rows[0][0])
        if self._gazetteers.at_hand(at.known) is not begun.gazetteer:
            raise NotAtHand
        ground = Ground(begun.gazetteer, on)
        source = DoorSource(_nothing_more, at)
        lookups = begun.lookups
        held = dict(zip(lookups, source.doors_in(answers, len(lookups)), strict=True))
        outcome = answer_reading(begun.reading, ground, Prefetched(source, held), limit=limit)
        outcome = _proven(outcome, begun.former, ground)
        acts = self._acts.get(at.known, {})
        if _acts_of(outcome) - acts.keys():
            raise NotAtHand
        return self._shown(outcome, source, at, acts), at

    def gazetteer(self, connection: Connection, at: AsOf) -> Gazetteer:
        """Every name that ever held, as known at a point in time."""
        return self._gazetteers.known_at(connection, at.known)

    def _acts_at(self, known: int) -> dict[int, Change]:
        """What is known so far of acts after a change; those asked about longest ago are forgotten."""
        with self._reading_acts:
            acts = self._acts.setdefault(known, {})
            self._acts.move_to_end(known)
            while len(self._acts) > MOST_MOMENTS:
                self._acts.popitem(last=False)
        return acts

    def _learn_acts(
        self, connection: Connection, at: AsOf, *outcomes: Outcome
    ) -> Mapping[int, Change]:
        """What was known of a change after another one never changes: each is read once."""
        acts = self._acts_at(at.known)
        missing = set[int]().union(*map(_acts_of, outcomes)) - acts.keys()
        if missing:
            acts.update(ChangeStore(connection).many(sorted(missing), at.known))
        return acts

    def _shown(
        self, outcome: Outcome, source: DoorSource, at: AsOf, known: Mapping[int, Change]
    ) -> Answer:
        rows = [source.seen[match.door.address_id] for match in outcome.matches]
        addresses = self._addresses.completed(rows, at.valid_on).addresses
        acts = {number: known[number] for number in _acts_of(outcome)}
        found = tuple(
            Found(match, address, acts)
            for match, address in zip(outcome.matches, addresses, strict=True)
        )
        return Answer(outcome, found)

    def census(self, connection: Connection, at: AsOf) -> Census:
        """How much there is; counted once for each point in time."""
        found = self._counted.get(at)
        if found is None:
            found = take_census(connection, at)
            if len(self._counted) >= MOST_COUNTED:
                self._counted.clear()
            self._counted[at] = found
        return found


def _refuse_long(text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise TextIsTooLong(length=len(text), most=LONGEST_TEXT)


def _proven(outcome: Outcome, former: tuple[str, ...], ground: Ground) -> Outcome:
    """The outcome with the former names in brackets held against each match."""
    if not former:
        return outcome
    return replace(outcome, matches=tuple(proven(outcome.matches, former, ground.gazetteer)))


def _acts_of(outcome: Outcome) -> set[int]:
    return {via.change for match in outcome.matches for via in match.via if via.change is not None}


def _nothing_more(*_asked: object, **_values: object) -> list[Row]:
    raise NotAtHand
