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


class WhenActsAndScenariosBelongTogether:
    def file(self, api: httpx.Client, keys: dict[str, str], **more: Any) -> dict[str, Any]:
        filed = api.post("/restructurings", json={**PAPER, **more}, headers=bearer(keys, "甲"))
        assert filed.status_code == 201, filed.text
        body: dict[str, Any] = filed.json()
        return body

    def test_a_case_is_listed_in_order(self, api: httpx.Client, keys: dict[str, str]) -> None:
        first = self.file(api, keys)
        later = self.file(api, keys, case=first["id"], title="后一步")
        copy = api.post(
            f"/restructurings/{first['id']}/duplicate",
            json={"edits": {"title": "另一方案"}},
            headers=bearer(keys, "甲"),
        ).json()

        listed = api.get("/restructurings", params={"case": first["case"]}).json()

        assert [
            (one["act"], one["scenario"], one["title"]) for one in listed["restructurings"]
        ] == [(1, "A", PAPER["title"]), (1, "B", "另一方案"), (2, "A", "后一步")]
        assert copy["paper"]["operations"] == PAPER["operations"]
        assert later["case"] == first["case"] == first["id"]

    @pytest.mark.parametrize(
        ("place", "code"),
        [
            ({"case": "nobody"}, "plan-is-malformed"),
            ({"case": "7f3a1c1e-6f0d-5c55-9a35-0a8f6ad8b4c7"}, "case-is-unknown"),
            ({"act": 0}, "plan-is-malformed"),
            ({"act": "1"}, "plan-is-malformed"),
            ({"scenario": ""}, "plan-is-malformed"),
        ],
    )
    def test_a_place_that_is_not_to_be_had_is_refused(
        self, api: httpx.Client, keys: dict[str, str], place: dict[str, Any], code: str
    ) -> None:
        refused = api.post("/restructurings", json={**PAPER, **place}, headers=bearer(keys, "甲"))

        assert refused.json()["code"] == code

    def test_an_edit_names_what_it_was_made_on(
        self, api: httpx.Client, keys: dict[str, str]
    ) -> None:
        place = f"/restructurings/{self.file(api, keys)['id']}"
        tag = api.get(place).headers["ETag"]
        edited = {**PAPER, "title": "改过的标题"}

        blind = api.put(place, json=edited, headers=bearer(keys, "甲"))
        done = api.put(place, json=edited, headers={**bearer(keys, "甲"), "If-Match": tag})
        late = api.put(place, json=PAPER, headers={**bearer(keys, "甲"), "If-Match": tag})
        again = api.put(
            place, json=PAPER, headers={**bearer(keys, "甲"), "If-Match": done.headers["ETag"]}
        )

        assert [one.status_code for one in (blind, done, late, again)] == [428, 200, 412, 200]
        assert (blind.json()["code"], late.json()["code"]) == (
            "if-match-is-missing",
            "paper-was-edited",
        )

    def test_a_step_changes_the_tag_though_no_change_is_recorded(
        self, api: httpx.Client, keys: dict[str, str]
    ) -> None:
        place = f"/restructurings/{self.file(api, keys)['id']}"
        tag = api.get(place).headers["ETag"]
        unchanged = api.get(place, headers={"If-None-Match": tag})
        api.post(f"{place}/submit", headers=bearer(keys, "甲"))
        after = api.get(place, headers={"If-None-Match": tag})

        assert (unchanged.status_code, after.status_code) == (304, 200)
        assert after.json()["state"] == "submitted"


class WhenItsLifeIsFollowed:
    def test_steps_deadlines_and_the_announcement_are_there_for_all_to_see(
        self, api: httpx.Client, keys: dict[str, str]
    ) -> None:
        paper = {**PAPER, "operations": [{"retype": {**PAPER["operations"][0]["retype"]}}]}
        paper["operations"][0]["retype"]["romanisation"] = "Mǎxiàng Jiēdào"
        place = f"/restructurings/{api.post('/restructurings', json=paper, headers=bearer(keys, '甲')).json()['id']}"
        api.post(f"{place}/submit", headers=bearer(keys, "甲"))
        api.post(f"{place}/approve", headers=bearer(keys, "乙"))
        lacking = api.get(f"{place}/announcement")
        api.post(f"{place}/withdraw", headers=bearer(keys, "甲"))

        assert (lacking.status_code, lacking.json()["code"]) == (409, "announcement-is-incomplete")
        assert any("approved_on" in one for one in lacking.json()["missing"])

        place = f"/restructurings/{api.post('/restructurings', json=paper, headers=bearer(keys, '甲')).json()['id']}"
        api.post(f"{place}/submit", headers=bearer(keys, "甲"))
        api.post(
            f"{place}/approve",
            json={"decree": {"approved_on": "2021-01-06"}},
            headers=bearer(keys, "乙"),
        )
        scheduled = api.post(f"{place}/schedule", headers=bearer(keys, "乙")).json()
        api.post(
            f"{place}/milestones",
            json={"milestone": "announced", "on": "2021-01-10"},
            headers=bearer(keys, "甲"),
        )
        whole = api.get(place).json()
        root = str(api.base_url).removesuffix("/v1/")
        page = httpx.get(f"{root}{place}?lang=zh").text
        notice = httpx.get(f"{root}/v1{place}/announcement?format=html").text
        said = api.get(f"{place}/announcement?format=text").text

        assert scheduled["state"] == "scheduled"
        assert [step["step"] for step in whole["steps"]] == [
            "create",
            "submit",
            "approve",
            "schedule",
            "milestone",
        ]
        assert {one["rule"]: one["standing"] for one in whole["deadlines"]} == {
            "P04": "late",
            "P05": "met",
            "V05": "late",
            "V07": "late",
        }
        for text in ("办理过程", "定时实施", "向社会公告", "已定时"):
            assert text in page
        for text in ("撤销马巷镇", "设立马巷街道", "罗马字母拼写", "2021年1月10日"):
            assert text in notice and text in said

    def test_a_rebase_lists_what_moved(self, api: httpx.Client, keys: dict[str, str]) -> None:
        made = [
            api.post("/restructurings", json=paper, headers=bearer(keys, "甲")).json()["id"]
            for paper in (
                PAPER,
                {
                    "title": "先行更名",
                    "effective_on": "2020-12-01",
                    "operations": [{"rename": {"division": "350213102", "name": "马巷大镇"}}],
                },
            )
        ]
        for one in made:
            api.post(f"/restructurings/{one}/submit", headers=bearer(keys, "甲"))
            api.post(f"/restructurings/{one}/approve", headers=bearer(keys, "乙"))
        api.post(f"/restructurings/{made[1]}/commit", headers=bearer(keys, "乙"))

        refused = api.post(f"/restructurings/{made[0]}/commit", headers=bearer(keys, "乙"))
        rebased = api.post(f"/restructurings/{made[0]}/rebase", headers=bearer(keys, "甲")).json()

        assert (refused.status_code, refused.json()["code"]) == (409, "plan-is-stale")
        assert [one["name"] for one in refused.json()["objects"]] == ["马巷街道"]
        (conflict,) = rebased["rebase"]["conflicts"]
        assert conflict["changes"] == refused.json()["objects"][0]["changes"]
        assert ("马巷大镇", "division") in {
            (one["name"], one["object"]) for one in rebased["rebase"]["moved"]
        }

    def test_a_commit_that_is_sent_twice_is_done_once(
        self, api: httpx.Client, keys: dict[str, str]
    ) -> None:
        place = f"/restructurings/{api.post('/restructurings', json=PAPER, headers=bearer(keys, '甲')).json()['id']}"
        api.post(f"{place}/submit", headers=bearer(keys, "甲"))
        api.post(f"{place}/approve", headers=bearer(keys, "乙"))

        answers = [api.post(f"{place}/commit", headers=bearer(keys, "乙")) for _ in range(2)]

        assert [one.status_code for one in answers] == [201, 201]
        assert answers[0].json() == answers[1].json()
