"""The tables of a plan's preview as files: rows with stable columns, CSV, all in one zip."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from registry.divisions.figures import SUMMED
from registry.restructuring.model import Preview

Row = dict[str, Any]
ADDRESSES = "addresses"
"""The one table that is too long to be held: it is streamed by the database."""
STAMP = (1980, 1, 1, 0, 0, 0)
"""Of every file in a zip, so that the same preview is the same file."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table's columns and rows."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def preview_table(found: Preview, name: str) -> Table:
    """One table of a preview.

    Raises:
        KeyError: there is no such table; `TABLE_NAMES` lists them.
    """
    rows = tuple(_TABLES[name](found))
    return Table(_COLUMNS[name], rows)


def csv_bytes(table: Table) -> bytes:
    """A table as CSV with a header and a byte-order mark, as office programs want it."""
    out = io.StringIO()
    writer = csv.DictWriter(out, table.columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in table.rows)
    return ("\ufeff" + out.getvalue()).encode()


def zip_bytes(tables: Iterable[tuple[str, Table]]) -> bytes:
    """Tables as CSV files in one zip; equal tables make equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, table in tables:
            entry = zipfile.ZipInfo(f"{name}.csv", STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, csv_bytes(table))
    return out.getvalue()


def preview_zip(found: Preview) -> bytes:
    """Every table of a preview but the addresses."""
    return zip_bytes((name, preview_table(found, name)) for name in TABLE_NAMES)


def _cell(value: object) -> object:
    return ";".join(map(str, value)) if isinstance(value, list | tuple) else value


def _units(found: Preview) -> Iterator[Row]:
    for effect, units in (("ended", found.ended), ("begun", found.begun)):
        for unit in units:
            yield {"effect": effect, **_side(unit, "before" if effect == "ended" else "after")}
    for changed in found.changed:
        yield {
            "effect": "changed",
            **_side(changed.before, "before"),
            **_side(changed.after, "after"),
        }


def _side(unit: Any, side: str) -> Row:
    values: Row = msgspec.to_builtins(unit)
    return {
        "division_id": values.pop("division_id"),
        **{f"{name}_{side}": value for name, value in values.items()},
    }


def _plain(name: str) -> Callable[[Preview], Iterator[Row]]:
    def rows(found: Preview) -> Iterator[Row]:
        for one in getattr(found, name):
            yield msgspec.to_builtins(one)

    return rows


def _plates(found: Preview) -> Iterator[Row]:
    for group in found.plates.groups:
        yield msgspec.to_builtins(group)


def _markers(found: Preview) -> Iterator[Row]:
    for one in found.markers:
        longitude, latitude = one.point
        yield {
            "level": one.level,
            "status": one.status.value,
            "lon": longitude,
            "lat": latitude,
            "between": one.between,
        }


def _statistics(found: Preview) -> Iterator[Row]:
    for unit in found.divisions:
        row: Row = msgspec.to_builtins(unit)
        del row["standards"]
        longitude, latitude = unit.seat or (None, None)
        row |= {"seat_lon": longitude, "seat_lat": latitude}
        for name in SUMMED:
            measure = getattr(unit, name)
            row[name] = measure.value
            row[f"{name}_basis"] = measure.basis
            row[f"{name}_counted_on"] = measure.counted_on
            row[f"{name}_known"] = f"{measure.known_members}/{measure.members}"
        yield {column: row[column] for column in _COLUMNS["statistics"]}


def _standards(found: Preview) -> Iterator[Row]:
    for unit in found.divisions:
        for judgement in unit.standards:
            yield {
                "division_id": str(unit.division_id),
                "name": unit.name,
                **msgspec.to_builtins(judgement),
            }


def _remarks(found: Preview) -> Iterator[Row]:
    for kind, lines in (("breach", found.breaches), ("warning", found.warnings)):
        for line in lines:
            yield {"kind": kind, "text": str(line)}


def _findings(found: Preview) -> Iterator[Row]:
    for one in found.findings:
        yield one.facts()


_TABLES: dict[str, Callable[[Preview], Iterator[Row]]] = {
    "divisions": _units,
    "villages": _plain("moved"),
    "codes": _plain("codes"),
    "succession": _plain("succession"),
    "plates": _plates,
    "thoroughfares": _plain("thoroughfares"),
    "lines": _plain("lines"),
    "markers": _markers,
    "names": _plain("names"),
    "statistics": _statistics,
    "standards": _standards,
    "remarks": _remarks,
    "findings": _findings,
    "edge_doors": _plain("edge_doors"),
}
TABLE_NAMES = tuple(_TABLES)
_UNIT = ("kind", "name", "code", "parent", "members")
_COLUMNS: dict[str, tuple[str, ...]] = {
    "divisions": (
        "effect",
        "division_id",
        *(f"{name}_before" for name in _UNIT),
        *(f"{name}_after" for name in _UNIT),
    ),
    "villages": ("division_id", "name", "from_name", "to_name", "code_before", "code_after"),
    "codes": ("division_id", "name", "before", "after"),
    "succession": (
        "predecessor",
        "successor",
        "kind",
        "share_members",
        "share_area",
        "share_addresses",
        "note",
    ),
    "plates": (
        "need",
        "division_id",
        "carrier_id",
        "division",
        "place_before",
        "place_after",
        "plates",
    ),
    "thoroughfares": ("named_place_id", "name", "before", "after", "doors"),
    "lines": ("level", "status", "left", "right", "length_m"),
    "markers": ("level", "status", "lon", "lat", "between"),
    "names": ("kind", "name", "scope", "holders", "doors"),
    "statistics": (
        "division_id",
        "name",
        "kind",
        "code",
        "parent",
        "communities",
        "villages",
        "addresses",
        "area_m2",
        "territory_basis",
        "compactness",
        "seat_lon",
        "seat_lat",
        "farthest_member_m",
        "mean_distance_m",
        *(
            f"{name}{suffix}"
            for name in SUMMED
            for suffix in ("", "_basis", "_counted_on", "_known")
        ),
    ),
    "standards": (
        "division_id",
        "name",
        "rule_set",
        "scope",
        "criterion",
        "required",
        "actual",
        "verdict",
        "reason",
        "source",
        "in_force_on",
    ),
    "remarks": ("kind", "text"),
    "findings": ("rule", "severity", "zh", "en", "divisions", "addresses"),
    "edge_doors": ("code", "division_id", "reason", "guess"),
}
