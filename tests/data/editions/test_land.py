"""Drafts from drawn municipalities: what the land itself says happened."""

from pathlib import Path

import click
import pytest

from data.editions.draft import draft_from_editions
from data.editions.foreign import territory_edition
from data.editions.units import TOWNSHIP, Edition
from registry.divisions.model import OWN
from registry.errors import SourceIsUnreadable
from tests.data.editions.land import SWISS, heirs_by_points, write_country
from tests.data.editions.scoring import Score, said_by, table

COUNTRIES = ["made-up", *(["swiss"] if all(path.exists() for path in SWISS) else [])]


@pytest.fixture(scope="module", params=COUNTRIES)
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Edition, Edition]:
    """Two editions of a country: always the made-up one, and Switzerland where its lists are."""
    paths = SWISS if request.param == "swiss" else write_country(tmp_path_factory.mktemp("land"))
    before, after = (territory_edition(path) for path in paths)
    return request.param, before, after


class WhenTheLandIsDrawn:
    def test_every_number_that_disappears_is_placed_where_its_land_is(
        self, pair: tuple[str, Edition, Edition], capsys: pytest.CaptureFixture[str]
    ) -> None:
        name, before, after = pair
        gone = before.level(TOWNSHIP).keys() - after.level(TOWNSHIP).keys()
        come = after.level(TOWNSHIP).keys() - before.level(TOWNSHIP).keys()
        heirs = heirs_by_points(
            {code: before.territories[code] for code in gone}, dict(after.territories)
        )
        of = {code: frozenset(one for one in gone if heirs[one] == code) for code in come}

        said = said_by(draft_from_editions(before, after, evidence="two lists"))

        ended = Score.of("disappeared (old, heir)", heirs.items(), said.ended)
        made = Score.of("new number, made of", of.items(), said.made.items())
        with capsys.disabled():
            click.echo(table(f"{name}, by land", (ended, made)))
        assert (ended.precision, ended.recall) == (1.0, 1.0)
        assert (made.precision, made.recall) == (1.0, 1.0)
        assert not said.unplaced
        if name == "swiss":
            assert (len(gone), len(come)) == (116, 18)

    def test_without_the_land_the_names_place_little_and_the_rest_is_named(
        self, pair: tuple[str, Edition, Edition]
    ) -> None:
        _name, before, after = pair
        gone = before.level(TOWNSHIP).keys() - after.level(TOWNSHIP).keys()

        said = said_by(
            draft_from_editions(
                Edition(before.units, scheme=OWN),
                Edition(after.units, scheme=OWN),
                evidence="names",
            )
        )

        spoken_of = {one for one, _heir in said.ended} | said.unplaced | said.recoded.keys()
        assert gone <= spoken_of

    def test_two_equal_editions_say_that_nothing_happened(
        self, pair: tuple[str, Edition, Edition]
    ) -> None:
        assert draft_from_editions(pair[1], pair[1], evidence="twice the same") == []


class WhenAFileOfTerritoriesIsNoSuchFile:
    @pytest.mark.parametrize(
        "content",
        [
            "{}",
            '{"features": []}',
            '{"features": [{"properties": {"name": "x"}, "geometry": null}]}',
            '{"features": [{"properties": {"id": 1, "name": "x"}, "geometry": {"type": "Q"}}]}',
            "no json",
        ],
    )
    def test_it_is_refused_with_the_place_named(self, tmp_path: Path, content: str) -> None:
        (tmp_path / "land.geojson").write_text(content)

        with pytest.raises(SourceIsUnreadable, match=r"land\.geojson"):
            territory_edition(tmp_path / "land.geojson")
