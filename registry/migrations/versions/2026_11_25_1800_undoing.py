"""Undoing (撤销与更正): amendments of changes, dual-name windows, and requests to annul or correct.

Step: expand. Code released before this reads and writes none of the tables; it knows no change of
verb `annul` and cannot be run beside code that records one.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_1800"
down_revision = "2026_11_25_1801"
branch_labels = None
depends_on = None

VERB = "change_verb_check"


def upgrade() -> None:
    op.drop_constraint(op.f(VERB), "change")
    op.create_check_constraint(
        op.f(VERB), "change", "verb IN ('change', 'correct', 'redigitise', 'import', 'annul')"
    )
    _version_table(
        "amendment_version",
        "amendment_id",
        sa.Column(
            "change_number", sa.BigInteger(), nullable=False, comment="the change that is amended"
        ),
        sa.Column("kind", sa.Text(), nullable=False, comment="annulled, or corrected"),
        sa.Column(
            "reason", sa.Text(), nullable=True, comment="why, as the author of the amendment says"
        ),
        sa.Column(
            "effective_on",
            sa.Date(),
            nullable=True,
            comment="the right day; null: as the change says",
        ),
        sa.Column("decree_number", sa.Text(), nullable=True),
        sa.Column(
            "decree_authority",
            sa.Text(),
            nullable=True,
            comment="null: the decree is as the change says",
        ),
        sa.Column("decree_title", sa.Text(), nullable=True),
        sa.Column("decree_approved_on", sa.Date(), nullable=True),
        sa.Column("decree_announced_on", sa.Date(), nullable=True),
        sa.Column("decree_effective_on", sa.Date(), nullable=True),
        sa.Column("decree_note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('annulled', 'corrected')", name=op.f("amendment_version_kind_check")
        ),
    )
    op.create_index(
        "amendment_version_change_number_idx", "amendment_version", ["change_number"]
    )
    _version_table(
        "dual_name_version",
        "dual_name_id",
        sa.Column(
            "division_id",
            sa.Uuid(),
            nullable=False,
            comment="a unit whose name, or whose parents' names, the act changed",
        ),
        sa.Column(
            "act_number",
            sa.BigInteger(),
            nullable=False,
            comment="the change that carried the act out",
        ),
        sa.Column(
            "act_on",
            sa.Date(),
            nullable=False,
            comment="what was called otherwise the day before",
        ),
        sa.ForeignKeyConstraint(
            ["division_id"],
            ["division.division_id"],
            name=op.f("dual_name_version_division_id_fkey"),
        ),
    )
    op.create_index("dual_name_version_division_id_idx", "dual_name_version", ["division_id"])
    op.create_index("dual_name_version_act_number_idx", "dual_name_version", ["act_number"])
    _undoing()


def _version_table(name: str, key: str, *columns: object) -> None:
    op.create_table(
        name,
        sa.Column("version_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(key, sa.Uuid(), nullable=False),
        *columns,
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column(
            "begun_by", sa.BigInteger(), nullable=False, comment="change the values come from"
        ),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column(key), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("recorded_to IS NULL"),
            using="gist",
            name=f"{name}_one_belief_excl",
        ),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f(f"{name}_valid_check")),
        sa.CheckConstraint("recorded_to > recorded_from", name=op.f(f"{name}_recorded_check")),
        sa.PrimaryKeyConstraint("version_id", name=op.f(f"{name}_pkey")),
    )
    op.create_index(f"{name}_{key}_idx", name, [key])
    op.create_index(f"{name}_recorded_from_idx", name, ["recorded_from"])
    op.create_index(
        f"{name}_recorded_to_idx",
        name,
        ["recorded_to"],
        postgresql_where=sa.text("recorded_to IS NOT NULL"),
    )


def _undoing() -> None:
    op.create_table(
        "undoing",
        sa.Column("undoing_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="annul or correct"),
        sa.Column("change_number", sa.BigInteger(), nullable=False, comment="the act"),
        sa.Column(
            "restructuring_id", sa.Uuid(), nullable=True, comment="whose act it is, where it is one"
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "decree",
            postgresql.JSONB(),
            nullable=True,
            comment="on whose decision; for a correction, the decree as it should be",
        ),
        sa.Column(
            "paper",
            postgresql.JSONB(),
            nullable=True,
            comment="of a correction: the whole paper as it should have been",
        ),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "drawn_at",
            sa.BigInteger(),
            nullable=False,
            comment="change at which it was worked out",
        ),
        sa.Column(
            "effects_digest",
            sa.Text(),
            nullable=False,
            comment="sha256 of what would be believed",
        ),
        sa.Column(
            "decided_by",
            sa.Text(),
            nullable=True,
            comment="who approved or rejected it: not its author",
        ),
        sa.Column(
            "result_number", sa.BigInteger(), nullable=True, comment="the change it became"
        ),
        sa.CheckConstraint("kind IN ('annul', 'correct')", name=op.f("undoing_kind_check")),
        sa.CheckConstraint(
            "state IN ('submitted', 'committed', 'rejected')", name=op.f("undoing_state_check")
        ),
        sa.PrimaryKeyConstraint("undoing_id", name=op.f("undoing_pkey")),
    )


def downgrade() -> None:
    op.drop_table("undoing")
    op.drop_table("dual_name_version")
    op.drop_table("amendment_version")
    op.drop_constraint(op.f(VERB), "change")
    op.create_check_constraint(
        op.f(VERB), "change", "verb IN ('change', 'correct', 'redigitise', 'import')"
    )
