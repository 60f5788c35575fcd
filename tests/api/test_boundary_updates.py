"""A survey's way over HTTP: delivered, reported, mended, approved by another, recorded."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import shapely
from sqlalchemy import Engine

from api.security import create_key
from registry.changes.store import ChangeStore
from tests.builder import RegistryBuilder
from tests.conftest import serving
from tests.data.survey.deliveries import (
    drawing,
    frame,
    geojson,
    kml,
    shapefile,
    surveyed,
    written,
)
from tests.grid_city import grid_city
from tests.registry.boundaries.grid import EAST, WEST, bent, giving, strip

URL = "/v1/boundary-updates"


class Office:
    """The service over the grid city, with a key for each person."""

    def __init__(self, client: httpx.Client, engine: Engine, city: RegistryBuilder) -> None:
        self.client, self.engine, self.city = client, engine, city
        with engine.connect() as connection:
            self.keys = {
                name: create_key(connection, holder=name, role=role)
                for name, role in (
                    ("surveyor", "surveyor"),
                    ("other", "surveyor"),
                    ("reviewer", "reviewer"),
                    ("public", "public"),
                )
            }
            connection.commit()

    def ask(self, method: str, path: str, who: str | None = "surveyor", **more: Any) -> Any:
        headers = {"Accept-Language": "en"}
        if who is not None:
            headers["Authorization"] = f"Bearer {self.keys[who]}"
        return self.client.request(method, URL + path, headers=headers, **more)

    def file(self, who: str = "surveyor", **fields: Any) -> Any:
        return self.ask("POST", "", who, json={**body(self), **fields})


def body(office: Office, giver: str = WEST, taker: str = EAST) -> dict[str, Any]:
    with office.engine.connect() as connection:
        drawn = giving(connection, office.city, giver, taker, strip())
    return {
        "title": "东界测量",
        "reason": "re_digitisation",
        "territories": [
            {"division": str(one), "geometry": shapely.geometry.mapping(geometry)}
            for one, geometry in drawn.items()
        ],
    }


@pytest.fixture
def office(engine: Engine, database_url: str, tmp_path: Path) -> Iterator[Office]:
    city = grid_city(engine)
    with city.work("doors") as work:
        city.door(work, WEST, 1, spot=(118.0096, 24.0085))
    with (
        serving(database_url, tmp_path / "home") as place,
        httpx.Client(base_url=place, timeout=60) as client,
    ):
        yield Office(client, engine, city)


class TheWayOfASurvey:
    def test_leads_from_a_file_to_one_change(self, office: Office, tmp_path: Path) -> None:
        with office.engine.connect() as connection:
            drawn = giving(connection, office.city, WEST, EAST, strip())
        content = shapefile(tmp_path, frame(drawn.values(), codes=(WEST, EAST), crs="EPSG:4548"))

        filed = office.ask(
            "POST",
            "",
            files={"file": ("东界.zip", content, "application/zip")},
            data={"title": "东界测量", "reason": "re_digitisation", "doors": "move"},
        )

        assert filed.status_code == 201, filed.text
        report = filed.json()
        path = f"/{report['update']['id']}"
        assert filed.headers["Location"] == URL + path
        assert report["obstacles"] == []
        signed = report["effects"]["ground"][0]["signed"]
        assert [one["area_m2"] > 0 for one in signed] == [False, True]
        assert report["effects"]["doors"]["count"] == 1
        assert office.ask("POST", f"{path}/submit").json()["update"]["state"] == "submitted"
        assert office.ask("POST", f"{path}/approve").status_code == 403
        assert office.ask("POST", f"{path}/approve", "reviewer").status_code == 200
        done = office.ask("POST", f"{path}/commit", "reviewer")
        assert (done.status_code, done.json()["update"]["state"]) == (201, "committed"), done.text
        change = office.client.get(f"/v1/changes/{done.json()['update']['change']}").json()
        assert change["verb"] == "redigitise"
        division = office.client.get(f"/v1/divisions/{office.city.ids[EAST]}").json()
        assert division["territory"]["basis"] == "surveyed"
        listed = office.ask("GET", "?state=committed").json()["updates"]
        assert [one["id"] for one in listed] == [report["update"]["id"]]

    def test_leads_there_in_every_format(self, office: Office, tmp_path: Path) -> None:
        for number, (name, crs, deliver) in enumerate(DELIVERIES):
            with office.engine.connect() as connection:
                drawn = bent(connection, office.city, 24.005, 0.0003 * (number + 1))
            shapes = frame(drawn.values(), codes=(WEST, EAST), crs=crs)

            filed = office.ask(
                "POST",
                "",
                files={"file": (name, deliver(tmp_path, shapes))},
                data={"title": name, "reason": "correction", "doors": "stay"}
                | ({"crs": crs} if name.endswith(("dxf", "csv")) else {}),
            )

            assert (filed.status_code, filed.json().get("obstacles")) == (201, []), filed.text
            path = f"/{filed.json()['update']['id']}"
            assert office.ask("POST", f"{path}/submit").status_code == 200, name
            assert office.ask("POST", f"{path}/approve", "reviewer").status_code == 200, name
            done = office.ask("POST", f"{path}/commit", "reviewer")
            assert done.status_code == 201, done.text
            change = office.client.get(f"/v1/changes/{done.json()['update']['change']}").json()
            assert change["verb"] == "correct"

    def test_says_what_stands_in_its_way_and_offers_repairs(self, office: Office) -> None:
        wider = {"type": "Polygon", "coordinates": [[[118, 24], [118.0105, 24], [118.0105, 24.01], [118, 24.01], [118, 24]]]}  # fmt: skip
        report = office.file(territories=[{"division": WEST, "geometry": wider}]).json()
        path = f"/{report['update']['id']}"
        assert report["obstacles"] == ["coverage-is-broken"]
        first = next(one for one in report["findings"] if one["blocking"])
        assert (first["kind"], first["unit"]) == ("overlap", "m2")
        assert office.ask("POST", f"{path}/submit").json()["code"] == "coverage-is-broken"

        accepted = {"accept": [first["repairs"][0]["id"]]}
        mended = office.ask("POST", f"{path}/repairs", json=accepted).json()

        assert mended["obstacles"] == []
        assert [one["kind"] for one in mended["update"]["accepted_repairs"]] == ["trim"]
        assert {one["origin"] for one in mended["divisions"]} == {"delivered", "repaired"}
        again = office.ask("POST", f"{path}/repairs", json=accepted)
        assert (again.status_code, again.json()["code"]) == (409, "repair-is-unknown")

    def test_asks_what_becomes_of_doors(self, office: Office) -> None:
        report = office.file().json()
        path = f"/{report['update']['id']}"
        assert office.ask("POST", f"{path}/submit").json()["code"] == "doors-would-move"

        amended = office.ask("PATCH", path, json={"doors": "stay"})

        assert (amended.status_code, amended.json()["obstacles"]) == (200, [])
        assert office.ask("POST", f"{path}/submit").status_code == 200

    def test_tells_the_second_surveyor_whose_draft_it_is(self, office: Office) -> None:
        first = office.file().json()["update"]

        second = office.file("other")

        assert (second.status_code, second.json()["code"]) == (409, "edge-is-taken")
        (draft,) = second.json()["drafts"]
        assert (draft["update_id"], draft["author"]) == (first["id"], "surveyor")

    def test_has_a_page_in_both_languages(self, office: Office) -> None:
        path = f"/{office.file().json()['update']['id']}?format=html"

        chinese = office.ask("GET", f"{path}&lang=zh")
        english = office.ask("GET", f"{path}&lang=en")

        assert "界线更新" in chinese.text and "甲东村" in chinese.text
        assert "Ground that passes" in english.text and english.text.count("<svg") == 2
        assert "<script" not in english.text


DELIVERIES: list[tuple[str, str, Callable[[Path, Any], bytes]]] = [
    ("a.gpkg", "EPSG:4490", lambda at, made: written(at, "GPKG", ".gpkg", made)),
    ("a.fgb", "EPSG:4549", lambda at, made: written(at, "FlatGeobuf", ".fgb", made)),
    ("a.geojson", "EPSG:4326", lambda at, made: written(at, "GeoJSON", ".geojson", made)),
    ("a.kml", "EPSG:4326", lambda at, made: written(at, "KML", ".kml", made.rename(columns={"code": "Name"}))),
    ("a.dxf", "EPSG:4548", drawing),
    ("a.csv", "EPSG:4548", lambda _at, made: surveyed(made)),
]  # fmt: skip
HUGE = b'{"title":"' + b"x" * (51 * 2**20) + b'"}'


def form(content: bytes, name: str, **fields: str) -> dict[str, Any]:
    said = {"title": "t", "reason": "correction", **fields}
    return {"files": {"file": (name, content)}, "data": said}


def bad_requests(office: Office, folder: Path) -> dict[str, tuple[dict[str, Any], int, str]]:
    good = body(office)
    far = frame([shapely.affinity.translate(one, 5) for one in frame().geometry])
    known = {"codes": (WEST, EAST)}
    return {
        "no body": ({}, 422, "request-is-invalid"),
        "not JSON": ({"content": b"{"}, 422, "request-is-invalid"),
        "a list": ({"json": []}, 422, "request-is-invalid"),
        "no territories": ({"json": {"title": "x"}}, 422, "request-is-invalid"),
        "an unknown field": ({"json": {**good, "colour": 1}}, 422, "request-is-invalid"),
        "no title": ({"json": {**good, "title": ""}}, 422, "request-is-invalid"),
        "no such reason": ({"json": {**good, "reason": "whim"}}, 422, "request-is-invalid"),
        "no such choice": ({"json": {**good, "doors": "burn"}}, 422, "request-is-invalid"),
        "no such day": ({"json": {**good, "effective_on": "2026-02-30"}}, 422, "date-is-invalid"),
        "a change to come": ({"json": {**good, "based_on": 10**6}}, 404, "change-is-unknown"),
        "no number": ({"json": {**good, "based_on": "x"}}, 422, "request-is-invalid"),
        "no decree": ({"json": {**good, "reason": "legal_change"}}, 422, "decree-is-missing"),
        "a decree that is none": ({"json": {**good, "decree": 5}}, 422, "request-is-invalid"),
        "a decree of no text": ({"json": {**good, "reason": "legal_change", "decree": {"authority": ["x"]}}}, 422, "request-is-invalid"),
        "a text no database holds": ({"json": {**good, "title": "a\0"}}, 422, "request-is-invalid"),
        "a decree no database holds": ({"json": {**good, "decree": {"authority": "\0"}}}, 422, "request-is-invalid"),
        "nested too deeply": ({"content": b"[" * 100_000}, 422, "request-is-invalid"),
        "a name that is none": (form(geojson(features=named("a\0")), "a.geojson"), 422, "source-is-unreadable"),
        "a name of half a character": (form(geojson(features=named("\ud800")), "a.geojson"), 422, "source-is-unreadable"),
        "no such division": ({"json": {**good, "territories": [{"division": "999999", "geometry": {}}]}}, 404, "division-is-unknown"),
        "no geometry": ({"json": {**good, "territories": [{"division": WEST, "geometry": {}}]}}, 422, "geometry-is-invalid"),
        "a line": ({"json": {**good, "territories": [{"division": WEST, "geometry": {"type": "LineString", "coordinates": [[118, 24], [118, 25]]}}]}}, 422, "geometry-is-invalid"),
        "metres": ({"json": {**good, "territories": [{"division": WEST, "geometry": {"type": "Polygon", "coordinates": [[[5e5, 2e6], [6e5, 2e6], [6e5, 3e6], [5e5, 2e6]]]}}]}}, 422, "geometry-is-invalid"),
        "twice": ({"json": {**good, "territories": good["territories"][:1] * 2}}, 422, "request-is-invalid"),
        "nothing new": ({"json": {**good, "territories": [unchanged(office)]}}, 409, "update-changes-nothing"),
        "too large": ({"content": HUGE, "headers": {}}, 413, "upload-is-too-large"),
        "a form without a file": ({"data": {"title": "t"}, "files": {"other": b"x"}}, 422, "request-is-invalid"),
        "a virtual path": (form(geojson(), "/vsicurl/http://127.0.0.1:9/a.geojson"), 422, "upload-is-forbidden"),
        "XXE": (form(kml(head='<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'), "a.kml"), 422, "upload-is-forbidden"),
        "the wrong place": (form(written(folder, "GPKG", ".gpkg", far.assign(code=list(known["codes"]))), "a.gpkg"), 422, "crs-does-not-fit"),
        "an unknown form field": (form(geojson(), "a.geojson", colour="red"), 422, "request-is-invalid"),
    }  # fmt: skip


def named(code: str) -> list[dict[str, Any]]:
    square = shapely.geometry.mapping(shapely.box(118, 24, 118.01, 24.01))
    return [{"type": "Feature", "properties": {"code": code}, "geometry": square}]


def unchanged(office: Office) -> dict[str, Any]:
    division = office.client.get(f"/v1/divisions/{office.city.ids[WEST]}").json()
    return {"division": WEST, "geometry": division["territory"]["geometry"]}


class EveryBadRequest:
    def test_is_refused_in_both_languages_and_changes_nothing(
        self, office: Office, tmp_path: Path
    ) -> None:
        with office.engine.connect() as connection:
            head = ChangeStore(connection).head()

        for what, (sent, status, code) in bad_requests(office, tmp_path).items():
            sent.pop("headers", None)
            told = office.ask("POST", "", **sent)
            assert (told.status_code, told.json().get("code")) == (status, code), (what, told.text)
            assert told.headers["content-type"] == "application/problem+json", what

        assert office.ask("GET", "").json() == {"updates": []}
        with office.engine.connect() as connection:
            assert ChangeStore(connection).head() == head

    @pytest.mark.parametrize(
        ("who", "status"), [(None, 401), ("public", 403)], ids=["nobody", "the public"]
    )
    def test_of_people_without_a_role_is_refused(
        self, office: Office, who: str | None, status: int
    ) -> None:
        assert office.ask("POST", "", who, content=json.dumps({})).status_code == status
        assert office.ask("GET", "", who).status_code == status

    def test_to_amend_is_refused(self, office: Office) -> None:
        path = f"/{office.file().json()['update']['id']}"
        said: tuple[dict[str, Any], ...] = (
            {"title": None},
            {"reason": None},
            {"title": "a\0"},
            {"reason": "legal_change", "decree": {"authority": 5}},
        )

        for one in said:
            told = office.ask("PATCH", path, json=one)
            assert (told.status_code, told.json()["code"]) == (422, "request-is-invalid"), one

    def test_leaves_no_file_behind(
        self, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        keys = {"Authorization": f"Bearer {office.keys['surveyor']}"}
        files = {"file": ("a.gpkg", b"SQLite format 3\0")}

        for place in ("/v1/checkouts/none/checkin", URL):
            assert office.client.post(place, files=files, headers=keys).status_code == 422

        assert [one.name for one in tmp_path.iterdir() if one.is_file()] == []

    def test_that_is_too_large_is_not_read_to_its_end(self, office: Office) -> None:
        sent = 0

        def endless() -> Iterator[bytes]:
            nonlocal sent
            yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
            for _ in range(200):
                sent += 1
                yield b"1" * 2**20
            yield b"\r\n--x--\r\n"

        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        keys = {"Authorization": f"Bearer {office.keys['surveyor']}"}
        with suppress(httpx.TransportError):
            told = office.client.post(URL, content=endless(), headers={**keys, **kind})
            assert (told.status_code, told.json()["code"]) == (413, "upload-is-too-large")

        assert sent < 100

    def test_about_an_update_that_is_not_there_is_a_404(self, office: Office) -> None:
        path = "/0c7c2b36-14dc-4f0e-8f3e-6b1c1a0a7d31"

        for method, step in (("GET", ""), ("POST", "/submit"), ("POST", "/withdraw")):
            told = office.ask(method, path + step)
            assert (told.status_code, told.json()["code"]) == (404, "boundary-update-is-unknown")


class WhatIsWrittenThroughTheOgcApi:
    def test_lands_in_a_draft_that_is_judged_at_once(self, office: Office) -> None:
        drawn = body(office)["territories"]
        keys = {"Authorization": f"Bearer {office.keys['surveyor']}"}
        told = []
        for one in drawn:
            item = f"/ogc/collections/divisions/items/{one['division']}"
            read = office.client.get(item, headers={"Accept": "application/geo+json"})
            feature = {"type": "Feature", "geometry": one["geometry"], "properties": {}}
            told.append(
                office.client.put(
                    item,
                    content=json.dumps(feature),
                    headers={
                        **keys,
                        "If-Match": read.headers["ETag"],
                        "Content-Type": "application/geo+json",
                    },
                )
            )

        assert [one.status_code for one in told] == [202, 202], told[0].text
        assert len({one.headers["Location"] for one in told}) == 1
        draft = office.client.get(told[0].headers["Location"], headers=keys).json()
        assert (draft["update"]["author"], draft["update"]["state"]) == ("surveyor", "draft")
        assert draft["obstacles"] == ["doors-would-move"]
        untouched = office.client.get(f"/v1/divisions/{office.city.ids[WEST]}").json()
        assert untouched["territory"]["basis"] == "illustrative"
