"""Xiamen's own history: the divisions before 2000, and every act since as a paper (沿革).

`xiamen/baseline.csv.gz` holds what stood before the first act; the papers in `plans/` carry it
forward, those up to 2020-06-30 as history, those after as the restructurings a demonstration
enacts. What is only assumed of the early years says so in `evidence`.
"""

import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

LAST_DAY_OF_HISTORY = "2020-06-30"
BASELINE_COLUMNS = (
    "key",
    "parent_key",
    "kind",
    "name",
    "published_name",
    "code",
    "layer",
    "evidence",
)


@dataclass(frozen=True, slots=True)
class BaselineRow:
    """One division in force before 2000; parents come before their members."""

    key: str
    """Names from the city's province down, joined by `/`; unique."""
    parent_key: str
    """Empty for the province."""
    kind: str
    name: str
    published_name: str
    code: str
    """In the statistical scheme; empty where no source gives one for that time."""
    layer: str
    evidence: str


def baseline_rows() -> Iterator[BaselineRow]:
    """The divisions before the first act, parents first."""
    packed = resources.files("data").joinpath("xiamen", "baseline.csv.gz").read_bytes()
    with io.StringIO(gzip.decompress(packed).decode("utf-8"), newline="") as text:
        for row in csv.DictReader(text):
            yield BaselineRow(*(row[column] for column in BASELINE_COLUMNS))


def history_papers() -> list[Path]:
    """Papers of the acts up to 2020-06-30, in order."""
    return [paper for paper in _papers() if _day(paper) <= LAST_DAY_OF_HISTORY]


def restructuring_papers() -> list[Path]:
    """Papers of the acts after 2020-06-30, in order."""
    return [paper for paper in _papers() if _day(paper) > LAST_DAY_OF_HISTORY]


def _papers() -> list[Path]:
    folder = Path(str(resources.files("data").joinpath("plans")))
    return sorted(folder.glob("*.yaml"))


def _day(paper: Path) -> str:
    return paper.name[: len(LAST_DAY_OF_HISTORY)]
