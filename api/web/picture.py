"""Map pictures as inline SVG: where a door is, and a city's districts.

Geometries are shapely, longitude and latitude in degrees, EPSG:4490. A picture is drawn in a
local equirectangular projection, cut to its frame and simplified to the screen, so that it stays
small on a cheap phone. Colours come from the page's style sheet through classes; the attributes
beside them serve where there is none.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point, box
from shapely.geometry.base import BaseGeometry

METRES_PER_DEGREE = 111_320.0
WIDTH_PX, HEIGHT_PX = 640.0, 440.0
NARROWEST_M, WIDEST_M = 500.0, 1_800.0
LARGEST_BYTES = 30_000
LONGEST_SCALE_PX = 150.0
MOST_NAMES = 7
MOST_NUMBERS = 14
MOST_THOROUGHFARES = 150
LETTER_PX = 15.0

_FULL_SCALES_M = tuple(first * 10**power for power in range(1, 6) for first in (1, 2, 5))
PICTURE_WORDS = {
    "zh": {
        "title": "位置示意图：门的位置及周边道路",
        "city": "各区位置示意图",
        "illustrative": "范围为示意",
        "north": "北",
    },
    "en": {
        "title": "Map picture: where the door is, and the roads around it",
        "city": "Map picture of the districts",
        "illustrative": "illustrative territory",
        "north": "N",
    },
}


@dataclass(frozen=True, slots=True)
class MapPicture:
    """What a door's map picture is drawn from: EPSG:4490, degrees, longitude first."""

    door: Point
    territory: BaseGeometry | None
    """Of the village or community."""
    township: BaseGeometry | None
    thoroughfares: tuple[tuple[str, BaseGeometry], ...]
    illustrative: bool
    """The territories are made up until surveyed ones are imported."""
    doors: tuple[tuple[str, Point], ...] = ()
    """Numbers of the doors nearby, the nearest first."""


@dataclass(frozen=True, slots=True)
class CityPicture:
    """Districts by name, EPSG:4490, degrees."""

    districts: tuple[tuple[str, BaseGeometry], ...]
    illustrative: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """A window on the ground and how it falls on the picture."""

    longitude: float
    latitude: float
    metres_per_px: float
    width_px: float = WIDTH_PX
    height_px: float = HEIGHT_PX

    def project(self, geometry: BaseGeometry) -> BaseGeometry:
        """Degrees to picture pixels, y down."""
        east = METRES_PER_DEGREE * math.cos(math.radians(self.latitude)) / self.metres_per_px
        north = METRES_PER_DEGREE / self.metres_per_px

        def onto_picture(points: NDArray[np.float64]) -> NDArray[np.float64]:
            x = (points[:, 0] - self.longitude) * east + self.width_px / 2
            y = (self.latitude - points[:, 1]) * north + self.height_px / 2
            return np.column_stack((x, y))

        return shapely.transform(shapely.force_2d(geometry), onto_picture)

    def cut(self, geometry: BaseGeometry | None) -> BaseGeometry | None:
        """What of a geometry shows, a little beyond the edge, in pixels; None: nothing."""
        if geometry is None:
            return None
        drawn = self.project(geometry)
        west, south, east, north = -20.0, -20.0, self.width_px + 20, self.height_px + 20
        if drawn.geom_type in {"LineString", "MultiLineString"}:
            # An intersection would break a line wherever it crosses itself.
            seen = shapely.clip_by_rect(drawn, west, south, east, north)
        else:
            sound = drawn if drawn.is_valid else shapely.make_valid(drawn)
            seen = sound.intersection(box(west, south, east, north))
        return None if seen.is_empty else seen


def map_picture(
    door: Point,
    *,
    territory: BaseGeometry | None,
    township: BaseGeometry | None,
    thoroughfares: Sequence[tuple[str, BaseGeometry]],
    illustrative: bool,
    language: str,
    doors: Sequence[tuple[str, Point]] = (),
) -> str:
    """Draw where a door is; at most 30 kB of SVG.

    Args:
        door: where the marker goes.
        territory: of the village or community, filled.
        township: outlined.
        thoroughfares: names and lines near the door, the most telling first.
        illustrative: says on the picture that the territories are made up.
        language: of title and labels, `zh` or `en`.
        doors: numbers of those nearby, the nearest first.
    """
    frame = _frame_around(door, territory)
    words = PICTURE_WORDS[language]
    village, town = frame.cut(territory), frame.cut(township)
    roads = [(name, frame.cut(line)) for name, line in thoroughfares[:MOST_THOROUGHFARES]]
    drawn = ""
    for tolerance_px in (0.5, 1.0, 2.0, 4.0, 8.0, 16.0):
        shown = _shown(roads, tolerance_px)
        body = (
            _area(village, "m-village", tolerance_px)
            + _area(town, "m-town", tolerance_px)
            + _roads(shown)
            + _doors(frame, doors, pixel(frame.project(door)))
            + _names(shown, pixel(frame.project(door)))
        )
        drawn = svg(
            words["title"],
            body + _marker(frame.project(door)) + legend(frame, words, illustrative=illustrative),
        )
        if len(drawn.encode()) <= LARGEST_BYTES:
            return drawn
    return svg(
        words["title"],
        _marker(frame.project(door)) + legend(frame, words, illustrative=illustrative),
    )


def city_picture(picture: CityPicture, language: str) -> str:
    """Draw a city's districts with their names; at most 30 kB of SVG."""
    whole = shapely.unary_union([geometry for _name, geometry in picture.districts])
    words = PICTURE_WORDS[language]
    if whole.is_empty:
        return svg(words["city"], "")
    frame = frame_of(whole)
    districts = [(name, frame.cut(geometry)) for name, geometry in picture.districts]
    labels = "".join(
        lettering(pixel(seen.representative_point()), name, "m-big")
        for name, seen in districts
        if seen is not None
    )
    scale = legend(frame, words, illustrative=picture.illustrative)
    drawn = ""
    for tolerance_px in (0.7, 1.5, 3.0, 6.0, 12.0):
        body = "".join(
            _area(seen, f"m-district m-tone{tone % 3}", tolerance_px)
            for tone, (_name, seen) in enumerate(districts)
        )
        drawn = svg(words["city"], body + labels + scale)
        if len(drawn.encode()) <= LARGEST_BYTES:
            break
    return drawn


def _frame_around(door: Point, territory: BaseGeometry | None) -> Frame:
    """The whole village where it fits, else the door's surroundings."""
    if territory is None or territory.is_empty:
        return Frame(door.x, door.y, 1_000.0 / WIDTH_PX)
    whole = frame_of(shapely.union(territory.envelope, door))
    width_m = whole.metres_per_px * WIDTH_PX
    if width_m > WIDEST_M:
        return Frame(door.x, door.y, WIDEST_M / 2 / WIDTH_PX)
    return Frame(whole.longitude, whole.latitude, max(width_m, NARROWEST_M) / WIDTH_PX)


def frame_of(geometry: BaseGeometry) -> Frame:
    """The window that shows all of a geometry."""
    west, south, east, north = geometry.bounds
    latitude = (south + north) / 2
    width_m = (east - west) * METRES_PER_DEGREE * math.cos(math.radians(latitude))
    height_m = (north - south) * METRES_PER_DEGREE
    scale = 1.12 * max(width_m / WIDTH_PX, height_m / HEIGHT_PX, 0.05)
    return Frame((west + east) / 2, latitude, scale)


def svg(title: str, body: str) -> str:
    """A picture with its title, on plain ground."""
    size = f"{WIDTH_PX:.0f} {HEIGHT_PX:.0f}"
    return (
        f'<svg class="map" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title>'
        f'<rect class="m-ground" width="100%" height="100%" fill="#eef1ee"/>{body}</svg>'
    )


def _shown(
    roads: Sequence[tuple[str, BaseGeometry | None]], tolerance_px: float
) -> list[tuple[str, list[LineString]]]:
    simple = [
        (name, _lines(shapely.simplify(seen, tolerance_px)))
        for name, seen in roads
        if seen is not None
    ]
    return [(name, lines) for name, lines in simple if lines]


def _lines(geometry: BaseGeometry) -> list[LineString]:
    merged = shapely.line_merge(geometry) if geometry.geom_type == "MultiLineString" else geometry
    parts = shapely.get_parts(merged)
    return [part for part in parts if isinstance(part, LineString) and part.length > 3]


def _area(seen: BaseGeometry | None, kind: str, tolerance_px: float) -> str:
    if seen is None:
        return ""
    rings = [
        ring
        for part in shapely.get_parts(shapely.get_parts(shapely.simplify(seen, tolerance_px)))
        if part.geom_type == "Polygon"
        for ring in (part.exterior, *part.interiors)
    ]
    if not rings:
        return ""
    path = "".join(path_of(ring.coords) + "z" for ring in rings)
    fill = "none" if kind == "m-town" else "#cfdfee"
    return f'<path class="{kind}" fill="{fill}" stroke="#456" fill-rule="evenodd" d="{path}"/>'


def _roads(shown: list[tuple[str, list[LineString]]]) -> str:
    path = "".join(path_of(line.coords) for _name, lines in shown for line in lines)
    if not path:
        return ""
    return (
        f'<path class="m-casing" fill="none" stroke="#aab" stroke-width="9" d="{path}"/>'
        f'<path class="m-road" fill="none" stroke="#fff" stroke-width="6" d="{path}"/>'
    )


def _doors(frame: Frame, doors: Sequence[tuple[str, Point]], own: tuple[float, float]) -> str:
    """A dot for each door, and the numbers of those that have room."""
    taken: list[BaseGeometry] = [box(own[0] - 20, own[1] - 48, own[0] + 20, own[1] + 8)]
    dots: list[str] = []
    numbers: list[str] = []
    for number, door in doors:
        x, y = pixel(frame.project(door))
        if not (8 < x < frame.width_px - 8 and 20 < y < frame.height_px - 8):
            continue
        dots.append(f"M{x:.0f} {y:.0f}h0")
        ground = box(x - 5 * len(number), y - 24, x + 5 * len(number), y)
        if len(numbers) < MOST_NUMBERS and not any(ground.intersects(each) for each in taken):
            taken.append(ground)
            numbers.append(lettering((x, y - 8), number, "m-number"))
    if not dots:
        return ""
    path = "".join(dict.fromkeys(dots))
    return f'<path class="m-dot" fill="none" stroke="#14489c" stroke-width="7" stroke-linecap="round" d="{path}"/>{"".join(numbers)}'


def _names(shown: list[tuple[str, list[LineString]]], door: tuple[float, float]) -> str:
    """Names along the straightest stretch that has room, apart from each other and the marker."""
    taken: list[BaseGeometry] = [box(door[0] - 24, door[1] - 44, door[0] + 24, door[1] + 16)]
    taken += [box(0, HEIGHT_PX - 46, WIDTH_PX, HEIGHT_PX), box(WIDTH_PX - 60, 0, WIDTH_PX, 80)]
    written: list[str] = []
    for name, lines in shown[:40]:
        length_px = sum(LETTER_PX if ord(each) > 0x2E80 else LETTER_PX * 0.6 for each in name)
        for line in sorted(lines, key=lambda each: each.length, reverse=True)[:4]:
            spot = _spot(line, length_px, taken)
            if spot is None:
                continue
            x, y, angle, ground = spot
            taken.append(ground)
            turn = f' transform="rotate({angle:.0f} {x:.0f} {y:.0f})"'
            written.append(lettering((x, y + 5), name, "m-name", turn))
            break
        if len(written) == MOST_NAMES:
            break
    return "".join(written)


def _spot(
    line: LineString, length_px: float, taken: list[BaseGeometry]
) -> tuple[float, float, float, BaseGeometry] | None:
    inside = box(0, 0, WIDTH_PX, HEIGHT_PX)
    for share in (0.5, 0.3, 0.7, 0.15, 0.85):
        middle = line.length * share
        start = line.interpolate(max(middle - length_px / 2, 0))
        end = line.interpolate(min(middle + length_px / 2, line.length))
        if start.distance(end) < length_px * 0.8:
            continue
        stretch = LineString((start, end))
        ground = stretch.buffer(LETTER_PX * 0.7)
        if not inside.contains(ground) or any(ground.intersects(each) for each in taken):
            continue
        angle = math.degrees(math.atan2(end.y - start.y, end.x - start.x))
        upright = (angle + 90) % 180 - 90
        return stretch.centroid.x, stretch.centroid.y, upright, ground
    return None


def _marker(door: BaseGeometry) -> str:
    x, y = pixel(door)
    return (
        f'<g class="m-door" transform="translate({x:.1f} {y:.1f})">'
        '<ellipse rx="9" ry="4" fill="#000" opacity=".25"/>'
        '<path fill="#d3202c" stroke="#fff" stroke-width="2.5" '
        'd="M0 0C-4-11-15-17-15-28a15 15 0 0 1 30 0C15-17 4-11 0 0z"/>'
        '<circle cy="-28" r="5.5" fill="#fff"/></g>'
    )


def legend(frame: Frame, words: dict[str, str], *, illustrative: bool) -> str:
    """Scale, north arrow and, where it is true, that the territories are made up."""
    fitting = [m for m in _FULL_SCALES_M if m / frame.metres_per_px <= LONGEST_SCALE_PX]
    metres = max(fitting, default=_FULL_SCALES_M[0])
    length_px = metres / frame.metres_per_px
    label = f"{metres} m" if metres < 1000 else f"{metres // 1000} km"
    base = HEIGHT_PX - 18
    note = ""
    if illustrative:
        note = (
            f'<text class="m-note" x="{WIDTH_PX - 16:.0f}" y="{base:.0f}" text-anchor="end" '
            f'font-size="17">{escape(words["illustrative"])}</text>'
        )
    return (
        f'<path class="m-ink" fill="none" stroke="#234" stroke-width="2.5" '
        f'd="M16 {base - 8:.0f}v8h{length_px:.1f}v-8"/>'
        f'<text class="m-note" x="24" y="{base - 6:.0f}" font-size="17">{label}</text>'
        f'<g class="m-north" transform="translate({WIDTH_PX - 30:.0f} 52)">'
        '<path class="m-solid" fill="#234" d="M0-22l9 26-9-6-9 6z"/>'
        f'<text class="m-note" y="22" text-anchor="middle" font-size="17">{words["north"]}</text>'
        f"</g>{note}"
    )


def lettering(at: tuple[float, float], name: str, kind: str, turn: str = "") -> str:
    """A name on the picture."""
    size = 21 if kind == "m-big" else 15
    return (
        f'<text class="{kind}" x="{at[0]:.0f}" y="{at[1]:.0f}" font-size="{size}" '
        f'text-anchor="middle"{turn}>{escape(name)}</text>'
    )


def path_of(coordinates: shapely.coords.CoordinateSequence) -> str:
    """A line as path commands."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in coordinates)


def pixel(point: BaseGeometry) -> tuple[float, float]:
    """Where something lies on the picture."""
    centre = point.centroid
    return centre.x, centre.y
