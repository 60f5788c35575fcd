"""Which door plates (门楼牌) a plan makes wrong, and which stay; plus thoroughfares it cuts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from registry.plates import need as plate_need
from registry.plates.need import Called, need_of
from registry.restructuring.door_texts import DoorCount
from registry.restructuring.impact import (
    CutThoroughfare,
    NameConflict,
    NameConflictKind,
    Need,
    PlateEffect,
    PlateGroup,
)
from registry.restructuring.situation import Situation
from registry.restructuring.wording import CarrierName, Home, Rewording, Words

TOWNSHIP = 4
COUNTY = 3
NEEDS = tuple(Need)

SHOWN = {
    plate_need.Need.MISLEADING: Need.MISLEADING,
    plate_need.Need.OLD_NAME: Need.OUTDATED,
    plate_need.Need.NONE: Need.VALID,
}
"""How a preview names what the rule of plates finds."""

Bearer = tuple[UUID | None, UUID | None]
"""A village, or the carrier that bears the number in its place."""


@dataclass(frozen=True, slots=True)
class Doors:
    """The doors around a plan, in groups, with what bears their numbers called before and after."""

    counts: Sequence[DoorCount]
    words: Words
    carriers: Mapping[UUID, CarrierName]
    """All that bear numbers here and have a name, as on the eve of the act."""
    earlier: Mapping[UUID, CarrierName]
    """Of these: names that acts of the case before this one give."""
    renamed: Mapping[UUID, CarrierName]
    """Names that the act itself gives."""
    before: Situation
    after: Situation

    def word(self, count: DoorCount) -> Rewording:
        """What is written around the addresses."""
        return self.words.by_home[count.filed_under, count.route]

    def carrier_before(self, count: DoorCount) -> CarrierName | None:
        """What bears the numbers; None: the village itself."""
        return None if count.carrier_id is None else self.carriers.get(count.carrier_id)

    def carrier_after(self, count: DoorCount) -> CarrierName | None:
        """The same afterwards."""
        before = self.carrier_before(count)
        if before is None or count.carrier_id is None:
            return None
        return self.renamed.get(count.carrier_id, before)

    def place_before(self, count: DoorCount) -> str:
        """What stands before the number on a plate."""
        called = self.carrier_before(count)
        return self.word(count).before.place if called is None else called.text

    def place_after(self, count: DoorCount) -> str:
        """The same afterwards."""
        called = self.carrier_after(count)
        return self.word(count).after.place if called is None else called.text

    def bears(self, count: DoorCount) -> bool:
        """Whether a carrier with a name bears the numbers."""
        return self.carrier_before(count) is not None

    def legal_before(self, count: DoorCount) -> str:
        """How the legal texts begin, up to the number."""
        called, words = self.carrier_before(count), self.word(count).before
        if called is None:
            return words.full
        return words.before_carrier(called.written_with) + called.text

    def legal_after(self, count: DoorCount) -> str:
        """The same afterwards."""
        called, words = self.carrier_after(count), self.word(count).after
        if called is None:
            return words.full
        return words.before_carrier(called.written_with) + called.text

    def township_before(self, count: DoorCount) -> UUID | None:
        """The unit of township level the doors lie in."""
        return self.before.above(self.word(count).division_id, TOWNSHIP)

    def township_after(self, count: DoorCount) -> UUID | None:
        """The same afterwards."""
        return self.after.above(self.word(count).after_id, TOWNSHIP)

    def full_changes(self, count: DoorCount) -> bool:
        """Whether the full texts change."""
        one = self.word(count)
        return one.before.full != one.after.full or self._carrier_changes(count)

    def legal_changes(self, count: DoorCount) -> bool:
        """Whether the legal texts change."""
        return self.legal_before(count) != self.legal_after(count)

    def changes(self, count: DoorCount) -> bool:
        """Whether the full or the legal texts change."""
        return self.full_changes(count) or self.legal_changes(count)

    def _carrier_changes(self, count: DoorCount) -> bool:
        return self.place_before(count) != self.place_after(count) and self.bears(count)


def plate_effect(doors: Doors) -> PlateEffect:
    """Plates to remake and to keep, ranked by need."""
    around = Called()
    for count in doors.counts:
        around.add(_bearer(doors, count), doors.place_after(count), doors.township_after(count))
    groups, valid = [], 0
    for count in doors.counts:
        need = _need(doors, count, around)
        if need is Need.VALID:
            valid += count.plates if doors.changes(count) else 0
            continue
        groups.append(
            PlateGroup(
                need=need,
                division_id=doors.word(count).division_id,
                carrier_id=count.carrier_id,
                division=doors.before.name(doors.word(count).division_id),
                place_before=doors.place_before(count),
                place_after=doors.place_after(count),
                plates=count.plates,
            )
        )
    groups.sort(key=lambda one: (NEEDS.index(one.need), -one.plates, one.place_before))
    return PlateEffect(
        remake=sum(one.plates for one in groups),
        misleading=sum(one.plates for one in groups if one.need is Need.MISLEADING),
        valid=valid,
        groups=tuple(one for one in groups if one.plates),
    )


def _need(doors: Doors, count: DoorCount, around: Called) -> Need:
    # An act moves no numbers: what stands before them decides.
    before, township = doors.place_before(count), doors.township_after(count)
    found = need_of(
        before,
        doors.place_after(count),
        elsewhere=around.elsewhere(_bearer(doors, count), before, township),
    )
    return SHOWN[found]


def _bearer(doors: Doors, count: DoorCount) -> Bearer:
    """Who bears the numbers afterwards: a carrier, or the village itself."""
    village = None if doors.bears(count) else doors.word(count).after_id
    return village, count.carrier_id


def cut_thoroughfares(doors: Doors) -> tuple[CutThoroughfare, ...]:
    """Carriers whose doors lie in more units of township level after than before."""
    before: dict[UUID, set[UUID]] = defaultdict(set)
    after: dict[UUID, set[UUID]] = defaultdict(set)
    total: dict[UUID, int] = defaultdict(int)
    for count in doors.counts:
        if count.carrier_id is None or not doors.bears(count):
            continue
        was, now = doors.township_before(count), doors.township_after(count)
        before[count.carrier_id] |= {was} if was else set()
        after[count.carrier_id] |= {now} if now else set()
        total[count.carrier_id] += count.addresses
    found = [
        CutThoroughfare(
            named_place_id=carrier,
            name=doors.renamed.get(carrier, doors.carriers[carrier]).text,
            before=tuple(sorted(map(doors.before.name, before[carrier]))),
            after=tuple(sorted(map(doors.after.name, after[carrier]))),
            doors=total[carrier],
        )
        for carrier in total
        if len(after[carrier]) > len(before[carrier])
    ]
    return tuple(sorted(found, key=lambda one: (-one.doors, one.name, one.named_place_id)))


def carrier_conflicts(doors: Doors) -> tuple[NameConflict, ...]:
    """Carriers of one name in one township afterwards that were apart before."""
    groups: dict[tuple[UUID, str], dict[UUID, int]] = defaultdict(lambda: defaultdict(int))
    origin: dict[UUID, set[tuple[UUID | None, str]]] = defaultdict(set)
    for count in doors.counts:
        township = doors.township_after(count)
        if count.carrier_id is None or not doors.bears(count) or township is None:
            continue
        groups[township, doors.place_after(count)][count.carrier_id] += count.addresses
        origin[count.carrier_id].add((doors.township_before(count), doors.place_before(count)))
    found = []
    for (township, name), carriers in groups.items():
        pasts = [origin[carrier] for carrier in carriers]
        if len(carriers) < 2 or set.intersection(*pasts):
            continue
        homes = {
            f"{doors.before.name(unit)}{text}" if unit else text
            for past in pasts
            for unit, text in past
        }
        found.append(
            NameConflict(
                NameConflictKind.THOROUGHFARE,
                name,
                doors.after.name(township),
                tuple(sorted(homes)),
                sum(carriers.values()),
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.doors, one.name, one.scope)))


def legal_keys(doors: Doors) -> dict[tuple[Home, UUID | None], str]:
    """Homes and carriers whose doors' legal texts begin alike afterwards, but did not before."""
    prefixes: dict[str, dict[tuple[Home, UUID | None], str]] = defaultdict(dict)
    for count in doors.counts:
        place = count.carrier_id if doors.bears(count) else None
        bearer = doors.word(count).home, place
        prefixes[doors.legal_after(count)][bearer] = doors.legal_before(count)
    return {
        bearer: now
        for now, bearers in prefixes.items()
        if len({*bearers.values()}) > 1
        for bearer in bearers
    }
