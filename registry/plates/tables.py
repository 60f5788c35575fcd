"""Tables of door plates (门楼牌).

Plates and their versions are public record and stand in the log. Keys, inspections, work orders
and defects are how the office works: they say nothing of what holds.
"""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)

from registry.changes.tables import identity_table, metadata, version_table
from registry.plates.model import (
    CONDITIONS,
    PURPOSES,
    PlateKind,
    PlateState,
    RevocationReason,
)


def _one_of(name: str, values: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{name} IN {values}", name=name)


KINDS = tuple(kind.value for kind in PlateKind)
STATES = tuple(state.value for state in PlateState)
REASONS = tuple(reason.value for reason in RevocationReason)

plate = identity_table(
    "plate",
    "plate_id",
    Column("address_id", Uuid, ForeignKey("address.address_id"), nullable=False),
    Column("serial", SmallInteger, nullable=False, comment="which of the address's plates"),
    Column("issued_on", Date, nullable=False),
    UniqueConstraint("address_id", "serial"),
    CheckConstraint("serial BETWEEN 1 AND 511", name="serial"),
)

plate_version = version_table(
    "plate_version",
    "plate_id",
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("shown_text", Text, nullable=False, comment="what is painted on it"),
    Column("shown_romanisation", Text),
    Column("reason", Text, comment="why it was called back"),
    Column("spot", Geometry("POINT", 4490, spatial_index=False), comment="where it hangs"),
    Column("photo_sha256", Text, comment="of the photo taken when it was put up"),
    _one_of("kind", KINDS),
    _one_of("state", STATES),
    _one_of("reason", REASONS),
    key_refers_to="plate.plate_id",
)
Index("plate_version_spot_idx", plate_version.c.spot, postgresql_using="gist")

plate_key = Table(
    "plate_key",
    metadata,
    Column("place", BigInteger, Identity(), primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("generation", SmallInteger, nullable=False, comment="of its purpose, from 0"),
    Column("public", LargeBinary, comment="32 bytes; null: a tag key, which has no public half"),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("revoked_at", DateTime(timezone=True), comment="when it got into other hands"),
    Column("introduction", Text, comment="note by which the key before vouches for it"),
    UniqueConstraint("purpose", "generation"),
    CheckConstraint("purpose IN ('signature', 'tag')", name="purpose"),
    CheckConstraint("(public IS NULL) = (purpose = 'tag')", name="public"),
)
"""Keys of plates; secret halves are files. A key that was followed by another still verifies."""

plate_inspection = Table(
    "plate_inspection",
    metadata,
    Column("inspection_id", Uuid, primary_key=True),
    Column("plate_id", Uuid, ForeignKey("plate.plate_id"), nullable=False, index=True),
    Column("inspected_on", Date, nullable=False),
    Column("condition", Text, nullable=False),
    Column("note", Text),
    Column("photo_sha256", Text),
    _one_of("condition", CONDITIONS),
)

work_order = Table(
    "work_order",
    metadata,
    Column("work_order_id", Uuid, primary_key=True),
    Column("division_id", Uuid, ForeignKey("division.division_id"), nullable=False, index=True),
    Column("purpose", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("closed_at", DateTime(timezone=True)),
    _one_of("purpose", PURPOSES),
)

work_order_item = Table(
    "work_order_item",
    metadata,
    Column(
        "work_order_id",
        Uuid,
        ForeignKey("work_order.work_order_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("plate_id", Uuid, ForeignKey("plate.plate_id"), primary_key=True),
    Column("rank", Integer, nullable=False, comment="the most needed first"),
    Column("need", Text),
    Column("done_on", Date),
)

defect = Table(
    "defect",
    metadata,
    Column("defect_id", Uuid, primary_key=True),
    Column("rule", Text, nullable=False, comment="the rule that found it"),
    Column("plate_id", Uuid, ForeignKey("plate.plate_id")),
    Column("address_id", Uuid, ForeignKey("address.address_id"), comment="the door it is about"),
    Column("first_found_on", Date, nullable=False),
    Column("last_found_on", Date, nullable=False),
    Column("times", BigInteger, nullable=False, server_default=text("1")),
    Column("closed_on", Date),
    Index(
        "defect_open_idx",
        "rule",
        "plate_id",
        "address_id",
        unique=True,
        postgresql_where=text("closed_on IS NULL"),
        postgresql_nulls_not_distinct=True,
    ),
)
"""Found defects (问题). Days and counts only: nobody can tell from it who scanned what."""
