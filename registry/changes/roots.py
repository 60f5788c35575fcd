"""What a scope (范围) is made of: a division and, where it ended, its heirs from that day on."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, func, select

from registry.changes.period import Period
from registry.changes.rows import known_at, timelines
from registry.divisions.tables import division_version, succession_version


@dataclass(frozen=True, slots=True)
class Root:
    """A division everything below which lies in the scope, during some days."""

    division_id: UUID
    days: Period


def roots_of(connection: Connection, division_id: UUID, known: int) -> tuple[Root, ...]:
    """The division itself, for all days, and its heirs, as known after change `known`.

    A division whose believed history ends is followed by the successors whose edges begin on that
    day, and those by theirs. What leaves a division that goes on is not followed.
    """
    since: dict[UUID, date | None] = {division_id: None}
    fresh = {division_id}
    while fresh:
        ends = _ends(connection, fresh, known)
        heirs: dict[UUID, date] = {}
        for predecessor, heir, day in _edges(connection, ends, known):
            begun = since[predecessor]
            follows = ends[predecessor] == day and (begun is None or begun < day)
            if follows and _earlier(day, heir, since):
                heirs[heir] = min(day, heirs.get(heir, day))
        since.update(heirs)
        fresh = set(heirs)
    return tuple(Root(one, Period(day, None)) for one, day in since.items())


def _earlier(day: date, heir: UUID, since: dict[UUID, date | None]) -> bool:
    if heir not in since:
        return True
    begun = since[heir]
    return begun is not None and day < begun


def _ends(connection: Connection, divisions: set[UUID], known: int) -> dict[UUID, date]:
    condition = division_version.c.division_id.in_(divisions)
    found = timelines(connection, division_version, condition, known)
    return {
        one: timeline[-1].valid.end
        for one, timeline in found.items()
        if timeline[-1].valid.end is not None
    }


def _edges(
    connection: Connection, ends: dict[UUID, date], known: int
) -> list[tuple[UUID, UUID, date]]:
    edge = succession_version.c
    rows = connection.execute(
        select(edge.predecessor_id, edge.successor_id, func.lower(edge.valid))
        .where(
            edge.predecessor_id.in_(ends),
            edge.successor_id.is_not(None),
            known_at(succession_version, known),
        )
        .order_by(edge.successor_id)
    )
    return [(predecessor, heir, day) for predecessor, heir, day in rows]
