"""The process that reads a file: bounded in memory, time and drivers; it answers on standard output.

Run as a program by `reading.read_raw`; asked and answered in JSON.
"""

import csv
import io
import json
import re
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

KEYS = ("division_id", "code", "CODE", "Code", "区划代码", "division_code", "adcode", "代码")
"""Columns that say which division a feature is of, the most telling first."""
NORTH = (
    "northing",
    "north",
    "n",
    "x",
    "北坐标",
    "x坐标",
    "纵坐标",
    "x(m)",
    "lat",
    "latitude",
    "纬度",
)
EAST = (
    "easting",
    "east",
    "e",
    "y",
    "东坐标",
    "y坐标",
    "横坐标",
    "y(m)",
    "lon",
    "longitude",
    "经度",
)
PART = ("part", "ring", "地块", "环号")
CLOSED_BY = 1e-9
CODE = re.compile(r"\d{6,12}")


class Refused(Exception):
    """What the file is refused for: a word and its facts."""

    def __init__(self, word: str, **facts: Any) -> None:
        super().__init__(word)
        self.answer = {"refused": word, **facts}


def main() -> None:
    """Read what is asked for on standard input."""
    asked = json.loads(sys.stdin.read())
    resource.setrlimit(resource.RLIMIT_AS, (asked["memory_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (asked["seconds"],) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = READERS.get(asked["format"], read_with_gdal)(asked)
    except Refused as refused:
        answer = refused.answer
    except MemoryError:
        answer = {"refused": "memory"}
    except RecursionError:
        answer = {"refused": "unreadable", "why": "it is nested too deeply"}
    except Exception as error:  # noqa: BLE001 -- whatever a parser stumbles over is the file's fault
        answer = {"refused": "unreadable", "why": f"{type(error).__name__}: {error}"[:300]}
    sys.stdout.write(json.dumps(answer))


def read_with_gdal(asked: dict[str, Any]) -> dict[str, Any]:
    """Any format GDAL reads for us; which driver may open it is settled by the environment."""
    import numpy as np
    import pyogrio
    import shapely

    layers = [str(one[0]) for one in pyogrio.list_layers(asked["path"])]
    layer = asked.get("layer")
    if layer is not None and layer not in layers:
        raise Refused("unreadable", why=f"it has no layer {layer!r}, but {', '.join(layers[:20])}")
    if layer is None and len(layers) > 1:
        why = f"it has several layers, name one: {', '.join(layers[:20])}"
        raise Refused("unreadable", why=why)
    meta, _fids, wkb, columns = pyogrio.raw.read(
        asked["path"],
        layer=layer,
        encoding=asked.get("encoding"),
        force_2d=True,
        max_features=asked["features"] + 1,
    )
    _refuse_many(len(wkb), asked)
    if sum(len(one) for one in wkb if one is not None) > 16 * asked["vertices"] + 64 * len(wkb):
        raise Refused("vertices")
    fields = [str(name) for name in meta["fields"]]
    if any(one is None for one in wkb):
        raise Refused("geometry", why="a feature has no geometry")
    geometries = shapely.from_wkb(np.asarray(wkb, dtype=object))
    rows = [
        {name: column[place] for name, column in zip(fields, columns, strict=True)}
        for place in range(len(wkb))
    ]
    if asked["format"] == "dxf":
        shapes = list(_drawn(rows, geometries))
    else:
        key = _key_column(fields, asked)
        shapes = [
            (str(row[key]).strip(), geometry)
            for row, geometry in zip(rows, geometries, strict=True)
        ]
    crs = "EPSG:4326" if asked["format"] == "kml" else meta["crs"]
    return _answer(crs, shapes, asked)


def read_geojson(asked: dict[str, Any]) -> dict[str, Any]:
    """GeoJSON, read without GDAL: a `crs` that links elsewhere would be fetched by it."""
    import shapely

    document = json.loads(Path(asked["path"]).read_text("utf-8-sig"))
    crs = _crs_member(document)
    features = document.get("features", [document])
    _refuse_many(len(features), asked)
    if any("crs" in one for one in features if one is not document):
        raise Refused("unreadable", why="its features have coordinate systems of their own")
    names = sorted({name for one in features for name in one.get("properties") or {}})
    ids = all(one.get("id") is not None for one in features)
    key = _key_column(names, asked, required=not ids)
    shapes = []
    for one in features:
        if not one.get("geometry"):
            raise Refused("geometry", why="a feature has no geometry")
        named = one["properties"].get(key) if key else one["id"]
        shapes.append((str(named).strip(), shapely.geometry.shape(one["geometry"])))
    return _answer(crs, shapes, asked)


def read_points(asked: dict[str, Any]) -> dict[str, Any]:
    """A list of survey points in the order of the ring: code, [part], northing, easting."""
    from shapely.geometry import MultiPolygon, Polygon

    raw = Path(asked["path"]).read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030")
    dialect = "\t" if "\t" in text.partition("\n")[0] else ","
    rows = list(csv.DictReader(io.StringIO(text), delimiter=dialect))
    if len(rows) > asked["vertices"]:
        raise Refused("vertices")
    header = [str(one) for one in (rows[0] if rows else {}) if one is not None]
    north, east = _column(header, NORTH), _column(header, EAST)
    key, part = _key_column(header, asked), _column(header, PART, required=False)
    rings: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for number, row in enumerate(rows, start=2):
        try:
            at = (float(row[east]), float(row[north]))
        except (TypeError, ValueError):
            raise Refused("unreadable", why=f"line {number} has no coordinates") from None
        ring = (str(row[key] or "").strip(), str(row[part] or "") if part else "")
        rings.setdefault(ring, []).append(at)
    areas: dict[str, list[Polygon]] = {}
    for (code, _part), corners in rings.items():
        if len(corners) < 3:
            raise Refused("geometry", why=f"{code} has fewer than three points")
        areas.setdefault(code, []).append(Polygon(corners))
    return _answer(None, [(code, MultiPolygon(found)) for code, found in areas.items()], asked)


def _answer(crs: Any, shapes: list[tuple[str, Any]], asked: dict[str, Any]) -> dict[str, Any]:
    import numpy as np
    import shapely

    geometries = np.array([geometry for _key, geometry in shapes], dtype=object)
    if not len(shapes):
        raise Refused("geometry", why="it holds no area")
    if int(shapely.get_num_coordinates(geometries).sum()) > asked["vertices"]:
        raise Refused("vertices")
    if not np.isfinite(shapely.get_coordinates(geometries)).all():
        raise Refused("geometry", why="a coordinate is not a number")
    for key, geometry in shapes:
        if not key.isprintable():
            raise Refused("unreadable", why=f"{ascii(key)[:80]} is no name of a division")
        if geometry.geom_type not in ("Polygon", "MultiPolygon") or geometry.is_empty:
            raise Refused("geometry", why=f"{key}: a {geometry.geom_type} is not an area")
    return {
        "crs": None if crs is None else str(crs),
        "shapes": [
            [key, shapely.to_wkb(shapely.force_2d(geometry), hex=True)] for key, geometry in shapes
        ],
    }


def _drawn(rows: list[dict[str, Any]], geometries: Any) -> Iterator[tuple[str, Any]]:
    """Closed lines of a drawing as areas; a text in one names it, else its layer does."""
    import shapely

    labels = [
        (geometry, str(row.get("Text") or "").strip())
        for row, geometry in zip(rows, geometries, strict=True)
        if geometry.geom_type == "Point"
    ]
    found: dict[str, Any] = {}
    for row, geometry in zip(rows, geometries, strict=True):
        if geometry.geom_type == "Point" or geometry.is_empty:
            continue
        for part in shapely.get_parts(geometry):
            area = _enclosed(part, str(row.get("Layer")))
            ground = area if area.is_valid else shapely.make_valid(area)
            texts = [text for at, text in labels if CODE.fullmatch(text) and ground.contains(at)]
            key = texts[0] if texts else str(row.get("Layer"))
            # A ring inside a ring of the same unit is a hole.
            found[key] = (
                shapely.symmetric_difference(shapely.make_valid(found[key]), ground)
                if key in found
                else area
            )
    yield from found.items()


def _enclosed(part: Any, layer: str) -> Any:
    import shapely
    from shapely.geometry import Polygon

    if part.geom_type != "LineString":
        return part
    start, end = shapely.get_point(part, 0), shapely.get_point(part, -1)
    if start.distance(end) > CLOSED_BY * max(map(abs, part.bounds)):
        why = f"a line on layer {layer} is not closed at {end.x} {end.y}"
        raise Refused("geometry", why=why)
    return Polygon(part.coords)


def _crs_member(document: Any) -> str | None:
    if not isinstance(document, dict) or document.get("type") not in (
        "FeatureCollection",
        "Feature",
    ):
        raise Refused("unreadable", why="a Feature or FeatureCollection is wanted")
    crs = document.get("crs")
    if crs is None:
        return "EPSG:4326"
    name = (crs.get("properties") or {}).get("name") if isinstance(crs, dict) else None
    if not isinstance(name, str) or crs.get("type") != "name":
        raise Refused("forbidden", why="its `crs` is not a name, but leads elsewhere")
    found = re.fullmatch(r"(?:urn:ogc:def:crs:)?(EPSG|OGC):(?:[^:]*:)?(\w+)", name)
    if found is None:
        raise Refused("unreadable", why=f"unknown crs {name[:60]!r}")
    return "EPSG:4326" if found[1] == "OGC" else f"EPSG:{found[2]}"


def _key_column(names: list[str], asked: dict[str, Any], *, required: bool = True) -> str:
    given = asked.get("code_column")
    wanted = (given,) if given else (*KEYS, *(("Name",) if asked["format"] == "kml" else ()))
    found = next((one for one in wanted if one in names), "")
    if not found and (required or given):
        why = f"no column says which division: it has {', '.join(names[:20]) or 'none'}"
        raise Refused("unreadable", why=why)
    return found


def _column(names: list[str], wanted: tuple[str, ...], *, required: bool = True) -> str:
    plain = {one.strip().lower(): one for one in names}
    found = next((plain[one] for one in wanted if one in plain), "")
    if not found and required:
        raise Refused("unreadable", why=f"no column {wanted[0]}: it has {', '.join(names[:20])}")
    return found


def _refuse_many(count: int, asked: dict[str, Any]) -> None:
    if count > asked["features"]:
        raise Refused("features")


READERS = {"geojson": read_geojson, "csv": read_points}


if __name__ == "__main__":
    main()
