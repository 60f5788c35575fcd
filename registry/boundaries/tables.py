"""Tables of boundary updates: the drafts of surveyors. What they become is a change like any other."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from registry.changes.tables import metadata

boundary_update = Table(
    "boundary_update",
    metadata,
    Column("update_id", Uuid, primary_key=True),
    Column("title", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("doors", Text, comment="what becomes of doors on the other side; null: not said"),
    Column("note", Text),
    Column("decree", JSONB(none_as_null=True)),
    Column("basis", Text, nullable=False),
    Column("source", Text, nullable=False, comment="file name, ogc, checkout"),
    Column("state", Text, nullable=False),
    Column("author", Text, nullable=False, comment="the surveyor it belongs to"),
    Column("based_on", BigInteger, nullable=False, comment="the change it is drawn on"),
    Column("effective_on", Date, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("revision", Integer, nullable=False, server_default=text("1")),
    Column("accepted", JSONB, nullable=False, server_default=text("'[]'"), comment="repairs"),
    Column("decided_by", Text, comment="who approved or rejected it: not its author"),
    Column("change_number", BigInteger),
    Column(
        "altered",
        Geometry("GEOMETRY", 4490, spatial_index=False),
        comment="the ground on which it differs from what it is drawn on",
    ),
    Column("edges", ARRAY(Text), comment="pairs of divisions whose common edge it touches"),
    CheckConstraint("reason IN ('legal_change', 're_digitisation', 'correction')", name="reason"),
    CheckConstraint("doors IN ('move', 'stay')", name="doors"),
    CheckConstraint("basis IN ('published', 'digitised', 'surveyed')", name="basis"),
    CheckConstraint(
        "state IN ('draft', 'submitted', 'approved', 'rejected', 'withdrawn', 'committed')",
        name="state",
    ),
)
Index("boundary_update_altered_idx", boundary_update.c.altered, postgresql_using="gist")
Index("boundary_update_state_idx", boundary_update.c.state)

boundary_update_territory = Table(
    "boundary_update_territory",
    metadata,
    Column(
        "update_id",
        Uuid,
        ForeignKey("boundary_update.update_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("division_id", Uuid, ForeignKey("division.division_id"), primary_key=True),
    Column("territory", Geometry("MULTIPOLYGON", 4490, spatial_index=False), nullable=False),
    Column("origin", Text, nullable=False),
    CheckConstraint("origin IN ('delivered', 'repaired')", name="origin"),
)
"""Territories as the update would have them."""

boundary_update_edit = Table(
    "boundary_update_edit",
    metadata,
    Column(
        "update_id",
        Uuid,
        ForeignKey("boundary_update.update_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column(
        "subject",
        Uuid,
        primary_key=True,
        comment="the fact it rewrites: a line, a marker, a named place, an addressed object",
    ),
    Column("collection", Text, nullable=False),
    Column("feature_id", Text, nullable=False, comment="as the OGC API names it"),
    Column("action", Text, nullable=False),
    Column(
        "geometry",
        Geometry("GEOMETRY", 4490, spatial_index=False),
        comment="as it would be; null: it stays",
    ),
    Column("said", JSONB, nullable=False, server_default=text("'{}'"), comment="by column"),
    Column("based_on", BigInteger, nullable=False, comment="the change whose state was edited"),
    CheckConstraint("action IN ('begin', 'alter', 'end')", name="action"),
)
"""Features besides territories as the update would have them."""
Index("boundary_update_edit_subject_idx", boundary_update_edit.c.subject)

boundary_update_step = Table(
    "boundary_update_step",
    metadata,
    Column(
        "update_id",
        Uuid,
        ForeignKey("boundary_update.update_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("step", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("happened_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("reason", Text),
    Column("facts", JSONB(none_as_null=True)),
)
"""Every step of every update: who, when, why."""

checkout = Table(
    "checkout",
    metadata,
    Column("checkout_id", Uuid, primary_key=True),
    Column("division_id", Uuid, ForeignKey("division.division_id"), nullable=False),
    Column("based_on", BigInteger, nullable=False, comment="the change the file shows"),
    Column("valid_on", Date, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""GeoPackages taken along for work without a network."""

checkin = Table(
    "checkin",
    metadata,
    Column("checkout_id", Uuid, ForeignKey("checkout.checkout_id"), primary_key=True),
    Column("digest", Text, primary_key=True, comment="sha256 of the territories brought back"),
    Column("update_id", Uuid, ForeignKey("boundary_update.update_id")),
    Column("happened_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""What was brought back; the same work brought back twice is one update."""
