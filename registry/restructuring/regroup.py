"""Regroupings (重组方案) of villages into k units under bounds: starting points for a plan.

The search is AZP (Openshaw and Rao 1995) as PySAL's `spopt` has it: it starts from a random
partition and moves one village at a time between neighbours, never breaking a unit in two. What
we add is only what it shall strive for: compact units within the bounds. The same seed on the
same villages gives the same proposals.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from geo.area import area_m2
from registry.divisions.model import DivisionKind
from registry.errors import RegistryError

SQUARE_KM = 1e6
STARTS = 24
"""Starts that are tried before it is said that nothing more was found."""
MOST_VILLAGES = 600
PENALTY = 25.0
"""How much a bound missed by its whole weighs against the spread of an average unit."""
METRES_PER_DEGREE = 111_320.0

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


class BoundsCannotBeMet(RegistryError):
    """No regrouping keeps the bounds that were given, or none was found."""

    code = "bounds-cannot-be-met"

    def __init__(self, reason: str, reason_zh: str) -> None:
        super().__init__(f"the bounds cannot be met: {reason}", reason=reason, reason_zh=reason_zh)


class FiguresAreMissing(RegistryError):
    """What the bounds speak of is not known of every village; import it, or drop the bound."""

    code = "figures-are-missing"

    def __init__(self, *, what: str, villages: Sequence[str]) -> None:
        shown = ", ".join(villages[:5]) + (" …" if len(villages) > 5 else "")
        super().__init__(
            f"no {what} is known of {len(villages)} villages ({shown})",
            what=what,
            count=len(villages),
            villages=shown,
        )


@dataclass(frozen=True, slots=True)
class Bounds:
    """What every unit must keep to; None: no bound. People, square kilometres."""

    min_population: float | None = None
    max_population: float | None = None
    min_area_km2: float | None = None
    max_area_km2: float | None = None


@dataclass(frozen=True, slots=True)
class Village:
    """A village or community to be grouped."""

    division_id: UUID
    name: str
    kind: DivisionKind
    code: str | None
    township_id: UUID
    population: int | None
    """Residents."""
    territory: MultiPolygon | None
    """EPSG:4490, degrees."""


@dataclass(frozen=True, slots=True)
class Group:
    """One unit of a regrouping."""

    villages: tuple[Village, ...]
    population: int | None
    area_m2: float


@dataclass(frozen=True, slots=True)
class Regrouping:
    """A partition of the villages into contiguous units within the bounds."""

    seed: int
    """The start it was found from."""
    spread: float
    """Mean squared distance of villages from the middle of their unit, in square kilometres."""
    groups: tuple[Group, ...]
    """Largest population first, then area."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How the search is started, and how long it goes on; the same effort finds the same."""

    seed: int = 1
    count: int = 3
    """Different regroupings wanted."""
    starts: int = STARTS


def regroup(
    villages: Sequence[Village], k: int, bounds: Bounds, effort: Effort
) -> list[Regrouping]:
    """Up to as many different regroupings as are wanted, the most compact first.

    Raises:
        FiguresAreMissing: a territory, or a population that a bound speaks of, is not known.
        BoundsCannotBeMet: says why no regrouping can exist, or that the search found none.
    """
    ground = _Ground.of(villages, bounds)
    _refuse_the_impossible(ground, k, bounds)
    found: dict[frozenset[frozenset[int]], Regrouping] = {}
    nearest = np.inf
    for start in range(effort.seed, effort.seed + effort.starts):
        labels = _search(ground, k, bounds, start)
        if not _contiguous(ground, labels):
            continue
        missed = _missed(ground, labels, bounds)
        nearest = min(nearest, missed)
        if missed == 0:
            found.setdefault(_parts(labels), _regrouping(ground, labels, start))
        if len(found) == effort.count:
            break
    if not found:
        raise BoundsCannotBeMet(
            f"{effort.starts} starts from seed {effort.seed} found none; "
            f"the nearest missed its bounds by {nearest:.0%}",
            f"自种子{effort.seed}起试算{effort.starts}次均不符合，最接近的一次偏离限值{nearest:.0%}",
        )
    return sorted(found.values(), key=lambda one: (one.spread, one.seed))


@dataclass(frozen=True, slots=True)
class _Ground:
    """The villages as arrays, and which of them meet along an edge."""

    villages: tuple[Village, ...]
    places_km: Floats
    """(n, 2): east and north of an origin."""
    population: Floats
    """(n,); zeros where no bound asks for it and it is not known."""
    area_km2: Floats
    """(n,)."""
    neighbours: Any
    """libpysal weights."""

    @classmethod
    def of(cls, villages: Sequence[Village], bounds: Bounds) -> "_Ground":
        from geopandas import GeoSeries
        from libpysal.weights import Rook

        ordered = tuple(sorted(villages, key=lambda one: (one.code or "~", one.division_id.bytes)))
        if not ordered:
            raise BoundsCannotBeMet("there is no village to group", "没有可供编组的村（社区）")
        if len(ordered) > MOST_VILLAGES:
            raise BoundsCannotBeMet(
                f"more than {MOST_VILLAGES} villages; choose fewer townships",
                f"村（社区）多于{MOST_VILLAGES}个，请减少乡镇街道",
            )
        _all_known(ordered, bounds)
        shapes: list[BaseGeometry] = [one.territory for one in ordered if one.territory is not None]
        middles = np.array([(one.centroid.x, one.centroid.y) for one in shapes])
        east = METRES_PER_DEGREE * np.cos(np.radians(middles[:, 1].mean()))
        kilometres = middles * np.array([east, METRES_PER_DEGREE]) / 1000
        return cls(
            ordered,
            kilometres - kilometres.mean(axis=0),
            np.array([float(one.population or 0) for one in ordered]),
            np.array([area_m2(one.territory) / SQUARE_KM for one in ordered if one.territory]),
            Rook.from_dataframe(
                GeoSeries(shapes).to_frame("geometry"), use_index=False, silence_warnings=True
            ),
        )


def _all_known(villages: Sequence[Village], bounds: Bounds) -> None:
    without = [one.name for one in villages if one.territory is None]
    if without:
        raise FiguresAreMissing(what="territory", villages=without)
    if bounds.min_population is None and bounds.max_population is None:
        return
    uncounted = [one.name for one in villages if one.population is None]
    if uncounted:
        raise FiguresAreMissing(what="population", villages=uncounted)


def _refuse_the_impossible(ground: _Ground, k: int, bounds: Bounds) -> None:
    if not 1 <= k <= len(ground.villages):
        raise BoundsCannotBeMet(
            f"{len(ground.villages)} villages do not make {k} units",
            f"{len(ground.villages)}个村（社区）编不成{k}个单位",
        )
    parts = ground.neighbours.n_components
    if parts > k:
        raise BoundsCannotBeMet(
            f"the villages lie in {parts} parts that do not touch, "
            f"so {k} contiguous units cannot hold them",
            f"村（社区）分成{parts}片互不相邻，编不成{k}个连片的单位",
        )
    people, area = _limits(bounds)
    _refuse_totals(ground, k, ground.population, people, ("people", "人"))
    _refuse_totals(ground, k, ground.area_km2, area, ("km²", "平方公里"))


def _refuse_totals(
    ground: _Ground,
    k: int,
    values: Floats,
    limits: tuple[float | None, float | None],
    unit: tuple[str, str],
) -> None:
    (least, most), (what, called), total = limits, unit, float(values.sum())
    if least is not None and total < k * least:
        raise BoundsCannotBeMet(
            f"{total:,.0f} {what} in all are less than {k} times {least:,.0f}",
            f"合计{total:,.0f}{called}，不足{least:,.0f}{called}的{k}倍",
        )
    if most is None:
        return
    if total > k * most:
        raise BoundsCannotBeMet(
            f"{total:,.0f} {what} in all are more than {k} times {most:,.0f}",
            f"合计{total:,.0f}{called}，超过{most:,.0f}{called}的{k}倍",
        )
    if values.max() > most:
        largest = ground.villages[int(values.argmax())].name
        raise BoundsCannotBeMet(
            f"{largest} alone has {values.max():,.0f} {what}, more than {most:,.0f}",
            f"仅{largest}就有{values.max():,.0f}{called}，超过{most:,.0f}{called}",
        )


def _search(ground: _Ground, k: int, bounds: Bounds, start: int) -> Labels:
    if k == ground.neighbours.n_components:
        # There is only one regrouping, and `spopt` does not take it for a question.
        return np.asarray(ground.neighbours.component_labels, dtype=np.int64)
    from geopandas import GeoDataFrame
    from spopt.region import AZP

    from registry.restructuring.striving import WithinBounds

    names = ["east", "north", "population", "area"]
    frame = GeoDataFrame(
        np.column_stack([ground.places_km, ground.population, ground.area_km2]), columns=names
    )
    typical = float((ground.places_km**2).sum()) / k
    model = AZP(
        frame,
        ground.neighbours,
        names,
        n_clusters=k,
        random_state=start,
        objective_func=WithinBounds(
            _limits(bounds), spread_km2=typical / k or 1.0, penalty=PENALTY
        ),
    )
    model.solve()
    labels: Labels = np.asarray(model.labels_, dtype=np.int64)
    return labels


def _limits(bounds: Bounds) -> tuple[tuple[float | None, float | None], ...]:
    return (
        (bounds.min_population, bounds.max_population),
        (bounds.min_area_km2, bounds.max_area_km2),
    )


def _missed(ground: _Ground, labels: Labels, bounds: Bounds) -> float:
    """The largest share by which a unit misses a bound; 0: all are kept."""
    worst = 0.0
    for values, (least, most) in zip(
        (ground.population, ground.area_km2), _limits(bounds), strict=True
    ):
        sums = np.bincount(labels, weights=values)
        if least:
            worst = max(worst, float(1 - sums.min() / least))
        if most:
            worst = max(worst, float(sums.max() / most - 1))
    return worst


def _contiguous(ground: _Ground, labels: Labels) -> bool:
    from scipy.sparse.csgraph import connected_components

    matrix = ground.neighbours.sparse
    for label in np.unique(labels):
        inside = np.flatnonzero(labels == label)
        parts, _which = connected_components(matrix[inside][:, inside], directed=False)
        if parts != 1:
            return False
    return True


def _parts(labels: Labels) -> frozenset[frozenset[int]]:
    return frozenset(
        frozenset(map(int, np.flatnonzero(labels == label))) for label in np.unique(labels)
    )


def _regrouping(ground: _Ground, labels: Labels, start: int) -> Regrouping:
    groups = sorted(_groups(ground, labels), key=lambda one: (-(one.population or 0), -one.area_m2))
    spread = sum(
        float(((inside - inside.mean(axis=0)) ** 2).sum())
        for label in np.unique(labels)
        for inside in [ground.places_km[labels == label]]
    )
    return Regrouping(start, round(spread / len(labels), 4), tuple(groups))


def _groups(ground: _Ground, labels: Labels) -> Iterator[Group]:
    for label in np.unique(labels):
        inside = np.flatnonzero(labels == label)
        villages = tuple(ground.villages[place] for place in inside)
        counted = [one.population for one in villages]
        yield Group(
            villages,
            None if None in counted else sum(one or 0 for one in counted),
            float(ground.area_km2[inside].sum()) * SQUARE_KM,
        )
