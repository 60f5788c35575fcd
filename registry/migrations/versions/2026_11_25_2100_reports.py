"""Reports of residents (公众报告): which door, what is wrong, what became of it; no person.

Step: expand. Code released before this knows nothing of them.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_2100"
down_revision = "2026_11_25_2000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column(
            "ticket_sha256",
            sa.LargeBinary(),
            nullable=False,
            comment="of the ticket its author holds",
        ),
        sa.Column("address_id", sa.Uuid(), nullable=False),
        sa.Column("plate_id", sa.Uuid(), nullable=True, comment="whose code was scanned"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "note", sa.Text(), nullable=True, comment="without numbers and addresses of persons"
        ),
        sa.Column("state", sa.Text(), server_default="received", nullable=False),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "moved_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it came into its state",
        ),
        sa.Column("moved_by", sa.Text(), nullable=True, comment="holder of the key the office used"),
        sa.Column(
            "answer", sa.Text(), nullable=True, comment="shown to whoever holds the ticket"
        ),
        sa.CheckConstraint(
            "kind IN ('plate_missing', 'plate_damaged', 'plate_covered', 'plate_wrong_door', "
            "'name_wrong', 'position_wrong', 'sign_wrong', 'other')",
            name=op.f("report_kind_check"),
        ),
        sa.CheckConstraint(
            "state IN ('received', 'in_progress', 'resolved', 'declined')",
            name=op.f("report_state_check"),
        ),
        sa.ForeignKeyConstraint(
            ["address_id"], ["address.address_id"], name=op.f("report_address_id_fkey")
        ),
        sa.ForeignKeyConstraint(["plate_id"], ["plate.plate_id"], name=op.f("report_plate_id_fkey")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("report_pkey")),
        sa.UniqueConstraint("ticket_sha256", name=op.f("report_ticket_sha256_key")),
    )
    op.create_index(op.f("report_address_id_idx"), "report", ["address_id"])
    op.create_index("report_received_idx", "report", ["received_at", "report_id"])


def downgrade() -> None:
    op.drop_index("report_received_idx", table_name="report")
    op.drop_index(op.f("report_address_id_idx"), table_name="report")
    op.drop_table("report")
