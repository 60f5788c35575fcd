"""The divisions a plan leaves behind, in figures: measured, counted, added up from their members."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from geo.measures import compactness, distance_m
from registry.divisions.figures import BASES, SUMMED, DivisionFigures
from registry.divisions.model import STATISTICAL, DivisionKind
from registry.restructuring.impact import Measure, ResultingDivision
from registry.restructuring.plan import Plan
from registry.restructuring.plates import Doors
from registry.restructuring.situation import Situation
from registry.restructuring.standards import Candidate, judge, standards

VILLAGE, TOWNSHIP, COUNTY, PROVINCE = 5, 4, 3, 1
SQUARE_METRES = 1e6
PROVINCE_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the figures of the resulting units come from."""

    plan: Plan
    before: Situation
    after: Situation
    doors: Doors
    figures: Mapping[UUID, DivisionFigures]
    """Of units in force before, as known on the day."""


def resulting_divisions(sources: Sources) -> tuple[ResultingDivision, ...]:
    """Every unit that begins, or whose kind, name, parent, members, territory or doors change."""
    addresses = _addresses(sources)
    members = sources.after.census.members()
    units = sorted(
        _touched(sources.plan, sources.before, sources.after),
        key=lambda one: (sources.after.level(one), sources.after.code(one) or "~", one.bytes),
    )
    return tuple(_result(unit, sources, members, addresses) for unit in units)


def _touched(plan: Plan, before: Situation, after: Situation) -> Iterator[UUID]:
    was, now = before.census.members(), after.census.members()
    doors = {unit for move in plan.door_moves for unit in (move.from_division, move.to_division)}
    for unit, version in after.census.units.items():
        old = before.census.units.get(unit)
        itself = old is None or any(
            old.value(name) != version.value(name) for name in ("kind", "name")
        )
        extent = before.extents.get(unit) is not after.extents.get(unit)
        others = set(was.get(unit, ())) != set(now.get(unit, ()))
        if itself or extent or others or unit in doors:
            yield unit


def _result(
    unit: UUID,
    sources: Sources,
    members: Mapping[UUID, list[UUID]],
    addresses: Mapping[UUID, int],
) -> ResultingDivision:
    after = sources.after
    extent = after.extents.get(unit)
    territory = None if extent is None else extent.value("territory")
    parent = after.census.parent(unit)
    below = members.get(unit, [])
    kinds = [after.kind(one) for one in _below(unit, members) if after.level(one) == VILLAGE]
    seat = after.seat(unit)
    distances = _distances(seat, [after.territories.get(one) for one in below])
    measures = {name: _measure(unit, name, sources, members) for name in SUMMED}
    area_m2 = None if extent is None else float(extent.value("area_m2"))
    communities = sum(kind is DivisionKind.COMMUNITY for kind in kinds)
    villages = sum(kind is DivisionKind.VILLAGE for kind in kinds)
    candidate = _candidate(unit, after, measures, area_m2, (communities, villages))
    return ResultingDivision(
        division_id=unit,
        name=after.name(unit),
        kind=str(after.kind(unit)),
        code=after.code(unit),
        parent=None if parent is None else after.name(parent),
        communities=communities,
        villages=villages,
        addresses=sum(addresses.get(one, 0) for one in (unit, *_below(unit, members))),
        area_m2=area_m2,
        territory_basis=None if extent is None else extent.value("basis"),
        compactness=None if territory is None else round(compactness(territory), 4),
        seat=None if seat is None else (seat.x, seat.y),
        farthest_member_m=max(distances, default=None),
        mean_distance_m=sum(distances) / len(distances) if distances else None,
        standards=judge(candidate, after.census.on, standards()),
        **measures,
    )


def _addresses(sources: Sources) -> dict[UUID, int]:
    found: dict[UUID, int] = defaultdict(int)
    for count in sources.doors.counts:
        found[sources.doors.word(count).after_id] += count.addresses
    return found


def _below(unit: UUID, members: Mapping[UUID, list[UUID]]) -> Iterator[UUID]:
    for member in members.get(unit, []):
        yield member
        yield from _below(member, members)


def _distances(seat: Point | None, territories: Iterable[BaseGeometry | None]) -> list[float]:
    known = [one for one in territories if one is not None]
    if seat is None:
        return []
    return [round(distance_m(seat, _middle(one)), 1) for one in known]


def _middle(territory: BaseGeometry) -> Point:
    centre: Point = territory.centroid
    return centre if territory.contains(centre) else territory.representative_point()


def _measure(
    unit: UUID, name: str, sources: Sources, members: Mapping[UUID, list[UUID]]
) -> Measure:
    """Its own figure where it stays as it was, else the sum of its members'."""
    parts = _parts(unit, sources, members)
    known = [
        figures
        for part in parts
        if (figures := sources.figures.get(part)) is not None and getattr(figures, name) is not None
    ]
    whole = bool(parts) and len(known) == len(parts)
    return Measure(
        value=sum(getattr(one, name) for one in known) if whole else None,
        known_members=len(known),
        members=len(parts),
        basis=max((one.basis for one in known), key=BASES.index, default=None),
        counted_on=min((one.counted_on for one in known), default=None),
        sources=tuple(sorted({one.source for one in known})),
    )


def _parts(unit: UUID, sources: Sources, members: Mapping[UUID, list[UUID]]) -> Sequence[UUID]:
    """Units in force before whose figures add up to the unit's."""
    inherited = [old for old, heir in _heirs(sources.plan).items() if heir == unit]
    former = sources.before.census.members()
    unchanged = unit in sources.before.census.units and not inherited
    same = unchanged and _villages(unit, former) == _villages(unit, members)
    if same and unit in sources.figures:
        return [unit]
    below = members.get(unit, [])
    if below:
        return [part for one in below for part in _parts(one, sources, members)]
    # Of a unit set up without a predecessor nothing is known: it counts as a part without figures.
    own = [unit] if unit in sources.before.census.units or not inherited else []
    return [*own, *inherited]


def _heirs(plan: Plan) -> dict[UUID, UUID]:
    """Ended units without members and the only unit that follows each."""
    followers: dict[UUID, set[UUID | None]] = defaultdict(set)
    for edge in plan.edges:
        if edge.predecessor_id is not None and edge.predecessor_id not in plan.after.units:
            followers[edge.predecessor_id].add(edge.successor_id)
    populated = plan.before.members()
    return {
        old: heir
        for old, heirs in followers.items()
        if old not in populated and len(heirs) == 1
        for heir in heirs
        if heir is not None
    }


def _villages(unit: UUID, members: Mapping[UUID, list[UUID]]) -> set[UUID]:
    return set(_below(unit, members))


def _candidate(
    unit: UUID,
    after: Situation,
    measures: Mapping[str, Measure],
    area_m2: float | None,
    members: tuple[int, int],
) -> Candidate:
    county = after.above(unit, COUNTY)
    communities, villages = members
    people = measures["resident_population"].value
    published = measures["published_area_m2"].value
    area = published if published is not None else area_m2
    return Candidate(
        province_code=_province_code(unit, after),
        county_kind=None if county is None else str(after.kind(county)),
        county=None if county is None else after.name(county),
        kind=str(after.kind(unit)),
        population=people,
        area_km2=None if area is None else area / SQUARE_METRES,
        growth_boundary_share=_share(measures["growth_boundary_area_m2"].value, area),
        community_share=_share(communities, communities + villages),
        urbanisation=_share(measures["urban_population"].value, people),
    )


def _province_code(unit: UUID, after: Situation) -> str | None:
    province = after.above(unit, PROVINCE)
    code = None if province is None else after.code(province)
    return code[:PROVINCE_DIGITS] if code and after.code_scheme == STATISTICAL else None


def _share(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else part / whole
