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
