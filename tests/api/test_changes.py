"""The feed over HTTP."""

import httpx
from click.testing import CliRunner
from sqlalchemy import Engine

from api.cli.changes import changes
from tests.registry.changes.test_replay import contents


class TheFeed:
    def test_lists_every_change_once_in_order(self, client: httpx.Client) -> None:
        head = client.get("/readyz").json()["change"]
        seen: list[int] = []
        while True:
            batch = client.get("/v1/changes", params={"after": seen[-1] if seen else 0}).json()
            if not batch:
                break
            seen += [int(event["id"]) for event in batch]

        assert seen == list(range(1, head + 1))

    def test_speaks_cloudevents_and_shows_old_and_new(self, client: httpx.Client) -> None:
        batch = client.get("/v1/changes?after=0&limit=100")
        act = next(e for e in batch.json() if e["data"]["effective_on"] == "2021-01-06")

        assert batch.headers["content-type"].startswith("application/cloudevents-batch+json")
        assert {"specversion", "id", "source", "type", "time", "data"} <= set(act)
        assert act["data"]["decree"]["number"] == "闽政文〔2021〕3号"
        item = next(
            i
            for i in act["data"]["items"]
            if i["table"] == "division_version" and i["old"][0]["name"] == "马巷镇"
        )
        assert item["cause"] == "retype"
        assert [row["name"] for row in item["new"]] == ["马巷镇", "马巷街道"]

    def test_names_a_stream_instead_of_a_mountain_of_items(self, client: httpx.Client) -> None:
        batch = client.get("/v1/changes?after=0&limit=100").json()
        big = next(e["data"] for e in batch if "items_href" in e["data"])

        lines = client.get(big["items_href"]).text.splitlines()

        assert "items" not in big
        assert len(lines) > 500

    def test_fills_an_empty_copy_over_the_wire_until_all_tables_are_equal(
        self, base_url: str, database_url: str, engine: Engine, demo: Engine
    ) -> None:
        done = CliRunner().invoke(
            changes, ["replay", "--from-url", base_url, "--into", database_url]
        )

        assert done.exit_code == 0, done.output
        assert contents(engine) == contents(demo)
