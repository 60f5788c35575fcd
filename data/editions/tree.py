"""From the rows of an edition to a tree: who belongs to whom, decided by the codes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from data.editions.reader import EditionRow
from registry.divisions.model import DivisionKind
from registry.errors import SourceIsUnreadable

PREFIXES = {2: (), 4: (2,), 6: (4, 2), 9: (6, 4, 2), 12: (9, 6, 4, 2)}
"""Lengths of the codes above a code, nearest first."""


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A division of an edition under its parent."""

    code: str
    kind: DivisionKind
    name: str
    published_name: str
    parent_code: str | None


@dataclass(frozen=True, slots=True)
class EditionTree:
    """All divisions of an edition, each after its parent (区划树)."""

    rows: Sequence[PlacedRow]
    skipped: Sequence[EditionRow]
    """Lines that are no division: 市辖区 and other pseudo units."""
    warnings: Mapping[str, Sequence[EditionRow]]
    """Rows by what is odd about them."""


def build_tree(
    rows: Iterable[EditionRow],
    registered: Mapping[str, UUID],
    *,
    under: tuple[str, ...] = (),
) -> EditionTree:
    """Place every row under the nearest real division above it.

    A code that only keeps the list's shape (市辖区) is climbed over; any other missing code
    above a row is an error, never guessed.

    Args:
        rows: of one or more files, in any order.
        registered: divisions in force that may be parents, by code.
        under: take only codes that begin so; all when empty.

    Raises:
        SourceIsUnreadable: a code occurs twice, a row has none, or a division above a row is missing.
    """
    units: dict[str, EditionRow] = {}
    pseudo: dict[str, EditionRow] = {}
    warnings: dict[str, list[EditionRow]] = {}
    for row in rows:
        if not row.code:
            raise SourceIsUnreadable(
                "edition",
                f"line {row.line}: the list gives {row.published_name} no code; "
                "make acts of it with `plan draft-from-editions registry FILE`",
            )
        if row.kind is None:
            pseudo[row.code] = row
            continue
        if under and not row.code.startswith(under):
            continue
        if row.code in units:
            raise SourceIsUnreadable(
                "edition",
                f"code {row.code} occurs twice, the second time on line {row.line}",
            )
        units[row.code] = row
        for warning in row.warnings:
            warnings.setdefault(warning, []).append(row)
    above = units.keys() | registered.keys()
    placed = [_placed(row, above, pseudo) for row in units.values()]
    placed.sort(key=lambda row: (len(row.code), row.code))
    return EditionTree(placed, list(pseudo.values()), warnings)


def _placed(row: EditionRow, above: Iterable[str], pseudo: Mapping[str, EditionRow]) -> PlacedRow:
    assert row.kind is not None  # pseudo rows were set aside
    parent = _parent_code(row, above, pseudo)
    return PlacedRow(row.code, row.kind, row.name, row.published_name, parent)


def _parent_code(
    row: EditionRow, above: Iterable[str], pseudo: Mapping[str, EditionRow]
) -> str | None:
    for length in PREFIXES[len(row.code)]:
        code = row.code[:length]
        if code in above:
            return code
        if code not in pseudo:
            raise SourceIsUnreadable(
                "edition",
                f"line {row.line}: {row.code} {row.published_name} lies in {code}, which is neither "
                "in the files given nor in the registry; give the file with the upper levels too",
            )
    return None
