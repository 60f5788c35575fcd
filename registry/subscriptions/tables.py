"""Tables of those who are told (订阅): webhooks, what became of each delivery, acknowledgements.

None of it is part of the public record: it says who listens, not what holds.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
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

from registry.changes.tables import metadata

subscription = Table(
    "subscription",
    metadata,
    Column("subscription_id", Uuid, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("within", Uuid, comment="a division; null: everywhere"),
    Column("collections", ARRAY(Text), nullable=False, comment="empty: all"),
    Column("kinds", ARRAY(Text), nullable=False, comment="empty: all"),
    Column("payload", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'active'")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("delivered_to", BigInteger, nullable=False, comment="last change dealt with"),
    Column("sent_to", BigInteger, nullable=False, comment="last change sent or given up"),
    Column(
        "failures", Integer, nullable=False, server_default=text("0"), comment="given up in a row"
    ),
    Column("next_attempt_at", DateTime(timezone=True), comment="not before; null: at once"),
    Column("paused_why", Text),
    CheckConstraint("payload IN ('thin', 'full')", name="payload"),
    CheckConstraint("state IN ('active', 'paused')", name="state"),
    Index("subscription_holder_idx", "holder"),
)
"""Webhooks. Their secrets are derived from a key outside the database and stored nowhere."""

delivery = Table(
    "delivery",
    metadata,
    Column(
        "subscription_id",
        Uuid,
        ForeignKey("subscription.subscription_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("change_number", BigInteger, primary_key=True, autoincrement=False),
    Column("attempts", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("last_status", Integer, comment="HTTP status; null: no answer came"),
    Column("last_error", Text),
    Column("last_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("state IN ('delivered', 'retrying', 'dead')", name="state"),
)
"""What is being tried again, what was given up, and the latest that arrived."""

consumer = Table(
    "consumer",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("acknowledged", BigInteger, nullable=False),
    Column("acknowledged_at", DateTime(timezone=True), nullable=False),
    Column("note", Text),
    Index("consumer_holder_idx", "holder"),
)
"""Systems downstream (下游系统), each with the last change it says it has taken in."""
