"""The page of a boundary update: what is wrong, what would move, before and after."""

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

import shapely
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry

from api.boundary_views import report_of
from api.language import Language
from api.web.boundary_edits import geometries_of, marks_of, rows_of
from api.web.boundary_words import BOUNDARY_WORDS
from api.web.page import render_template
from api.web.picture import Frame, frame_of, legend, pixel, svg
from api.web.plan_map import NEIGHBOUR, TONES, lettered, outline, patch, rings
from geo.coverage.areas import sound
from registry.boundaries.report import Report

Side = Literal["before", "after"]
MOST_ROWS = 100
TOLERANCE_PX = 0.6
WIDER = 0.25
"""How much ground around the change is shown, as a share of its extent."""
NARROWEST_DEG = 0.0005


def render_update(report: Report, language: Language) -> str:
    """The page `/v1/boundary-updates/{id}?format=html`: whole HTML, no script."""
    words = BOUNDARY_WORDS[language]
    shown = report_of(report)
    return render_template(
        "boundary_update.html",
        language,
        report=shown,
        update=shown["update"],
        said=words,
        blocking=sum(one["blocking"] for one in shown["findings"]),
        maps=[Markup(update_map(report, side, language)) for side in ("before", "after")],  # noqa: S704 -- update_map escapes every text
        edits=rows_of(report, language, words),
        most=MOST_ROWS,
        here=f"/v1/boundary-updates/{report.update.update_id}",
        size=lambda value, unit: f"{value:,.1f} {words['unit_' + unit]}",
        signed=lambda value: f"{value:+,.1f} {words['unit_m2']}",
    )


def update_map(report: Report, side: Side, language: Language) -> str:
    """One side as SVG; both show the same ground at the same scale, findings numbered after."""
    words = BOUNDARY_WORDS[language]
    ground = report.ground
    shown = ground.before if side == "before" else ground.after
    level = max((ground.units[one].level for one in ground.drawn), default=0)
    units = {
        one: sound(territory)
        for one, territory in {**report.context, **shown}.items()
        if one in report.context or report.units[one].level == level
    }
    frame = _frame(report)
    tones = _tones(report)
    body = "".join(
        patch(frame, units[one], tones.get(one, NEIGHBOUR), TOLERANCE_PX)
        for one in sorted(units, key=lambda one: (one in tones, one.bytes))
    )
    for moved in report.effects.ground:
        body += _moved(frame, moved.ground)
    body += "".join(outline(frame, units[one], TOLERANCE_PX) for one in tones if one in units)
    body += _names(frame, report, units, tones)
    body += marks_of(report, frame, side)
    if side == "after":
        body += _marks(frame, report)
    return svg(words[f"map_title_{side}"], body + legend(frame, words, illustrative=False))


def _frame(report: Report) -> Frame:
    parts: list[BaseGeometry] = [moved.ground for moved in report.effects.ground]
    parts += [one.where for one in report.findings if one.blocking]
    parts += geometries_of(report)
    parts = parts or [sound(one) for one in report.ground.drawn.values()]
    west, south, east, north = shapely.total_bounds(parts).tolist()
    margin = max(east - west, north - south, NARROWEST_DEG) * WIDER
    return frame_of(shapely.box(west - margin, south - margin, east + margin, north + margin))


def _tones(report: Report) -> dict[UUID, str]:
    ordered = sorted(report.ground.drawn, key=lambda one: one.bytes)
    return {one: TONES[place % len(TONES)] for place, one in enumerate(ordered)}


def _moved(frame: Frame, ground: BaseGeometry) -> str:
    path = rings(frame.cut(ground), TOLERANCE_PX)
    if not path:
        return ""
    return (
        '<path fill="#d3202c" fill-opacity="0.28" stroke="#d3202c" stroke-width="1.2" '
        f'stroke-dasharray="5 3" fill-rule="evenodd" d="{path}"/>'
    )


def _names(
    frame: Frame, report: Report, units: Mapping[UUID, BaseGeometry], tones: Mapping[UUID, str]
) -> str:
    written = []
    for one, territory in units.items():
        seen = frame.cut(territory)
        if seen is not None and seen.area > 2000:
            x, y = pixel(seen.representative_point())
            written.append(lettered(x, y, report.units[one].name, strong=one in tones))
    return "".join(written)


def _marks(frame: Frame, report: Report) -> str:
    marks = []
    for number, one in enumerate(report.findings[:MOST_ROWS], start=1):
        x, y = pixel(frame.project(one.where.representative_point()))
        if not (0 <= x <= frame.width_px and 0 <= y <= frame.height_px):
            continue
        tone = "#d3202c" if one.blocking else "#8a6d1f"
        marks.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="10" fill="{tone}" stroke="#fff" '
            f'stroke-width="2"/><text x="{x:.1f}" y="{y + 5:.1f}" font-size="13" fill="#fff" '
            f'font-weight="bold" text-anchor="middle">{number}</text>'
        )
    return "".join(marks)
