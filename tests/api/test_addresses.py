"""Addresses over HTTP: one, many, and what each was called before."""

import csv
import io
from typing import Any

import httpx
import pytest

DOOR = "翔安区琼头社区琼头中里9号"
OLD = "2020-12-31"


@pytest.fixture(scope="module")
def code(client: httpx.Client) -> str:
    found = client.get("/v1/geocode", params={"q": DOOR}).json()["results"]
    made: str = found[0]["address"]["code"]
    return made


def get(client: httpx.Client, path: str, **params: Any) -> Any:
    answered = client.get(path, params=params)
    assert answered.status_code == 200, answered.text
    return answered.json()


class WhenOneAddressIsRead:
    def test_it_reads_as_of_the_day(self, client: httpx.Client, code: str) -> None:
        now, before = (get(client, f"/v1/addresses/{code}", **when) for when in ({}, {"at": OLD}))

        assert now["address"]["text"] == "福建省厦门市翔安区凤翔街道琼头社区琼头中里9号"
        assert before["address"]["text"] == "福建省厦门市翔安区马巷镇琼头社区琼头中里9号"
        assert now["address"]["id"] == before["address"]["id"]
        assert [unit["level"] for unit in now["divisions"]] == [5, 4, 3, 2, 1]

    def test_the_bare_driver_and_the_plain_way_agree(self, client: httpx.Client, code: str) -> None:
        hot = get(client, f"/v1/addresses/{code}")
        plain = get(client, f"/v1/addresses/{code}", known="2100-01-01T00:00:00Z")

        assert hot == plain

    def test_the_answer_says_where_in_time_it_stands(self, client: httpx.Client, code: str) -> None:
        answered = client.get(f"/v1/addresses/{code}", params={"at": OLD})

        assert int(answered.headers["Registry-Change"]) > 0
        assert answered.headers["Memento-Datetime"].startswith("Thu, 31 Dec 2020")
        again = client.get(
            f"/v1/addresses/{code}",
            params={"at": OLD},
            headers={"If-None-Match": answered.headers["ETag"]},
        )
        assert again.status_code == 304

    def test_before_anything_was_known_of_it_there_is_no_such_address(
        self, client: httpx.Client, code: str
    ) -> None:
        answered = client.get(f"/v1/addresses/{code}", params={"known": "2001-01-01T00:00:00Z"})

        assert answered.status_code == 404
        assert answered.json()["code"] == "address-is-unknown"

    def test_a_slip_of_the_pen_gets_the_code_that_was_meant(
        self, client: httpx.Client, code: str
    ) -> None:
        slip = code[:-1] + ("0" if code[-1] != "0" else "1")

        answered = client.get(f"/v1/addresses/{slip}")

        assert answered.status_code == 404
        assert answered.json()["code"] == "address-code-is-mistyped"
        assert answered.json()["suggestion"] == code

    @pytest.mark.parametrize("at", ["2021-02-30", "yesterday", "2021-1-1"])
    def test_a_day_that_does_not_exist_is_refused(
        self, client: httpx.Client, code: str, at: str
    ) -> None:
        answered = client.get(f"/v1/addresses/{code}", params={"at": at})

        assert answered.status_code == 422
        assert answered.json()["code"] == "date-is-invalid"

    def test_a_misspelt_parameter_is_refused(self, client: httpx.Client, code: str) -> None:
        assert client.get(f"/v1/addresses/{code}", params={"ta": OLD}).status_code == 422


class WhenItsHistoryIsRead:
    def test_every_text_comes_with_its_decree(self, client: httpx.Client, code: str) -> None:
        texts = get(client, f"/v1/addresses/{code}/history")["texts"]

        assert [one["text"][9:13] for one in texts] == ["马巷镇琼", "马巷街道", "凤翔街道"]
        assert texts[1]["decree"]["number"] == "闽政文〔2021〕3号"
        assert [one["valid_from"] for one in texts[1:]] == ["2021-01-06", "2021-10-31"]


class WhenAddressesAreListed:
    def test_pages_follow_the_link(self, client: httpx.Client) -> None:
        first = client.get("/v1/addresses", params={"within": "350213", "limit": 3})
        second = client.get(first.links["next"]["url"])

        codes = [
            one["address"]["code"]
            for answered in (first, second)
            for one in answered.json()["addresses"]
        ]
        assert codes == sorted(set(codes))
        assert len(codes) == 6

    def test_a_carrier_and_number_name_one_door(self, client: httpx.Client, code: str) -> None:
        found = get(client, "/v1/addresses", thoroughfare="琼头中里", number=9)["addresses"]

        assert code in [one["address"]["code"] for one in found]

    def test_the_same_rows_come_as_csv_and_geojson(self, client: httpx.Client) -> None:
        params: dict[str, Any] = {"within": "350213", "limit": 5}
        as_csv = client.get("/v1/addresses", params={**params, "format": "csv"})
        as_geojson = client.get("/v1/addresses", params={**params, "format": "geojson"})

        rows = list(csv.DictReader(io.StringIO(as_csv.content.decode("utf-8-sig"))))
        features = as_geojson.json()["features"]
        assert [row["code"] for row in rows] == [one["properties"]["code"] for one in features]
        assert features[0]["geometry"]["type"] == "Point"

    @pytest.mark.parametrize("bbox", ["1,2,3", "a,b,c,d", "119,24,118,25", "0,0,200,1"])
    def test_a_box_that_is_none_is_refused(self, client: httpx.Client, bbox: str) -> None:
        answered = client.get("/v1/addresses", params={"bbox": bbox})

        assert answered.status_code == 422
        assert answered.json()["code"] == "request-is-invalid"
