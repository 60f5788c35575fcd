"""The best pairing of what is left over on both sides, and how clear it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Score = Callable[[str, str], float]


@dataclass(frozen=True, slots=True)
class Pairing:
    """One pair of the best pairing."""

    old: str
    new: str
    score: float
    margin: float
    """How much better than the best alternative of either side; small: a person must choose."""


def best_pairs(old: Sequence[str], new: Sequence[str], score: Score) -> list[Pairing]:
    """The pairing with the greatest total score (Hungarian method).

    Args:
        old: keys of one side, at most a few hundred.
        new: keys of the other.
        score: of a pair; 0 forbids it.
    """
    if not old or not new:
        return []
    table: NDArray[np.float64] = np.array([[score(one, other) for other in new] for one in old])
    rows, columns = linear_sum_assignment(table, maximize=True)
    return [
        Pairing(old[row], new[column], float(table[row, column]), _margin(table, row, column))
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if table[row, column] > 0.0
    ]


def groups(pairs: Sequence[tuple[str, str]]) -> list[tuple[list[str], list[str]]]:
    """Candidate pairs that hang together: each group is paired by itself."""
    beside: dict[tuple[int, str], set[tuple[int, str]]] = {}
    for one, other in pairs:
        beside.setdefault((0, one), set()).add((1, other))
        beside.setdefault((1, other), set()).add((0, one))
    return [_sides(group) for group in _components(beside)]


def _components(
    beside: Mapping[tuple[int, str], set[tuple[int, str]]],
) -> list[set[tuple[int, str]]]:
    found: list[set[tuple[int, str]]] = []
    seen: set[tuple[int, str]] = set()
    for start in sorted(beside):
        if start in seen:
            continue
        group, frontier = {start}, [start]
        while frontier:
            fresh = beside[frontier.pop()] - group
            group |= fresh
            frontier.extend(fresh)
        seen |= group
        found.append(group)
    return found


def _sides(group: set[tuple[int, str]]) -> tuple[list[str], list[str]]:
    ordered = sorted(group)
    return [key for side, key in ordered if side == 0], [key for side, key in ordered if side == 1]


def _margin(table: NDArray[np.float64], row: int, column: int) -> float:
    others = np.concatenate((np.delete(table[row], column), np.delete(table[:, column], row)))
    return float(table[row, column] - (others.max() if others.size else 0.0))
