"""Hot reads of addresses: one keyed statement each; the chains of divisions are kept in the process.

What was known after a change never changes, so a chain found for a day and a change stays right
for ever, and needs no telling when the registry goes on: the next change simply has its own.
"""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, any_, bindparam, func, literal, select

from registry.addresses.dual import Windows, is_touched, windows_at, with_duals
from registry.addresses.model import Address
from registry.addresses.reading import ASKED, addresses_by, divisions_of, to_addresses
from registry.addresses.tables import address
from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.divisions.chain import Chain, ChainLink
from registry.divisions.model import STATISTICAL, DivisionKind
from registry.divisions.tables import division_code_version, division_version
from registry.hot import HotStatement, Row, Rows

MOST_MOMENTS = 32
"""Days and changes whose chains are kept."""
MOST_CHAINS = 20_000
"""Chains kept of one day and change."""

Keys = Collection[str] | Collection[UUID]


@dataclass(frozen=True, slots=True)
class HotAnswer:
    """Addresses, and the change whose state they show."""

    known: int | None
    """None: nothing was found."""
    addresses: list[Address]


class HotAddresses:
    """Addresses in force, read on the bare driver."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._kept: OrderedDict[AsOf, dict[UUID, Chain]] = OrderedDict()
        self._windows: OrderedDict[AsOf, Windows] = OrderedDict()

    def by_codes(self, codes: Collection[str], on: date, known: int | None) -> HotAnswer:
        """Addresses by code, in the order of their codes; `known` None: all that is known now."""
        return self._read(HOT_BY_CODE, codes, on, known)

    def by_ids(self, ids: Collection[UUID], at: AsOf) -> dict[UUID, Address]:
        """Addresses by id."""
        found = self._read(HOT_BY_ID, ids, at.valid_on, at.known)
        return {one.address_id: one for one in found.addresses}

    def _read(self, statement: HotStatement, keys: Keys, on: date, known: int | None) -> HotAnswer:
        rows = self._rows(statement, keys=list(keys), on=on, known=known)
        return self.completed(rows, on)

    def completed(self, rows: Sequence[Row], on: date) -> HotAnswer:
        """The addresses in rows of the statement, with their chains."""
        if not rows:
            return HotAnswer(None, [])
        number: int = rows[0][0]
        at = AsOf(on, number)
        found = to_addresses(rows, self.chains(divisions_of(rows), at))
        windows = self._windows_at(at)
        both = with_duals(found, at, windows=windows, rows=self._rows, chains=self.chains)
        return HotAnswer(number, both)

    def is_ready(self, rows: Sequence[Row], on: date) -> bool:
        """Whether `completed` will find every chain in the process, without a query."""
        if not rows:
            return True
        at = AsOf(on, rows[0][0])
        kept, windows = self._kept.get(at, {}), self._windows.get(at)
        wanted = divisions_of(rows)
        if windows is None or not wanted <= kept.keys():
            return False
        return not any(is_touched(kept[unit], windows) for unit in wanted)

    def carry_over(self, before: AsOf, at: AsOf) -> None:
        """Keep the chains of a point in time for another at which all divisions are the same."""
        if before in self._kept and at not in self._kept:
            self._keep(at, self._kept[before])

    def warm(self, divisions: Collection[UUID], at: AsOf) -> None:
        """Read the chains of divisions, and the windows that hold, before they are asked for."""
        if len(divisions) <= MOST_CHAINS:
            self.chains(set(divisions), at)
        self._windows_at(at)

    def kept_chain(self, division: UUID, at: AsOf) -> Chain | None:
        """The chain of a division, if it is in the process."""
        return self._kept.get(at, {}).get(division)

    def settled_chain(self, division: UUID, at: AsOf) -> Chain | None:
        """The chain of a division, if it is in the process and no window holds for it."""
        windows = self._windows.get(at)
        chain = self._kept.get(at, {}).get(division)
        if windows is None or chain is None or is_touched(chain, windows):
            return None
        return chain

    def _windows_at(self, at: AsOf) -> Windows:
        found = self._windows.get(at)
        if found is None:
            found = self._windows[at] = windows_at(self._rows, at)
            while len(self._windows) > MOST_MOMENTS:
                self._windows.popitem(last=False)
        return found

    def holds(self, divisions: set[UUID], at: AsOf) -> bool:
        """Whether the chains of divisions are in the process."""
        return divisions <= self._kept.get(at, {}).keys()

    def chains(self, wanted: set[UUID], at: AsOf) -> dict[UUID, Chain]:
        """The chains of divisions, each up to its province; empty for one not in force."""
        kept = self._kept.get(at)
        if kept is None:
            kept = self._keep(at, {})
        missing = [unit for unit in wanted if unit not in kept]
        if missing:
            if len(kept) > MOST_CHAINS:
                kept.clear()
                missing = list(wanted)
            rows = self._rows(CHAINS, keys=missing, on=at.valid_on, known=at.known)
            # Whole at once: who reads meanwhile takes an empty chain for that of no division.
            kept.update(dict.fromkeys(missing, ()) | _to_chains(rows))
        return kept

    def _keep(self, at: AsOf, chains: dict[UUID, Chain]) -> dict[UUID, Chain]:
        self._kept[at] = chains
        while len(self._kept) > MOST_MOMENTS:
            self._kept.popitem(last=False)
        return chains


def _chain_statement() -> Select[Any]:
    version, codes = division_version, division_code_version
    link = (version.c.division_id, version.c.kind, version.c.name, version.c.parent_id)
    since = func.lower(version.c.valid).label("valid_from")
    start = (
        select(version.c.division_id.label("origin"), *link, since, literal(0).label("depth"))
        .where(
            version.c.division_id == any_(bindparam("keys", type_=ARRAY(Uuid()))),
            seen_at(version, ASKED),
        )
        .cte("chain", recursive=True)
    )
    chain = start.union_all(
        select(start.c.origin, *link, since, start.c.depth + 1)
        .select_from(start)
        .join(version, version.c.division_id == start.c.parent_id)
        .where(seen_at(version, ASKED))
    )
    return (
        select(
            chain.c.origin,
            chain.c.division_id,
            chain.c.kind,
            chain.c.name,
            codes.c.code,
            chain.c.valid_from,
        )
        .select_from(chain)
        .outerjoin(
            codes,
            (codes.c.division_id == chain.c.division_id)
            & (codes.c.scheme == STATISTICAL)
            & seen_at(codes, ASKED),
        )
        .order_by(chain.c.origin, chain.c.depth)
    )


def _to_chains(rows: Sequence[Row]) -> dict[UUID, Chain]:
    found: dict[UUID, list[ChainLink]] = {}
    for origin, division_id, kind_text, name, code, valid_from in rows:
        kind = DivisionKind(kind_text)
        link = ChainLink(division_id, kind.level, kind, name, code, valid_from)
        found.setdefault(origin, []).append(link)
    return {origin: tuple(links) for origin, links in found.items()}


HOT_BY_CODE = HotStatement.of(addresses_by(address.c.code))
HOT_BY_ID = HotStatement.of(addresses_by(address.c.address_id))
CHAINS = HotStatement.of(_chain_statement())
