"""Carrying an approved update out, as one change; and drawing one anew on what holds by now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import shapely
from sqlalchemy import Connection

from geo.coverage.areas import sound
from geo.coverage.merge import three_way
from registry.addresses.rehoming import rehome
from registry.addresses.tables import address_version
from registry.boundaries.commands import as_drawn, ground_of, redraw, refuse_stale
from registry.boundaries.edit_effects import doors_moved, refuse_conflicts
from registry.boundaries.edit_store import EditStore
from registry.boundaries.effects import Effects, effects_of, with_doors
from registry.boundaries.errors import EditsConflict, UpdateBelongsToAnother
from registry.boundaries.ground import TOLERANCE
from registry.boundaries.model import (
    BoundaryUpdate,
    DoorChoice,
    DraftTerritory,
    Reason,
    UpdateState,
    doors_of,
    refuse_silent_moves,
)
from registry.boundaries.store import BoundaryStore
from registry.boundaries.surroundings import Surroundings
from registry.boundaries.writing import CAUSES, write
from registry.changes.model import Decree, Intent
from registry.changes.period import AsOf, Period
from registry.changes.store import ChangeStore
from registry.changes.timeline import Timeline, correct
from registry.changes.work import Work
from registry.errors import StateForbids
from registry.names.commands import days_in_force
from registry.names.tables import place_extent_version

ALLOWED = (UpdateState.DRAFT, UpdateState.REJECTED, UpdateState.SUBMITTED, UpdateState.APPROVED)


def intent_of(update: BoundaryUpdate, *, who: str) -> Intent:
    """What the log will say of an update's commit."""
    given = update.decree or {}
    decree = None
    if given.get("authority"):
        decree = Decree(
            authority=given["authority"], number=given.get("number"), title=given.get("title")
        )
    legal = update.reason is Reason.LEGAL_CHANGE
    return Intent(
        author=who,
        verb=update.reason.verb,
        title=update.title,
        decree=decree,
        effective_on=update.effective_on if legal else None,
        source_key=f"boundary-update:{update.update_id}",
    )


def commit(work: Work, update_id: UUID, *, who: str) -> BoundaryUpdate:
    """Write an approved update, whole or not at all.

    Raises:
        StateForbids: it is not approved.
        BoundaryHasMoved: what it is drawn on changed; rebase it.
        DoorsWouldMove: doors were set up meanwhile where it says nothing of doors.
        LaterActExists, NotInForce: see the algebra of versions.
    """
    connection = work.connection
    store = BoundaryStore(connection)
    held = store.lock(update_id)
    if held.state is not UpdateState.APPROVED:
        raise StateForbids(step="commit", state=held.state.value)
    work.start()
    edits = EditStore(connection).edits(update_id)
    ground = ground_of(connection, held, store.territories(update_id))
    refuse_stale(connection, held, ground, edits)
    at = AsOf(held.effective_on, work.number - 1)
    effects = effects_of(Surroundings(connection, at), ground)
    effects = with_doors(effects, doors_moved(connection, edits, at))
    # Doors may have been set up on the strip since it was submitted.
    refuse_silent_moves(held.reason, held.doors, effects.doors)
    territories = {one: ground.after[one] for one in ground.changed}
    spans = write(work, held, territories, edits)
    if doors_of(held) is DoorChoice.MOVE:
        _move_doors(work, held, effects, spans)
    _move_places(work, held, effects, spans)
    store.amend(update_id, state=UpdateState.COMMITTED.value, change_number=work.number)
    store.log(update_id, "commit", UpdateState.COMMITTED, who=who, facts={"change": work.number})
    return store.get(update_id)


@dataclass(frozen=True, slots=True)
class Rebased:
    """An update drawn anew, and what had moved under it."""

    update: BoundaryUpdate
    moved: tuple[UUID, ...]


def rebase(connection: Connection, update_id: UUID, *, who: str) -> Rebased:
    """Draw an update on what holds by now: what others changed elsewhere is taken in.

    It is a draft again afterwards.

    Raises:
        EditsConflict: both sides changed the same ground; nothing is changed.
        UpdateBelongsToAnother, StateForbids.
    """
    store = BoundaryStore(connection)
    store.queue()
    held = store.lock(update_id)
    if held.state not in ALLOWED:
        raise StateForbids(step="rebase", state=held.state.value)
    if held.author != who:
        raise UpdateBelongsToAnother(author=held.author)
    drawn = store.territories(update_id)
    head = ChangeStore(connection).head()
    edits = EditStore(connection)
    refuse_conflicts(connection, held, edits.edits(update_id), head)
    merged = merge(connection, AsOf(held.effective_on, held.based_on), drawn, head)
    around = Surroundings(connection, AsOf(held.effective_on, held.based_on))
    moved = tuple(sorted(around.moved_since(list(drawn), held.based_on)))
    again = redraw(
        connection,
        held,
        merged,
        who=who,
        step="rebase",
        facts={"from": held.based_on, "to": head, "moved": [str(one) for one in moved]},
        based_on=head,
    )
    edits.base_on(update_id, head)
    return Rebased(again, moved)


def merge(
    connection: Connection, base_at: AsOf, drawn: Mapping[UUID, DraftTerritory], head: int
) -> dict[UUID, DraftTerritory]:
    """Three ways: what it is drawn on, what it draws, what holds after change `head`.

    Raises:
        EditsConflict: by feature, with both sides.
    """
    bases = Surroundings(connection, base_at)
    now = Surroundings(connection, AsOf(base_at.valid_on, head))
    base, theirs = bases.territories(list(drawn)), now.territories(list(drawn))
    names = now.units(list(drawn))
    merged, conflicts = {}, []
    for one, draft in drawn.items():
        if one not in base or one not in theirs:
            merged[one] = draft
            continue
        if draft.territory.is_empty and base[one].equals_exact(theirs[one]):
            merged[one] = draft
            continue
        both = three_way(base[one], draft.territory, theirs[one])
        if both.conflict_m2 >= TOLERANCE.area_m2:
            name = names[one].name if one in names else str(one)
            conflicts.append(_conflict(one, name, draft, (base[one], theirs[one]), both.conflict))
        merged[one] = DraftTerritory(one, as_drawn(both.territory), draft.origin)
    if conflicts:
        raise EditsConflict(conflicts)
    return merged


def _conflict(
    division_id: UUID, name: str, draft: DraftTerritory, sides: tuple[Any, Any], where: Any
) -> dict[str, object]:
    base, theirs = sides
    place = where.representative_point()

    def both(mine: Any, old: Any) -> dict[str, object]:
        return {
            "gained": shapely.geometry.mapping(shapely.difference(sound(mine), sound(old))),
            "lost": shapely.geometry.mapping(shapely.difference(sound(old), sound(mine))),
        }

    return {
        "division_id": str(division_id),
        "name": name,
        "place": [place.x, place.y],
        "mine": both(draft.territory, base),
        "theirs": both(theirs, base),
    }


def _move_doors(
    work: Work, held: BoundaryUpdate, effects: Effects, spans: Mapping[UUID, Period]
) -> None:
    by_ends: dict[tuple[UUID, UUID], list[UUID]] = {}
    for door in effects.doors:
        ends = (door.from_division, door.to_division)
        by_ends.setdefault(ends, []).append(door.address_id)
    for (giver, taker), doors in sorted(by_ends.items()):
        if held.reason is Reason.LEGAL_CHANGE:
            rehome(
                work,
                from_division=giver,
                to_division=taker,
                on=held.effective_on,
                address_ids=doors,
            )
        else:
            # A door that was placed elsewhere has stood there as long as it has stood.
            days = _days_of(work, taker, spans.get(taker, Period()))
            for one, before in work.believed(address_version, doors).items():
                after = _belonging(before, (giver, taker), days, CAUSES[held.reason])
                work.rewrite(address_version, one, before, after)


def _move_places(
    work: Work, held: BoundaryUpdate, effects: Effects, spans: Mapping[UUID, Period]
) -> None:
    moved = {one.named_place_id: one for one in effects.places if one.to_division is not None}
    for key, before in work.believed(place_extent_version, list(moved)).items():
        place = moved[key]
        assert place.to_division is not None
        span = spans.get(place.from_division, Period.since(held.effective_on))
        ends = (place.from_division, place.to_division)
        days = _days_of(work, place.to_division, span)
        after = _belonging(before, ends, days, CAUSES[held.reason])
        work.rewrite(place_extent_version, key, before, after)


def _days_of(work: Work, taker: UUID, span: Period) -> list[Period]:
    """Those days of a span on which there is a division to belong to."""
    shared = (days.intersection(span) for days in days_in_force(work, taker))
    return [one for one in shared if one is not None]


def _belonging(
    before: Timeline, ends: tuple[UUID, UUID], spans: Iterable[Period], cause: str
) -> Timeline:
    """The same with the second division in place of the first, during some days."""
    giver, taker = ends
    after = before
    for version in before:
        if version.value("division_id") != giver:
            continue
        for span in spans:
            shared = version.valid.intersection(span)
            if shared is not None:
                after = correct(after, shared, {"division_id": taker}, cause)
    return after
