"""Every name that ever held, and the chains it stood in."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID

import ahocorasick

from geo.geocode.complete import Completions
from geo.geocode.names import (
    VILLAGE,
    CarrierPeriod,
    CodePeriod,
    DivisionPeriod,
    holds,
    overlap,
    spoken_forms,
)
from geo.geocode.normalise import name_key
from geo.geocode.spelling import Repair, Spellings

MOST_CHAINS = 50_000
"""Chains kept, of all days asked about."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A gazetteer name in a text, from `start` to `end` (exclusive), with all it may mean."""

    text: str
    start: int
    end: int
    divisions: tuple[DivisionPeriod, ...]
    carriers: tuple[CarrierPeriod, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """An ancestor's period as far as the descendant stood under it, dates half open.

    `ended_by` is the period, of whichever link broke first, that began at `until`.
    """

    period: DivisionPeriod
    since: date | None
    until: date | None
    ended_by: DivisionPeriod | None


@dataclass(frozen=True, slots=True)
class Names:
    """What a gazetteer is made from: periods by the identity they belong to."""

    divisions: Mapping[UUID, tuple[DivisionPeriod, ...]]
    carriers: Mapping[UUID, tuple[CarrierPeriod, ...]]
    codes: Mapping[UUID, tuple[CodePeriod, ...]]

    @classmethod
    def of(
        cls,
        divisions: Iterable[DivisionPeriod],
        carriers: Iterable[CarrierPeriod],
        codes: Iterable[CodePeriod] = (),
    ) -> "Names":
        """Put the periods of one identity together, oldest first."""
        units: dict[UUID, list[DivisionPeriod]] = defaultdict(list)
        places: dict[UUID, list[CarrierPeriod]] = defaultdict(list)
        borne: dict[UUID, list[CodePeriod]] = defaultdict(list)
        for unit in divisions:
            units[unit.division_id].append(unit)
        for place in carriers:
            if place.name:
                places[place.carrier_id].append(place)
        for code in codes:
            borne[code.division_id].append(code)
        return cls(
            {
                key: tuple(sorted(own, key=lambda p: p.valid_from or date.min))
                for key, own in units.items()
            },
            {key: tuple(own) for key, own in places.items()},
            {key: tuple(own) for key, own in borne.items()},
        )

    def only(self, ids: frozenset[UUID]) -> "Names":
        """The periods of some identities."""
        return Names(
            {k: self.divisions[k] for k in ids if k in self.divisions},
            {k: self.carriers[k] for k in ids if k in self.carriers},
            {k: self.codes[k] for k in ids if k in self.codes},
        )

    def changed(self, newer: "Names", ids: frozenset[UUID]) -> "Names":
        """These names with the periods of some identities replaced."""
        return Names(
            {k: v for k, v in self.divisions.items() if k not in ids} | dict(newer.divisions),
            {k: v for k, v in self.carriers.items() if k not in ids} | dict(newer.carriers),
            {k: v for k, v in self.codes.items() if k not in ids} | dict(newer.codes),
        )


Meanings = tuple[tuple[DivisionPeriod, ...], tuple[CarrierPeriod, ...]]


class Gazetteer:
    """All divisions (政区) and carriers (地名) of all times; immutable once built."""

    def __init__(
        self,
        held: Names,
        elsewhere: frozenset[str] = frozenset(),
        *,
        by_key: dict[str, Meanings] | None = None,
    ) -> None:
        """Index names.

        Args:
            held: the registry's names.
            elsewhere: names of divisions the registry does not hold; a text that says one
                means another place.
            by_key: the meanings of each name in plain form, when they are known already.
        """
        self.held = held
        self._elsewhere = elsewhere
        self._names = _by_key(held) if by_key is None else by_key
        self._ever: dict[UUID, tuple[Held, ...]] = {}
        self._chains: dict[tuple[UUID, date], tuple[DivisionPeriod, ...]] = {}
        self._automaton = ahocorasick.Automaton()
        for key, meanings in self._names.items():
            self._automaton.add_word(key, (len(key), key, *meanings))
        for name in map(name_key, elsewhere):
            if name not in self._names:
                self._automaton.add_word(name, (len(name), name, (), ()))
        if len(self._automaton):
            self._automaton.make_automaton()

    def changed(self, newer: Names, ids: Iterable[UUID]) -> "Gazetteer":
        """This gazetteer with everything of some identities replaced by what is newer.

        Args:
            newer: all periods these identities have now.
            ids: the identities; one of which `newer` has nothing is gone.
        """
        changed = frozenset(ids)
        before = self.held.only(changed)
        return Gazetteer(
            self.held.changed(newer, changed),
            self._elsewhere,
            by_key=_replaced(self._names, before, newer),
        )

    def periods(self, division_id: UUID) -> tuple[DivisionPeriod, ...]:
        """List a division's periods, oldest first; empty when unknown."""
        return self.held.divisions.get(division_id, ())

    def period_at(self, division_id: UUID, on: date) -> DivisionPeriod | None:
        """Find the period a division is in at a date."""
        return next((p for p in self.periods(division_id) if holds(p, on)), None)

    def chain(self, division_id: UUID, on: date) -> tuple[DivisionPeriod, ...]:
        """Climb from a division to its province as it stood at a date; may be empty."""
        known = self._chains.get((division_id, on))
        if known is None:
            if len(self._chains) >= MOST_CHAINS:
                self._chains.clear()
            known = self._chains[division_id, on] = self._climbed(division_id, on)
        return known

    def _climbed(self, division_id: UUID, on: date) -> tuple[DivisionPeriod, ...]:
        found: list[DivisionPeriod] = []
        period = self.period_at(division_id, on)
        while period is not None and (not found or period.level < found[-1].level):
            found.append(period)
            period = self.period_at(period.parent_id, on) if period.parent_id else None
        return tuple(found)

    def ancestors_ever(self, division_id: UUID) -> tuple[Held, ...]:
        """List every period of the division and of every ancestor it ever had."""
        found = self._ever.get(division_id)
        if found is None:
            own = self.periods(division_id)
            found = tuple(h for period in own for h in self._climb(_held(period, own)))
            self._ever[division_id] = found
        return found

    def villages_ever(self, division_id: UUID) -> tuple[UUID, ...]:
        """List the villages that stand or ever stood under a division, itself if a village."""
        found, seen, frontier = set[UUID](), set[UUID](), [division_id]
        while frontier:
            unit = frontier.pop()
            if unit in seen:
                continue
            seen.add(unit)
            own = self.periods(unit)
            if own and own[-1].level == VILLAGE:
                found.add(unit)
            frontier += self._children.get(unit, ())
        return tuple(
            village
            for village in sorted(found)
            if any(held.period.division_id == division_id for held in self.ancestors_ever(village))
        )

    def hits(self, text: str) -> tuple[Hit, ...]:
        """Find every name in a plain text, overlapping ones included."""
        if not len(self._automaton):
            return ()
        return tuple(
            Hit(key, last + 1 - length, last + 1, divisions, carriers)
            for last, (length, key, divisions, carriers) in self._automaton.iter(text)
        )

    def named(self, key: str) -> Meanings:
        """The divisions and carriers whose name, in plain form, is exactly this."""
        return self._names.get(key, ((), ()))

    def coded(self, code: str) -> tuple[DivisionPeriod, ...]:
        """List the periods in which divisions bore a code."""
        return tuple(
            period
            for borne in self._codes.get(code, ())
            for period in self.periods(borne.division_id)
            if overlap(period, borne)
        )

    def like_carrier(self, word: str) -> list[Repair]:
        """Carriers a misspelt word may mean, most likely first."""
        return self._carrier_spellings.alike(word)

    def like_division(self, word: str) -> list[Repair]:
        """Divisions a misspelt whole name may mean, most likely first."""
        return self._division_spellings.alike(word)

    def read_as(self, latin: str) -> list[str]:
        """Names, in plain form, whose pinyin without tones and blanks is this."""
        return self._division_spellings.read_as(latin) + self._carrier_spellings.read_as(latin)

    def abbreviated(self, latin: str) -> list[str]:
        """Carriers, in plain form, whose pinyin initials are these."""
        return self._carrier_spellings.abbreviated(latin)

    def prepare(self) -> None:
        """Index the spellings now rather than with the first misspelt text."""
        self.like_carrier("")
        self.like_division("")

    def names(self) -> tuple[str, ...]:
        """List every name and short form, in plain form."""
        return tuple(self._names)

    @cached_property
    def _carrier_spellings(self) -> Spellings:
        return Spellings(key for key, (_units, carriers) in self._names.items() if carriers)

    @cached_property
    def _division_spellings(self) -> Spellings:
        return Spellings(key for key, (units, _carriers) in self._names.items() if units)

    @cached_property
    def completions(self) -> Completions:
        """The names by what they begin with, for who is typing."""
        return Completions(self.held)

    @cached_property
    def _children(self) -> Mapping[UUID, set[UUID]]:
        found: dict[UUID, set[UUID]] = defaultdict(set)
        for unit, own in self.held.divisions.items():
            for period in own:
                if period.parent_id is not None:
                    found[period.parent_id].add(unit)
        return found

    @cached_property
    def _codes(self) -> Mapping[str, list[CodePeriod]]:
        found: dict[str, list[CodePeriod]] = defaultdict(list)
        for own in self.held.codes.values():
            for borne in own:
                found[borne.code].append(borne)
        return found

    def _climb(self, held: Held) -> Iterator[Held]:
        yield held
        for parent in self.periods(held.period.parent_id) if held.period.parent_id else ():
            if parent.level < held.period.level:
                step = _meet(held, _held(parent, self.periods(parent.division_id)))
                if step is not None:
                    yield from self._climb(step)


def outermost(hits: Iterable[Hit]) -> list[Hit]:
    """The hits that are no part of a longer one, from left to right."""
    found, reach = [], -1
    for hit in sorted(hits, key=lambda h: (h.start, -h.end)):
        if hit.end > reach:
            found.append(hit)
            reach = hit.end
    return found


def _by_key(held: Names) -> dict[str, Meanings]:
    divisions: dict[str, list[DivisionPeriod]] = defaultdict(list)
    standing: dict[str, list[CarrierPeriod]] = defaultdict(list)
    for units in held.divisions.values():
        for period in units:
            for form in spoken_forms(period):
                divisions[name_key(form)].append(period)
    for places in held.carriers.values():
        for carrier in places:
            standing[name_key(carrier.name)].append(carrier)
    return {
        name: (tuple(divisions.get(name, ())), tuple(standing.get(name, ())))
        for name in divisions.keys() | standing.keys()
        if name
    }


def _replaced(names: dict[str, Meanings], before: Names, newer: Names) -> dict[str, Meanings]:
    """Names by key, with the periods of `before` taken out and those of `newer` put in."""
    found = dict(names)
    gone, come = _by_key(before), _by_key(newer)
    for key in gone.keys() | come.keys():
        divisions, carriers = found.get(key, ((), ()))
        old_units, old_places = gone.get(key, ((), ()))
        units, places = come.get(key, ((), ()))
        kept = (
            tuple(p for p in divisions if p not in old_units) + units,
            tuple(c for c in carriers if c not in old_places) + places,
        )
        if any(kept):
            found[key] = kept
        else:
            found.pop(key, None)
    return found


def _held(period: DivisionPeriod, own: tuple[DivisionPeriod, ...]) -> Held:
    following = next(
        (p for p in own if p.valid_from is not None and p.valid_from == period.valid_to), None
    )
    return Held(period, period.valid_from, period.valid_to, following)


def _meet(child: Held, parent: Held) -> Held | None:
    since = max(child.since or date.min, parent.since or date.min)
    until = min(child.until or date.max, parent.until or date.max)
    if since >= until:
        return None
    first = child if (child.until or date.max) <= (parent.until or date.max) else parent
    return Held(
        parent.period,
        None if since == date.min else since,
        None if until == date.max else until,
        first.ended_by,
    )
