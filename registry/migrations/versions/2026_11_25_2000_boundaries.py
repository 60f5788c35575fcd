"""Boundary updates (界线更新) of surveyors, their steps, and checkouts for work without a network.

Step: expand. Code released before this knows none of it.
"""

import geoalchemy2
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_2000"
down_revision = "2026_11_25_1900"
branch_labels = None
depends_on = None


def _geometry(kind: str) -> geoalchemy2.Geometry:
    return geoalchemy2.types.Geometry(
        geometry_type=kind,
        srid=4490,
        dimension=2,
        spatial_index=False,
        from_text="ST_GeomFromEWKT",
        name="geometry",
    )


def upgrade() -> None:
    op.create_table(
        "boundary_update",
        sa.Column("update_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "doors",
            sa.Text(),
            nullable=True,
            comment="what becomes of doors on the other side; null: not said",
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decree", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="file name, ogc, checkout"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False, comment="the surveyor it belongs to"),
        sa.Column(
            "based_on", sa.BigInteger(), nullable=False, comment="the change it is drawn on"
        ),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "accepted",
            postgresql.JSONB(),
            server_default=sa.text("'[]'"),
            nullable=False,
            comment="repairs",
        ),
        sa.Column(
            "decided_by",
            sa.Text(),
            nullable=True,
            comment="who approved or rejected it: not its author",
        ),
        sa.Column("change_number", sa.BigInteger(), nullable=True),
        sa.Column(
            "altered",
            _geometry("GEOMETRY"),
            nullable=True,
            comment="the ground on which it differs from what it is drawn on",
        ),
        sa.Column(
            "edges",
            postgresql.ARRAY(sa.Text()),
            nullable=True,
            comment="pairs of divisions whose common edge it touches",
        ),
        sa.CheckConstraint(
            "basis IN ('published', 'digitised', 'surveyed')",
            name=op.f("boundary_update_basis_check"),
        ),
        sa.CheckConstraint("doors IN ('move', 'stay')", name=op.f("boundary_update_doors_check")),
        sa.CheckConstraint(
            "reason IN ('legal_change', 're_digitisation', 'correction')",
            name=op.f("boundary_update_reason_check"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'rejected', 'withdrawn', 'committed')",
            name=op.f("boundary_update_state_check"),
        ),
        sa.PrimaryKeyConstraint("update_id", name=op.f("boundary_update_pkey")),
    )
    op.create_index(
        "boundary_update_altered_idx",
        "boundary_update",
        ["altered"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_index("boundary_update_state_idx", "boundary_update", ["state"], unique=False)
    op.create_table(
        "boundary_update_territory",
        sa.Column("update_id", sa.Uuid(), nullable=False),
        sa.Column("division_id", sa.Uuid(), nullable=False),
        sa.Column("territory", _geometry("MULTIPOLYGON"), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "origin IN ('delivered', 'repaired')",
            name=op.f("boundary_update_territory_origin_check"),
        ),
        sa.ForeignKeyConstraint(
            ["division_id"],
            ["division.division_id"],
            name=op.f("boundary_update_territory_division_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["update_id"],
            ["boundary_update.update_id"],
            name=op.f("boundary_update_territory_update_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "update_id", "division_id", name=op.f("boundary_update_territory_pkey")
        ),
    )
    op.create_table(
        "boundary_update_step",
        sa.Column("update_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column(
            "happened_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("facts", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["update_id"],
            ["boundary_update.update_id"],
            name=op.f("boundary_update_step_update_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("update_id", "number", name=op.f("boundary_update_step_pkey")),
    )
    op.create_table(
        "checkout",
        sa.Column("checkout_id", sa.Uuid(), nullable=False),
        sa.Column("division_id", sa.Uuid(), nullable=False),
        sa.Column(
            "based_on", sa.BigInteger(), nullable=False, comment="the change the file shows"
        ),
        sa.Column("valid_on", sa.Date(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["division_id"], ["division.division_id"], name=op.f("checkout_division_id_fkey")
        ),
        sa.PrimaryKeyConstraint("checkout_id", name=op.f("checkout_pkey")),
    )
    op.create_table(
        "checkin",
        sa.Column("checkout_id", sa.Uuid(), nullable=False),
        sa.Column(
            "digest",
            sa.Text(),
            nullable=False,
            comment="sha256 of the territories brought back",
        ),
        sa.Column("update_id", sa.Uuid(), nullable=True),
        sa.Column(
            "happened_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["checkout_id"], ["checkout.checkout_id"], name=op.f("checkin_checkout_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["update_id"], ["boundary_update.update_id"], name=op.f("checkin_update_id_fkey")
        ),
        sa.PrimaryKeyConstraint("checkout_id", "digest", name=op.f("checkin_pkey")),
    )


def downgrade() -> None:
    op.drop_table("checkin")
    op.drop_table("checkout")
    op.drop_table("boundary_update_step")
    op.drop_table("boundary_update_territory")
    op.drop_index("boundary_update_state_idx", table_name="boundary_update")
    op.drop_index(
        "boundary_update_altered_idx", table_name="boundary_update", postgresql_using="gist"
    )
    op.drop_table("boundary_update")
