"""Divisions over HTTP, on the demo city, at several points of both clocks."""

import csv
import io
from typing import Any
from uuid import uuid4

import httpx
import pytest

XIANGAN = "350213"


def get(client: httpx.Client, path: str, **query: str | int) -> dict[str, Any]:
    answered = client.get(path, params=query)
    assert answered.status_code == 200, answered.text
    return answered.json()


class TheListOfDivisions:
    def test_shows_the_towns_before_and_the_subdistricts_after(self, client: httpx.Client) -> None:
        before = get(client, "/v1/divisions", parent=XIANGAN, at="2020-12-31")
        after = get(client, "/v1/divisions", parent=XIANGAN, at="2021-10-31")

        assert {"马巷镇", "新店镇"} <= {one["name"] for one in before["divisions"]}
        names = {one["name"] for one in after["divisions"]}
        assert {"马巷街道", "民安街道", "凤翔街道", "新店街道", "香山街道", "金海街道"} <= names
        assert not {"马巷镇", "新店镇"} & names

    def test_is_walked_to_its_end_by_the_next_link_with_nothing_lost_or_doubled(
        self, client: httpx.Client
    ) -> None:
        whole = get(client, "/v1/divisions", within="3502", limit=1000)["divisions"]
        walked: list[str] = []
        url = "/v1/divisions?within=3502&limit=100"
        while url:
            answered = client.get(url)
            walked += [one["id"] for one in answered.json()["divisions"]]
            url = answered.links.get("next", {}).get("url", "")

        assert walked == [one["id"] for one in whole]
        assert len(set(walked)) == len(walked) > 500

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ({"code": "350213102", "at": "2020-12-31"}, {"马巷镇"}),
            ({"name": "凤翔街道"}, {"凤翔街道"}),
            ({"level": 2}, {"厦门市"}),
            ({"kind": "prefecture"}, {"厦门市"}),
        ],
    )
    def test_can_be_narrowed(
        self, client: httpx.Client, query: dict[str, str | int], names: set[str]
    ) -> None:
        found = get(client, "/v1/divisions", **query)["divisions"]

        assert {one["name"] for one in found} == names

    def test_comes_as_csv_ndjson_and_geojson_too(self, client: httpx.Client) -> None:
        query = {"parent": XIANGAN, "limit": 5}
        as_csv = client.get("/v1/divisions", params={**query, "format": "csv"})
        lines = client.get("/v1/divisions", params={**query, "format": "ndjson"})
        features = client.get(
            "/v1/divisions", params=query, headers={"Accept": "application/geo+json"}
        ).json()

        assert len(list(csv.DictReader(io.StringIO(as_csv.text.lstrip("\ufeff"))))) == 5
        assert len(lines.text.splitlines()) == 5
        assert {one["geometry"]["type"] for one in features["features"]} == {"MultiPolygon"}
        assert {one["properties"]["basis"] for one in features["features"]} == {"illustrative"}

    def test_finds_what_lies_in_a_box(self, client: httpx.Client) -> None:
        found = get(client, "/v1/divisions", bbox="118.05,24.43,118.2,24.56", level=3)

        assert {"思明区", "湖里区"} <= {one["name"] for one in found["divisions"]}


class WhenADivisionIsRead:
    def test_a_town_turned_subdistrict_is_the_same_division(self, client: httpx.Client) -> None:
        before = get(client, "/v1/divisions/350213102", at="2020-12-31")["division"]
        after = get(client, f"/v1/divisions/{before['id']}")["division"]

        assert (before["name"], after["name"]) == ("马巷镇", "马巷街道")
        assert before["id"] == after["id"]

    def test_a_retired_one_answers_with_its_successors(self, client: httpx.Client) -> None:
        found = get(client, "/v1/divisions/350204", at="2003-01-01")["division"]

        retired = get(client, f"/v1/divisions/{found['id']}")

        assert retired["division"]["name"] == "开元区"
        assert retired["division"]["status"] == "ended"
        assert [one["name"] for one in retired["successors"]] == ["思明区"]

    def test_its_history_names_the_decrees(self, client: httpx.Client) -> None:
        versions = get(client, "/v1/divisions/350213002/history")["versions"]

        assert [one["name"] for one in versions][-2:] == ["马巷镇", "马巷街道"]
        assert versions[-1]["decree"]["number"] == "闽政文〔2021〕3号"

    def test_its_lineage_reaches_all_heirs_with_shares_that_make_one(
        self, client: httpx.Client
    ) -> None:
        body = get(client, "/v1/divisions/350213002/lineage")
        names = {one["id"]: one["name"] for one in body["nodes"]}
        split = [
            one
            for one in body["edges"]
            if one["predecessor_id"] == body["id"] and one["on"] == "2021-10-31"
        ]

        assert {"马巷街道", "民安街道", "凤翔街道"} <= {names[one["successor_id"]] for one in split}
        assert sum(one["share_members"] for one in split) == pytest.approx(1.0)
        assert sum(one["share_area"] for one in split) == pytest.approx(1.0)

    def test_its_children_are_those_of_the_day(self, client: httpx.Client) -> None:
        before = get(client, "/v1/divisions/350213102/children", at="2021-01-05")
        after = get(client, "/v1/divisions/350213002/children", at="2021-10-31")

        assert (len(before["divisions"]), len(after["divisions"])) == (36, 18)

    def test_what_was_known_before_the_act_was_recorded_stays_readable(
        self, client: httpx.Client
    ) -> None:
        acts = [one["data"] for one in client.get("/v1/changes?after=20&limit=40").json()]
        act = next(one for one in acts if one["effective_on"] == "2021-01-06")
        before = client.get(f"/v1/changes/{act['number'] - 1}").json()["recorded_at"]

        then = client.get("/v1/divisions", params={"name": "马巷街道", "known": before}).json()
        now = client.get(
            "/v1/divisions", params={"name": "马巷街道", "known": act["recorded_at"]}
        ).json()

        assert (then["divisions"], len(now["divisions"])) == ([], 1)

    def test_an_unknown_one_is_a_problem(self, client: httpx.Client) -> None:
        for reference in (str(uuid4()), "999999"):
            answered = client.get(f"/v1/divisions/{reference}")
            assert answered.status_code == 404
            assert answered.json()["code"] == "division-is-unknown"


class WhatACodeMeans:
    def test_depends_on_the_day(self, client: httpx.Client) -> None:
        before = get(client, "/v1/codes/350205", at="2003-01-01")
        after = get(client, "/v1/codes/350205", at="2004-01-01")

        assert [one["name"] for one in before["bearers"]] == ["海沧区"] * len(before["bearers"])
        one = get(client, f"/v1/divisions/{before['in_force'][0]['division_id']}", at="2003-01-01")
        assert one["division"]["name"] == "杏林区"
        assert before["in_force"][0]["division_id"] == after["in_force"][0]["division_id"]

    def test_a_retired_code_says_who_bore_it(self, client: httpx.Client) -> None:
        body = get(client, "/v1/codes/350213102")

        assert body["in_force"] == []
        assert [(one["name"], one["valid"]["to"]) for one in body["bearers"]] == [
            ("马巷镇", "2021-01-06")
        ]

    def test_a_code_nobody_bore_is_a_problem(self, client: httpx.Client) -> None:
        assert client.get("/v1/codes/123456").json()["code"] == "code-is-unknown"
