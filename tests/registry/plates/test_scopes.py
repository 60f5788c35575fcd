"""A district's replica carries the plates of its doors, and nobody else's."""

from datetime import date

import pytest
from sqlalchemy import Engine

from registry.changes.model import Verb
from registry.changes.scope import scoped_items
from registry.changes.store import ChangeStore
from registry.changes.view import FeedView
from registry.plates import commands
from registry.plates.model import PlateKind, RevocationReason
from registry.plates.store import PlateStore
from tests.builder import MAXIANG, RegistryBuilder
from tests.registry.changes.test_scope import apply, shown

ISSUED, REPLACED = date(2020, 6, 30), date(2021, 6, 1)


@pytest.fixture
def builder(engine: Engine) -> RegistryBuilder:
    made = RegistryBuilder(engine)
    made.tree(MAXIANG)
    made.doors("350213102201", 2, made.carrier("琼头中里", "350213102201"))
    made.doors("350213103201", 1)
    return made


class TheScopeOfPlates:
    @pytest.mark.parametrize(
        ("code", "kinds", "issued", "replaced"),
        [
            ("350213", frozenset[str](), 3, 4),
            ("350213102", frozenset[str](), 2, 3),
            ("350213103", frozenset[str](), 1, 1),
            ("350213", frozenset({"village"}), 0, 0),
        ],
    )
    def test_goes_from_one_snapshot_to_the_next(
        self,
        builder: RegistryBuilder,
        code: str,
        kinds: frozenset[str],
        issued: int,
        replaced: int,
    ) -> None:
        view = FeedView(within=builder.ids[code], kinds=kinds)
        with builder.engine.connect() as connection:
            start = ChangeStore(connection).head()
        doors = list(builder.address_ids)
        with builder.work("issue", Verb.CHANGE) as work:
            commands.issue_plates(work, doors, kind=PlateKind.SMALL, on=ISSUED)
        with builder.engine.connect() as connection:
            held = PlateStore(connection).of_address(doors[0], builder.as_of(connection, REPLACED))[
                0
            ]
        with builder.work("reissue", Verb.CHANGE) as work:
            commands.reissue_plate(work, held, on=REPLACED, reason=RevocationReason.DAMAGED)

        counted = []
        with builder.engine.connect() as connection:
            rows = shown(connection, view, start)
            for number in (start + 1, start + 2):
                rows = apply(rows, list(scoped_items(connection, view, number)))
                assert rows == shown(connection, view, number)
                counted.append(sum(1 for key in rows if key[0] == "plate"))

        assert counted == [issued, replaced]
