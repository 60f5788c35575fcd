"""Reading a delivered file: its format settled, its archive opened, its contents read elsewhere."""

import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import shapely

from data.survey_files.archive import encoding_of, unpack
from data.survey_files.formats import format_of
from data.survey_files.model import DRIVERS, Format, Limits, RawShape, RawSurvey
from registry.boundaries.errors import UploadIsForbidden, UploadIsTooLarge
from registry.errors import GeometryIsInvalid, SourceIsUnreadable

ROOT = Path(__file__).parents[2]
GRACE_S = 5


def read_raw(
    path: Path,
    name: str,
    *,
    layer: str | None = None,
    code_column: str | None = None,
    limits: Limits | None = None,
) -> RawSurvey:
    """Read a file of any of the formats; its coordinates stay as they are.

    Args:
        path: where its bytes are.
        name: what the surveyor called it; only its ending counts.
        layer: which, where a file has several.
        code_column: the column that says which division; default: one of the usual names.

    Raises:
        UploadIsTooLarge, UploadIsForbidden, FormatIsUnknown: see the classes.
        SourceIsUnreadable: not such a file, or cut short.
        GeometryIsInvalid: no areas, open rings, or coordinates that are no numbers.
    """
    bounds = limits or Limits()
    if path.stat().st_size > bounds.file_bytes:
        raise UploadIsTooLarge(what="the file", limit=bounds.file_bytes, unit="bytes")
    found = format_of(path, name)
    with tempfile.TemporaryDirectory(prefix="survey-") as folder:
        place = Path(folder)
        asked: dict[str, Any] = {"layer": layer, "code_column": code_column}
        if found is Format.SHAPEFILE:
            source = unpack(path, name, place, bounds)
            asked["encoding"] = encoding_of(source)
        else:
            source = place / f"survey.{found.value}"
            source.symlink_to(path.resolve())
        answer = _ask({**asked, "path": str(source), "format": found.value}, bounds, place, name)
    shapes = tuple(RawShape(key, shapely.from_wkb(wkb)) for key, wkb in answer["shapes"])
    return RawSurvey(found, answer["crs"], shapes)


def _ask(asked: dict[str, Any], limits: Limits, folder: Path, name: str) -> dict[str, Any]:
    question = {
        **asked,
        "features": limits.features,
        "vertices": limits.vertices,
        "seconds": limits.seconds,
        "memory_bytes": limits.memory_bytes,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "data.survey_files.child"],
            input=json.dumps(question).encode(),
            capture_output=True,
            timeout=limits.seconds + GRACE_S,
            check=False,
            cwd=folder,
            env=_environment(Format(asked["format"])),
        )
    except subprocess.TimeoutExpired as error:
        raise UploadIsTooLarge(what="reading it", limit=limits.seconds, unit="seconds") from error
    if done.returncode != 0 or not done.stdout:
        # Killed by its own limits, or by a parser that fell over: either way it is the file.
        raise SourceIsUnreadable(name, "reading it exhausted memory or time, or broke the reader")
    answer: dict[str, Any] = json.loads(done.stdout)
    if "refused" in answer:
        _refuse(answer, limits, name)
    return answer


def _refuse(answer: dict[str, Any], limits: Limits, name: str) -> None:
    word, why = answer["refused"], str(answer.get("why", ""))
    if word == "vertices":
        raise UploadIsTooLarge(what="the geometry", limit=limits.vertices, unit="vertices")
    if word == "features":
        raise UploadIsTooLarge(what="the layer", limit=limits.features, unit="features")
    if word == "memory":
        raise UploadIsTooLarge(what="reading it", limit=limits.memory_bytes, unit="bytes")
    if word == "forbidden":
        raise UploadIsForbidden(file=name, why=why)
    if word == "geometry":
        raise GeometryIsInvalid(why)
    raise SourceIsUnreadable(name, why)


def _environment(found: Format) -> dict[str, str]:
    """What the reading process may see: no network, no drivers but its own, no settings of ours."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "GDAL_SKIP": ",".join(sorted(_drivers() - {DRIVERS.get(found, "")})),
        "CPL_CURL_ALLOWED_PROTOCOLS": "none",
        "PROJ_NETWORK": "OFF",
        "GDAL_DISABLE_READDIR_ON_OPEN": "FALSE",
        "OGR_GEOJSON_MAX_OBJ_SIZE": "50",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        # With the head of the index missing, GDAL would otherwise write one.
        "SHAPE_RESTORE_SHX": "NO",
    }


@cache
def _drivers() -> frozenset[str]:
    import pyogrio

    return frozenset(pyogrio.list_drivers())
