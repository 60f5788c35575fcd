"""What somebody who is typing may mean (输入提示): names of any time, and doors once a digit comes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    Uuid,
    and_,
    any_,
    bindparam,
    column,
    false,
    func,
    select,
)

from geo.geocode.candidates import Place
from geo.geocode.complete import Completion, homes_of
from geo.geocode.gazetteer import Gazetteer
from geo.geocode.names import VILLAGE, DivisionPeriod, holds
from geo.geocode.reading_keys import keys_of
from registry.addresses.hot_reads import HotAddresses
from registry.addresses.model import Address
from registry.addresses.reading import ASKED, KNOWN, address_rows
from registry.addresses.tables import address, address_version
from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.hot import HotStatement, Row, Rows
from registry.search.doors import DoorSource, Question
from registry.search.gazetteers import Gazetteers

MOST_HEADS = 8
"""Carriers whose doors are looked through when several are spelt alike."""
MOST_ALIKE = 200
"""Names looked through for those inside the divisions that were typed before them."""
MOST_DIGITS = 6
_NUMBERED = re.compile(rf"^(?P<head>.*?[^0-9])(?P<digits>[1-9][0-9]{{0,{MOST_DIGITS - 1}}})(?P<end>号?)$")  # fmt: skip
_INNER = ("building", "unit", "floor", "room")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A name or a door that may be meant."""

    name: Completion | None
    """None: a door."""
    door: Address | None
    former: bool
    """It is no name of the day."""
    now: tuple[str, ...]
    """What is called so now, when the name is a former one."""
    within: tuple[tuple[str, ...], ...]
    """The divisions it lies in, smallest first; several when it lies in several."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, what it may begin, and what the database has to be asked."""

    gazetteer: Gazetteer
    names: tuple[Completion, ...]
    question: Question


class NotAtHand(Exception):
    """The names have changed, or a chain has to be read first; ask again with `Suggester.ask`."""


class Suggester:
    """Completes what is typed as of any point in time."""

    def __init__(self, rows: Rows, addresses: HotAddresses, gazetteers: Gazetteers) -> None:
        self._rows = rows
        self._addresses = addresses
        self._gazetteers = gazetteers

    def ask(self, connection: Connection, text: str, at: AsOf, *, limit: int) -> list[Suggestion]:
        """Names and doors that what was typed may begin, the likeliest first."""
        gazetteer = self._gazetteers.known_at(connection, at.known)
        typed = self._typed(gazetteer, text, at.valid_on, limit)
        statement, values = typed.question
        rows = self._rows(statement, **values, on=at.valid_on, known=at.known)
        return self._shown(typed, rows, at, limit)

    def begin(self, text: str, on: date, *, limit: int) -> Typed | None:
        """The same with the newest names at hand: ask `question` on any driver, then `finish`."""
        gazetteer = self._gazetteers.newest()
        return None if gazetteer is None else self._typed(gazetteer, text, on, limit)

    def finish(
        self, typed: Typed, rows: Sequence[Row], on: date, *, limit: int
    ) -> tuple[list[Suggestion], AsOf]:
        """What may be meant, and the point in time it shows.

        Raises:
            NotAtHand: the names have changed since, a chain has to be read, or no door was found.
        """
        if not rows:
            raise NotAtHand
        at = AsOf(on, rows[0][0])
        fresh = self._gazetteers.at_hand(at.known) is typed.gazetteer
        if not fresh or (len(rows[0]) > 1 and not self._addresses.is_ready(rows, on)):
            raise NotAtHand
        return self._shown(typed, rows, at, limit), at

    def named(self, connection: Connection, text: str, at: AsOf, *, limit: int) -> list[Completion]:
        """Divisions and carriers whose whole name a text is, perhaps after divisions they lie in."""
        gazetteer = self._gazetteers.known_at(connection, at.known)
        return _begun(gazetteer, keys_of(text), at.valid_on, limit, whole=True)

    def places(self, names: Sequence[Completion], at: AsOf) -> dict[UUID, Place]:
        """A point in each of some divisions and on each of some carriers."""
        source = DoorSource(self._rows, at)
        carriers = [one.of_id for one in names if one.is_carrier()]
        divisions = [one.of_id for one in names if not one.is_carrier()]
        return {
            **(source.carriers(carriers) if carriers else {}),
            **(source.territories(divisions) if divisions else {}),
        }

    def _typed(self, gazetteer: Gazetteer, text: str, on: date, limit: int) -> Typed:
        keys = keys_of(text)
        names = _begun(gazetteer, keys, on, limit)
        numbered = _NUMBERED.match(keys)
        question: Question = (HEAD, {})
        if numbered is not None:
            heads = _begun(gazetteer, numbered["head"], on, MOST_HEADS, whole=True)
            question = _question(heads, numbered, limit)
        return Typed(gazetteer, tuple(names), question)

    def _shown(self, typed: Typed, rows: Sequence[Row], at: AsOf, limit: int) -> list[Suggestion]:
        found = [_suggested(one, typed.gazetteer, at.valid_on) for one in typed.names]
        if rows and len(rows[0]) > 1:
            doors = self._addresses.completed(rows, at.valid_on).addresses
            found += [Suggestion(None, door, former=False, now=(), within=()) for door in doors]
        return found[:limit]


def _begun(
    gazetteer: Gazetteer, keys: str, on: date, most: int, *, whole: bool = False
) -> list[Completion]:
    """Names begun by what is typed, or else by what follows the divisions it begins with."""
    index = gazetteer.completions
    found = index.begun_by(keys, on, limit=most, whole=whole)
    for within, rest in () if found else _led_by_divisions(gazetteer, keys):
        alike = index.begun_by(rest, on, limit=MOST_ALIKE, whole=whole)
        found = _inside(alike, within, gazetteer, on)[:most]
        if found:
            break
    return found


def _led_by_divisions(gazetteer: Gazetteer, keys: str) -> Iterator[tuple[frozenset[UUID], str]]:
    """The divisions a text begins with, one after the other, and what is left after each."""
    while True:
        leading = [hit for hit in gazetteer.hits(keys.upper()) if hit.start == 0 and hit.divisions]
        longest = max(leading, key=lambda hit: hit.end, default=None)
        if longest is None or longest.end >= len(keys):
            return
        keys = keys[longest.end :]
        yield frozenset(period.division_id for period in longest.divisions), keys


def _inside(
    names: Sequence[Completion], within: frozenset[UUID], gazetteer: Gazetteer, on: date
) -> list[Completion]:
    """Names whose bearer lies, or ever lay, in one of some divisions."""
    return [
        one
        for one in names
        if any(
            held.period.division_id in within
            for home in homes_of(one, on)
            for held in gazetteer.ancestors_ever(home)
        )
    ]


def _suggested(one: Completion, gazetteer: Gazetteer, on: date) -> Suggestion:
    former = not one.holds_on(on)
    chains = [
        tuple(period.name for period in gazetteer.chain(home, on))
        for home in sorted(homes_of(one, on))
    ]
    now = _names_now(one, gazetteer, on) if former else ()
    return Suggestion(one, None, former, now, tuple(chain for chain in chains if chain))


def _names_now(one: Completion, gazetteer: Gazetteer, on: date) -> tuple[str, ...]:
    held = gazetteer.held
    periods = (
        held.carriers.get(one.of_id, ()) if one.is_carrier() else held.divisions.get(one.of_id, ())
    )
    return tuple(
        dict.fromkeys(
            period.name
            for period in periods
            if holds(period, on) and (isinstance(period, DivisionPeriod) or period.status == "standard")
        )
    )  # fmt: skip


def _question(heads: Sequence[Completion], numbered: re.Match[str], limit: int) -> Question:
    carriers = [one.of_id for one in heads if one.is_carrier()]
    villages = [one.of_id for one in heads if one.level == VILLAGE]
    lows, highs = _ranges(numbered["digits"], closed=bool(numbered["end"]))
    values: dict[str, object] = {"lows": lows, "highs": highs, "limit": limit}
    if carriers:
        return DOORS_ON_CARRIERS, {**values, "places": carriers}
    if villages:
        return DOORS_IN_VILLAGES, {**values, "places": villages}
    return HEAD, {}


def _ranges(digits: str, *, closed: bool) -> tuple[list[int], list[int]]:
    """The numbers that begin with these digits: 3, 30–39, 300–399, … ; only 3 when it is closed."""
    more = 0 if closed else MOST_DIGITS - len(digits)
    lows = [int(digits) * 10**zeros for zeros in range(more + 1)]
    return lows, [low + 10**zeros - 1 for zeros, low in enumerate(lows)]


def _places() -> ColumnElement[Any]:
    return any_(bindparam("places", type_=ARRAY(Uuid())))


def _in_villages() -> ColumnElement[Any]:
    """Every version that ever lay in villages and had no carrier.

    Found first, with nothing said that another index would serve: planned once for all values, the
    database would go through everything recorded, or through all doors without a carrier.
    """
    version = address_version.alias("lying")
    lying = select(version.c.version_id).where(
        version.c.division_id == _places(), version.c.carrier_id.is_not(None).is_(false())
    )
    return any_(func.array(lying.scalar_subquery(), type_=ARRAY(BigInteger())))


def _doors(where: ColumnElement[bool]) -> Select[Any]:
    version = address_version
    spans = (
        func.unnest(
            bindparam("lows", type_=ARRAY(Integer())), bindparam("highs", type_=ARRAY(Integer()))
        )
        .table_valued(column("low", Integer), column("high", Integer))
        .render_derived(name="span")
    )
    base = address.join(version, version.c.address_id == address.c.address_id).join(
        spans, version.c.number.between(spans.c.low, spans.c.high)
    )
    joined, columns = address_rows(base)
    return (
        select(*columns)
        .select_from(joined)
        .where(
            where,
            and_(*(version.c[part].is_(None) for part in _INNER)),
            version.c.stage == "current",
            seen_at(version, ASKED),
        )
        .order_by(version.c.number, version.c.sub_number.nulls_first(), address.c.code)
        .limit(bindparam("limit", type_=Integer))
    )


HEAD = HotStatement.of(select(KNOWN))
DOORS_ON_CARRIERS = HotStatement.of(_doors(address_version.c.carrier_id == _places()))
DOORS_IN_VILLAGES = HotStatement.of(_doors(address_version.c.version_id == _in_villages()))
