"""The register sheet of a marker (界桩登记表): one HTML, as a page and as PDF, with a sketch."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from uuid import UUID

import shapely
from markupsafe import Markup
from pyproj import Transformer
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from api.language import Language
from api.web.page import render_template
from api.web.picture import Frame, legend, lettering, path_of, pixel, svg
from api.web.plan_map import patch
from api.web.sheet_words import SHEET_WORDS
from data.survey_files.locating import WITHOUT_PREFIX
from geo.measures import away_m, seen_from
from registry.lines.model import BoundaryLine, BoundaryMarker

STORED = 4490
NARROWEST_M = 120.0
"""So much of the ground is shown around a marker, at least, to each side."""
SHORTER_PX = 440.0
AROUND = 1.25
SIDES = ("#e3eef9", "#f6eddc")
TOLERANCE_PX = 0.4
MOST_PHOTOS = 4


@dataclass(frozen=True, slots=True)
class MarkerSheet:
    """What a sheet is made from."""

    marker: BoundaryMarker
    line: BoundaryLine
    others: Sequence[BoundaryMarker]
    """The line's other markers."""
    territories: Mapping[UUID, BaseGeometry]
    """Of both sides."""
    set_on: date | None
    """None: since before the sources."""
    photos: Sequence[bytes]
    """JPEG, the first to be shown."""
    on: date
    change: int
    language: Language


def render_sheet(sheet: MarkerSheet) -> str:
    """The whole document, with nothing to fetch."""
    said, spot = SHEET_WORDS[sheet.language], sheet.marker.spot
    zone = round(spot.x / 3)
    to_zone = Transformer.from_crs(STORED, WITHOUT_PREFIX + zone, always_xy=True)
    easting, northing = to_zone.transform(spot.x, spot.y)
    return render_template(
        "marker_sheet.html",
        sheet.language,
        sheet=sheet,
        marker=sheet.marker,
        line=sheet.line,
        said=said,
        northing=northing,
        easting=easting,
        zone=said["zone"].format(meridian=3 * zone, epsg=WITHOUT_PREFIX + zone),
        longitude=_degrees(spot.x, "E" if spot.x >= 0 else "W"),
        latitude=_degrees(spot.y, "N" if spot.y >= 0 else "S"),
        off_line_m=away_m(spot, sheet.line.course),
        bounded=[
            one for one in sheet.line.segments if sheet.marker.number in (one.begins, one.ends)
        ],
        sketch=Markup(sketch(sheet)),  # noqa: S704 -- sketch escapes every text
        shown=[
            f"data:image/jpeg;base64,{base64.b64encode(one).decode()}"
            for one in sheet.photos[:MOST_PHOTOS]
        ],
        others=len(sheet.marker.photos) - min(len(sheet.photos), MOST_PHOTOS),
    )


def sketch(sheet: MarkerSheet) -> str:
    """The place as SVG, north up, to scale: both sides, the line, markers, landmarks."""
    said, spot = SHEET_WORDS[sheet.language], sheet.marker.spot
    reach_m = max([NARROWEST_M, *(AROUND * one.distance_m for one in sheet.marker.landmarks)])
    frame = Frame(spot.x, spot.y, 2 * reach_m / SHORTER_PX)
    sides = (
        (sheet.line.left_id, sheet.line.left_name),
        (sheet.line.right_id, sheet.line.right_name),
    )
    body = names = ""
    for tone, (side, name) in zip(SIDES, sides, strict=True):
        territory = sheet.territories.get(side)
        seen = None if territory is None else frame.cut(territory)
        if territory is None or seen is None:
            continue
        body += patch(frame, territory, tone, TOLERANCE_PX)
        inner = shapely.clip_by_rect(seen, 70, 60, frame.width_px - 70, frame.height_px - 60)
        if not inner.is_empty:
            names += lettering(pixel(inner.representative_point()), name, "m-big")
    course = frame.cut(sheet.line.course)
    if course is not None:
        path = "".join(
            path_of(part.coords)
            for part in shapely.get_parts(course)
            if part.geom_type == "LineString"
        )
        body += (
            '<path fill="none" stroke="#8a1c1c" stroke-width="2.6" '
            f'stroke-dasharray="14 5 3 5" d="{path}"/>'
        )
    body += names + _landmarks(frame, sheet.marker)
    for one in sheet.others:
        body += _post(frame, one, "#234")
    body += _post(frame, sheet.marker, "#d3202c", strong=True)
    return svg(said["sketch_title"], body + legend(frame, said, illustrative=False))


def _landmarks(frame: Frame, marker: BoundaryMarker) -> str:
    here = pixel(frame.project(marker.spot))
    drawn = ""
    for place, one in enumerate(marker.landmarks, start=1):
        there = seen_from(marker.spot, one.bearing_deg, one.distance_m)
        x, y = pixel(frame.project(there))
        drawn += (
            f'<path fill="none" stroke="#456" stroke-width="1.2" stroke-dasharray="4 3" '
            f'd="M{here[0]:.1f} {here[1]:.1f}L{x:.1f} {y:.1f}"/>'
            f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" fill="#fff" '
            f'stroke="#234" stroke-width="2"/>'
            f'<text x="{x:.1f}" y="{y - 10:.1f}" font-size="15" text-anchor="middle" '
            f'fill="#111">{place} {escape(one.name)}</text>'
        )
    return drawn


def _post(frame: Frame, marker: BoundaryMarker, ink: str, *, strong: bool = False) -> str:
    x, y = pixel(frame.project(Point(marker.spot)))
    if not (0 <= x <= frame.width_px and 0 <= y <= frame.height_px):
        return ""
    radius, below, weight = (8, 24, ' font-weight="bold"') if strong else (5, -10, "")
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{ink}" stroke="#fff" '
        f'stroke-width="2"/><text x="{x + 12:.1f}" y="{y + below:.1f}" font-size="16" '
        f'fill="{ink}"{weight}>{escape(marker.number)}</text>'
    )


def _degrees(value: float, letter: str) -> str:
    """Degrees, minutes and seconds to four decimals: some millimetres."""
    units = round(abs(value) * 3600 * 10_000)
    minutes, rest = divmod(units, 60 * 10_000)
    whole, minute = divmod(minutes, 60)
    return f"{whole}°{minute:02d}′{rest / 10_000:07.4f}″ {letter}"
