"""Finding addresses by text and by place, with the proof and the acts behind it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from geo.geocode.match import Match, geocode
from registry.addresses.hot_reads import HotAddresses
from registry.addresses.model import Address
from registry.changes.model import Change
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.hot import Rows
from registry.search.census import Census, take_census
from registry.search.doors import DoorSource
from registry.search.dual_names import parted, proven
from registry.search.gazetteers import Gazetteers

MOST_COUNTED = 16


@dataclass(frozen=True, slots=True)
class Found:
    """One address a text may mean, the proof, and the acts that renamed what the text says."""

    match: Match
    address: Address
    acts: Mapping[int, Change]
    """By number, those the match's `via` names."""


@dataclass(frozen=True, slots=True)
class Near:
    """An address and how far the point lies from it."""

    address: Address
    distance_m: float


class Finder:
    """Finds addresses as of any point in time; keeps gazetteers between questions."""

    def __init__(self, rows: Rows, gazetteers: Gazetteers | None = None) -> None:
        """`gazetteers`: those of other rows of the same state, when they are at hand."""
        self._rows = rows
        self._addresses = HotAddresses(rows)
        self._gazetteers = gazetteers or Gazetteers()
        self._counted: dict[AsOf, Census] = {}

    def by_text(self, connection: Connection, text: str, at: AsOf, *, limit: int) -> list[Found]:
        """The addresses a text may mean, best first; names of any date may be used."""
        gazetteer = self._gazetteers.known_at(connection, at.known)
        plain, former = parted(text)
        matches = geocode(
            plain,
            gazetteer=gazetteer,
            source=DoorSource(self._rows, at),
            on=at.valid_on,
            limit=limit,
        )
        matches = proven(matches, former, gazetteer)
        addresses = self._addresses.by_ids([match.door.address_id for match in matches], at)
        numbers = {via.change for match in matches for via in match.via if via.change is not None}
        acts = ChangeStore(connection).many(sorted(numbers), at.known) if numbers else {}
        return [
            Found(match, addresses[match.door.address_id], acts)
            for match in matches
            if match.door.address_id in addresses
        ]

    def census(self, connection: Connection, at: AsOf) -> Census:
        """How much there is; counted once for each point in time."""
        found = self._counted.get(at)
        if found is None:
            found = take_census(connection, at)
            if len(self._counted) >= MOST_COUNTED:
                self._counted.clear()
            self._counted[at] = found
        return found

    def near(self, lon: float, lat: float, at: AsOf, *, limit: int) -> list[Near]:
        """The addresses nearest to a point (degrees, EPSG:4490), nearest first."""
        found = DoorSource(self._rows, at).near(lon, lat, limit)
        addresses = self._addresses.by_ids([door.address_id for door, _metres in found], at)
        return [
            Near(addresses[door.address_id], metres)
            for door, metres in found
            if door.address_id in addresses
        ]
