"""Table of restructurings (区划调整): the papers and the state of each; its effect is a change."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Table,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from registry.changes.tables import metadata

restructuring = Table(
    "restructuring",
    metadata,
    Column("restructuring_id", Uuid, primary_key=True),
    Column("title", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("paper", JSONB, nullable=False, comment="the plan as its author wrote it"),
    Column("author", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("drawn_at", BigInteger, comment="change at which it was last drawn up"),
    Column("effects_digest", Text, comment="sha256 of the effects that were approved"),
    Column("approved_by", Text),
    Column("committed_by", Text),
    Column("change_number", BigInteger),
    CheckConstraint(
        "state IN ('draft', 'submitted', 'approved', 'rejected', 'committed', 'withdrawn')",
        name="state",
    ),
)

undoing = Table(
    "undoing",
    metadata,
    Column("undoing_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False, comment="annul or correct"),
    Column("change_number", BigInteger, nullable=False, comment="the act"),
    Column("restructuring_id", Uuid, comment="whose act it is, where it is one"),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column(
        "decree", JSONB, comment="on whose decision; for a correction, the decree as it should be"
    ),
    Column("paper", JSONB, comment="of a correction: the whole paper as it should have been"),
    Column("author", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("drawn_at", BigInteger, nullable=False, comment="change at which it was worked out"),
    Column("effects_digest", Text, nullable=False, comment="sha256 of what would be believed"),
    Column("decided_by", Text, comment="who approved or rejected it: not its author"),
    Column("result_number", BigInteger, comment="the change it became"),
    CheckConstraint("kind IN ('annul', 'correct')", name="kind"),
    CheckConstraint("state IN ('submitted', 'committed', 'rejected')", name="state"),
)
"""Annulments and corrections that somebody has asked for; each is decided by somebody else."""

code_reservation = Table(
    "code_reservation",
    metadata,
    Column(
        "restructuring_id", Uuid, ForeignKey("restructuring.restructuring_id"), primary_key=True
    ),
    Column("division_id", Uuid, primary_key=True, comment="may be a unit the plan sets up"),
    Column("scheme", Text, primary_key=True),
    Column("code", Text, nullable=False),
    Column("reserved_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""Codes an open plan keeps for its units, so that no other plan takes them. They hold as long as
the restructuring is open: what is committed, rejected or withdrawn keeps nothing."""
Index("code_reservation_scheme_code_idx", code_reservation.c.scheme, code_reservation.c.code)

api_key = Table(
    "api_key",
    metadata,
    Column("key_id", Uuid, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("secret_sha256", Text, nullable=False, unique=True),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("revoked_at", DateTime(timezone=True)),
)
"""Keys of people and systems; only the digest is stored. Not part of the public record."""
