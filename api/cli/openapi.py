"""`place-registry openapi`: the description of the HTTP interface, for generators of clients."""

import json

import click

NOWHERE = "postgresql+psycopg://127.0.0.1:9/none"
"""The description rests on no database."""


@click.command()
def openapi() -> None:
    """Print the OpenAPI document; needs no database and no server."""
    from api.app import create_app
    from api.settings import read_settings

    document = create_app(read_settings(), NOWHERE).openapi()
    click.echo(json.dumps(document, ensure_ascii=False, indent=1))
