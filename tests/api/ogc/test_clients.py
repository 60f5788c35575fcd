"""Programs people have: GDAL, OWSLib and QGIS read the OGC interface and draw its tiles; some write.

The drill in `tests/drills/test_qgis.py` drives a QGIS that writes.
"""

import json
import subprocess
from pathlib import Path

import httpx
import pyogrio
import pytest
from owslib.ogcapi.features import Features

from tests.api.ogc.asking import COLLECTIONS, ISLAND, every_page, ids, items
from tests.api.ogc.surveyors import GEOJSON, Desk, at, point

QGIS_PYTHON = "/usr/bin/python3"
PATIENCE_S = 180
MARKERS = "boundary-markers"


def run(*command: str, **environment: str) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": environment.pop("HOME", "/tmp"), **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class WhenGdalReads:
    def test_it_lists_every_collection(self, base_url: str) -> None:
        told = run("ogrinfo", "-ro", f"OAPIF:{base_url}/ogc")

        for name in COLLECTIONS:
            assert name in told

    def test_it_copies_a_collection_page_by_page(
        self, base_url: str, client: httpx.Client, tmp_path: Path
    ) -> None:
        copy = tmp_path / "divisions.gpkg"
        run("ogr2ogr", "-oo", "PAGE_SIZE=150", str(copy), f"OAPIF:{base_url}/ogc", "divisions")

        copied = pyogrio.read_dataframe(copy)
        assert sorted(copied["id"]) == [
            one["id"] for one in every_page(client, "divisions", limit=1000)
        ]
        named = copied.set_index("id").geometry
        one = next(each for each in items(client, "divisions", level=4)["features"])
        assert named[one["id"]].area > 0

    def test_it_asks_for_a_region_and_an_attribute(
        self, base_url: str, client: httpx.Client, tmp_path: Path
    ) -> None:
        copy = tmp_path / "towns.geojson"
        source = f"OAPIF:{base_url}/ogc"
        run(
            "ogr2ogr",
            "-spat",
            *ISLAND.split(","),
            "-where",
            "kind='subdistrict'",
            str(copy),
            source,
            "divisions",
        )

        copied = json.loads(copy.read_text())["features"]
        wanted = items(client, "divisions", bbox=ISLAND, kind="subdistrict", limit=1000)
        assert sorted(one["properties"]["code"] for one in copied) == sorted(
            one["properties"]["code"] for one in wanted["features"]
        )

    def test_it_decodes_a_tile(self, base_url: str, tmp_path: Path) -> None:
        tile = tmp_path / "tile.mvt"
        tile.write_bytes(httpx.get(f"{base_url}/tiles/divisions/9/423/220.mvt", timeout=30).content)

        told = run(
            "ogrinfo", "-ro", "-al", "-so", "-oo", "X=423", "-oo", "Y=220", "-oo", "Z=9", str(tile)
        )

        assert "divisions" in told and "level" in told


class WhenOwslibReads:
    def test_it_finds_collections_queryables_and_features(
        self, base_url: str, client: httpx.Client
    ) -> None:
        service = Features(f"{base_url}/ogc")

        assert service.feature_collections() == list(COLLECTIONS)
        assert "level" in service.collection_queryables("divisions")["properties"]
        assert service.api()["openapi"].startswith("3.0")
        region = [float(number) for number in ISLAND.split(",")]
        found = service.collection_items("divisions", bbox=region, limit=200)
        assert [one["id"] for one in found["features"]] == ids(
            items(client, "divisions", bbox=ISLAND, limit=200)
        )
        one = service.collection_item("divisions", found["features"][0]["id"])
        assert one["properties"] == found["features"][0]["properties"]

    def test_it_filters(self, base_url: str, client: httpx.Client) -> None:
        service = Features(f"{base_url}/ogc")

        found = service.collection_items("divisions", filter="name LIKE '%镇'", limit=100)

        assert found["features"]
        assert all(one["properties"]["name"].endswith("镇") for one in found["features"])


QGIS = """
import json, os, sys
from qgis.core import QgsApplication, QgsRectangle, QgsFeatureRequest, QgsVectorLayer, QgsVectorTileLayer
QgsApplication.setPrefixPath("/usr", True)
app = QgsApplication([], False)
app.initQgis()
url, region = sys.argv[1], [float(number) for number in sys.argv[2].split(",")]
told = {}
for name in ("divisions", "addresses", "thoroughfares"):
    source = f"url='{url}/ogc' typename='{name}' restrictToRequestBBOX=1"
    layer = QgsVectorLayer(source, name, "OAPIF")
    request = QgsFeatureRequest().setFilterRect(QgsRectangle(*region))
    found = list(layer.getFeatures(request))
    told[name] = {"valid": layer.isValid(), "crs": layer.crs().authid(), "found": len(found),
                  "codes": sorted(f["code"] for f in found) if name == "divisions" else [],
                  "wkb": layer.wkbType()}
tiles = QgsVectorTileLayer(f"type=xyz&url={url}/tiles/divisions/{{z}}/{{x}}/{{y}}.mvt&zmin=0&zmax=16", "tiles")
told["tiles"] = {"valid": tiles.isValid()}
print("TOLD" + json.dumps(told), flush=True)
os._exit(0)  # taking QGIS down in order ends in a fault of its own as often as not
"""


@pytest.fixture(scope="module")
def told(base_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    home = tmp_path_factory.mktemp("qgis")
    said = run(
        QGIS_PYTHON, "-c", QGIS, base_url, ISLAND,
        HOME=str(home), QT_QPA_PLATFORM="offscreen", XDG_RUNTIME_DIR=str(home),
    )  # fmt: skip
    line = next(one for one in said.splitlines() if one.startswith("TOLD"))
    return dict(json.loads(line.removeprefix("TOLD")))


class WhenQgisReads:
    def test_every_layer_is_sound_and_in_its_system(
        self, told: dict[str, dict[str, object]]
    ) -> None:
        for name in ("divisions", "addresses", "thoroughfares"):
            assert told[name]["valid"] is True
            assert told[name]["crs"] in ("OGC:CRS84", "EPSG:4326")

    def test_it_sees_what_the_region_holds(
        self, told: dict[str, dict[str, object]], client: httpx.Client
    ) -> None:
        wanted = every_page(client, "divisions", bbox=ISLAND, limit=1000)

        assert told["divisions"]["codes"] == sorted(one["properties"]["code"] for one in wanted)
        assert told["addresses"]["found"] == len(
            every_page(client, "addresses", bbox=ISLAND, limit=1000)
        )

    def test_it_takes_the_tiles_as_a_layer(self, told: dict[str, dict[str, object]]) -> None:
        assert told["tiles"]["valid"] is True


class WhenMapProgramsWrite:
    def test_qgis_finds_what_it_asks_for_and_sends_every_column(self, desk: Desk) -> None:
        """The requests of QGIS 3.40, as the drill in which it runs makes them."""
        line, other = desk.take_a_line(), desk.take_a_line()
        marker = desk.standing(other)
        key = {"Authorization": f"Bearer {desk.keys['甲']}", "If-Match": "*"}
        columns = desk.read(MARKERS, marker).json()["properties"]
        said = dict.fromkeys(columns) | {"number": line["marker"], "kind": "single"}
        new = {"type": "Feature", "geometry": point(*line["spot"]), "properties": said}

        several = desk.client.options(at(MARKERS), headers=key).headers["Allow"]
        single = desk.client.options(at(MARKERS, marker), headers=key).headers["Allow"]
        made = desk.write("POST", at(MARKERS), new, If_Match="*")
        read = desk.client.get(at(MARKERS, made.json()["id"]), headers=key)
        moved = desk.write(
            "PATCH", at(MARKERS, marker), {"geometry": point(*other["spot"])}, If_Match="*"
        )
        keeper = desk.write(
            "PATCH", at(MARKERS, marker), {"properties": {"keeper": "甲站"}}, If_Match="*"
        )
        ended = desk.write("DELETE", at(MARKERS, marker), If_Match="*")

        assert "POST" in several and {"PUT", "PATCH", "DELETE"} <= set(single.split(", "))
        assert (made.status_code, made.headers.raw[-1][0]) == (201, b"Location")
        assert read.status_code == 404
        assert moved.status_code == 409  # it was not moved at all
        assert (keeper.status_code, ended.status_code) == (202, 202)
        assert len(desk.draft(ended)["edits"]) == 2

    def test_owslib_creates_replaces_and_deletes(self, desk: Desk) -> None:
        line, other = desk.take_a_line(), desk.take_a_line()
        marker = desk.standing(other)
        sent = desk.read(MARKERS, marker).json()
        sent["properties"]["state"] = "damaged"
        headers = {
            "Authorization": f"Bearer {desk.keys['甲']}",
            "Content-Type": GEOJSON,
            "If-Match": "*",
        }
        service = Features(f"{desk.url}/ogc", headers=headers)

        assert service.collection_item_create(MARKERS, json.dumps(desk.marker(line)))
        created = service.response_headers["Location"].rpartition("/")[2]
        assert service.collection_item_update(MARKERS, marker, json.dumps(sent))
        (update,) = desk.ask("GET", "/v1/boundary-updates", params={"author": "甲", "state": "draft"}).json()["updates"]  # fmt: skip
        edits = desk.ask("GET", f"/v1/boundary-updates/{update['id']}").json()["edits"]
        assert {one["id"]: one["action"] for one in edits} == {created: "begin", marker: "alter"}
        assert service.collection_item_delete(MARKERS, created)
        assert service.collection_item_delete(MARKERS, marker)
        (left,) = desk.ask("GET", f"/v1/boundary-updates/{update['id']}").json()["edits"]
        assert (left["id"], left["action"]) == (marker, "end")
