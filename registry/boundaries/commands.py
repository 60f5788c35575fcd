"""Verbs on boundary updates (界线更新): file, propose, repair, submit, approve, reject, withdraw.

None of these commits. `enactment.commit` carries an approved update out.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from registry.boundaries.effects import effects_of
from registry.boundaries.errors import (
    BoundaryHasMoved,
    CollectionIsNotEditable,
    CoverageIsBroken,
    EdgeIsTaken,
    FeatureHasMoved,
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
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.errors import ApproverIsAuthor, ChangeIsUnknown, GeometryIsInvalid, StateForbids

BY_FEATURE = "ogc"
"""Source of drafts that grow feature by feature."""


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
    update_id = uuid4()
    store = BoundaryStore(connection)
    store.queue()
    ground = survey(Surroundings(connection, AsOf(asked.effective_on, based_on)), drawn)
    where, edges = _refuse_rivals(store, asked.author, ground, whole_edges=whole_edges)
    store.add(_columns(update_id, asked, based_on))
    store.write_territories(update_id, _as_surveyed(ground, drawn))
    store.mark_ground(update_id, where, edges)
    store.log(update_id, "file", UpdateState.DRAFT, who=asked.author, reason=asked.note)
    return store.get(update_id)


def propose(
    connection: Connection,
    collection: str,
    feature_id: UUID,
    geometry: BaseGeometry,
    *,
    expected_version: int | None,
    account: str,
    on: date,
) -> UUID:
    """Let a surveyor alter one feature: it joins the draft they have open here, or begins one.

    Args:
        collection: of the OGC API; only `divisions` have a territory to be drawn.
        geometry: EPSG:4490.
        expected_version: number of the change whose state was edited, see `version_of`; None: the
            present one.
        account: the surveyor the draft belongs to.
        on: the day whose territories are drawn.

    Returns:
        The id of the draft.

    Raises:
        CollectionIsNotEditable: features of that collection are not drawn this way.
        FeatureHasMoved: it was changed after the expected version.
        EdgeIsTaken, GeometryIsInvalid, DivisionIsUnknown, UpdateChangesNothing: see `file`.
    """
    if collection != "divisions":
        why = "only divisions are drawn; lines follow from them"
        raise CollectionIsNotEditable(collection=collection, why=why)
    actual = version_of(connection, feature_id, on)
    if expected_version is not None and actual > expected_version:
        raise FeatureHasMoved(
            feature=str(feature_id), expected=expected_version, actual=actual
        )  # fmt: skip
    store = BoundaryStore(connection)
    # Before the draft is held, as every other step does it: two that held one and waited for the
    # other would wait for ever.
    store.queue()
    held = store.draft_of(account, BY_FEATURE)
    if held is None or _touched_since(connection, held, [feature_id]):
        asked = Asked("外业编辑", Reason.REDIGITISATION, account, on, source=BY_FEATURE)
        return file(connection, asked, {feature_id: geometry}).update_id
    drawn = store.territories(held.update_id)
    drawn[feature_id] = DraftTerritory(feature_id, as_drawn(geometry), Origin.DELIVERED)
    redraw(connection, held, drawn, who=account, step="edit")
    return held.update_id


def version_of(connection: Connection, division_id: UUID, on: date) -> int:
    """The last change that wrote a division's territory; 0: none did."""
    at = ChangeStore(connection).as_of(on)
    return Surroundings(connection, at).moved_since([division_id], 0).get(division_id, 0)


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
    where, edges = _refuse_rivals(store, held.author, ground, whole_edges=False)
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
    ground = ground_of(connection, held, store.territories(update_id))
    refuse_stale(connection, held, ground)
    grave = [described(ground, one) for one in findings_of(ground) if one.blocking]
    if grave:
        raise CoverageIsBroken(grave)
    around = Surroundings(connection, AsOf(held.effective_on, held.based_on))
    refuse_silent_moves(held.reason, held.doors, effects_of(around, ground).doors)
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
    refuse_stale(connection, held, ground_of(connection, held, store.territories(update_id)))
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
    return _touched_since(connection, held, near | ground.changed)


def refuse_stale(connection: Connection, held: BoundaryUpdate, ground: Ground) -> None:
    """Refuse an update that is drawn on what does not hold any more.

    Raises:
        BoundaryHasMoved: with the names of what moved, and the changes.
    """
    moved = moved_since(connection, held, ground)
    if moved:
        names = [f"{ground.name(one)} ({number})" for one, number in sorted(moved.items())]
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
    store: BoundaryStore, author: str, ground: Ground, *, whole_edges: bool
) -> tuple[BaseGeometry, list[str]]:
    where = altered(ground)
    if where.is_empty:
        raise UpdateChangesNothing
    edges = edges_of(ground, where)
    rivals = store.rivals(author, where, edges if whole_edges else [])
    if rivals:
        raise EdgeIsTaken(
            [
                {
                    "update_id": str(one.update_id),
                    "title": one.title,
                    "author": one.author,
                    "state": one.state.value,
                    "divisions": [str(division) for division in divisions],
                }
                for one, divisions in rivals
            ]
        )
    return where, edges


def _touched_since(
    connection: Connection, held: BoundaryUpdate, divisions: Collection[UUID]
) -> dict[UUID, int]:
    around = Surroundings(connection, AsOf(held.effective_on, held.based_on))
    return around.moved_since(divisions, held.based_on)


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
