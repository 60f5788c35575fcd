"""Life cycle of restructurings (区划调整): cases, acts, scenarios, revisions and the log of steps.

Step: expand. Code released before files into a case of its own each time, by the defaults; it
knows none of the new states, which only code of this release sets.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_1806"
down_revision = "2026_11_25_1805"
branch_labels = None
depends_on = None

STATES = "'draft', 'submitted', 'approved', 'scheduled', 'held', 'rejected', 'committed', 'withdrawn', 'superseded'"
STATES_BEFORE = "'draft', 'submitted', 'approved', 'rejected', 'committed', 'withdrawn'"


def upgrade() -> None:
    op.add_column(
        "restructuring",
        sa.Column(
            "case_id",
            sa.Uuid(),
            nullable=False,
            server_default=sa.text("gen_random_uuid()"),
            comment="acts and scenarios of one case belong together",
        ),
    )
    op.add_column(
        "restructuring",
        sa.Column("act_number", sa.Integer(), nullable=False, server_default=sa.text("1")),
    )
    op.add_column(
        "restructuring",
        sa.Column("scenario", sa.Text(), nullable=False, server_default=sa.text("'A'")),
    )
    op.add_column(
        "restructuring",
        sa.Column("revision", sa.Integer(), nullable=False, server_default=sa.text("1")),
    )
    op.add_column(
        "restructuring",
        sa.Column("decree", postgresql.JSONB(), comment="the decree as given at approval"),
    )
    op.add_column(
        "restructuring",
        sa.Column(
            "substance", postgresql.JSONB(), comment="what was submitted, effect by effect"
        ),
    )
    op.execute("UPDATE restructuring SET case_id = restructuring_id")
    op.create_unique_constraint(
        "restructuring_case_id_act_number_scenario_key",
        "restructuring",
        ["case_id", "act_number", "scenario"],
    )
    op.create_check_constraint(op.f("restructuring_act_number_check"), "restructuring", "act_number > 0")
    op.drop_constraint(op.f("restructuring_state_check"), "restructuring")
    op.create_check_constraint(
        op.f("restructuring_state_check"), "restructuring", f"state IN ({STATES})"
    )
    op.create_index(
        "restructuring_scheduled_idx",
        "restructuring",
        ["effective_on"],
        postgresql_where=sa.text("state = 'scheduled'"),
    )
    op.create_table(
        "restructuring_step",
        sa.Column("restructuring_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="where the restructuring stands after it",
        ),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column(
            "happened_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column(
            "digest",
            sa.Text(),
            nullable=True,
            comment="sha256 of the plan's effects, or of the paper when edited",
        ),
        sa.Column(
            "facts",
            postgresql.JSONB(),
            nullable=True,
            comment="what else was said or found",
        ),
        sa.ForeignKeyConstraint(
            ["restructuring_id"],
            ["restructuring.restructuring_id"],
            name="restructuring_step_restructuring_id_fkey",
        ),
        sa.PrimaryKeyConstraint("restructuring_id", "number", name="restructuring_step_pkey"),
    )


def downgrade() -> None:
    op.drop_table("restructuring_step")
    op.drop_index("restructuring_scheduled_idx", table_name="restructuring")
    op.execute(
        "UPDATE restructuring SET state = CASE state WHEN 'superseded' THEN 'withdrawn' "
        "ELSE 'approved' END WHERE state IN ('scheduled', 'held', 'superseded')"
    )
    op.drop_constraint(op.f("restructuring_state_check"), "restructuring")
    op.create_check_constraint(
        op.f("restructuring_state_check"), "restructuring", f"state IN ({STATES_BEFORE})"
    )
    op.drop_constraint(op.f("restructuring_act_number_check"), "restructuring")
    op.drop_constraint(op.f("restructuring_case_id_act_number_scenario_key"), "restructuring")
    for column in ("substance", "decree", "revision", "scenario", "act_number", "case_id"):
        op.drop_column("restructuring", column)
