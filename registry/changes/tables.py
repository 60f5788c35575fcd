"""The log of changes, and the columns every version table shares."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, ExcludeConstraint

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)

decree = Table(
    "decree",
    metadata,
    Column("decree_id", Uuid, primary_key=True),
    Column("number", Text, comment="文号; null when no source gives it"),
    Column("authority", Text, nullable=False, comment="批准机关"),
    Column("title", Text),
    Column("approved_on", Date),
    Column("announced_on", Date),
    Column("effective_on", Date),
    Column("note", Text, comment="what the source leaves open"),
)

change = Table(
    "change",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False, unique=True),
    Column("author", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("decree_id", Uuid, ForeignKey("decree.decree_id")),
    Column(
        "effective_on",
        Date,
        comment="the day it takes effect in the world, where it has one",
    ),
    Column("restructuring_id", Uuid),
    Column("source_key", Text, unique=True, comment="makes a work idempotent"),
    CheckConstraint("verb IN ('change', 'correct', 'redigitise', 'import', 'annul')", name="verb"),
    # Changes recorded before there was a log are entered into it at the next start.
    ForeignKeyConstraint(
        ["number"],
        ["log_entry.number"],
        name="change_sealed_fkey",
        deferrable=True,
        initially="DEFERRED",
        postgresql_not_valid=True,
        use_alter=True,
    ),
)

registry_head = Table(
    "registry_head",
    metadata,
    Column("single", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("single = 1", name="single"),
)
"""One row. Its lock puts the writers in a queue, so numbers are gapless and in commit order."""


replica = Table(
    "replica",
    metadata,
    Column("single", BigInteger, primary_key=True, autoincrement=False),
    Column("source_url", Text, nullable=False),
    Column("origin", Text, comment="the name the followed log signs under"),
    Column("within_id", Uuid, comment="the division whose part is kept; null: all"),
    Column("collections", ARRAY(Text), nullable=False),
    Column("kinds", ARRAY(Text), nullable=False),
    Column("change", BigInteger, nullable=False, comment="everything up to it is here"),
    Column("loading", Text, comment="the part of the first snapshot still to come; null: none"),
    Column("checked_change", BigInteger, comment="last change at which all hashes were equal"),
    CheckConstraint("single = 1", name="single"),
)
"""One row in a copy that follows another registry, none elsewhere. Works are refused in a copy."""


def version_table(name: str, key: str, *columns: Any, key_refers_to: str | None = None) -> Table:
    """A table of versions (版本): the same fact over valid time, as believed over recorded time.

    `recorded_from` and `recorded_to` are numbers of changes: a reader who knows everything up to
    change N sees the rows with `recorded_from <= N` and `recorded_to` null or above N. Rows of
    one fact that are believed now never overlap in valid time; the database enforces it. Earlier
    beliefs inherit it, since each was the present when it was written.
    """
    reference = [ForeignKey(key_refers_to)] if key_refers_to else []
    return Table(
        name,
        metadata,
        Column("version_id", BigInteger, Identity(), primary_key=True),
        Column(key, Uuid, *reference, nullable=False),
        *columns,
        Column("valid", DATERANGE, nullable=False),
        Column("cause", Text, nullable=False),
        Column(
            "begun_by",
            BigInteger,
            nullable=False,
            comment="change the values come from",
        ),
        Column("recorded_from", BigInteger, nullable=False),
        Column("recorded_to", BigInteger),
        CheckConstraint("recorded_to > recorded_from", name="recorded"),
        CheckConstraint("NOT isempty(valid)", name="valid"),
        ExcludeConstraint(
            (key, "="),
            ("valid", "&&"),
            using="gist",
            where=text("recorded_to IS NULL"),
            name=f"{name}_one_belief_excl",
        ),
        Index(f"{name}_{key}_idx", key),
        Index(f"{name}_recorded_from_idx", "recorded_from"),
        Index(
            f"{name}_recorded_to_idx",
            "recorded_to",
            postgresql_where=text("recorded_to IS NOT NULL"),
        ),
        info={"key": key},
    )


def identity_table(name: str, key: str, *columns: Any) -> Table:
    """A table of identities: ids that never change and are never reused."""
    return Table(
        name,
        metadata,
        Column(key, Uuid, primary_key=True),
        *columns,
        Column("recorded_from", BigInteger, nullable=False),
        Index(f"{name}_recorded_from_idx", "recorded_from"),
        info={"key": key},
    )


amendment_version = version_table(
    "amendment_version",
    "amendment_id",
    Column("change_number", BigInteger, nullable=False, comment="the change that is amended"),
    Column("kind", Text, nullable=False, comment="annulled, or corrected"),
    Column("reason", Text, comment="why, as the author of the amendment says"),
    Column("effective_on", Date, comment="the right day; null: as the change says"),
    Column("decree_number", Text),
    Column("decree_authority", Text, comment="null: the decree is as the change says"),
    Column("decree_title", Text),
    Column("decree_approved_on", Date),
    Column("decree_announced_on", Date),
    Column("decree_effective_on", Date),
    Column("decree_note", Text),
    CheckConstraint("kind IN ('annulled', 'corrected')", name="kind"),
)
"""What later changes say of earlier ones; what was recorded of these stays as it is in the log."""
Index("amendment_version_change_number_idx", amendment_version.c.change_number)
