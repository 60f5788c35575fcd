"""How a command reaches the database the settings name."""

import click
from sqlalchemy import Engine

from api.cluster import Cluster, cluster_at
from api.settings import Settings, read_settings
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


def open_database() -> Engine:
    """An engine on the registry's database, its schema up to date."""
    url = database_url(read_settings())
    migrate(url)
    return make_engine(url)
