"""Every name that ever held, and the chains it stood in."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

import ahocorasick
from pypinyin import lazy_pinyin

COUNTY = 3
VILLAGE = 5
_VILLAGE_TAIL = re.compile(
    r"(社区居民委员会|社区居委会|村民委员会|居民委员会|村委会|居委会|社区|村)$"
)
_DIVISION_TAIL = re.compile(r"(特别行政区|自治区|自治州|自治县|街道办事处|街道|省|市|区|县|镇|乡)$")


@dataclass(frozen=True, slots=True)
class DivisionPeriod:
    """A division (政区) while its name, kind and parent stayed the same; dates half open."""

    division_id: UUID
    name: str
    kind: str
    level: int
    parent_id: UUID | None
    valid_from: date | None
    valid_to: date | None
    decree: str | None
    change: int


@dataclass(frozen=True, slots=True)
class CarrierPeriod:
    """A name (街路巷, 里, 社) that carries door numbers, while it held; dates half open."""

    carrier_id: UUID
    name: str
    kind: Literal["thoroughfare", "area"]
    status: Literal["standard", "former", "variant"]
    division_ids: frozenset[UUID]
    valid_from: date | None
    valid_to: date | None


Referent = DivisionPeriod | CarrierPeriod


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


def holds(period: Referent, on: date) -> bool:
    """Tell whether a period covers a date."""
    return (period.valid_from is None or period.valid_from <= on) and (
        period.valid_to is None or on < period.valid_to
    )


def spoken_forms(period: DivisionPeriod) -> frozenset[str]:
    """List a division's full name and the short forms people use for it."""
    if period.level < VILLAGE:
        base = _DIVISION_TAIL.sub("", period.name)
        return frozenset({period.name, base} if len(base) > 1 else {period.name})
    base = _VILLAGE_TAIL.sub("", period.name)
    if not base:
        return frozenset({period.name})
    forms = {period.name, f"{base}社区", f"{base}村", f"{base}村委会", f"{base}社区居委会"}
    return frozenset(forms | {base} if len(base) > 1 else forms)


class Gazetteer:
    """All divisions (政区) and carriers (地名) of all times; immutable once built."""

    def __init__(
        self, divisions: Iterable[DivisionPeriod], carriers: Iterable[CarrierPeriod]
    ) -> None:
        self._periods = _grouped(divisions)
        named = tuple(c for c in carriers if c.name)
        self._names = _by_name(self._periods, named)
        self._sounds: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self._lengths: dict[int, set[str]] = defaultdict(set)
        for carrier in named:
            self._sounds[tuple(lazy_pinyin(carrier.name))].add(carrier.name)
            self._lengths[len(carrier.name)].add(carrier.name)
        self._automaton = ahocorasick.Automaton()
        for name in self._names:
            self._automaton.add_word(name, name)
        if self._names:
            self._automaton.make_automaton()
        self._ever = {
            division_id: tuple(h for period in own for h in self._climb(_held(period, own)))
            for division_id, own in self._periods.items()
        }
        self._villages = self._villages_below()

    def periods(self, division_id: UUID) -> tuple[DivisionPeriod, ...]:
        """List a division's periods, oldest first; empty when unknown."""
        return self._periods.get(division_id, ())

    def period_at(self, division_id: UUID, on: date) -> DivisionPeriod | None:
        """Find the period a division is in at a date."""
        return next((p for p in self.periods(division_id) if holds(p, on)), None)

    def chain(self, division_id: UUID, on: date) -> tuple[DivisionPeriod, ...]:
        """Climb from a division to its province as it stood at a date; may be empty."""
        found: list[DivisionPeriod] = []
        period = self.period_at(division_id, on)
        while period is not None and (not found or period.level < found[-1].level):
            found.append(period)
            period = self.period_at(period.parent_id, on) if period.parent_id else None
        return tuple(found)

    def ancestors_ever(self, division_id: UUID) -> tuple[Held, ...]:
        """List every period of the division and of every ancestor it ever had."""
        return self._ever.get(division_id, ())

    def villages_ever(self, division_id: UUID) -> tuple[UUID, ...]:
        """List the villages that stand or ever stood under a division, itself if a village."""
        return self._villages.get(division_id, ())

    def hits(self, text: str) -> tuple[Hit, ...]:
        """Find every name in a text, overlapping ones included."""
        if not self._names:
            return ()
        found = []
        for last, name in self._automaton.iter(text):
            divisions, carriers = self._names[name]
            found.append(Hit(name, last + 1 - len(name), last + 1, divisions, carriers))
        return tuple(found)

    def carriers_named(self, name: str) -> tuple[CarrierPeriod, ...]:
        """List the carriers of exactly this name."""
        return self._names.get(name, ((), ()))[1]

    def carrier_names(self, length: int) -> tuple[str, ...]:
        """List the carrier names of a length in characters."""
        return tuple(sorted(self._lengths.get(length, ())))

    def homophones(self, text: str) -> tuple[str, ...]:
        """List the carrier names read like the text, tones left out."""
        return tuple(sorted(self._sounds.get(tuple(lazy_pinyin(text)), ())))

    def names(self) -> tuple[str, ...]:
        """List every name and short form."""
        return tuple(self._names)

    def _villages_below(self) -> dict[UUID, tuple[UUID, ...]]:
        below: dict[UUID, set[UUID]] = defaultdict(set)
        for division_id, own in self._periods.items():
            if own[-1].level == VILLAGE:
                for held in self._ever[division_id]:
                    below[held.period.division_id].add(division_id)
        return {key: tuple(sorted(ids)) for key, ids in below.items()}

    def _climb(self, held: Held) -> Iterator[Held]:
        yield held
        for parent in self.periods(held.period.parent_id) if held.period.parent_id else ():
            if parent.level < held.period.level:
                step = _meet(held, _held(parent, self.periods(parent.division_id)))
                if step is not None:
                    yield from self._climb(step)


def _by_name(
    periods: dict[UUID, tuple[DivisionPeriod, ...]], carriers: Iterable[CarrierPeriod]
) -> dict[str, tuple[tuple[DivisionPeriod, ...], tuple[CarrierPeriod, ...]]]:
    divisions: dict[str, list[DivisionPeriod]] = defaultdict(list)
    standing: dict[str, list[CarrierPeriod]] = defaultdict(list)
    for own in periods.values():
        for period in own:
            for form in spoken_forms(period):
                divisions[form].append(period)
    for carrier in carriers:
        standing[carrier.name].append(carrier)
    return {
        name: (tuple(divisions.get(name, ())), tuple(standing.get(name, ())))
        for name in divisions.keys() | standing.keys()
        if name
    }


def _grouped(divisions: Iterable[DivisionPeriod]) -> dict[UUID, tuple[DivisionPeriod, ...]]:
    grouped: dict[UUID, list[DivisionPeriod]] = defaultdict(list)
    for period in divisions:
        grouped[period.division_id].append(period)
    return {
        key: tuple(sorted(own, key=lambda p: p.valid_from or date.min))
        for key, own in grouped.items()
    }


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
