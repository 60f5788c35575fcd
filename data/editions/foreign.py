"""Lists of other countries as editions: the French official code list, territories as GeoJSON.

Their municipalities stand at the township's level and their departments or cantons at the
county's; codes are letters and digits, so papers use the scheme `own`, whose form nobody checks.
"""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from data.editions.source import BROKEN_ARCHIVE, csv_rows, file_source
from data.editions.units import COUNTY, TOWNSHIP, Edition, ListedUnit
from registry.divisions.model import OWN, DivisionKind
from registry.errors import SourceIsUnreadable

INSEE_COLUMNS = ("TYPECOM", "COM", "DEP", "LIBELLE", "COMPARENT")
COMMUNE = "COM"
PART_OF_COMMUNE = frozenset({"COMD", "COMA"})
"""Delegated and associated communes: named parts, no communes of their own."""
CODES = ("code", "id", "CODE", "区划代码", "adcode")
NAMES = ("name", "NAME", "名称")
PARENTS = ("parent", "canton", "county_code")


def insee_edition(path: Path) -> Edition:
    """The communes of a Code officiel géographique (`v_commune_YYYY.csv`).

    Columns TYPECOM, COM, DEP, LIBELLE, COMPARENT. A commune is itself one of its named parts, so
    that a commune which lives on as a delegated or associated one can be followed.

    Raises:
        SourceIsUnreadable: other columns, a code twice, or the file cannot be read.
    """
    source = file_source(path)
    rows = csv_rows(source)
    _line, header = next(rows)
    missing = [name for name in INSEE_COLUMNS if name not in header]
    if missing:
        raise SourceIsUnreadable(source.name, f"line 1: no column {', '.join(missing)}")
    places = [header.index(name) for name in INSEE_COLUMNS]
    units: dict[str, ListedUnit] = {}
    parts: dict[str, str] = {}
    for line, row in rows:
        kind, code, department, name, parent = (row[place] for place in places)
        if kind == COMMUNE:
            _add(units, source.name, line, (code, name, department))
        elif kind in PART_OF_COMMUNE:
            parts[code] = parent
    # An excerpt of the list may have a part whose commune lies outside it.
    parts = {code: parent for code, parent in parts.items() if parent in units}
    themselves = {code: code for code, unit in units.items() if unit.level == TOWNSHIP}
    return Edition(units, {**themselves, **parts}, scheme=OWN)


def is_insee(path: Path) -> bool:
    """Whether a file is such a list."""
    if ".csv" not in path.name or not path.is_file():
        return False
    _line, header = next(csv_rows(file_source(path)))
    return all(name in header for name in INSEE_COLUMNS)


def territory_edition(path: Path) -> Edition:
    """Municipalities drawn in a GeoJSON FeatureCollection, gzipped or not.

    Properties: a code (`code` or `id`), a `name`, and what they lie in (`parent`, `canton`), if
    anything. Coordinates of both editions must be in one system.

    Raises:
        SourceIsUnreadable: no such collection, a property is missing, or a code occurs twice.
    """
    units: dict[str, ListedUnit] = {}
    territories: dict[str, BaseGeometry] = {}
    for number, feature in enumerate(_features(path), start=1):
        properties = feature.get("properties") or {}
        code, name = (_first(properties, names) for names in (CODES, NAMES))
        if code is None or name is None:
            raise SourceIsUnreadable(path.name, f"feature {number}: no code or no name")
        _add(units, path.name, number, (code, name, _first(properties, PARENTS) or ""))
        try:
            territories[code] = shapely.geometry.shape(feature["geometry"])
        except (ShapelyError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise SourceIsUnreadable(path.name, f"feature {number}: no territory") from error
    return Edition(units, territories=territories, scheme=OWN)


def _features(path: Path) -> list[Mapping[str, Any]]:
    if not path.is_file():
        raise SourceIsUnreadable(str(path), "there is no such file")
    try:
        packed = path.read_bytes()
        content = json.loads(gzip.decompress(packed) if path.suffix == ".gz" else packed)
        features: list[Mapping[str, Any]] = content["features"]
    except (*BROKEN_ARCHIVE, ValueError, KeyError, TypeError) as error:
        raise SourceIsUnreadable(path.name, "not a GeoJSON FeatureCollection") from error
    if not features:
        raise SourceIsUnreadable(path.name, "no feature in it")
    return features


def _first(properties: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    found = next((properties[name] for name in names if properties.get(name) is not None), None)
    return None if found is None else str(found)


def _add(units: dict[str, ListedUnit], source: str, line: int, facts: tuple[str, str, str]) -> None:
    code, name, above = facts
    if code in units:
        raise SourceIsUnreadable(source, f"line {line}: {code} occurs twice")
    parent = f"{above}-" if above else None
    if parent is not None and parent not in units:
        # A county without a line of its own; its number may be some municipality's number too.
        units[parent] = ListedUnit(
            parent, above, COUNTY, DivisionKind.COUNTY, above, above, None, above, listed=False
        )
    units[code] = ListedUnit(code, code, TOWNSHIP, DivisionKind.TOWN, name, name, parent, code)
