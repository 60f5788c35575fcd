"""Tables of addressable objects (编址对象), their positions and their addresses (标准地址).

No column holds composed text: an address refers to its division and carrier, and its text is
composed from the versions in force.
"""

from geoalchemy2 import Geometry
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Text,
    Uuid,
)

from registry.changes.tables import identity_table, version_table

STAGES = ("proposed", "reserved", "current", "retired", "rejected")

addressable_object = identity_table(
    "addressable_object",
    "object_id",
    Column("kind", Text, nullable=False),
    Column("parent_id", Uuid, ForeignKey("addressable_object.object_id")),
    CheckConstraint("kind IN ('site', 'building', 'unit', 'room')", name="kind"),
)
Index(
    "addressable_object_parent_id_idx",
    addressable_object.c.parent_id,
    postgresql_where=addressable_object.c.parent_id.is_not(None),
)

position_version = version_table(
    "position_version",
    "object_id",
    Column("position", Geometry("POINT", 4490, spatial_index=False), nullable=False),
    Column("method", Text, nullable=False, comment="surveyed, digitised, generated, ..."),
    Column("accuracy_m", Double, nullable=False),
    key_refers_to="addressable_object.object_id",
)
Index(
    "position_version_position_idx",
    position_version.c.position,
    postgresql_using="gist",
)

address = identity_table(
    "address",
    "address_id",
    Column("code", Text, nullable=False, unique=True, comment="地址代码, permanent"),
    Column(
        "object_id",
        Uuid,
        ForeignKey("addressable_object.object_id"),
        nullable=False,
        index=True,
    ),
    Column("generated", Boolean, nullable=False, comment="made for demonstration"),
)

address_version = version_table(
    "address_version",
    "address_id",
    Column(
        "division_id",
        Uuid,
        ForeignKey("division.division_id"),
        nullable=False,
        comment="the smallest division it lies in, as a rule a village or community",
    ),
    Column(
        "carrier_id",
        Uuid,
        ForeignKey("named_place.named_place_id"),
        comment="承载的路或里",
    ),
    Column("number", Integer, comment="门牌号: 388 of 388号"),
    Column("sub_number", Text, comment="之后的号: 3 of 62号之3, A8 of 215号之A8"),
    Column("building", Text, comment="楼栋, with its word: 3栋, A座"),
    Column("unit", Text, comment="单元, with its word: 2梯, 1单元"),
    Column("floor", Text, comment="层, with its word: 3层, 地下1层"),
    Column("room", Text, comment="户室, with its word: 501室"),
    Column("stage", Text, nullable=False),
    CheckConstraint(f"stage IN {STAGES}", name="stage"),
    key_refers_to="address.address_id",
)
Index("address_version_division_id_idx", address_version.c.division_id)
Index(
    "address_version_carrier_id_number_idx",
    address_version.c.carrier_id,
    address_version.c.number,
)
