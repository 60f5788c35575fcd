"""`place-registry mcp`: the registry as tools for language-model agents, over standard input."""

import contextlib
import sys

import click

from api.cli.session import open_database


@click.command("mcp")
@click.option("--drafts", is_flag=True, help="Let plans be read that nobody has published.")
def mcp(*, drafts: bool) -> None:
    """Serve the Model Context Protocol on stdio: geocode, reverse, divisions, follow_code.

    Meant to be started by an agent's host; says nothing but protocol on standard output.
    """
    from api.agent_desk import AgentDesks
    from api.agents import agents_server
    from api.rehearsing import Rehearsals
    from data.nation import national_names
    from registry.hot import HotReads
    from registry.search.finder import Finder
    from registry.search.gazetteers import Gazetteers

    with contextlib.redirect_stdout(sys.stderr):
        engine = open_database()
    url = engine.url.render_as_string(hide_password=False)
    hot, rehearsals = HotReads(url), Rehearsals(url)
    hot.open()
    try:
        finder = Finder(hot.rows, Gazetteers(national_names()))
        desks = AgentDesks(engine, finder, rehearsals, drafts=drafts)
        agents_server(desks, version="0.1.0").run("stdio")
    finally:
        rehearsals.close()
        hot.close()
        engine.dispose()
