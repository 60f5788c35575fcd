"""Door plates (门楼牌), their keys, inspections, work orders and defects; plates in scopes.

Step: expand. Code released before this knows none of it; its scopes hold no plates.
"""

import geoalchemy2
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from registry.sql import sql_of

revision = "2026_11_25_1900"
down_revision = "2026_11_25_1831"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plate_key",
        sa.Column("place", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column(
            "generation", sa.SmallInteger(), nullable=False, comment="of its purpose, from 0"
        ),
        sa.Column(
            "public",
            sa.LargeBinary(),
            nullable=True,
            comment="32 bytes; null: a tag key, which has no public half",
        ),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "revoked_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it got into other hands",
        ),
        sa.Column(
            "introduction",
            sa.Text(),
            nullable=True,
            comment="note by which the key before vouches for it",
        ),
        sa.CheckConstraint(
            "(public IS NULL) = (purpose = 'tag')", name=op.f("plate_key_public_check")
        ),
        sa.CheckConstraint("purpose IN ('signature', 'tag')", name=op.f("plate_key_purpose_check")),
        sa.PrimaryKeyConstraint("place", name=op.f("plate_key_pkey")),
        sa.UniqueConstraint("purpose", "generation", name=op.f("plate_key_purpose_generation_key")),
    )
    op.create_table(
        "work_order",
        sa.Column("work_order_id", sa.Uuid(), nullable=False),
        sa.Column("division_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column(
            "opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('install', 'reprint', 'inspect')", name=op.f("work_order_purpose_check")
        ),
        sa.ForeignKeyConstraint(
            ["division_id"], ["division.division_id"], name=op.f("work_order_division_id_fkey")
        ),
        sa.PrimaryKeyConstraint("work_order_id", name=op.f("work_order_pkey")),
    )
    op.create_index(op.f("work_order_division_id_idx"), "work_order", ["division_id"], unique=False)
    op.create_table(
        "plate",
        sa.Column("plate_id", sa.Uuid(), nullable=False),
        sa.Column("address_id", sa.Uuid(), nullable=False),
        sa.Column(
            "serial", sa.SmallInteger(), nullable=False, comment="which of the address's plates"
        ),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("serial BETWEEN 1 AND 511", name=op.f("plate_serial_check")),
        sa.ForeignKeyConstraint(
            ["address_id"], ["address.address_id"], name=op.f("plate_address_id_fkey")
        ),
        sa.PrimaryKeyConstraint("plate_id", name=op.f("plate_pkey")),
        sa.UniqueConstraint("address_id", "serial", name=op.f("plate_address_id_serial_key")),
    )
    op.create_index("plate_recorded_from_idx", "plate", ["recorded_from"], unique=False)
    op.create_table(
        "defect",
        sa.Column("defect_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False, comment="the rule that found it"),
        sa.Column("plate_id", sa.Uuid(), nullable=True),
        sa.Column("address_id", sa.Uuid(), nullable=True, comment="the door it is about"),
        sa.Column("first_found_on", sa.Date(), nullable=False),
        sa.Column("last_found_on", sa.Date(), nullable=False),
        sa.Column("times", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["address_id"], ["address.address_id"], name=op.f("defect_address_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["plate_id"], ["plate.plate_id"], name=op.f("defect_plate_id_fkey")
        ),
        sa.PrimaryKeyConstraint("defect_id", name=op.f("defect_pkey")),
    )
    op.create_index(
        "defect_open_idx",
        "defect",
        ["rule", "plate_id", "address_id"],
        unique=True,
        postgresql_where=sa.text("closed_on IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "plate_inspection",
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("plate_id", sa.Uuid(), nullable=False),
        sa.Column("inspected_on", sa.Date(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("photo_sha256", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "condition IN ('good', 'dirty', 'damaged', 'covered', 'missing', 'cloned')",
            name=op.f("plate_inspection_condition_check"),
        ),
        sa.ForeignKeyConstraint(
            ["plate_id"], ["plate.plate_id"], name=op.f("plate_inspection_plate_id_fkey")
        ),
        sa.PrimaryKeyConstraint("inspection_id", name=op.f("plate_inspection_pkey")),
    )
    op.create_index(
        op.f("plate_inspection_plate_id_idx"), "plate_inspection", ["plate_id"], unique=False
    )
    op.create_table(
        "plate_version",
        sa.Column("version_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plate_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("shown_text", sa.Text(), nullable=False, comment="what is painted on it"),
        sa.Column("shown_romanisation", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True, comment="why it was called back"),
        sa.Column(
            "spot",
            geoalchemy2.types.Geometry(
                geometry_type="POINT",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
            comment="where it hangs",
        ),
        sa.Column(
            "photo_sha256",
            sa.Text(),
            nullable=True,
            comment="of the photo taken when it was put up",
        ),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column(
            "begun_by", sa.BigInteger(), nullable=False, comment="change the values come from"
        ),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("plate_id"), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("recorded_to IS NULL"),
            using="gist",
            name="plate_version_one_belief_excl",
        ),
        sa.CheckConstraint(
            "kind IN ('small', 'medium', 'large')", name=op.f("plate_version_kind_check")
        ),
        sa.CheckConstraint(
            "reason IN ('replaced', 'damaged', 'lost', 'stolen', 'cloned', 'mistake')",
            name=op.f("plate_version_reason_check"),
        ),
        sa.CheckConstraint(
            "state IN ('issued', 'printed', 'installed', 'damaged', 'revoked')",
            name=op.f("plate_version_state_check"),
        ),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f("plate_version_valid_check")),
        sa.CheckConstraint(
            "recorded_to > recorded_from", name=op.f("plate_version_recorded_check")
        ),
        sa.ForeignKeyConstraint(
            ["plate_id"], ["plate.plate_id"], name=op.f("plate_version_plate_id_fkey")
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("plate_version_pkey")),
    )
    op.create_index("plate_version_plate_id_idx", "plate_version", ["plate_id"], unique=False)
    op.create_index(
        "plate_version_recorded_from_idx", "plate_version", ["recorded_from"], unique=False
    )
    op.create_index(
        "plate_version_recorded_to_idx",
        "plate_version",
        ["recorded_to"],
        unique=False,
        postgresql_where=sa.text("recorded_to IS NOT NULL"),
    )
    op.create_index(
        "plate_version_spot_idx", "plate_version", ["spot"], unique=False, postgresql_using="gist"
    )
    op.create_table(
        "work_order_item",
        sa.Column("work_order_id", sa.Uuid(), nullable=False),
        sa.Column("plate_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False, comment="the most needed first"),
        sa.Column("need", sa.Text(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["plate_id"], ["plate.plate_id"], name=op.f("work_order_item_plate_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["work_order_id"],
            ["work_order.work_order_id"],
            name=op.f("work_order_item_work_order_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("work_order_id", "plate_id", name=op.f("work_order_item_pkey")),
    )
    for name in ("scope_rows_v4", "scope_candidates_v4"):
        op.get_bind().exec_driver_sql(sql_of(name))


def downgrade() -> None:
    op.execute("DROP FUNCTION scope_candidates_v4(bigint, uuid[])")
    op.execute("DROP FUNCTION scope_rows_v4(uuid[], daterange[], text[], bigint, uuid[])")
    op.drop_table("work_order_item")
    op.drop_index("plate_version_spot_idx", table_name="plate_version", postgresql_using="gist")
    op.drop_index(
        "plate_version_recorded_to_idx",
        table_name="plate_version",
        postgresql_where=sa.text("recorded_to IS NOT NULL"),
    )
    op.drop_index("plate_version_recorded_from_idx", table_name="plate_version")
    op.drop_index("plate_version_plate_id_idx", table_name="plate_version")
    op.drop_table("plate_version")
    op.drop_index(op.f("plate_inspection_plate_id_idx"), table_name="plate_inspection")
    op.drop_table("plate_inspection")
    op.drop_index(
        "defect_open_idx",
        table_name="defect",
        postgresql_where=sa.text("closed_on IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.drop_table("defect")
    op.drop_index("plate_recorded_from_idx", table_name="plate")
    op.drop_table("plate")
    op.drop_index(op.f("work_order_division_id_idx"), table_name="work_order")
    op.drop_table("work_order")
    op.drop_table("plate_key")
