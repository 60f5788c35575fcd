"""Tables of restructurings (区划调整): the papers, the state and steps of each; the effect is a change."""

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
    UniqueConstraint,
    Uuid,
    func,
    text,
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
    Column(
        "case_id",
        Uuid,
        nullable=False,
        server_default=func.gen_random_uuid(),
        comment="acts and scenarios of one case belong together",
    ),
    Column("act_number", Integer, nullable=False, server_default=text("1")),
    Column("scenario", Text, nullable=False, server_default=text("'A'")),
    Column("revision", Integer, nullable=False, server_default=text("1")),
    Column("decree", JSONB(none_as_null=True), comment="the decree as given at approval"),
    Column("substance", JSONB(none_as_null=True), comment="what was submitted, effect by effect"),
    CheckConstraint(
        "state IN ('draft', 'submitted', 'approved', 'scheduled', 'held', 'rejected', "
        "'committed', 'withdrawn', 'superseded', 'annulled')",
        name="state",
    ),
    CheckConstraint("act_number > 0", name="act_number"),
    UniqueConstraint("case_id", "act_number", "scenario"),
)
Index(
    "restructuring_scheduled_idx",
    restructuring.c.effective_on,
    postgresql_where=restructuring.c.state == text("'scheduled'"),
)

restructuring_step = Table(
    "restructuring_step",
    metadata,
    Column(
        "restructuring_id",
        Uuid,
        ForeignKey("restructuring.restructuring_id"),
        primary_key=True,
    ),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("step", Text, nullable=False),
    Column("state", Text, nullable=False, comment="where the restructuring stands after it"),
    Column("who", Text, nullable=False),
    Column("happened_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("reason", Text),
    Column("digest", Text, comment="sha256 of the plan's effects, or of the paper when edited"),
    Column("facts", JSONB(none_as_null=True), comment="what else was said or found"),
)
"""Every step of every restructuring: who, when, why, and on exactly what."""

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
