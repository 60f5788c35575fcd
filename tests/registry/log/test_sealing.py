"""A change enters the log in the transaction that makes it, or it is not made."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from registry.changes.model import Intent, Verb
from registry.changes.store import ChangeStore
from registry.changes.work import Work
from registry.log.sealing import seal, seal_backlog
from registry.log.store import LogStore
from tests.builder import MAXIANG, RegistryBuilder


def log_of(engine: Engine) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM log_entry ORDER BY 1")).all()
        rows += connection.execute(text("SELECT * FROM log_node ORDER BY 1, 2")).all()
        return [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in rows]


class WhenAWorkIsNotSealed:
    def test_it_cannot_be_committed(self, engine: Engine) -> None:
        with engine.connect() as connection:
            Work(connection, Intent("甲", Verb.IMPORT, "忘了封存")).start()
            with pytest.raises(IntegrityError, match="change_sealed"):
                connection.commit()

        with engine.connect() as connection:
            assert ChangeStore(connection).head() == 0

    def test_one_that_is_undone_leaves_nothing(self, engine: Engine) -> None:
        with engine.connect() as connection:
            work = Work(connection, Intent("甲", Verb.IMPORT, "作废"))
            work.start()
            seal(work)
            connection.rollback()

        assert log_of(engine) == []

    def test_one_that_wrote_nothing_needs_no_seal(self, engine: Engine) -> None:
        with engine.connect() as connection:
            seal(Work(connection, Intent("甲", Verb.IMPORT, "未动")))
            connection.commit()

        assert log_of(engine) == []


class WhenChangesAreOlderThanTheLog:
    def test_they_are_entered_as_if_one_by_one(self, engine: Engine) -> None:
        builder = RegistryBuilder(engine)
        builder.tree(MAXIANG)
        for _ in range(6):
            builder.doors("350213102201", 1)
        sealed = log_of(engine)
        with engine.connect() as connection:
            connection.execute(text("ALTER TABLE change DROP CONSTRAINT change_sealed_fkey"))
            connection.execute(text("TRUNCATE log_entry, log_node"))
            head = seal_backlog(connection)
            connection.commit()

        assert head == 7
        assert log_of(engine) == sealed
        with engine.connect() as connection:
            assert LogStore(connection).size() == 7
