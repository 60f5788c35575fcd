"""subscriptions

Step: expand.
"""

revision = "2026_11_23_1932"
down_revision = "2026_11_23_1931"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
