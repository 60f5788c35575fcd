"""The feed from nothing to the head, replayed into an empty copy, gives equal tables."""

import msgspec
import pytest
from sqlalchemy import Engine, text

from api.views import change_out
from registry.changes.feed import as_rows, items_of
from registry.changes.replay import (
    ReplayedChange,
    change_from_json,
    continue_numbering,
    replay,
)
from registry.changes.store import ChangeStore
from registry.errors import ReplayOutOfOrder
from registry.tables import LOGGED_TABLES

COMPARED = [table.name for table in LOGGED_TABLES] + ["change", "decree", "registry_head"]


def contents(engine: Engine) -> dict[str, tuple[int, str]]:
    with engine.connect() as connection:
        return {
            name: tuple(
                connection.execute(
                    text(
                        f"SELECT count(*), coalesce(md5(string_agg(r, chr(10) ORDER BY r)), '') "
                        f'FROM (SELECT t::text AS r FROM "{name}" t) AS rows'
                    )
                ).one()
            )
            for name in COMPARED
        }


class WhenTheFeedIsReplayed:
    def test_every_table_of_the_copy_is_equal(self, demo: Engine, engine: Engine) -> None:
        with demo.connect() as source, engine.connect() as target:
            store = ChangeStore(source)
            for number in range(1, store.head() + 1):
                # Through JSON and back: what a replica over the wire gets.
                wire = msgspec.json.encode(change_out(store.get(number)))
                items = msgspec.json.decode(
                    msgspec.json.encode(list(items_of(source, number, exact=True)))
                )
                rows = [
                    (item["table"], side, row)
                    for item in items
                    for side in ("old", "new")
                    for row in item[side]
                ]
                replay(target, ReplayedChange(change_from_json(msgspec.json.decode(wire)), rows))
            continue_numbering(target)
            target.commit()

        assert contents(engine) == contents(demo)

    def test_no_change_may_be_left_out(self, demo: Engine, engine: Engine) -> None:
        with demo.connect() as source, engine.connect() as target:
            second = ChangeStore(source).get(2)
            rows = list(as_rows(items_of(source, 2, exact=True)))
            with pytest.raises(ReplayOutOfOrder):
                replay(target, ReplayedChange(second, rows))
