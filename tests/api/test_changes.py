"""The feed over HTTP."""

from pathlib import Path

import httpx
from click.testing import CliRunner
from sqlalchemy import Engine

from api.cli.changes import changes
from api.work import works_on
from registry.changes.annulment import annul
from registry.changes.model import Intent, Verb
from tests.conftest import serving
from tests.random_works import RandomWorks
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

    def test_keeps_full_pages_for_ever_and_the_open_one_for_nobody(
        self, city_url: str, city: Engine, tmp_path: Path
    ) -> None:
        """Whatever is corrected, annulled or restructured later."""
        RandomWorks(city, 8).do_many(8)
        with serving(city_url, tmp_path) as url, httpx.Client(base_url=url, timeout=60) as reader:
            head = reader.get("/readyz").json()["change"]
            district = reader.get("/v1/divisions/350213").json()["division"]["id"]
            pages = [
                f"/v1/changes?after={head - 8}&limit=8{view}"
                for view in ("", "&expand=addresses", f"&within={district}", "&collection=names")
            ]
            full = {page: reader.get(page) for page in pages}
            lasting = reader.get(f"/v1/changes?after={head - 8}&limit=8&within=350213")
            begun = reader.get(f"/v1/changes?after={head - 3}&limit=8")

            for number in range(head, head - 8, -1):
                with works_on(city)(Intent("甲", Verb.CORRECT, f"撤销 {number}")) as work:
                    annul(work, number)
            again = {page: reader.get(page) for page in pages}

            for page, one in full.items():
                assert "immutable" in one.headers["cache-control"]
                assert again[page].content == one.content
                assert again[page].headers["etag"] == one.headers["etag"]
                kept = reader.get(page, headers={"If-None-Match": one.headers["etag"]})
                assert (kept.status_code, kept.content) == (304, b"")
            # A code may be another division's tomorrow.
            assert lasting.headers["cache-control"] == begun.headers["cache-control"] == "no-cache"
            grown = reader.get(f"/v1/changes?after={head - 3}&limit=8")
            assert (len(begun.json()), len(grown.json())) == (3, 8)
            assert grown.headers["etag"] != begun.headers["etag"]

    def test_fills_an_empty_copy_over_the_wire_until_all_tables_are_equal(
        self, base_url: str, database_url: str, engine: Engine, demo: Engine
    ) -> None:
        done = CliRunner().invoke(
            changes, ["replay", "--from-url", base_url, "--into", database_url]
        )

        assert done.exit_code == 0, done.output
        assert contents(engine) == contents(demo)
