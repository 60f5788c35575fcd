"""All SQL of edges on which drafts of territories meet drafts of lines and markers."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Connection, Text, and_, literal, or_, select

from registry.boundaries.edit_store import JOINT
from registry.boundaries.edits import LINES, MARKERS, FeatureEdit
from registry.boundaries.model import OPEN, BoundaryUpdate
from registry.boundaries.store import BoundaryStore
from registry.boundaries.tables import boundary_update, boundary_update_edit
from registry.lines.commands import line_id_of
from registry.lines.tables import boundary_line, boundary_marker

EDGE = "|"
"""Between the two divisions that name an edge, ids in order."""


class EdgeStore:
    """Who is at work on an edge, inside the caller's transaction; this class never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def edge_of(self, edit: FeatureEdit) -> str | None:
        """The edge a line or a marker is on; None: the edit is of neither."""
        if edit.collection == LINES:
            return EDGE.join(sorted(edit.feature_id.split(JOINT)))
        if edit.collection != MARKERS:
            return None
        line = boundary_line.c
        sides = select(line.left_id, line.right_id)
        given = edit.said.get("line_id")
        if given is None:
            sides = sides.join(boundary_marker, boundary_marker.c.line_id == line.line_id)
            sides = sides.where(boundary_marker.c.marker_id == edit.subject)
        else:
            sides = sides.where(line.line_id == UUID(str(given)))
        found = self._connection.execute(sides).first()
        return None if found is None else EDGE.join(sorted(map(str, found)))

    def redrawn(self, author: str, edge: str) -> list[BoundaryUpdate]:
        """Open updates of others whose territories touch an edge."""
        touched = boundary_update.c.edges.op("&&")(literal([edge], ARRAY(Text)))
        return self._open(author, touched)

    def described(self, author: str, edges: Collection[str]) -> list[BoundaryUpdate]:
        """Open updates of others that say something of lines or markers on some edges."""
        lines = [line_id_of(*map(UUID, edge.split(EDGE))) for edge in edges]
        return self._open(author, _says_of(lines)) if lines else []

    def _open(self, author: str, which: ColumnElement[bool]) -> list[BoundaryUpdate]:
        ids = self._connection.scalars(
            select(boundary_update.c.update_id)
            .where(
                boundary_update.c.author != author,
                boundary_update.c.state.in_([state.value for state in OPEN]),
                which,
            )
            .order_by(boundary_update.c.created_at, boundary_update.c.update_id)
        ).all()
        store = BoundaryStore(self._connection)
        return [store.get(one) for one in ids]


def _says_of(lines: Collection[UUID]) -> ColumnElement[bool]:
    edit, marker = boundary_update_edit.c, boundary_marker.c
    standing = select(marker.marker_id).where(marker.line_id.in_(list(lines)))
    of_line = edit.subject.in_(list(lines))
    of_marker = or_(
        edit.subject.in_(standing), edit.said["line_id"].astext.in_([str(one) for one in lines])
    )
    return (
        select(edit.update_id)
        .where(
            edit.update_id == boundary_update.c.update_id,
            or_(
                and_(edit.collection == LINES, of_line),
                and_(edit.collection == MARKERS, of_marker),
            ),
        )
        .exists()
    )
