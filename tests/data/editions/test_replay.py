"""Fujian carried from 2009 to 2023 by acts alone, in a real registry, agreeing with every edition."""

import click
import pytest
from sqlalchemy import Engine, func, select

from data.editions.comparison import gaps
from data.editions.units import VILLAGE, Edition
from registry.divisions.tables import succession_version
from tests.data.editions.replay import (
    ALL_LEVELS,
    EDITIONS,
    LEVELS_OF,
    Replay,
    differences,
    edition_of,
)

ONE_CITY, WHOLE_PROVINCE = "3502", "35"
FIRST_DAY, LAST_DAY = "2009", EDITIONS[-1]


def carry_through(engine: Engine, within: str) -> Replay:
    """Every edition in turn: draft, commit, compare to the last unit it lists."""
    replay = Replay(engine, within)
    for name in (FIRST_DAY, *EDITIONS):
        replay.carry_to(name)
        listed = Edition.of(edition_of(name, within))
        levels = LEVELS_OF.get(name, ALL_LEVELS)
        assert listed.level(levels[-1]), f"{name} lists nothing at level {levels[-1]}"
        assert differences(replay.held(name), listed, levels) == [], name
    return replay


def edges(engine: Engine) -> int:
    with engine.connect() as connection:
        found = connection.scalar(select(func.count()).select_from(succession_version))
    return found or 0


class WhenACityIsCarriedFromEditionToEdition:
    def test_it_agrees_with_every_edition_and_its_villages_keep_their_identity(
        self, engine: Engine
    ) -> None:
        replay = carry_through(engine, ONE_CITY)

        papers = [paper for some in replay.papers.values() for paper in some]
        assert replay.acts == len(papers)
        assert all(paper["effective_precision"] == "by_edition" for paper in papers)
        first, last = replay.ids(FIRST_DAY, VILLAGE), replay.ids(LAST_DAY, VILLAGE)
        assert len(first & last) >= 0.95 * len(first)
        assert edges(engine) > 0


@pytest.mark.drill
class WhenAWholeProvinceIsCarriedFromEditionToEdition:
    def test_it_agrees_with_every_edition_to_the_last_village(
        self, engine: Engine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        replay = carry_through(engine, WHOLE_PROVINCE)

        left_out = gaps(Edition.of(edition_of("2013", WHOLE_PROVINCE)))
        lost = sum(len(paper["unplaced"]) for some in replay.papers.values() for paper in some)
        with capsys.disabled():
            click.echo(
                f"\n{replay.acts} acts, {replay.operations} operations, {lost} units unplaced"
            )
            click.echo(f"counties the edition of 2013 does not go into: {left_out}")
            click.echo(replay.seconds)
        first, last = replay.ids(FIRST_DAY, VILLAGE), replay.ids(LAST_DAY, VILLAGE)
        assert len(first & last) >= 0.97 * len(first)
        # What nobody could place is named; it is not many.
        assert lost < 0.02 * len(last)
