"""Segments (界线段) of boundary lines and landmarks (方位物) of markers; both in scopes.

Step: expand. Code released before this knows neither; its scopes hold none.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from registry.sql import sql_of

revision = "2026_11_26_0200"
down_revision = "2026_11_26_0100"
branch_labels = None
depends_on = None


def _version(name: str, key: str, of: str, *columns: sa.schema.SchemaItem) -> None:
    """A version table of what belongs to `of`, in the form all of them share."""
    owner = of.removeprefix("boundary_") + "_id"
    op.create_table(
        name,
        sa.Column("version_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(key, sa.Uuid(), nullable=False),
        sa.Column(owner, sa.Uuid(), nullable=False),
        *(one for one in columns if isinstance(one, sa.Column)),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column(
            "begun_by", sa.BigInteger(), nullable=False, comment="change the values come from"
        ),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=True),
        *(one for one in columns if not isinstance(one, sa.Column)),
        sa.CheckConstraint("place > 0", name=op.f(f"{name}_place_check")),
        postgresql.ExcludeConstraint(
            (sa.column(key), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("recorded_to IS NULL"),
            using="gist",
            name=f"{name}_one_belief_excl",
        ),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f(f"{name}_valid_check")),
        sa.CheckConstraint("recorded_to > recorded_from", name=op.f(f"{name}_recorded_check")),
        sa.ForeignKeyConstraint([owner], [f"{of}.{owner}"], name=op.f(f"{name}_{owner}_fkey")),
        sa.PrimaryKeyConstraint("version_id", name=op.f(f"{name}_pkey")),
    )
    op.create_index(f"{name}_{key}_idx", name, [key], unique=False)
    op.create_index(f"{name}_{owner}_idx", name, [owner], unique=False)
    op.create_index(f"{name}_recorded_from_idx", name, ["recorded_from"], unique=False)
    op.create_index(
        f"{name}_recorded_to_idx",
        name,
        ["recorded_to"],
        unique=False,
        postgresql_where=sa.text("recorded_to IS NOT NULL"),
    )


def upgrade() -> None:
    _version(
        "boundary_segment_version",
        "segment_id",
        "boundary_line",
        sa.Column(
            "place", sa.Integer(), nullable=False, comment="1 upwards, in the order of the line"
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "along",
            sa.Text(),
            nullable=True,
            comment="name of the river, road or object it follows",
        ),
        sa.Column(
            "begins", sa.Text(), nullable=False, comment="marker number, or the spot in words"
        ),
        sa.Column("ends", sa.Text(), nullable=False),
        sa.Column("length_m", sa.Double(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True, comment="走向说明 of the segment"),
        sa.CheckConstraint(
            "kind IN ('straight', 'river', 'ditch', 'road', 'linear', 'object')",
            name=op.f("boundary_segment_version_kind_check"),
        ),
    )
    _version(
        "marker_landmark_version",
        "landmark_id",
        "boundary_marker",
        sa.Column(
            "place", sa.Integer(), nullable=False, comment="1 upwards, as on the register sheet"
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "bearing_deg",
            sa.Double(),
            nullable=False,
            comment="from the marker, clockwise from north",
        ),
        sa.Column("distance_m", sa.Double(), nullable=False, comment="from the marker"),
        sa.CheckConstraint(
            "bearing_deg >= 0 AND bearing_deg < 360",
            name=op.f("marker_landmark_version_bearing_check"),
        ),
        sa.CheckConstraint("distance_m > 0", name=op.f("marker_landmark_version_distance_check")),
    )
    for name in ("scope_rows_v6", "scope_candidates_v6"):
        op.get_bind().exec_driver_sql(sql_of(name))


def downgrade() -> None:
    op.execute("DROP FUNCTION scope_candidates_v6(bigint, uuid[])")
    op.execute("DROP FUNCTION scope_rows_v6(uuid[], daterange[], text[], bigint, uuid[])")
    for name in ("marker_landmark_version", "boundary_segment_version"):
        op.drop_table(name)
