"""Lines and markers over HTTP: who may do what, every bad word refused, photographs as pictures."""

import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image

from api.cli.main import run
from api.plate_photos import LARGEST_BYTES
from registry.changes.store import ChangeStore
from registry.lines.commands import line_id_of
from registry.lines.store import LineStore
from tests.api.line_office import (
    LINES,
    MARKERS,
    ON,
    TO_COME,
    Office,
    opened_office,
    picture,
)
from tests.conftest import Databases
from tests.grid_city import COUNTY


@pytest.fixture(scope="module")
def service(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    with opened_office(databases, template, tmp_path_factory.mktemp("lines")) as office:
        yield office


@pytest.fixture
def office(service: Office) -> Office:
    service.take_a_line()
    return service


class TheLine:
    def test_is_described_inspected_and_marked_by_a_reviewer(self, office: Office) -> None:
        path = f"{LINES}/{office.line}"

        described = office.ask("PATCH", path, json=office.agreed)
        inspected = office.ask("POST", f"{path}/inspections", "approver", json={"on": "2024-02-29"})
        marker = office.marker(material="花岗岩", keeper="甲镇人民政府")
        damaged = office.ask(
            "POST", f"{MARKERS}/{marker['id']}/state", json={"state": "damaged", "on": "2021-01-01"}
        )

        assert described.json()["inspection_due_on"] == "2025-03-01", described.text
        assert inspected.status_code == 201
        assert inspected.json()["inspection_due_on"] == "2029-03-01"
        assert (marker["state"], damaged.json()["state"]) == ("standing", "damaged")
        now = office.client.get(path).json()
        assert (now["number"], now["inspected_on"]) == (office.number, "2024-02-29")
        assert office.client.get(path, params={"at": "2020-02-29"}).json()["number"] is None
        (listed,) = office.client.get(MARKERS, params={"line": office.line}).json()["markers"]
        assert listed == office.client.get(f"{MARKERS}/{marker['id']}").json()
        head = office.client.get(f"/v1/changes/{office.head()}").json()
        assert (head["author"], head["verb"], head["title"]) == ("reviewer", "change", "界桩状况")

    def test_is_listed_by_side_place_and_page(self, office: Office) -> None:
        of_one = office.client.get(LINES, params={"division": office.one_side}).json()["lines"]
        spot = office.post["lon"], office.post["lat"]
        around = ",".join(f"{one + by:.5f}" for by in (-0.001, 0.001) for one in spot)
        here = office.client.get(LINES, params={"bbox": around}).json()
        first = office.client.get(LINES, params={"limit": 1})
        second = office.client.get(first.links["next"]["url"])
        shapes = office.client.get(LINES, params={"bbox": around, "format": "geojson"})

        assert office.line in {one["id"] for one in of_one}
        assert len(of_one) in (2, 3, 4)
        assert all(office.one_side in (one["left"]["id"], one["right"]["id"]) for one in of_one)
        assert [one["id"] for one in here["lines"]] == [office.line]
        assert first.json()["lines"][0]["id"] < second.json()["lines"][0]["id"]
        assert shapes.headers["content-type"].startswith("application/geo+json")
        assert [one["id"] for one in shapes.json()["features"]] == [office.line]

    def test_has_a_tag_that_changes_with_it_alone(self, office: Office) -> None:
        path = f"{LINES}/{office.line}"
        read = office.client.get(path)
        tag = read.headers["ETag"]
        office.ask("PATCH", f"{LINES}/{office.beside}", json={"description": "沿河", "on": ON})

        again = office.client.get(path, headers={"If-None-Match": tag})
        edited = office.ask("PATCH", path, json=office.agreed, headers={"If-Match": tag})
        head = office.head()
        late = office.ask("PATCH", path, json={"number": "0009"}, headers={"If-Match": tag})
        inspected = office.ask(
            "POST", f"{path}/inspections", json={"on": "2024-01-01"}, headers={"If-Match": tag}
        )

        assert (again.status_code, edited.status_code) == (304, 200)
        for refused in (late, inspected):
            assert (refused.status_code, refused.json()["code"]) == (412, "feature-is-stale")
        assert office.head() == head
        assert edited.headers["ETag"] == office.client.get(path).headers["ETag"] != tag


class TheMarker:
    def test_is_edited_on_the_state_it_was_read_in(self, office: Office) -> None:
        path = f"{MARKERS}/{office.marker()['id']}"
        tag = office.client.get(path).headers["ETag"]

        first = office.ask(
            "POST", f"{path}/state", json={"state": "missing"}, headers={"If-Match": tag}
        )
        second = office.ask(
            "POST", f"{path}/state", json={"state": "removed"}, headers={"If-Match": tag}
        )

        assert (first.status_code, second.status_code) == (200, 412)
        assert office.client.get(path).json()["state"] == "missing"

    @pytest.mark.parametrize("form", ["JPEG", "PNG"])
    def test_is_photographed_by_a_surveyor_and_shown_for_ever(
        self, office: Office, form: str
    ) -> None:
        marker, head = office.marker()["id"], office.head()

        added = office.photographed(marker, picture(form), on="2024-05-01", note="东面")
        again = office.photographed(marker, picture(form), on="2024-05-01")
        place = added.headers["Location"]
        shown = office.ask("GET", place, "surveyor")

        assert added.status_code == 201, added.text
        (digest,) = again.json()["photos"]
        assert place == f"{MARKERS}/{marker}/photos/{digest}"
        assert shown.headers["content-type"] == "image/jpeg"
        assert "immutable" in shown.headers["cache-control"]
        assert "private" in shown.headers["cache-control"]
        assert shown.headers["x-content-type-options"] == "nosniff"
        with Image.open(io.BytesIO(shown.content)) as kept:
            assert (kept.format, kept.size, len(kept.getexif())) == ("JPEG", (1600, 720), 0)
        same = office.ask("GET", place, headers={"If-None-Match": shown.headers["ETag"]})
        assert same.status_code == 304
        assert office.head() == head

    def test_shows_its_own_photographs_alone(self, office: Office) -> None:
        marker = office.marker()["id"]
        other = office.marker(number=f"{office.number}002Q")["id"]
        digest = office.photographed(marker, picture()).json()["photos"][0]

        for path, status, code in (
            (f"{MARKERS}/{other}/photos/{digest}", 404, "not-found"),
            (f"{MARKERS}/{marker}/photos/{'0' * 64}", 404, "not-found"),
            (f"{MARKERS}/{marker}/photos/..%2F..%2Fkey", 404, "not-found"),
            (f"{MARKERS}/{marker}/photos/{digest.upper()}", 422, "request-is-invalid"),
        ):
            told = office.ask("GET", path)
            assert (told.status_code, told.json()["code"]) == (status, code), path


def doors(office: Office) -> dict[str, tuple[str, str, dict[str, Any]]]:
    marker = office.marker()["id"]
    return {
        "derive": ("POST", LINES, {"json": {"within": COUNTY, "level": 5}}),
        "describe": ("PATCH", f"{LINES}/{office.line}", {"json": {"accuracy_m": 1}}),
        "inspect": ("POST", f"{LINES}/{office.line}/inspections", {"json": {"on": ON}}),
        "set": ("POST", f"{LINES}/{office.line}/markers", {"json": office.post}),
        "report": ("POST", f"{MARKERS}/{marker}/state", {"json": {"state": "missing"}}),
        "photo": ("POST", f"{MARKERS}/{marker}/photos", {"files": {"photo": ("p", picture())}}),
        "look": ("GET", f"{MARKERS}/{marker}/photos/{'0' * 64}", {}),
    }


class WhoMayDoWhat:
    def test_is_told_by_the_key(self, office: Office) -> None:
        asked, head = doors(office), office.head()
        for_surveyors = {"photo", "look"}
        for who, status in ((None, 401), ("public", 403), ("integrator", 403), ("surveyor", 403)):
            for what, (method, path, more) in asked.items():
                if who == "surveyor" and what in for_surveyors:
                    continue
                told = office.ask(method, path, who, **more)
                code = "key-is-missing" if status == 401 else "role-is-missing"
                assert (told.status_code, told.json()["code"]) == (status, code), (who, what)
        assert office.head() == head

        for what, (method, path, more) in asked.items():
            for who in ("reviewer", "approver", *(["surveyor"] if what in for_surveyors else [])):
                assert office.ask(method, path, who, **more).status_code not in (401, 403), what

    def test_leaves_reading_to_everybody(self, office: Office) -> None:
        marker = office.marker()["id"]
        for path in (LINES, f"{LINES}/{office.line}", MARKERS, f"{MARKERS}/{marker}"):
            assert office.ask("GET", path, None).status_code == 200, path


def bad_requests(office: Office) -> dict[str, tuple[str, str, Any, int, str]]:
    """What is sent where, and how it is refused; a body of bytes or text is a photograph."""
    line, marks = f"{LINES}/{office.line}", f"{LINES}/{office.line}/markers"
    office.ask("PATCH", line, json=office.agreed)
    post, own = office.post, office.number
    marker = office.marker()["id"]
    office.ask("POST", f"{MARKERS}/{marker}/state", json={"state": "missing", "on": "2023-01-01"})
    state, photos = f"{MARKERS}/{marker}/state", f"{MARKERS}/{marker}/photos"
    nobody = f"{LINES}/{uuid4()}"
    bomb = io.BytesIO()
    Image.new("1", (20000, 20000)).save(bomb, "PNG")
    bad, unknown = "request-is-invalid", "line-is-unknown"
    return {
        "lines of no such division": ("POST", LINES, {"within": "999999", "level": 5}, 404, "division-is-unknown"),
        "lines of no such level": ("POST", LINES, {"within": COUNTY, "level": 6}, 422, bad),
        "lines of no level": ("POST", LINES, {"within": COUNTY}, 422, bad),
        "no object": ("POST", LINES, [], 422, bad),
        "an unknown line": ("PATCH", nobody, {"number": "0001"}, 404, unknown),
        "a line that is no id": ("PATCH", f"{LINES}/x", {"number": "0001"}, 422, bad),
        "a pair that does not meet": ("PATCH", f"{LINES}/{line_id_of(UUID(office.one_side), office.city.ids[COUNTY])}", {"number": "0001"}, 404, unknown),
        "nothing said": ("PATCH", line, {}, 422, bad),
        "a day alone": ("PATCH", line, {"on": "2024-01-01"}, 422, bad),
        "no status": ("PATCH", line, {"legal_status": None}, 422, bad),
        "no such status": ("PATCH", line, {"legal_status": "ours"}, 422, bad),
        "no technical status": ("PATCH", line, {"technical_status": None}, 422, bad),
        "a number in full width": ("PATCH", line, {"number": "１２３４"}, 422, bad),
        "a number of five": ("PATCH", line, {"number": "00011"}, 422, bad),
        "an unknown field": ("PATCH", line, {"colour": "red"}, 422, bad),
        "accuracy below zero": ("PATCH", line, {"accuracy_m": -1}, 422, bad),
        "endless length": ("PATCH", line, b'{"agreed_length_m": Infinity}', 422, bad),
        "a length of nothing": ("PATCH", line, b'{"agreed_length_m": NaN}', 422, bad),
        "a digest that is none": ("PATCH", line, {"agreement_sha256": "abc"}, 422, bad),
        "a NUL": ("PATCH", line, {"description": "a\x00b"}, 422, bad),
        "half a character": ("PATCH", line, b'{"description": "\\ud800"}', 422, bad),
        "30 February": ("PATCH", line, {"number": "0003", "on": "2024-02-30"}, 422, bad),
        "an agreement to come": ("PATCH", line, {"agreement_on": TO_COME}, 422, "day-is-to-come"),
        "the last of all days": ("PATCH", line, {"agreement_on": "9999-12-31"}, 422, "day-is-to-come"),
        "before what was said": ("PATCH", line, {"number": "0003", "on": "2019-01-01"}, 409, "later-act-exists"),
        "a neighbour's number": ("PATCH", f"{LINES}/{office.beside}", {"number": own, "on": "2024-01-01"}, 409, "line-number-is-taken"),
        "an inspection to come": ("POST", f"{line}/inspections", {"on": TO_COME}, 422, "day-is-to-come"),
        "an inspection on no day": ("POST", f"{line}/inspections", {"on": "gestern"}, 422, bad),
        "an inspection of no line": ("POST", f"{nobody}/inspections", {"on": ON}, 404, unknown),
        "an inspection before the agreement": ("POST", f"{line}/inspections", {"on": "2019-01-01"}, 409, "later-act-exists"),
        "a marker of no line": ("POST", f"{nobody}/markers", post, 404, unknown),
        "a marker off its line": ("POST", marks, {**post, "number": f"{own}002Q", "lat": 25}, 409, "marker-is-off-its-line"),
        "a marker of another kind": ("POST", marks, {**post, "number": f"{own}002A"}, 422, "marker-number-is-invalid"),
        "a marker in full width": ("POST", marks, {**post, "number": f"{own}００２Q"}, 422, "marker-number-is-invalid"),
        "a marker of another line": ("POST", marks, {**post, "number": "9999002Q"}, 422, "marker-number-is-of-another-line"),
        "a place that is taken": ("POST", marks, {**post, "number": f"{own}001A", "kind": "double"}, 409, "marker-number-is-taken"),
        "no number": ("POST", marks, {**post, "number": "\x00" * 8}, 422, bad),
        "a very long number": ("POST", marks, {**post, "number": "1" * 1000}, 422, bad),
        "no such kind": ("POST", marks, {**post, "kind": "fourfold"}, 422, bad),
        "beyond the pole": ("POST", marks, {**post, "lat": 91}, 422, bad),
        "nowhere": ("POST", marks, b'{"number":"0001002Q","kind":"single","lon":NaN,"lat":24}', 422, bad),
        "a keeper with a NUL": ("POST", marks, {**post, "keeper": "\x00"}, 422, bad),
        "the same before it stood": ("POST", marks, {**post, "on": "2019-01-01"}, 409, "not-in-force"),
        "no such marker": ("POST", f"{MARKERS}/{uuid4()}/state", {"state": "missing"}, 404, "marker-is-unknown"),
        "no such state": ("POST", state, {"state": "leaning"}, 422, bad),
        "a state before it stood": ("POST", state, {"state": "damaged", "on": "2019-01-01"}, 409, "not-in-force"),
        "a state before the last": ("POST", state, {"state": "damaged", "on": "2022-01-01"}, 409, "later-act-exists"),
        "a photograph of no marker": ("POST", f"{MARKERS}/{uuid4()}/photos", picture(), 404, "marker-is-unknown"),
        "no picture": ("POST", photos, b"no picture", 422, "photo-is-unreadable"),
        "nothing": ("POST", photos, b"", 422, "photo-is-unreadable"),
        "half a picture": ("POST", photos, picture()[:2000], 422, "photo-is-unreadable"),
        "another kind of picture": ("POST", photos, picture("GIF"), 422, "photo-is-unreadable"),
        "a drawing with a script": ("POST", photos, b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", 422, "photo-is-unreadable"),
        "a bomb": ("POST", photos, bomb.getvalue(), 422, "photo-is-unreadable"),
        "a picture that is too large": ("POST", photos, picture() + bytes(LARGEST_BYTES), 422, "photo-is-unreadable"),
    }  # fmt: skip


def kept(office: Office) -> set[Path]:
    return set((office.home / "files" / "marker-photos").glob("*"))


class EveryBadRequest:
    def test_is_a_named_problem_and_changes_nothing(self, office: Office) -> None:
        asked, head, photographs = bad_requests(office), office.head(), kept(office)

        wrong = {}
        for what, (method, path, body, status, code) in asked.items():
            if path.endswith("/photos"):
                sent: dict[str, Any] = {"files": {"photo": ("p.jpg", body)}}
            elif isinstance(body, bytes):
                sent = {"content": body, "headers": {"Content-Type": "application/json"}}
            else:
                sent = {"json": body}
            told = office.ask(method, path, **sent)
            found = (told.status_code, told.json().get("code"))
            if found != (status, code):
                wrong[what] = told.text
            assert told.headers["content-type"] == "application/problem+json", what

        assert wrong == {}
        assert office.head() == head
        assert kept(office) == photographs

    def test_of_a_photograph_leaves_the_marker_as_it_was(self, office: Office) -> None:
        marker = office.marker()["id"]
        for said, code in (
            ({"on": TO_COME}, "day-is-to-come"),
            ({"on": "2019-01-01"}, "marker-is-unknown"),
            ({"on": "2024-02-30"}, "request-is-invalid"),
            ({"note": "x" * 501}, "request-is-invalid"),
            ({"note": "a\x00b"}, "request-is-invalid"),
        ):
            told = office.photographed(marker, picture(), **said)
            assert told.json()["code"] == code, (said, told.text)
        without = office.ask("POST", f"{MARKERS}/{marker}/photos", data={"on": "2024-01-01"})
        assert without.json()["code"] == "request-is-invalid"
        assert office.client.get(f"{MARKERS}/{marker}").json()["photos"] == []

    def test_of_a_list_is_refused_too(self, office: Office) -> None:
        for path, code in (
            (f"{LINES}?division=999999", "division-is-unknown"),
            (f"{LINES}?level=9", "request-is-invalid"),
            (f"{LINES}?bbox=1,2,3", "geometry-is-invalid"),
            (f"{LINES}?cursor=nonsense", "cursor-is-invalid"),
            (f"{LINES}?colour=red", "request-is-invalid"),
            (f"{LINES}?at=2024-02-30", "date-is-invalid"),
            (f"{MARKERS}?line=x", "request-is-invalid"),
            (f"{MARKERS}?cursor=nonsense", "cursor-is-invalid"),
            (f"{LINES}/{uuid4()}", "line-is-unknown"),
            (f"{MARKERS}/{uuid4()}", "marker-is-unknown"),
            (f"{MARKERS}/x", "request-is-invalid"),
        ):
            told = office.ask("GET", path, None)
            assert told.json().get("code") == code, (path, told.text)


class TheQualityRun:
    def test_finds_an_inspection_overdue_once_its_day_has_passed(
        self, office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = f"{LINES}/{office.line}"
        monkeypatch.setenv("DATABASE_URL", office.engine.url.render_as_string(hide_password=False))
        monkeypatch.setenv("REGISTRY_HOME", str(office.home))

        def overdue_on(day: str) -> bool:
            said = ["quality", "run", "--rule", "inspections_in_time", "--on", day, "--json"]
            ended = run(said)
            (verdict,) = json.loads(capsys.readouterr().out)["invariants"]
            assert ended == bool(verdict["count"])
            with office.engine.connect() as connection:
                at = ChangeStore(connection).as_of(date.fromisoformat(day))
                listed = {str(one.line_id) for one in LineStore(connection).overdue(at, limit=99)}
            found = {one["subject"] for one in verdict["breaches"]}
            assert listed == found
            return office.line in found

        assert not overdue_on("2040-01-01")
        office.ask("PATCH", path, json=office.agreed)
        assert [overdue_on(day) for day in ("2025-03-01", "2025-03-02")] == [False, True]
        office.ask("POST", f"{path}/inspections", json={"on": "2021-06-01"})
        assert [overdue_on(day) for day in ("2026-06-01", "2026-06-02")] == [False, True]
