"""How a command reaches the database the settings name."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import Connection, Engine

from api.cluster import Cluster, cluster_at
from api.log_keys import prepare_log
from api.settings import Settings, read_settings
from api.work import works_on
from registry.changes.model import Intent
from registry.changes.work import Work
from registry.database import make_engine
from registry.migrations import migrate


def private_cluster(settings: Settings) -> Cluster | None:
    """The private cluster, or None when DATABASE_URL names another database."""
    if settings.database_url is not None:
        return None
    return cluster_at(settings.home, port=settings.database_port)


def database_url(settings: Settings) -> str:
    """Where the database is; starts the private cluster when it is down, and says so."""
    cluster = private_cluster(settings)
    if cluster is None:
        assert settings.database_url is not None
        return settings.database_url
    if cluster.start():
        click.echo("private PostGIS started; stop it with: place-registry db stop", err=True)
    return cluster.url()


@contextmanager
def open_connection(*, one_snapshot: bool = False) -> Iterator[Connection]:
    """A connection to the registry's database; everything is given back at the end.

    Args:
        one_snapshot: all reads see the registry as it was at the first.
    """
    engine = open_database()
    level = "REPEATABLE READ" if one_snapshot else "READ COMMITTED"
    try:
        with engine.connect().execution_options(isolation_level=level) as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def open_work(intent: Intent) -> Iterator[Work]:
    """One work on the registry's database, committed when the block ends well."""
    engine = open_database()
    try:
        with works_on(engine)(intent) as work:
            yield work
    finally:
        engine.dispose()


def open_database() -> Engine:
    """An engine on the registry's database, its schema and its log up to date."""
    settings = read_settings()
    url = database_url(settings)
    migrate(url)
    engine = make_engine(url)
    prepare_log(engine, settings.home, settings.log_origin)
    return engine
