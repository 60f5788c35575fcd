"""What surveyors deliver is read in all its formats; what is wrong with it is named, nothing else."""

import io
import resource
import stat
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from pyproj import CRS
from shapely.geometry import Polygon

from data.survey_files.locating import Box, locate
from data.survey_files.model import Limits, Survey
from data.survey_files.reading import read_raw
from registry.boundaries.errors import CrsDoesNotFit, UploadIsTooLarge
from registry.errors import RegistryError
from tests.data.survey.deliveries import (
    EAST,
    EAST_VILLAGE,
    WEST,
    WEST_VILLAGE,
    claiming_points,
    drawing,
    frame,
    geojson,
    kml,
    long_ring,
    points,
    shapefile,
    virtual_geopackage,
    written,
    zipped,
)

RECORDED = Box(118.0, 24.0, 118.04, 24.03)
Deliver = Callable[[Path], bytes]


def read(folder: Path, content: bytes, name: str, *, crs: str | None = None, **more: Any) -> Survey:
    target = folder / "delivered"
    target.write_bytes(content)
    return locate(read_raw(target, name, **more), crs=crs, expected=RECORDED)


GOOD: dict[str, tuple[Deliver, str, dict[str, Any]]] = {
    "shapefile in GBK, no .cpg": (shapefile, "界线.zip", {}),
    "shapefile in UTF-8, no .cpg": (lambda at: shapefile(at, encoding="UTF-8"), "a.zip", {}),
    "shapefile, CRS said": (lambda at: shapefile(at, without=(".prj",)), "a.zip", {"crs": "zone 39"}),
    "GeoPackage": (lambda at: written(at, "GPKG", ".gpkg"), "a.gpkg", {}),
    "GeoJSON": (lambda at: written(at, "GeoJSON", ".geojson"), "a.geojson", {}),
    "FlatGeobuf": (lambda at: written(at, "FlatGeobuf", ".fgb"), "a.fgb", {}),
    "KML": (
        lambda at: written(at, "KML", ".kml", frame(column="Name")),
        "a.kml",
        {},
    ),
    "GeoJSON that names its CRS": (lambda _at: geojson(crs={"type": "name", "properties": {"name": "EPSG:4490"}}), "a.geojson", {}),
    "GeoJSON that names it at length": (lambda _at: geojson(crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG:8.9:4490"}}), "a.geojson", {}),
    "DXF": (drawing, "a.dxf", {"crs": "EPSG:4548"}),
    "points in GBK": (lambda _at: points(), "点.csv", {"crs": "zone 39"}),
    "points with zone prefix": (lambda _at: points(epsg=4527), "a.txt", {"crs": "EPSG:4527"}),
}  # fmt: skip


class EveryFormat:
    @pytest.mark.parametrize("what", GOOD)
    def test_gives_the_territories_it_holds(self, tmp_path: Path, what: str) -> None:
        deliver, name, more = GOOD[what]

        found = read(tmp_path, deliver(tmp_path), name, **more)

        assert EAST_VILLAGE in found.territories
        for key, wanted in ((EAST_VILLAGE, EAST), (WEST_VILLAGE, WEST)):
            if key in found.territories:
                assert found.territories[key].symmetric_difference(wanted).area < 1e-11

    def test_of_attributes_in_gbk_is_read_as_written(self, tmp_path: Path) -> None:
        content = shapefile(tmp_path, frame(column="区划代码"))

        assert set(read(tmp_path, content, "a.zip").territories) == {EAST_VILLAGE, WEST_VILLAGE}


BLUNDERS = {
    "zone 40 for 39": (lambda _at: points(), "zone 40", "zone 39 (EPSG:4548) given as 40"),
    "no prefix": (lambda _at: points(epsg=4527), "EPSG:4548", "EPSG:4527"),
    "X and Y exchanged": (
        lambda _at: points(header="点号,区划代码,东坐标,北坐标"),
        "zone 39",
        "easting and northing exchanged",
    ),
    "latitude first": (
        lambda at: written(at, "GeoJSON", ".geojson", frame([shapely.transform(EAST, lambda a: a[:, ::-1])])),
        None,
        "longitude and latitude exchanged",
    ),
    "degrees taken for metres": (
        lambda _at: points([(1, EAST_VILLAGE, 24.0, 118.0), (2, EAST_VILLAGE, 24.0, 118.01), (3, EAST_VILLAGE, 24.01, 118.01)]),
        "zone 39",
        "degrees",
    ),
    "a wrong .prj": (
        lambda at: shapefile(at, more={".prj": CRS.from_epsg(4549).to_wkt("WKT1_ESRI").encode()}),
        None,
        "zone 39 (EPSG:4548) given as 40",
    ),
    "another part of the world": (
        lambda at: written(at, "GPKG", ".gpkg", frame([shapely.affinity.translate(EAST, 5, 3)])),
        None,
        "no zone or axis order fits",
    ),
}  # fmt: skip


class EveryBlunderOfCoordinates:
    @pytest.mark.parametrize("what", BLUNDERS)
    def test_is_recognised(self, tmp_path: Path, what: str) -> None:
        deliver, crs, hint = BLUNDERS[what]
        suffix = {"latitude first": "a.geojson", "a wrong .prj": "a.zip"}.get(
            what, "a.gpkg" if what.startswith("another") else "a.csv"
        )

        with pytest.raises(CrsDoesNotFit) as refused:
            read(tmp_path, deliver(tmp_path), suffix, crs=crs)

        assert hint in str(refused.value)


SMALL = Limits(
    file_bytes=2**20, unpacked_bytes=2**20, members=8, features=3, vertices=2_000, seconds=20
)


def bomb() -> bytes:
    return zipped({"a.shp": b"\0" * 40 * 2**20, "a.shx": b"", "a.dbf": b""})


def linked() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("a.shp")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


def encrypted(at: Path) -> bytes:
    content = bytearray(shapefile(at))
    content[6] |= 1
    place = content.find(b"PK\x01\x02")
    while place >= 0:
        content[place + 8] |= 1
        place = content.find(b"PK\x01\x02", place + 4)
    return bytes(content)


def member(at: Path, suffix: str) -> bytes:
    shapefile(at)
    return next((at / "shp").glob(f"*{suffix}")).read_bytes()


def ring(*corners: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(one) for one in corners]]}


XXE = '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
VRT = b'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'

BAD: dict[str, tuple[Deliver, str, dict[str, Any], str]] = {
    # Names
    "a /vsicurl/ path": (lambda _at: geojson(), "/vsicurl/http://x/a.geojson", {}, "upload-is-forbidden"),
    "a /vsizip/ path": (lambda _at: geojson(), "/vsizip/a.zip/b.geojson", {}, "upload-is-forbidden"),
    "an address": (lambda _at: geojson(), "http://x/a.geojson", {}, "upload-is-forbidden"),
    "a driver prefix": (lambda _at: geojson(), "GPKG:a.gpkg", {}, "upload-is-forbidden"),
    "a name with a null": (lambda _at: geojson(), "a\0.geojson", {}, "upload-is-forbidden"),
    "an unknown ending": (lambda _at: b"x", "a.docx", {}, "format-is-unknown"),
    "no ending": (lambda _at: geojson(), "geojson", {}, "format-is-unknown"),
    "a VRT": (lambda _at: VRT, "a.vrt", {}, "format-is-unknown"),
    "a KMZ": (lambda _at: zipped({"doc.kml": kml()}), "a.kmz", {}, "format-is-unknown"),
    # Contents that are something else
    "an empty file": (lambda _at: b"", "a.gpkg", {}, "source-is-unreadable"),
    "a VRT called KML": (lambda _at: VRT, "a.kml", {}, "source-is-unreadable"),
    "a VRT called GeoJSON": (lambda _at: VRT, "a.geojson", {}, "source-is-unreadable"),
    "a picture called GeoPackage": (lambda _at: b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "a.gpkg", {}, "source-is-unreadable"),
    "text called DXF": (lambda _at: b"hello", "a.dxf", {}, "source-is-unreadable"),
    "text called FlatGeobuf": (lambda _at: b"hello", "a.fgb", {}, "source-is-unreadable"),
    "text called zip": (lambda _at: b"hello", "a.zip", {}, "source-is-unreadable"),
    # Archives
    "zip slip": (lambda at: shapefile(at, more={"../../evil.shp": b"x"}), "a.zip", {}, "upload-is-forbidden"),
    "an absolute member": (lambda at: shapefile(at, more={"/etc/x.prj": b"x"}), "a.zip", {}, "upload-is-forbidden"),
    "a drive letter": (lambda at: shapefile(at, more={"C:\\x.prj": b"x"}), "a.zip", {}, "upload-is-forbidden"),
    "backslashes that climb": (lambda at: shapefile(at, more={"..\\x.prj": b"x"}), "a.zip", {}, "upload-is-forbidden"),
    "a link": (lambda _at: linked(), "a.zip", {}, "upload-is-forbidden"),
    "a zip in a zip": (lambda at: shapefile(at, more={"b.zip": zipped({"x": b"x"})}), "a.zip", {}, "upload-is-forbidden"),
    "a program in a zip": (lambda at: shapefile(at, more={"run.exe": b"MZ"}), "a.zip", {}, "upload-is-forbidden"),
    "a password": (encrypted, "a.zip", {}, "upload-is-forbidden"),
    "a zip bomb": (lambda _at: bomb(), "a.zip", {"limits": SMALL}, "upload-is-too-large"),
    "too many members": (lambda _at: zipped({f"{n}.txt": b"" for n in range(9)}), "a.zip", {"limits": SMALL}, "upload-is-too-large"),
    "a file too large": (lambda _at: b"0" * (2**20 + 1), "a.csv", {"limits": SMALL}, "upload-is-too-large"),
    "an archive cut short": (lambda at: shapefile(at)[:-200], "a.zip", {}, "source-is-unreadable"),
    "two shapefiles": (lambda at: shapefile(at, more={"b.shp": b"x"}), "a.zip", {}, "source-is-unreadable"),
    "two CRS": (lambda at: shapefile(at, more={"b.prj": b"x"}), "a.zip", {}, "source-is-unreadable"),
    "no .dbf": (lambda at: shapefile(at, without=(".dbf",)), "a.zip", {}, "source-is-unreadable"),
    "no .shx": (lambda at: shapefile(at, without=(".shx",)), "a.zip", {}, "source-is-unreadable"),
    "an empty zip": (lambda _at: zipped({"a.txt": b""}), "a.zip", {}, "source-is-unreadable"),
    # Shapefiles
    "a truncated .shp": (lambda at: shapefile(at, more={".shp": member(at, ".shp")[:180]}), "a.zip", {}, "source-is-unreadable|geometry-is-invalid"),
    "a .shp that claims a billion points": (lambda at: shapefile(at, more={".shp": claiming_points(member(at, ".shp"), 2**30)}), "a.zip", {}, "source-is-unreadable|geometry-is-invalid"),
    "a .dbf of noise": (lambda at: shapefile(at, more={".dbf": b"\x03" + b"\xff" * 500}), "a.zip", {}, "source-is-unreadable"),
    "a .prj of nonsense": (lambda at: shapefile(at, more={".prj": b"nonsense"}), "a.zip", {}, "crs-is-unknown|source-is-unreadable"),
    "no .prj and none said": (lambda at: shapefile(at, without=(".prj",)), "a.zip", {}, "crs-is-unknown"),
    "a CRS contradicted": (shapefile, "a.zip", {"crs": "zone 40"}, "source-is-unreadable"),
    # XML
    "XXE in KML": (lambda _at: kml("&x;", head=XXE), "a.kml", {}, "upload-is-forbidden"),
    "a billion laughs": (lambda _at: kml("&b;", head=LAUGHS), "a.kml", {}, "upload-is-forbidden"),
    "a network link": (lambda _at: kml("<NetworkLink><Link><href>http://127.0.0.1:9/</href></Link></NetworkLink>"), "a.kml", {}, "upload-is-forbidden"),
    "KML in UTF-16": (lambda _at: kml().decode().encode("utf-16"), "a.kml", {}, "source-is-unreadable"),
    "KML cut short": (lambda _at: kml()[:-80], "a.kml", {}, "source-is-unreadable"),
    # JSON
    "a crs that links": (lambda _at: geojson(crs={"type": "link", "properties": {"href": "http://127.0.0.1:9/", "type": "esriwkt"}}), "a.json", {}, "upload-is-forbidden"),
    "a crs of no authority": (lambda _at: geojson(crs={"type": "name", "properties": {"name": "local"}}), "a.json", {}, "source-is-unreadable"),
    "a crs that does not exist": (lambda _at: geojson(crs={"type": "name", "properties": {"name": "EPSG::999999"}}), "a.json", {}, "crs-is-unknown"),
    "mixed CRS": (lambda _at: geojson(features=[{"type": "Feature", "crs": {}, "properties": {}, "geometry": None}]), "a.json", {}, "source-is-unreadable"),
    "NaN": (lambda _at: geojson(geometry=ring((118, 24), (118.01, float("nan")), (118.01, 24.01), (118, 24))), "a.json", {}, "geometry-is-invalid"),
    "infinity": (lambda _at: geojson(geometry=ring((118, 24), (118.01, float("inf")), (118.01, 24.01), (118, 24))), "a.json", {}, "geometry-is-invalid"),
    "no geometry": (lambda _at: geojson(geometry={}, features=[{"type": "Feature", "properties": {"code": "1"}, "geometry": None}]), "a.json", {}, "geometry-is-invalid"),
    "a point": (lambda _at: geojson(geometry={"type": "Point", "coordinates": [118, 24]}), "a.json", {}, "geometry-is-invalid"),
    "two corners": (lambda _at: geojson(geometry=ring((118, 24), (118.01, 24))), "a.json", {}, "source-is-unreadable|geometry-is-invalid"),
    "no code": (lambda _at: geojson(properties={"name": "x"}), "a.json", {}, "source-is-unreadable"),
    "nested a thousand deep": (lambda _at: b'{"type":' + b"[" * 100_000, "a.json", {}, "source-is-unreadable"),
    "JSON cut short": (lambda _at: geojson()[:-30], "a.json", {}, "source-is-unreadable"),
    "a geometry alone": (lambda _at: b'{"type":"Polygon","coordinates":[]}', "a.json", {}, "source-is-unreadable"),
    "too many features": (lambda _at: geojson(features=[{"type": "Feature"}] * 4), "a.json", {"limits": SMALL}, "upload-is-too-large"),
    "a ring too long": (lambda at: written(at, "FlatGeobuf", ".fgb", frame([long_ring(4_000)])), "a.fgb", {"limits": SMALL}, "upload-is-too-large"),
    "a division twice": (lambda at: written(at, "GPKG", ".gpkg", frame(codes=[EAST_VILLAGE] * 2)), "a.gpkg", {}, "source-is-unreadable"),
    # Databases, drawings, points
    "a GeoPackage over another file": (virtual_geopackage, "a.gpkg", {}, "source-is-unreadable"),
    "a GeoPackage cut short": (lambda at: written(at, "GPKG", ".gpkg")[:5000], "a.gpkg", {}, "source-is-unreadable"),
    "a layer that is not there": (lambda at: written(at, "GPKG", ".gpkg"), "a.gpkg", {"layer": "no"}, "source-is-unreadable"),
    "a FlatGeobuf cut short": (lambda at: written(at, "FlatGeobuf", ".fgb")[:300], "a.fgb", {}, "source-is-unreadable|geometry-is-invalid"),
    "a drawing without a CRS": (drawing, "a.dxf", {}, "crs-is-unknown"),
    "an open line": (lambda at: drawing(at, closed=False), "a.dxf", {"crs": "zone 39"}, "geometry-is-invalid"),
    "points without a zone": (lambda _at: points(), "a.csv", {}, "crs-is-unknown"),
    "points without columns": (lambda _at: b"a,b\n1,2\n", "a.csv", {"crs": "zone 39"}, "source-is-unreadable"),
    "points that are words": (lambda _at: points([(1, EAST_VILLAGE, "north", "east")]), "a.csv", {"crs": "zone 39"}, "source-is-unreadable"),
    "two points": (lambda _at: points([(1, EAST_VILLAGE, 1, 2), (2, EAST_VILLAGE, 3, 4)]), "a.csv", {"crs": "zone 39"}, "geometry-is-invalid"),
    "a zone that is none": (lambda _at: points(), "a.csv", {"crs": "zone 99"}, "crs-is-unknown"),
    "a CRS with a file of its own": (lambda _at: points(), "a.csv", {"crs": "+proj=tmerc +nadgrids=/etc/passwd"}, "crs-is-unknown"),
}  # fmt: skip


class EveryBadFile:
    def test_is_one_of_sixty(self) -> None:
        assert len(BAD) >= 60

    @pytest.mark.parametrize("what", BAD)
    def test_is_refused_by_name(self, tmp_path: Path, what: str) -> None:
        deliver, name, more, code = BAD[what]
        content = deliver(tmp_path)
        before = sorted(tmp_path.rglob("*"))

        with pytest.raises(RegistryError) as refused:
            read(tmp_path, content, name, **more)

        assert refused.value.code in code.split("|"), str(refused.value)
        assert str(refused.value)
        left = set(tmp_path.rglob("*")) - set(before)
        assert {one.name for one in left} <= {"delivered"}


class TheProcessThatReads:
    def test_refuses_ten_million_corners(self, tmp_path: Path) -> None:
        target = tmp_path / "delivered"
        with target.open("wb") as out:
            out.write(b'{"type":"FeatureCollection","features":[')
            out.truncate(10**7 * len(b"[118.0,24.0],"))

        with pytest.raises(UploadIsTooLarge):
            read_raw(target, "a.geojson")

    def test_is_bounded_in_memory(self, tmp_path: Path) -> None:
        target = tmp_path / "delivered"
        with target.open("wb") as out:
            out.write(b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":')
            out.write(b'{"code":"1"},"geometry":{"type":"Polygon","coordinates":[[')
            for _ in range(300):
                out.write(b"[118.0,24.0]," * 10_000)
            out.write(b"[118.0,24.0]]]}}]}")
        tight = Limits(memory_bytes=500 * 2**20, seconds=30)

        with pytest.raises(RegistryError) as refused:
            read_raw(target, "a.geojson", limits=tight)

        assert refused.value.code in ("upload-is-too-large", "source-is-unreadable")
        peak_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        assert peak_kib < 2**20

    def test_is_bounded_in_time(self, tmp_path: Path) -> None:
        target = tmp_path / "delivered"
        target.write_bytes(geojson())
        hurried = Limits(seconds=0)

        began = time.monotonic()
        with pytest.raises(RegistryError):
            read_raw(target, "a.geojson", limits=hurried)
        assert time.monotonic() - began < 30

    def test_knows_no_driver_but_the_one_it_needs(self, tmp_path: Path) -> None:
        from data.survey_files.model import Format
        from data.survey_files.reading import _environment

        skipped = _environment(Format.KML)["GDAL_SKIP"].split(",")

        assert "KML" not in skipped
        assert {"OGR_VRT", "LIBKML", "HTTP", "WFS", "OAPIF", "GPKG"} <= set(skipped)

    def test_reads_curves_and_islands(self, tmp_path: Path) -> None:
        lake = Polygon(EAST.exterior, [list(EAST.buffer(-0.003).exterior.coords)])
        found = read(tmp_path, written(tmp_path, "GPKG", ".gpkg", frame([lake])), "a.gpkg")

        assert found.territories[EAST_VILLAGE].area == pytest.approx(lake.area)
