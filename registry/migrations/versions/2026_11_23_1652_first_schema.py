"""The first schema: divisions (行政区划), names (地名), addresses (地址) and the log of changes.

Step: expand. There is no release before it.
"""

import geoalchemy2
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_23_1652"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for extension in ("postgis", "pg_trgm", "btree_gist"):
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    op.create_table(
        "addressable_object",
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('site', 'building', 'unit', 'room')",
            name=op.f("addressable_object_kind_check"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["addressable_object.object_id"],
            name=op.f("addressable_object_parent_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("object_id", name=op.f("addressable_object_pkey")),
    )
    op.create_index(
        "addressable_object_recorded_from_idx",
        "addressable_object",
        ["recorded_from"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "api_key",
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("secret_sha256", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("api_key_pkey")),
        sa.UniqueConstraint("secret_sha256", name=op.f("api_key_secret_sha256_key")),
    )
    op.create_table(
        "decree",
        sa.Column("decree_id", sa.Uuid(), nullable=False),
        sa.Column(
            "number",
            sa.Text(),
            nullable=True,
            comment="文号; null when no source gives it",
        ),
        sa.Column("authority", sa.Text(), nullable=False, comment="批准机关"),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("announced_on", sa.Date(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column(
            "note", sa.Text(), nullable=True, comment="what the source leaves open"
        ),
        sa.PrimaryKeyConstraint("decree_id", name=op.f("decree_pkey")),
    )
    op.create_table(
        "division",
        sa.Column("division_id", sa.Uuid(), nullable=False),
        sa.Column(
            "layer",
            sa.Text(),
            nullable=False,
            comment="statutory, or the name of another tree",
        ),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("division_id", name=op.f("division_pkey")),
    )
    op.create_index(
        "division_recorded_from_idx",
        "division",
        ["recorded_from"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "named_place",
        sa.Column("named_place_id", sa.Uuid(), nullable=False),
        sa.Column(
            "category",
            sa.Text(),
            nullable=False,
            comment="thoroughfare 街路巷, area 里社小区, ...",
        ),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("named_place_id", name=op.f("named_place_pkey")),
    )
    op.create_index(
        "named_place_recorded_from_idx",
        "named_place",
        ["recorded_from"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "registry_head",
        sa.Column("single", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("single = 1", name=op.f("registry_head_single_check")),
        sa.PrimaryKeyConstraint("single", name=op.f("registry_head_pkey")),
    )
    op.create_table(
        "restructuring",
        sa.Column("restructuring_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column(
            "paper",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="the plan as its author wrote it",
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
            nullable=True,
            comment="change at which it was last drawn up",
        ),
        sa.Column(
            "effects_digest",
            sa.Text(),
            nullable=True,
            comment="sha256 of the effects that were approved",
        ),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("committed_by", sa.Text(), nullable=True),
        sa.Column("change_number", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'rejected', 'committed', 'withdrawn')",
            name=op.f("restructuring_state_check"),
        ),
        sa.PrimaryKeyConstraint("restructuring_id", name=op.f("restructuring_pkey")),
    )
    op.create_table(
        "address",
        sa.Column("address_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False, comment="地址代码, permanent"),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column(
            "generated", sa.Boolean(), nullable=False, comment="made for demonstration"
        ),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["object_id"],
            ["addressable_object.object_id"],
            name=op.f("address_object_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("address_id", name=op.f("address_pkey")),
        sa.UniqueConstraint("code", name=op.f("address_code_key")),
    )
    op.create_index(
        op.f("address_object_id_idx"), "address", ["object_id"], unique=False
    )
    op.create_index(
        "address_recorded_from_idx",
        "address",
        ["recorded_from"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "change",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("decree_id", sa.Uuid(), nullable=True),
        sa.Column(
            "effective_on",
            sa.Date(),
            nullable=True,
            comment="the day it takes effect in the world, where it has one",
        ),
        sa.Column("restructuring_id", sa.Uuid(), nullable=True),
        sa.Column(
            "source_key", sa.Text(), nullable=True, comment="makes a work idempotent"
        ),
        sa.CheckConstraint(
            "verb IN ('change', 'correct', 'redigitise', 'import')",
            name=op.f("change_verb_check"),
        ),
        sa.ForeignKeyConstraint(
            ["decree_id"], ["decree.decree_id"], name=op.f("change_decree_id_fkey")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("change_pkey")),
        sa.UniqueConstraint("recorded_at", name=op.f("change_recorded_at_key")),
        sa.UniqueConstraint("source_key", name=op.f("change_source_key_key")),
    )
    op.create_table(
        "division_code_version",
        sa.Column(
            "version_id", sa.BigInteger(), sa.Identity(always=False), nullable=False
        ),
        sa.Column("division_code_id", sa.Uuid(), nullable=False),
        sa.Column("division_id", sa.Uuid(), nullable=False),
        sa.Column(
            "scheme",
            sa.Text(),
            nullable=False,
            comment="statistical, civil_affairs or own",
        ),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column(
            "provisional", sa.Boolean(), nullable=False, comment="not yet published"
        ),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column(
            "begun_by",
            sa.BigInteger(),
            nullable=False,
            comment="change the values come from",
        ),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("division_code_id"), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("recorded_to IS NULL"),
            using="gist",
            name="division_code_version_one_belief_excl",
        ),
        sa.CheckConstraint(
            "NOT isempty(valid)", name=op.f("division_code_version_valid_check")
        ),
        sa.CheckConstraint(
            "recorded_to > recorded_from",
            name=op.f("division_code_version_recorded_check"),
        ),
        sa.ForeignKeyConstraint(
            ["division_id"],
            ["division.division_id"],
            name=op.f("division_code_version_division_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("division_code_version_pkey")),
    )
    op.create_index(
        "division_code_version_code_idx",
        "division_code_version",
        ["code"],
        unique=False,
        postgresql_ops={"code": "text_pattern_ops"},
    )
    op.create_index(
        "division_code_version_division_code_id_idx",
        "division_code_version",
        ["division_code_id"],
        unique=False,
    )
    op.create_index(
        "division_code_version_division_id_idx",
        "division_code_version",
        ["division_id"],
        unique=False,
    )
    op.create_index(
        "division_code_version_recorded_from_idx",
        "division_code_version",
        ["recorded_from"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "division_code_version_recorded_to_idx",
        "division_code_version",
        ["recorded_to"],
        unique=False,
        postgresql_where=sa.text("recorded_to IS NOT NULL"),
    )
    op.create_table(
        "division_version",
        sa.Column(
            "version_id", sa.BigInteger(), sa.Identity(always=False), nullable=False
        ),
        sa.Column("division_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="区划类别, see DivisionKind"
        ),
        sa.Column(
            "name",
            sa.Text(),
            nullable=False,
            comment="normalised full name: 马巷街道, 琼头社区",
        ),
        sa.Column(
            "published_name",
            sa.Text(),
            nullable=True,
            comment="as the source prints it: 琼头社区居委会",
        ),
        sa.Column(
            "romanisation",
            sa.Text(),
            nullable=True,
            comment="罗马字母拼写, reviewed or proposed by machine",
        ),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column(
            "seat",
            geoalchemy2.types.Geometry(
                geometry_type="POINT",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
            comment="驻地",
        ),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column(
            "begun_by",
            sa.BigInteger(),
            nullable=False,
            comment="change the values come from",
        ),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("division_id"), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("recorded_to IS NULL"),
            using="gist",
            name="division_version_one_belief_excl",
        ),
        sa.CheckConstraint(
            "NOT isempty(valid)", name=op.f("division_version_valid_check")
        ),
        sa.CheckConstraint(
            "recorded_to > recorded_from", name=op.f("division_version_recorded_check")
        ),
        sa.ForeignKeyConstraint(
            ["division_id"],
            ["division.division_id"],
            name=op.f("division_version_division_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["division.division_id"],
            name=op.f("division_version_parent_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("division_version_pkey")),
    )
    op.create_index(
        "division_version_division_id_idx",
        "division_version",
        ["division_id"],
        unique=False,
    )
    op.create_index(
        "division_version_name_idx", "division_version", ["name"], unique=False
    )
    op.create_index(
        "division_version_parent_id_idx",
        "division_version",
        ["parent_id"],
        unique=False,
    )
    op.create_index(
        "division_version_recorded_from_idx",
        "division_version",
        ["recorded_from"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "division_version_recorded_to_idx",
        "division_version",
        ["recorded_to"],
        unique=False,
        postgresql_where=sa.text("recorded_to IS NOT NULL"),
    )
    op.create_table(
        "place_extent_version",
        sa.Column(
            "version_id", sa.BigInteger(), sa.Identity(always=False), nullable=False
        ),
        sa.Column("named_place_id", sa.Uuid(), nullable=False),
        sa.Column(
            "extent",
            geoalchemy2.types.Geometry(
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
            comment="any kind",
        ),
        sa.Column(
            "division_id",
            sa.Uuid(),
            nullable=True,
            comment="the smallest division that holds all of it",
        ),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column(
            "begun_by",
            sa.BigInteger(),
            nullable=False,
            comment="change the values come from",
        ),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("named_place_id"), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("recorded_to IS NULL"),
            using="gist",
            name="place_extent_version_one_belief_excl",
        ),
        sa.CheckConstraint(
            "basis IN ('illustrative', 'published', 'digitised', 'surveyed')",
            name=op.f("place_extent_version_basis_check"),
        ),
        sa.CheckConstraint(
            "NOT isempty(valid)", name=op.f("place_extent_version_valid_check")
        ),
        sa.CheckConstraint(
            "recorded_to > recorded_from",
            name=op.f("place_extent_version_recorded_check"),
        ),
        sa.ForeignKeyConstraint(
            ["division_id"],
            ["division.division_id"],
            name=op.f("place_extent_version_division_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["named_place_id"],
            ["named_place.named_place_id"],
            name=op.f("place_extent_version_named_place_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("place_extent_version_pkey")),
    )
    op.create_index(
        "place_extent_version_division_id_idx",
        "place_extent_version",
        ["division_id"],
        unique=False,
    )
    op.create_index(
        "place_extent_version_extent_idx",
        "place_extent_version",
        ["extent"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_index(
        "place_extent_version_named_place_id_idx",
        "place_extent_version",
        ["named_place_id"],
        unique=False,
    )
    op.create_index(
        "place_extent_version_recorded_from_idx",
        "place_extent_version",
        ["recorded_from"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "place_extent_version_recorded_to_idx",
        "place_extent_version",
        ["recorded_to"],
        unique=False,
        postgresql_where=sa.text("recorded_to IS NOT NULL"),
    )
    op.create_table(
        "place_name_version",
        sa.Column(
            "version_id", sa.BigInteger(), sa.Identity(always=False), nullable=False
        ),
        sa.Column("place_name_id", sa.Uuid(), nullable=False),
        sa.Column("named_place_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False, comment="the whole name"),
        sa.Column("specific", sa.Text(), nullable=False, comment="专名"),
        sa.Column("generic", sa.Text(), nullable=False, comment="通名"),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("romanisation", sa.Text(), nullable=True),
        sa.Column(
            "language", sa.Text(), nullable=False, comment="zh, or nan for Minnan forms"
        ),
        sa.Column("origin", sa.Text(), nullable=True, comment="origin and meaning"),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column(
            "begun_by",
            sa.BigInteger(),
            nullable=False,
            comment="change the values come from",
        ),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("place_name_id"), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("recorded_to IS NULL"),
            using="gist",
            name="place_name_version_one_belief_excl",
        ),
        sa.CheckConstraint(
            "status IN ('standard', 'former', 'variant', 'proposed', 'rejected')",
            name=op.f("place_name_version_status_check"),
        ),
        sa.CheckConstraint(
            "NOT isempty(valid)", name=op.f("place_name_version_valid_check")
        ),
        sa.CheckConstraint(
            "recorded_to > recorded_from",
            name=op.f("place_name_version_recorded_check"),
        ),
        sa.ForeignKeyConstraint(
            ["named_place_id"],
            ["named_place.named_place_id"],
            name=op.f("place_name_version_named_place_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("place_name_version_pkey")),
    )
    op.create_index(
        "place_name_version_named_place_id_idx",
        "place_name_version",
        ["named_place_id"],
        unique=False,
    )
    op.create_index(
        "place_name_version_place_name_id_idx",
        "place_name_version",
        ["place_name_id"],
        unique=False,
    )
    op.create_index(
        "place_name_version_recorded_from_idx",
        "place_name_version",
        ["recorded_from"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "place_name_version_recorded_to_idx",
        "place_name_version",
        ["recorded_to"],
        unique=False,
        postgresql_where=sa.text("recorded_to IS NOT NULL"),
    )
    op.create_index(
        "place_name_version_text_idx",
        "place_name_version",
        ["text"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"text": "gin_trgm_ops"},
    )
    op.create_table(
        "position_version",
        sa.Column(
            "version_id", sa.BigInteger(), sa.Identity(always=False), nullable=False
        ),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column(
            "position",
            geoalchemy2.types.Geometry(
                geometry_type="POINT",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "method",
            sa.Text(),
            nullable=False,
            comment="surveyed, digitised, generated, ...",
        ),
        sa.Column("accuracy_m", sa.Double(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column(
            "begun_by",
            sa.BigInteger(),
            nullable=False,
            comment="change the values come from",
        ),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("object_id"), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("recorded_to IS NULL"),
            using="gist",
            name="position_version_one_belief_excl",
        ),
        sa.CheckConstraint(
            "NOT isempty(valid)", name=op.f("position_version_valid_check")
        ),
        sa.CheckConstraint(
            "recorded_to > recorded_from", name=op.f("position_version_recorded_check")
        ),
        sa.ForeignKeyConstraint(
            ["object_id"],
            ["addressable_object.object_id"],
            name=op.f("position_version_object_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("position_version_pkey")),
    )
    op.create_index(
        "position_version_object_id_idx",
        "position_version",
        ["object_id"],
        unique=False,
    )
    op.create_index(
        "position_version_position_idx",
        "position_version",
        ["position"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_index(
        "position_version_recorded_from_idx",
        "position_version",
        ["recorded_from"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "position_version_recorded_to_idx",
        "position_version",
        ["recorded_to"],
        unique=False,
        postgresql_where=sa.text("recorded_to IS NOT NULL"),
    )
    op.create_table(
        "succession_version",
        sa.Column(
            "version_id", sa.BigInteger(), sa.Identity(always=False), nullable=False
        ),
        sa.Column("succession_id", sa.Uuid(), nullable=False),
        sa.Column("predecessor_id", sa.Uuid(), nullable=True),
        sa.Column("successor_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="retype merge absorb split transfer ...",
        ),
        sa.Column(
            "share_members",
            sa.Double(),
            nullable=True,
            comment="of the predecessor's member divisions",
        ),
        sa.Column(
            "share_area",
            sa.Double(),
            nullable=True,
            comment="of the predecessor's area",
        ),
        sa.Column(
            "share_addresses",
            sa.Double(),
            nullable=True,
            comment="of the predecessor's addresses in force",
        ),
        sa.Column(
            "note",
            sa.Text(),
            nullable=True,
            comment="why there is no successor, or no known predecessor",
        ),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column(
            "begun_by",
            sa.BigInteger(),
            nullable=False,
            comment="change the values come from",
        ),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("succession_id"), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("recorded_to IS NULL"),
            using="gist",
            name="succession_version_one_belief_excl",
        ),
        sa.CheckConstraint(
            "NOT isempty(valid)", name=op.f("succession_version_valid_check")
        ),
        sa.CheckConstraint(
            "predecessor_id IS NOT NULL OR successor_id IS NOT NULL",
            name=op.f("succession_version_one_end_check"),
        ),
        sa.CheckConstraint(
            "recorded_to > recorded_from",
            name=op.f("succession_version_recorded_check"),
        ),
        sa.ForeignKeyConstraint(
            ["predecessor_id"],
            ["division.division_id"],
            name=op.f("succession_version_predecessor_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"],
            ["division.division_id"],
            name=op.f("succession_version_successor_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("succession_version_pkey")),
    )
    op.create_index(
        "succession_version_predecessor_id_idx",
        "succession_version",
        ["predecessor_id"],
        unique=False,
    )
    op.create_index(
        "succession_version_recorded_from_idx",
        "succession_version",
        ["recorded_from"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "succession_version_recorded_to_idx",
        "succession_version",
        ["recorded_to"],
        unique=False,
        postgresql_where=sa.text("recorded_to IS NOT NULL"),
    )
    op.create_index(
        "succession_version_succession_id_idx",
        "succession_version",
        ["succession_id"],
        unique=False,
    )
    op.create_index(
        "succession_version_successor_id_idx",
        "succession_version",
        ["successor_id"],
        unique=False,
    )
    op.create_table(
        "territory_version",
        sa.Column(
            "version_id", sa.BigInteger(), sa.Identity(always=False), nullable=False
        ),
        sa.Column("division_id", sa.Uuid(), nullable=False),
        sa.Column(
            "territory",
            geoalchemy2.types.Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "area_m2", sa.Double(), nullable=False, comment="measured on the ellipsoid"
        ),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column(
            "begun_by",
            sa.BigInteger(),
            nullable=False,
            comment="change the values come from",
        ),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("division_id"), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("recorded_to IS NULL"),
            using="gist",
            name="territory_version_one_belief_excl",
        ),
        sa.CheckConstraint(
            "basis IN ('illustrative', 'published', 'digitised', 'surveyed')",
            name=op.f("territory_version_basis_check"),
        ),
        sa.CheckConstraint(
            "NOT isempty(valid)", name=op.f("territory_version_valid_check")
        ),
        sa.CheckConstraint(
            "recorded_to > recorded_from", name=op.f("territory_version_recorded_check")
        ),
        sa.ForeignKeyConstraint(
            ["division_id"],
            ["division.division_id"],
            name=op.f("territory_version_division_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("territory_version_pkey")),
    )
    op.create_index(
        "territory_version_division_id_idx",
        "territory_version",
        ["division_id"],
        unique=False,
    )
    op.create_index(
        "territory_version_recorded_from_idx",
        "territory_version",
        ["recorded_from"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "territory_version_recorded_to_idx",
        "territory_version",
        ["recorded_to"],
        unique=False,
        postgresql_where=sa.text("recorded_to IS NOT NULL"),
    )
    op.create_index(
        "territory_version_territory_idx",
        "territory_version",
        ["territory"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "address_version",
        sa.Column(
            "version_id", sa.BigInteger(), sa.Identity(always=False), nullable=False
        ),
        sa.Column("address_id", sa.Uuid(), nullable=False),
        sa.Column(
            "division_id",
            sa.Uuid(),
            nullable=False,
            comment="the smallest division it lies in, as a rule a village or community",
        ),
        sa.Column("carrier_id", sa.Uuid(), nullable=True, comment="承载的路或里"),
        sa.Column(
            "number", sa.Integer(), nullable=True, comment="门牌号: 388 of 388号"
        ),
        sa.Column(
            "sub_number",
            sa.Text(),
            nullable=True,
            comment="之后的号: 3 of 62号之3, A8 of 215号之A8",
        ),
        sa.Column(
            "building",
            sa.Text(),
            nullable=True,
            comment="楼栋, with its word: 3栋, A座",
        ),
        sa.Column(
            "unit", sa.Text(), nullable=True, comment="单元, with its word: 2梯, 1单元"
        ),
        sa.Column(
            "floor", sa.Text(), nullable=True, comment="层, with its word: 3层, 地下1层"
        ),
        sa.Column(
            "room", sa.Text(), nullable=True, comment="户室, with its word: 501室"
        ),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column(
            "begun_by",
            sa.BigInteger(),
            nullable=False,
            comment="change the values come from",
        ),
        sa.Column("recorded_from", sa.BigInteger(), nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("address_id"), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("recorded_to IS NULL"),
            using="gist",
            name="address_version_one_belief_excl",
        ),
        sa.CheckConstraint(
            "stage IN ('proposed', 'reserved', 'current', 'retired', 'rejected')",
            name=op.f("address_version_stage_check"),
        ),
        sa.CheckConstraint(
            "NOT isempty(valid)", name=op.f("address_version_valid_check")
        ),
        sa.CheckConstraint(
            "recorded_to > recorded_from", name=op.f("address_version_recorded_check")
        ),
        sa.ForeignKeyConstraint(
            ["address_id"],
            ["address.address_id"],
            name=op.f("address_version_address_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["carrier_id"],
            ["named_place.named_place_id"],
            name=op.f("address_version_carrier_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["division_id"],
            ["division.division_id"],
            name=op.f("address_version_division_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("address_version_pkey")),
    )
    op.create_index(
        "address_version_address_id_idx",
        "address_version",
        ["address_id"],
        unique=False,
    )
    op.create_index(
        "address_version_carrier_id_number_idx",
        "address_version",
        ["carrier_id", "number"],
        unique=False,
    )
    op.create_index(
        "address_version_division_id_idx",
        "address_version",
        ["division_id"],
        unique=False,
    )
    op.create_index(
        "address_version_recorded_from_idx",
        "address_version",
        ["recorded_from"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_index(
        "address_version_recorded_to_idx",
        "address_version",
        ["recorded_to"],
        unique=False,
        postgresql_where=sa.text("recorded_to IS NOT NULL"),
    )
    op.execute(
        "INSERT INTO registry_head (single, number, recorded_at) "
        "VALUES (1, 0, '1970-01-01T00:00:00Z')"
    )


def downgrade() -> None:
    op.drop_index(
        "address_version_recorded_to_idx",
        table_name="address_version",
        postgresql_where=sa.text("recorded_to IS NOT NULL"),
    )
    op.drop_index(
        "address_version_recorded_from_idx",
        table_name="address_version",
        postgresql_using="brin",
    )
    op.drop_index("address_version_division_id_idx", table_name="address_version")
    op.drop_index("address_version_carrier_id_number_idx", table_name="address_version")
    op.drop_index("address_version_address_id_idx", table_name="address_version")
    op.drop_table("address_version")
    op.drop_index(
        "territory_version_territory_idx",
        table_name="territory_version",
        postgresql_using="gist",
    )
    op.drop_index(
        "territory_version_recorded_to_idx",
        table_name="territory_version",
        postgresql_where=sa.text("recorded_to IS NOT NULL"),
    )
    op.drop_index(
        "territory_version_recorded_from_idx",
        table_name="territory_version",
        postgresql_using="brin",
    )
    op.drop_index("territory_version_division_id_idx", table_name="territory_version")
    op.drop_table("territory_version")
    op.drop_index(
        "succession_version_successor_id_idx", table_name="succession_version"
    )
    op.drop_index(
        "succession_version_succession_id_idx", table_name="succession_version"
    )
    op.drop_index(
        "succession_version_recorded_to_idx",
        table_name="succession_version",
        postgresql_where=sa.text("recorded_to IS NOT NULL"),
    )
    op.drop_index(
        "succession_version_recorded_from_idx",
        table_name="succession_version",
        postgresql_using="brin",
    )
    op.drop_index(
        "succession_version_predecessor_id_idx", table_name="succession_version"
    )
    op.drop_table("succession_version")
    op.drop_index(
        "position_version_recorded_to_idx",
        table_name="position_version",
        postgresql_where=sa.text("recorded_to IS NOT NULL"),
    )
    op.drop_index(
        "position_version_recorded_from_idx",
        table_name="position_version",
        postgresql_using="brin",
    )
    op.drop_index(
        "position_version_position_idx",
        table_name="position_version",
        postgresql_using="gist",
    )
    op.drop_index("position_version_object_id_idx", table_name="position_version")
    op.drop_table("position_version")
    op.drop_index(
        "place_name_version_text_idx",
        table_name="place_name_version",
        postgresql_using="gin",
        postgresql_ops={"text": "gin_trgm_ops"},
    )
    op.drop_index(
        "place_name_version_recorded_to_idx",
        table_name="place_name_version",
        postgresql_where=sa.text("recorded_to IS NOT NULL"),
    )
    op.drop_index(
        "place_name_version_recorded_from_idx",
        table_name="place_name_version",
        postgresql_using="brin",
    )
    op.drop_index(
        "place_name_version_place_name_id_idx", table_name="place_name_version"
    )
    op.drop_index(
        "place_name_version_named_place_id_idx", table_name="place_name_version"
    )
    op.drop_table("place_name_version")
    op.drop_index(
        "place_extent_version_recorded_to_idx",
        table_name="place_extent_version",
        postgresql_where=sa.text("recorded_to IS NOT NULL"),
    )
    op.drop_index(
        "place_extent_version_recorded_from_idx",
        table_name="place_extent_version",
        postgresql_using="brin",
    )
    op.drop_index(
        "place_extent_version_named_place_id_idx", table_name="place_extent_version"
    )
    op.drop_index(
        "place_extent_version_extent_idx",
        table_name="place_extent_version",
        postgresql_using="gist",
    )
    op.drop_index(
        "place_extent_version_division_id_idx", table_name="place_extent_version"
    )
    op.drop_table("place_extent_version")
    op.drop_index(
        "division_version_recorded_to_idx",
        table_name="division_version",
        postgresql_where=sa.text("recorded_to IS NOT NULL"),
    )
    op.drop_index(
        "division_version_recorded_from_idx",
        table_name="division_version",
        postgresql_using="brin",
    )
    op.drop_index("division_version_parent_id_idx", table_name="division_version")
    op.drop_index("division_version_name_idx", table_name="division_version")
    op.drop_index("division_version_division_id_idx", table_name="division_version")
    op.drop_table("division_version")
    op.drop_index(
        "division_code_version_recorded_to_idx",
        table_name="division_code_version",
        postgresql_where=sa.text("recorded_to IS NOT NULL"),
    )
    op.drop_index(
        "division_code_version_recorded_from_idx",
        table_name="division_code_version",
        postgresql_using="brin",
    )
    op.drop_index(
        "division_code_version_division_id_idx", table_name="division_code_version"
    )
    op.drop_index(
        "division_code_version_division_code_id_idx", table_name="division_code_version"
    )
    op.drop_index(
        "division_code_version_code_idx",
        table_name="division_code_version",
        postgresql_ops={"code": "text_pattern_ops"},
    )
    op.drop_table("division_code_version")
    op.drop_table("change")
    op.drop_index(
        "address_recorded_from_idx", table_name="address", postgresql_using="brin"
    )
    op.drop_index(op.f("address_object_id_idx"), table_name="address")
    op.drop_table("address")
    op.drop_table("restructuring")
    op.drop_table("registry_head")
    op.drop_index(
        "named_place_recorded_from_idx",
        table_name="named_place",
        postgresql_using="brin",
    )
    op.drop_table("named_place")
    op.drop_index(
        "division_recorded_from_idx", table_name="division", postgresql_using="brin"
    )
    op.drop_table("division")
    op.drop_table("decree")
    op.drop_table("api_key")
    op.drop_index(
        "addressable_object_recorded_from_idx",
        table_name="addressable_object",
        postgresql_using="brin",
    )
    op.drop_table("addressable_object")
