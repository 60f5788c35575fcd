"""Regroupings written as papers (方案草稿): whole plans that read strictly, preview and can be edited."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import Connection, select

from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.divisions.figures import read_figures
from registry.divisions.model import STATISTICAL, DivisionKind, next_code
from registry.divisions.store import DivisionStore
from registry.divisions.tables import division_code_version
from registry.divisions.values import Division, DivisionFilter
from registry.restructuring.regroup import (
    Bounds,
    BoundsCannotBeMet,
    Effort,
    Group,
    Regrouping,
    Village,
    regroup,
)

TOWNSHIP, COUNTY = 4, 3
MOST_UNITS = 2000
SUFFIXES = ("社区", "村", "居委会", "居民委员会", "村委会", "镇", "乡", "街道")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for."""

    within: tuple[str, ...]
    """Township units, or a county whose township units are meant; ids or codes in force."""
    k: int
    bounds: Bounds
    effort: Effort
    effective_on: date


@dataclass(frozen=True, slots=True)
class ProposedUnit:
    """One unit of a proposal, as its paper makes it."""

    name: str
    code: str | None
    villages: tuple[str, ...]
    population: int | None
    area_m2: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """One regrouping with its paper."""

    seed: int
    spread: float
    units: tuple[ProposedUnit, ...]
    paper: dict[str, Any]


def propose(connection: Connection, wish: Wish) -> list[Proposal]:
    """Regroupings of all villages of some township units of one county, each as a paper.

    Raises:
        DivisionIsUnknown: a reference names nothing.
        BoundsCannotBeMet: the units do not lie in one county, or see `regroup`.
        FiguresAreMissing: see `regroup`.
    """
    at = AsOf(wish.effective_on, ChangeStore(connection).head())
    townships = _townships(connection, wish.within, at)
    villages = _villages(connection, townships, at)
    found = regroup(villages, wish.k, wish.bounds, wish.effort)
    used = _codes_ever_used(connection, at, townships)
    return [
        _Drafting(townships, used, wish.effective_on, place).proposal(one)
        for place, one in enumerate(found, start=1)
    ]


def _townships(connection: Connection, references: Sequence[str], at: AsOf) -> dict[UUID, Division]:
    store = DivisionStore(connection)
    found: dict[UUID, Division] = {}
    for reference in references:
        one = store.get(store.resolve(reference, at), at)
        if one.level == TOWNSHIP:
            found[one.division_id] = one
        elif one.level == COUNTY:
            found |= {each.division_id: each for each in _children(store, one.division_id, at)}
        else:
            raise BoundsCannotBeMet(
                f"{one.name} is neither a county nor a township unit",
                f"{one.name}既不是县级单位也不是乡级单位",
            )
    if len({one.parent_id for one in found.values()}) != 1:
        raise BoundsCannotBeMet(
            "the township units do not lie in one county", "乡级单位不在同一县级单位内"
        )
    return found


def _children(store: DivisionStore, parent: UUID, at: AsOf) -> list[Division]:
    asked = DivisionFilter(parent=parent)
    return store.page(asked, at, limit=MOST_UNITS, cursor=None).divisions


def _villages(
    connection: Connection, townships: Mapping[UUID, Division], at: AsOf
) -> list[Village]:
    store = DivisionStore(connection)
    units = [one for township in townships for one in _children(store, township, at)]
    ids = [one.division_id for one in units]
    territories, figures = store.territories(ids, at), read_figures(connection, ids, at)
    return [
        Village(
            division_id=one.division_id,
            name=one.name,
            kind=one.kind,
            code=one.codes.get(STATISTICAL),
            township_id=one.parent_id,
            population=figures[one.division_id].resident_population
            if one.division_id in figures
            else None,
            territory=territories[one.division_id].territory
            if one.division_id in territories
            else None,
        )
        for one in units
        if one.parent_id is not None
    ]


def _codes_ever_used(
    connection: Connection, at: AsOf, townships: Mapping[UUID, Division]
) -> frozenset[str]:
    """Every code ever on paper in the county, also those no longer believed."""
    prefixes = {one.codes[STATISTICAL][:6] for one in townships.values() if one.codes}
    table = division_code_version
    return frozenset(
        code
        for prefix in prefixes
        for code in connection.scalars(
            select(table.c.code).where(
                table.c.scheme == STATISTICAL,
                table.c.code.startswith(prefix, autoescape=True),
                table.c.recorded_from <= at.known,
            )
        )
    )


class _Drafting:
    """Writes the paper of one regrouping: township units go on where they can."""

    def __init__(
        self, townships: Mapping[UUID, Division], used: frozenset[str], on: date, place: int
    ) -> None:
        self._townships = townships
        self._used = set(used)
        self._on = on
        self._place = place
        self._names = {one.name for one in townships.values()}
        self._operations: list[dict[str, Any]] = []
        self._moves: list[dict[str, Any]] = []
        self._codes: dict[str, str] = {}

    def proposal(self, one: Regrouping) -> Proposal:
        """The regrouping with its paper."""
        kept = _heirs(one.groups, list(self._townships))
        units = [
            self._unit(group, self._townships[kept[place]] if place in kept else None)
            for place, group in enumerate(one.groups)
        ]
        gone = [self._townships[each] for each in self._townships if each not in kept.values()]
        for township in sorted(gone, key=lambda each: each.name):
            heirs = [
                unit
                for unit, group in zip(units, one.groups, strict=True)
                if any(each.township_id == township.division_id for each in group.villages)
            ]
            self._moves.append(
                {
                    "abolish": {
                        "division": _reference(township),
                        "successors": [unit.code or unit.name for unit in heirs],
                    }
                }
            )
        if self._codes:
            self._moves.append({"recode": {"codes": self._codes}})
        paper: dict[str, Any] = {
            "title": f"重组方案{self._place}：{'、'.join(unit.name for unit in units)}",
            "effective_on": self._on.isoformat(),
            "evidence": (
                f"由重组建议生成（种子 {one.seed}），仅为起草的起点；单位名称取自其中人口最多的村（社区），"
                "驻地、名称和代码须由起草人核定。"
            ),
            "operations": [*self._operations, *self._moves],
        }
        return Proposal(one.seed, one.spread, tuple(units), paper)

    def _unit(self, group: Group, township: Division | None) -> ProposedUnit:
        if township is None:
            unit = self._established(group)
        elif township.kind is DivisionKind.SUBDISTRICT:
            unit = township.name, township.codes.get(STATISTICAL), _reference(township)
        else:
            unit = self._retyped(township)
        name, code, reference = unit
        self._move(group, township, code, reference)
        return ProposedUnit(
            name,
            code,
            tuple(one.name for one in group.villages),
            group.population,
            group.area_m2,
        )

    def _retyped(self, township: Division) -> tuple[str, str | None, str]:
        name = self._free_name([_stem(township.name)])
        code = self._next(township.codes.get(STATISTICAL, "")[:6], DivisionKind.SUBDISTRICT)
        fields: dict[str, Any] = {
            "division": _reference(township),
            "kind": DivisionKind.SUBDISTRICT.value,
            "name": name,
        }
        self._operations.append({"retype": fields | ({"code": code} if code else {})})
        return name, code, code or _reference(township)

    def _established(self, group: Group) -> tuple[str, str | None, str]:
        ranked = sorted(group.villages, key=lambda one: (-(one.population or 0), one.name))
        name = self._free_name([_stem(one.name) for one in ranked])
        any_one = next(iter(self._townships.values()))
        code = self._next(any_one.codes.get(STATISTICAL, "")[:6], DivisionKind.SUBDISTRICT)
        fields: dict[str, Any] = {
            "name": name,
            "kind": DivisionKind.SUBDISTRICT.value,
            "parent": str(any_one.parent_id),
        }
        self._operations.append({"establish": fields | ({"code": code} if code else {})})
        return name, code, code or name

    def _move(
        self, group: Group, township: Division | None, code: str | None, reference: str
    ) -> None:
        own = None if township is None else township.division_id
        stay = [one for one in group.villages if one.township_id == own]
        come = [one for one in group.villages if one.township_id != own]
        if code and township is not None and code != township.codes.get(STATISTICAL):
            # Communities that stay keep their last three digits; see domain notes on codes.
            for one in stay:
                if one.code and f"{code}{one.code[-3:]}" not in self._used:
                    self._codes[one.code] = f"{code}{one.code[-3:]}"
                    self._used.add(self._codes[one.code])
        if come:
            codes = {
                one.code: given
                for one in come
                if one.code and code and (given := self._next(code, one.kind))
            }
            fields: dict[str, Any] = {
                "divisions": [one.code or str(one.division_id) for one in come],
                "to": reference,
            }
            self._moves.append({"transfer": fields | ({"codes": codes} if codes else {})})

    def _next(self, prefix: str, kind: DivisionKind) -> str | None:
        if not prefix:
            return None
        code = next_code(prefix, kind, frozenset(self._used))
        self._used.add(code)
        return code

    def _free_name(self, stems: Sequence[str]) -> str:
        names = [f"{stem}街道" for stem in stems]
        name = next((one for one in names if one not in self._names), f"{names[0]}{self._place}")
        self._names.add(name)
        return name


def _heirs(groups: Sequence[Group], townships: Sequence[UUID]) -> dict[int, UUID]:
    """Which township unit goes on as which group: as many people (or villages) as can be stay.

    Source: Kuhn-Munkres, as SciPy has it.
    """
    from scipy.optimize import linear_sum_assignment

    weights = np.array([[_weight(group, unit) for unit in townships] for group in groups])
    rows, columns = linear_sum_assignment(weights, maximize=True)
    return {
        int(row): townships[int(column)]
        for row, column in zip(rows, columns, strict=True)
        if weights[row, column] > 0
    }


def _weight(group: Group, township: UUID) -> float:
    stay = [one for one in group.villages if one.township_id == township]
    return float(sum(one.population or 1 for one in stay))


def _reference(one: Division) -> str:
    return one.codes.get(STATISTICAL) or str(one.division_id)


def _stem(name: str) -> str:
    ending = next(
        (
            each
            for each in sorted(SUFFIXES, key=len, reverse=True)
            if name.endswith(each) and len(name) > len(each)
        ),
        "",
    )
    return name.removesuffix(ending)


def fields_of(proposals: Sequence[Proposal]) -> Iterator[dict[str, Any]]:
    """Proposals as plain values."""
    for one in proposals:
        yield {
            "seed": one.seed,
            "spread_km2": one.spread,
            "units": [
                {
                    "name": unit.name,
                    "code": unit.code,
                    "villages": list(unit.villages),
                    "population": unit.population,
                    "area_m2": unit.area_m2,
                }
                for unit in one.units
            ],
            "paper": one.paper,
        }
