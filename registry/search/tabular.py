"""Reading a great many rows of the database as columns, and numbering what they say."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv
from sqlalchemy import Connection, Select

from registry.changes.bulk import WITH_HEADER, copied_blocks

BLOCK_BYTES = 8 << 20
ABSENT = "\x00"
APART = "\x1f"
Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(slots=True)
class Numbered:
    """Values told apart by a text, numbered as they come."""

    places: dict[str, int] = field(default_factory=dict)

    def of(self, column: pa.Array) -> Array:
        """The numbers of the values of a column: `(n,) int32`."""
        coded = column.dictionary_encode()
        own = [
            self.places.setdefault(one, len(self.places)) for one in coded.dictionary.to_pylist()
        ]
        numbers = np.array(own, dtype=np.int32)
        taken: Array = numbers[coded.indices.to_numpy(zero_copy_only=False)]
        return taken

    def split(self) -> Iterator[list[str]]:
        """The values in order, where they were joined."""
        return (one.split(APART) for one in self.places)


def read_all(
    connection: Connection, statement: Select[Any], passing: Path, types: dict[str, pa.DataType]
) -> Iterator[pa.RecordBatch]:
    """The rows of a statement, some at a time.

    Args:
        passing: a file they pass through; removed.
        types: of the columns, by name.
    """
    with passing.open("wb") as out:
        for block in copied_blocks(connection, statement, {}, form=WITH_HEADER):
            out.write(block)
    yield from csv.open_csv(
        passing,
        read_options=csv.ReadOptions(block_size=BLOCK_BYTES, use_threads=False),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=types,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    passing.unlink()


def joined(column: dict[str, pa.Array], names: tuple[str, ...]) -> pa.Array:
    """Several columns as one text."""
    return pc.binary_join_element_wise(
        *(column[name] for name in names), APART, null_handling="replace", null_replacement=ABSENT
    )


def is_null(column: pa.Array) -> Array:
    """Where a column says nothing: `(n,) bool`."""
    found: Array = column.is_null().to_numpy(zero_copy_only=False)
    return found


def ids_of(column: pa.Array) -> Array:
    """Ids written out, as bytes: `(n,) V16`."""
    text = "".join(column.to_pylist()).replace("-", "")
    return np.frombuffer(bytes.fromhex(text), dtype="V16")
