"""Webhooks (订阅), their deliveries, and the consumer board (下游系统).

Step: expand. Code released before this knows none of the tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_1932"
down_revision = "2026_11_23_1931"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subscription",
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("within", sa.Uuid(), nullable=True, comment="a division; null: everywhere"),
        sa.Column("collections", sa.ARRAY(sa.Text()), nullable=False, comment="empty: all"),
        sa.Column("kinds", sa.ARRAY(sa.Text()), nullable=False, comment="empty: all"),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("delivered_to", sa.BigInteger(), nullable=False, comment="last change dealt with"),
        sa.Column(
            "sent_to", sa.BigInteger(), nullable=False, comment="last change sent or given up"
        ),
        sa.Column(
            "failures",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="given up in a row",
        ),
        sa.Column(
            "next_attempt_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="not before; null: at once",
        ),
        sa.Column("paused_why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "payload IN ('thin', 'full')", name=op.f("subscription_payload_check")
        ),
        sa.CheckConstraint("state IN ('active', 'paused')", name=op.f("subscription_state_check")),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("subscription_pkey")),
    )
    op.create_index("subscription_holder_idx", "subscription", ["holder"])
    op.create_table(
        "delivery",
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("change_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "last_status",
            sa.Integer(),
            nullable=True,
            comment="HTTP status; null: no answer came",
        ),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('delivered', 'retrying', 'dead')", name=op.f("delivery_state_check")
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscription.subscription_id"],
            name=op.f("delivery_subscription_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscription_id", "change_number", name=op.f("delivery_pkey")),
    )
    op.create_table(
        "consumer",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("acknowledged", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("consumer_pkey")),
    )
    op.create_index("consumer_holder_idx", "consumer", ["holder"])


def downgrade() -> None:
    op.drop_table("consumer")
    op.drop_table("delivery")
    op.drop_table("subscription")
