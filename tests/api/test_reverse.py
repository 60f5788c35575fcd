"""A place to what lies around it over HTTP: divisions, doors, sides, crossings; sea and elsewhere."""

from typing import Any

import httpx
import pytest

from api.coordinates import Crs, given_out

DOOR = "翔安区马巷镇琼头村琼头中里9号"
MOMENT = "2030-01-01T00:00:00Z"


def reverse(client: httpx.Client, lon: float, lat: float, **params: Any) -> dict[str, Any]:
    answered = client.get("/v1/reverse", params={"lon": lon, "lat": lat, **params})
    assert answered.status_code == 200, answered.text
    found: dict[str, Any] = answered.json()
    return found


@pytest.fixture(scope="module")
def door(client: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/v1/geocode", params={"q": DOOR}).json()["results"][0]
    return found


@pytest.fixture(scope="module")
def on_a_road(client: httpx.Client) -> dict[str, Any]:
    """A door of a thoroughfare with a drawn course and doors on both sides."""
    found = client.get("/v1/addresses", params={"within": "350203", "limit": 300}).json()
    doors = [one for one in found["addresses"] if one["address"]["components"]["carrier"]]
    for one in doors:
        where = one["position"]
        near = reverse(client, where["lon"], where["lat"])["results"]
        if near and near[0]["side"] and near[0]["side"]["parity"]:
            return one
    raise AssertionError("no door of the demo city stands on a side of a road")


class WhenAPointLiesInATerritory:
    def test_its_whole_chain_comes_from_the_territories_of_that_day(
        self, client: httpx.Client, door: dict[str, Any]
    ) -> None:
        where = (door["position"]["lon"], door["position"]["lat"])

        now, before = reverse(client, *where), reverse(client, *where, at="2020-12-31")

        assert now["where"] == "territory"
        assert [unit["name"] for unit in now["divisions"]] == [
            unit["name"] for unit in door["divisions"]
        ]
        assert now["divisions"][1]["name"] == "凤翔街道"
        assert before["divisions"][1]["name"] == "马巷镇"
        assert before["results"][0]["address"]["text"].startswith("福建省厦门市翔安区马巷镇")

    def test_known_is_answered_like_now_when_nothing_was_recorded_since(
        self, client: httpx.Client, door: dict[str, Any]
    ) -> None:
        where = (door["position"]["lon"], door["position"]["lat"])

        assert reverse(client, *where, known=MOMENT) == reverse(client, *where)

    def test_before_anything_was_recorded_nothing_is_there(
        self, client: httpx.Client, door: dict[str, Any]
    ) -> None:
        where = (door["position"]["lon"], door["position"]["lat"])

        found = reverse(client, *where, known="2000-01-01T00:00:00Z")

        assert (found["where"], found["divisions"], found["results"]) == ("outside", [], [])

    def test_the_door_is_on_the_side_its_number_says(
        self, client: httpx.Client, on_a_road: dict[str, Any]
    ) -> None:
        where = on_a_road["position"]

        best = reverse(client, where["lon"], where["lat"])["results"][0]

        number = best["address"]["components"]["number"]
        assert best["side"]["parity"] == ("odd" if number % 2 else "even")
        assert best["side"]["hand"] in ("left", "right")
        assert best["side"]["derived_from"] in ("course", "doors")

    def test_the_nearest_road_and_its_crossing_come_with_metres(
        self, client: httpx.Client, on_a_road: dict[str, Any]
    ) -> None:
        found = reverse(client, on_a_road["position"]["lon"], on_a_road["position"]["lat"])

        assert found["road"]["distance_m"] < 2000
        if found["crossing"] is not None:
            assert found["road"]["name"] in found["crossing"]["roads"]
            assert found["crossing"]["distance_m"] >= found["road"]["distance_m"] - 100

    def test_nearer_doors_come_first(self, client: httpx.Client, door: dict[str, Any]) -> None:
        found = reverse(client, door["position"]["lon"], door["position"]["lat"], limit=10)

        metres = [one["distance_m"] for one in found["results"]]
        assert len(metres) == 10
        assert metres == sorted(metres)


class WhenAPointLiesInNoTerritory:
    def test_the_sea_is_called_sea(self, client: httpx.Client) -> None:
        found = reverse(client, 119.5, 23.0)

        assert (found["where"], found["divisions"], found["results"]) == ("sea", [], [])
        assert "Natural Earth" in found["where_from"]

    @pytest.mark.parametrize("point", [(116.4, 39.9), (-70.0, -30.0)])
    def test_other_land_is_outside(self, client: httpx.Client, point: tuple[float, float]) -> None:
        assert reverse(client, *point)["where"] == "outside"


class WhenAnotherGridIsAskedFor:
    @pytest.mark.parametrize("crs", [Crs.GCJ02, Crs.BD09])
    def test_the_answer_is_the_same_place_labelled(
        self, client: httpx.Client, door: dict[str, Any], crs: Crs
    ) -> None:
        lon, lat = door["position"]["lon"], door["position"]["lat"]
        plain = reverse(client, lon, lat)

        shifted = reverse(client, *given_out(lon, lat, crs), crs=crs)

        assert (plain["crs"], shifted["crs"]) == ("cgcs2000", crs)
        one, other = plain["results"][0], shifted["results"][0]
        assert other["address"]["code"] == one["address"]["code"]
        assert other["distance_m"] < 0.5
        assert abs(other["position"]["lon"] - one["position"]["lon"]) > 0.003

    def test_an_unknown_one_is_refused(self, client: httpx.Client) -> None:
        where = {"lon": 118, "lat": 24, "crs": "epsg:3857"}
        assert client.get("/v1/reverse", params=where).status_code == 422
