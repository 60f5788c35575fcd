"""A restructuring from paper to commit over HTTP: two people, one transaction, no surprises."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from api.security import create_key
from tests.builder import MAXIANG, RegistryBuilder
from tests.conftest import serving

PAPER: dict[str, Any] = {
    "title": "撤销马巷镇,设立马巷街道",
    "effective_on": "2021-01-06",
    "decree": {"authority": "福建省人民政府", "number": "闽政文〔2021〕3号"},
    "operations": [
        {
            "retype": {
                "division": "350213102",
                "kind": "subdistrict",
                "name": "马巷街道",
                "code": "350213002",
            }
        }
    ],
}


@pytest.fixture
def keys(engine: Engine) -> dict[str, str]:
    builder = RegistryBuilder(engine)
    builder.tree(MAXIANG)
    builder.doors("350213102201", 2, builder.carrier("琼头中里", "350213102201"))
    with engine.connect() as connection:
        made = {
            name: create_key(connection, holder=name, role=role)
            for name, role in (
                ("甲", "reviewer"),
                ("乙", "approver"),
                ("管", "administrator"),
                ("众", "public"),
            )
        }
        connection.commit()
    return made


@pytest.fixture
def api(database_url: str, keys: dict[str, str], tmp_path: Path) -> Iterator[httpx.Client]:
    with (
        serving(database_url, tmp_path) as url,
        httpx.Client(base_url=f"{url}/v1", timeout=30) as client,
    ):
        yield client


def bearer(keys: dict[str, str], name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {keys[name]}", "Accept-Language": "en"}


class WhenARestructuringIsCarriedOut:
    def test_it_goes_from_paper_to_commit_with_two_people(
        self, api: httpx.Client, keys: dict[str, str]
    ) -> None:
        filed = api.post("/restructurings", json=PAPER, headers=bearer(keys, "甲"))
        place = f"/restructurings/{filed.json()['id']}"
        preview = api.get(f"{place}/preview").json()
        submitted = api.post(f"{place}/submit", headers=bearer(keys, "甲")).json()
        approved = api.post(f"{place}/approve", headers=bearer(keys, "乙")).json()
        done = api.post(f"{place}/commit", headers=bearer(keys, "乙"))

        assert (filed.status_code, filed.headers["Location"]) == (201, f"/v1{place}")
        assert [one["after"]["name"] for one in preview["changed"]] == ["马巷街道"]
        assert preview["addresses"]["full_text_changes"] == 2
        assert (submitted["state"], approved["state"]) == ("submitted", "approved")
        assert done.status_code == 201
        change = api.get(f"/changes/{done.json()['change']}").json()
        assert change["title"] == PAPER["title"]
        assert change["decree"]["number"] == "闽政文〔2021〕3号"
        town = api.get("/divisions/350213102", params={"at": "2021-01-05"}).json()["division"]
        assert api.get(f"/divisions/{town['id']}").json()["division"]["name"] == "马巷街道"
        assert api.get(place).json()["state"] == "committed"

    def test_a_paper_may_be_yaml(self, api: httpx.Client, keys: dict[str, str]) -> None:
        text = 'title: 更名\neffective_on: 2021-01-06\noperations: [{rename: {division: "350213102", name: 新镇}}]'
        filed = api.post(
            "/restructurings",
            content=text.encode(),
            headers={**bearer(keys, "甲"), "Content-Type": "application/yaml"},
        )

        assert filed.status_code == 201
        assert filed.json()["effective_on"] == "2021-01-06"


class WhenItMayNotBe:
    def test_keys_and_roles_are_asked_for(self, api: httpx.Client, keys: dict[str, str]) -> None:
        nobody = api.post("/restructurings", json=PAPER)
        stranger = api.post("/restructurings", json=PAPER, headers=bearer(keys, "众"))
        wrong = api.post("/restructurings", json=PAPER, headers={"X-Api-Key": "made-up"})

        assert [one.status_code for one in (nobody, stranger, wrong)] == [401, 403, 401]
        assert stranger.json()["code"] == "role-is-missing"

    def test_nobody_approves_their_own_plan(self, api: httpx.Client, keys: dict[str, str]) -> None:
        place = api.post("/restructurings", json=PAPER, headers=bearer(keys, "管")).json()["id"]
        api.post(f"/restructurings/{place}/submit", headers=bearer(keys, "管"))
        refused = api.post(f"/restructurings/{place}/approve", headers=bearer(keys, "管"))

        assert (refused.status_code, refused.json()["code"]) == (403, "approver-is-author")

    def test_steps_out_of_order_are_refused_and_change_nothing(
        self, api: httpx.Client, keys: dict[str, str]
    ) -> None:
        place = api.post("/restructurings", json=PAPER, headers=bearer(keys, "甲")).json()["id"]
        head = api.get("/changes/1").headers["Registry-Change"]
        refused = api.post(f"/restructurings/{place}/commit", headers=bearer(keys, "乙"))

        assert (refused.status_code, refused.json()["code"]) == (409, "state-forbids")
        assert api.get("/changes/1").headers["Registry-Change"] == head

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b"{", "plan-is-malformed"),
            (b"[]", "plan-is-malformed"),
            (b'{"title": "x"}', "plan-is-malformed"),
            (
                b'{"title": "x", "effective_on": "2021-02-30", "operations": [{"rename": {}}]}',
                "plan-is-malformed",
            ),
        ],
    )
    def test_a_paper_that_cannot_be_read_is_refused(
        self, api: httpx.Client, keys: dict[str, str], body: bytes, code: str
    ) -> None:
        refused = api.post("/restructurings", content=body, headers=bearer(keys, "甲"))

        assert (refused.status_code, refused.json()["code"]) == (422, code)

    def test_a_rejected_one_can_be_withdrawn(self, api: httpx.Client, keys: dict[str, str]) -> None:
        place = api.post("/restructurings", json=PAPER, headers=bearer(keys, "甲")).json()["id"]
        api.post(f"/restructurings/{place}/submit", headers=bearer(keys, "甲"))
        rejected = api.post(f"/restructurings/{place}/reject", headers=bearer(keys, "乙")).json()
        withdrawn = api.post(f"/restructurings/{place}/withdraw", headers=bearer(keys, "甲")).json()

        assert (rejected["state"], withdrawn["state"]) == ("rejected", "withdrawn")
