"""Completion over HTTP: from the first key, with doors once a digit is typed, on any day."""

from typing import Any

import httpx
import pytest

DOOR = "翔安区马巷镇琼头村琼头中里9号"


def complete(client: httpx.Client, q: str, **params: Any) -> list[dict[str, Any]]:
    answered = client.get("/v1/autocomplete", params={"q": q, **params})
    assert answered.status_code == 200, answered.text
    assert answered.headers["Registry-Change"].isdigit()
    found: list[dict[str, Any]] = answered.json()["results"]
    return found


class WhenSomebodyTypes:
    @pytest.mark.parametrize("q", ["x", "xa", "xiangan", "翔", "翔安", "翔a"])
    def test_a_district_is_offered_from_the_first_key(self, client: httpx.Client, q: str) -> None:
        found = complete(client, q, limit=20)

        assert "翔安区" in [one["text"] for one in found]
        assert all(one["within"] or one["kind"] == "province" for one in found)

    def test_a_former_town_is_marked_with_what_it_is_now(self, client: httpx.Client) -> None:
        now = {one["text"]: one for one in complete(client, "maxiang")}
        before = {one["text"]: one for one in complete(client, "maxiang", at="2020-12-31")}

        assert now["马巷镇"]["former"] and now["马巷镇"]["now"] == ["马巷街道"]
        assert not now["马巷街道"]["former"]
        assert list(now).index("马巷街道") < list(now).index("马巷镇")
        assert not before["马巷镇"]["former"]

    @pytest.mark.parametrize("q", ["琼头中里9", "qiongtouzhongli9", "qtzl9", "翔安区琼头中里9号"])
    def test_doors_appear_once_a_digit_is_typed(self, client: httpx.Client, q: str) -> None:
        best = complete(client, q)[0]

        assert best["type"] == "door"
        assert best["text"].endswith("琼头社区琼头中里9号")
        assert best["position"]["lon"] > 100

    def test_a_door_found_is_the_one_the_geocoder_finds(self, client: httpx.Client) -> None:
        code = complete(client, "琼头中里9号")[0]["code"]
        found = client.get("/v1/geocode", params={"q": DOOR}).json()["results"][0]

        assert code == found["address"]["code"]

    def test_what_nothing_begins_with_is_an_empty_answer(self, client: httpx.Client) -> None:
        assert complete(client, "qqqqzzzz") == []

    def test_known_takes_the_answer_back_in_time(self, client: httpx.Client) -> None:
        assert complete(client, "翔安", known="2000-01-01T00:00:00Z") == []
        assert complete(client, "翔安", known="2030-01-01T00:00:00Z") == complete(client, "翔安")

    @pytest.mark.parametrize(
        "params", [{}, {"q": ""}, {"q": "x" * 2000}, {"q": "x", "limit": 0}, {"q": "x", "lmit": 1}]
    )
    def test_a_bad_question_is_refused(self, client: httpx.Client, params: dict[str, Any]) -> None:
        assert client.get("/v1/autocomplete", params=params).status_code == 422
