"""What the tests of restructurings share."""

import pytest
from sqlalchemy import Engine

from tests.registry.restructuring.people import Case


@pytest.fixture
def case(engine: Engine) -> Case:
    return Case(engine)
