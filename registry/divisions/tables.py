"""Tables of divisions (行政区划), their codes, territories and succession (沿革)."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Text,
    Uuid,
)

from registry.changes.tables import identity_table, version_table

division = identity_table(
    "division",
    "division_id",
    Column("layer", Text, nullable=False, comment="statutory, or the name of another tree"),
)

division_version = version_table(
    "division_version",
    "division_id",
    Column("kind", Text, nullable=False, comment="区划类别, see DivisionKind"),
    Column("name", Text, nullable=False, comment="normalised full name: 马巷街道, 琼头社区"),
    Column("published_name", Text, comment="as the source prints it: 琼头社区居委会"),
    Column("romanisation", Text, comment="罗马字母拼写, reviewed or proposed by machine"),
    Column("parent_id", Uuid, ForeignKey("division.division_id")),
    Column("seat", Geometry("POINT", 4490, spatial_index=False), comment="驻地"),
    key_refers_to="division.division_id",
)
Index("division_version_parent_id_idx", division_version.c.parent_id)
Index("division_version_name_idx", division_version.c.name)

division_code_version = version_table(
    "division_code_version",
    "division_code_id",
    Column("division_id", Uuid, ForeignKey("division.division_id"), nullable=False),
    Column("scheme", Text, nullable=False, comment="statistical, civil_affairs or own"),
    Column("code", Text, nullable=False),
    Column("provisional", Boolean, nullable=False, comment="not yet published"),
)
"""`division_code_id` stands for one division's place in one scheme; see `code_slot_id`."""
Index("division_code_version_division_id_idx", division_code_version.c.division_id)
Index(
    "division_code_version_code_idx",
    division_code_version.c.code,
    postgresql_ops={"code": "text_pattern_ops"},
)

territory_version = version_table(
    "territory_version",
    "division_id",
    Column("territory", Geometry("MULTIPOLYGON", 4490, spatial_index=False), nullable=False),
    Column("area_m2", Double, nullable=False, comment="measured on the ellipsoid"),
    Column("basis", Text, nullable=False),
    Column("source", Text, nullable=False),
    CheckConstraint(
        "basis IN ('illustrative', 'published', 'digitised', 'surveyed')", name="basis"
    ),
    key_refers_to="division.division_id",
)
Index(
    "territory_version_territory_idx",
    territory_version.c.territory,
    postgresql_using="gist",
)

succession_version = version_table(
    "succession_version",
    "succession_id",
    Column("predecessor_id", Uuid, ForeignKey("division.division_id")),
    Column("successor_id", Uuid, ForeignKey("division.division_id")),
    Column("kind", Text, nullable=False, comment="retype merge absorb split transfer ..."),
    Column("share_members", Double, comment="of the predecessor's member divisions"),
    Column("share_area", Double, comment="of the predecessor's area"),
    Column("share_addresses", Double, comment="of the predecessor's addresses in force"),
    Column("note", Text, comment="why there is no successor, or no known predecessor"),
    CheckConstraint("predecessor_id IS NOT NULL OR successor_id IS NOT NULL", name="one_end"),
)
"""One edge; its `valid` begins on the day of the act."""
Index("succession_version_predecessor_id_idx", succession_version.c.predecessor_id)
Index("succession_version_successor_id_idx", succession_version.c.successor_id)

division_statistics_version = version_table(
    "division_statistics_version",
    "division_id",
    Column("resident_population", BigInteger, comment="常住人口"),
    Column("registered_population", BigInteger, comment="户籍人口"),
    Column("households", BigInteger, comment="户数"),
    Column("published_area_m2", Double, comment="as published, not as measured"),
    Column("built_up_area_m2", Double, comment="建成区面积"),
    Column(
        "growth_boundary_area_m2", Double, comment="inside the urban growth boundary 城镇开发边界"
    ),
    Column("urban_population", BigInteger, comment="城镇常住人口"),
    Column("revenue_yuan", Double, comment="一般公共预算收入, a year"),
    Column("counted_on", Date, nullable=False, comment="the day the figures speak of"),
    Column("basis", Text, nullable=False),
    Column("source", Text, nullable=False),
    CheckConstraint("basis IN ('illustrative', 'published', 'estimated', 'census')", name="basis"),
    key_refers_to="division.division_id",
)
"""Figures of a division (统计数据); a version holds from its day until a later figure is known."""
