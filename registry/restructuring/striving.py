"""What the search for regroupings strives for, in the form `spopt` asks for.

A module of its own because importing `spopt` takes seconds: only a search pays them.
"""

import numpy as np
from numpy.typing import NDArray
from spopt.region.objective_function import ObjectiveFunction

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Limits = tuple[tuple[float | None, float | None], ...]


class WithinBounds(ObjectiveFunction):  # type: ignore[misc]  # -- spopt is untyped
    """Squared distances from the middle of each unit, and a penalty for every bound missed.

    Attributes of areas: (n, 2 + number of limits) float64: place in kilometres, then one column
    for each pair of limits.
    """

    def __init__(self, limits: Limits, *, spread_km2: float, penalty: float) -> None:
        """`spread_km2`: what counts as one, the squared distances of an average unit."""
        super().__init__()
        self._limits = limits
        self._spread_km2 = spread_km2
        self._penalty = penalty

    def __call__(self, labels: Labels, attr: Floats) -> float:
        """The whole partition's value; less is better."""
        return sum(self._cost(attr[labels == label]) for label in np.unique(labels))

    def update(
        self, moving_area: int, recipient_region: int, labels: Labels, attr: Floats
    ) -> float:
        """How the value changes when one area moves to another unit."""
        donor = labels == labels[moving_area]
        recipient = labels == recipient_region
        before = self._cost(attr[donor]) + self._cost(attr[recipient])
        donor[moving_area], recipient[moving_area] = False, True
        return self._cost(attr[donor]) + self._cost(attr[recipient]) - before

    def _cost(self, unit: Floats) -> float:
        if not len(unit):
            return 0.0
        places = unit[:, :2]
        spread = float(((places - places.mean(axis=0)) ** 2).sum()) / self._spread_km2
        missed = 0.0
        for column, (least, most) in enumerate(self._limits, start=2):
            total = float(unit[:, column].sum())
            if least:
                missed += max(0.0, 1 - total / least)
            if most:
                missed += max(0.0, total / most - 1)
        return spread + self._penalty * missed
