"""Which city the demonstration shows, and what is known of the neighbourhood of its villages."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

from data.demo.partition import VillageGroup

SAMPLE = Path(__file__).parent.parent / "sample"
ANCHORS = Path(__file__).parent / "anchors.csv"
MOVES = SAMPLE / "fujian_village_moves.csv.gz"

PROVINCE = "35"
CITY = "3502"
DISTRICTS = ("350203", "350205", "350206", "350211", "350212", "350213")
BASELINE_EDITION = "2020-06-30"
TODAY_EDITION = "2022-10-31"
"""The last edition whose differences the two acts of the demonstration explain."""
PULL_OF_THE_FORMER_TOWN = 0.3
"""Villages of one later subdistrict lie side by side, those of each former town on its side."""

Point = tuple[float, float]


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a shipped list, gzipped or not."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text)


def village_groups(villages: dict[str, str]) -> dict[str, list[VillageGroup]]:
    """Villages that share their township before and after the acts, by district.

    Args:
        villages: code of each village in force in the baseline edition, and of its township.
    """
    later = later_townships(villages)
    anchors = {
        row["code"]: (float(row["longitude"]), float(row["latitude"])) for row in rows_of(ANCHORS)
    }
    members: dict[tuple[str, str], list[str]] = {}
    for village in sorted(villages):
        members.setdefault((later[village], villages[village]), []).append(village)
    groups: dict[str, list[VillageGroup]] = {}
    for (after, before), codes in sorted(members.items()):
        anchor = _between(anchors[after], _middle_of(before, later, villages, anchors))
        groups.setdefault(before[:6], []).append(VillageGroup(anchor, tuple(codes)))
    return groups


def later_townships(villages: dict[str, str]) -> dict[str, str]:
    """Township each village belongs to in the edition of today, by its code in the baseline."""
    code_now = {village: village for village in villages}
    origin = {village: village for village in villages}
    for row in rows_of(MOVES):
        if not BASELINE_EDITION <= row["edition_from"] < TODAY_EDITION:
            continue
        village = origin.get(row["old_code12"])
        if village is not None and code_now[village] == row["old_code12"]:
            code_now[village] = row["new_code12"]
            origin[row["new_code12"]] = village
    return {village: code[:9] for village, code in code_now.items()}


def _middle_of(
    township: str,
    later: dict[str, str],
    villages: dict[str, str],
    anchors: dict[str, Point],
) -> Point:
    """Where a township of the baseline lies: the mean of where its villages are found later."""
    points = [anchors[later[village]] for village, held in villages.items() if held == township]
    return (
        sum(point[0] for point in points) / len(points),
        sum(point[1] for point in points) / len(points),
    )


def _between(near: Point, far: Point) -> Point:
    return (
        near[0] + PULL_OF_THE_FORMER_TOWN * (far[0] - near[0]),
        near[1] + PULL_OF_THE_FORMER_TOWN * (far[1] - near[1]),
    )
