"""Crosswalks (新旧对照) as files: CSV, JSON and Parquet, the same bytes for the same table.

HTTP, the command line and the signature all take their bytes from `crosswalk_file`.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import msgspec

from registry.changes.period import AsOf
from registry.divisions.crosswalk import CrosswalkRow

VERSION = "place-registry/crosswalk/v1"
BYTE_ORDER_MARK = "\ufeff"
"""Office programs take a CSV for Chinese text only if it begins with one."""


class Form(StrEnum):
    """How a crosswalk is written."""

    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class CrosswalkMeta:
    """What a crosswalk speaks of."""

    start: AsOf
    end: AsOf
    within: str | None = None
    """Id of the division it is narrowed to, or `restructuring/` and the id of the one act."""
    level: int | None = None
    final: bool = True
    """Both points lie in the log: the table will never read otherwise. False: of a plan."""
    digest: str | None = None
    """Of a plan: SHA-256 of the effects it has as drawn up at the change of `start`."""
    published: bool | None = None
    """Of a plan: whether everybody may rehearse it; False: a draft of its authors."""

    annulled_by: int | None = None
    """Of an act: the change that took it back. It has no rows then."""
    corrections: tuple[int, ...] = ()
    """Of an act: the changes that put it right; the table is as the last of them left it."""

    def fields(self) -> dict[str, Any]:
        """What JSON and Parquet say of it, in order."""
        said = {
            "from": self.start.valid_on,
            "from_change": self.start.known,
            "to": self.end.valid_on,
            "to_change": self.end.known,
            "within": self.within,
            "level": self.level,
            "status": "final" if self.final else "draft",
        }
        if self.annulled_by is not None:
            said |= {"status": "annulled", "annulled_by": self.annulled_by}
        if self.corrections:
            said["corrections"] = list(self.corrections)
        if not self.final:
            said |= {"digest": self.digest, "published": self.published}
        return said


def crosswalk_file(rows: Sequence[CrosswalkRow], form: Form, meta: CrosswalkMeta) -> bytes:
    """A crosswalk as the bytes of a file."""
    match form:
        case Form.CSV:
            return _csv(rows)
        case Form.PARQUET:
            return _parquet(rows, meta)
        case Form.JSON:
            return msgspec.json.encode({**meta.fields(), "rows": rows})


def statement_of(meta: CrosswalkMeta, form: Form, sha256_hex: str) -> str:
    """The text the registry puts its name to: this file is the crosswalk between these points.

    Raises:
        ValueError: it is of a plan; nothing of it is settled.
    """
    if not meta.final:
        raise ValueError("the crosswalk of a plan is a draft and is never signed")
    lines = (
        VERSION,
        f"from {_point(meta.start)}",
        f"to {_point(meta.end)}",
        f"within {meta.within or 'all'}",
        f"level {meta.level or 'all'}",
        f"format {form.value}",
        f"change {meta.end.known}",
        f"sha256 {sha256_hex}",
    )
    return "".join(f"{line}\n" for line in lines)


def _point(at: AsOf) -> str:
    return f"{at.valid_on.isoformat()} known {at.known}"


def _csv(rows: Sequence[CrosswalkRow]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    columns = list(CrosswalkRow.__dataclass_fields__)
    writer.writerow(columns)
    writer.writerows([_cell(getattr(row, name)) for name in columns] for row in rows)
    return (BYTE_ORDER_MARK + out.getvalue()).encode()


def _cell(value: object) -> object:
    """Several values are joined by `;`; codes by scheme read `scheme=code`."""
    if isinstance(value, Mapping):
        return ";".join(f"{name}={one}" for name, one in value.items())
    if isinstance(value, tuple):
        return ";".join(one.isoformat() if isinstance(one, date) else str(one) for one in value)
    return value


def _parquet(rows: Sequence[CrosswalkRow], meta: CrosswalkMeta) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    days, texts = pa.list_(pa.date32()), pa.list_(pa.string())
    codes = pa.map_(pa.string(), pa.string())
    typed = {
        "level": pa.int32(),
        "on": days,
        "shares_on": days,
        "population_on": days,
        "decrees": texts,
        "changes": pa.list_(pa.int64()),
        "old_codes": codes,
        "new_codes": codes,
    }
    columns = list(CrosswalkRow.__dataclass_fields__)
    schema = pa.schema(
        [
            (name, typed.get(name, pa.float64() if name.startswith("share_") else pa.string()))
            for name in columns
        ],
        metadata={
            "crosswalk": VERSION,
            **{name: _said(value) for name, value in meta.fields().items()},
        },
    )
    arrays = [
        pa.array([_arrow(getattr(row, column.name)) for row in rows], column.type)
        for column in schema
    ]
    out = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), out, compression="zstd")
    return out.getvalue()


def _arrow(value: object) -> object:
    if isinstance(value, Mapping):
        return list(value.items())
    if value is None or isinstance(value, int | float | tuple):
        return value
    return str(value)


def _said(value: object) -> str:
    return "" if value is None else str(value)
