"""Obstacles with the names people know the objects by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Column, Connection, any_, select

from registry.addresses.tables import address
from registry.changes.holding import Obstacle
from registry.changes.rows import key_array
from registry.changes.tables import change
from registry.divisions.tables import (
    division_code_version,
    division_version,
    succession_version,
)
from registry.names.tables import place_name_version

WORDS = {
    "rewritten": "says otherwise since",
    "depends": "was entered since and refers to",
    "lost-ground": "would refer to what has ended since:",
    "code-taken": "would bear a code that is borne by now by",
}


@dataclass(frozen=True, slots=True)
class LaterChange:
    """A later change that holds on to something."""

    number: int
    title: str


@dataclass(frozen=True, slots=True)
class NamedObstacle:
    """An obstacle as people read it."""

    object: str
    """division, address, place, …"""
    id: UUID
    name: str
    attribute: str | None
    why: str
    valid_from: date | None
    valid_to: date | None
    changes: tuple[LaterChange, ...]
    on: str | None
    """What it depends on."""

    @property
    def line(self) -> str:
        """One line for an error."""
        numbers = ", ".join(str(one.number) for one in self.changes)
        what = self.on or self.attribute or ""
        return f"{self.name}: {WORDS[self.why]} {what} ({numbers})".replace("  ", " ")


def named(connection: Connection, obstacles: Sequence[Obstacle]) -> list[NamedObstacle]:
    """Put names to obstacles, in their order."""
    bearers = _bearers(connection, obstacles)
    ids = {bearers.get(one.object_id, one.object_id) for one in obstacles}
    ids |= {one.on for one in obstacles if one.on is not None}
    names = _names(connection, ids)
    numbers = {number for one in obstacles for number in one.changes}
    titles = dict(
        connection.execute(
            select(change.c.number, change.c.title).where(change.c.number.in_(numbers))
        ).all()
    )
    return [
        NamedObstacle(
            object=one.table.removesuffix("_version"),
            id=one.object_id,
            name=names.get(bearers.get(one.object_id, one.object_id), str(one.object_id)),
            attribute=one.column,
            why=one.why,
            valid_from=one.valid.start,
            valid_to=one.valid.end,
            changes=tuple(LaterChange(number, titles.get(number, "")) for number in one.changes),
            on=None if one.on is None else names.get(one.on, str(one.on)),
        )
        for one in obstacles
    ]


def _bearers(connection: Connection, obstacles: Iterable[Obstacle]) -> dict[UUID, UUID]:
    """Whose a fact is, where it is not called after its own id."""
    ids = {one.object_id for one in obstacles}
    succession = succession_version.c
    found: dict[UUID, UUID] = {}
    for key, bearer in (
        (division_code_version.c.division_code_id, division_code_version.c.division_id),
        (place_name_version.c.place_name_id, place_name_version.c.named_place_id),
        (succession.succession_id, succession.successor_id),
        (succession.succession_id, succession.predecessor_id),
    ):
        rows = connection.execute(
            select(key, bearer).where(key == any_(key_array(ids)), bearer.is_not(None))
        )
        found.update(dict(rows.all()))
    return found


def _names(connection: Connection, ids: set[UUID]) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    sources: tuple[tuple[Column[UUID], Column[str], Column[int] | None], ...] = (
        (address.c.address_id, address.c.code, None),
        (
            place_name_version.c.named_place_id,
            place_name_version.c.text,
            place_name_version.c.version_id,
        ),
        (division_version.c.division_id, division_version.c.name, division_version.c.version_id),
    )
    for key, name, order in sources:
        rows = connection.execute(
            select(key, name).where(key == any_(key_array(ids))).order_by(order)
        )
        found.update(dict(rows.all()))
    return found
