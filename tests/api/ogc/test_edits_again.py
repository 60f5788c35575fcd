"""What a surveyor says of a feature again, and what another says of its edge meanwhile."""

import pytest
from shapely.geometry import (
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    box,
    mapping,
    shape,
)
from shapely.geometry.base import BaseGeometry, BaseMultipartGeometry

from tests.api.ogc.surveyors import Desk, at, point, street
from tests.grid_city import village

MARKERS, LINES = "boundary-markers", "boundary-lines"
NORTH_OF_IT = 0.00002
"""Two metres, in degrees of latitude."""


class WhatIsSentAgain:
    def test_what_is_said_as_it_was_is_taken_back_and_the_rest_stays(self, desk: Desk) -> None:
        line = desk.take_a_line()
        marker = desk.standing(line)
        lon, lat = line["spot"]
        moved = {"geometry": point(lon, lat + NORTH_OF_IT), "properties": {"state": "damaged"}}

        desk.alter(MARKERS, marker, {**moved, "properties": {"state": "damaged", "keeper": "甲站"}})
        there = desk.alter(MARKERS, marker, {"geometry": point(lon, lat)})
        assert desk.edit(there)["altered"] == ["keeper", "state"]
        standing = desk.alter(MARKERS, marker, {"properties": {"state": "standing"}})
        assert desk.edit(standing)["altered"] == ["keeper"]
        nobody = desk.alter(MARKERS, marker, {"properties": {"keeper": None}})

        assert desk.draft(nobody)["edits"] == []
        again = desk.alter(MARKERS, marker, {"properties": {"keeper": None}})
        assert (again.status_code, again.json()["code"]) == (409, "update-changes-nothing")

    def test_a_whole_one_replaces_what_was_said_before(self, desk: Desk) -> None:
        marker = desk.standing(desk.take_a_line())
        read = desk.read(MARKERS, marker)
        whole = read.json()
        desk.alter(MARKERS, marker, {"properties": {"state": "damaged", "keeper": "甲站"}})
        del whole["properties"]["keeper"]
        whole["properties"]["material"] = "花岗岩"

        told = desk.write("PUT", at(MARKERS, marker), whole, If_Match=read.headers["ETag"])

        assert desk.edit(told)["altered"] == ["material"]

    def test_the_end_of_a_marker_is_taken_back_by_sending_it_as_it_is(self, desk: Desk) -> None:
        marker = desk.standing(desk.take_a_line())
        read = desk.read(MARKERS, marker)
        tag = read.headers["ETag"]
        desk.write("DELETE", at(MARKERS, marker), If_Match=tag)

        told = desk.write("PUT", at(MARKERS, marker), read.json(), If_Match=tag)

        assert (told.status_code, desk.draft(told)["edits"]) == (202, [])

    def test_one_that_is_only_drafted_keeps_what_is_sent_again(self, desk: Desk) -> None:
        line = desk.take_a_line()
        sent = desk.marker(line, keeper="甲站")
        made = desk.write("POST", at(MARKERS), sent)
        where = at(MARKERS, made.json()["id"])

        told = desk.write("PUT", where, sent, If_Match=made.headers["ETag"])

        edit = desk.edit(told)
        assert edit["action"] == "begin" and edit["after"]["geometry"] == point(*line["spot"])
        assert edit["after"]["properties"]["keeper"] == "甲站"

    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    def test_a_door_is_put_back_before_anybody_approved_it(self, desk: Desk, method: str) -> None:
        code = next(iter(desk.city.address_ids))
        read = desk.read("addresses", code)
        moved = {"geometry": point(118.0053, 24.0052), "properties": {"accuracy_m": 0.4}}
        desk.alter("addresses", code, moved)
        back = read.json()
        if method == "PATCH":
            accuracy_m = back["properties"]["accuracy_m"]
            back = {"geometry": back["geometry"], "properties": {"accuracy_m": accuracy_m}}

        told = desk.write(method, at("addresses", code), back, If_Match=read.headers["ETag"])

        assert (told.status_code, desk.draft(told)["edits"]) == (202, [])

    @pytest.mark.parametrize(
        ("name", "drawn", "sent"),
        [
            ("广场路", box(118.001, 24.006, 118.002, 24.007), MultiPolygon),
            ("直路", LineString([(118.001, 24.006), (118.002, 24.007)]), MultiLineString),
            ("井路", Point(118.001, 24.006), MultiPoint),
        ],
    )
    def test_what_comes_back_as_a_collection_of_one_was_not_moved(
        self, desk: Desk, name: str, drawn: BaseGeometry, sent: type[BaseMultipartGeometry]
    ) -> None:
        _place, place_name = street(desk.city, name, village(0, 0), drawn)
        change = {"geometry": mapping(sent([drawn])), "properties": {"basis": "surveyed"}}

        told = desk.alter("place-names", place_name, change)

        assert desk.edit(told)["altered"] == ["basis"]


class WhoeverIsAtALine:
    def test_and_whoever_draws_its_edge_are_told_of_each_other(self, desk: Desk) -> None:
        line = desk.take_a_line()
        marker = desk.standing(line)
        east_deg = 0.0002
        side = desk.read("divisions", line["feature"].partition("_")[0]).json()
        bounds = shape(side["geometry"]).bounds
        grown = box(*bounds).buffer(east_deg, join_style="mitre")
        drawn = {"geometry": mapping(grown)}
        edits = (
            (LINES, line["feature"], {"properties": {"accuracy_m": 4.5}}),
            (MARKERS, marker, {"properties": {"keeper": "甲站"}}),
        )
        new = desk.marker(line, number=f"{line['marker'][:4]}998Q")

        for collection, feature, patch in edits:
            mine = desk.alter(collection, feature, patch)
            assert mine.status_code == 202, mine.text
            refused = desk.alter("divisions", side["id"], drawn, "乙")
            assert (refused.status_code, refused.json()["code"]) == (409, "edge-is-taken")
            whole = desk.ask(
                "POST",
                "/v1/boundary-updates",
                "乙",
                json={
                    "title": "整块",
                    "reason": "re_digitisation",
                    "territories": [{"division": side["id"], "geometry": mapping(grown)}],
                },
            )
            assert (whole.status_code, whole.json()["code"]) == (409, "edge-is-taken"), whole.text
            (draft,) = refused.json()["drafts"]
            assert (draft["update_id"], draft["author"]) == (mine.json()["boundary_update"], "甲")
            assert desk.alter("divisions", side["id"], drawn, "甲").status_code == 202
            desk.withdraw_all()
        begun = desk.write("POST", at(MARKERS), new)
        refused = desk.alter("divisions", side["id"], drawn, "乙")
        assert (begun.status_code, refused.json()["code"]) == (201, "edge-is-taken")
        desk.withdraw_all()

        theirs = desk.alter("divisions", side["id"], drawn, "乙")

        assert theirs.status_code == 202, theirs.text
        for collection, feature, patch in edits:
            told = desk.alter(collection, feature, patch)
            assert (told.status_code, told.json()["code"]) == (409, "edge-is-taken")
        (draft,) = desk.write("POST", at(MARKERS), new).json()["drafts"]
        assert draft["divisions"] == [side["id"]] and draft["author"] == "乙"
