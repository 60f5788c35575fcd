"""Reports as they leave the registry, and their examples in the OpenAPI document."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.reports.model import Report


class ReportView(msgspec.Struct, frozen=True):
    """What whoever holds the ticket may know."""

    address_code: str
    kind: str
    note: str | None
    state: str
    received_at: datetime
    moved_at: datetime | None
    answer: str | None


class OfficeReportView(msgspec.Struct, frozen=True):
    """The same for the office, with what it needs to answer."""

    id: UUID
    plate_id: UUID | None
    address_code: str
    kind: str
    note: str | None
    state: str
    received_at: datetime
    moved_at: datetime | None
    answer: str | None


def report_of(one: Report) -> ReportView:
    """A report for whoever holds its ticket."""
    return ReportView(
        one.address_code,
        one.kind.value,
        one.note,
        one.state.value,
        one.received_at,
        one.moved_at,
        one.answer,
    )


def office_report_of(one: Report) -> OfficeReportView:
    """A report for the office."""
    own = msgspec.to_builtins(report_of(one), builtin_types=(datetime,))
    return OfficeReportView(id=one.report_id, plate_id=one.plate_id, **own)


REPORT: dict[str, Any] = {
    "address_code": "6A0DNQ03K1AR",
    "kind": "plate_damaged",
    "note": "被撞弯",
    "state": "in_progress",
    "received_at": "2026-01-01T08:00:00Z",
    "moved_at": "2026-01-02T08:00:00Z",
    "answer": "已派人查看",
}
FILED: dict[str, Any] = {
    "ticket": "7K3M-9QXA-2FDT-V4SS",
    "follow": "/v1/reports/7K3M-9QXA-2FDT-V4SS",
    "report": {**REPORT, "state": "received", "moved_at": None, "answer": None},
}
REPORTS: dict[str, Any] = {
    "reports": [
        {
            "id": "4f3a1c1e-6f0d-4c55-9a35-0a8f6ad8b4c7",
            "plate_id": "0c5a5f1e-7a1b-4c0e-9a5e-5f0e6d1c2b3a",
            **REPORT,
        }
    ],
    "next": None,
}
