"""Databases of the benchmarks' own: made, filled, dropped; the registry's data is never touched."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, create_engine, make_url, text

from api.cluster import cluster_at
from api.settings import Settings
from registry.migrations import migrate

PREFIX = "bench"


@dataclass(frozen=True, slots=True)
class Server:
    """A PostGIS server on which databases may be made."""

    admin: Engine

    @contextmanager
    def database(self, name: str, template: str | None = None) -> Iterator[str]:
        """A migrated database, or a copy of one; dropped at the end."""
        full = f"{PREFIX}_{name}"
        source = f' TEMPLATE "{PREFIX}_{template}"' if template else ""
        with self.admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{full}" WITH (FORCE)'))
            connection.execute(text(f'CREATE DATABASE "{full}"{source}'))
        url = self.admin.url.set(database=full).render_as_string(hide_password=False)
        if template is None:
            migrate(url)
        try:
            yield url
        finally:
            with self.admin.connect() as connection:
                connection.execute(text(f'DROP DATABASE IF EXISTS "{full}" WITH (FORCE)'))


@contextmanager
def server(settings: Settings) -> Iterator[Server]:
    """The server of DATABASE_URL, or a private cluster that is stopped afterwards."""
    if settings.database_url is not None:
        admin = create_engine(make_url(settings.database_url), isolation_level="AUTOCOMMIT")
        yield Server(admin)
        admin.dispose()
        return
    cluster = cluster_at(settings.home / "bench")
    cluster.start()
    admin = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    try:
        yield Server(admin)
    finally:
        admin.dispose()
        cluster.stop()
