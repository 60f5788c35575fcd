"""`place-registry db`: the database the registry lives in."""

import json

import click

from api.cli.session import database_url, private_cluster
from api.settings import read_settings
from registry.migrations import migrate


@click.group()
def db() -> None:
    """The private PostGIS cluster under REGISTRY_HOME, or the one DATABASE_URL names."""


@db.command()
def start() -> None:
    """Start the private cluster; makes it the first time."""
    click.echo(database_url(read_settings()))


@db.command()
def stop() -> None:
    """Stop the private cluster."""
    cluster = private_cluster(read_settings())
    if cluster is None:
        raise click.UsageError("DATABASE_URL is set: that server is not ours to stop")
    cluster.stop()
    click.echo("stopped")


@db.command()
@click.option("--json", "json_out", is_flag=True, help="Machine-readable output.")
def status(json_out: bool) -> None:
    """Say where the database is and whether it runs."""
    settings = read_settings()
    cluster = private_cluster(settings)
    facts = {
        "private": cluster is not None,
        "running": True if cluster is None else cluster.running(),
        "place": None if cluster is None else str(cluster.place),
        "url": settings.database_url if cluster is None else cluster.url(),
    }
    if json_out:
        click.echo(json.dumps(facts))
        return
    click.echo("\n".join(f"{name}: {value}" for name, value in facts.items() if value is not None))


@db.command("migrate")
def migrate_() -> None:
    """Bring the schema up to date."""
    migrate(database_url(read_settings()))
    click.echo("up to date")
