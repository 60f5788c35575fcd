"""What is added to a row: the best match, or why there is none."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection

from api.batch.columns import AddressColumns
from api.batch.reading import InputRow
from geo.geocode.normalise import LONGEST_TEXT
from geo.geocode.proof import Via
from registry.changes.model import Change
from registry.changes.period import AsOf
from registry.search.finder import Finder, Found
from registry.search.straight import Place, Straight

MATCH_COLUMNS = (
    "match_grade",
    "match_score",
    "match_code",
    "match_text",
    "match_status",
    "match_lon",
    "match_lat",
    "match_accuracy_m",
    "match_via",
    "match_candidates",
    "match_error",
)
ASKED = 5
MOST_PLACES = 1 << 12
"""Of which the former names are kept as they are written."""
BLOCK = 500
"""Rows whose first look-ups go to the database together."""

Values = tuple[Any, ...]
"""What is said of a text in `MATCH_COLUMNS`, the error aside."""
AskMany = Callable[[Sequence[str]], Sequence[Values]]
NOTHING: Values = (None,) * (len(MATCH_COLUMNS) - 1)


class Row(NamedTuple):
    """A row with its match."""

    cells: Mapping[str, Any]
    values: Values
    error: str | None

    def in_columns(self) -> dict[str, Any]:
        """All of it by column."""
        return {
            **self.cells,
            **dict(zip(MATCH_COLUMNS, (*self.values, self.error), strict=True)),
        }


def asking(finder: Finder, connection: Connection, at: AsOf) -> AskMany:
    """Who answers texts as of a point in time."""

    def ask(texts: Sequence[str]) -> list[Values]:
        plain = [finder.straight(text, at) for text in texts]
        rest = [text for text, one in zip(texts, plain, strict=True) if one is None]
        asked = iter(finder.ask_many(connection, rest, at, limit=ASKED))
        return [_best(next(asked).found) if one is None else _only(one) for one in plain]

    return ask


def answered(rows: Sequence[InputRow], columns: AddressColumns, ask: AskMany) -> list[Row]:
    """The rows with their matches, in order; what is wrong with a row is said in it."""
    texts = [columns.text_of(row.cells) for row in rows]
    faults = [row.fault or _fault(text) for row, text in zip(rows, texts, strict=True)]
    found = iter(ask([text for text, fault in zip(texts, faults, strict=True) if fault is None]))
    return [
        Row(row.cells, next(found) if fault is None else NOTHING, fault)
        for row, fault in zip(rows, faults, strict=True)
    ]


def graded(row: Row) -> str:
    """What a row counts as."""
    return "error" if row.error else row.values[0] or "none"


def _fault(text: str) -> str | None:
    if not text:
        return "no address"
    return f"longer than {LONGEST_TEXT} characters" if len(text) > LONGEST_TEXT else None


def _best(found: Sequence[Found]) -> Values:
    """The best match; for candidates, the codes of all of them."""
    if not found:
        return NOTHING
    best, where = found[0], found[0].address.position
    return (
        best.match.grade,
        round(best.match.score, 3),
        best.address.code,
        best.address.text(),
        str(best.address.stage),
        None if where is None else where.longitude_deg,
        None if where is None else where.latitude_deg,
        None if where is None else where.accuracy_m,
        _via_lines(best.match.via, best.acts),
        " ".join(one.address.code for one in found) if best.match.grade == "C" else None,
    )


def _only(found: Straight) -> Values:
    """The same of a straight answer."""
    row, kind = found.row, found.row.kind
    assert kind is not None
    via = _via_of(found.place) if found.place.said.via else None
    return (
        found.grade,
        round(found.score, 3),
        row.code,
        found.text(),
        kind.stage,
        row.longitude_deg,
        row.latitude_deg,
        kind.accuracy_m,
        via,
        None,
    )


@lru_cache(maxsize=MOST_PLACES)
def _via_of(place: Place) -> str | None:
    return _via_lines(place.said.via, place.acts)


def _via_lines(vias: Sequence[Via], acts: Mapping[int, Change]) -> str | None:
    lines = []
    for via in vias:
        act = None if via.change is None else acts.get(via.change)
        decree = None if act is None or act.decree is None else act.decree.number
        words = (via.text, "→", via.now, via.ended_on, decree)
        lines.append(" ".join(str(word) for word in words if word is not None))
    return "; ".join(lines) or None
