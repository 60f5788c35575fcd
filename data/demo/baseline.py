"""Divisions of the demonstration city as they stood before its first recorded act."""

from collections.abc import Mapping
from uuid import UUID, uuid5

from data.editions.loading import CAUSE, TABLES, Progress, refresh_statistics
from data.history import BaselineRow, baseline_rows
from registry.changes.work import Work
from registry.divisions.model import STATISTICAL, code_slot_id
from registry.divisions.tables import division, division_code_version, division_version

DEMO = UUID("3d0f0c2e-6a6c-5b52-9c1e-5f6f5a1c3502")
"""Namespace of the demonstration's ids: every copy of the demo has the same ones."""
SINCE_EVER = "(,)"


def load_baseline(work: Work, progress: Progress) -> int:
    """Write the divisions in force before the first act; returns how many."""
    rows = list(baseline_rows())
    ids = {row.key: demo_id(row.key) for row in rows}
    work.copy(
        division,
        ("division_id", "layer"),
        [(ids[row.key], row.layer) for row in rows],
        cause=CAUSE,
    )
    work.copy(
        division_version,
        ("division_id", "kind", "name", "published_name", "parent_id", "valid"),
        [_version(row, ids) for row in rows],
        cause=CAUSE,
    )
    work.copy(
        division_code_version,
        ("division_code_id", "division_id", "scheme", "code", "provisional", "valid"),
        [_code(row, ids) for row in rows if row.code],
        cause=CAUSE,
    )
    refresh_statistics(work.connection, *(table.name for table in TABLES))
    progress("divisions", len(rows), len(rows))
    return len(rows)


def demo_id(name: str) -> UUID:
    """The id of something in the demonstration, from a name that does not change."""
    return uuid5(DEMO, name)


def _version(row: BaselineRow, ids: Mapping[str, UUID]) -> tuple[object, ...]:
    parent = ids[row.parent_key] if row.parent_key else None
    published = row.published_name or None
    return (ids[row.key], row.kind, row.name, published, parent, SINCE_EVER)


def _code(row: BaselineRow, ids: Mapping[str, UUID]) -> tuple[object, ...]:
    slot = code_slot_id(ids[row.key], STATISTICAL)
    return (slot, ids[row.key], STATISTICAL, row.code, "f", SINCE_EVER)
