"""The map of a plan (调整示意图), before and after: who covers what, and which lines come and go.

Drawn with attributes only, so that it looks the same in a page, in print and as a file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Literal
from uuid import UUID

import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from api.language import Language
from api.web.picture import PICTURE_WORDS, Frame, frame_of, legend, path_of, pixel, svg
from registry.restructuring.situation import Situation

Side = Literal["before", "after"]

TONES = (
    "#8dd3c7", "#ffe9a8", "#bebada", "#fb9a8f", "#9cc5e5", "#fdc68a",
    "#c6e28b", "#fbcfe3", "#c9b8a8", "#b3e0d0", "#e5c7f0", "#d8d38a",
)  # fmt: skip
NEIGHBOUR = "#e7ebe9"
LETTER_PX = 15.0
LARGEST_BYTES = 90_000
TOWNSHIP = 4
VILLAGE = 5
LEVELS = (TOWNSHIP, VILLAGE, 3, 2)
_WORDS = {
    "zh": {"before": "调整前行政区划示意图", "after": "调整后行政区划示意图"},
    "en": {"before": "Divisions before the act", "after": "Divisions after the act"},
}


@dataclass(frozen=True, slots=True)
class PlanMap:
    """One picture's ground: the units of one level around what changes, before and after."""

    before: Situation
    after: Situation
    level: int
    touched: frozenset[UUID]
    """Units of the level that begin, end, change their kind, name or territory."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw: no territory is known of what changes."""
        return not any(
            unit in side.extents for side in (self.before, self.after) for unit in self.touched
        )


def plan_map(before: Situation, after: Situation) -> PlanMap:
    """What to draw: the level at which most is decided, townships first."""
    for level in LEVELS:
        touched = _touched(before, after, level)
        chosen = PlanMap(before, after, level, touched)
        if touched and not chosen.empty:
            return chosen
    return PlanMap(before, after, TOWNSHIP, frozenset())


def plan_picture(drawn: PlanMap, side: Side, language: Language) -> str:
    """One side as SVG; both sides show the same ground at the same scale."""
    title = _WORDS[language][side]
    if drawn.empty:
        return svg(title, "")
    shown = drawn.before if side == "before" else drawn.after
    frame = frame_of(shapely.union_all(_ground(drawn)))
    units = _units(shown, drawn.level)
    tones = _tones(drawn)
    illustrative = any(
        shown.extents[unit].value("basis") == "illustrative"
        for unit in drawn.touched & shown.extents.keys()
    )
    picture = ""
    for tolerance_px in (0.4, 0.8, 1.6, 3.2, 6.4):
        body = "".join(
            patch(frame, units[unit], tones.get(unit, NEIGHBOUR), tolerance_px)
            for unit in sorted(units, key=lambda one: (one in drawn.touched, one.bytes))
        )
        body += _members(frame, shown, drawn, tolerance_px)
        body += "".join(
            outline(frame, units[unit], tolerance_px) for unit in drawn.touched & units.keys()
        )
        body += _names(frame, shown, units, drawn.touched) + _seats(frame, shown, drawn.touched)
        picture = svg(
            title, body + legend(frame, PICTURE_WORDS[language], illustrative=illustrative)
        )
        if len(picture.encode()) <= LARGEST_BYTES:
            break
    return picture


def _touched(before: Situation, after: Situation, level: int) -> frozenset[UUID]:
    old, new = (
        {unit for unit in side.census.units if side.level(unit) == level}
        for side in (before, after)
    )
    differing = {
        unit
        for unit in old & new
        if before.extents.get(unit) is not after.extents.get(unit)
        or before.name(unit) != after.name(unit)
        or before.kind(unit) != after.kind(unit)
    }
    return frozenset((old ^ new) | differing)


def _ground(drawn: PlanMap) -> list[BaseGeometry]:
    return [
        side.extents[unit].value("territory")
        for side in (drawn.before, drawn.after)
        for unit in drawn.touched
        if unit in side.extents
    ]


def _units(side: Situation, level: int) -> dict[UUID, BaseGeometry]:
    return {
        unit: extent.value("territory")
        for unit, extent in side.extents.items()
        if side.level(unit) == level
    }


def _tones(drawn: PlanMap) -> Mapping[UUID, str]:
    """The same unit has the same colour before and after."""
    ordered = sorted(
        drawn.touched, key=lambda unit: (unit not in drawn.before.census.units, unit.bytes)
    )
    return {unit: TONES[place % len(TONES)] for place, unit in enumerate(ordered)}


def rings(geometry: BaseGeometry | None, tolerance_px: float) -> str:
    if geometry is None:
        return ""
    simple = shapely.simplify(geometry, tolerance_px)
    parts = shapely.get_parts(shapely.get_parts(simple))
    return "".join(
        path_of(ring.coords) + "z"
        for part in parts
        if isinstance(part, Polygon)
        for ring in (part.exterior, *part.interiors)
    )


def patch(frame: Frame, territory: BaseGeometry, tone: str, tolerance_px: float) -> str:
    path = rings(frame.cut(territory), tolerance_px)
    if not path:
        return ""
    edge = "#9aa5a0" if tone == NEIGHBOUR else tone
    return f'<path fill="{tone}" stroke="{edge}" stroke-width="1" fill-rule="evenodd" d="{path}"/>'


def outline(frame: Frame, territory: BaseGeometry, tolerance_px: float) -> str:
    path = rings(frame.cut(territory), tolerance_px)
    return f'<path fill="none" stroke="#1d3557" stroke-width="2.4" stroke-linejoin="round" d="{path}"/>'


def _members(frame: Frame, shown: Situation, drawn: PlanMap, tolerance_px: float) -> str:
    """Thin lines of the villages inside what changes."""
    if drawn.level != TOWNSHIP:
        return ""
    villages = [
        frame.cut(extent.value("territory"))
        for unit, extent in shown.extents.items()
        if shown.level(unit) == VILLAGE and shown.census.parent(unit) in drawn.touched
    ]
    path = "".join(rings(one, tolerance_px) for one in villages)
    return (
        f'<path fill="none" stroke="#1d3557" stroke-opacity="0.35" stroke-width="0.7" d="{path}"/>'
    )


def _names(
    frame: Frame, shown: Situation, units: Mapping[UUID, BaseGeometry], touched: Iterable[UUID]
) -> str:
    taken: list[BaseGeometry] = []
    written = []
    bold = set(touched)
    ranked = sorted(units, key=lambda unit: (unit not in bold, -units[unit].area, unit.bytes))
    for unit in ranked:
        seen = frame.cut(units[unit])
        if seen is None:
            continue
        x, y = pixel(seen.representative_point())
        name = shown.name(unit)
        width = len(name) * LETTER_PX + 6
        ground = shapely.box(x - width / 2, y - 12, x + width / 2, y + 8)
        inside = x - width / 2 > 4 and x + width / 2 < frame.width_px - 4
        if not inside or any(ground.intersects(one) for one in taken):
            continue
        taken.append(ground)
        written.append(lettered(x, y, name, strong=unit in bold))
    return "".join(written)


def lettered(x: float, y: float, name: str, *, strong: bool) -> str:
    weight, ink = ("bold", "#102a43") if strong else ("normal", "#5c6b73")
    place = f'x="{x:.0f}" y="{y + 4:.0f}" font-size="{LETTER_PX:.0f}" text-anchor="middle"'
    return (
        f'<text {place} font-weight="{weight}" fill="#fff" stroke="#fff" stroke-width="3" '
        f'stroke-linejoin="round">{escape(name)}</text>'
        f'<text {place} font-weight="{weight}" fill="{ink}">{escape(name)}</text>'
    )


def _seats(frame: Frame, shown: Situation, touched: frozenset[UUID]) -> str:
    marks = []
    for unit in sorted(touched, key=lambda one: one.bytes):
        seat = shown.seat(unit) if unit in shown.census.units else None
        if seat is not None:
            x, y = pixel(frame.project(seat))
            marks.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="#d3202c" stroke="#fff" '
                f'stroke-width="2"/>'
            )
    return "".join(marks)
