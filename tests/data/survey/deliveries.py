"""Survey files as offices deliver them, and as attackers do."""

import io
import json
import sqlite3
import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import geopandas
import pytest
from pyproj import Transformer
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

EAST_VILLAGE, WEST_VILLAGE = "350213101201", "350213101202"
EAST, WEST = box(118.0, 24.0, 118.01, 24.01), box(118.01, 24.0, 118.02, 24.01)


def frame(
    shapes: Iterable[BaseGeometry] = (EAST, WEST),
    *,
    crs: str | None = "EPSG:4490",
    codes: Iterable[str] = (EAST_VILLAGE, WEST_VILLAGE),
    column: str = "code",
) -> geopandas.GeoDataFrame:
    listed = list(shapes)
    names = list(codes)[: len(listed)]
    made = geopandas.GeoDataFrame(
        {column: names, "名称": ["东村", "西村"][: len(listed)]}, geometry=listed, crs="EPSG:4490"
    )
    return made.to_crs(crs) if crs else made.set_crs(None, allow_override=True)


def shapefile(
    folder: Path,
    made: geopandas.GeoDataFrame | None = None,
    *,
    encoding: str = "GBK",
    without: tuple[str, ...] = (".cpg",),
    more: dict[str, bytes] | None = None,
    inside: str = "资料/",
) -> bytes:
    """A zipped shapefile; `more` puts other members in, or replaces some."""
    files = folder / "shp"
    files.mkdir(exist_ok=True)
    (frame(crs="EPSG:4548") if made is None else made).to_file(
        files / "界线.shp", encoding=encoding
    )
    members = {
        f"{inside}{one.name}": one.read_bytes()
        for one in sorted(files.iterdir())
        if one.suffix not in without
    }
    for name, content in (more or {}).items():
        # A bare ending stands for the member that has it.
        bare = name.startswith(".") and name.count(".") == 1
        held = next((one for one in members if bare and one.endswith(name)), name)
        members[held] = content
    return zipped(members)


def zipped(members: dict[str, bytes], *, pack: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", pack) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def written(folder: Path, driver: str, suffix: str, made: Any = None, **more: Any) -> bytes:
    target = folder / f"made{suffix}"
    (frame() if made is None else made).to_file(target, driver=driver, **more)
    return target.read_bytes()


def geojson(
    *, crs: Any = None, geometry: Any = None, properties: Any = None, features: Any = None
) -> bytes:
    shape = geometry or {"type": "Polygon", "coordinates": [list(map(list, EAST.exterior.coords))]}
    one = {
        "type": "Feature",
        "properties": {"code": EAST_VILLAGE} if properties is None else properties,
        "geometry": shape,
    }
    document: dict[str, Any] = {
        "type": "FeatureCollection",
        "features": [one] if features is None else features,
    }
    if crs is not None:
        document["crs"] = crs
    return json.dumps(document).encode()


def kml(body: str = "", *, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    corners = " ".join(f"{x},{y}" for x, y in EAST.exterior.coords)
    return (
        f'{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}<Placemark>'
        f"<name>{EAST_VILLAGE}</name><Polygon><outerBoundaryIs><LinearRing><coordinates>{corners}"
        "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Document></kml>"
    ).encode()


def points(
    rows: Iterable[tuple[Any, ...]] | None = None,
    *,
    header: str = "点号,区划代码,北坐标,东坐标",
    encoding: str = "gbk",
    epsg: int = 4548,
) -> bytes:
    if rows is None:
        to_zone = Transformer.from_crs(4490, epsg, always_xy=True)
        ring = [to_zone.transform(x, y) for x, y in list(EAST.exterior.coords)[:-1]]
        rows = [
            (place, EAST_VILLAGE, f"{y:.4f}", f"{x:.4f}") for place, (x, y) in enumerate(ring, 1)
        ]
    lines = [header, *(",".join(map(str, row)) for row in rows)]
    return ("\n".join(lines) + "\n").encode(encoding)


def drawing(folder: Path, made: Any = None, *, closed: bool = True) -> bytes:
    """Closed lines, each on the layer of its division."""
    shapes = frame(crs="EPSG:4548") if made is None else made
    rings = [
        part.exterior if closed else _opened(part.exterior)
        for shape in shapes.geometry
        for part in getattr(shape, "geoms", [shape])
    ]
    drawn = geopandas.GeoDataFrame({"Layer": list(shapes["code"])}, geometry=rings)
    target = folder / "made.dxf"
    with pytest.warns(UserWarning, match="crs"):
        drawn.to_file(target, driver="DXF")
    return target.read_bytes()


def surveyed(made: Any) -> bytes:
    """Every corner as a survey point, in the coordinates of the frame."""
    rows = [
        (place, code, f"{y:.9f}", f"{x:.9f}")
        for code, shape in zip(made["code"], made.geometry, strict=True)
        for part in getattr(shape, "geoms", [shape])
        for place, (x, y) in enumerate(list(part.exterior.coords)[:-1], 1)
    ]
    return points(rows)


def _opened(ring: Any) -> Any:
    from shapely.geometry import LineString

    return LineString(list(ring.coords)[:-1])


def long_ring(corners: int) -> Polygon:
    import numpy as np

    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return Polygon(np.column_stack([118.005 + 0.004 * np.cos(turn), 24.005 + 0.004 * np.sin(turn)]))


def claiming_points(shp: bytes, count: int) -> bytes:
    """A .shp whose first record claims far more points than it holds."""
    made = bytearray(shp)
    made[148:152] = struct.pack("<i", count)
    return bytes(made)


def virtual_geopackage(folder: Path) -> bytes:
    """A GeoPackage with a view over a file elsewhere, for drivers that follow it."""
    target = folder / "made.gpkg"
    target.write_bytes(written(folder, "GPKG", ".gpkg"))
    with sqlite3.connect(target) as opened:
        opened.execute("DELETE FROM gpkg_contents")
        opened.execute("CREATE TABLE x (y TEXT)")
        opened.execute("INSERT INTO x VALUES ('/vsicurl/http://127.0.0.1:9/x.gpkg')")
    return target.read_bytes()
