"""Tables of named places (地理实体) and their names (地名); thoroughfares and areas are such places."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Text,
    Uuid,
    text,
)

from registry.changes.tables import identity_table, version_table

named_place = identity_table(
    "named_place",
    "named_place_id",
    Column(
        "category",
        Text,
        nullable=False,
        comment="thoroughfare 街路巷, area 里社小区, ...",
    ),
)

place_extent_version = version_table(
    "place_extent_version",
    "named_place_id",
    Column("extent", Geometry("GEOMETRY", 4490, spatial_index=False), comment="any kind"),
    Column(
        "division_id",
        Uuid,
        ForeignKey("division.division_id"),
        comment="the smallest division that holds all of it",
    ),
    Column("basis", Text, nullable=False),
    Column("source", Text, nullable=False),
    CheckConstraint(
        "basis IN ('illustrative', 'published', 'digitised', 'surveyed')", name="basis"
    ),
    key_refers_to="named_place.named_place_id",
)
Index(
    "place_extent_version_extent_idx",
    place_extent_version.c.extent,
    postgresql_using="gist",
)
IS_COURSE = text("st_dimension(extent) = 1")
"""What tells drawn courses (线位) from areas: written out, so that the index is found by it."""
Index(
    "place_extent_version_course_idx",
    place_extent_version.c.extent,
    postgresql_using="gist",
    postgresql_where=IS_COURSE,
)
Index("place_extent_version_division_id_idx", place_extent_version.c.division_id)

place_name_version = version_table(
    "place_name_version",
    "place_name_id",
    Column("named_place_id", Uuid, ForeignKey("named_place.named_place_id"), nullable=False),
    Column("text", Text, nullable=False, comment="the whole name"),
    Column("specific", Text, nullable=False, comment="专名"),
    Column("generic", Text, nullable=False, comment="通名"),
    Column("status", Text, nullable=False),
    Column("romanisation", Text),
    Column("language", Text, nullable=False, comment="zh, or nan for Minnan forms"),
    Column("origin", Text, comment="origin and meaning"),
    CheckConstraint(
        "status IN ('standard', 'former', 'variant', 'proposed', 'rejected')",
        name="status",
    ),
)
Index("place_name_version_named_place_id_idx", place_name_version.c.named_place_id)
Index(
    "place_name_version_text_idx",
    place_name_version.c.text,
    postgresql_using="gin",
    postgresql_ops={"text": "gin_trgm_ops"},
)

dual_name_version = version_table(
    "dual_name_version",
    "dual_name_id",
    Column(
        "division_id",
        Uuid,
        ForeignKey("division.division_id"),
        nullable=False,
        comment="a unit whose name, or whose parents' names, the act changed",
    ),
    Column("act_number", BigInteger, nullable=False, comment="the change that carried the act out"),
    Column("act_on", Date, nullable=False, comment="what was called otherwise the day before"),
)
"""Dual-name windows (新旧地名并用期): while one holds, the text of the day before the act counts too.

`dual_name_id` stands for one unit and one act. No name is stored: both texts are composed.
"""
Index("dual_name_version_division_id_idx", dual_name_version.c.division_id)
Index("dual_name_version_act_number_idx", dual_name_version.c.act_number)
