"""Verbs on named places: where they lie, and dual-name windows (新旧地名并用期)."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, select

from registry.addresses.tables import address_version
from registry.changes.amendments import AmendmentStore
from registry.changes.period import Period
from registry.changes.store import ChangeStore
from registry.changes.timeline import at as version_at
from registry.changes.timeline import begin, change_from, correct
from registry.changes.work import Work
from registry.divisions.tables import division_version
from registry.errors import NotInForce
from registry.names.tables import dual_name_version, place_extent_version
from registry.undoing_errors import WindowIsInvalid

WINDOWS = UUID("7a6f9b52-1c0f-5a0e-8f54-3c8f8f3f106f")
"""Namespace: one unit has one window of one act."""
CAUSE = "dual_names"
CAUSE_REDRAWN = "redraw_place"


def redraw_place(
    work: Work, named_place_id: UUID, values: Mapping[str, Any], *, on: date, moved: bool
) -> None:
    """Draw the extent of a named place otherwise.

    Args:
        values: `extent` (EPSG:4490), `division_id` (the smallest division that holds all of it;
            it can do so on its own days only), `basis`, `source`; what is left out stays.
        moved: the place itself changed on the day; else it lay there before, and is known better.

    Raises:
        NotInForce: the place is nowhere on the day.
        LaterActExists: see `change_from`.
    """
    before = work.believed(place_extent_version, [named_place_id]).get(named_place_id, ())
    current = version_at(before, on)
    if current is None:
        raise NotInForce(on=on, what=str(named_place_id))
    if moved:
        after = change_from(before, on, values, CAUSE_REDRAWN)
    else:
        drawn = {name: value for name, value in values.items() if name != "division_id"}
        after = correct(before, current.valid, drawn, CAUSE_REDRAWN)
        if "division_id" in values:
            holder = {"division_id": values["division_id"]}
            for days in days_in_force(work, values["division_id"]):
                shared = days.intersection(current.valid)
                if shared is not None:
                    after = correct(after, shared, holder, CAUSE_REDRAWN)
    work.rewrite(place_extent_version, named_place_id, before, after)


def days_in_force(work: Work, division_id: UUID | None) -> list[Period]:
    """The days on which a division is in force, piece by piece; nobody (None) always is."""
    if division_id is None:
        return [Period()]
    versions = work.believed(division_version, [division_id]).get(division_id, ())
    return [one.valid for one in versions]


def open_window(work: Work, number: int, *, until: date | None) -> int:
    """Let the texts from before an act count beside those after it; returns the units concerned.

    Args:
        number: the change that carried the act out; may be this very work.
        until: the first day on which they do not count any more; None: they never counted.

    Raises:
        WindowIsInvalid: it would end before the act, or the act changed no name.
    """
    known = work.number
    act = ChangeStore(work.connection).many([number], known)[number]
    units = _renamed(
        work.connection,
        (number, *AmendmentStore(work.connection).corrections_of(number, known), known),
    )
    on = act.effective_on
    held = windows_of(work.connection, number)
    if until is not None:
        if on is None or not units:
            raise WindowIsInvalid(until=until, why="the act changed no name of a division")
        if until <= on:
            raise WindowIsInvalid(until=until, why=f"the act took effect on {on}: give a later day")
    for key in held - {_key(unit, number) for unit in units}:
        before = work.believed(dual_name_version, [key]).get(key, ())
        work.rewrite(dual_name_version, key, before, ())
    for unit in units:
        key = _key(unit, number)
        before = work.believed(dual_name_version, [key]).get(key, ())
        values = {"division_id": unit, "act_number": number, "act_on": on}
        after = begin((), Period(on, until), values, CAUSE) if until is not None else ()
        work.rewrite(dual_name_version, key, before, after)
    return len(units)


def windows_of(connection: Connection, number: int) -> set[UUID]:
    """The windows of an act that are believed now."""
    table = dual_name_version
    return set(
        connection.scalars(
            select(table.c.dual_name_id).where(
                table.c.act_number == number, table.c.recorded_to.is_(None)
            )
        )
    )


def window_end(connection: Connection, number: int) -> date | None:
    """The day on which the windows of an act end; None: it has none."""
    table = dual_name_version
    found = connection.scalars(
        select(table.c.valid).where(table.c.act_number == number, table.c.recorded_to.is_(None))
    ).first()
    return None if found is None else found.upper


def _key(unit: UUID, number: int) -> UUID:
    return uuid5(WINDOWS, f"{unit}|{number}")


def _renamed(connection: Connection, numbers: tuple[int, ...]) -> list[UUID]:
    """Units whose versions an act began, and those that took addresses over."""
    version = division_version.c
    own = connection.scalars(
        select(version.division_id)
        .where(version.begun_by.in_(numbers), version.recorded_to.is_(None))
        .distinct()
    )
    heirs = connection.scalars(
        select(address_version.c.division_id)
        .where(
            address_version.c.begun_by.in_(numbers),
            address_version.c.cause == "rehome",
            address_version.c.recorded_to.is_(None),
        )
        .distinct()
    )
    return sorted({*own, *heirs}, key=lambda unit: unit.bytes)
