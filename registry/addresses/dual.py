"""Dual-name windows (新旧地名并用期) on addresses: while one holds, both texts count and are shown.

Nothing is stored of a text: the former one is composed from what held the day before the act, the
dual one is today's with the former names in brackets, 马巷街道（原马巷镇）.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, func, select

from registry.addresses.model import Address, DualText
from registry.addresses.reading import ASKED
from registry.addresses.tables import address_version
from registry.addresses.text import Profile, compose
from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.divisions.chain import Chain
from registry.hot import HotStatement, Rows
from registry.names.tables import dual_name_version

DAY = timedelta(days=1)


class Window(NamedTuple):
    """One unit whose name, or the names above it, an act changed, and the days both count."""

    division_id: UUID
    act_on: date
    since: date
    until: date | None


Windows = Mapping[UUID, Sequence[Window]]
Chains = Callable[[set[UUID], AsOf], Mapping[UUID, Chain]]

_WINDOW = dual_name_version.c
WINDOWS = HotStatement.of(
    select(
        _WINDOW.division_id, _WINDOW.act_on, func.lower(_WINDOW.valid), func.upper(_WINDOW.valid)
    )
    .where(seen_at(dual_name_version, ASKED))
    .order_by(_WINDOW.act_on.desc(), _WINDOW.division_id)
)
DIVISIONS_THEN = HotStatement.of(
    select(address_version.c.address_id, address_version.c.division_id).where(
        address_version.c.address_id == any_(bindparam("keys", type_=ARRAY(Uuid()))),
        seen_at(address_version, ASKED),
    )
)


def windows_at(rows: Rows, at: AsOf) -> Windows:
    """Every window that holds on a day, by unit; few, as a rule none."""
    found: dict[UUID, list[Window]] = {}
    for row in rows(WINDOWS, on=at.valid_on, known=at.known):
        window = Window(*row)
        found.setdefault(window.division_id, []).append(window)
    return found


def is_touched(chain: Chain, windows: Windows) -> bool:
    """Whether a window holds for any division of a chain."""
    return bool(windows) and any(link.division_id in windows for link in chain)


def with_duals(
    addresses: list[Address], at: AsOf, *, windows: Windows, rows: Rows, chains: Chains
) -> list[Address]:
    """The addresses, with both texts where a window holds."""
    touched = [one for one in addresses if is_touched(one.chain, windows)]
    if not touched:
        return addresses
    duals = _duals(touched, at, windows, rows, chains)
    return [replace(one, dual=duals.get(one.address_id)) for one in addresses]


def dual_text(one: Address, acts: Iterable[tuple[Window, Chain, Chain]]) -> DualText | None:
    """Both texts of an address.

    Args:
        acts: windows, latest act first, with the chain the address had the day before the act
            and the one it had on the day.
    """
    former: dict[int, list[str]] = {}
    texts: list[str] = []
    used: list[Window] = []
    now = {link.level: link.name for link in one.chain}
    carrier = None if one.carrier is None else one.carrier.text
    for window, before, after in acts:
        then = {link.level: link.name for link in after}
        changed = [
            link
            for link in before
            if then.get(link.level) != link.name and now.get(link.level) not in (None, link.name)
        ]
        if changed:
            used.append(window)
            texts.append(compose(one.parts, carrier, before, Profile.FULL))
        for link in changed:
            names = former.setdefault(link.level, [])
            if link.name not in names:
                names.append(link.name)
    if not used:
        return None
    both = tuple(
        replace(link, name=f"{link.name}（原{'、'.join(former[link.level])}）")
        if link.level in former
        else link
        for link in one.chain
    )
    ends = [window.until for window in used]
    return DualText(
        text=compose(one.parts, carrier, both, Profile.FULL),
        former=texts[0],
        since=min(window.since for window in used),
        until=None if None in ends else max(end for end in ends if end is not None),
    )


def _duals(
    touched: list[Address], at: AsOf, windows: Windows, rows: Rows, chains: Chains
) -> dict[UUID, DualText | None]:
    acts = {
        one.address_id: list(
            {w.act_on: w for link in one.chain for w in windows.get(link.division_id, ())}.values()
        )
        for one in touched
    }
    seen: dict[tuple[UUID, date], tuple[Chain, Chain]] = {}
    for day in {window.act_on for found in acts.values() for window in found}:
        there = [one for one in touched if any(w.act_on == day for w in acts[one.address_id])]
        seen |= _before_and_after(there, day, at.known, rows, chains)
    return {
        one.address_id: dual_text(
            one,
            (
                (window, *seen[one.address_id, window.act_on])
                for window in sorted(acts[one.address_id], key=lambda w: w.act_on, reverse=True)
            ),
        )
        for one in touched
    }


def _before_and_after(
    addresses: list[Address], day: date, known: int, rows: Rows, chains: Chains
) -> dict[tuple[UUID, date], tuple[Chain, Chain]]:
    ids = [one.address_id for one in addresses]
    before, after = AsOf(day - DAY, known), AsOf(day, known)
    held = [
        dict(_pairs(rows(DIVISIONS_THEN, keys=ids, on=point.valid_on, known=known)))
        for point in (before, after)
    ]
    # An address entered later would have lain where it lies now.
    sides: list[Mapping[UUID, Chain]] = []
    for point, where in zip((before, after), held, strict=True):
        sides.append(
            chains(
                {where.get(one.address_id, one.chain[0].division_id) for one in addresses}, point
            )
        )
    found = {}
    for one in addresses:
        here = one.chain[0].division_id
        old = sides[0].get(held[0].get(one.address_id, here), ())
        new = sides[1].get(held[1].get(one.address_id, here), ())
        found[one.address_id, day] = (old, new)
    return found


def _pairs(rows: Iterable[Sequence[Any]]) -> Iterable[tuple[UUID, UUID]]:
    return ((row[0], row[1]) for row in rows)
