"""OGC API Features, Part 2: coordinate systems by name, each with the axis order it is defined with."""

import httpx
import pyproj
import pytest
import shapely
from shapely.geometry import shape

from api.ogc.crs import OFFERED
from tests.api.ogc.asking import COLLECTIONS, CRS84, EPSG, ask, ids, items

ZONES = [f"{EPSG}{code}" for code in range(4534, 4555)]
ALL = [CRS84, f"{EPSG}4490", f"{EPSG}4326", f"{EPSG}3857", *ZONES]


class EveryCollection:
    @pytest.mark.parametrize("name", COLLECTIONS)
    def test_lists_its_coordinate_systems_and_the_one_it_is_stored_in(
        self, client: httpx.Client, name: str
    ) -> None:
        body = client.get(f"/ogc/collections/{name}").json()

        assert body["crs"] == ALL
        assert body["crs"][0] == CRS84
        assert body["storageCrs"] == f"{EPSG}4490" and body["storageCrs"] in body["crs"]

    def test_is_listed_beside_the_systems_all_have(self, client: httpx.Client) -> None:
        assert client.get("/ogc/collections").json()["crs"] == ALL


class EverySystem:
    @pytest.mark.parametrize("uri", [one for one in ALL if one != CRS84])
    def test_is_offered_with_the_axis_order_of_its_definition(self, uri: str) -> None:
        code = uri.rpartition("/")[2]
        first = pyproj.CRS.from_epsg(int(code)).axis_info[0].direction

        assert OFFERED[uri].flipped == (first == "north")
        assert OFFERED[uri].geographic == pyproj.CRS.from_epsg(int(code)).is_geographic

    @pytest.mark.parametrize(
        "uri", [CRS84, f"{EPSG}4490", f"{EPSG}4326", f"{EPSG}3857", f"{EPSG}4548", f"{EPSG}4549"]
    )
    def test_turns_every_coordinate_as_its_definition_says(
        self, client: httpx.Client, uri: str
    ) -> None:
        asked = {"level": 3, "limit": 2}
        plain = items(client, "divisions", **asked)["features"]
        answered = ask(client, "divisions", crs=uri, **asked)

        into = pyproj.Transformer.from_crs("OGC:CRS84", _named(uri))
        assert answered.headers["Content-Crs"] == f"<{uri}>"
        for one, turned in zip(plain, answered.json()["features"], strict=True):
            points = shapely.get_coordinates(shape(one["geometry"]))
            found = shapely.get_coordinates(shape(turned["geometry"]))
            x, y = into.transform(points[:, 0], points[:, 1])
            tolerance = 2e-9 if OFFERED[uri].geographic else 1e-3
            assert abs(found[:, 0] - x).max() < tolerance
            assert abs(found[:, 1] - y).max() < tolerance

    def test_of_a_single_feature_is_told_in_a_header(self, client: httpx.Client) -> None:
        one = ids(items(client, "thoroughfares", limit=1))[0]

        plain = client.get(f"/ogc/collections/thoroughfares/items/{one}")
        turned = client.get(
            f"/ogc/collections/thoroughfares/items/{one}", params={"crs": f"{EPSG}4490"}
        )

        assert plain.headers["Content-Crs"] == f"<{CRS84}>"
        assert turned.headers["Content-Crs"] == f"<{EPSG}4490>"
        first = shapely.get_coordinates(shape(plain.json()["geometry"]))
        assert (first[:, ::-1] == shapely.get_coordinates(shape(turned.json()["geometry"]))).all()

    def test_that_is_not_offered_is_refused(self, client: httpx.Client) -> None:
        for name in ("crs", "bbox_crs", "filter_crs"):
            given = {name.replace("_", "__"): f"{EPSG}9999", "bbox": "118,24,119,25"}
            assert ask(client, "divisions", **given).status_code == 400
        assert client.get("/ogc/collections/divisions/items/x?crs=EPSG:4490").status_code == 400


class TheRegionInASystem:
    @pytest.mark.parametrize("uri", [f"{EPSG}4490", f"{EPSG}4326", f"{EPSG}3857", f"{EPSG}4548"])
    def test_picks_what_the_same_region_in_degrees_picks(
        self, client: httpx.Client, uri: str
    ) -> None:
        west, south, east, north = 118.0801, 24.4603, 118.1107, 24.4909
        into = pyproj.Transformer.from_crs("OGC:CRS84", _named(uri))
        corners = [into.transform(west, south), into.transform(east, north)]

        plain = items(client, "addresses", bbox=f"{west},{south},{east},{north}", limit=1000)
        box = ",".join(f"{number:.9f}" for corner in corners for number in corner)
        turned = items(client, "addresses", bbox=box, bbox__crs=uri, limit=1000)

        # A box of a zone leans a little against a box of degrees.
        leans = uri == f"{EPSG}4548"
        differ = set(ids(plain)) ^ set(ids(turned))
        assert 0 < len(ids(plain)) < 1000
        assert len(differ) <= (len(ids(plain)) // 10 if leans else 0)

    def test_is_in_degrees_unless_it_says_otherwise(self, client: httpx.Client) -> None:
        plain = items(client, "divisions", bbox="118,24.4,118.2,24.6", limit=1000)
        said = items(client, "divisions", bbox="118,24.4,118.2,24.6", bbox__crs=CRS84, limit=1000)
        flipped = items(
            client, "divisions", bbox="24.4,118,24.6,118.2", bbox__crs=f"{EPSG}4490", limit=1000
        )

        assert ids(plain) == ids(said) == ids(flipped) != []

    def test_that_lies_off_the_map_of_its_system_is_refused(self, client: httpx.Client) -> None:
        off = ask(client, "divisions", bbox="1e30,1e30,2e30,2e30", bbox__crs=f"{EPSG}4548")

        assert off.status_code == 400


def _named(uri: str) -> str:
    return "OGC:CRS84" if uri == CRS84 else f"EPSG:{uri.rpartition('/')[2]}"
