"""Several plans side by side on the same figures (比选)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from registry.restructuring.impact import LineStatus, ResultingDivision, Verdict
from registry.restructuring.model import Preview

TOWNSHIP_KINDS = ("town", "township", "subdistrict", "special_area")


class Better(StrEnum):
    """Which of two figures is the better one."""

    LESS = "less"
    MORE = "more"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One plan to compare; `restructuring_id` None: a paper that was not filed."""

    restructuring_id: UUID | None
    state: str | None
    preview: Preview


@dataclass(frozen=True, slots=True)
class ScenarioHead:
    """What identifies a scenario in a comparison."""

    id: UUID | None
    title: str
    state: str | None
    effective_on: str
    digest: str


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One figure of every scenario, in their order; None: not known."""

    figure: str
    unit: str
    values: tuple[float | None, ...]
    better: Better
    best: tuple[int, ...]
    """Places of the best values, from 0; empty: all are equal, or neither is better."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All of it."""

    scenarios: tuple[ScenarioHead, ...]
    figures: tuple[FigureLine, ...]
    divisions: tuple[tuple[ResultingDivision, ...], ...]
    """The divisions each scenario leaves behind."""
    breaches: tuple[tuple[str, ...], ...]


def compare(scenarios: Sequence[Scenario]) -> Comparison:
    """Put previews side by side."""
    previews = [one.preview for one in scenarios]
    return Comparison(
        scenarios=tuple(
            ScenarioHead(
                one.restructuring_id,
                one.preview.title,
                one.state,
                one.preview.effective_on.isoformat(),
                one.preview.digest,
            )
            for one in scenarios
        ),
        figures=tuple(
            _line(name, unit, better, tuple(read(one) for one in previews))
            for name, unit, better, read in FIGURES
        ),
        divisions=tuple(one.divisions for one in previews),
        breaches=tuple(tuple(str(line) for line in one.breaches) for one in previews),
    )


def _line(name: str, unit: str, better: Better, values: tuple[float | None, ...]) -> FigureLine:
    known = [value for value in values if value is not None]
    best: tuple[int, ...] = ()
    if better is not Better.NEITHER and len(set(known)) > 1:
        wanted = min(known) if better is Better.LESS else max(known)
        best = tuple(place for place, value in enumerate(values) if value == wanted)
    return FigureLine(name, unit, values, better, best)


def _townships(found: Preview) -> list[ResultingDivision]:
    return [one for one in found.divisions if one.kind in TOWNSHIP_KINDS]


def _over_townships(
    read: Callable[[ResultingDivision], float | None],
    reduce_: Callable[[Iterable[float]], float],
) -> Callable[[Preview], float | None]:
    """A figure over the township units a plan leaves; None where one of them has none."""

    def figure(found: Preview) -> float | None:
        values = [read(one) for one in _townships(found)]
        known = [value for value in values if value is not None]
        return reduce_(known) if known and len(known) == len(values) else None

    return figure


def _mean(values: Iterable[float]) -> float:
    several = list(values)
    return round(sum(several) / len(several), 4)


def _line_m(status: LineStatus) -> Callable[[Preview], float | None]:
    return lambda found: round(sum(one.length_m for one in found.lines if one.status is status), 1)


def _markers(status: LineStatus) -> Callable[[Preview], float | None]:
    return lambda found: sum(one.status is status for one in found.markers)


def _judged(verdict: Verdict) -> Callable[[Preview], float | None]:
    return lambda found: sum(
        each.verdict is verdict for one in found.divisions for each in one.standards
    )


_LESS, _MORE, _NEITHER = Better.LESS, Better.MORE, Better.NEITHER
FIGURES: tuple[tuple[str, str, Better, Callable[[Preview], float | None]], ...] = (
    ("divisions_ended", "", _NEITHER, lambda p: len(p.ended)),
    ("divisions_begun", "", _NEITHER, lambda p: len(p.begun)),
    ("divisions_changed", "", _NEITHER, lambda p: len(p.changed)),
    ("villages_moved", "", _LESS, lambda p: len(p.moved)),
    ("codes_changed", "", _LESS, lambda p: len(p.codes)),
    ("addresses_full", "", _LESS, lambda p: p.addresses.full_text_changes),
    ("addresses_legal", "", _LESS, lambda p: p.addresses.legal_text_changes),
    ("addresses_rehomed", "", _LESS, lambda p: p.addresses.rehomed),
    ("plates_remake", "", _LESS, lambda p: p.plates.remake),
    ("plates_misleading", "", _LESS, lambda p: p.plates.misleading),
    ("plates_valid", "", _NEITHER, lambda p: p.plates.valid),
    ("thoroughfares_cut", "", _LESS, lambda p: len(p.thoroughfares)),
    ("lines_created_m", "m", _LESS, _line_m(LineStatus.CREATED)),
    ("lines_ended_m", "m", _NEITHER, _line_m(LineStatus.ENDED)),
    ("lines_other_sides_m", "m", _LESS, _line_m(LineStatus.OTHER_SIDES)),
    ("markers_created", "", _LESS, _markers(LineStatus.CREATED)),
    ("markers_ended", "", _NEITHER, _markers(LineStatus.ENDED)),
    ("names_in_conflict", "", _LESS, lambda p: len(p.names)),
    ("subscriptions", "", _NEITHER, lambda p: p.audience.subscriptions),
    ("consumers", "", _NEITHER, lambda p: p.audience.consumers),
    ("township_units", "", _NEITHER, lambda p: len(_townships(p))),
    ("population_least", "", _NEITHER, _over_townships(lambda d: d.resident_population.value, min)),
    ("population_most", "", _NEITHER, _over_townships(lambda d: d.resident_population.value, max)),
    ("households_least", "", _NEITHER, _over_townships(lambda d: d.households.value, min)),
    ("households_most", "", _NEITHER, _over_townships(lambda d: d.households.value, max)),
    ("addresses_least", "", _NEITHER, _over_townships(lambda d: d.addresses, min)),
    ("addresses_most", "", _NEITHER, _over_townships(lambda d: d.addresses, max)),
    ("area_least_m2", "m²", _NEITHER, _over_townships(lambda d: d.area_m2, min)),
    ("area_most_m2", "m²", _NEITHER, _over_townships(lambda d: d.area_m2, max)),
    ("compactness_least", "", _MORE, _over_townships(lambda d: d.compactness, min)),
    ("compactness_mean", "", _MORE, _over_townships(lambda d: d.compactness, _mean)),
    ("farthest_member_m", "m", _LESS, _over_townships(lambda d: d.farthest_member_m, max)),
    ("standards_met", "", _MORE, _judged(Verdict.MET)),
    ("standards_not_met", "", _LESS, _judged(Verdict.NOT_MET)),
    ("standards_cannot_be_judged", "", _NEITHER, _judged(Verdict.CANNOT_BE_JUDGED)),
    ("breaches", "", _LESS, lambda p: len(p.breaches)),
    ("warnings", "", _LESS, lambda p: len(p.warnings)),
    ("rows_to_write", "", _NEITHER, lambda p: sum(p.rows_to_write.values())),
)
"""Name, unit, which is better, and where it is read."""
