"""Where works are committed: the only place besides the routes that may."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from registry.changes.model import Intent
from registry.changes.work import OpenWork, Work
from registry.log.sealing import seal


def works_on(engine: Engine) -> OpenWork:
    """A way to do works one after another: each is committed when its block ends well."""

    @contextmanager
    def open_work(intent: Intent) -> Iterator[Work]:
        with engine.connect() as connection:
            work = Work(connection, intent)
            yield work
            seal(work)
            connection.commit()

    return open_work
