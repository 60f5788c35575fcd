"""Snapshots, and what the feed makes of them: the state after any change, whole or in a scope."""

import json
from typing import Any

import httpx
import pytest

from registry.changes.snapshot import hashes_of
from registry.tables import LOGGED_TABLES

KEYS = {str(table.name): str(table.info["key"]) for table in LOGGED_TABLES}
Rows = dict[tuple[str, Any], dict[str, Any]]


def lines_of(client: httpx.Client, query: str) -> list[bytes]:
    return client.get(f"/v1/snapshot?{query}").content.splitlines()


def own(table: str, row: dict[str, Any]) -> tuple[str, Any]:
    return table, row.get("version_id", row[KEYS[table]])


def rows_of(client: httpx.Client, query: str) -> Rows:
    rows = [json.loads(line) for line in lines_of(client, query)[1:-1]]
    return {own(row["table"], row["row"]): row["row"] for row in rows}


class TheSnapshot:
    def test_says_what_it_shows_and_that_it_is_whole(self, client: httpx.Client) -> None:
        answered = client.get("/v1/snapshot?collection=divisions&change=5")
        lines = answered.content.splitlines()

        head = json.loads(lines[0])["snapshot"]
        assert (head["change"], head["collections"]) == (5, ["divisions"])
        assert lines[-1] == b'{"end":5}'
        assert "immutable" in answered.headers["cache-control"]
        newest = client.get("/v1/snapshot?collection=names")
        assert newest.headers["cache-control"] == "no-cache"

    def test_of_a_change_that_is_not_yet_is_an_error(self, client: httpx.Client) -> None:
        answered = client.get("/v1/snapshot?change=99999")

        assert (answered.status_code, answered.json()["code"]) == (404, "change-is-unknown")

    def test_agrees_with_its_hashes(self, client: httpx.Client) -> None:
        for view in ("change=30", "change=30&within=350213", "change=30&collection=divisions"):
            lines = lines_of(client, f"{view}&representation=exact")[1:-1]
            keyed = (
                (row["table"], str(row["row"][KEYS[row["table"]]]), line)
                for line in lines
                for row in [json.loads(line)]
            )
            wanted = client.get(f"/v1/snapshot/hashes?{view}").json()["hashes"]
            found = [
                {"table": one.table, "range": one.range, "rows": one.rows, "sha256": one.sha256}
                for one in hashes_of(keyed)
            ]
            assert sorted(found, key=str) == sorted(wanted, key=str), view

    @pytest.mark.parametrize(
        "view", ["", "&within=350213", "&within=350212&collection=divisions", "&kind=subdistrict"]
    )
    def test_is_what_the_feed_makes_of_the_one_before(
        self, client: httpx.Client, view: str
    ) -> None:
        """Take the old rows out, put the new ones in: the whole rule for who follows."""
        head = client.get("/readyz").json()["change"]
        start = 27
        held = rows_of(client, f"change={start}{view}")
        for number in range(start + 1, head + 1):
            for line in client.get(f"/v1/changes/{number}/items?{view[1:]}").iter_lines():
                item = json.loads(line)
                for row in item["old"]:
                    held.pop(own(item["table"], row))
                for row in item["new"]:
                    held[own(item["table"], row)] = row

        wanted = rows_of(client, f"change={head}{view}")
        assert held.keys() == wanted.keys()
        for key, row in wanted.items():
            # Rows of identities have no days; the whole feed does not repeat who wrote a row.
            told = {name: value for name, value in held[key].items() if name in row}
            assert told == {name: row[name] for name in told}
            assert row.keys() - told.keys() <= {"recorded_from"}


class TheScope:
    def test_says_who_left_and_who_came(self, client: httpx.Client) -> None:
        """The split of 马巷 and 新店 on 2021-10-31 gave villages to new subdistricts."""
        change = next(
            event
            for event in client.get("/v1/changes?after=27&limit=20").json()
            if "设立民安、凤翔" in event["data"]["title"]
        )
        number = int(change["id"])
        transform = next(t for t in change["data"]["transforms"] if "moved" in t["kinds"])
        unit = transform["to"][0]["id"]
        before, after = transform["from"][0]["parent_id"], transform["to"][0]["parent_id"]

        left, came = (
            [
                json.loads(line)
                for line in client.get(f"/v1/changes/{number}/items?within={scope}").iter_lines()
            ]
            for scope in (before, after)
        )

        assert "leave" in {item["movement"] for item in left if item["object_id"] == unit}
        assert "enter" in {item["movement"] for item in came if item["object_id"] == unit}
