"""A difference as people ask for it: two points, a scope, a page of what is not the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec

from api.address_view import placed
from api.problems import Refusal
from api.time_travel import Reader, parse_date
from registry.addresses.difference import (
    AddressScope,
    DifferingAddress,
    count_differing,
    differing_addresses,
)
from registry.addresses.model import Address
from registry.addresses.store import AddressStore
from registry.addresses.text import Profile
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.divisions.difference import (
    Difference,
    counted,
    division_differences,
    name_differences,
    renamed_carriers,
    renamed_chains,
    without_digests,
)
from registry.divisions.sides import Sides
from registry.divisions.store import DivisionStore
from registry.errors import DivisionIsUnknown

LONGEST_NUMBER = 18
ADDRESSES = "addresses"


@dataclass(frozen=True, slots=True)
class AskedDifference:
    """What is asked for."""

    start: AsOf
    end: AsOf
    within: UUID | None
    collections: frozenset[str]
    limit: int
    cursor: str | None


@dataclass(frozen=True, slots=True)
class FoundDifference:
    """A page of the answer."""

    counts: dict[str, dict[str, int]]
    differences: list[Difference]
    cursor: str | None


def point_of(reading: Reader, text: str) -> AsOf:
    """A day, known as the request says; or the number of a change: known after it, on `at`.

    Raises:
        DateIsInvalid: neither a day nor a number.
        ChangeIsUnknown: no such change, or not yet.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        return AsOf(parse_date(text), reading.at.known)
    return AsOf(reading.at.valid_on, ChangeStore(reading.connection).get(int(text)).number)


def scope_of(reading: Reader, within: str | None, start: AsOf, end: AsOf) -> UUID | None:
    """The division meant at the later point, else at the earlier one."""
    if within is None:
        return None
    store = DivisionStore(reading.connection)
    try:
        return store.resolve(within, end)
    except DivisionIsUnknown:
        return store.resolve(within, start)


def find_difference(reading: Reader, asked: AskedDifference) -> FoundDifference:
    """Everything that is not the same at the two points: divisions, names, then addresses by code."""
    connection = reading.connection
    sides = Sides.read(connection, asked.start, asked.end, asked.within)
    divisions = division_differences(connection, sides, asked.start, asked.end)
    names = name_differences(connection, sides, asked.start, asked.end)
    scope = AddressScope(
        asked.start, asked.end, sides.inside, renamed_chains(sides), renamed_carriers(names)
    )
    counts: dict[str, dict[str, int]] = {}
    few: list[Difference] = []
    for name, found in (("divisions", divisions), ("names", names)):
        if name in asked.collections:
            counts[name] = counted(found)
            few += without_digests(found)
    if ADDRESSES in asked.collections:
        counts[ADDRESSES] = count_differing(connection, scope)
    shown, cursor = _page(reading, asked, few, scope)
    return FoundDifference(counts, shown, cursor)


def _page(
    reading: Reader, asked: AskedDifference, few: list[Difference], scope: AddressScope
) -> tuple[list[Difference], str | None]:
    place, after = _open(asked.cursor)
    shown = few[place : place + asked.limit]
    place += len(shown)
    room = asked.limit - len(shown)
    if ADDRESSES not in asked.collections:
        return shown, f"n{place}" if place < len(few) else None
    if not room:
        return shown, f"n{place}"
    rows = differing_addresses(reading.connection, scope, limit=room + 1, after=after)
    shown += _addresses(reading, rows[:room], asked)
    more = len(rows) > room
    return shown, f"a{rows[room - 1].code}" if more else None


def _open(cursor: str | None) -> tuple[int, str]:
    """How many divisions and names were shown, and the last address code."""
    if cursor is None:
        return 0, ""
    if cursor[:1] == "n" and cursor[1:].isdigit():
        return int(cursor[1:]), ""
    if cursor[:1] == "a":
        return 10**9, cursor[1:]
    what = "the cursor was not made by this registry"
    raise Refusal("cursor-is-invalid", HTTPStatus.UNPROCESSABLE_ENTITY, what)


def _addresses(
    reading: Reader, rows: Sequence[DifferingAddress], asked: AskedDifference
) -> list[Difference]:
    store = AddressStore(reading.connection)
    codes = [row.code for row in rows]
    before, after = (
        {one.code: _shown(one) for one in store.many(codes, at)} for at in (asked.start, asked.end)
    )
    return [
        Difference(
            ADDRESSES,
            row.address_id,
            row.status,
            _fields(before.get(row.code), after.get(row.code)),
            before.get(row.code),
            after.get(row.code),
            row.changes,
        )
        for row in rows
    ]


def _shown(one: Address) -> dict[str, Any]:
    view: dict[str, Any] = msgspec.to_builtins(placed(one))
    smallest = one.chain[0] if one.chain else None
    return {
        "code": one.code,
        "text": one.text(),
        "legal_text": one.text(Profile.LEGAL),
        "division": None if smallest is None else smallest.name,
        "components": view["address"]["components"],
        "status": view["address"]["status"],
        "position": view["position"],
    }


def _fields(before: dict[str, Any] | None, after: dict[str, Any] | None) -> tuple[str, ...]:
    if before is None or after is None:
        return ()
    return tuple(name for name in before if before[name] != after.get(name))
