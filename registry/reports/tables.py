"""The table of reports (公众报告): how the office works, no public record, never in the log.

No column tells who reported: not a name, not a network address. The ticket itself is not kept,
only its digest, so that nobody who reads the table can follow a report as its author.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
    func,
)

from registry.changes.tables import metadata
from registry.reports.model import ReportKind, ReportState

KINDS = tuple(kind.value for kind in ReportKind)
STATES = tuple(state.value for state in ReportState)

report = Table(
    "report",
    metadata,
    Column("report_id", Uuid, primary_key=True),
    Column(
        "ticket_sha256",
        LargeBinary,
        nullable=False,
        unique=True,
        comment="of the ticket its author holds",
    ),
    Column("address_id", Uuid, ForeignKey("address.address_id"), nullable=False, index=True),
    Column("plate_id", Uuid, ForeignKey("plate.plate_id"), comment="whose code was scanned"),
    Column("kind", Text, nullable=False),
    Column("note", Text, comment="without numbers and addresses of persons"),
    Column("state", Text, nullable=False, server_default="received"),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("moved_at", DateTime(timezone=True), comment="when it came into its state"),
    Column("moved_by", Text, comment="holder of the key the office used"),
    Column("answer", Text, comment="shown to whoever holds the ticket"),
    CheckConstraint(f"kind IN {KINDS}", name="kind"),
    CheckConstraint(f"state IN {STATES}", name="state"),
    Index("report_received_idx", "received_at", "report_id"),
)
