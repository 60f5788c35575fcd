"""Boundary lines (界线) and markers (界桩) as objects, photographs of markers; both in scopes.

Step: expand. Code released before this knows none of it; its scopes hold no lines.
"""

import geoalchemy2
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from registry.sql import sql_of

revision = "2026_11_25_2200"
down_revision = "2026_11_25_2100"
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


def _version(name: str, key: str, refers_to: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("version_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(key, sa.Uuid(), nullable=False),
        *(one for one in columns if isinstance(one, sa.Column)),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column(
            "begun_by", sa.BigInteger(), nullable=False, comment="change the values come from"
        ),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=True),
        *(one for one in columns if not isinstance(one, sa.Column)),
        postgresql.ExcludeConstraint(
            (sa.column(key), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("recorded_to IS NULL"),
            using="gist",
            name=f"{name}_one_belief_excl",
        ),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f(f"{name}_valid_check")),
        sa.CheckConstraint("recorded_to > recorded_from", name=op.f(f"{name}_recorded_check")),
        sa.ForeignKeyConstraint(
            [key], [f"{refers_to}.{key}"], name=op.f(f"{name}_{key}_fkey")
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f(f"{name}_pkey")),
    )
    op.create_index(f"{name}_{key}_idx", name, [key], unique=False)
    op.create_index(f"{name}_recorded_from_idx", name, ["recorded_from"], unique=False)
    op.create_index(
        f"{name}_recorded_to_idx",
        name,
        ["recorded_to"],
        unique=False,
        postgresql_where=sa.text("recorded_to IS NOT NULL"),
    )


def upgrade() -> None:
    op.create_table(
        "boundary_line",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("left_id", sa.Uuid(), nullable=False),
        sa.Column("right_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("left_id < right_id", name=op.f("boundary_line_sides_check")),
        sa.ForeignKeyConstraint(
            ["left_id"], ["division.division_id"], name=op.f("boundary_line_left_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["right_id"], ["division.division_id"], name=op.f("boundary_line_right_id_fkey")
        ),
        sa.PrimaryKeyConstraint("line_id", name=op.f("boundary_line_pkey")),
        sa.UniqueConstraint("left_id", "right_id", name=op.f("boundary_line_left_id_right_id_key")),
    )
    op.create_index("boundary_line_recorded_from_idx", "boundary_line", ["recorded_from"])
    op.create_index("boundary_line_right_id_idx", "boundary_line", ["right_id"])
    _version(
        "boundary_line_version",
        "line_id",
        "boundary_line",
        sa.Column(
            "number", sa.Text(), nullable=True, comment="four digits; null: not numbered"
        ),
        sa.Column("course", _geometry("MULTILINESTRING"), nullable=False),
        sa.Column("legal_status", sa.Text(), nullable=False),
        sa.Column("technical_status", sa.Text(), nullable=False),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("agreed_length_m", sa.Double(), nullable=True),
        sa.Column("agreement_number", sa.Text(), nullable=True),
        sa.Column("agreement_on", sa.Date(), nullable=True),
        sa.Column(
            "agreement_sha256",
            sa.Text(),
            nullable=True,
            comment="of the document in the registry's files",
        ),
        sa.Column(
            "description",
            sa.Text(),
            nullable=True,
            comment="position and course in words 走向说明",
        ),
        sa.Column(
            "inspected_on", sa.Date(), nullable=True, comment="last joint inspection 联合检查"
        ),
        sa.CheckConstraint(
            "legal_status IN ('agreed', 'customary', 'claimed', 'disputed')",
            name=op.f("boundary_line_version_legal_status_check"),
        ),
        sa.CheckConstraint(
            "technical_status IN ('surveyed', 'digitised', 'derived')",
            name=op.f("boundary_line_version_technical_status_check"),
        ),
    )
    op.create_index(
        "boundary_line_version_course_idx",
        "boundary_line_version",
        ["course"],
        postgresql_using="gist",
    )
    op.create_table(
        "boundary_marker",
        sa.Column("marker_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"], ["boundary_line.line_id"], name=op.f("boundary_marker_line_id_fkey")
        ),
        sa.PrimaryKeyConstraint("marker_id", name=op.f("boundary_marker_pkey")),
    )
    op.create_index(op.f("boundary_marker_line_id_idx"), "boundary_marker", ["line_id"])
    op.create_index("boundary_marker_recorded_from_idx", "boundary_marker", ["recorded_from"])
    _version(
        "boundary_marker_version",
        "marker_id",
        "boundary_marker",
        sa.Column("number", sa.Text(), nullable=False, comment="line, sequence, type letter"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("material", sa.Text(), nullable=True),
        sa.Column("face_texts", sa.Text(), nullable=True),
        sa.Column("keeper", sa.Text(), nullable=True, comment="an office, never a person"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("spot", _geometry("POINT"), nullable=False),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('single', 'double', 'triple')",
            name=op.f("boundary_marker_version_kind_check"),
        ),
        sa.CheckConstraint(
            "state IN ('standing', 'damaged', 'missing', 'removed')",
            name=op.f("boundary_marker_version_state_check"),
        ),
    )
    op.create_index(
        "boundary_marker_version_spot_idx",
        "boundary_marker_version",
        ["spot"],
        postgresql_using="gist",
    )
    op.create_table(
        "marker_photo",
        sa.Column("marker_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["marker_id"],
            ["boundary_marker.marker_id"],
            name=op.f("marker_photo_marker_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("marker_id", "sha256", name=op.f("marker_photo_pkey")),
    )
    for name in ("scope_rows_v5", "scope_candidates_v5"):
        op.get_bind().exec_driver_sql(sql_of(name))


def downgrade() -> None:
    op.execute("DROP FUNCTION scope_candidates_v5(bigint, uuid[])")
    op.execute("DROP FUNCTION scope_rows_v5(uuid[], daterange[], text[], bigint, uuid[])")
    for name in (
        "marker_photo",
        "boundary_marker_version",
        "boundary_marker",
        "boundary_line_version",
        "boundary_line",
    ):
        op.drop_table(name)
