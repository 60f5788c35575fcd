"""Writing what an update holds into a work: territories, lines that follow them, feature edits."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from shapely.geometry import MultiPolygon
from sqlalchemy import Connection

from geo.area import area_m2
from registry.boundaries.carrying import carry_out
from registry.boundaries.edits import FeatureEdit
from registry.boundaries.model import BoundaryUpdate, Reason
from registry.changes.model import Intent
from registry.changes.period import Period
from registry.changes.timeline import Timeline, begin, change_from, correct
from registry.changes.timeline import at as version_at
from registry.changes.work import Work
from registry.divisions.tables import territory_version
from registry.lines.following import follow

CAUSES = {
    Reason.LEGAL_CHANGE: "adjust_territory",
    Reason.REDIGITISATION: "redigitise",
    Reason.CORRECTION: "correct",
}


def write(
    work: Work,
    held: BoundaryUpdate,
    territories: Mapping[UUID, MultiPolygon],
    edits: Mapping[UUID, FeatureEdit],
) -> dict[UUID, Period]:
    """Write all of an update but what moves with the ground; returns the days of each territory."""
    spans = write_territories(work, held, territories)
    follow(work, list(spans), on=held.effective_on, cause=CAUSES[held.reason])
    carry_out(work, held, edits.values())
    return spans


def try_out(
    connection: Connection,
    held: BoundaryUpdate,
    territories: Mapping[UUID, MultiPolygon],
    edits: Mapping[UUID, FeatureEdit],
) -> None:
    """Write a draft and take it back at once, so that the rules of the verbs themselves judge it.

    Territories that must still be mended are left out: the report tells what is wrong with them.

    Raises:
        Whatever its commit would be refused with because of its feature edits.
    """
    if not edits:
        return
    whole = {one: drawn for one, drawn in territories.items() if drawn.is_valid}
    with connection.begin_nested() as point:
        work = Work(connection, Intent(author=held.author, verb=held.reason.verb, title=held.title))
        write(work, held, whole, edits)
        # No change was made: its number is free again.
        point.rollback()


def write_territories(
    work: Work, held: BoundaryUpdate, territories: Mapping[UUID, Any]
) -> dict[UUID, Period]:
    """Write territories, or that a division has none any more, as the reason of an update says.

    Returns:
        The days each territory was rewritten for.
    """
    timelines = work.believed(territory_version, list(territories))
    spans = {}
    for one in sorted(territories, key=lambda one: one.bytes):
        before = timelines.get(one, ())
        after, spans[one] = _rewritten(held, before, _values(held, territories[one]))
        work.rewrite(territory_version, one, before, after)
    return spans


def _rewritten(
    held: BoundaryUpdate, before: Timeline, values: Mapping[str, Any] | None
) -> tuple[Timeline, Period]:
    cause = CAUSES[held.reason]
    current = version_at(before, held.effective_on)
    if current is None:
        span = Period.since(held.effective_on)
        if values is None:
            return before, span
        return begin(before, span, values, cause), span
    if held.reason is Reason.LEGAL_CHANGE:
        span = Period(held.effective_on, current.valid.end)
        return change_from(before, held.effective_on, values, cause), span
    return correct(before, current.valid, values, cause), current.valid


def _values(held: BoundaryUpdate, territory: MultiPolygon) -> dict[str, Any] | None:
    if territory.is_empty:
        return None
    return {
        "territory": territory,
        "area_m2": area_m2(territory),
        "basis": held.basis,
        "source": f"{held.source}: {held.title}",
    }
