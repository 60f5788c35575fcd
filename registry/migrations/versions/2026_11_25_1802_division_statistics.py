"""division_statistics_version: population, households and areas of divisions (统计数据), dated.

Step: expand. Code released before this ignores the table; the scope functions it calls stay.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from registry.sql import sql_of

revision = "2026_11_25_1802"
down_revision = "2026_11_25_1800"
branch_labels = None
depends_on = None

TABLE = "division_statistics_version"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("version_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("division_id", sa.Uuid(), nullable=False),
        sa.Column("resident_population", sa.BigInteger(), nullable=True, comment="常住人口"),
        sa.Column("registered_population", sa.BigInteger(), nullable=True, comment="户籍人口"),
        sa.Column("households", sa.BigInteger(), nullable=True, comment="户数"),
        sa.Column(
            "published_area_m2", sa.Double(), nullable=True, comment="as published, not as measured"
        ),
        sa.Column("built_up_area_m2", sa.Double(), nullable=True, comment="建成区面积"),
        sa.Column(
            "growth_boundary_area_m2",
            sa.Double(),
            nullable=True,
            comment="inside the urban growth boundary 城镇开发边界",
        ),
        sa.Column("urban_population", sa.BigInteger(), nullable=True, comment="城镇常住人口"),
        sa.Column(
            "revenue_yuan", sa.Double(), nullable=True, comment="一般公共预算收入, a year"
        ),
        sa.Column(
            "counted_on", sa.Date(), nullable=False, comment="the day the figures speak of"
        ),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column(
            "begun_by", sa.BigInteger(), nullable=False, comment="change the values come from"
        ),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("division_id"), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("recorded_to IS NULL"),
            using="gist",
            name=f"{TABLE}_one_belief_excl",
        ),
        sa.CheckConstraint(
            "basis IN ('illustrative', 'published', 'estimated', 'census')",
            name=op.f(f"{TABLE}_basis_check"),
        ),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f(f"{TABLE}_valid_check")),
        sa.CheckConstraint("recorded_to > recorded_from", name=op.f(f"{TABLE}_recorded_check")),
        sa.ForeignKeyConstraint(
            ["division_id"],
            ["division.division_id"],
            name=op.f(f"{TABLE}_division_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f(f"{TABLE}_pkey")),
    )
    op.create_index(f"{TABLE}_division_id_idx", TABLE, ["division_id"])
    op.create_index(f"{TABLE}_recorded_from_idx", TABLE, ["recorded_from"])
    op.create_index(
        f"{TABLE}_recorded_to_idx",
        TABLE,
        ["recorded_to"],
        postgresql_where=sa.text("recorded_to IS NOT NULL"),
    )
    for name in ("scope_rows_v2", "scope_candidates_v2"):
        op.get_bind().exec_driver_sql(sql_of(name))


def downgrade() -> None:
    op.execute("DROP FUNCTION scope_candidates_v2(bigint, uuid[])")
    op.execute("DROP FUNCTION scope_rows_v2(uuid[], daterange[], text[], bigint, uuid[])")
    op.drop_table(TABLE)
