"""What is added to a row: the best match, or why there is none."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from api.batch.columns import AddressColumns
from api.batch.reading import InputRow
from geo.geocode.normalise import LONGEST_TEXT
from registry.search.finder import Found

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
BLOCK = 500
"""Rows whose first look-ups go to the database together."""

Row = dict[str, Any]
AskMany = Callable[[Sequence[str]], Sequence[Sequence[Found]]]


def answered(rows: Sequence[InputRow], columns: AddressColumns, ask: AskMany) -> list[Row]:
    """The rows with their matches, in order; what is wrong with a row is said in it."""
    texts = [columns.text_of(row.cells) for row in rows]
    faults = [row.fault or _fault(text) for row, text in zip(rows, texts, strict=True)]
    sound = [place for place, fault in enumerate(faults) if fault is None]
    found = dict(zip(sound, ask([texts[place] for place in sound]), strict=True)) if sound else {}
    return [
        {**row.cells, **_match_columns(found.get(place, ())), "match_error": faults[place]}
        for place, row in enumerate(rows)
    ]


def graded(row: Row) -> str:
    """What a row counts as."""
    return "error" if row["match_error"] else row["match_grade"] or "none"


def _fault(text: str) -> str | None:
    if not text:
        return "no address"
    return f"longer than {LONGEST_TEXT} characters" if len(text) > LONGEST_TEXT else None


def _match_columns(found: Sequence[Found]) -> Row:
    """The best match; for candidates, the codes of all of them."""
    if not found:
        return dict.fromkeys(MATCH_COLUMNS)
    best, where = found[0], found[0].address.position
    values = (
        best.match.grade,
        round(best.match.score, 3),
        best.address.code,
        best.address.text(),
        str(best.address.stage),
        None if where is None else where.longitude_deg,
        None if where is None else where.latitude_deg,
        None if where is None else where.accuracy_m,
        "; ".join(_via_lines(best)) or None,
        " ".join(one.address.code for one in found) if best.match.grade == "C" else None,
        None,
    )
    return dict(zip(MATCH_COLUMNS, values, strict=True))


def _via_lines(found: Found) -> Iterator[str]:
    for via in found.match.via:
        act = None if via.change is None else found.acts.get(via.change)
        decree = None if act is None or act.decree is None else act.decree.number
        words = (via.text, "→", via.now, via.ended_on, decree)
        yield " ".join(str(word) for word in words if word is not None)
