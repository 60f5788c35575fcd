"""Feature edits on the page of a boundary update: rows in words, and marks on its maps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from api.language import Language
from api.ogc.catalogue import TOLD
from api.web.picture import Frame, path_of, pixel
from api.web.plan_map import lettered
from registry.boundaries.edit_effects import EditShown
from registry.boundaries.edits import Action, Side
from registry.boundaries.report import Report
from registry.features.sources import SOURCES

SHOWN_AS: Mapping[str, str] = {"agreement_number": "agreement", "agreement_on": "agreed_on"}
"""What a column is called among the properties of its collection, where that is otherwise."""
CHOSEN = frozenset({"legal_status", "technical_status", "kind", "state", "basis", "method"})
"""What has one of few values, each with a word of its own."""
TONE = "#1f5fa8"
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class EditRow:
    """An edit as people read it."""

    collection: str
    name: str
    action: str
    lines: tuple[tuple[str, str, str], ...]
    """Of each property: what it is called, before, after."""
    moved_m: float | None
    lies_in: str | None
    overtaken: int | None
    """The change that altered it since."""


def rows_of(report: Report, language: Language, words: Mapping[str, str]) -> list[EditRow]:
    """Every edit in words."""
    return [
        EditRow(
            TOLD[one.edit.collection].title(language),
            one.name,
            words[f"action_{one.edit.action}"],
            tuple(_lines(one, language, words)),
            one.moved_m,
            None if one.holder is None else one.holder.name,
            one.changed_by,
        )
        for one in report.edits
    ]


def marks_of(report: Report, frame: Frame, side: str) -> str:
    """Edits on one side of the map, as SVG."""
    drawn = []
    for one in report.edits:
        shown: Side | None = getattr(one, side)
        geometry = None if shown is None else shown.geometry
        seen = frame.cut(geometry)
        if seen is not None:
            drawn += [_mark(part) for part in shapely.get_parts(seen)]
            x, y = pixel(seen)
            drawn.append(lettered(x, y - 14, one.name, strong=True))
    return "".join(drawn)


def geometries_of(report: Report) -> list[BaseGeometry]:
    """Where edits lie, on both sides."""
    sides = [side for one in report.edits for side in (one.before, one.after)]
    return [side.geometry for side in sides if side is not None and side.geometry is not None]


def _lines(
    one: EditShown, language: Language, words: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    names = one.altered
    if one.edit.action is not Action.ALTER:
        names = tuple(sorted((one.after or one.before or Side(None, {})).attributes))
    found = []
    for name in names:
        if name == "geometry":
            found.append((words["geometry"], _place(one.before), _place(one.after)))
            continue
        before, after = (_value(side, name, words) for side in (one.before, one.after))
        if (before, after) != (NOTHING, NOTHING):
            found.append((_title(one.edit.collection, name, language), before, after))
    return found


def _title(collection: str, name: str, language: Language) -> str:
    known = SOURCES[collection].property(SHOWN_AS.get(name, name))
    if known is None:
        return name
    return known.title_zh if language == "zh" else known.title_en


def _value(side: Side | None, name: str, words: Mapping[str, str]) -> str:
    value: Any = None if side is None else side.attributes.get(name)
    said = NOTHING if value is None else str(value)
    return words.get(f"said_{said}", said) if name in CHOSEN else said


def _place(side: Side | None) -> str:
    if side is None or side.geometry is None:
        return NOTHING
    spot = side.geometry.representative_point()
    return f"{spot.x:.6f} {spot.y:.6f}"


def _mark(part: BaseGeometry) -> str:
    if isinstance(part, LineString):
        path, fill = path_of(part.coords), "none"
    elif isinstance(part, Polygon):
        path, fill = path_of(part.exterior.coords) + "Z", TONE
    else:
        x, y = pixel(part)
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{TONE}" stroke="#fff" stroke-width="2"/>'
    return f'<path fill="{fill}" fill-opacity="0.2" stroke="{TONE}" stroke-width="2.5" d="{path}"/>'
