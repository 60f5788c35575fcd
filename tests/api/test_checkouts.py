"""Field work without a network: taken along, edited with GDAL's tools, brought back and merged."""

import json
import sqlite3
import subprocess
from pathlib import Path
from typing import Any
from uuid import UUID

import geopandas
import pyogrio
import pytest
import shapely

from tests.api.test_boundary_updates import Office, office
from tests.grid_city import town, village
from tests.registry.boundaries.grid import EAST, WEST, territory

__all__ = ["office"]
SOUTH_TOWN = town(0)


def take_along(office: Office, folder: Path, who: str = "surveyor") -> tuple[Path, str]:
    answered = office.client.post(
        "/v1/checkouts",
        json={"division": SOUTH_TOWN},
        headers={"Authorization": f"Bearer {office.keys[who]}"},
    )
    assert answered.status_code == 201, answered.text
    target = folder / f"{who}.gpkg"
    target.write_bytes(answered.content)
    return target, answered.headers["Location"]


def bend(office: Office, file: Path, at_lat: float, by_deg: float = 0.001) -> None:
    """Edit the file: the edge between west and east bent westwards at one place."""
    frame = geopandas.read_file(file, layer="divisions", engine="pyogrio")
    nose = shapely.Polygon(
        [(118.01, at_lat - 0.001), (118.01 - by_deg, at_lat), (118.01, at_lat + 0.001)]
    )
    for code, change in ((WEST, shapely.difference), (EAST, shapely.union)):
        row = frame.index[frame["code"] == code][0]
        changed = change(frame.geometry[row], nose)
        frame.loc[[row], "geometry"] = geopandas.GeoSeries(
            [shapely.MultiPolygon([changed]) if changed.geom_type == "Polygon" else changed],
            index=[row],
            crs=frame.crs,
        )
    pyogrio.write_dataframe(frame, file, layer="divisions", driver="GPKG", append=False)


def bring_back(office: Office, file: Path, place: str, who: str = "surveyor", **fields: str) -> Any:
    return office.client.post(
        f"{place}/checkin",
        files={"file": (file.name, file.read_bytes())},
        data={"doors": "stay", **fields},
        headers={"Authorization": f"Bearer {office.keys[who]}", "Accept-Language": "en"},
    )


def record(office: Office, answered: Any) -> None:
    assert answered.status_code == 201, answered.text
    path = f"/{answered.json()['report']['update']['id']}"
    author = answered.json()["report"]["update"]["author"]
    for step, who in (("submit", author), ("approve", "reviewer"), ("commit", "reviewer")):
        done = office.ask("POST", f"{path}/{step}", who)
        assert done.status_code in (200, 201), done.text


class WhatIsTakenAlong:
    def test_is_one_file_with_its_change_its_look_and_room_for_photos(
        self, office: Office, tmp_path: Path
    ) -> None:
        file, place = take_along(office, tmp_path)

        layers = {str(name) for name, _kind in pyogrio.list_layers(file)}
        assert {"divisions", "outline", "neighbours"} <= layers
        edited = geopandas.read_file(file, layer="divisions")
        assert set(edited["code"]) == {village(0, number) for number in range(4)}
        assert edited.crs.to_epsg() == 4490
        with sqlite3.connect(file) as opened:
            change, note = opened.execute(
                "SELECT change_number, note FROM registry_checkout"
            ).fetchone()
            styles = opened.execute("SELECT f_table_name, styleQML FROM layer_styles").fetchall()
            assert opened.execute("SELECT count(*) FROM photos").fetchone() == (0,)
        opened.close()
        assert change == int(office.client.get("/v1/changes/1").headers["Registry-Change"])
        assert "photos" in note and UUID(place.rpartition("/")[2])
        assert {name for name, _qml in styles} == {"divisions", "outline", "neighbours"}
        assert all("<qgis" in qml for _name, qml in styles)


QGIS = """
import json, os, sys
from qgis.core import QgsApplication, QgsProject, QgsVectorLayer
QgsApplication.setPrefixPath("/usr", True)
app = QgsApplication([], False)
app.initQgis()
file = sys.argv[1]
project = QgsProject.instance()
told = {"opens": project.read(f"geopackage:{file}?projectName=checkout"), "title": project.title(),
        "crs": project.crs().authid(), "order": [one.name() for one in project.layerTreeRoot().findLayers()]}

def said(layer):
    symbol = layer.renderer().symbol().color().name() if layer.renderer() else None
    return {"valid": layer.isValid(), "count": layer.featureCount(), "crs": layer.crs().authid(),
            "colour": symbol, "labels": layer.labelsEnabled(), "read_only": layer.readOnly()}

told["layers"] = {key.removeprefix("registry_checkout_"): said(layer) for key, layer in project.mapLayers().items()}
photos = project.mapLayer("registry_checkout_photos")
told["widget"] = photos.editorWidgetSetup(photos.fields().indexOf("file")).type()
apart = {name: QgsVectorLayer(f"{file}|layername={name}", name, "ogr") for name in ("divisions", "outline")}
told["apart"] = {name: said(layer) for name, layer in apart.items()}
layer = project.mapLayer("registry_checkout_divisions")
layer.startEditing()
one = next(layer.getFeatures())
layer.changeAttributeValue(one.id(), layer.fields().indexOf("note"), "QGIS")
told["edited"] = layer.commitChanges()
print("TOLD" + json.dumps(told), flush=True)
os._exit(0)  # taking QGIS down in order ends in a fault of its own as often as not
"""


class WhenQgisOpensIt:
    def test_the_project_opens_with_every_layer_and_its_look(
        self, office: Office, tmp_path: Path
    ) -> None:
        file, place = take_along(office, tmp_path)
        named = file.rename(tmp_path / f"checkout-{place.rpartition('/')[2]}.gpkg")

        done = subprocess.run(
            ["/usr/bin/python3", "-c", QGIS, named], capture_output=True, text=True, timeout=180,
            check=False, env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path),
                             "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(tmp_path)},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        line = next(one for one in done.stdout.splitlines() if one.startswith("TOLD"))
        told = json.loads(line.removeprefix("TOLD"))

        assert told["opens"] is True
        assert told["crs"] == "EPSG:4490"
        assert len(told["order"]) == 4
        assert set(told["layers"]) == {"divisions", "outline", "neighbours", "photos"}
        assert all(one["valid"] for one in told["layers"].values()), told["layers"]
        divisions = told["layers"]["divisions"]
        assert (divisions["count"], divisions["crs"]) == (4, "EPSG:4490")
        assert (divisions["colour"], divisions["labels"]) == ("#8dd3c7", True)
        assert told["layers"]["neighbours"]["read_only"] and not divisions["read_only"]
        assert told["widget"] == "ExternalResource"
        assert told["apart"]["divisions"]["colour"] == "#8dd3c7"
        assert told["edited"] is True
        assert bring_back(office, named, place).json()["code"] == "update-changes-nothing"


class WhatIsBroughtBack:
    def test_becomes_an_update_of_what_was_altered(self, office: Office, tmp_path: Path) -> None:
        file, place = take_along(office, tmp_path)
        bend(office, file, 24.004)
        # As a GIS saves it anew: every row written by GDAL's own program.
        saved = tmp_path / "saved.gpkg"
        subprocess.run(["ogr2ogr", "-f", "GPKG", saved, file, "divisions"], check=True)

        answered = bring_back(office, saved, place)

        assert answered.status_code == 201, answered.text
        report = answered.json()["report"]
        assert set(answered.json()["altered"]) == {
            str(office.city.ids[code]) for code in (WEST, EAST)
        }
        assert report["obstacles"] == []
        record(office, answered)

    def test_twice_is_one_update(self, office: Office, tmp_path: Path) -> None:
        file, place = take_along(office, tmp_path)
        bend(office, file, 24.004)

        first, second = (bring_back(office, file, place) for _ in range(2))

        assert (first.status_code, second.status_code) == (201, 200)
        assert second.json()["again"] is True
        ids = {one.json()["report"]["update"]["id"] for one in (first, second)}
        assert len(ids) == 1
        assert len(office.ask("GET", "").json()["updates"]) == 1

    def test_with_more_work_goes_into_the_same_draft(self, office: Office, tmp_path: Path) -> None:
        file, place = take_along(office, tmp_path)
        bend(office, file, 24.003)
        first = bring_back(office, file, place).json()["report"]["update"]["id"]
        bend(office, file, 24.006)

        again = bring_back(office, file, place)

        assert again.json()["report"]["update"]["id"] == first
        assert len(again.json()["report"]["effects"]["ground"]) == 2

    def test_late_keeps_what_others_did_elsewhere(self, office: Office, tmp_path: Path) -> None:
        mine, my_place = take_along(office, tmp_path)
        theirs, their_place = take_along(office, tmp_path, "other")
        bend(office, theirs, 24.006)
        record(office, bring_back(office, theirs, their_place, "other"))
        bend(office, mine, 24.003)

        record(office, bring_back(office, mine, my_place))

        with office.engine.connect() as connection:
            east = territory(connection, office.city, EAST)
        assert east.covers(shapely.Point(118.0095, 24.003))
        assert east.covers(shapely.Point(118.0095, 24.006))

    def test_on_ground_others_changed_is_listed_by_feature_with_both_sides(
        self, office: Office, tmp_path: Path
    ) -> None:
        mine, my_place = take_along(office, tmp_path)
        theirs, their_place = take_along(office, tmp_path, "other")
        bend(office, theirs, 24.005, 0.002)
        record(office, bring_back(office, theirs, their_place, "other"))
        bend(office, mine, 24.005, 0.001)

        refused = bring_back(office, mine, my_place)

        assert (refused.status_code, refused.json()["code"]) == (409, "edits-conflict")
        listed = {one["name"]: one for one in refused.json()["conflicts"]}
        assert set(listed) == {"甲东村", "甲南村"}
        lost = shapely.geometry.shape(listed["甲东村"]["mine"]["lost"])
        assert lost.area == pytest.approx(0.001 * 0.002 / 2, rel=0.01)
        assert shapely.geometry.shape(listed["甲东村"]["theirs"]["lost"]).area > lost.area

    def test_while_another_draft_is_open_on_the_same_ground_names_it(
        self, office: Office, tmp_path: Path
    ) -> None:
        mine, my_place = take_along(office, tmp_path)
        theirs, their_place = take_along(office, tmp_path, "other")
        bend(office, theirs, 24.005)
        bend(office, mine, 24.0052)
        assert bring_back(office, theirs, their_place, "other").status_code == 201

        refused = bring_back(office, mine, my_place)

        assert (refused.status_code, refused.json()["code"]) == (409, "edge-is-taken")
        assert refused.json()["drafts"][0]["author"] == "other"

    def test_unaltered_is_no_update(self, office: Office, tmp_path: Path) -> None:
        file, place = take_along(office, tmp_path)

        refused = bring_back(office, file, place)

        assert (refused.status_code, refused.json()["code"]) == (409, "update-changes-nothing")

    def test_leaves_divisions_out_that_were_deleted_from_the_file(
        self, office: Office, tmp_path: Path
    ) -> None:
        file, place = take_along(office, tmp_path)
        bend(office, file, 24.004)
        frame = geopandas.read_file(file, layer="divisions")
        kept = frame[frame["code"] != village(0, 3)]
        pyogrio.write_dataframe(kept, file, layer="divisions", driver="GPKG")

        answered = bring_back(office, file, place)

        assert len(answered.json()["altered"]) == 2

    def test_under_no_checkout_is_refused(self, office: Office, tmp_path: Path) -> None:
        file, _place = take_along(office, tmp_path)

        refused = bring_back(office, file, "/v1/checkouts/0c7c2b36-14dc-4f0e-8f3e-6b1c1a0a7d31")

        assert (refused.status_code, refused.json()["code"]) == (404, "checkout-is-unknown")
