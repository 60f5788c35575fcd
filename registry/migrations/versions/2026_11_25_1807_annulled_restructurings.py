"""State `annulled` of a restructuring whose act was taken back (已撤销).

Step: expand. Code released before this never sets the state; it takes such a restructuring for
one that is neither open nor carried out.
"""

from alembic import op

revision = "2026_11_25_1807"
down_revision = "2026_11_25_1806"
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


def downgrade() -> None:
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
