"""Tables of boundary lines (界线) and markers (界桩): public record; photos are files beside it."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from registry.changes.tables import identity_table, metadata, version_table

boundary_line = identity_table(
    "boundary_line",
    "line_id",
    Column("left_id", Uuid, ForeignKey("division.division_id"), nullable=False),
    Column("right_id", Uuid, ForeignKey("division.division_id"), nullable=False),
    UniqueConstraint("left_id", "right_id"),
    CheckConstraint("left_id < right_id", name="sides"),
)
"""A line has exactly two sides; which is left says nothing but the order of their ids."""
Index("boundary_line_right_id_idx", boundary_line.c.right_id)

boundary_line_version = version_table(
    "boundary_line_version",
    "line_id",
    Column("number", Text, comment="four digits; null: not numbered"),
    Column("course", Geometry("MULTILINESTRING", 4490, spatial_index=False), nullable=False),
    Column("legal_status", Text, nullable=False),
    Column("technical_status", Text, nullable=False),
    Column("accuracy_m", Double),
    Column("agreed_length_m", Double),
    Column("agreement_number", Text),
    Column("agreement_on", Date),
    Column("agreement_sha256", Text, comment="of the document in the registry's files"),
    Column("description", Text, comment="position and course in words 走向说明"),
    Column("inspected_on", Date, comment="last joint inspection 联合检查"),
    CheckConstraint(
        "legal_status IN ('agreed', 'customary', 'claimed', 'disputed')", name="legal_status"
    ),
    CheckConstraint(
        "technical_status IN ('surveyed', 'digitised', 'derived')", name="technical_status"
    ),
    key_refers_to="boundary_line.line_id",
)
Index("boundary_line_version_course_idx", boundary_line_version.c.course, postgresql_using="gist")

boundary_marker = identity_table(
    "boundary_marker",
    "marker_id",
    Column("line_id", Uuid, ForeignKey("boundary_line.line_id"), nullable=False, index=True),
)

boundary_marker_version = version_table(
    "boundary_marker_version",
    "marker_id",
    Column("number", Text, nullable=False, comment="line, sequence, type letter"),
    Column("kind", Text, nullable=False),
    Column("material", Text),
    Column("face_texts", Text),
    Column("keeper", Text, comment="an office, never a person"),
    Column("state", Text, nullable=False),
    Column("spot", Geometry("POINT", 4490, spatial_index=False), nullable=False),
    Column("accuracy_m", Double),
    CheckConstraint("kind IN ('single', 'double', 'triple')", name="kind"),
    CheckConstraint("state IN ('standing', 'damaged', 'missing', 'removed')", name="state"),
    key_refers_to="boundary_marker.marker_id",
)
Index("boundary_marker_version_spot_idx", boundary_marker_version.c.spot, postgresql_using="gist")

boundary_segment_version = version_table(
    "boundary_segment_version",
    "segment_id",
    Column("line_id", Uuid, ForeignKey("boundary_line.line_id"), nullable=False),
    Column("place", Integer, nullable=False, comment="1 upwards, in the order of the line"),
    Column("kind", Text, nullable=False),
    Column("along", Text, comment="name of the river, road or object it follows"),
    Column("begins", Text, nullable=False, comment="marker number, or the spot in words"),
    Column("ends", Text, nullable=False),
    Column("length_m", Double),
    Column("description", Text, comment="走向说明 of the segment"),
    CheckConstraint(
        "kind IN ('straight', 'river', 'ditch', 'road', 'linear', 'object')", name="kind"
    ),
    CheckConstraint("place > 0", name="place"),
)
"""Segments (界线段) of a line; `segment_id` stands for a place on a line."""
Index("boundary_segment_version_line_id_idx", boundary_segment_version.c.line_id)

marker_landmark_version = version_table(
    "marker_landmark_version",
    "landmark_id",
    Column("marker_id", Uuid, ForeignKey("boundary_marker.marker_id"), nullable=False),
    Column("place", Integer, nullable=False, comment="1 upwards, as on the register sheet"),
    Column("name", Text, nullable=False),
    Column("bearing_deg", Double, nullable=False, comment="from the marker, clockwise from north"),
    Column("distance_m", Double, nullable=False, comment="from the marker"),
    CheckConstraint("place > 0", name="place"),
    CheckConstraint("bearing_deg >= 0 AND bearing_deg < 360", name="bearing"),
    CheckConstraint("distance_m > 0", name="distance"),
)
"""Landmarks (方位物) a marker is found by; `landmark_id` stands for a place on its sheet."""
Index("marker_landmark_version_marker_id_idx", marker_landmark_version.c.marker_id)

marker_photo = Table(
    "marker_photo",
    metadata,
    Column("marker_id", Uuid, ForeignKey("boundary_marker.marker_id"), primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("taken_on", Date, nullable=False),
    Column("note", Text),
)
"""Photographs of markers; the pictures themselves are files."""
