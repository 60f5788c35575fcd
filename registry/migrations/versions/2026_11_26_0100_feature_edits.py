"""Boundary updates (界线更新) may hold edits of lines, markers, places and doors besides territories.

Step: expand. Code released before this files territories only and reads none of it.
"""

import geoalchemy2
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_26_0100"
down_revision = "2026_11_25_2200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "boundary_update_edit",
        sa.Column("update_id", sa.Uuid(), nullable=False),
        sa.Column(
            "subject",
            sa.Uuid(),
            nullable=False,
            comment="the fact it rewrites: a line, a marker, a named place, an addressed object",
        ),
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("feature_id", sa.Text(), nullable=False, comment="as the OGC API names it"),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column(
            "geometry",
            geoalchemy2.types.Geometry(
                geometry_type="GEOMETRY",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
            comment="as it would be; null: it stays",
        ),
        sa.Column(
            "said",
            postgresql.JSONB(),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="by column",
        ),
        sa.Column(
            "based_on",
            sa.BigInteger(),
            nullable=False,
            comment="the change whose state was edited",
        ),
        sa.CheckConstraint(
            "action IN ('begin', 'alter', 'end')", name=op.f("boundary_update_edit_action_check")
        ),
        sa.ForeignKeyConstraint(
            ["update_id"],
            ["boundary_update.update_id"],
            name=op.f("boundary_update_edit_update_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("update_id", "subject", name=op.f("boundary_update_edit_pkey")),
    )
    op.create_index("boundary_update_edit_subject_idx", "boundary_update_edit", ["subject"])


def downgrade() -> None:
    op.drop_table("boundary_update_edit")
