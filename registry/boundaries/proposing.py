"""Feature by feature: what a surveyor writes joins the draft they have open, or begins one.

None of these commits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from registry.boundaries.carrying import line_near
from registry.boundaries.commands import as_drawn, begin, redraw, refuse_edges, told, touched_since
from registry.boundaries.edge_store import EdgeStore
from registry.boundaries.edit_effects import NOWHERE
from registry.boundaries.edit_store import FACTS, EditStore
from registry.boundaries.edits import ADDRESSES, LINES, MARKERS, Action, FeatureEdit, Side
from registry.boundaries.errors import (
    CollectionIsNotEditable,
    FeatureHasMoved,
    FeatureIsTaken,
    FeatureIsThere,
    UpdateChangesNothing,
)
from registry.boundaries.model import (
    NO_TERRITORY,
    Asked,
    BoundaryUpdate,
    DraftTerritory,
    Origin,
    Reason,
)
from registry.boundaries.store import BoundaryStore
from registry.boundaries.surroundings import Surroundings
from registry.boundaries.writing import try_out
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.errors import NotInForce
from registry.lines.commands import marker_id_of

BY_FEATURE = "ogc"
"""Source of drafts that grow feature by feature."""
TITLE = "外业编辑"
GIVEN_FOR_EVER = frozenset({"number", "line_id"})
"""A marker is known by its number on its line: another number is another marker."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A feature as a surveyor would have it."""

    collection: str
    action: Action
    feature_id: str | None
    """None: of a marker that begins, which is known by its line and number."""
    geometry: BaseGeometry | None
    """EPSG:4490; None: it stays."""
    said: Mapping[str, Any]
    """What is said otherwise, by column; JSON values."""
    expected_version: int | None
    """Number of the change whose state was edited; None: the present one."""
    account: str
    """The surveyor the draft belongs to."""
    on: date
    as_it_is: frozenset[str] = frozenset()
    """What is to be as the registry has it, whatever the draft said before, see `FeatureEdit.after`."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """What became of it."""

    update_id: UUID
    feature_id: str


def propose_territory(
    connection: Connection,
    division_id: UUID,
    geometry: BaseGeometry | None,
    *,
    expected_version: int | None,
    account: str,
    on: date,
) -> UUID:
    """Let a surveyor draw one territory: it joins the draft they have open here, or begins one.

    Args:
        geometry: EPSG:4490; None: the division is to have no territory any more.
        expected_version: number of the change whose state was edited, see `version_of`; None: the
            present one.
        account: the surveyor the draft belongs to.
        on: the day whose territories are drawn.

    Returns:
        The id of the draft.

    Raises:
        FeatureHasMoved: it was changed after the expected version.
        EdgeIsTaken: see `file`; or another's open draft says something of a line or marker on it.
        GeometryIsInvalid, DivisionIsUnknown, UpdateChangesNothing: see `file`.
    """
    actual = version_of(connection, division_id, on)
    if expected_version is not None and actual > expected_version:
        raise FeatureHasMoved(
            feature=str(division_id), expected=expected_version, actual=actual
        )  # fmt: skip
    store = BoundaryStore(connection)
    # Before the draft is held, as every other step does it: two that held one and waited for the
    # other would wait for ever.
    store.queue()
    held = store.draft_of(account, BY_FEATURE)
    asked = _asked(account, on)
    territory = NO_TERRITORY if geometry is None else as_drawn(geometry)
    draft = DraftTerritory(division_id, territory, Origin.DELIVERED)
    if held is None or touched_since(connection, held, [division_id]):
        head = ChangeStore(connection).head()
        return begin(connection, asked, {division_id: draft}, head).update_id
    earlier = store.territories(held.update_id)
    drawn = {**earlier, division_id: draft}
    around = Surroundings(connection, AsOf(held.effective_on, held.based_on))
    if geometry is None and not around.territories([division_id]):
        if division_id not in earlier:
            raise UpdateChangesNothing
        # What the draft itself would have given it is taken back.
        del drawn[division_id]
    redraw(connection, held, drawn, who=account, step="edit")
    return held.update_id


def propose_edit(connection: Connection, wanted: Wanted) -> Proposed:
    """Let a surveyor begin, alter or end one feature besides a territory.

    It is tried out at once: what its commit would be refused for is refused now.

    Raises:
        CollectionIsNotEditable: not in this way; the error says what can be.
        FeatureHasMoved: it was changed after the expected version.
        FeatureIsTaken: another surveyor's open draft says something of it.
        EdgeIsTaken: it is a line or a marker, and another's open draft draws the edge it is on.
        FeatureIsThere: a marker of that number stands on the line already.
        MarkerLineIsUnclear: it is not plain on which line a marker would stand.
        UpdateChangesNothing: it is recorded so already.
        NotInForce: there is no such feature on the day.
        Whatever the verbs refuse, see `carry_out`.
    """
    if wanted.collection not in FACTS:
        why = "nothing of it is drawn"
        raise CollectionIsNotEditable(collection=wanted.collection, why=why)
    BoundaryStore(connection).queue()
    edit = _edit(connection, wanted)
    edits = EditStore(connection)
    rivals = edits.rivals(wanted.account, edit.subject)
    if rivals:
        raise FeatureIsTaken(edit.feature_id, [told(one) for one in rivals])
    _refuse_redrawn(connection, wanted.account, edit)
    held = _draft_for(connection, wanted, edit)
    earlier = edits.edits(held.update_id).get(edit.subject)
    together = edit.after(earlier, wanted.as_it_is)
    if together is None:
        edits.drop(held.update_id, edit.subject)
    else:
        _refuse_nothing(connection, together, held.effective_on)
        edits.put(held.update_id, together)
        store = BoundaryStore(connection)
        drawn = {one: draft.territory for one, draft in store.territories(held.update_id).items()}
        try_out(connection, held, drawn, _beside(edits.edits(held.update_id), together))
    _noted(connection, held, edit)
    return Proposed(held.update_id, edit.feature_id)


def drafted(
    connection: Connection, collection: str, feature_id: str, account: str
) -> FeatureEdit | None:
    """A feature that so far exists only in the draft a surveyor has open; None: none such."""
    if collection != MARKERS:
        return None
    held = BoundaryStore(connection).draft_of(account, BY_FEATURE)
    if held is None:
        return None
    found = EditStore(connection).edits(held.update_id).get(UUID(feature_id))
    return found if found is not None and found.action is Action.BEGIN else None


def version_of(connection: Connection, division_id: UUID, on: date) -> int:
    """The last change that wrote a division's territory; 0: none did."""
    at = ChangeStore(connection).as_of(on)
    return Surroundings(connection, at).moved_since([division_id], 0).get(division_id, 0)


def _refuse_redrawn(connection: Connection, account: str, edit: FeatureEdit) -> None:
    store = EdgeStore(connection)
    edge = store.edge_of(edit)
    if edge is not None:
        refuse_edges(connection, store.redrawn(account, edge))


def _asked(account: str, on: date) -> Asked:
    return Asked(TITLE, Reason.REDIGITISATION, account, on, source=BY_FEATURE)


def _edit(connection: Connection, wanted: Wanted) -> FeatureEdit:
    """What is wanted, as an edit of the fact it is about."""
    head = ChangeStore(connection).head()
    if wanted.collection == MARKERS and wanted.action is Action.BEGIN:
        return _new_marker(connection, wanted, head)
    assert wanted.feature_id is not None
    store = EditStore(connection)
    subject = store.subject_of(wanted.collection, wanted.feature_id)
    if subject is None:
        raise NotInForce(on=wanted.on, what=wanted.feature_id)
    said = dict(wanted.said)
    if wanted.collection == MARKERS and GIVEN_FOR_EVER & said.keys():
        why = "a marker keeps its number and line for ever: end it and set another"
        raise CollectionIsNotEditable(collection=MARKERS, why=why)
    based_on = head if wanted.expected_version is None else wanted.expected_version
    edit = FeatureEdit(
        wanted.collection, wanted.feature_id, subject, wanted.action, wanted.geometry, said, based_on
    )  # fmt: skip
    changed = store.changed_since([edit])
    if changed:
        raise FeatureHasMoved(
            feature=edit.feature_id, expected=based_on, actual=changed[subject]
        )  # fmt: skip
    return edit


def _new_marker(connection: Connection, wanted: Wanted, head: int) -> FeatureEdit:
    at = AsOf(wanted.on, head)
    number, spot = str(wanted.said["number"]), wanted.geometry
    assert isinstance(spot, Point)
    given = wanted.said.get("line_id")
    line_id = line_near(connection, spot, number, at) if given is None else UUID(str(given))
    marker_id = marker_id_of(line_id, number)
    if EditStore(connection).side(MARKERS, marker_id, at) is not None:
        href = f"/ogc/collections/{MARKERS}/items/{marker_id}"
        raise FeatureIsThere(feature=number, href=href)
    said = {**wanted.said, "line_id": str(line_id)}
    return FeatureEdit(MARKERS, str(marker_id), marker_id, Action.BEGIN, spot, said, head)


def _draft_for(connection: Connection, wanted: Wanted, edit: FeatureEdit) -> BoundaryUpdate:
    """The surveyor's open draft, if the feature can be edited on its day; else a new one."""
    held = BoundaryStore(connection).draft_of(wanted.account, BY_FEATURE)
    if held is not None:
        at = AsOf(held.effective_on, edit.based_on)
        known = edit.subject in EditStore(connection).edits(held.update_id)
        if known or edit.action is Action.BEGIN or _present(connection, edit, at) is not None:
            return held
    head = ChangeStore(connection).head()
    return begin(connection, _asked(wanted.account, wanted.on), {}, head)


def _present(connection: Connection, edit: FeatureEdit, at: AsOf) -> Side | None:
    found = EditStore(connection).side(edit.collection, edit.subject, at)
    # Lines nobody has recorded, and doors that share another's position, begin by being edited.
    return NOWHERE if found is None and edit.collection in (LINES, ADDRESSES) else found


def _refuse_nothing(connection: Connection, edit: FeatureEdit, on: date) -> None:
    if edit.action is not Action.ALTER:
        return
    present = _present(connection, edit, AsOf(on, edit.based_on))
    if present is not None and not present.altered_by(edit):
        raise UpdateChangesNothing


def _beside(edits: Mapping[UUID, FeatureEdit], edit: FeatureEdit) -> dict[UUID, FeatureEdit]:
    """An edit with those its rules look at as well; all together are tried when it is submitted.

    Numbers of markers belong to their line: of those who draw hundreds of doors, each is tried alone.
    """
    numbered = (LINES, MARKERS)
    return {
        subject: one
        for subject, one in edits.items()
        if subject == edit.subject or (one.collection in numbered and edit.collection in numbered)
    }


def _noted(connection: Connection, held: BoundaryUpdate, edit: FeatureEdit) -> None:
    store = BoundaryStore(connection)
    store.amend(held.update_id)
    facts = {"collection": edit.collection, "feature": edit.feature_id, "action": edit.action.value}
    store.log(held.update_id, "edit", held.state, who=held.author, facts=facts)
