"""The tools for agents, driven by the SDK's own client over standard input and output."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters

DOOR = "翔安区马巷镇琼头村琼头中里9号"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def told(demo_url: str, tmp_path: Path) -> Callable[..., list[Any]]:
    """Asks tools, all in one session, and gives what each said."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "api.cli.main", "mcp"],
        env={"DATABASE_URL": demo_url, "REGISTRY_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
    )

    def ask(*calls: tuple[str, dict[str, Any]]) -> list[Any]:
        async def session() -> list[Any]:
            async with Client(server, read_timeout_seconds=60) as client:
                names = {tool.name for tool in (await client.list_tools()).tools}
                assert names == {"geocode", "reverse", "divisions", "follow_code"}
                return [await client.call_tool(name, arguments) for name, arguments in calls]

        return anyio.run(session)

    return ask


class WhenAnAgentAsks:
    def test_every_tool_answers_with_the_past_and_its_decrees(
        self, told: Callable[..., list[Any]]
    ) -> None:
        found, before, divisions, code, bad_day, bad_tool = told(
            ("geocode", {"text": DOOR}),
            ("geocode", {"text": DOOR, "at": "2020-12-31"}),
            ("divisions", {"name": "马巷镇", "at": "2020-12-31"}),
            ("follow_code", {"code": "350213102"}),
            ("geocode", {"text": DOOR, "at": "2021-02-30"}),
            ("reverse", {"lon": 500, "lat": 0}),
        )

        best = found.structured_content["results"][0]
        assert best["match"]["grade"] == "A"
        assert best["match"]["via"][0]["now"] == "凤翔街道"
        assert best["match"]["via"][0]["decree"]["number"] == "闽政文〔2021〕3号"
        assert before.structured_content["results"][0]["match"]["via"] == []

        (town,) = divisions.structured_content["divisions"]
        assert (town["code"], town["above"][0]) == ("350213102", "翔安区")

        bearers = code.structured_content["bearers"]
        assert {"马巷街道"} <= {unit["name"] for one in bearers for unit in one["stands"]}
        assert any(version["decree"] for one in bearers for version in one["versions"])

        assert bad_day.is_error and "date-is-invalid" in bad_day.content[0].text
        assert bad_tool.is_error

    def test_a_point_is_told_in_the_grid_it_was_given_in(
        self, told: Callable[..., list[Any]]
    ) -> None:
        (found,) = told(("geocode", {"text": DOOR}))
        where = found.structured_content["results"][0]["position"]

        plain, shifted = told(
            ("reverse", {"lon": where["lon"], "lat": where["lat"]}),
            ("reverse", {"lon": where["lon"], "lat": where["lat"], "crs": "gcj02"}),
        )

        assert plain.structured_content["results"][0]["distance_m"] < 1
        assert shifted.structured_content["results"][0]["distance_m"] > 100
