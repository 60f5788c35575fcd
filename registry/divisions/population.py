"""Shares by population (人口): the figures of the smallest units, summed by what they became.

Nothing is spread evenly and nothing is guessed: where one of these units has no figure, or was
divided itself, the share is not known, and what is missing is said.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Self
from uuid import UUID

from sqlalchemy import Connection

from registry.changes.period import AsOf
from registry.divisions.figures import DivisionFigures, figures_at
from registry.divisions.inheritance import Heirs
from registry.divisions.sides import Sides
from registry.divisions.values import Division

COUNTED = (
    ("resident_population", "resident population"),
    ("registered_population", "registered population"),
)
"""Figures a share may rest on, the better one first; never a mixture of both."""
MOST_NAMED = 5
"""Units named where figures are missing."""


@dataclass(frozen=True, slots=True)
class PopulationShare:
    """Part of a division's people that lived where an heir is now."""

    share: float | None
    basis: str | None = None
    """Which figure, and what it rests on; several are joined by `;`."""
    counted_on: tuple[date, ...] = ()
    missing: str | None = None
    """Why the share is not known."""


UNDIVIDED_PEOPLE = PopulationShare(1.0, "whole")
"""Nothing had to be counted."""
NOTHING_TO_SHARE = PopulationShare(None)
"""There is no old division, or nothing of it that is known to have gone anywhere."""


@dataclass(frozen=True, slots=True)
class People:
    """The figures in force on the old day, and the smallest units of the old side."""

    figures: Mapping[UUID, DivisionFigures]
    members: Mapping[UUID, Sequence[UUID]]
    """Children of every old unit."""

    @classmethod
    def read(cls, connection: Connection, old: Mapping[UUID, Division], at: AsOf) -> Self:
        """All figures in force on a day, in one statement."""
        members: dict[UUID, list[UUID]] = {}
        for one in old.values():
            if one.parent_id is not None:
                members.setdefault(one.parent_id, []).append(one.division_id)
        return cls(figures_at(connection, at), members)

    def shares(
        self, sides: Sides, division_id: UUID, followed: Mapping[UUID, Heirs]
    ) -> Mapping[UUID | None, PopulationShare]:
        """By heir of one old division; under None what nothing followed.

        Args:
            followed: what became of every old division.
        """
        paths = followed[division_id]
        heirs = {one if one in sides.new else None for one in paths}
        if len(heirs) == 1:
            return dict.fromkeys(heirs, UNDIVIDED_PEOPLE)
        units = list(self._smallest(division_id))
        found = {one: _followed_to(sides, followed.get(one, {}), heirs) for one in units}
        divided = [one for one, heir in found.items() if heir == ()]
        if divided:
            told = _divided(sides, [] if units == [division_id] else divided)
            return dict.fromkeys(heirs, PopulationShare(None, missing=told))
        return self._summed(sides, heirs, {one: heir[0] for one, heir in found.items() if heir})

    def _smallest(self, division_id: UUID) -> Iterator[UUID]:
        below = self.members.get(division_id, ())
        if not below:
            yield division_id
        for one in below:
            yield from self._smallest(one)

    def _summed(
        self, sides: Sides, heirs: Iterable[UUID | None], went: Mapping[UUID, UUID | None]
    ) -> Mapping[UUID | None, PopulationShare]:
        best: list[UUID] | None = None
        for column, said in COUNTED:
            lacking = [one for one in went if self._count(one, column) is None]
            if best is None or len(lacking) < len(best):
                best = lacking
            counts = {one: self._count(one, column) or 0 for one in went}
            total = sum(counts.values())
            if lacking or not total:
                continue
            used = [self.figures[one] for one in went]
            basis = ";".join(sorted({f"{said}, {one.basis}" for one in used}))
            days = tuple(sorted({one.counted_on for one in used}))
            return {
                heir: PopulationShare(
                    sum(count for one, count in counts.items() if went[one] == heir) / total,
                    basis,
                    days,
                )
                for heir in heirs
            }
        return dict.fromkeys(
            heirs, PopulationShare(None, missing=_lacking(sides, best or [], went))
        )

    def _count(self, division_id: UUID, column: str) -> int | None:
        found = self.figures.get(division_id)
        count: int | None = None if found is None else getattr(found, column)
        return count


NOBODY = People(MappingProxyType({}), MappingProxyType({}))
"""No figures at all."""


def _followed_to(
    sides: Sides, paths: Heirs, heirs: Iterable[UUID | None]
) -> tuple[UUID | None, ...]:
    """The one heir of the whole that a unit went to whole; empty: it went to several."""
    wanted = set(heirs)
    met = {_above(sides, one, wanted) for one in paths}
    return tuple(met) if len(met) == 1 and met <= wanted else ()


def _above(sides: Sides, unit: UUID | None, wanted: set[UUID | None]) -> UUID | None:
    seen: set[UUID] = set()
    while unit is not None and unit in sides.new and unit not in seen:
        if unit in wanted:
            return unit
        seen.add(unit)
        unit = sides.new[unit].parent_id
    return None


def _divided(sides: Sides, units: Sequence[UUID]) -> str:
    if not units:
        return "it was divided itself, and no figures of its parts are known"
    return f"divided themselves: {_names(sides, units)}"


def _lacking(sides: Sides, lacking: Sequence[UUID], went: Mapping[UUID, UUID | None]) -> str:
    if not lacking:
        return "the figures count nobody"
    return f"no figures of {len(lacking)} of {len(went)} units: {_names(sides, lacking)}"


def _names(sides: Sides, units: Sequence[UUID]) -> str:
    names = sorted(sides.old[one].name for one in units)
    return "、".join(names[:MOST_NAMED]) + ("…" if len(names) > MOST_NAMED else "")
