"""OGC API Features, Part 1: the landing page, the description, collections, pages and features."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator
from shapely.geometry import box
from sqlalchemy import Engine

from registry.changes.timeline import change_from
from registry.divisions.tables import division_version
from tests.api.ogc.asking import (
    COLLECTIONS,
    CRS84,
    EN,
    FULL,
    ISLAND,
    ask,
    every_page,
    geometry_of,
    href,
    ids,
    items,
)
from tests.builder import MAXIANG, RegistryBuilder
from tests.conftest import serving

JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html"


@pytest.fixture(scope="module")
def description(client: httpx.Client) -> dict[str, Any]:
    return dict(client.get("/ogc/api").json())


class TheLandingPage:
    def test_leads_to_the_description_the_conformance_and_the_data(
        self, client: httpx.Client
    ) -> None:
        answered = client.get("/ogc")

        assert answered.status_code == 200
        assert answered.headers["content-type"].startswith(JSON)
        for rel in ("self", "alternate", "service-desc", "service-doc", "conformance", "data"):
            found = href(answered.json(), rel)
            assert found is not None and client.get(found).status_code == 200, rel

    def test_answers_head_and_says_which_change_it_knows(self, client: httpx.Client) -> None:
        answered = client.head("/ogc")

        assert (answered.status_code, answered.content) == (200, b"")
        assert int(answered.headers["Registry-Change"]) > 0


class TheDescription:
    def test_is_a_valid_openapi_30_document(self, description: dict[str, Any]) -> None:
        OpenAPIV30SpecValidator(description).validate()

        assert description["openapi"].startswith("3.0")

    def test_has_a_media_type_of_its_own(self, client: httpx.Client) -> None:
        kind = client.get("/ogc/api").headers["content-type"]

        assert kind == "application/vnd.oai.openapi+json;version=3.0"

    def test_names_every_resource_and_every_resource_answers(
        self, client: httpx.Client, description: dict[str, Any]
    ) -> None:
        for path in description["paths"]:
            if "{" not in path:
                assert client.get(f"/ogc{path.rstrip('/')}").status_code == 200, path
        for name in COLLECTIONS:
            assert f"/collections/{name}/items/{{featureId}}" in description["paths"]

    def test_tells_the_limits_of_parameters(self, description: dict[str, Any]) -> None:
        known = description["components"]["parameters"]

        assert known["limit"]["schema"] == {
            "type": "integer", "minimum": 1, "maximum": 1000, "default": 10,
        }  # fmt: skip
        assert known["bbox"]["schema"]["oneOf"][0] == {"minItems": 4, "maxItems": 4}
        assert known["bbox"]["explode"] is False
        assert known["datetime"]["in"] == "query"

    def test_names_the_codes_of_errors(self, description: dict[str, Any]) -> None:
        for path, verbs in description["paths"].items():
            assert {"200", "400", "500"} <= set(verbs["get"]["responses"]), path


class TheConformance:
    def test_names_core_geojson_html_and_openapi(self, client: httpx.Client) -> None:
        classes = client.get("/ogc/conformance").json()["conformsTo"]

        for one in ("core", "geojson", "html", "oas30"):
            assert f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{one}" in classes


class TheCollections:
    def test_are_all_there_with_links_and_extents(self, client: httpx.Client) -> None:
        body = client.get("/ogc/collections").json()

        assert [one["id"] for one in body["collections"]] == list(COLLECTIONS)
        assert href(body, "self") and href(body, "alternate")
        for one in body["collections"]:
            assert href(one, "items") is not None
            west, south, east, north = one["extent"]["spatial"]["bbox"][0]
            assert west <= east and south <= north
            assert one["extent"]["temporal"]["interval"] == [[None, None]]

    @pytest.mark.parametrize("name", COLLECTIONS)
    def test_are_described_one_by_one_as_in_the_list(self, client: httpx.Client, name: str) -> None:
        alone = client.get(f"/ogc/collections/{name}").json()
        listed = next(
            one for one in client.get("/ogc/collections").json()["collections"] if one["id"] == name
        )

        assert {key: alone[key] for key in ("id", "title", "extent", "crs")} == {
            key: listed[key] for key in ("id", "title", "extent", "crs")
        }
        kinds = {one["type"] for one in alone["links"] if one["rel"] == "items"}
        assert kinds == {GEOJSON, HTML}

    @pytest.mark.parametrize("name", FULL)
    def test_reach_as_far_as_their_features(self, client: httpx.Client, name: str) -> None:
        west, south, east, north = client.get(f"/ogc/collections/{name}").json()["extent"][
            "spatial"
        ]["bbox"][0]
        whole = box(west, south, east, north).buffer(1e-4)

        for one in items(client, name, limit=200)["features"]:
            assert one["geometry"] is None or whole.covers(geometry_of(one))

    def test_that_do_not_exist_are_not_found(self, client: httpx.Client) -> None:
        for path in ("", "/items", "/items/x", "/queryables", "/tiles"):
            answered = client.get(f"/ogc/collections/nowhere{path}")
            assert (answered.status_code, answered.json()["code"]) == (404, "not-found")


class EveryPage:
    @pytest.mark.parametrize("name", COLLECTIONS)
    def test_is_a_feature_collection_with_links_count_and_time(
        self, client: httpx.Client, name: str
    ) -> None:
        answered = ask(client, name, limit=3)
        body = answered.json()

        assert answered.headers["content-type"].startswith(GEOJSON)
        assert answered.headers["Content-Crs"] == f"<{CRS84}>"
        assert body["type"] == "FeatureCollection"
        assert body["numberReturned"] == len(body["features"]) <= 3
        stamp = datetime.fromisoformat(body["timeStamp"])
        assert abs((datetime.now(UTC) - stamp).total_seconds()) < 600
        assert href(body, "self") and href(body, "alternate") and href(body, "collection")
        assert all(one["type"] for one in body["links"])
        for one in body["features"]:
            assert set(one) == {"type", "id", "geometry", "properties"}

    def test_holds_as_many_as_asked_for_and_ten_by_default(self, client: httpx.Client) -> None:
        assert items(client, "addresses")["numberReturned"] == 10
        assert items(client, "addresses", limit=37)["numberReturned"] == 37

    def test_of_more_than_can_be_had_is_as_long_as_can_be(self, client: httpx.Client) -> None:
        assert items(client, "addresses", limit=1_000_000)["numberReturned"] == 1000

    @pytest.mark.parametrize("name", ["divisions", "thoroughfares", "addresses"])
    def test_leads_to_the_next_until_every_feature_was_seen_once(
        self, client: httpx.Client, name: str
    ) -> None:
        by_small = [one["id"] for one in every_page(client, name, limit=170)]
        by_large = [one["id"] for one in every_page(client, name, limit=1000)]

        assert by_small == by_large == sorted(set(by_small))

    def test_that_holds_all_there_are_says_so(self, client: httpx.Client) -> None:
        found = items(client, "divisions", level=3, limit=100)

        assert found["numberMatched"] == found["numberReturned"] == 6
        assert "numberMatched" not in items(client, "divisions", limit=3)

    def test_is_had_again_for_nothing(self, client: httpx.Client) -> None:
        first = ask(client, "divisions", limit=2)
        again = client.get(str(first.url), headers={**EN, "If-None-Match": first.headers["ETag"]})

        assert (again.status_code, again.content) == (304, b"")


class TheRegion:
    @pytest.mark.parametrize("name", FULL)
    def test_picks_what_meets_it_and_nothing_else(self, client: httpx.Client, name: str) -> None:
        region = box(*map(float, ISLAND.split(",")))

        inside = {one["id"] for one in every_page(client, name, bbox=ISLAND, limit=1000)}

        assert inside
        for one in every_page(client, name, limit=1000):
            meets = one["geometry"] is not None and geometry_of(one).intersects(region)
            assert meets == (one["id"] in inside)

    def test_may_have_heights_and_go_over_the_antimeridian(self, client: httpx.Client) -> None:
        flat = items(client, "divisions", bbox=ISLAND, limit=1000)
        solid = items(client, "divisions", bbox="118.06,24.42,0,118.2,24.56,99", limit=1000)
        around = items(client, "divisions", bbox="100,24,-170,25", limit=1000, level=3)

        assert ids(flat) == ids(solid)
        assert around["numberReturned"] == 6
        assert items(client, "divisions", bbox="170,24,-170,25")["features"] == []


class TheTime:
    def test_of_a_moment_shows_what_held_then(self, client: httpx.Client) -> None:
        for moment in ("2020-12-31", "2020-12-31T08:00:00Z", "2020-12-30T20:00:00Z"):
            found = items(client, "divisions", code="350213102", datetime=moment)["features"]
            assert [one["properties"]["name"] for one in found] == ["马巷镇"], moment
        assert items(client, "divisions", code="350213102", datetime="2024-01-01")["features"] == []
        by_day = items(client, "divisions", code="350213102", at="2020-12-31")
        assert [one["properties"]["kind"] for one in by_day["features"]] == ["town"]

    def test_of_an_interval_shows_each_feature_once_as_it_last_was_in_it(
        self, client: httpx.Client
    ) -> None:
        asked = {"level": 4, "limit": 1000}
        now = set(ids(items(client, "divisions", **asked)))
        then = set(ids(items(client, "divisions", datetime="2020-12-31", **asked)))

        for interval in ("2020-12-31/..", "2020-12-31/"):
            found = items(client, "divisions", datetime=interval, **asked)
            assert len(ids(found)) == len(set(ids(found)))
            assert set(ids(found)) == now | then
        before = items(client, "divisions", datetime="../2020-12-31", name="马巷镇")["features"]
        assert before[0]["properties"]["kind"] == "town"
        within = items(client, "divisions", datetime="2020-01-01/2020-12-31", name="马巷镇")
        assert ids(within) == [before[0]["id"]]

    def test_may_be_what_was_known(self, client: httpx.Client) -> None:
        known = items(client, "divisions", known="2001-01-01T00:00:00Z")

        assert known["features"] == []


BAD = [
    "nope=1", "Limit=3", "limit=0", "limit=-1", "limit=ten", "limit=1.5", "bbox=1,2,3", "bbox=1,2,3,x",
    "bbox=1,2,3,nan", "bbox=118,25,119,24", "bbox=181,1,182,2", "bbox=1,2,3,4,5", "datetime=yesterday",
    "datetime=2021-02-30", "datetime=2022-01-01/2021-01-01", "datetime=../..", "datetime=1/2/3", "datetime=",
    "datetime=2020-01-01&at=2020-01-01", "crs=EPSG:4490", "bbox-crs=http://example.org/crs", "f=xml",
    "limit=1&limit=2", "level=four", "parent_id=350213", "cursor=nonsense", "known=never", "at=2021-13-01",
    "filter-lang=sql", "filter-crs=x&filter=level=4", "plan=not-a-plan",
]  # fmt: skip


class EveryUnusableParameter:
    @pytest.mark.parametrize("query", BAD)
    def test_is_a_bad_request_that_says_why(self, client: httpx.Client, query: str) -> None:
        answered = client.get(f"/ogc/collections/divisions/items?{query}", headers=EN)

        wanted = 404 if query.startswith("plan") else 400
        assert answered.status_code == wanted, answered.text
        assert answered.headers["content-type"] == "application/problem+json"
        assert answered.json()["detail"]

    @pytest.mark.parametrize(
        "path", ["", "/conformance", "/api", "/collections", "/collections/divisions"]
    )
    def test_of_a_description_is_one_too(self, client: httpx.Client, path: str) -> None:
        assert client.get(f"/ogc{path}?nope=1").status_code == 400


class EveryFeature:
    @pytest.mark.parametrize("name", FULL)
    def test_answers_alone_as_it_does_on_its_page(self, client: httpx.Client, name: str) -> None:
        listed = items(client, name, limit=2)["features"][-1]

        answered = client.get(f"/ogc/collections/{name}/items/{listed['id']}")
        alone = answered.json()

        assert answered.headers["content-type"].startswith(GEOJSON)
        assert {key: alone[key] for key in listed} == listed
        assert href(alone, "self") and href(alone, "alternate") and href(alone, "collection")

    def test_keeps_its_tag_while_others_change(self, client: httpx.Client) -> None:
        one = items(client, "divisions", limit=1)["features"][0]["id"]
        path = f"/ogc/collections/divisions/items/{one}"

        tag = client.get(path).headers["ETag"]

        assert client.get(path, params={"crs": CRS84}).headers["ETag"] == tag
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
        assert client.get(path, params={"f": "html"}).headers["ETag"] != tag

    def test_that_has_ended_answers_as_it_last_was(self, client: httpx.Client) -> None:
        then = every_page(client, "divisions", datetime="../2020-12-31", limit=1000)
        now = {one["id"] for one in every_page(client, "divisions", limit=1000)}
        ended = next(one["id"] for one in then if one["id"] not in now)

        answered = client.get(f"/ogc/collections/divisions/items/{ended}")

        assert answered.status_code == 200
        assert answered.json()["properties"]["in_force"] is False
        assert answered.json()["properties"]["valid_to"] <= "2026-12-31"

    def test_that_never_was_is_not_found(self, client: httpx.Client) -> None:
        for one in ("7f3a1c1e-6f0d-5c55-9a35-0a8f6ad8b4c7", "nonsense", "%00"):
            answered = client.get(f"/ogc/collections/divisions/items/{one}")
            assert (answered.status_code, answered.json()["code"]) == (404, "not-found")

    def test_of_addresses_that_cannot_be_is_not_found(self, client: httpx.Client) -> None:
        answered = client.get("/ogc/collections/addresses/items/%00", headers=EN)
        listed = client.get("/ogc/collections/addresses/items?cursor=%00", headers=EN)

        assert (answered.status_code, answered.json()["code"]) == (404, "not-found")
        assert (listed.status_code, listed.json()["code"]) == (400, "request-is-invalid")

    def test_of_addresses_carries_its_composed_text(self, client: httpx.Client) -> None:
        one = items(client, "addresses", limit=1)["features"][0]

        told = client.get(f"/v1/addresses/{one['id']}").json()["address"]

        assert one["properties"]["text"] == told["text"]


class TheTextOfAnAddress:
    def test_has_another_tag_when_a_division_above_it_is_renamed(
        self, database_url: str, engine: Engine, tmp_path: Path
    ) -> None:
        builder = RegistryBuilder(engine)
        builder.tree(MAXIANG)
        (door,) = builder.doors("350213102201", 1, builder.carrier("琼头中里", "350213102201"))
        town = builder.ids["350213102"]
        path = f"/ogc/collections/addresses/items/{door}"

        with (
            serving(database_url, tmp_path) as url,
            httpx.Client(base_url=url, timeout=60) as client,
        ):
            before = client.get(path)
            with builder.work() as work:
                known = work.believed(division_version, [town])[town]
                renamed = change_from(known, date(2025, 1, 1), {"name": "大巷镇"}, "rename")
                work.rewrite(division_version, town, known, renamed)
            after = client.get(path, headers={"If-None-Match": before.headers["ETag"]})

        assert "马巷镇" in before.json()["properties"]["text"]
        assert after.status_code == 200
        assert "大巷镇" in after.json()["properties"]["text"]


class EveryResourceForPeople:
    @pytest.mark.parametrize(
        "path",
        ["", "/conformance", "/collections", "/collections/divisions", "/collections/divisions/items",
         "/collections/addresses/items?limit=5&lang=en", "/collections/boundary-lines/items?level=4&limit=5",
         "/collections/divisions/queryables", "/tileMatrixSets", "/collections/divisions/tiles"],
    )  # fmt: skip
    def test_is_a_page_without_script(self, client: httpx.Client, path: str) -> None:
        answered = client.get(f"/ogc{path}", headers={"Accept": "text/html"})

        assert answered.status_code == 200
        assert answered.headers["content-type"].startswith(HTML)
        assert "<main" in answered.text and "<script" not in answered.text

    def test_of_features_has_a_picture_of_where_they_are(self, client: httpx.Client) -> None:
        page = client.get("/ogc/collections/thoroughfares/items?f=html&limit=20&lang=zh").text
        one = items(client, "divisions", level=3, limit=1)["features"][0]
        alone = client.get(f"/ogc/collections/divisions/items/{one['id']}?f=html&lang=zh").text

        assert '<svg class="map"' in page and "下一页" not in page and 'rel="next"' in page
        assert one["properties"]["name"] in alone and '<svg class="map"' in alone
