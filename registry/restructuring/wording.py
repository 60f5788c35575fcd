"""What is written around addresses, before and after a plan: once for each division, not each door."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from registry.addresses.text import AddressParts, Profile, compose
from registry.changes.timeline import at
from registry.divisions.chain import Chain
from registry.names.model import written_with
from registry.names.tables import place_name_version
from registry.restructuring.door_book import DoorMove
from registry.restructuring.ledger import Ledger
from registry.restructuring.plan import Plan

NO_PARTS = AddressParts()
TOWNSHIP, VILLAGE = 4, 5

Home = tuple[UUID, int | None]
"""The division addresses are filed under, and the route some of them take; None: all others."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What is printed before the carrier of an address that refers to one division."""

    full: str
    """Names of the whole chain."""
    upper: str
    """Names above township level: the legal text when a carrier exists."""
    township: str
    """The same down to the township, before a carrier written with its township."""
    village: str
    """The same down to the village, before a carrier written with its village."""
    place: str
    """The village's name, as plates show it where no carrier bears the number."""

    def before_carrier(self, level: int | None) -> str:
        """What the legal text puts before a carrier written with divisions down to a level."""
        return {TOWNSHIP: self.township, VILLAGE: self.village}.get(level or 0, self.upper)


@dataclass(frozen=True, slots=True)
class Rewording:
    """Addresses of one division before and after."""

    filed_under: UUID
    """The division the registry has them in now; an earlier act of the case may move them."""
    route: int | None
    """None: whatever is filed there and is named by no route."""
    division_id: UUID
    """The division they belong to on the eve of the act."""
    after_id: UUID
    before: Wording
    after: Wording

    @property
    def home(self) -> Home:
        """What tells these addresses from others."""
        return self.filed_under, self.route

    @property
    def changes(self) -> bool:
        """Whether they read differently afterwards, their carriers left aside."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class CarrierName:
    """What a thoroughfare or area is called."""

    text: str
    written_with: int | None = None
    """The level down to which divisions stand before it in the legal text."""


@dataclass(frozen=True, slots=True)
class Routes:
    """Addresses that go their own way, as parallel columns; all others go with their division."""

    address_ids: Sequence[UUID]
    filed_under: Sequence[UUID]
    routes: Sequence[int]

    def some(self, route: int, how_many: int) -> list[UUID]:
        """A few addresses of one route."""
        found = (
            one for one, own in zip(self.address_ids, self.routes, strict=True) if own == route
        )
        return [one for one, _ in zip(found, range(how_many), strict=False)]


@dataclass(frozen=True, slots=True)
class Words:
    """Every kind of address around a plan, with what is written around it."""

    by_home: Mapping[Home, Rewording]
    routes: Routes


def rewordings(plan: Plan, ledger: Ledger | None = None) -> Words:
    """What is written around the addresses of every division in force before.

    Args:
        ledger: what the plan was drawn on, where acts before it may have moved addresses already.
    """
    ways = ways_of(() if ledger is None else ledger.door_moves, plan.door_moves)
    numbers = {way: place for place, way in enumerate(dict.fromkeys(ways.values()))}
    spoken: dict[tuple[UUID, UUID], tuple[Wording, Wording]] = {}

    def reworded(filed_under: UUID, route: int | None, now: UUID, later: UUID) -> Rewording:
        if (now, later) not in spoken:
            spoken[now, later] = (
                _wording(plan.before.chain(now)),
                _wording(plan.after.chain(later)),
            )
        return Rewording(filed_under, route, now, later, *spoken[now, later])

    def made() -> Iterator[Rewording]:
        filed = {unit: unit for unit in plan.before.units}
        if ledger is not None:
            filed |= _settled(plan, ledger)
        for filed_under, now in filed.items():
            yield reworded(filed_under, None, now, plan.rehomed.get(now, now))
        for (filed_under, now, later), route in numbers.items():
            yield reworded(filed_under, route, now, plan.rehomed.get(later, later))

    return Words(
        {one.home: one for one in made()},
        Routes(
            [address_id for address_id, _filed in ways],
            [filed for _address_id, filed in ways],
            [numbers[way] for way in ways.values()],
        ),
    )


def carriers_renamed(plan: Plan) -> dict[UUID, CarrierName]:
    """Thoroughfares and areas that the plan itself gives another name, or has written otherwise."""
    found: dict[UUID, CarrierName] = {}
    for effect in plan.effects:
        if effect.table is not place_name_version:
            continue
        for version in effect.after:
            if version.value("status") == "standard" and plan.paper.effective_on in version.valid:
                found[version.value("named_place_id")] = CarrierName(
                    str(version.value("text")), written_with(version.value("language"))
                )
    return found


def carriers_of(ledger: Ledger, on: date) -> dict[UUID, CarrierName]:
    """What acts of the case before this one will have called them by then."""
    found = ((place, at(name, on)) for place, name in ledger.renamed.items())
    return {
        place: CarrierName(str(version.value("text")), written_with(version.value("language")))
        for place, version in found
        if version is not None
    }


Way = tuple[UUID, UUID, UUID]
"""Filed under, belongs to on the eve, belongs to afterwards."""


def ways_of(earlier: Sequence[DoorMove], later: Sequence[DoorMove]) -> dict[tuple[UUID, UUID], Way]:
    """Of every address that is moved by itself, by where it is filed: the way it goes."""
    found: dict[tuple[UUID, UUID], Way] = {}
    filed: dict[tuple[UUID, UUID], UUID] = {}
    for move in earlier:
        for one in move.address_ids:
            way = move.from_division, move.to_division, move.to_division
            found[one, move.from_division] = way
            filed[one, move.to_division] = move.from_division
    for move in later:
        for one in move.address_ids:
            under = filed.get((one, move.from_division), move.from_division)
            found[one, under] = under, move.from_division, move.to_division
    return found


def _settled(plan: Plan, ledger: Ledger) -> dict[UUID, UUID]:
    """Units an earlier act of the case ended, and who has their addresses on the eve."""
    return {
        filed: now
        for filed, now in ledger.rehomed.items()
        if filed not in plan.before.units and now in plan.before.units
    }


def _wording(chain: Chain) -> Wording:
    return Wording(
        full=compose(NO_PARTS, None, chain, Profile.FULL),
        # An empty carrier prints nothing and says that one exists.
        upper=compose(NO_PARTS, "", chain, Profile.LEGAL),
        township=compose(NO_PARTS, "", chain, Profile.LEGAL, written_with=TOWNSHIP),
        village=compose(NO_PARTS, "", chain, Profile.LEGAL, written_with=VILLAGE),
        place=compose(NO_PARTS, None, chain, Profile.PLATE),
    )


def affected(words: Words, *, everywhere: bool = False) -> list[Rewording]:
    """What reads differently afterwards, in a stable order.

    Args:
        everywhere: carriers get other names, so that any address may read differently.
    """
    return sorted(
        (one for one in words.by_home.values() if everywhere or one.changes),
        key=lambda one: (one.filed_under.bytes, -1 if one.route is None else one.route),
    )


def divisions_of(words: Iterable[Rewording]) -> list[UUID]:
    """The divisions they are filed under, each once."""
    return list(dict.fromkeys(one.filed_under for one in words))
