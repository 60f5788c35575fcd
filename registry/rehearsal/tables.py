"""Tables of rehearsals (预演): which plans are published, and which rehearsals are kept.

Neither is part of the public record: a rehearsal is made again whenever it is missing.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Table,
    Text,
    Uuid,
    func,
)

from registry.changes.tables import metadata

plan_publication = Table(
    "plan_publication",
    metadata,
    Column(
        "restructuring_id",
        Uuid,
        ForeignKey("restructuring.restructuring_id"),
        primary_key=True,
    ),
    Column("published_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("published_by", Text, nullable=False),
    Column("drawn_at", BigInteger, nullable=False, comment="change the plan was drawn up on"),
    Column("effects_digest", Text, nullable=False, comment="sha256 of its effects then"),
)
"""Plans that everybody may rehearse."""

rehearsal = Table(
    "rehearsal",
    metadata,
    Column("schema_name", Text, primary_key=True),
    Column("restructuring_id", Uuid, nullable=False),
    Column("paper_digest", Text, nullable=False, comment="sha256 of the papers it was made from"),
    Column("effects_digest", Text, nullable=False),
    Column("drawn_at", BigInteger, nullable=False, comment="nothing recorded later is in it"),
    Column("number", BigInteger, nullable=False, comment="its last act is read as this change"),
    Column("effective_on", Date, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("cost_s", Double, nullable=False, comment="how long making it took"),
    Column("used_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""Rehearsals at hand, one database schema each."""
Index("rehearsal_restructuring_id_idx", rehearsal.c.restructuring_id)
