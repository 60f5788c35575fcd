"""Every bad write of a marker, line, place or door: a clear error, and nothing is changed."""

from typing import Any

import pytest
from shapely.geometry import LineString

from tests.api.ogc.asking import EPSG
from tests.api.ogc.surveyors import Desk, at, street
from tests.grid_city import village

MARKERS, LINES = "boundary-markers", "boundary-lines"


class EveryBadEdit:
    @pytest.mark.parametrize(
        ("collection", "change", "headers", "status"),
        [
            (MARKERS, {"geometry": {"type": "LineString", "coordinates": [[118, 24], [118.1, 24]]}}, {}, 400),
            (MARKERS, {"geometry": {"type": "Point", "coordinates": [118]}}, {}, 400),
            (MARKERS, {"geometry": {"type": "Point", "coordinates": [500, 24]}}, {}, 400),
            (MARKERS, {"geometry": {"type": "Point", "coordinates": []}}, {}, 400),
            (MARKERS, {"geometry": None}, {}, 400),
            (MARKERS, b'{"geometry": {"type": "Point", "coordinates": [NaN, 24]}}', {}, 400),
            (MARKERS, b'{"geometry": {"type": "Point", "coordinates": [1e999, 24]}}', {}, 400),
            (MARKERS, {"properties": {"colour": "red"}}, {}, 400),
            (MARKERS, {"properties": {"state": "leaning"}}, {}, 400),
            (MARKERS, {"properties": {"state": None}}, {}, 400),
            (MARKERS, {"properties": {"accuracy_m": -1}}, {}, 400),
            (MARKERS, {"properties": {"keeper": "\x00"}}, {}, 400),
            (MARKERS, {"properties": {"left_id": "7f3a1c1e-6f0d-5c55-9a35-0a8f6ad8b4c7"}}, {}, 400),
            (MARKERS, {"properties": []}, {}, 400), (MARKERS, {"type": "FeatureCollection"}, {}, 400),
            (MARKERS, {"properties": {"state": "damaged"}}, {"Content_Crs": f"<{EPSG}3395>", "geometry": "1"}, 400),
            (MARKERS, {"properties": {"state": "damaged"}}, {"Content_Type": "text/csv"}, 415),
            (MARKERS, {"properties": {"state": "damaged"}}, {"If_Match": ""}, 428),
            (MARKERS, {"properties": {"state": "damaged"}}, {"If_Match": '"stale"'}, 412),
            (MARKERS, {"properties": {"state": "standing"}}, {}, 409), (MARKERS, {}, {}, 409),
            (LINES, {"properties": {"number": "１２３４"}}, {}, 400),
            (LINES, {"properties": {"legal_status": "mine"}}, {}, 400),
            (LINES, {"properties": {"legal_status": None}}, {}, 400),
            (LINES, {"properties": {"agreed_on": "2999-01-01"}}, {}, 400),
            (LINES, {"properties": {"agreed_on": "soon"}}, {}, 400),
            (LINES, {"properties": {"length_m": 1.0}}, {}, 400),
            ("addresses", {"properties": {"number": 9}}, {}, 400),
            ("addresses", {"properties": {"method": "guessed"}}, {}, 400),
            ("addresses", {"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}}, {}, 400),
            ("thoroughfares", {"geometry": {"type": "Point", "coordinates": [118, 24]}}, {}, 400),
            ("thoroughfares", {"geometry": {"type": "LineString", "coordinates": [[118, 24], [118, 24]]}}, {}, 400),
            ("thoroughfares", {"properties": {"name": "别路"}}, {}, 400),
        ],
    )  # fmt: skip
    def test_is_refused_and_changes_nothing(
        self, desk: Desk, collection: str, change: Any, headers: dict[str, str], status: int
    ) -> None:
        feature, head = self.feature(desk, collection), desk.head()
        read = desk.read(collection, feature)
        headers = {"If_Match": read.headers["ETag"], **headers}
        if headers.pop("geometry", None):
            change = {**change, "geometry": read.json()["geometry"]}

        told = desk.write("PATCH", at(collection, feature), change, **headers)

        assert told.status_code == status, told.text
        assert told.headers["content-type"] == "application/problem+json" and told.json()["detail"]
        assert desk.read(collection, feature).json() == read.json()
        drafts = desk.ask("GET", "/v1/boundary-updates", params={"author": "甲", "state": "draft"})
        assert (desk.head(), drafts.json()) == (head, {"updates": []})

    @staticmethod
    def feature(desk: Desk, collection: str) -> str:
        """Any feature of a collection, of markers one that stands; made if there is none."""
        wanted = {"limit": "1", **({"state": "standing"} if collection == MARKERS else {})}
        found = desk.client.get(at(collection), params=wanted).json()["features"]
        if found:
            return str(found[0]["id"])
        if collection == MARKERS:
            return desk.standing(desk.take_a_line())
        course = LineString([(118.001, 24.003), (118.009, 24.003)])
        return street(desk.city, "后路", village(0, 0), course)[0]

    def test_of_a_new_marker_is_refused(self, desk: Desk) -> None:
        line = desk.take_a_line()
        good = desk.marker(line)
        for sent in (
            {**good, "geometry": None},
            {**good, "properties": {"kind": "single"}},
            {**good, "properties": {**good["properties"], "colour": "red"}},
            {**good, "properties": {**good["properties"], "line_number": "0002"}},
            {**good, "properties": {**good["properties"], "line_id": "nonsense"}},
            {**good, "properties": None},
            [good],
        ):
            assert desk.write("POST", at(MARKERS), sent).status_code == 400
        assert desk.write("POST", at(MARKERS), good, "丙").status_code == 403
        assert desk.write("POST", f"{at(MARKERS)}?at=2020-01-01", good).status_code == 400

    def test_of_what_lies_nowhere_must_say_where(self, desk: Desk) -> None:
        desk.city.carrier("上塘社", village(2, 0))
        (found,) = desk.client.get(at("place-names"), params={"text": "上塘社"}).json()["features"]

        told = desk.alter("place-names", found["id"], {"properties": {"basis": "surveyed"}})

        assert (told.status_code, told.json()["code"]) == (409, "collection-is-not-editable")

    def test_of_what_never_was_is_not_found(self, desk: Desk) -> None:
        for collection in (MARKERS, LINES, "addresses", "place-names", "thoroughfares"):
            for feature in ("nonsense", "7f3a1c1e-6f0d-5c55-9a35-0a8f6ad8b4c7"):
                for method in ("PUT", "PATCH"):
                    told = desk.write(method, at(collection, feature), {}, If_Match="*")
                    assert told.status_code == 404, told.text
