"""Published standards (设立标准) for subdistricts and towns, held against a unit's figures.

The table `standards.csv` beside this module is the rule: one line for each scope of a dated rule
set of a province. `unverified` stands for a figure that nobody checked against the published
text; it is never presented as law, so what depends on it cannot be judged.

Source: 行政区划管理条例 (Order 704) art 11: each province sets its own.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from registry.restructuring.impact import Judgement, Verdict

UNVERIFIED = "unverified"
NOT_VERIFIED, NOT_KNOWN, NOT_HELD = "not_verified", "not_known", "not_in_the_registry"
CRITERIA = (
    "min_population",
    "max_population",
    "min_area_km2",
    "min_growth_boundary_share",
    "min_community_share",
    "min_urbanisation",
)


@dataclass(frozen=True, slots=True)
class Standard:
    """One scope of a rule set: which units it is for, and what it demands of them."""

    rule_set: str
    province: str
    """First two digits of the province's code."""
    in_force_on: date
    kind: str
    scope: str
    county_kinds: frozenset[str]
    counties: frozenset[str]
    """Names of the counties and districts it is for; empty: all but `except_counties`."""
    except_counties: frozenset[str]
    demands: tuple[tuple[str, float | None], ...]
    """Criterion and figure; None: the figure was not verified."""
    others: tuple[str, ...]
    """What the registry holds no figures for."""
    source: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit to be judged, with what the standards ask about; None: not known."""

    province_code: str | None
    county_kind: str | None
    county: str | None
    kind: str
    population: float | None
    area_km2: float | None
    growth_boundary_share: float | None
    community_share: float | None
    urbanisation: float | None


@cache
def standards() -> tuple[Standard, ...]:
    """Every line of the table."""
    text = files(__package__).joinpath("standards.csv").read_text(encoding="utf-8")
    return tuple(_read(row) for row in csv.DictReader(text.splitlines()))


def judge(one: Candidate, on: date, table: Sequence[Standard]) -> tuple[Judgement, ...]:
    """Hold a unit against every scope that may be meant for it, in the order of the table.

    Where the table cannot tell which of several scopes is meant (whether a district lies wholly
    in the urban area, say), each is judged and named.
    """
    latest = _latest(one, on, table)
    return tuple(
        judgement
        for standard in table
        if standard.in_force_on == latest and _applies(standard, one, on)
        for judgement in _judgements(standard, one)
    )


def _latest(one: Candidate, on: date, table: Sequence[Standard]) -> date | None:
    return max((s.in_force_on for s in table if _applies(s, one, on)), default=None)


def _applies(standard: Standard, one: Candidate, on: date) -> bool:
    return (
        one.province_code == standard.province
        and standard.kind == one.kind
        and standard.in_force_on <= on
        and one.county_kind in standard.county_kinds
        and (not standard.counties or one.county in standard.counties)
        and one.county not in standard.except_counties
    )


def _judgements(standard: Standard, one: Candidate) -> Iterator[Judgement]:
    actual = {
        "min_population": one.population,
        "max_population": one.population,
        "min_area_km2": one.area_km2,
        "min_growth_boundary_share": one.growth_boundary_share,
        "min_community_share": one.community_share,
        "min_urbanisation": one.urbanisation,
    }
    for criterion, required in standard.demands:
        verdict, reason = _verdict(criterion, required, actual[criterion])
        yield _judgement(standard, criterion, required, actual[criterion], verdict, reason)
    for other in standard.others:
        yield _judgement(standard, other, None, None, Verdict.CANNOT_BE_JUDGED, NOT_HELD)


def _verdict(criterion: str, required: float | None, actual: float | None) -> tuple[Verdict, str]:
    if required is None:
        return Verdict.CANNOT_BE_JUDGED, NOT_VERIFIED
    if actual is None:
        return Verdict.CANNOT_BE_JUDGED, NOT_KNOWN
    meets = actual <= required if criterion.startswith("max_") else actual >= required
    return (Verdict.MET if meets else Verdict.NOT_MET), ""


def _judgement(
    standard: Standard,
    criterion: str,
    required: float | None,
    actual: float | None,
    verdict: Verdict,
    reason: str,
) -> Judgement:
    return Judgement(
        rule_set=standard.rule_set,
        scope=standard.scope,
        criterion=criterion,
        required=required,
        actual=actual,
        verdict=verdict,
        reason=reason,
        source=standard.source,
        in_force_on=standard.in_force_on,
    )


def _read(row: dict[str, str]) -> Standard:
    return Standard(
        rule_set=row["rule_set"],
        province=row["province"],
        in_force_on=date.fromisoformat(row["in_force_on"]),
        kind=row["kind"],
        scope=row["scope"],
        county_kinds=_several(row["county_kinds"]),
        counties=_several(row["counties"]),
        except_counties=_several(row["except_counties"]),
        demands=tuple(
            (name, None if row[name] == UNVERIFIED else float(row[name]))
            for name in CRITERIA
            if row[name]
        ),
        others=tuple(part for part in row["others"].split(";") if part),
        source=row["source"],
    )


def _several(text: str) -> frozenset[str]:
    return frozenset(part for part in text.split(";") if part)
