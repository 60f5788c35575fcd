"""Which door plates (门楼牌) a plan makes wrong, and which stay; plus thoroughfares it cuts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

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
from registry.restructuring.wording import Rewording

TOWNSHIP = 4
COUNTY = 3
NEEDS = tuple(Need)

Bearer = tuple[UUID, UUID | None]
"""A village and, where one bears the number, a carrier."""


@dataclass(frozen=True, slots=True)
class Doors:
    """The doors around a plan, in groups, with what bears their numbers called before and after."""

    counts: Sequence[DoorCount]
    words: Mapping[UUID, Rewording]
    carriers: Mapping[UUID, str]
    renamed: Mapping[UUID, str]
    before: Situation
    after: Situation

    def place_before(self, count: DoorCount) -> str:
        """What stands before the number on a plate."""
        called = None if count.carrier_id is None else self.carriers.get(count.carrier_id)
        return self.words[count.division_id].before.place if called is None else called

    def place_after(self, count: DoorCount) -> str:
        """The same afterwards."""
        if count.carrier_id is None or count.carrier_id not in self.carriers:
            return self.words[count.division_id].after.place
        return self.renamed.get(count.carrier_id, self.carriers[count.carrier_id])

    def bears(self, count: DoorCount) -> bool:
        """Whether a carrier with a name bears the numbers."""
        return count.carrier_id is not None and count.carrier_id in self.carriers

    def township_before(self, count: DoorCount) -> UUID | None:
        """The unit of township level the doors lie in."""
        return self.before.above(count.division_id, TOWNSHIP)

    def township_after(self, count: DoorCount) -> UUID | None:
        """The same afterwards."""
        return self.after.above(self.words[count.division_id].after_id, TOWNSHIP)

    def full_changes(self, count: DoorCount) -> bool:
        """Whether the full texts change."""
        one = self.words[count.division_id]
        return one.before.full != one.after.full or self._carrier_changes(count)

    def legal_changes(self, count: DoorCount) -> bool:
        """Whether the legal texts change."""
        one = self.words[count.division_id]
        if not self.bears(count):
            return one.before.full != one.after.full
        return one.before.upper != one.after.upper or self._carrier_changes(count)

    def _carrier_changes(self, count: DoorCount) -> bool:
        return self.place_before(count) != self.place_after(count) and self.bears(count)


def plate_effect(doors: Doors) -> PlateEffect:
    """Plates to remake and to keep, ranked by need."""
    taken: dict[tuple[UUID | None, str], set[Bearer]] = defaultdict(set)
    for count in doors.counts:
        bearer = count.division_id if not doors.bears(count) else None, count.carrier_id
        taken[doors.township_after(count), doors.place_after(count)].add(bearer)  # type: ignore[arg-type]  # -- a key of its own
    groups, valid = [], 0
    for count in doors.counts:
        before, after = doors.place_before(count), doors.place_after(count)
        if before == after:
            valid += count.plates if doors.full_changes(count) else 0
            continue
        others = taken[doors.township_after(count), before]
        groups.append(
            PlateGroup(
                need=Need.MISLEADING if others else Need.OUTDATED,
                division_id=count.division_id,
                carrier_id=count.carrier_id,
                division=doors.before.name(count.division_id),
                place_before=before,
                place_after=after,
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
            name=doors.renamed.get(carrier, doors.carriers[carrier]),
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


def legal_keys(doors: Doors) -> dict[Bearer, str]:
    """Villages and carriers whose doors' legal texts begin alike afterwards, but did not before."""
    prefixes: dict[str, dict[Bearer, str]] = defaultdict(dict)
    for count in doors.counts:
        one, place = doors.words[count.division_id], count.carrier_id
        if doors.bears(count):
            was = one.before.upper + doors.place_before(count)
            now = one.after.upper + doors.place_after(count)
        else:
            was, now, place = one.before.full, one.after.full, None
        prefixes[now][count.division_id, place] = was
    return {
        bearer: now
        for now, bearers in prefixes.items()
        if len({*bearers.values()}) > 1
        for bearer in bearers
    }
