"""scope_rows_v1 and its parts: what of the registry lies in a scope (范围), and on which days.

Step: expand. Code released before this calls none of it. The index finds the units and rooms of a
building; sites have no parent, so it holds few rows.
"""

import sqlalchemy as sa
from alembic import op

from registry.sql import sql_of

revision = "2026_11_23_1933"
down_revision = "2026_11_23_1932"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "addressable_object_parent_id_idx",
        "addressable_object",
        ["parent_id"],
        postgresql_where=sa.text("parent_id IS NOT NULL"),
    )
    for name in ("scope_divisions_v1", "scope_rows_v1", "scope_candidates_v1"):
        op.get_bind().exec_driver_sql(sql_of(name))


def downgrade() -> None:
    op.execute("DROP FUNCTION scope_candidates_v1(bigint, uuid[])")
    op.execute("DROP FUNCTION scope_rows_v1(uuid[], daterange[], text[], bigint, uuid[])")
    op.execute("DROP FUNCTION scope_divisions_v1(uuid[], daterange[], bigint)")
    op.drop_index("addressable_object_parent_id_idx", table_name="addressable_object")
