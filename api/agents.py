"""What language-model agents may ask (Model Context Protocol): geocode, reverse, divisions, codes.

The tools answer with the same views as the HTTP interface. Each question is read on a connection
of its own, at a day (`at`) and with the knowledge of a moment (`known`), or as a plan would leave it.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from mcp.server.mcpserver import MCPServer
from pydantic import Field

from api.agent_desk import AgentDesk, AgentDesks
from api.coordinates import Crs, taken_in
from api.geocode_view import geocode_view
from api.reverse_view import reverse_view
from api.views import bearer_out, division_out, edge_out, history_out
from registry.changes.store import ChangeStore
from registry.divisions.lineage import LineageStore, SuccessionEdge
from registry.divisions.store import DivisionStore
from registry.divisions.values import DivisionFilter

INSTRUCTIONS = """
A registry of Chinese administrative divisions (行政区划), place names and standard addresses with
their whole history. Texts may use names of any time; `via` says what became of a former name and by
which decree. `at` is the day an answer holds for, `known` the moment whose knowledge it rests on; with `plan`
it is what a restructuring would lead to, and no fact.
Grade A is certain, B a safe repair, C a candidate: never present a C as the answer.
"""
MOST_DIVISIONS = 20
MOST_STEPS = 200

At = Annotated[str | None, Field(description="Day the answer holds for, YYYY-MM-DD; default today")]
Known = Annotated[str | None, Field(description="Moment of knowledge, RFC 3339; default now")]
Plan = Annotated[
    str | None,
    Field(
        description="Id of a restructuring plan: the answer is that of the registry as it would be "
        "after it, on its effective date unless `at` says otherwise; does not go with `known`"
    ),
]
Few = Annotated[int, Field(ge=1, le=20)]
Open = Callable[[str | None, str | None, str | None], AbstractContextManager[AgentDesk]]


def agents_server(desks: AgentDesks, version: str) -> MCPServer:
    """The tools over a registry."""
    server = MCPServer("place-registry", instructions=INSTRUCTIONS, version=version)
    _add_places(server, desks.open)
    _add_divisions(server, desks.open)
    return server


def _add_places(server: MCPServer, desk: Open) -> None:
    @server.tool()
    def geocode(
        text: Annotated[str, Field(description="An address as people write it", max_length=1000)],
        at: At = None,
        known: Known = None,
        plan: Plan = None,
        limit: Few = 5,
    ) -> dict[str, Any]:
        """Find the addresses a Chinese text means, with a grade, the proof and former names."""
        with desk(at, known, plan) as here:
            found = here.finder.ask(here.connection, text, here.at, limit=limit)
            return _plain(geocode_view(text, found), here)

    @server.tool()
    def reverse(
        lon: Annotated[float, Field(ge=-180, le=180)],
        lat: Annotated[float, Field(ge=-90, le=90)],
        crs: Literal["cgcs2000", "wgs84", "gcj02", "bd09"] = "cgcs2000",
        at: At = None,
        known: Known = None,
        plan: Plan = None,
        limit: Few = 1,
    ) -> dict[str, Any]:
        """Tell where a point lies: divisions of that day, nearest doors, side of the road."""
        system = Crs(crs)
        with desk(at, known, plan) as here:
            found = here.finder.around.ask(*taken_in(lon, lat, system), here.at, limit=limit)
            return _plain(reverse_view((lon, lat), system, found), here)


def _add_divisions(server: MCPServer, desk: Open) -> None:
    @server.tool()
    def divisions(
        name: Annotated[str | None, Field(description="Whole name, such as 马巷镇")] = None,
        code: Annotated[str | None, Field(description="Code in force, such as 350213102")] = None,
        within: Annotated[str | None, Field(description="Id or code it lies in")] = None,
        level: Annotated[
            int | None, Field(ge=1, le=5, description="1 province … 5 village")
        ] = None,
        at: At = None,
        known: Known = None,
        plan: Plan = None,
    ) -> dict[str, Any]:
        """Look divisions (行政区划) up as they were on a day, each with the chain above it."""
        with desk(at, known, plan) as here:
            store = DivisionStore(here.connection)
            inside = None if within is None else store.resolve(within, here.at)
            asked = DivisionFilter(name=name, code=code, within=inside, level=level)
            page = store.page(asked, here.at, limit=MOST_DIVISIONS, cursor=None)
            chains = store.chains([one.division_id for one in page.divisions], here.at)
            shown = [
                {
                    **msgspec.to_builtins(division_out(one)),
                    "above": [link.name for link in chains.get(one.division_id, ())[1:]],
                }
                for one in page.divisions
            ]
            return _plain({"divisions": shown, "more": page.cursor is not None}, here)

    @server.tool()
    def follow_code(
        code: Annotated[str, Field(description="A code of any time, such as 350213102")],
        at: At = None,
        known: Known = None,
        plan: Plan = None,
    ) -> dict[str, Any]:
        """Follow a division code (区划代码) through every change to what stands on a day."""
        with desk(at, known, plan) as here:
            return _plain({"code": code, "bearers": _followed(here, code)}, here)


def _followed(here: AgentDesk, code: str) -> list[dict[str, Any]]:
    store, lineage = DivisionStore(here.connection), LineageStore(here.connection)
    changes = ChangeStore(here.connection)
    bearers = []
    for bearer in store.by_code(code, here.at.known):
        edges = _onwards(bearer.division_id, lineage, here)
        versions = store.history(bearer.division_id, here.at.known)
        numbers = [*(one.begun_by for one in versions), *(e.change for e in edges)]
        acts = changes.many(numbers, here.at.known)
        heirs = {edge.successor_id for edge in edges if edge.successor_id} | {bearer.division_id}
        units = [division_out(store.get(one, here.at)) for one in sorted(heirs)]
        bearers.append(
            {
                **bearer_out(bearer),
                "stands": [unit for unit in units if unit.status == "in_force"],
                "versions": history_out(versions, acts),
                "via": [edge_out(edge, acts) for edge in edges],
            }
        )
    return bearers


def _onwards(division_id: UUID, lineage: LineageStore, here: AgentDesk) -> list[SuccessionEdge]:
    """The edges that lead on from a division, through any number of acts up to the day."""
    found: list[SuccessionEdge] = []
    seen, frontier = {division_id}, [division_id]
    while frontier and len(found) < MOST_STEPS:
        for edge in lineage.successors(frontier.pop(), here.at.known):
            if edge.on is None or edge.on <= here.at.valid_on:
                found.append(edge)
                if edge.successor_id is not None and edge.successor_id not in seen:
                    seen.add(edge.successor_id)
                    frontier.append(edge.successor_id)
    return found


def _plain(body: Any, here: AgentDesk) -> dict[str, Any]:
    """A view as plain JSON, with its place in time, and the plan it supposes."""
    shown: dict[str, Any] = msgspec.to_builtins(body)
    plan = here.plan
    if plan is None:
        return {"at": f"{here.at.valid_on}", "change": here.at.known, **shown}
    supposed = {
        "id": str(plan.restructuring_id),
        "title": plan.title,
        "effective_on": f"{plan.effective_on}",
        "committed_as": plan.committed_as,
    }
    return {"at": f"{here.at.valid_on}", "change": plan.drawn_at, "plan": supposed, **shown}
