"""OGC API Features, Part 4, beyond territories: markers, lines, places and doors as proposals."""

from datetime import date, timedelta

import pyproj
import pytest
from shapely.geometry import LineString, box, mapping

from tests.api.ogc.asking import EPSG
from tests.api.ogc.surveyors import LOSING, NEW_VILLAGE, Desk, at, point, street
from tests.grid_city import village

MARKERS, LINES = "boundary-markers", "boundary-lines"
NORTH_OF_IT = 0.00002
"""Two metres, in degrees of latitude."""


class WhenASurveyorAddsAMarker:
    def test_it_waits_in_a_draft_and_is_recorded_when_another_has_approved(
        self, desk: Desk
    ) -> None:
        line, head = desk.take_a_line(), desk.head()

        made = desk.write("POST", at(MARKERS), desk.marker(line, keeper="马巷街道办事处"))

        assert made.status_code == 201, made.text
        where = made.headers["Location"].partition("/ogc/")[2]
        assert where == f"collections/{MARKERS}/items/{made.json()['id']}"
        edit = desk.edit(made)
        assert (edit["action"], edit["before"], edit["name"]) == (
            "begin",
            None,
            line["marker"],
        )
        assert edit["after"]["properties"]["keeper"] == "马巷街道办事处"
        assert desk.client.get(f"/ogc/{where}").status_code == 404
        assert desk.head() == head

        done = desk.approved(made)

        assert (done["update"]["state"], done["update"]["change"]) == ("committed", head + 1)
        shown = desk.client.get(f"/ogc/{where}").json()
        assert shown["geometry"] == point(*line["spot"])
        assert shown["properties"]["line_id"] == line["id"]
        items = desk.client.get(f"/v1/changes/{head + 1}").json()["items"]
        assert [(one["table"], one["cause"]) for one in items] == [
            ("boundary_marker", None),
            ("boundary_marker_version", "set"),
        ]

    def test_it_may_be_surveyed_in_a_zone(self, desk: Desk) -> None:
        line = desk.take_a_line()
        into = pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:4548")
        sent = {**desk.marker(line), "geometry": point(*into.transform(*line["spot"]))}

        made = desk.write("POST", at(MARKERS), sent, Content_Crs=f"<{EPSG}4548>")

        found = desk.edit(made)["after"]["geometry"]["coordinates"]
        assert found == pytest.approx(line["spot"], abs=1e-8)

    def test_it_can_be_moved_and_taken_back_before_anybody_approved_it(self, desk: Desk) -> None:
        line = desk.take_a_line()
        made = desk.write("POST", at(MARKERS), desk.marker(line))
        where = at(MARKERS, made.json()["id"])
        lon, lat = line["spot"]
        moved = {"geometry": point(lon, lat + NORTH_OF_IT), "properties": {"material": "花岗岩"}}

        stale = desk.write("PATCH", where, moved, If_Match='"0"')
        again = desk.write("PATCH", where, moved, If_Match=made.headers["ETag"])

        assert stale.status_code == 412
        edit = desk.edit(again)
        assert edit["action"] == "begin" and edit["after"]["geometry"] == point(
            lon, lat + NORTH_OF_IT
        )
        assert edit["after"]["properties"]["material"] == "花岗岩"
        assert desk.write("PATCH", where, moved, "乙", If_Match="*").status_code == 404
        gone = desk.write("DELETE", where, If_Match="*")
        assert desk.draft(gone)["edits"] == []
        empty = desk.step(gone, "submit", "甲")
        assert (empty.status_code, empty.json()["code"]) == (409, "update-changes-nothing")

    def test_two_in_one_draft_become_one_change(self, desk: Desk) -> None:
        line, other, head = desk.take_a_line(), desk.take_a_line(), desk.head()

        first = desk.write("POST", at(MARKERS), desk.marker(line))
        second = desk.write("POST", at(MARKERS), desk.marker(other))

        assert first.json()["boundary_update"] == second.json()["boundary_update"]
        assert len(desk.draft(second)["edits"]) == 2
        desk.approved(second)
        assert desk.head() == head + 1

    def test_what_is_there_is_told_to_be_replaced(self, desk: Desk) -> None:
        line = desk.take_a_line()
        marker = desk.standing(line)

        again = desk.write("POST", at(MARKERS), desk.marker(line))

        assert (again.status_code, again.json()["code"]) == (409, "feature-is-there")
        assert again.json()["href"] == at(MARKERS, marker)

    def test_the_rules_of_markers_hold_at_once(self, desk: Desk) -> None:
        line = desk.take_a_line()
        lon, lat = line["spot"]
        other = desk.marker(line, number="9999001Q")
        off = {**desk.marker(line, line_id=line["id"]), "geometry": point(lon + 0.003, lat + 0.003)}
        nowhere = {**desk.marker(line), "geometry": point(lon + 0.003, lat + 0.003)}
        double = desk.marker(line, kind="double")

        for sent, status, code in (
            (other, 400, "marker-number-is-of-another-line"),
            (off, 409, "marker-is-off-its-line"),
            (nowhere, 400, "marker-line-is-unclear"),
            (double, 400, "marker-number-is-invalid"),
        ):
            told = desk.write("POST", at(MARKERS), sent)
            assert (told.status_code, told.json()["code"]) == (status, code), told.text
        assert desk.ask("GET", "/v1/boundary-updates", params={"author": "甲", "state": "draft"}).json() == {"updates": []}  # fmt: skip


class WhenASurveyorAltersAMarker:
    def test_it_moves_when_approved_and_was_elsewhere_before(self, desk: Desk) -> None:
        line = desk.take_a_line()
        marker = desk.standing(line)
        lon, lat = line["spot"]

        told = desk.alter(MARKERS, marker, {"geometry": point(lon, lat + NORTH_OF_IT)})

        edit = desk.edit(told)
        assert edit["altered"] == ["geometry"] and edit["moved_m"] == pytest.approx(2.2, abs=0.1)
        assert edit["before"]["geometry"] == point(lon, lat)
        desk.approved(told)
        shown = desk.read(MARKERS, marker).json()
        assert shown["geometry"]["coordinates"] == [lon, pytest.approx(lat + NORTH_OF_IT)]
        earlier = desk.client.get(at(MARKERS, marker), params={"at": "2021-01-01"}).json()
        assert earlier["geometry"] == point(lon, lat)

    def test_a_whole_feature_may_be_sent_with_what_it_repeats(self, desk: Desk) -> None:
        marker = desk.standing(desk.take_a_line())
        read = desk.read(MARKERS, marker)
        sent = read.json()
        sent["properties"] |= {"state": "damaged", "keeper": "新店街道办事处"}

        told = desk.write("PUT", at(MARKERS, marker), sent, If_Match=read.headers["ETag"])

        assert desk.edit(told)["altered"] == ["keeper", "state"]

    def test_it_ends_and_its_number_is_never_given_again(self, desk: Desk) -> None:
        line = desk.take_a_line()
        marker = desk.standing(line)
        tag = desk.read(MARKERS, marker).headers["ETag"]

        told = desk.write("DELETE", at(MARKERS, marker), If_Match=tag)

        assert (told.status_code, desk.edit(told)["after"]) == (202, None)
        desk.approved(told)
        assert desk.read(MARKERS, marker).json()["properties"]["in_force"] is False
        listed = desk.client.get(at(MARKERS), params={"number": line["marker"]}).json()
        assert listed["features"] == []
        again = desk.write("POST", at(MARKERS), desk.marker(line))
        assert again.status_code == 409, again.text

    def test_another_is_told_whose_draft_speaks_of_it(self, desk: Desk) -> None:
        marker = desk.standing(desk.take_a_line())
        mine = desk.alter(MARKERS, marker, {"properties": {"state": "damaged"}})

        theirs = desk.alter(MARKERS, marker, {"properties": {"state": "missing"}}, "乙")

        assert (theirs.status_code, theirs.json()["code"]) == (409, "feature-is-taken")
        (draft,) = theirs.json()["drafts"]
        assert (draft["update_id"], draft["author"]) == (mine.json()["boundary_update"], "甲")

    def test_its_number_stays(self, desk: Desk) -> None:
        line = desk.take_a_line()
        marker = desk.standing(line)

        told = desk.alter(MARKERS, marker, {"properties": {"number": f"{line['marker'][:4]}999Q"}})

        assert (told.status_code, told.json()["code"]) == (409, "collection-is-not-editable")

    def test_what_others_recorded_meanwhile_must_be_rebased(self, desk: Desk) -> None:
        marker = desk.standing(desk.take_a_line())
        keeper = desk.alter(MARKERS, marker, {"properties": {"keeper": "甲站"}})
        state = {"state": "damaged"}
        reported = desk.ask("POST", f"/v1/boundary-markers/{marker}/state", "审", json=state)
        assert reported.status_code == 200, reported.text

        refused = desk.step(keeper, "submit", "甲")
        rebased = desk.step(keeper, "rebase", "甲")

        assert (refused.status_code, refused.json()["code"]) == (409, "boundary-has-moved")
        assert rebased.status_code == 200, rebased.text
        desk.approved(keeper)
        shown = desk.read(MARKERS, marker).json()["properties"]
        assert (shown["keeper"], shown["state"]) == ("甲站", "damaged")

    def test_what_both_altered_is_listed_with_both_sides(self, desk: Desk) -> None:
        marker = desk.standing(desk.take_a_line())
        mine = desk.alter(MARKERS, marker, {"properties": {"state": "missing"}})
        desk.ask("POST", f"/v1/boundary-markers/{marker}/state", "审", json={"state": "damaged"})

        told = desk.step(mine, "rebase", "甲")

        assert (told.status_code, told.json()["code"]) == (409, "edits-conflict")
        (conflict,) = told.json()["conflicts"]
        assert conflict["id"] == marker
        assert conflict["mine"]["properties"]["state"] == "missing"
        assert conflict["theirs"]["properties"]["state"] == "damaged"


class WhenASurveyorDescribesALine:
    def test_what_is_said_of_it_changes_and_its_course_stays(self, desk: Desk) -> None:
        line = desk.take_a_line()
        before = desk.read(LINES, line["feature"]).json()
        said = {
            "legal_status": "agreed",
            "technical_status": "surveyed",
            "accuracy_m": 0.1,
            "agreement": "翔政〔2021〕7号",
            "agreed_on": "2021-05-01",
            "inspected_on": "2022-06-01",
        }

        told = desk.alter(LINES, line["feature"], {"properties": said})

        assert set(desk.edit(told)["altered"]) == {
            "legal_status", "technical_status", "accuracy_m", "agreement_number", "agreement_on", "inspected_on",
        }  # fmt: skip
        desk.approved(told)
        after = desk.read(LINES, line["feature"]).json()
        assert {name: after["properties"][name] for name in said} == said
        assert after["geometry"] == before["geometry"]

    def test_a_line_nobody_recorded_is_recorded_with_it(self, desk: Desk) -> None:
        found = desk.client.get(at(LINES), params={"level": 4, "limit": 1}).json()["features"]
        feature = found[0]["id"]
        assert found[0]["properties"]["line_id"] is None

        desk.approved(desk.alter(LINES, feature, {"properties": {"accuracy_m": 2.5}}))

        shown = desk.read(LINES, feature).json()["properties"]
        assert shown["accuracy_m"] == 2.5 and shown["line_id"] is not None

    def test_its_record_begins_by_naming_both_sides(self, desk: Desk) -> None:
        towns = desk.client.get(at(LINES), params={"level": 4}).json()["features"]
        line = next(one for one in towns if one["properties"]["line_id"] is None)
        sides = {name: line["properties"][name] for name in ("right_id", "left_id")}
        sent = {"type": "Feature", "geometry": None, "properties": {**sides, "number": "0901"}}
        apart = {**sent, "properties": {"left_id": sides["left_id"], "right_id": sides["left_id"]}}

        made = desk.write("POST", at(LINES), sent)
        nowhere = desk.write("POST", at(LINES), apart)
        bent = desk.write("POST", at(LINES), {**sent, "geometry": point(118, 24)})

        assert made.status_code == 201 and made.headers["Location"].endswith(line["id"])
        assert desk.edit(made)["action"] == "begin"
        assert (nowhere.status_code, nowhere.json()["code"]) == (409, "feature-begins-elsewhere")
        assert bent.status_code == 400
        desk.approved(made)
        shown = desk.read(LINES, line["id"]).json()
        assert (shown["properties"]["number"], shown["properties"]["legal_status"]) == (
            "0901",
            "customary",
        )
        assert shown["geometry"] == line["geometry"]
        again = desk.write("POST", at(LINES), sent)
        assert (again.status_code, again.json()["code"]) == (409, "feature-is-there")

    def test_its_course_follows_the_territories(self, desk: Desk) -> None:
        line = desk.take_a_line()
        read = desk.read(LINES, line["feature"])
        same = {**read.json(), "properties": {"accuracy_m": 9}}
        bent = {"geometry": mapping(LineString([(118, 24), (118.01, 24.01)]))}

        kept = desk.write("PUT", at(LINES, line["feature"]), same, If_Match=read.headers["ETag"])
        drawn = desk.alter(LINES, line["feature"], bent)

        assert desk.edit(kept)["altered"] == ["accuracy_m"]
        assert (drawn.status_code, drawn.json()["code"]) == (409, "collection-is-not-editable")
        assert "/ogc/collections/divisions" in drawn.json()["detail"]
        ended = desk.write("DELETE", at(LINES, line["feature"]), If_Match="*")
        assert ended.status_code == 405 and "DELETE" not in ended.headers["Allow"]


class WhenASurveyorPlacesSomething:
    def test_a_street_runs_otherwise_and_is_held_by_who_holds_all_of_it(self, desk: Desk) -> None:
        course = LineString([(118.001, 24.002), (118.009, 24.002)])
        place, name = street(desk.city, "新店路", village(0, 0), course)
        longer = LineString([(118.001, 24.002), (118.019, 24.0021)])

        told = desk.alter("thoroughfares", place, {"geometry": mapping(longer)})

        assert desk.edit(told)["lies_in"]["name"] == "甲镇"
        other = desk.alter("place-names", name, {"geometry": mapping(course)}, "乙")
        assert (other.status_code, other.json()["code"]) == (409, "feature-is-taken")
        desk.approved(told)
        shown = desk.read("thoroughfares", place).json()
        assert shown["geometry"] == mapping(longer) | {
            "coordinates": [list(one) for one in longer.coords]
        }
        assert shown["properties"]["division_id"] == str(desk.city.ids[village(0, 0)[:9]])
        assert desk.read("place-names", name).json()["geometry"] == shown["geometry"]

    def test_a_street_that_was_moved_by_law_ran_elsewhere_the_day_before(self, desk: Desk) -> None:
        course = LineString([(118.021, 24.002), (118.029, 24.002)])
        place, _name = street(desk.city, "改线路", village(0, 2), course)
        moved = LineString([(118.021, 24.004), (118.029, 24.004)])
        told = desk.alter("thoroughfares", place, {"geometry": mapping(moved)})
        law = {"reason": "legal_change", "decree": {"authority": "翔安区人民政府", "number": "1号"}}

        said = desk.ask("PATCH", told.json()["href"], json=law)
        desk.approved(told)

        assert said.status_code == 200, said.text
        now = desk.read("thoroughfares", place).json()
        first = now["properties"]["valid_from"]
        day_before = str(date.fromisoformat(first) - timedelta(days=1))
        before = desk.client.get(at("thoroughfares", place), params={"at": day_before}).json()
        assert now["geometry"]["coordinates"] == [list(one) for one in moved.coords]
        assert before["geometry"]["coordinates"] == [list(one) for one in course.coords]

    def test_a_named_place_that_lay_nowhere_is_drawn_by_its_id(self, desk: Desk) -> None:
        desk.city.carrier("内厝里", village(1, 0))
        (found,) = desk.client.get(at("place-names"), params={"text": "内厝里"}).json()["features"]
        assert found["geometry"] is None
        sent = {
            "type": "Feature",
            "id": found["id"],
            "geometry": point(118.005, 24.015),
            "properties": {},
        }

        made = desk.write("POST", at("place-names"), sent)

        assert made.headers["Location"].endswith(at("place-names", found["id"]))
        desk.approved(made)
        assert desk.read("place-names", found["id"]).json()["geometry"] == sent["geometry"]
        again = desk.write("POST", at("place-names"), sent)
        assert (again.status_code, again.json()["code"]) == (409, "feature-is-there")

    def test_a_door_is_placed_better_for_all_of_its_time(self, desk: Desk) -> None:
        code = next(iter(desk.city.address_ids))
        moved = {"geometry": point(118.0052, 24.0051), "properties": {"accuracy_m": 0.3}}

        told = desk.alter("addresses", code, moved)

        assert desk.draft(told)["effects"]["doors"]["count"] == 0
        desk.approved(told)
        for day in ("2020-01-01", None):
            shown = desk.client.get(
                at("addresses", code), params={} if day is None else {"at": day}
            )
            assert shown.json()["geometry"] == moved["geometry"]
            assert shown.json()["properties"]["accuracy_m"] == 0.3

    def test_a_door_does_not_change_its_division_in_silence(self, desk: Desk) -> None:
        code = list(desk.city.address_ids)[1]
        there = {"geometry": point(118.025, 24.005)}

        told = desk.alter("addresses", code, there)

        effects = desk.draft(told)["effects"]["doors"]
        assert [one["to"]["code"] for one in effects["listed"]] == [village(0, 2)]
        silent = desk.step(told, "submit", "甲")
        assert (silent.status_code, silent.json()["code"]) == (409, "doors-would-move")
        said = desk.ask("PATCH", told.json()["href"], json={"doors": "move"})
        assert said.status_code == 200, said.text
        desk.approved(told)
        shown = desk.read("addresses", code).json()["properties"]
        assert shown["division_id"] == str(desk.city.ids[village(0, 2)])


class WhenATerritoryBeginsOrEnds:
    def test_a_division_without_one_is_given_its_first_by_its_code(self, desk: Desk) -> None:
        drawn = mapping(box(118.03, 24.03, 118.04, 24.04))
        sent = {"type": "Feature", "geometry": drawn, "properties": {"code": NEW_VILLAGE}}

        made = desk.write("POST", at("divisions"), sent)

        division = str(desk.city.ids[NEW_VILLAGE])
        assert made.status_code == 201 and made.headers["Location"].endswith(
            at("divisions", division)
        )
        (shown,) = desk.draft(made)["divisions"]
        assert (shown["id"], shown["before"], shown["origin"]) == (division, None, "delivered")
        taken_back = desk.write("DELETE", at("divisions", division), If_Match="*")
        assert desk.draft(taken_back)["divisions"] == []

    def test_what_neither_the_registry_nor_the_draft_gives_it_cannot_be_taken_away(
        self, desk: Desk
    ) -> None:
        bare = at("divisions", str(desk.city.ids[NEW_VILLAGE]))
        line = desk.take_a_line()
        opened = desk.write("POST", at(MARKERS), desk.marker(line))

        told = desk.write("DELETE", bare, If_Match="*")

        assert (told.status_code, told.json()["code"]) == (409, "update-changes-nothing")
        assert len(desk.draft(opened)["edits"]) == 1

    def test_one_that_has_its_own_is_replaced_instead(self, desk: Desk) -> None:
        drawn = mapping(box(118.03, 24.03, 118.04, 24.04))
        sent = {"type": "Feature", "geometry": drawn, "properties": {"code": village(0, 0)}}

        told = desk.write("POST", at("divisions"), sent)
        unknown = desk.write("POST", at("divisions"), {**sent, "properties": {"code": "350299999"}})
        silent = desk.write("POST", at("divisions"), {**sent, "properties": {}})

        assert (told.status_code, told.json()["code"]) == (409, "feature-is-there")
        assert told.json()["href"] == at("divisions", str(desk.city.ids[village(0, 0)]))
        assert (unknown.status_code, unknown.json()["code"]) == (409, "feature-begins-elsewhere")
        assert unknown.json()["where"] == "/v1/restructurings"
        assert silent.status_code == 400

    def test_what_is_taken_away_leaves_a_gap_that_somebody_must_fill(self, desk: Desk) -> None:
        division = str(desk.city.ids[LOSING])
        tag = desk.read("divisions", division).headers["ETag"]

        told = desk.write("DELETE", at("divisions", division), If_Match=tag)

        report = desk.draft(told)
        (gap,) = [one for one in report["findings"] if one["blocking"]]
        (division_shown,) = report["divisions"]
        assert gap["size"] == pytest.approx(division_shown["area_before_m2"], rel=1e-6)
        assert division_shown["area_after_m2"] == 0
        broken = desk.step(told, "submit", "甲")
        assert (broken.status_code, broken.json()["code"]) == (409, "coverage-is-broken")
        page = desk.ask("GET", told.json()["href"], params={"format": "html"})
        assert page.status_code == 200
        fill = next(
            one for one in gap["repairs"] if division not in [each["id"] for each in one["alters"]]
        )
        mended = desk.ask("POST", f"{told.json()['href']}/repairs", json={"accept": [fill["id"]]})
        assert mended.status_code == 200, mended.text
        desk.approved(told)
        assert desk.read("divisions", division).json()["geometry"] is None


class WhatIsWritten:
    def test_is_shown_on_the_page_of_its_draft_before_and_after(self, desk: Desk) -> None:
        line = desk.take_a_line()
        marker = desk.standing(line)
        lon, lat = line["spot"]
        told = desk.alter(
            MARKERS,
            marker,
            {"geometry": point(lon, lat + NORTH_OF_IT), "properties": {"keeper": "乙站"}},
        )

        page = desk.ask("GET", told.json()["href"], params={"format": "html", "lang": "en"})

        assert page.status_code == 200
        for text in (line["marker"], "乙站", "The office that keeps it", "2.2 m"):
            assert text in page.text

    def test_lists_what_each_collection_allows(self, desk: Desk) -> None:
        paths = desk.client.get("/ogc/api").json()["paths"]

        for name in (
            "divisions",
            MARKERS,
            LINES,
            "place-names",
            "thoroughfares",
            "addresses",
            "plates",
        ):
            for path, template in (
                (at(name), "items"),
                (at(name, "unknown_id"), "items/{featureId}"),
            ):
                allow = desk.client.options(path).headers["Allow"].split(", ")
                described = set(paths[f"/collections/{name}/{template}"])
                assert {one.lower() for one in allow} - {"head", "options"} == described
        assert desk.client.options(at("plates", "x")).headers["Allow"] == "GET, HEAD, OPTIONS"
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            path = at("plates") if method == "POST" else at("plates", "x")
            assert desk.write(method, path, {}, If_Match="*").status_code == 405
