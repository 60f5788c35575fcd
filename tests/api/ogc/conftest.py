"""Surveyors at a service of their own."""

from collections.abc import Iterator

import pytest

from tests.api.ogc.surveyors import Desk, opened
from tests.conftest import Databases


@pytest.fixture(scope="session")
def surveyors(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    with opened(databases, template, tmp_path_factory.mktemp("desk")) as made:
        yield made


@pytest.fixture
def desk(surveyors: Desk) -> Desk:
    """The same with no draft open."""
    surveyors.withdraw_all()
    return surveyors
