"""Values and rules of boundary lines (界线) and markers (界桩).

Source: 行政区域界线管理条例 (Order 353); numbering GB/T 17796-2009 as in `domain.md` section 4.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from uuid import UUID

from shapely.geometry import MultiLineString, Point

from registry.changes.period import Period
from registry.lines.errors import (
    DayIsToCome,
    MarkerNumberIsInvalid,
    MarkerNumberIsOfAnotherLine,
    MarkerNumberIsTaken,
    SegmentsDoNotJoin,
    SeriesIsFull,
)

INSPECTED_EVERY_YEARS = 5
"""Joint inspection (联合检查). Source: art 12, rule B09."""
LINE_DIGITS, SEQUENCE_DIGITS = 4, 3
_NUMBER = re.compile(r"(?P<line>[0-9]{4})(?P<sequence>[0-9]{3})(?P<letter>[QABCDE])")


class LegalStatus(StrEnum):
    """What a line rests on (法律地位)."""

    AGREED = "agreed"
    """Agreed by both sides and approved (法定)."""
    CUSTOMARY = "customary"
    """Administered so, never agreed (习惯)."""
    CLAIMED = "claimed"
    DISPUTED = "disputed"
    """Both claims are kept; the approver decides (B12)."""


class TechnicalStatus(StrEnum):
    """How well a line is known on the ground (技术状况)."""

    SURVEYED = "surveyed"
    DIGITISED = "digitised"
    DERIVED = "derived"
    """Read off the territories."""


class MarkerKind(StrEnum):
    """How many posts make a marker (单立, 双立, 三立)."""

    SINGLE = "single"
    DOUBLE = "double"
    TRIPLE = "triple"


LETTERS: Mapping[MarkerKind, str] = {
    MarkerKind.SINGLE: "Q",
    MarkerKind.DOUBLE: "AB",
    MarkerKind.TRIPLE: "CDE",
}


OFF_LINE_M = 10.0
"""A marker may stand this far aside of the line it marks: beside the road, say."""
ACROSS_M = 500.0
"""So far a post of a double or triple marker: these stand on the banks of what the line follows."""


def farthest_m(kind: MarkerKind) -> float:
    """How far aside of its line a marker may stand."""
    return OFF_LINE_M if kind is MarkerKind.SINGLE else ACROSS_M


class MarkerState(StrEnum):
    """How a marker stands."""

    STANDING = "standing"
    DAMAGED = "damaged"
    MISSING = "missing"
    REMOVED = "removed"
    """By agreement of both sides (B03)."""


class SegmentKind(StrEnum):
    """What shows a stretch of a line on the ground (界线段). Source: art 5, rule B02."""

    STRAIGHT = "straight"
    """From marker to marker."""
    RIVER = "river"
    DITCH = "ditch"
    ROAD = "road"
    LINEAR = "linear"
    """Another feature that is long and narrow, such as a ridge or a wall."""
    OBJECT = "object"
    """Another object the agreement names."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a line, and what it follows (界线段)."""

    kind: SegmentKind
    begins: str
    """A marker's number, or the spot in words."""
    ends: str
    along: str | None = None
    """Name of the river, road or object; None: it follows none."""
    length_m: float | None = None
    """As agreed; None: nobody said."""
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Landmark:
    """What a marker is found again by (方位物): a thing nearby, seen from the marker."""

    name: str
    bearing_deg: float
    """Clockwise from north, [0, 360)."""
    distance_m: float


@dataclass(frozen=True, slots=True)
class BoundaryLine:
    """A line between two divisions of one level, on a day."""

    line_id: UUID
    left_id: UUID
    right_id: UUID
    left_name: str
    right_name: str
    level: int
    number: str | None
    """Four digits; None: not numbered."""
    course: MultiLineString
    length_m: float
    """Measured on the ellipsoid."""
    legal_status: LegalStatus
    technical_status: TechnicalStatus
    accuracy_m: float | None
    agreed_length_m: float | None
    agreement_number: str | None
    agreement_on: date | None
    agreement_sha256: str | None
    """Of the document in the registry's files."""
    description: str | None
    """Position and course in words (界线走向说明)."""
    inspected_on: date | None
    valid: Period
    segments: tuple[Segment, ...] = ()
    """In the order of the line; empty: its course was never described."""

    def inspection_due_on(self) -> date | None:
        """When both sides must have inspected it together; None: it was never agreed."""
        since = self.inspected_on or self.agreement_on
        if self.legal_status is not LegalStatus.AGREED or since is None:
            return None
        return years_later(since, INSPECTED_EVERY_YEARS)

    def is_overdue(self, on: date) -> bool:
        """Whether its joint inspection was due before a day."""
        due = self.inspection_due_on()
        return due is not None and due < on


@dataclass(frozen=True, slots=True)
class BoundaryMarker:
    """A marker (界桩) of a line, on a day."""

    marker_id: UUID
    line_id: UUID
    number: str
    kind: MarkerKind
    material: str | None
    face_texts: str | None
    keeper: str | None
    state: MarkerState
    spot: Point
    accuracy_m: float | None
    valid: Period
    photos: tuple[str, ...] = ()
    """sha256 of each, in the registry's files."""
    landmarks: tuple[Landmark, ...] = ()


def years_later(day: date, years: int) -> date:
    """The same day some years later; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def check_number(number: str, kind: MarkerKind) -> None:
    """Refuse a number that is not line, sequence and type letter.

    Raises:
        MarkerNumberIsInvalid: not eight characters of that form, sequence 000, or the letter of
            another kind.
    """
    found = _NUMBER.fullmatch(number)
    if found is None or int(found["sequence"]) == 0 or found["letter"] not in LETTERS[kind]:
        raise MarkerNumberIsInvalid(number=number, kind=kind.value, letters=LETTERS[kind])


def check_place(number: str, line: str | None, others: Iterable[str]) -> None:
    """Refuse a number that does not fit into the series of its line.

    Args:
        number: in the form `check_number` wants.
        line: the line's own number; None: it has none yet.
        others: numbers its other markers bear or have borne; they are never given again.

    Raises:
        MarkerNumberIsOfAnotherLine, MarkerNumberIsTaken: see the classes.
    """
    if line is not None and not number.startswith(line):
        raise MarkerNumberIsOfAnotherLine(number=number, line=line)
    for other in others:
        if other != number and other[:-1] == number[:-1] and not _one_marker(number, other):
            raise MarkerNumberIsTaken(number=number, taken=other)


def _one_marker(number: str, other: str) -> bool:
    """Whether two letters are those of posts of one marker: A and B of a double one."""
    return any(number[-1] in letters and other[-1] in letters for letters in LETTERS.values())


def check_joined(segments: Sequence[Segment], markers: Collection[str]) -> None:
    """Refuse segments that leave a gap, or begin or end at a marker there is not.

    Args:
        markers: numbers of the line's markers.

    Raises:
        SegmentsDoNotJoin: it says where.
    """
    for place, one in enumerate(segments, start=1):
        for end in (one.begins, one.ends):
            if _NUMBER.fullmatch(end) and end not in markers:
                raise SegmentsDoNotJoin(place=place, why=f"there is no marker {end} on the line")
    for place, (one, other) in enumerate(pairwise(segments), start=1):
        if one.ends != other.begins:
            why = f"it ends at {one.ends}, and the next begins at {other.begins}"
            raise SegmentsDoNotJoin(place=place, why=why)


def refuse_to_come(day: date | None, *, today: date) -> None:
    """Refuse a day nothing can have happened on yet.

    Raises:
        DayIsToCome: it lies ahead.
    """
    if day is not None and day > today:
        raise DayIsToCome(day=day, today=today)


def in_series(spots: Sequence[Point]) -> list[int]:
    """The order in which a line's markers are numbered: west to east, or north to south.

    Returns:
        Places in `spots`, the first to be 001. The longer extent decides.
    """
    west_east = [spot.x for spot in spots]
    south_north = [spot.y for spot in spots]
    if max(west_east) - min(west_east) >= max(south_north) - min(south_north):
        return sorted(range(len(spots)), key=lambda place: (west_east[place], -south_north[place]))
    return sorted(range(len(spots)), key=lambda place: (-south_north[place], west_east[place]))


def marker_numbers(
    line: str, kinds: Sequence[MarkerKind], spots: Sequence[Point], *, after: int = 0
) -> list[str]:
    """Numbers for markers of one line, in the order given; one series from west or north.

    Args:
        after: the highest place of the series that was ever given.

    Raises:
        SeriesIsFull: there are more than 999.
    """
    if after + len(spots) >= 10**SEQUENCE_DIGITS:
        raise SeriesIsFull(line=line, count=after + len(spots))
    numbers = [""] * len(spots)
    for sequence, place in enumerate(in_series(spots), start=after + 1):
        letter = LETTERS[kinds[place]][0]
        numbers[place] = f"{line}{sequence:0{SEQUENCE_DIGITS}d}{letter}"
    return numbers


def last_place(numbers: Iterable[str]) -> int:
    """The highest place of a line's series that was ever given; 0: none."""
    return max((int(one[LINE_DIGITS:-1]) for one in numbers), default=0)
