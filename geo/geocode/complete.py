"""Completing what is being typed (输入提示): names by characters, pinyin, initials or a mixture."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from geo.geocode.names import CarrierPeriod, DivisionPeriod, Referent, holds
from geo.geocode.reading_keys import (
    encodings,
    first_keys,
    keys_of,
    pattern_of,
    without_direction,
)

if TYPE_CHECKING:
    from geo.geocode.gazetteer import Names

CARRIER_LEVEL = 6
"""Carriers come after the divisions they lie in."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A name that may be meant, and whose it is."""

    text: str
    of_id: UUID
    kind: str
    level: int
    """1 province … 5 village, 6 carrier."""
    periods: tuple[Referent, ...]
    """When it was borne."""

    def is_carrier(self) -> bool:
        """Whether it bears numbers as a thoroughfare or an area."""
        return self.level == CARRIER_LEVEL

    def holds_on(self, on: date) -> bool:
        """Whether it is the name of that day, and not a former one or a variant."""
        return any(
            holds(one, on) and (isinstance(one, DivisionPeriod) or one.status == "standard")
            for one in self.periods
        )


class Completions:
    """The names of a gazetteer by what they begin with; built from names, whatever bears them."""

    def __init__(self, held: "Names") -> None:
        self._names = sorted(_completions(held), key=_rank)
        self._exact = _buckets(map(_encodings, self._names))
        self._loose = _buckets(map(_loose_encodings, self._names))
        self._by_id: dict[UUID, list[int]] = defaultdict(list)
        for place, one in enumerate(self._names):
            self._by_id[one.of_id].append(place)

    def begun_by(
        self,
        text: str,
        on: date,
        *,
        limit: int,
        whole: bool = False,
    ) -> list[Completion]:
        """Names that what was typed begins: those of the day first, shorter ones first.

        Args:
            whole: only names it spells to the last character, each by at least one key.
        """
        keys = keys_of(text)
        if not keys:
            return []
        begins = pattern_of(keys, whole=whole).match
        standing: dict[int, None] = {}
        former: dict[int, None] = {}
        for buckets in (self._exact,) if whole else (self._exact, self._loose):
            for encoding, place in buckets.get(keys[0], ()):
                if begins(encoding):
                    held = standing if self._names[place].holds_on(on) else former
                    held[place] = None
                    if len(standing) == limit:
                        break
        return [self._names[place] for place in [*standing, *former][:limit]]

    def names(self) -> Sequence[Completion]:
        """Every name, the likeliest first."""
        return self._names

    def encodings(self) -> Iterator[str]:
        """What typing is compared with, as `reading_keys` writes it."""
        yield from dict.fromkeys(one for own in self._exact.values() for one, _place in own)

    def of_ids(self, ids: Iterable[UUID]) -> list[Completion]:
        """Every name some divisions and carriers ever bore."""
        return [self._names[place] for one in ids for place in self._by_id.get(one, ())]


_Buckets = Mapping[str, Sequence[tuple[str, int]]]


def _buckets(encodings_of: Iterable[Iterable[str]]) -> _Buckets:
    """Encodings by the key they may begin with, each with its name's place, in order of places."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for place, own in enumerate(encodings_of):
        for encoding in own:
            for key in dict.fromkeys(first_keys(encoding)):
                found[key].append((encoding, place))
    return dict(found)


def _completions(held: "Names") -> Iterator[Completion]:
    """One for every name somebody bore, however often its kind or parent changed meanwhile."""
    for division_id, units in held.divisions.items():
        for text, own in _by_name(units).items():
            last = own[-1]
            assert isinstance(last, DivisionPeriod)
            yield Completion(text, division_id, last.kind, last.level, own)
    for carrier_id, places in held.carriers.items():
        for text, own in _by_name(places).items():
            yield Completion(text, carrier_id, own[-1].kind, CARRIER_LEVEL, own)


def _by_name(periods: Iterable[Referent]) -> dict[str, tuple[Referent, ...]]:
    found: dict[str, list[Referent]] = defaultdict(list)
    for one in periods:
        found[one.name].append(one)
    return {text: tuple(own) for text, own in found.items()}


def _encodings(one: Completion) -> frozenset[str]:
    return frozenset(
        encoding
        for spelt in {period.romanisation for period in one.periods}
        for encoding in encodings(one.text, spelt)
        if encoding
    )


def _loose_encodings(one: Completion) -> tuple[str, ...]:
    short = without_direction(one.text) if one.is_carrier() else None
    return () if short is None else encodings(short, None)


def _rank(one: Completion) -> tuple[object, ...]:
    return (len(one.text), one.level, one.text, one.of_id)


def homes_of(one: Completion, on: date) -> frozenset[UUID]:
    """The divisions a name stands in on a day: the parent of a division, those of a carrier."""
    standing = [period for period in one.periods if holds(period, on)] or [one.periods[-1]]
    found: set[UUID] = set()
    for period in standing:
        if isinstance(period, CarrierPeriod):
            found |= period.division_ids
        elif period.parent_id is not None:
            found.add(period.parent_id)
    return frozenset(found)
