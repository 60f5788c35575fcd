"""The tools for agents, driven by the SDK's own client over standard input and output."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import anyio
import httpx
import pytest
from mcp import Client, StdioServerParameters

from api.security import create_key
from registry.database import make_engine
from tests.conftest import serving

DOOR = "翔安区马巷镇琼头村琼头中里9号"
ROOT = Path(__file__).parents[2]


Told = Callable[..., list[Any]]


def telling(url: str, home: Path, *options: str) -> Told:
    """Asks tools over a registry, all in one session, and gives what each said."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "api.cli.main", "mcp", *options],
        env={"DATABASE_URL": url, "REGISTRY_HOME": str(home), "PYTHONPATH": str(ROOT)},
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


@pytest.fixture
def told(demo_url: str, tmp_path: Path) -> Told:
    return telling(demo_url, tmp_path)


class WhenAnAgentAsks:
    def test_every_tool_answers_with_the_past_and_its_decrees(self, told: Told) -> None:
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

    def test_a_point_is_told_in_the_grid_it_was_given_in(self, told: Told) -> None:
        (found,) = told(("geocode", {"text": DOOR}))
        where = found.structured_content["results"][0]["position"]

        plain, shifted = told(
            ("reverse", {"lon": where["lon"], "lat": where["lat"]}),
            ("reverse", {"lon": where["lon"], "lat": where["lat"], "crs": "gcj02"}),
        )

        assert plain.structured_content["results"][0]["distance_m"] < 1
        assert shifted.structured_content["results"][0]["distance_m"] > 100


class WhenAnAgentAsksWhatAPlanWouldLeadTo:
    PAPER: ClassVar[dict[str, Any]] = {
        "title": "新圩镇撤镇设街",
        "effective_on": "2027-03-01",
        "decree": {"authority": "福建省人民政府", "number": "闽政文〔2027〕1号"},
        "operations": [
            {"retype": {"division": "350213103", "kind": "subdistrict", "name": "新圩街道", "code": "350213010"}}
        ],
    }  # fmt: skip

    def test_every_tool_answers_as_if_it_had_come_once_the_plan_is_published(
        self, city_url: str, tmp_path: Path
    ) -> None:
        engine = make_engine(city_url)
        with engine.connect() as connection:
            key = create_key(connection, holder="reviewer", role="reviewer")
            connection.commit()
        engine.dispose()
        with (
            serving(city_url, tmp_path) as place,
            httpx.Client(base_url=place, headers={"Authorization": f"Bearer {key}"}) as client,
        ):
            village = client.get("/v1/divisions/350213103/children").json()["divisions"][0]
            lying = {"division": village["codes"]["statistical"], "limit": 1}
            door = client.get("/v1/addresses", params=lying).json()["addresses"][0]
            head = int(client.get("/v1/changes/1").headers["Registry-Change"])
            plan = client.post("/v1/restructurings", json=self.PAPER).json()["id"]
            text, spot = door["address"]["text"], door["position"]
            at_it = {"lon": spot["lon"], "lat": spot["lat"], "plan": plan}

            (draft,) = telling(city_url, tmp_path)(("reverse", at_it))
            (shown,) = telling(city_url, tmp_path, "--drafts")(("reverse", at_it))
            published = client.post(f"/v1/restructurings/{plan}/publish")
            found, before, around, unit, code, both, nothing = telling(city_url, tmp_path)(
                ("geocode", {"text": text, "plan": plan}),
                ("geocode", {"text": text, "plan": plan, "at": "2027-02-28"}),
                ("reverse", at_it),
                ("divisions", {"name": "新圩街道", "plan": plan}),
                ("follow_code", {"code": "350213103", "plan": plan}),
                ("reverse", {**at_it, "known": "2026-01-01T00:00:00Z"}),
                ("reverse", {**at_it, "plan": "no-such-plan"}),
            )

        assert draft.is_error and "draft" in draft.content[0].text
        assert published.status_code == 200, published.text
        best = found.structured_content["results"][0]
        assert "新圩街道" in best["address"]["text"] and best["match"]["via"]
        assert "新圩镇" in before.structured_content["results"][0]["address"]["text"]
        for one in (shown, around):
            assert "新圩街道" in [link["name"] for link in one.structured_content["divisions"]]
            assert one.structured_content["plan"]["id"] == plan
            assert one.structured_content["change"] == head
            assert one.structured_content["at"] == "2027-03-01"
        (street,) = unit.structured_content["divisions"]
        assert street["code"] == "350213010"
        bearers = code.structured_content["bearers"]
        assert {"新圩街道"} <= {unit["name"] for one in bearers for unit in one["stands"]}
        assert both.is_error and "plan-goes-without-known" in both.content[0].text
        assert nothing.is_error and "restructuring-is-unknown" in nothing.content[0].text
