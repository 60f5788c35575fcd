"""Nominatim's clients against the face made for them: geopy for real, QGIS by its own request."""

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from geopy.exc import GeocoderQueryError
from geopy.geocoders import Nominatim

DOOR = "翔安区琼头中里9号"
FORMER = "翔安区马巷镇琼头村琼头中里9号"


@pytest.fixture(scope="module")
def geopy(base_url: str) -> Nominatim:
    domain = urlsplit(base_url).netloc
    return Nominatim(domain=domain, scheme="http", user_agent="place-registry-tests", timeout=30)


def ask(client: httpx.Client, path: str, **params: Any) -> Any:
    answered = client.get(path, params=params)
    assert answered.status_code == 200, answered.text
    return answered.json()


class WhenGeopyAsks:
    def test_it_finds_a_door_under_its_former_town(self, geopy: Nominatim) -> None:
        found = geopy.geocode(FORMER, addressdetails=True, language="zh")

        assert found.address.startswith("9号, 琼头中里, 琼头社区, 凤翔街道, 翔安区")
        assert 118 < found.longitude < 119
        assert found.raw["address"]["country_code"] == "cn"

    def test_it_asks_in_parts(self, geopy: Nominatim) -> None:
        whole = geopy.geocode(DOOR)
        parts = geopy.geocode({"street": "9 琼头中里", "county": "翔安区", "city": "厦门市"})

        assert parts.raw["osm_id"] == whole.raw["osm_id"]

    def test_it_goes_back_and_forth(self, geopy: Nominatim) -> None:
        door = geopy.geocode(DOOR)

        back = geopy.reverse((door.latitude, door.longitude), exactly_one=True)

        assert back.raw["osm_id"] == door.raw["osm_id"]
        assert back.raw["address"]["house_number"] == "9号"

    def test_coarser_zooms_give_larger_places(self, geopy: Nominatim) -> None:
        door = geopy.geocode(DOOR)
        where = (door.latitude, door.longitude)

        names = [geopy.reverse(where, zoom=zoom).raw["name"] for zoom in (5, 8, 10, 13, 14)]

        assert names == ["厦门市", "厦门市", "翔安区", "凤翔街道", "琼头社区"]

    def test_the_sea_is_nothing(self, geopy: Nominatim) -> None:
        assert geopy.reverse((23.0, 119.5)) is None

    def test_it_finds_roads_and_divisions_and_several(self, geopy: Nominatim) -> None:
        district = geopy.geocode("翔安区")
        several = geopy.geocode("琼头中里99号", exactly_one=False, limit=3)

        assert district.raw["class"] == "boundary"
        assert several is None or len(several) <= 3

    def test_boxes_and_countries_narrow(self, geopy: Nominatim) -> None:
        door = geopy.geocode(DOOR)
        near = [
            (door.latitude - 0.01, door.longitude - 0.01),
            (door.latitude + 0.01, door.longitude + 0.01),
        ]
        far = [(30, 110), (31, 111)]

        assert geopy.geocode(DOOR, viewbox=near, bounded=True) == door
        assert geopy.geocode(DOOR, viewbox=far, bounded=True) is None
        assert geopy.geocode(DOOR, viewbox=far) == door
        assert geopy.geocode(DOOR, country_codes="de") is None
        assert geopy.geocode(DOOR, country_codes=["cn"]) == door

    def test_its_mistakes_are_told_in_its_form(self, geopy: Nominatim) -> None:
        with pytest.raises(GeocoderQueryError):
            geopy.geocode("")


class WhenQgisAsks:
    def test_its_locators_request_is_answered_with_what_it_reads(
        self, client: httpx.Client
    ) -> None:
        # QgsNominatimGeocoder::requestUrl: format, addressdetails, viewbox, countrycodes, q.
        found = ask(client, "/search", format="json", addressdetails=1,
                    viewbox="117.8,24.3,118.5,24.9", countrycodes="cn", q=DOOR)  # fmt: skip

        one = found[0]
        south, north, west, east = map(float, one["boundingbox"])
        assert south < float(one["lat"]) < north and west < float(one["lon"]) < east
        assert {"display_name", "place_id", "osm_type", "osm_id", "class", "type"} <= one.keys()
        assert one["address"]["road"] == "琼头中里"


class EveryFormat:
    @pytest.mark.parametrize("form", ["json", "jsonv2"])
    def test_of_a_list_names_the_same_place(self, client: httpx.Client, form: str) -> None:
        one = ask(client, "/search", q=DOOR, format=form)[0]

        assert one["category" if form == "jsonv2" else "class"] == "place"
        assert "address" not in one

    def test_geojson_is_geojson(self, client: httpx.Client) -> None:
        answered = client.get("/search", params={"q": DOOR, "format": "geojson"})

        body = answered.json()
        west, south, east, north = body["features"][0]["bbox"]
        lon, lat = body["features"][0]["geometry"]["coordinates"]
        assert answered.headers["content-type"].startswith("application/geo+json")
        assert body["type"] == "FeatureCollection" and west < lon < east and south < lat < north

    def test_geocodejson_has_its_own_words(self, client: httpx.Client) -> None:
        body = ask(client, "/reverse", lat=24.64376, lon=118.19796, format="geocodejson")
        told = body["features"][0]["properties"]["geocoding"]

        assert body["geocoding"]["version"] == "0.1.0"
        assert (
            told["type"] == "house" and told["county"] == "翔安区" and told["country_code"] == "cn"
        )

    def test_an_unknown_one_is_refused_in_nominatims_form(self, client: httpx.Client) -> None:
        answered = client.get("/search", params={"q": DOOR, "format": "xml"})

        assert answered.status_code == 400
        assert answered.json()["error"]["code"] == 400


class EveryPlace:
    @pytest.mark.parametrize("q", [DOOR, "琼头中里", "翔安区", "凤翔街道", "琼头社区"])
    def test_is_found_again_by_its_id(self, client: httpx.Client, q: str) -> None:
        one = ask(client, "/search", q=q)[0]
        letter = {"node": "N", "way": "W", "relation": "R"}[one["osm_type"]]

        (again,) = ask(client, "/lookup", osm_ids=f"{letter}{one['osm_id']}")

        assert again["display_name"] == one["display_name"]
        assert again["osm_id"] < 2**53

    def test_answers_for_its_day(self, client: httpx.Client) -> None:
        before = ask(client, "/search", q=DOOR, at="2020-12-31", addressdetails=1)[0]

        assert before["address"]["town"] == "马巷镇"
        assert ask(client, "/search", q=DOOR, known="2000-01-01T00:00:00Z") == []

    @pytest.mark.parametrize(
        "path",
        ["/search", "/search?q=x&city=y", "/search?q=x&viewbox=1,2", "/search?q=x&limit=0",
         "/search?q=x&at=never", "/reverse?lat=1", "/reverse?lat=x&lon=1", "/lookup?osm_ids=X1",
         "/lookup?osm_ids=N1,Nx", "/lookup"],
    )  # fmt: skip
    def test_asked_for_badly_is_an_error_in_nominatims_form(
        self, client: httpx.Client, path: str
    ) -> None:
        answered = client.get(path)

        assert answered.status_code == 400
        assert answered.json()["error"]["message"]

    def test_of_no_id_is_left_out(self, client: httpx.Client) -> None:
        assert ask(client, "/lookup", osm_ids=f"N1,W2,R3,N{10**17}") == []

    def test_unknown_parameters_are_ignored(self, client: httpx.Client) -> None:
        assert ask(client, "/search", q=DOOR, email="a@b.cn", dedupe=1, polygon_geojson=0)

    def test_says_that_it_is_there(self, client: httpx.Client) -> None:
        assert client.get("/status").text == "OK"
        assert ask(client, "/status", format="json")["status"] == 0
