"""Measuring: several repeats, medians, ratios against a named limit of the same run."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure of a benchmark: the median of its repeats."""

    benchmark: str
    what: str
    unit: str
    values: tuple[float, ...]
    against: str = ""
    """What it is compared with."""
    ratio: float | None = None
    """This over that; the limit itself has none."""

    @property
    def median(self) -> float:
        """The middle of the repeats."""
        return statistics.median(self.values)

    @property
    def spread(self) -> float:
        """Largest minus smallest, as a share of the median."""
        return (max(self.values) - min(self.values)) / self.median if self.median else 0.0


def seconds(action: Callable[[], object]) -> float:
    """How long something takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def compared(one: Measured, limit: Measured) -> Measured:
    """A figure with its ratio to a limit: the median of the ratios of equal repeats."""
    pairs = [a / b for a, b in zip(one.values, limit.values, strict=False)]
    return Measured(
        one.benchmark, one.what, one.unit, one.values, limit.what, statistics.median(pairs)
    )


def table(found: Sequence[Measured]) -> str:
    """The figures as a Markdown table."""
    lines = [
        "| benchmark | what | median | unit | spread | ratio | against |",
        "|---|---|---:|---|---:|---:|---|",
    ]
    for one in found:
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        lines.append(
            f"| {one.benchmark} | {one.what} | {_figure(one.median)} | {one.unit} "
            f"| {one.spread:.0%} | {ratio} | {one.against} |"
        )
    return "\n".join(lines) + "\n"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
