"""Divisions of the demonstration city as one published edition lists them."""

from uuid import UUID, uuid5

from data.demo.city import BASELINE_EDITION, CITY, PROVINCE, SAMPLE
from data.editions.loading import Progress, load_divisions
from data.editions.reader import EditionRow, read_edition
from data.editions.tree import EditionTree, build_tree
from registry.changes.work import Work

DEMO = UUID("3d0f0c2e-6a6c-5b52-9c1e-5f6f5a1c3502")
"""Namespace of the demonstration's ids: every copy of the demo has the same ones."""
LISTS = (
    "nbs_upper_levels.csv.gz",
    "nbs_townships_fujian.csv.gz",
    "nbs_villages_fujian.csv.gz",
)
SINCE_EVER = "(,)"


def edition_tree(edition: str) -> EditionTree:
    """The city in one shipped edition: province, city, districts, townships, villages."""
    return build_tree(_city_rows(edition), {}, under=())


def load_edition_as_baseline(work: Work, progress: Progress) -> int:
    """The city as of the baseline edition, held to be so since before our sources."""
    tree = edition_tree(BASELINE_EDITION)
    return load_divisions(
        work,
        tree.rows,
        valid=SINCE_EVER,
        identify=demo_id,
        registered={},
        progress=progress,
    )


def demo_id(code: str) -> UUID:
    """The id a division of the demonstration has, from its code in the baseline."""
    return uuid5(DEMO, code)


def _city_rows(edition: str) -> list[EditionRow]:
    rows = []
    for name in LISTS:
        for row in read_edition(SAMPLE / name, edition):
            if row.code == PROVINCE or row.code.startswith(CITY):
                rows.append(row)
    return rows
