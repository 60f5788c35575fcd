"""The crosswalk over HTTP and on the command line, on the real acts of the demo city."""

import csv
import hashlib
import io
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from api.cli.crosswalk import crosswalk

TWO_ACTS = {"from": "2020-06-30", "to": "2022-10-31"}
SHARES = ("share_members", "share_area", "share_addresses", "share_population")


def rows_of(
    client: httpx.Client, path: str = "/v1/crosswalk", **asked: Any
) -> list[dict[str, Any]]:
    answered = client.get(path, params=asked)
    assert answered.status_code == 200, answered.text
    rows: list[dict[str, Any]] = answered.json()["rows"]
    return rows


def as_text(row: dict[str, Any]) -> dict[str, str]:
    """A row of the JSON as the CSV is said to write it."""

    def cell(value: Any) -> str:
        if isinstance(value, dict):
            return ";".join(f"{name}={one}" for name, one in value.items())
        if isinstance(value, list):
            return ";".join(map(str, value))
        return "" if value is None else str(value)

    return {name: cell(value) for name, value in row.items()}


class TheCrosswalk:
    def test_says_what_became_of_every_town(self, client: httpx.Client) -> None:
        answered = client.get(
            "/v1/crosswalk", params={**TWO_ACTS, "within": "350213", "level": 4, "format": "csv"}
        )
        rows = list(csv.DictReader(io.StringIO(answered.text.lstrip("\ufeff"))))
        heirs = {row["new_name"] for row in rows if row["old_name"] == "马巷镇"}

        assert heirs == {"马巷街道", "民安街道", "凤翔街道"}
        assert sum(
            float(row["share_members"]) for row in rows if row["old_name"] == "新店镇"
        ) == pytest.approx(1.0)
        assert all(
            "闽政文〔2021〕3号" in row["decrees"] for row in rows if row["old_name"] == "马巷镇"
        )
        assert [row["relation"] for row in rows if row["old_name"] == "内厝镇"] == ["unchanged"]

    def test_gives_every_village_its_new_code(self, client: httpx.Client) -> None:
        asked = {"from": "2021-10-31", "to": "2022-10-31", "within": "350212", "level": 5}
        rows = rows_of(client, **asked)
        moved = {row["old_code"]: row["new_code"] for row in rows}
        stayed = next(row for row in rows if row["relation"] == "recoded")

        assert moved["350212106001"] != "350212106001"
        assert all(code is None or len(code) == 12 for code in moved.values())
        assert stayed["on"] == ["2022-04-08"]
        assert stayed["decrees"] == ["厦门市人民政府"]

    def test_says_what_each_share_was_measured_on_and_when(self, client: httpx.Client) -> None:
        rows = rows_of(client, **TWO_ACTS, within="350213", level=4)
        split = [row for row in rows if row["old_name"] == "马巷镇"]
        same = next(row for row in rows if row["old_name"] == "内厝镇")

        assert {row["basis_area"] for row in split} == {"illustrative"}
        assert {row["basis_addresses"] for row in split} == {"generated addresses in force"}
        assert all("2021-01-06" not in row["shares_on"] for row in split)
        assert all(row["shares_on"] for row in split)
        assert (same["share_area"], same["basis_area"], same["shares_on"]) == (1.0, "whole", [])
        assert {row["basis_population"] for row in split} == {"resident population, illustrative"}
        assert all(row["population_on"] for row in split)
        assert (same["share_population"], same["basis_population"]) == (1.0, "whole")
        assert sum(row["share_population"] for row in split) == pytest.approx(1.0)

    def test_shares_of_every_division_add_up_to_it_where_they_are_known(
        self, client: httpx.Client
    ) -> None:
        rows = rows_of(client, **{"from": "2009-12-31", "to": "2026-01-01"})
        of_one: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            if row["old_id"] is not None:
                of_one[row["old_id"]].append(row)

        assert any(len(parts) > 1 for parts in of_one.values())
        for parts in of_one.values():
            for name in SHARES:
                known = [row[name] for row in parts]
                if None not in known:
                    assert sum(known) == pytest.approx(1.0), parts

    def test_within_a_district_follows_everything_that_left_it(self, client: httpx.Client) -> None:
        everywhere = rows_of(client, **{"from": "2009-12-31", "to": "2026-01-01"})
        within = rows_of(client, **{"from": "2009-12-31", "to": "2026-01-01"}, within="350206")

        assert 0 < len(within) < len(everywhere)
        olds = {row["old_id"] for row in within if row["old_id"]}
        assert [row for row in everywhere if row["old_id"] in olds] == [
            row for row in within if row["old_id"]
        ]


class TheCrosswalkByChanges:
    def test_of_the_change_that_made_it_a_subdistrict(self, client: httpx.Client) -> None:
        acts = client.get("/v1/restructurings").json()["restructurings"]
        act = next(one["change_number"] for one in acts if one["effective_on"] == "2021-01-06")

        rows = rows_of(client, **{"from": act - 1, "to": act, "at": "2021-01-06"}, level=4)
        told = [row for row in rows if row["relation"] != "unchanged"]

        assert {row["old_name"]: row["new_name"] for row in told} == {
            "马巷镇": "马巷街道",
            "新店镇": "新店街道",
        }
        assert all((row["changes"], row["on"]) == ([act], ["2021-01-06"]) for row in told)

    def test_from_the_empty_registry_calls_everything_new(self, client: httpx.Client) -> None:
        head = client.get("/readyz").json()["change"]

        rows = rows_of(client, **{"from": 0, "to": head, "level": 4})

        assert {row["relation"] for row in rows} <= {"added", "new"}

    @pytest.mark.parametrize(
        ("asked", "status", "code"),
        [
            ({"from": 31, "to": 30}, 422, "knowledge-runs-backwards"),
            ({"from": 1, "to": 999999}, 404, "change-is-unknown"),
            ({"from": "2022-01-01", "to": "2021-01-01"}, 422, "period-is-empty"),
            ({"from": "2022-02-30", "to": "2023-01-01"}, 422, "date-is-invalid"),
            ({**TWO_ACTS, "within": "999999"}, 404, "division-is-unknown"),
            ({**TWO_ACTS, "format": "xlsx"}, 422, "request-is-invalid"),
        ],
    )
    def test_refuses_what_it_cannot_answer(
        self, client: httpx.Client, asked: dict[str, Any], status: int, code: str
    ) -> None:
        answered = client.get("/v1/crosswalk", params=asked)

        assert (answered.status_code, answered.json()["code"]) == (status, code)


class TheFiles:
    def test_csv_says_what_json_says(self, client: httpx.Client) -> None:
        answered = client.get("/v1/crosswalk", params={**TWO_ACTS, "format": "csv"})
        rows = list(csv.DictReader(io.StringIO(answered.content.decode("utf-8-sig"))))

        assert answered.content.startswith(b"\xef\xbb\xbf")
        assert rows == [as_text(row) for row in rows_of(client, **TWO_ACTS)]

    def test_parquet_says_what_json_says_in_columns_with_types(self, client: httpx.Client) -> None:
        body = client.get("/v1/crosswalk", params=TWO_ACTS).json()
        answered = client.get("/v1/crosswalk", params={**TWO_ACTS, "format": "parquet"})
        table = pq.read_table(io.BytesIO(answered.content))
        told = {name.decode(): value.decode() for name, value in table.schema.metadata.items()}

        assert answered.headers["content-type"] == "application/vnd.apache.parquet"
        assert str(table.schema.field("on").type) == "list<element: date32[day]>"
        assert str(table.schema.field("share_area").type) == "double"
        assert [read_back(row) for row in table.to_pylist()] == body["rows"]
        assert (told["from"], told["to"]) == (body["from"], body["to"])
        assert (told["to_change"], told["status"]) == (str(body["to_change"]), "final")
        assert len(table.to_pandas()) == len(body["rows"])

    def test_command_line_and_http_agree_to_the_byte(
        self, client: httpx.Client, demo_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", demo_url)
        for form in ("csv", "json", "parquet"):
            out = tmp_path / f"table.{form}"
            options = ["--from", "2020-06-30", "--to", "2022-10-31", "--within", "350213"]
            done = CliRunner().invoke(crosswalk, [*options, "--format", form, "--out", str(out)])
            asked = {**TWO_ACTS, "within": "350213", "format": form}
            over_http = client.get("/v1/crosswalk", params=asked).content
            again = client.get("/v1/crosswalk", params=asked).content

            assert done.exit_code == 0, done.output
            assert digest(out.read_bytes()) == digest(over_http) == digest(again), form

        printed = CliRunner().invoke(crosswalk, [*options, "--json"])
        assert json.loads(printed.stdout) == json.loads((tmp_path / "table.json").read_text())


class TheCrosswalkOfARestructuring:
    def test_is_final_once_committed_and_holds_only_what_it_touched(
        self, client: httpx.Client
    ) -> None:
        acts = client.get("/v1/restructurings").json()["restructurings"]
        act = next(one for one in acts if one["effective_on"] == "2021-01-06")
        path = f"/v1/restructurings/{act['id']}/crosswalk"
        body = client.get(path).json()

        assert body["status"] == "final"
        assert body["to_change"] == act["change_number"]
        assert {row["relation"] for row in body["rows"]} <= {"recoded", "renamed+retyped+recoded"}
        assert {"马巷街道", "新店街道"} == {
            row["new_name"] for row in body["rows"] if row["level"] == 4
        }
        assert all(row["changes"] == [act["change_number"]] for row in body["rows"])
        for form in ("csv", "parquet"):
            assert client.get(path, params={"format": form}).status_code == 200

    def test_holds_no_other_act_of_the_same_day(self, client: httpx.Client) -> None:
        for act in client.get("/v1/restructurings").json()["restructurings"]:
            rows = rows_of(client, f"/v1/restructurings/{act['id']}/crosswalk")

            assert rows, act["title"]
            assert {number for row in rows for number in row["changes"]} == {act["change_number"]}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read_back(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the Parquet file as JSON would write it."""
    return {
        **row,
        **{
            name: [day.isoformat() for day in row[name]]
            for name in ("on", "shares_on", "population_on")
        },
        **{name: row[name] and dict(row[name]) for name in ("old_codes", "new_codes")},
    }
