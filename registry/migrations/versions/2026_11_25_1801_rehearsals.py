"""Rehearsals (预演): plans published for everybody to rehearse, and the rehearsals at hand.

Step: expand. Code released before this knows neither table.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_1801"
down_revision = "2026_11_23_1933"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan_publication",
        sa.Column("restructuring_id", sa.Uuid(), nullable=False),
        sa.Column(
            "published_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column(
            "drawn_at", sa.BigInteger(), nullable=False, comment="change the plan was drawn up on"
        ),
        sa.Column(
            "effects_digest", sa.Text(), nullable=False, comment="sha256 of its effects then"
        ),
        sa.ForeignKeyConstraint(
            ["restructuring_id"],
            ["restructuring.restructuring_id"],
            name="plan_publication_restructuring_id_fkey",
        ),
        sa.PrimaryKeyConstraint("restructuring_id", name="plan_publication_pkey"),
    )
    op.create_table(
        "rehearsal",
        sa.Column("schema_name", sa.Text(), nullable=False),
        sa.Column("restructuring_id", sa.Uuid(), nullable=False),
        sa.Column(
            "paper_digest",
            sa.Text(),
            nullable=False,
            comment="sha256 of the papers it was made from",
        ),
        sa.Column("effects_digest", sa.Text(), nullable=False),
        sa.Column(
            "drawn_at", sa.BigInteger(), nullable=False, comment="nothing recorded later is in it"
        ),
        sa.Column(
            "number", sa.BigInteger(), nullable=False, comment="its last act is read as this change"
        ),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("cost_s", sa.Double(), nullable=False, comment="how long making it took"),
        sa.Column(
            "used_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("schema_name", name="rehearsal_pkey"),
    )
    op.create_index("rehearsal_restructuring_id_idx", "rehearsal", ["restructuring_id"])


def downgrade() -> None:
    op.drop_table("rehearsal")
    op.drop_table("plan_publication")
