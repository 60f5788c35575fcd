"""A finder over the registry that a test has built."""

from collections.abc import Iterator

import pytest

from registry.hot import HotReads
from registry.search.finder import Finder
from tests.builder import RegistryBuilder


@pytest.fixture
def finder(builder: RegistryBuilder, database_url: str) -> Iterator[Finder]:
    hot = HotReads(database_url)
    hot.open()
    yield Finder(hot.rows)
    hot.close()
