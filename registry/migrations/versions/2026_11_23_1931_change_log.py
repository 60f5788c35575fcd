"""The verifiable log (可验证日志): records, tree, keys and checkpoints; faster look-ups by change.

Step: expand. Code released before this cannot commit changes any more: it does not know that a
change needs its record. There is no such release.

Rows are looked up by change number for every seal and every page of the feed. The BRIN indexes
answered that well only after a vacuum, so they give way to B-trees, which store equal numbers once.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_23_1931"
down_revision = "2026_11_23_1652"
branch_labels = None
depends_on = None

LOGGED = (
    "division",
    "division_version",
    "division_code_version",
    "territory_version",
    "succession_version",
    "named_place",
    "place_extent_version",
    "place_name_version",
    "addressable_object",
    "position_version",
    "address",
    "address_version",
)


def upgrade() -> None:
    op.create_table(
        "log_entry",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "record",
            sa.Text(),
            nullable=False,
            comment="the leaf, byte for byte as it was hashed",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("log_entry_pkey")),
    )
    op.create_table(
        "log_node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "place", name=op.f("log_node_pkey")),
    )
    op.create_table(
        "log_key",
        sa.Column("key_id", sa.Text(), nullable=False, comment="four bytes, hexadecimal"),
        sa.Column("origin", sa.Text(), nullable=False, comment="the name it signs under"),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "since_size",
            sa.BigInteger(),
            nullable=False,
            comment="size of the log when it came",
        ),
        sa.Column(
            "introduction",
            sa.Text(),
            nullable=True,
            comment="note by which its forerunner vouches for it",
        ),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("log_key_pkey")),
    )
    op.create_table(
        "log_checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column(
            "signed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["key_id"], ["log_key.key_id"], name=op.f("log_checkpoint_key_id_fkey")
        ),
        sa.PrimaryKeyConstraint("size", "key_id", name=op.f("log_checkpoint_pkey")),
    )
    op.create_table(
        "replica",
        sa.Column("single", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source_url", sa.Text(), nullable=False),
        sa.Column(
            "origin", sa.Text(), nullable=True, comment="the name the followed log signs under"
        ),
        sa.Column(
            "within_id",
            sa.Uuid(),
            nullable=True,
            comment="the division whose part is kept; null: all",
        ),
        sa.Column("collections", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "change", sa.BigInteger(), nullable=False, comment="everything up to it is here"
        ),
        sa.Column(
            "loading",
            sa.Text(),
            nullable=True,
            comment="the part of the first snapshot still to come; null: none",
        ),
        sa.Column(
            "checked_change",
            sa.BigInteger(),
            nullable=True,
            comment="last change at which all hashes were equal",
        ),
        sa.CheckConstraint("single = 1", name=op.f("replica_single_check")),
        sa.PrimaryKeyConstraint("single", name=op.f("replica_pkey")),
    )
    op.create_foreign_key(
        "change_sealed_fkey",
        "change",
        "log_entry",
        ["number"],
        ["number"],
        deferrable=True,
        initially="DEFERRED",
        postgresql_not_valid=True,
    )
    for table in LOGGED:
        name = f"{table}_recorded_from_idx"
        op.drop_index(name, table_name=table)
        op.create_index(name, table, ["recorded_from"])


def downgrade() -> None:
    for table in LOGGED:
        name = f"{table}_recorded_from_idx"
        op.drop_index(name, table_name=table)
        op.create_index(name, table, ["recorded_from"], postgresql_using="brin")
    op.drop_constraint("change_sealed_fkey", "change", type_="foreignkey")
    op.drop_table("replica")
    op.drop_table("log_checkpoint")
    op.drop_table("log_key")
    op.drop_table("log_node")
    op.drop_table("log_entry")
