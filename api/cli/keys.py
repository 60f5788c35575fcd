"""`place-registry keys`: who may do what."""

import json

import click

from api.cli.session import open_database
from api.security import ROLES, create_key, revoke_keys


@click.group()
def keys() -> None:
    """Keys of people and systems."""


@keys.command()
@click.argument("holder")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the holder may do.")
@click.option("--json", "json_out", is_flag=True, help="Machine-readable output.")
def create(holder: str, role: str, json_out: bool) -> None:
    """Make a key; it is shown once."""
    with open_database().connect() as connection:
        secret = create_key(connection, holder=holder, role=role)
        connection.commit()
    click.echo(json.dumps({"holder": holder, "role": role, "key": secret}) if json_out else secret)


@keys.command()
@click.argument("holder")
def revoke(holder: str) -> None:
    """End every key of a holder."""
    with open_database().connect() as connection:
        count = revoke_keys(connection, holder=holder)
        connection.commit()
    click.echo(f"{count} revoked")
