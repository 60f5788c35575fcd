"""All SQL that reads boundary lines and markers."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, func, literal, or_, select
from sqlalchemy.types import Integer

from geo.measures import length_m
from registry.changes.period import AsOf
from registry.changes.rows import history_of, plain, seen_at, to_period
from registry.divisions.model import LEVELS, DivisionKind
from registry.divisions.store import DivisionStore
from registry.divisions.tables import division_version
from registry.lines.errors import LineIsUnknown, MarkerIsUnknown
from registry.lines.model import (
    INSPECTED_EVERY_YEARS,
    BoundaryLine,
    BoundaryMarker,
    Landmark,
    LegalStatus,
    MarkerKind,
    MarkerState,
    Segment,
    SegmentKind,
    TechnicalStatus,
    years_later,
)
from registry.lines.tables import (
    boundary_line,
    boundary_line_version,
    boundary_marker,
    boundary_marker_version,
    boundary_segment_version,
    marker_landmark_version,
    marker_photo,
)

Bbox = tuple[float, float, float, float]


class LineStore:
    """Lines and markers inside the caller's transaction; this class never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lines(
        self,
        at: AsOf,
        *,
        division: UUID | None = None,
        within: UUID | None = None,
        level: int | None = None,
        bbox: Bbox | None = None,
        limit: int = 1000,
        after: UUID | None = None,
        numbered: bool = False,
    ) -> list[BoundaryLine]:
        """Lines that hold on the day, by id.

        Args:
            numbered: only lines that have a number.
            division: only lines of this division.
            within: only lines of divisions in this one.
        """
        conditions: list[ColumnElement[bool]] = []
        if division is not None:
            conditions.append(
                or_(boundary_line.c.left_id == division, boundary_line.c.right_id == division)
            )
        if within is not None:
            inside = DivisionStore(self._connection).descendants(within, at)
            conditions.append(
                or_(boundary_line.c.left_id.in_(inside), boundary_line.c.right_id.in_(inside))
            )
        if level is not None:
            kinds = [kind.value for kind, one in LEVELS.items() if one == level]
            conditions.append(_LEFT.c.kind.in_(kinds))
        if bbox is not None:
            conditions.append(_meets(boundary_line_version.c.course, bbox))
        if after is not None:
            conditions.append(boundary_line.c.line_id > after)
        if numbered:
            conditions.append(boundary_line_version.c.number.is_not(None))
        return self._lines(at, conditions, limit)

    def line(self, line_id: UUID, at: AsOf) -> BoundaryLine:
        """One line.

        Raises:
            LineIsUnknown: none of that id holds on the day.
        """
        found = self._lines(at, [boundary_line.c.line_id == line_id], 1)
        if not found:
            raise LineIsUnknown(str(line_id))
        return found[0]

    def between(self, divisions: Collection[UUID], at: AsOf) -> list[BoundaryLine]:
        """Lines that have any of these divisions on a side."""
        ids = list(divisions)
        sides = or_(boundary_line.c.left_id.in_(ids), boundary_line.c.right_id.in_(ids))
        return self._lines(at, [sides], None)

    def overdue(self, at: AsOf, *, limit: int) -> list[BoundaryLine]:
        """Agreed lines whose joint inspection was due before the day, the longest overdue first."""
        table = boundary_line_version
        since = func.coalesce(table.c.inspected_on, table.c.agreement_on)
        rows = self._connection.execute(
            _line_rows(at)
            .where(
                table.c.legal_status == LegalStatus.AGREED.value,
                since < years_later(at.valid_on, -INSPECTED_EVERY_YEARS),
            )
            .order_by(since, boundary_line.c.line_id)
            .limit(limit)
        ).mappings()
        # An inspection of 29 February is due on 1 March: on that day it is not overdue yet.
        return [line for line in map(_to_line, rows) if line.is_overdue(at.valid_on)]

    def has_agreement(self, line_id: UUID, sha256: str) -> bool:
        """Whether a document is, or ever was believed to be, the agreement of a line."""
        table = boundary_line_version
        found = select(table.c.version_id).where(
            table.c.line_id == line_id, table.c.agreement_sha256 == sha256
        )
        return self._connection.scalar(found.limit(1)) is not None

    def numbers_of(self, line_id: UUID) -> set[str]:
        """Every number a marker of the line ever bore, also one that was struck since."""
        table = boundary_marker_version
        rows = self._connection.scalars(
            select(table.c.number)
            .join(boundary_marker, boundary_marker.c.marker_id == table.c.marker_id)
            .where(boundary_marker.c.line_id == line_id)
        )
        return set(rows)

    def markers(
        self,
        at: AsOf,
        *,
        line: UUID | None = None,
        lines: Collection[UUID] | None = None,
        bbox: Bbox | None = None,
        limit: int | None = 1000,
        after: UUID | None = None,
        only: Sequence[ColumnElement[bool]] = (),
    ) -> list[BoundaryMarker]:
        """Markers on the day, by id."""
        table = boundary_marker_version
        statement = (
            select(boundary_marker.c.line_id, table)
            .join(boundary_marker, boundary_marker.c.marker_id == table.c.marker_id)
            .where(seen_at(table, at), *only)
            .order_by(table.c.marker_id)
            .limit(limit)
        )
        if line is not None:
            statement = statement.where(boundary_marker.c.line_id == line)
        if lines is not None:
            statement = statement.where(boundary_marker.c.line_id.in_(list(lines)))
        if bbox is not None:
            statement = statement.where(_meets(table.c.spot, bbox))
        if after is not None:
            statement = statement.where(table.c.marker_id > after)
        rows = self._connection.execute(statement).mappings().all()
        ids = [row["marker_id"] for row in rows]
        photos, landmarks = self._photos(ids), self._landmarks(ids, at)
        return [_to_marker(row, photos, landmarks) for row in rows]

    def unsound(self, at: AsOf, *, limit: int) -> list[BoundaryMarker]:
        """Markers that are damaged or missing, by id."""
        states = [MarkerState.DAMAGED.value, MarkerState.MISSING.value]
        return self.markers(at, limit=limit, only=[boundary_marker_version.c.state.in_(states)])

    def marker(self, marker_id: UUID, at: AsOf) -> BoundaryMarker:
        """One marker.

        Raises:
            MarkerIsUnknown: none of that id holds on the day.
        """
        found = self.markers(at, limit=1, only=[boundary_marker.c.marker_id == marker_id])
        if not found:
            raise MarkerIsUnknown(str(marker_id))
        return found[0]

    def set_on(self, marker_id: UUID, known: int) -> date | None:
        """The first day a marker stood; None: since before the sources, or never."""
        table = boundary_marker_version
        first = select(func.min(func.lower(table.c.valid))).where(
            table.c.marker_id == marker_id, history_of(table, known)
        )
        found: date | None = self._connection.scalar(first)
        return found

    def has_photo(self, marker_id: UUID, sha256: str) -> bool:
        """Whether a photograph is kept with the marker."""
        return sha256 in self._photos([marker_id]).get(marker_id, ())

    def _lines(
        self, at: AsOf, conditions: Sequence[ColumnElement[bool]], limit: int | None
    ) -> list[BoundaryLine]:
        rows = (
            self._connection.execute(
                _line_rows(at).where(*conditions).order_by(boundary_line.c.line_id).limit(limit)
            )
            .mappings()
            .all()
        )
        segments = self._segments([row["line_id"] for row in rows], at)
        return [_to_line(row, segments.get(row["line_id"], ())) for row in rows]

    def _segments(self, lines: Collection[UUID], at: AsOf) -> dict[UUID, tuple[Segment, ...]]:
        table = boundary_segment_version
        rows = self._connection.execute(
            select(table)
            .where(table.c.line_id.in_(list(lines)), seen_at(table, at))
            .order_by(table.c.line_id, table.c.place)
        ).mappings()
        found: dict[UUID, tuple[Segment, ...]] = {}
        for row in rows:
            one = Segment(
                SegmentKind(row["kind"]),
                *(row[name] for name in ("begins", "ends", "along", "length_m", "description")),
            )
            found[row["line_id"]] = (*found.get(row["line_id"], ()), one)
        return found

    def _landmarks(self, markers: Collection[UUID], at: AsOf) -> dict[UUID, tuple[Landmark, ...]]:
        table = marker_landmark_version
        rows = self._connection.execute(
            select(table.c.marker_id, table.c.name, table.c.bearing_deg, table.c.distance_m)
            .where(table.c.marker_id.in_(list(markers)), seen_at(table, at))
            .order_by(table.c.marker_id, table.c.place)
        )
        found: dict[UUID, tuple[Landmark, ...]] = {}
        for marker_id, *seen in rows:
            found[marker_id] = (*found.get(marker_id, ()), Landmark(*seen))
        return found

    def _photos(self, markers: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
        rows = self._connection.execute(
            select(marker_photo.c.marker_id, marker_photo.c.sha256)
            .where(marker_photo.c.marker_id.in_(list(markers)))
            .order_by(marker_photo.c.taken_on, marker_photo.c.sha256)
        )
        found: dict[UUID, tuple[str, ...]] = {}
        for marker_id, digest in rows:
            found[marker_id] = (*found.get(marker_id, ()), digest)
        return found


_LEFT = division_version.alias("left_side")
_RIGHT = division_version.alias("right_side")


def _line_rows(at: AsOf) -> Select[Any]:
    table = boundary_line_version
    return (
        select(
            boundary_line.c.left_id,
            boundary_line.c.right_id,
            _LEFT.c.name.label("left_name"),
            _RIGHT.c.name.label("right_name"),
            _LEFT.c.kind,
            table,
        )
        .join(boundary_line, boundary_line.c.line_id == table.c.line_id)
        .join(_LEFT, _LEFT.c.division_id == boundary_line.c.left_id)
        .join(_RIGHT, _RIGHT.c.division_id == boundary_line.c.right_id)
        .where(seen_at(table, at), seen_at(_LEFT, at), seen_at(_RIGHT, at))
    )


def _meets(column: ColumnElement[Any], bbox: Bbox) -> ColumnElement[bool]:
    found: ColumnElement[bool] = func.ST_Intersects(
        column, func.ST_MakeEnvelope(*bbox, literal(4490, Integer))
    )
    return found


def _to_line(row: RowMapping, segments: tuple[Segment, ...] = ()) -> BoundaryLine:
    course = plain(row["course"])
    return BoundaryLine(
        line_id=row["line_id"],
        left_id=row["left_id"],
        right_id=row["right_id"],
        left_name=row["left_name"],
        right_name=row["right_name"],
        level=DivisionKind(row["kind"]).level,
        number=row["number"],
        course=course,
        length_m=round(length_m(course), 2),
        legal_status=LegalStatus(row["legal_status"]),
        technical_status=TechnicalStatus(row["technical_status"]),
        accuracy_m=row["accuracy_m"],
        agreed_length_m=row["agreed_length_m"],
        agreement_number=row["agreement_number"],
        agreement_on=row["agreement_on"],
        agreement_sha256=row["agreement_sha256"],
        description=row["description"],
        inspected_on=row["inspected_on"],
        valid=to_period(row["valid"]),
        segments=segments,
    )


def _to_marker(
    row: RowMapping,
    photos: dict[UUID, tuple[str, ...]],
    landmarks: dict[UUID, tuple[Landmark, ...]],
) -> BoundaryMarker:
    return BoundaryMarker(
        marker_id=row["marker_id"],
        line_id=row["line_id"],
        number=row["number"],
        kind=MarkerKind(row["kind"]),
        material=row["material"],
        face_texts=row["face_texts"],
        keeper=row["keeper"],
        state=MarkerState(row["state"]),
        spot=plain(row["spot"]),
        accuracy_m=row["accuracy_m"],
        valid=to_period(row["valid"]),
        photos=photos.get(row["marker_id"], ()),
        landmarks=landmarks.get(row["marker_id"], ()),
    )
