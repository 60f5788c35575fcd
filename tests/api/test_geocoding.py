"""Texts and places to doors over HTTP and on the command line."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.cli.main import run

FORMER = "翔安区马巷镇琼头村琼头中里9号"


def ask(client: httpx.Client, text: str, **params: Any) -> list[dict[str, Any]]:
    answered = client.get("/v1/geocode", params={"q": text, **params})
    assert answered.status_code == 200, answered.text
    found: list[dict[str, Any]] = answered.json()["results"]
    return found


class WhenATownOf2020IsNamed:
    def test_the_door_comes_with_its_present_subdistrict_and_the_decree(
        self, client: httpx.Client
    ) -> None:
        best = ask(client, FORMER)[0]

        assert best["match"]["grade"] == "A"
        assert [unit["name"] for unit in best["divisions"]][:2] == ["琼头社区", "凤翔街道"]
        via = best["match"]["via"][0]
        assert (via["text"], via["now"]) == ("马巷镇", "凤翔街道")
        assert via["decree"]["number"] == "闽政文〔2021〕3号"

    def test_on_the_last_day_of_2020_the_town_still_stands(self, client: httpx.Client) -> None:
        best = ask(client, FORMER, at="2020-12-31")[0]

        assert best["match"]["grade"] == "A"
        assert best["divisions"][1]["name"] == "马巷镇"
        assert best["match"]["via"] == []

    @pytest.mark.parametrize(
        ("text", "now"),
        [
            ("翔安区新店镇彭厝村彭厝北里12号", "金海街道"),
            ("同安区新民镇后宅社区后宅里12号", "新美街道"),
            ("同安区新民镇湖安社区湖安里12号", "美林街道"),
        ],
    )
    def test_each_heir_of_a_split_town_gets_its_own_doors(
        self, client: httpx.Client, text: str, now: str
    ) -> None:
        assert ask(client, text)[0]["divisions"][1]["name"] == now


class WhenATextIsRead:
    def test_the_answer_says_how(self, client: httpx.Client) -> None:
        said = client.get(
            "/v1/geocode", params={"q": "請送到翔安區馬巷鎮琼头中里9號 王先生 13812345678"}
        ).json()

        assert said["reading"]["text"] == "翔安区马巷镇琼头中里9号"
        assert "13812345678" not in str(said["reading"])
        assert [one["role"] for one in said["reading"]["elements"]] == [
            "county",
            "township",
            "carrier",
            "number",
        ]
        assert said["located"]["level"] == "door"
        assert said["missing"] == []

    def test_parts_may_be_given_one_by_one(self, client: httpx.Client) -> None:
        parts = {"county": "翔安区", "township": "马巷镇", "carrier": "琼头中里", "number": "9"}

        by_parts = client.get("/v1/geocode", params=parts).json()

        assert by_parts["results"] == ask(client, "翔安区马巷镇琼头中里9号")

    def test_both_a_text_and_parts_or_neither_is_refused(self, client: httpx.Client) -> None:
        for params in ({}, {"q": "琼头中里9号", "number": "9"}):
            refused = client.get("/v1/geocode", params=params)
            assert (refused.status_code, refused.json()["code"]) == (422, "request-is-invalid")

    def test_what_is_no_address_is_refused_by_name(self, client: httpx.Client) -> None:
        refused = client.get("/v1/geocode", params={"q": "路" * 1001})

        assert (refused.status_code, refused.json()["code"]) == (422, "text-is-too-long")

    def test_an_address_of_another_city_is_cut_into_its_elements(
        self, client: httpx.Client
    ) -> None:
        said = client.get("/v1/geocode", params={"q": "杭州市西湖区文一西路969号"}).json()

        assert said["results"] == []
        assert said["located"] is None
        assert [one["role"] for one in said["missing"]] == ["unknown division"]
        assert [one["role"] for one in said["reading"]["elements"]] == [
            "city",
            "county",
            "road",
            "number",
        ]

    def test_a_road_without_a_number_has_a_position_and_says_what_is_missing(
        self, client: httpx.Client
    ) -> None:
        said = client.get("/v1/geocode", params={"q": "湖里区金湖路"}).json()

        assert said["results"] == []
        assert (said["located"]["level"], said["located"]["name"]) == ("thoroughfare", "金湖路")
        assert [one["role"] for one in said["missing"]] == ["number"]

    def test_coordinates_come_in_the_system_asked_for_and_say_so(
        self, client: httpx.Client
    ) -> None:
        plain = client.get("/v1/geocode", params={"q": FORMER}).json()
        shifted = client.get("/v1/geocode", params={"q": FORMER, "crs": "gcj02"}).json()
        same = client.get("/v1/geocode", params={"q": FORMER, "crs": "wgs84"}).json()

        assert (shifted.pop("crs"), same.pop("crs")) == ("gcj02", "wgs84")
        assert same == plain
        for one, other in (
            (shifted["located"], plain["located"]),
            (shifted["results"][0]["position"], plain["results"][0]["position"]),
        ):
            assert 0.004 < one["lon"] - other["lon"] < 0.006
            assert -0.004 < one["lat"] - other["lat"] < -0.002
        refused = client.get("/v1/geocode", params={"q": FORMER, "crs": "epsg:2154"})
        assert (refused.status_code, refused.json()["code"]) == (422, "request-is-invalid")

    def test_two_addresses_in_a_line_are_said_to_be_two(self, client: httpx.Client) -> None:
        said = client.get("/v1/geocode", params={"q": "湖滨南路388号/湖滨四里62号之3"}).json()

        assert said["reading"]["addresses"] == ["湖滨南路388号", "湖滨四里62号之3"]
        assert [one["match"]["of_address"] for one in said["results"]] == [0, 1]
        assert {one["match"]["grade"] for one in said["results"]} == {"C"}
        assert said["missing"] == [{"role": "one address", "options": []}]


class WhenAPlaceIsGiven:
    def test_the_door_standing_there_is_the_nearest(self, client: httpx.Client) -> None:
        door = ask(client, FORMER)[0]
        where = {"lon": door["position"]["lon"], "lat": door["position"]["lat"]}

        found = client.get("/v1/reverse", params=where).json()["results"][0]

        assert found["distance_m"] < 1
        assert found["position"] == door["position"]

    @pytest.mark.parametrize(
        "where", [{"lon": 118}, {"lon": 200, "lat": 0}, {"lon": "x", "lat": 0}]
    )
    def test_a_place_that_is_none_is_refused(
        self, client: httpx.Client, where: dict[str, Any]
    ) -> None:
        assert client.get("/v1/reverse", params=where).status_code == 422


class WhenAFileIsGeocoded:
    @pytest.fixture(autouse=True)
    def registry(self, demo_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", demo_url)

    @pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
    def test_the_same_rows_come_out_with_their_matches(self, tmp_path: Path, encoding: str) -> None:
        asked, answered = tmp_path / "in.csv", tmp_path / "out.csv"
        asked.write_text(f"nr,地址\n1,{FORMER}\n2,无此处\n", encoding=encoding)

        status = run(["geocode", str(asked), "--output", str(answered)])

        assert status == 0
        rows = list(csv.DictReader(io.StringIO(answered.read_text(encoding="utf-8"))))
        assert [row["nr"] for row in rows] == ["1", "2"]
        assert [row["match_grade"] for row in rows] == ["A", ""]
        assert "凤翔街道" in rows[0]["match_text"]
        assert "闽政文〔2021〕3号" in rows[0]["match_via"]

    def test_ndjson_stays_ndjson(self, tmp_path: Path) -> None:
        asked, answered = tmp_path / "in.ndjson", tmp_path / "out.ndjson"
        asked.write_text(json.dumps({"q": FORMER}) + "\n")

        assert run(["geocode", str(asked), "--output", str(answered), "--at", "2020-12-31"]) == 0

        row = json.loads(answered.read_text())
        assert row["q"] == FORMER
        assert "马巷镇" in row["match_text"]

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"nr,where\n1,x\n", "no column"),
            ("nr,地址\n1,马巷".encode(), "no line end"),
            (b"\xff\xff\xff\n", "neither UTF-8 nor GB18030"),
        ],
    )
    def test_a_broken_file_is_refused_in_one_line(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, why: str
    ) -> None:
        asked = tmp_path / "in.csv"
        asked.write_bytes(content)

        status = run(["geocode", str(asked), "--output", str(tmp_path / "out.csv")])

        assert status == 1
        assert why in capsys.readouterr().err
