"""Codes (区划代码) that open plans have reserved.

Step: expand. Code released before this does not know the table.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_1805"
down_revision = "2026_11_25_1802"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "code_reservation",
        sa.Column("restructuring_id", sa.Uuid(), nullable=False),
        sa.Column(
            "division_id", sa.Uuid(), nullable=False, comment="may be a unit the plan sets up"
        ),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column(
            "reserved_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["restructuring_id"],
            ["restructuring.restructuring_id"],
            name=op.f("code_reservation_restructuring_id_fkey"),
        ),
        sa.PrimaryKeyConstraint(
            "restructuring_id", "division_id", "scheme", name=op.f("code_reservation_pkey")
        ),
    )
    op.create_index("code_reservation_scheme_code_idx", "code_reservation", ["scheme", "code"])


def downgrade() -> None:
    op.drop_table("code_reservation")
