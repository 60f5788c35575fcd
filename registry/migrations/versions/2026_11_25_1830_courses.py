"""An index of drawn courses (线位) among the extents of named places, for the nearest road to a point.

Step: expand. Code released before this does not ask for it. Extents of areas far outnumber those
of roads; without it, the nearest course is looked for through all of them.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_1830"
down_revision = "2026_11_25_1806"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "place_extent_version_course_idx",
        "place_extent_version",
        ["extent"],
        postgresql_using="gist",
        postgresql_where=sa.text("st_dimension(extent) = 1"),
    )


def downgrade() -> None:
    op.drop_index("place_extent_version_course_idx", table_name="place_extent_version")
