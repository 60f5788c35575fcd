"""The pinned score of geocoding: a corpus made from the demo city, by class of noise."""

import pytest
from sqlalchemy import Engine

from api import clock
from benchmarks.corpus import NOISES, NOWHERE, make_corpus
from benchmarks.quality import Score, precision_of_certain, score
from data.nation import national_names
from registry.changes.store import ChangeStore
from registry.hot import HotReads
from registry.search.finder import Finder
from registry.search.gazetteers import Gazetteers

EACH = 60
PINNED = {
    "exact": 0.99,
    "missing parts": 0.99,
    "full width": 0.99,
    "numerals": 0.99,
    "one wrong character": 0.95,
    "other word for a building": 0.99,
    "traditional": 0.99,
    "extra words": 0.95,
    "former town": 0.99,
    "former road": 0.99,
    "pinyin": 0.90,
    "reordered": 0.99,
}
"""Least share of texts whose first answer is the address meant."""


@pytest.fixture(scope="module")
def scores(demo: Engine, demo_url: str) -> dict[str, Score]:
    hot = HotReads(demo_url)
    hot.open()
    finder = Finder(hot.rows, Gazetteers(national_names()))
    with demo.connect() as connection:
        at = ChangeStore(connection).as_of(clock.today())
        gazetteer = finder.gazetteer(connection, at)
        corpus = make_corpus(connection, gazetteer, at, each=EACH)
        found, _wrong = score(
            corpus, lambda text: finder.ask(connection, text, at, limit=5).outcome.matches
        )
    hot.close()
    return {one.noise: one for one in found}


class WhenTheCorpusIsGeocoded:
    def test_every_class_of_noise_is_asked(self, scores: dict[str, Score]) -> None:
        assert {noise for noise, one in scores.items() if one.asked} == set(NOISES)

    @pytest.mark.parametrize("noise", PINNED)
    def test_the_address_meant_comes_first(self, scores: dict[str, Score], noise: str) -> None:
        assert scores[noise].recall >= PINNED[noise]

    def test_what_is_called_certain_is_right(self, scores: dict[str, Score]) -> None:
        assert precision_of_certain(list(scores.values())) >= 0.999

    @pytest.mark.parametrize("noise", sorted(NOWHERE))
    def test_what_does_not_exist_is_never_certain(
        self, scores: dict[str, Score], noise: str
    ) -> None:
        assert scores[noise].asked > 0
        assert scores[noise].certain == 0
