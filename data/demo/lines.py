"""Boundary lines of the demonstration: read off its territories; markers stand on one of them."""

from datetime import date, timedelta

import shapely
from shapely.geometry import Point

from data.demo.city import BASELINE_EDITION, CITY
from data.editions.loading import Progress, silent
from registry.changes.period import AsOf
from registry.changes.work import Work
from registry.divisions.store import DivisionStore
from registry.lines.commands import describe, inspect
from registry.lines.following import derive_all
from registry.lines.model import (
    BoundaryLine,
    Landmark,
    LegalStatus,
    MarkerKind,
    Segment,
    SegmentKind,
)
from registry.lines.particulars import Stand, describe_course, note_landmarks, set_series
from registry.lines.store import LineStore

COUNTY, TOWNSHIP = 3, 4
BASELINE_DAY = date.fromisoformat(BASELINE_EDITION)
SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)
NUMBER = "0001"
NOTE = "为演示生成，并非实际勘定的界线、界桩和协议"


def load_lines(work: Work, *, progress: Progress = silent) -> int:
    """The lines of districts and townships as they are by now, one of them marked; returns how many."""
    today = work.recorded_on
    at = AsOf(today, work.number)
    city = DivisionStore(work.connection).resolve(CITY, at)
    count = 0
    for level in (COUNTY, TOWNSHIP):
        count += derive_all(work, city, level, on=today)
        progress("lines", level, TOWNSHIP)
    lines = LineStore(work.connection).lines(at, within=city, level=COUNTY)
    if lines:
        _mark(work, max(lines, key=lambda one: (one.length_m, one.line_id.bytes)))
    return count


def _mark(work: Work, line: BoundaryLine) -> None:
    """Say of a line what an agreed one says, and put markers up on it."""
    agreed_on = max(line.valid.start or BASELINE_DAY, BASELINE_DAY)
    said = {
        "number": NUMBER,
        "legal_status": LegalStatus.AGREED.value,
        "agreement_number": "演示协议书",
        "agreement_on": agreed_on,
        "description": NOTE,
    }
    describe(work, line.line_id, said, on=agreed_on)
    stretch = max(shapely.get_parts(line.course), key=lambda one: one.length)
    spots = [Point(stretch.interpolate(share, normalized=True)) for share in SHARES]
    more = {"material": "花岗岩", "keeper": f"{line.left_name}、{line.right_name}（演示）"}
    stands = [Stand(MarkerKind.SINGLE, spot, more) for spot in spots]
    made = sorted(set_series(work, line.line_id, stands, on=agreed_on), key=lambda one: one.number)
    ends = ["起点", *(one.number for one in made), "终点"]
    segments = [
        Segment(SegmentKind.STRAIGHT, begins, ends[place], description=NOTE)
        for place, begins in enumerate(ends[:-1], start=1)
    ]
    describe_course(work, line.line_id, segments, on=agreed_on)
    landmarks = [Landmark("示例树", 60.0, 45.0), Landmark("示例桥", 200.0, 80.0)]
    note_landmarks(work, made[0].marker_id, landmarks, on=agreed_on)
    inspect(work, line.line_id, inspected_on=work.recorded_on - timedelta(days=365))
