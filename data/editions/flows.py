"""Where the parts of a unit went: by its villages, by named parts, or by the land itself.

All three say the same thing, "so much of this old unit lies in that new one", so what follows
from them need not ask which it was.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import shapely

from data.editions.units import VILLAGE, Edition

SLIVER = 0.02
"""Below this share a common area is a line drawn anew, not land that moved."""
VILLAGES, PARTS, TERRITORY = "villages", "parts", "territory"


@dataclass(frozen=True, slots=True)
class Flows:
    """Parts of old units by the new units they are in."""

    basis: str
    """`villages`, `parts` (named parts that are no divisions) or `territory`."""
    heirs: Mapping[str, Mapping[str, float]]
    """Old unit -> new unit -> how much of it went there: members, or square units."""
    origins: Mapping[str, Mapping[str, float]]
    """New unit -> old unit -> how much came from there."""
    whole: Mapping[str, float]
    """How much an old unit had, whether its parts were found again or not."""

    def share(self, old: str, new: str) -> float:
        """How much of what is known of an old unit went there, 0 to 1."""
        heirs = self.heirs.get(old, {})
        return heirs.get(new, 0.0) / sum(heirs.values()) if heirs else 0.0

    def source_share(self, old: str, new: str) -> float:
        """How much of what is known of a new unit came from there, 0 to 1."""
        origins = self.origins.get(new, {})
        return origins.get(old, 0.0) / sum(origins.values()) if origins else 0.0

    def found_share(self, old: str) -> float:
        """How much of an old unit was found again at all, 0 to 1."""
        whole = self.whole.get(old, 0.0)
        return min(1.0, sum(self.heirs.get(old, {}).values()) / whole) if whole else 0.0

    def knows(self, old: str) -> bool:
        """Whether anything is known of where an old unit went."""
        return bool(self.heirs.get(old))


def flows_of(
    basis: str, moves: Iterable[tuple[str, str, float]], whole: Mapping[str, float]
) -> Flows:
    """Add up moves (old unit, new unit, how much)."""
    heirs: dict[str, Counter[str]] = defaultdict(Counter)
    origins: dict[str, Counter[str]] = defaultdict(Counter)
    for old, new, amount in moves:
        heirs[old][new] += amount  # type: ignore[assignment]  # -- a counter of areas too
        origins[new][old] += amount  # type: ignore[assignment]  # -- likewise
    return Flows(basis, heirs, origins, whole)


def by_villages(before: Edition, after: Edition, villages: Mapping[str, str]) -> Flows:
    """Villages of one township found in another."""
    moves = (
        (before.units[old].parent or "", after.units[new].parent or "", 1.0)
        for old, new in villages.items()
    )
    whole = Counter(
        unit.parent for unit in before.units.values() if unit.parent and unit.level == VILLAGE
    )
    return flows_of(VILLAGES, moves, whole)


def by_parts(before: Edition, after: Edition) -> Flows:
    """Named parts with the same code in both editions."""
    shared = sorted(before.parts.keys() & after.parts.keys())
    moves = ((before.parts[one], after.parts[one], 1.0) for one in shared)
    return flows_of(PARTS, moves, Counter(before.parts.values()))


def by_territory(before: Edition, after: Edition) -> Flows:
    """Land that two units have in common; slivers of lines drawn anew are left out.

    Territories of both editions must be in one coordinate system; in degrees, shares within one
    unit are still right, because all of it lies on one latitude.
    """
    old, new = list(before.territories), list(after.territories)
    ours = shapely.make_valid(np.array([before.territories[key] for key in old], dtype=object))
    theirs = shapely.make_valid(np.array([after.territories[key] for key in new], dtype=object))
    left, right = shapely.STRtree(theirs).query(ours, predicate="intersects")
    overlap = shapely.area(shapely.intersection(ours[left], theirs[right]))
    sizes, new_sizes = shapely.area(ours), shapely.area(theirs)
    kept = overlap >= SLIVER * np.minimum(sizes[left], new_sizes[right])
    moves = (
        (old[one], new[other], float(area))
        for one, other, area in zip(left[kept], right[kept], overlap[kept], strict=True)
    )
    return flows_of(TERRITORY, moves, dict(zip(old, sizes.tolist(), strict=True)))
