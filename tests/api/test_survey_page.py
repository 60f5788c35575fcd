"""The surveyors' page over the real service, on a phone without JavaScript."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from api.security import create_key
from tests.api.web.phone import chromium, phone
from tests.builder import RegistryBuilder
from tests.conftest import serving
from tests.grid_city import COUNTY, grid_city
from tests.registry.boundaries.grid import EAST, WEST, asked, bent, filed


class Desk:
    """The service over the grid city; `say` speaks as a reviewer, `see` opens the page."""

    def __init__(self, client: httpx.Client, keys: dict[str, str]) -> None:
        self.client, self.keys = client, keys

    def say(self, method: str, path: str, body: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {self.keys['reviewer']}"}
        told = self.client.request(method, path, json=body, headers=headers)
        assert told.is_success, told.text
        return told.json()

    def see(self, query: str = "", who: str | None = "surveyor") -> httpx.Response:
        login = {} if who is None else {"auth": ("", self.keys[who])}
        return self.client.get(f"/survey{query}", **login)  # type: ignore[arg-type] -- either or none


@pytest.fixture
def city(engine: Engine) -> RegistryBuilder:
    return grid_city(engine)


@pytest.fixture
def desk(
    engine: Engine, city: RegistryBuilder, database_url: str, tmp_path: Path
) -> Iterator[Desk]:
    with engine.connect() as connection:
        keys = {
            role: create_key(connection, holder=role, role=role)
            for role in ("public", "surveyor", "reviewer")
        }
        connection.commit()
    with (
        serving(database_url, tmp_path) as place,
        httpx.Client(base_url=place, timeout=60) as client,
    ):
        yield Desk(client, keys)


class TheSurveyorsPage:
    def test_lists_what_is_open_overdue_and_recorded(
        self, desk: Desk, engine: Engine, city: RegistryBuilder
    ) -> None:
        empty = desk.see("?lang=en")
        update = filed(engine, lambda at: bent(at, city, 24.005), asked(title="东界<测量>"))
        desk.say("POST", "/v1/boundary-lines", {"within": COUNTY, "level": 5})
        sides = {str(city.ids[one]) for one in (WEST, EAST)}
        line = next(
            one
            for one in desk.client.get("/v1/boundary-lines").json()["lines"]
            if {one["left"]["id"], one["right"]["id"]} == sides
        )
        path = f"/v1/boundary-lines/{line['id']}"
        agreement = {"number": "0001", "legal_status": "agreed", "agreement_on": "2015-03-01"}
        desk.say("PATCH", path, {**agreement, "on": "2015-03-01"})
        post = {"number": "0001001Q", "kind": "single", "lon": 118.01, "lat": 24.005}
        marker = desk.say("POST", f"{path}/markers", {**post, "keeper": "甲镇人民政府"})
        desk.say("POST", f"/v1/boundary-markers/{marker['id']}/state", {"state": "missing"})

        chinese, english = desk.see("?lang=zh"), desk.see("?lang=en")

        assert "No boundary update is open" in empty.text
        assert "No joint inspection is overdue" in empty.text
        assert "No line is recorded yet" in empty.text
        assert f"/v1/boundary-updates/{update.update_id}?format=html" in english.text
        assert "东界&lt;测量&gt;" in english.text
        assert "was due on 1 March 2020" in english.text
        assert "应于2020年3月1日前联检" in chinese.text
        assert "丢失" in chinese.text and "甲镇人民政府" in chinese.text
        for page in (chinese, english):
            assert "<script" not in page.text
            assert page.headers["cache-control"] == "no-store"
        links = {
            one.split('"')[0].replace("&amp;", "&") for one in english.text.split('href="')[1:]
        }
        for one in sorted(links):
            if one.startswith("/") and len(one) < 200:
                login = ("", desk.keys["surveyor"])
                assert desk.client.get(one, auth=login).status_code == 200, one
        desk.say("POST", f"{path}/inspections", {"on": "2026-01-01"})
        assert "No joint inspection is overdue" in desk.see("?lang=en").text
        _fits_a_phone(chinese.text, english.text)

    def test_is_for_staff_and_says_so_in_words(self, desk: Desk) -> None:
        nobody, public = desk.see(who=None), desk.see(who="public")
        wrong = desk.see("?cursor=nonsense")

        assert (nobody.status_code, public.status_code) == (401, 403)
        assert nobody.headers["www-authenticate"].startswith("Basic ")
        assert "www-authenticate" not in public.headers
        for one in (nobody, public):
            assert one.headers["content-type"].startswith("text/html")
        assert wrong.json()["code"] == "cursor-is-invalid"
        secret = base64.b64encode(b":wrong").decode()
        mistyped = desk.client.get("/survey", headers={"Authorization": f"Basic {secret}"})
        assert mistyped.status_code == 401


def _fits_a_phone(*pages: str) -> None:
    with chromium() as browser, phone(browser, width_px=320, java_script_enabled=False) as context:
        for text in pages:
            page = context.new_page()
            page.set_content(text)
            seen = context.new_cdp_session(page).send("Page.getLayoutMetrics")
            assert seen["cssContentSize"]["width"] <= 320
            boxes = [one.bounding_box() for one in page.locator(".list a, .row a").all()]
            # What is pressed is at least 24 px high (WCAG 2.2, 2.5.8).
            assert [box for box in boxes if box is None or box["height"] < 24] == []
