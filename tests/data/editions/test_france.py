"""Drafts of French communes from two lists alone, scored against the published events."""

from functools import cache, reduce
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import pytest

from data.editions.draft import draft_from_editions
from data.editions.foreign import insee_edition
from data.editions.units import Edition
from tests.data.editions.france import (
    COMMUNE,
    COMMUNES,
    known_between,
    state_of,
    write_list,
)
from tests.data.editions.scoring import Score, said_by, table

FIRST, LAST = "2015-01-01", "2024-01-01"
YEARS = tuple(f"{year}-01-01" for year in range(2015, 2025))


@cache
def edition(day: str) -> Edition:
    """The list of a day, written as the institute writes it and read as any file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"v_commune_{day}.csv"
        write_list(path, day)
        return insee_edition(path)


@cache
def scores(start: str, end: str) -> tuple[Score, ...]:
    """Proposed against known, kind by kind."""
    said = said_by(draft_from_editions(edition(start), edition(end), evidence="two lists"))
    known = known_between(start, end)
    groups: dict[str, set[str]] = {}
    for code, heir in said.ended:
        groups.setdefault(heir, set()).add(code)
    known_groups: dict[str, set[str]] = {}
    for code, heir in known.ended.items():
        known_groups.setdefault(heir, set()).add(code)
    return (
        Score.of("merged (commune, heir)", known.ended.items(), said.ended),
        Score.of("commune nouvelle, all of it", _groups(known_groups), _groups(groups)),
        Score.of("renamed", known.renamed.items(), said.renamed.items()),
        Score.of("code changed", known.recoded.items(), said.recoded.items()),
        Score.of("restored", known.restored, said.established),
        Score.of(
            "ended, placed or named",
            known.ended,
            {code for code, _heir in said.ended} | said.unplaced,
        ),
    )


def _groups(found: dict[str, set[str]]) -> set[tuple[str, frozenset[str]]]:
    return {(heir, frozenset(codes)) for heir, codes in found.items()}


class TheListRolledBackInTime:
    def test_is_that_of_2024_when_nothing_is_taken_back(self, tmp_path: Path) -> None:
        write_list(tmp_path / "list.csv", LAST)

        rolled, published = insee_edition(tmp_path / "list.csv"), insee_edition(COMMUNES)

        assert rolled.units == published.units
        assert rolled.parts == published.parts

    def test_has_more_communes_the_further_back_it_goes(self) -> None:
        counts = [sum(kind == COMMUNE for kind, _code in state_of(day)) for day in (FIRST, LAST)]

        assert counts == [18_721, 17_687]


class WhenTwoListsAYearApartAreCompared:
    def test_mergers_are_found_as_the_events_tell_them(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        found = scores(*YEARS[:2])

        with capsys.disabled():
            click.echo(table("French communes, 2015 against 2016", found))
        merged, nouvelles, renamed, *_others = found
        assert merged.precision >= 0.99
        assert merged.recall >= 0.98
        assert nouvelles.precision >= 0.99
        assert nouvelles.recall >= 0.95
        assert (renamed.precision, renamed.recall) == (1.0, 1.0)


@pytest.mark.drill
class WhenEveryYearlyListIsCompared:
    def test_mergers_and_renames_are_found_as_the_events_tell_them(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        pairs = pairwise(YEARS)
        added = [
            reduce(Score.__or__, some)
            for some in zip(*(scores(*pair) for pair in pairs), strict=True)
        ]

        with capsys.disabled():
            click.echo(table("French communes, 2015 to 2024, year by year", added))
        merged, nouvelles, renamed, recoded, restored, _named = added
        assert merged.precision >= 0.99
        assert merged.recall >= 0.95
        assert nouvelles.precision >= 0.95
        assert nouvelles.recall >= 0.92
        assert (renamed.precision, renamed.recall) == (1.0, 1.0)
        assert (recoded.precision, recoded.recall) == (1.0, 1.0)
        assert (restored.precision, restored.recall) == (1.0, 1.0)


class WhenTwoListsNineYearsApartAreCompared:
    def test_what_the_lists_can_show_is_found_and_the_rest_is_named_not_guessed(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Where the delegated communes were given up again before the second list, nothing in it
        says where a commune went: 17 % of the mergers are named as unplaced."""
        found = scores(FIRST, LAST)

        with capsys.disabled():
            click.echo(table("French communes, 2015 against 2024", found))
        merged, _nouvelles, renamed, _recoded, _restored, named = found
        assert merged.precision >= 0.99
        assert merged.recall >= 0.82
        assert (renamed.precision, renamed.recall) == (1.0, 1.0)
        assert named.recall == 1.0
