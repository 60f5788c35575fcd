"""A district's replica carries what was said of an act later, and the days both names count."""

import pytest
from sqlalchemy import Connection, Engine

from registry.changes.annulment import annul
from registry.changes.model import Intent, Verb
from registry.changes.scope import scoped_items
from registry.changes.store import ChangeStore
from registry.changes.view import FeedView
from registry.changes.work import Work
from registry.log.sealing import seal
from registry.restructuring.correction import correct_act
from tests.builder import RegistryBuilder
from tests.registry.changes.test_scope import Shown, apply, shown
from tests.registry.undoing.works import ACTS, ON, city, enact

PAPER = {
    "title": "马巷撤镇设街并分设凤翔街道",
    "effective_on": ON.isoformat(),
    "decree": {"authority": "福建省人民政府", "number": "闽政文〔2021〕3号"},
    "dual_names": {"until": "2022-01-06"},
    "operations": [ACTS[0], ACTS[4]],
}
NAMED = ("amendment_version", "dual_name_version")


@pytest.fixture
def builder(engine: Engine) -> RegistryBuilder:
    made = RegistryBuilder(engine)
    city(made)
    return made


class TheScopeOfAnUndoneAct:
    @pytest.mark.parametrize(
        ("code", "kinds"),
        [
            ("350213", frozenset[str]()),
            ("350213102", frozenset[str]()),
            ("350213104", frozenset[str]()),
            ("350213", frozenset({"subdistrict", "village"})),
        ],
    )
    def test_goes_from_one_snapshot_to_the_next(
        self, builder: RegistryBuilder, code: str, kinds: frozenset[str]
    ) -> None:
        view = FeedView(within=builder.ids[code], kinds=kinds)
        with builder.engine.connect() as connection:
            start = ChangeStore(connection).head()
            undone(connection)
            head = ChangeStore(connection).head()
            held = shown(connection, view, start)
            steps = []
            for number in range(start + 1, head + 1):
                held = apply(held, list(scoped_items(connection, view, number)))
                assert held == shown(connection, view, number)
                steps.append(counts(held))

        act, corrected, annulled, restored = steps
        assert (act[0], corrected[0]) == (0, 0 if kinds else 1)
        assert annulled == (0 if kinds else 1, 0)
        assert restored == (0 if kinds else 2, corrected[1])
        assert bool(act[1]) is (code != "350213104")


def counts(held: Shown) -> tuple[int, int]:
    amendments, windows = (sum(1 for key in held if key[0] == table) for table in NAMED)
    return amendments, windows


def undone(connection: Connection) -> None:
    """Carried out, corrected, annulled, and the annulment annulled: four changes."""
    restructuring_id, number = enact(connection, PAPER)
    work = Work(connection, Intent("甲", Verb.CORRECT, "更正"))
    correct_act(work, restructuring_id, {"effective_on": "2021-02-01"})
    seal(work)
    for _time in range(2):
        work = Work(connection, Intent("甲", Verb.ANNUL, "撤销"))
        annul(work, number)
        seal(work)
        number = work.number
