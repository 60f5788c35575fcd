"""State `annulled` of a restructuring (已撤销); scopes of the feed with amendments and dual names.

Step: expand. Code released before this never sets the state, and calls the earlier scope functions.
"""

from alembic import op

from registry.sql import sql_of

revision = "2026_11_25_1831"
down_revision = "2026_11_25_1830"
branch_labels = None
depends_on = None

BEFORE = (
    "'draft', 'submitted', 'approved', 'scheduled', 'held', 'rejected', 'committed', 'withdrawn', "
    "'superseded'"
)


def upgrade() -> None:
    _allow(f"{BEFORE}, 'annulled'")
    op.execute(
        "UPDATE restructuring SET state = 'annulled' WHERE state = 'committed' AND change_number IN "
        "(SELECT change_number FROM amendment_version "
        "WHERE kind = 'annulled' AND recorded_to IS NULL)"
    )
    for name in ("scope_rows_v3", "scope_candidates_v3"):
        op.get_bind().exec_driver_sql(sql_of(name))


def downgrade() -> None:
    op.execute("DROP FUNCTION scope_candidates_v3(bigint, uuid[])")
    op.execute("DROP FUNCTION scope_rows_v3(uuid[], daterange[], text[], bigint, uuid[])")
    op.execute("UPDATE restructuring SET state = 'committed' WHERE state = 'annulled'")
    op.execute(
        "UPDATE restructuring_step SET state = 'committed' WHERE state = 'annulled'"
    )
    _allow(BEFORE)


def _allow(states: str) -> None:
    op.drop_constraint(op.f("restructuring_state_check"), "restructuring")
    op.create_check_constraint(
        op.f("restructuring_state_check"), "restructuring", f"state IN ({states})"
    )
