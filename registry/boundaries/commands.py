"""Verbs on boundary updates (界线更新): file, propose, repair, submit, approve, reject, withdraw.

None of these commits. `enactment.commit` carries an approved update out.
"""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID, uuid4

import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from registry.boundaries.edge_store import EdgeStore
from registry.boundaries.edit_effects import doors_moved, shown
from registry.boundaries.edit_effects import names as overtaken
from registry.boundaries.edit_store import EditStore
from registry.boundaries.edits import FeatureEdit
from registry.boundaries.effects import Effects, effects_of, with_doors
from registry.boundaries.errors import (
    BoundaryHasMoved,
    CoverageIsBroken,
    EdgeIsTaken,
    RepairIsUnknown,
    UpdateBelongsToAnother,
    UpdateChangesNothing,
)
from registry.boundaries.findings import Finding, findings_of, mended
from registry.boundaries.ground import Ground, altered, edges_of, survey
from registry.boundaries.model import (
    OPEN,
    Asked,
    BoundaryUpdate,
    DoorChoice,
    DraftTerritory,
    Origin,
    Reason,
    UpdateState,
    refuse_silent_moves,
)
from registry.boundaries.store import BoundaryStore
from registry.boundaries.surroundings import Surroundings
from registry.boundaries.writing import try_out
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.errors import ApproverIsAuthor, ChangeIsUnknown, GeometryIsInvalid, StateForbids


def file(
    connection: Connection,
    asked: Asked,
    territories: Mapping[UUID, BaseGeometry],
    *,
    whole_edges: bool = True,
) -> BoundaryUpdate:
    """File a draft that belongs to a surveyor; it is checked when it is read.

    Args:
        territories: EPSG:4490, by division; may be invalid, must be finite areas.
        whole_edges: a rival is who touches the same edge; False: only who touches the same ground.

    Raises:
        GeometryIsInvalid: no area, or coordinates that are not degrees.
        DivisionIsUnknown: one of the divisions is not in force on the day.
        UpdateChangesNothing: everything is recorded so already.
        DecreeIsMissing: a legal change that names no decision.
        EdgeIsTaken: an open draft of somebody else touches the same edge.
    """
    asked.refuse_without_decree()
    head = ChangeStore(connection).head()
    based_on = head if asked.based_on is None else asked.based_on
    if based_on > head:
        raise ChangeIsUnknown(number=based_on, head=head)
    drawn = {
        one: DraftTerritory(one, as_drawn(geometry), Origin.DELIVERED)
        for one, geometry in territories.items()
    }
    return begin(connection, asked, drawn, based_on, whole_edges=whole_edges)


def begin(
    connection: Connection,
    asked: Asked,
    drawn: Mapping[UUID, DraftTerritory],
    based_on: int,
    *,
    whole_edges: bool = True,
) -> BoundaryUpdate:
    """A new draft with territories, or with none: feature edits come into it afterwards.

    Raises:
        DivisionIsUnknown, UpdateChangesNothing, EdgeIsTaken: see `file`.
    """
    update_id = uuid4()
    store = BoundaryStore(connection)
    store.queue()
    ground = survey(Surroundings(connection, AsOf(asked.effective_on, based_on)), drawn)
    where, edges = _refuse_rivals(connection, asked.author, ground, whole_edges=whole_edges)
    store.add(_columns(update_id, asked, based_on))
    store.write_territories(update_id, _as_surveyed(ground, drawn))
    store.mark_ground(update_id, where, edges)
    store.log(update_id, "file", UpdateState.DRAFT, who=asked.author, reason=asked.note)
    return store.get(update_id)


def redraw(
    connection: Connection,
    held: BoundaryUpdate,
    drawn: Mapping[UUID, DraftTerritory],
    *,
    who: str,
    step: str,
    facts: Mapping[str, Any] | None = None,
    **changes: Any,
) -> BoundaryUpdate:
    """Put other territories into a draft.

    Raises:
        EdgeIsTaken, DivisionIsUnknown, UpdateChangesNothing: see `file`.
    """
    store = BoundaryStore(connection)
    based_on = changes.get("based_on", held.based_on)
    ground = survey(Surroundings(connection, AsOf(held.effective_on, based_on)), drawn)
    where, edges = _refuse_rivals(connection, held.author, ground, whole_edges=False)
    store.write_territories(held.update_id, _as_surveyed(ground, drawn))
    store.mark_ground(held.update_id, where, edges)
    store.amend(held.update_id, state=UpdateState.DRAFT.value, **changes)
    store.log(held.update_id, step, UpdateState.DRAFT, who=who, facts=facts)
    return store.get(held.update_id)


def amend(connection: Connection, update_id: UUID, *, who: str, **changes: Any) -> BoundaryUpdate:
    """Say otherwise what a draft is called, why it is made, and what becomes of doors.

    Raises:
        StateForbids, UpdateBelongsToAnother, DecreeIsMissing.
    """
    store, held = _own_draft(connection, update_id, who, "amend")
    reason = Reason(changes.get("reason", held.reason))
    decree = changes.get("decree", held.decree)
    Asked(
        held.title, reason, held.author, held.effective_on, decree=decree
    ).refuse_without_decree()  # fmt: skip
    store.amend(update_id, **changes)
    store.log(update_id, "amend", held.state, who=who)
    return store.get(update_id)


def accept_repairs(
    connection: Connection, update_id: UUID, wanted: Collection[str], *, who: str
) -> BoundaryUpdate:
    """Carry out repairs that were offered; neighbours they alter join the update.

    Raises:
        RepairIsUnknown: one of them is not offered (any more).
        StateForbids, UpdateBelongsToAnother.
    """
    store, held = _own_draft(connection, update_id, who, "repair")
    drawn = store.territories(update_id)
    ground = ground_of(connection, held, drawn)
    offered = {
        repair.repair_id: (finding, repair.kind)
        for finding in findings_of(ground)
        for repair in finding.repairs
    }
    unknown = next((one for one in wanted if one not in offered), None)
    if unknown is not None:
        raise RepairIsUnknown(unknown)
    changed, done = mended(ground, wanted)
    for one, territory in changed.items():
        drawn[one] = DraftTerritory(one, as_drawn(territory), Origin.REPAIRED)
    listed = [
        *held.accepted,
        *(
            {"repair_id": one, "kind": offered[one][1], "finding": offered[one][0].kind.value,
             "size": offered[one][0].size, "unit": offered[one][0].unit}
            for one in done
        ),
    ]  # fmt: skip
    return redraw(
        connection, held, drawn, who=who, step="repair", facts={"repairs": done}, accepted=listed
    )


def submit(
    connection: Connection, update_id: UUID, *, who: str, reason: str | None = None
) -> BoundaryUpdate:
    """Ask for approval of exactly what the draft says now.

    Raises:
        StateForbids, UpdateBelongsToAnother.
        BoundaryHasMoved: what it is drawn on changed; rebase it.
        CoverageIsBroken: defects it brings with it must be mended first.
        DoorsWouldMove: a line drawn better would move doors, and nothing is said of them.
    """
    store, held = _own_draft(connection, update_id, who, "submit")
    edits, drawn = EditStore(connection).edits(update_id), store.territories(update_id)
    if not edits and not drawn:
        raise UpdateChangesNothing
    ground = ground_of(connection, held, drawn)
    refuse_stale(connection, held, ground, edits)
    grave = [described(ground, one) for one in findings_of(ground) if one.blocking]
    if grave:
        raise CoverageIsBroken(grave)
    refuse_silent_moves(held.reason, held.doors, all_effects(connection, held, ground, edits).doors)
    try_out(connection, held, {one: ground.after[one] for one in ground.changed}, edits)
    return _step(store, held, "submit", UpdateState.SUBMITTED, who=who, reason=reason)


def approve(
    connection: Connection, update_id: UUID, *, who: str, reason: str | None = None
) -> BoundaryUpdate:
    """Approve what was submitted.

    Raises:
        StateForbids: it was not submitted.
        ApproverIsAuthor: nobody approves their own draft.
        BoundaryHasMoved: what it is drawn on changed.
    """
    store = BoundaryStore(connection)
    held = _in_state(store.lock(update_id), "approve", UpdateState.SUBMITTED)
    if held.author == who:
        raise ApproverIsAuthor(who)
    edits = EditStore(connection).edits(update_id)
    ground = ground_of(connection, held, store.territories(update_id))
    refuse_stale(connection, held, ground, edits)
    try_out(connection, held, {one: ground.after[one] for one in ground.changed}, edits)
    return _step(
        store, held, "approve", UpdateState.APPROVED, who=who, reason=reason, decided_by=who
    )


def reject(
    connection: Connection, update_id: UUID, *, who: str, reason: str | None = None
) -> BoundaryUpdate:
    """Send a submitted or approved update back to its surveyor."""
    store = BoundaryStore(connection)
    held = _in_state(store.lock(update_id), "reject", UpdateState.SUBMITTED, UpdateState.APPROVED)
    return _step(
        store, held, "reject", UpdateState.REJECTED, who=who, reason=reason, decided_by=who
    )


def withdraw(
    connection: Connection, update_id: UUID, *, who: str, reason: str | None = None
) -> BoundaryUpdate:
    """Take an update back before it is committed; its edges are free again."""
    store = BoundaryStore(connection)
    held = _in_state(store.lock(update_id), "withdraw", *OPEN)
    if held.author != who:
        raise UpdateBelongsToAnother(author=held.author)
    return _step(store, held, "withdraw", UpdateState.WITHDRAWN, who=who, reason=reason)


def ground_of(
    connection: Connection, held: BoundaryUpdate, drawn: Mapping[UUID, DraftTerritory]
) -> Ground:
    """The ground around an update, as known after the change it is drawn on."""
    return survey(Surroundings(connection, AsOf(held.effective_on, held.based_on)), drawn)


def moved_since(connection: Connection, held: BoundaryUpdate, ground: Ground) -> dict[UUID, int]:
    """Which territories an update touches or borders changed after what it is drawn on."""
    near = {UUID(one) for edge in edges_of(ground, altered(ground)) for one in edge.split("|")}
    return touched_since(connection, held, near | ground.changed)


def all_effects(
    connection: Connection,
    held: BoundaryUpdate,
    ground: Ground,
    edits: Mapping[UUID, FeatureEdit],
) -> Effects:
    """Everything an update moves, by its territories and by its feature edits."""
    at = AsOf(held.effective_on, held.based_on)
    effects = effects_of(Surroundings(connection, at), ground)
    return with_doors(effects, doors_moved(connection, edits, at))


def refuse_stale(
    connection: Connection,
    held: BoundaryUpdate,
    ground: Ground,
    edits: Mapping[UUID, FeatureEdit],
) -> None:
    """Refuse an update that is drawn on what does not hold any more.

    Raises:
        BoundaryHasMoved: with the names of what moved, and the changes.
    """
    moved = moved_since(connection, held, ground)
    names = [f"{ground.name(one)} ({number})" for one, number in sorted(moved.items())]
    if edits and EditStore(connection).changed_since(edits.values()):
        names += overtaken(shown(connection, held, edits, open_=True))
    if names:
        raise BoundaryHasMoved(based_on=held.based_on, moved=names)


def described(ground: Ground, finding: Finding) -> str:
    """One line of a finding: what, where, whose, how large."""
    names = ", ".join(str(ground.name(one)) for one in finding.divisions)
    place = finding.where.representative_point()
    size = f"{finding.size:,.1f} {finding.unit}"
    return f"{finding.kind.value} {names} at {place.x:.6f} {place.y:.6f}: {size}"


def as_drawn(geometry: BaseGeometry) -> MultiPolygon:
    """A delivered geometry as a territory that may still have to be mended.

    Raises:
        GeometryIsInvalid: no area, empty, not finite, or not in degrees.
    """
    flat = shapely.force_2d(geometry)
    if isinstance(flat, Polygon):
        flat = MultiPolygon([flat])
    if not isinstance(flat, MultiPolygon) or flat.is_empty:
        raise GeometryIsInvalid(f"a {geometry.geom_type} is not an area, or it is empty")
    corners = shapely.get_coordinates(flat)
    if not bool(((abs(corners[:, 0]) <= 180) & (abs(corners[:, 1]) <= 90)).all()):
        raise GeometryIsInvalid("coordinates must be longitude and latitude in degrees")
    return flat


def _as_surveyed(ground: Ground, drawn: Mapping[UUID, DraftTerritory]) -> list[DraftTerritory]:
    return [DraftTerritory(one, ground.drawn[one], drawn[one].origin) for one in drawn]


def _refuse_rivals(
    connection: Connection, author: str, ground: Ground, *, whole_edges: bool
) -> tuple[BaseGeometry, list[str]]:
    where = altered(ground)
    if where.is_empty and ground.drawn:
        raise UpdateChangesNothing
    if where.is_empty:
        return where, []
    edges = edges_of(ground, where)
    drawing = BoundaryStore(connection).rivals(author, where, edges if whole_edges else [])
    describing = EdgeStore(connection).described(author, edges)
    refuse_edges(connection, {one.update_id: one for one in (*drawing, *describing)}.values())
    return where, edges


def refuse_edges(connection: Connection, rivals: Collection[BoundaryUpdate]) -> None:
    """Tell whoever comes second whose drafts an edge is taken by.

    Raises:
        EdgeIsTaken: there is one.
    """
    store = BoundaryStore(connection)
    drafts = [
        {**told(one), "divisions": [str(each) for each in store.divisions(one.update_id)]}
        for one in rivals
    ]
    if drafts:
        raise EdgeIsTaken(drafts)


def touched_since(
    connection: Connection, held: BoundaryUpdate, divisions: Collection[UUID]
) -> dict[UUID, int]:
    """Which of some divisions changed after what an update is drawn on, and the last change."""
    around = Surroundings(connection, AsOf(held.effective_on, held.based_on))
    return around.moved_since(divisions, held.based_on)


def told(update: BoundaryUpdate) -> dict[str, object]:
    """What somebody is told of another's draft that stands in their way."""
    return {
        "update_id": str(update.update_id),
        "title": update.title,
        "author": update.author,
        "state": update.state.value,
    }


def _own_draft(
    connection: Connection, update_id: UUID, who: str, step: str
) -> tuple[BoundaryStore, BoundaryUpdate]:
    store = BoundaryStore(connection)
    store.queue()
    held = _in_state(store.lock(update_id), step, UpdateState.DRAFT, UpdateState.REJECTED)
    if held.author != who:
        raise UpdateBelongsToAnother(author=held.author)
    return store, held


def _in_state(held: BoundaryUpdate, step: str, *allowed: UpdateState) -> BoundaryUpdate:
    if held.state not in allowed:
        raise StateForbids(step=step, state=held.state.value)
    return held


def _step(
    store: BoundaryStore,
    held: BoundaryUpdate,
    step: str,
    to: UpdateState,
    *,
    who: str,
    reason: str | None,
    **changes: Any,
) -> BoundaryUpdate:
    store.amend(held.update_id, state=to.value, **changes)
    store.log(held.update_id, step, to, who=who, reason=reason)
    return store.get(held.update_id)


def _columns(update_id: UUID, asked: Asked, based_on: int) -> dict[str, Any]:
    doors: DoorChoice | None = asked.doors
    return {
        "update_id": update_id,
        "title": asked.title,
        "reason": asked.reason.value,
        "doors": None if doors is None else doors.value,
        "note": asked.note,
        "decree": None if asked.decree is None else dict(asked.decree),
        "basis": asked.basis,
        "source": asked.source,
        "state": UpdateState.DRAFT.value,
        "author": asked.author,
        "based_on": based_on,
        "effective_on": asked.effective_on,
    }
