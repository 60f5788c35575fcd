"""Reading the registry as a plan would leave it: before the commit what is read after it."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, update

from api.security import create_key
from registry.addresses.address_code import AddressCode
from registry.addresses.tables import address
from registry.database import make_engine
from tests.api.rehearsed_reads import PAGES, READS
from tests.builder import MAXIANG, RegistryBuilder
from tests.conftest import Databases, serving

ON = "2027-03-01"
EVE = "2027-02-28"
PAPER: dict[str, Any] = {
    "title": "新圩镇撤镇设街,内厝镇划出一村,两社区合并",
    "effective_on": ON,
    "decree": {"authority": "福建省人民政府", "number": "闽政文〔2027〕1号"},
    "operations": [
        {
            "retype": {
                "division": "350213103",
                "kind": "subdistrict",
                "name": "新圩街道",
                "code": "350213010",
            }
        },
        {"transfer": {"divisions": ["{moved}"], "to": "350213010"}},
        {
            "merge": {
                "divisions": ["{first}", "{second}"],
                "into": {
                    "name": "合一社区",
                    "kind": "community",
                    "code": "350213103999",
                    "parent": "350213010",
                },
            }
        },
    ],
}
"""A conversion, a transfer, and a merger whose addresses move; the villages are filled in."""


@dataclass
class Town:
    """A served city with a plan, and what was read of it before and after the commit."""

    client: httpx.Client
    staff: dict[str, str]
    plan: str
    names: dict[str, str]
    head: int

    def path(self, path: str) -> str:
        """A path with the names of this city filled in."""
        return path.format_map(self.names)


def filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: filled(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, names) for one in value]
    return value.format_map(names) if isinstance(value, str) else value


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", "Accept-Language": "en"}


def names_in(client: httpx.Client) -> dict[str, str]:
    """Villages with addresses to move and to merge, and an address of each kind."""

    def villages(town: str) -> list[dict[str, Any]]:
        return list(client.get(f"/v1/divisions/{town}/children").json()["divisions"])

    def door(village: str) -> dict[str, Any]:
        found = client.get("/v1/addresses", params={"division": village, "limit": 1}).json()
        return dict(found["addresses"][0])

    first, second, *_others = villages("350213103")
    moved = villages("350213111")[0]
    merged, kept, across = (
        door(one["codes"]["statistical"]) for one in (first, villages("350213103")[2], moved)
    )
    spot = merged["position"]
    return {
        "first": first["codes"]["statistical"],
        "second": second["codes"]["statistical"],
        "moved": moved["codes"]["statistical"],
        "first_id": first["id"],
        "moved_id": moved["id"],
        "town_id": client.get("/v1/divisions/350213103").json()["division"]["id"],
        "merged": merged["address"]["code"],
        "kept": kept["address"]["code"],
        "across": across["address"]["code"],
        "text": merged["address"]["text"],
        "kept_text": kept["address"]["text"],
        "across_text": across["address"]["text"],
        "door_id": f"N{AddressCode.parse(merged['address']['code']).number}",
        "lon": str(spot["lon"]),
        "lat": str(spot["lat"]),
    }


@pytest.fixture(scope="module")
def town(
    databases: Databases, demo_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    url = databases.make("city_rehearsed", demo_template)
    engine = make_engine(url)
    with engine.connect() as connection:
        keys = {
            role: create_key(connection, holder=role, role=role)
            for role in ("reviewer", "approver", "public")
        }
        connection.commit()
    engine.dispose()
    with (
        serving(url, tmp_path_factory.mktemp("home")) as place,
        httpx.Client(base_url=place, timeout=60) as client,
    ):
        names = names_in(client)
        staff = bearer(keys["reviewer"])
        doors = {"codes": [names["merged"], names["kept"], names["across"]]}
        plated = client.post("/v1/plates", json=doors, headers=staff)
        filed = client.post("/v1/restructurings", json=filled(PAPER, names), headers=staff)
        assert (plated.status_code, filed.status_code) == (201, 201), plated.text + filed.text
        head = int(client.get("/v1/changes/1").headers["Registry-Change"])
        yield Town(client, keys, filed.json()["id"], names, head)
    databases.drop("city_rehearsed")


def asked() -> Iterator[tuple[str, str]]:
    for route, questions in READS.items():
        start = route.partition("/{")[0]
        for question in questions:
            yield start + question, ON
            yield start + question, EVE


@pytest.fixture(scope="module")
def told(town: Town) -> dict[tuple[str, str], list[str]]:
    """Every question's answer with the plan before its commit, and without it afterwards."""

    def ask(**more: str) -> dict[tuple[str, str], str]:
        found = {}
        for path, at in asked():
            url = httpx.URL(town.path(path)).copy_merge_params({"at": at, **more})
            answered = town.client.get(url, headers=bearer(town.staff["reviewer"]))
            if "plan" in more:
                assert answered.status_code == 200, (url, answered.text)
                assert answered.headers["Registry-Change"] == str(town.head)
                assert town.plan in answered.headers["Registry-Plan"]
            text = answered.text.replace(f"&plan={town.plan}", "")
            found[path, at] = re.sub(r'"timeStamp":"[^"]+"', "", text)
        return found

    before, proposed = ask(), ask(plan=town.plan)
    commit(town)
    after = ask()
    return {key: [before[key], proposed[key], after[key]] for key in after}


def commit(town: Town) -> None:
    place = f"/v1/restructurings/{town.plan}"
    for step, role in (("submit", "reviewer"), ("approve", "approver"), ("commit", "approver")):
        done = town.client.post(f"{place}/{step}", headers=bearer(town.staff[role]))
        assert done.status_code in (200, 201), done.text


class EveryRead:
    @pytest.mark.parametrize(("path", "at"), list(asked()))
    def test_with_a_plan_before_the_commit_is_the_read_after_it(
        self, told: dict[tuple[str, str], list[str]], path: str, at: str
    ) -> None:
        _before, proposed, after = told[path, at]

        assert proposed == after

    @pytest.mark.parametrize("route", READS)
    def test_of_a_route_is_on_the_day_another_than_without_the_plan(
        self, told: dict[tuple[str, str], list[str]], route: str
    ) -> None:
        start = route.partition("/{")[0]
        answers = [told[start + question, ON] for question in READS[route]]

        assert any(before != proposed for before, proposed, _after in answers)

    def test_of_the_eve_shows_what_holds_now(self, told: dict[tuple[str, str], list[str]]) -> None:
        for path in ("/v1/addresses/{merged}", "/v1/divisions?within=350213&limit=1000"):
            before, proposed, _after = told[path, EVE]
            assert "新圩镇" in before
            assert "新圩镇" in proposed and "新圩街道" not in proposed

    def test_that_takes_a_plan_is_asked_here_and_every_other_says_that_it_takes_none(
        self, town: Town
    ) -> None:
        document = town.client.get("/openapi.json").json()
        takes = set()
        for path, verbs in document["paths"].items():
            named = {one["name"] for one in verbs.get("get", {}).get("parameters", [])}
            if "get" not in verbs or "plan" in named:
                takes |= {path} if "plan" in named else set()
                continue
            url = path.replace("{", "").replace("}", "")
            refused = town.client.get(url, params={"plan": town.plan})
            told = b"does not take a plan" if path == "/status" else b'"plan-does-not-apply"'
            assert refused.is_client_error and told in refused.content, path

        assert takes == set(READS) | PAGES


CONVERSION: dict[str, Any] = {
    "title": "马巷镇撤镇设街",
    "effective_on": ON,
    "decree": {"authority": "福建省人民政府", "number": "闽政文〔2027〕2号"},
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
RENAMING = {
    **CONVERSION,
    "title": "新圩镇更名",
    "operations": [{"rename": {"division": "350213103", "name": "大圩镇"}}],
}


@dataclass
class Office:
    """A small registry of one's own, its people, and a way to file plans."""

    client: httpx.Client
    builder: RegistryBuilder
    keys: dict[str, str]
    door: str

    def file(self, paper: dict[str, Any]) -> str:
        filed = self.client.post("/v1/restructurings", json=paper, headers=self.head("reviewer"))
        assert filed.status_code == 201, filed.text
        return str(filed.json()["id"])

    def step(self, plan: str, verb: str, role: str = "reviewer") -> dict[str, Any]:
        done = self.client.post(f"/v1/restructurings/{plan}/{verb}", headers=self.head(role))
        assert done.status_code in (200, 201), done.text
        return dict(done.json())

    def head(self, role: str | None) -> dict[str, str]:
        return {} if role is None else bearer(self.keys[role])

    def ask(self, plan: str, role: str | None = "reviewer", **more: str) -> httpx.Response:
        headers = self.head(role) | {name: more.pop(name) for name in HEADERS if name in more}
        path = more.pop("path", f"/v1/addresses/{self.door}")
        return self.client.get(path, params={"plan": plan, **more}, headers=headers)

    def names_shown(self, plan: str, **more: str) -> set[str]:
        answered = self.ask(plan, path="/v1/divisions", level="4", **more)
        assert answered.status_code == 200, answered.text
        return {one["name"] for one in answered.json()["divisions"]}


HEADERS = ("If-None-Match", "Cache-Control", "Accept", "Accept-Language")


@pytest.fixture
def office(database_url: str, engine: Engine, tmp_path: Path) -> Iterator[Office]:
    builder = RegistryBuilder(engine)
    builder.tree(MAXIANG)
    door, *_more = builder.doors("350213102201", 2, builder.carrier("琼头中里", "350213102201"))
    with engine.connect() as connection:
        keys = {
            role: create_key(connection, holder=role, role=role)
            for role in ("reviewer", "approver", "public")
        }
        connection.commit()
    with (
        serving(database_url, tmp_path) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        code = str(AddressCode.of(7))
        with engine.begin() as connection:
            connection.execute(update(address).where(address.c.code == door).values(code=code))
        yield Office(client, builder, keys, code)


class WhatIsReadAhead:
    def test_has_another_tag_when_the_plan_is_edited(self, office: Office) -> None:
        plan = office.file(RENAMING)
        town = office.builder.ids["350213103"]
        path = f"/ogc/collections/divisions/items/{town}"
        before = office.ask(plan, path=path)
        other = {"rename": {"division": "350213103", "name": "小圩镇"}}

        edited = office.client.put(
            f"/v1/restructurings/{plan}",
            json={**RENAMING, "operations": [other]},
            headers=office.head("reviewer") | {"If-Match": "*"},
        )
        after = office.ask(plan, path=path, **{"If-None-Match": before.headers["ETag"]})

        assert edited.status_code == 200, edited.text
        assert before.json()["properties"]["name"] == "大圩镇"
        assert after.status_code == 200 and after.json()["properties"]["name"] == "小圩镇"


class WhoMayReadAPlan:
    def test_is_the_staff_until_it_is_published_and_then_everybody(self, office: Office) -> None:
        plan = office.file(CONVERSION)

        drafts = [office.ask(plan, role).status_code for role in (None, "public", "reviewer")]
        published = office.step(plan, "publish")["published"]
        then = [office.ask(plan, role).status_code for role in (None, "public", "reviewer")]
        office.step(plan, "unpublish")

        assert drafts == [401, 403, 200]
        assert published["by"] == "reviewer" and len(published["digest"]) == 64
        assert then == [200, 200, 200]
        assert office.ask(plan, None).status_code == 401

    def test_does_not_learn_from_an_etag_what_they_may_not_read(self, office: Office) -> None:
        plan = office.file(CONVERSION)
        etag = office.ask(plan).headers["ETag"]

        assert office.ask(plan, **{"If-None-Match": etag}).status_code == 304
        assert office.ask(plan, None, **{"If-None-Match": etag}).status_code == 401

    def test_finds_published_plans_in_the_list(self, office: Office) -> None:
        shown, hidden = office.file(CONVERSION), office.file(RENAMING)
        office.step(shown, "publish")

        def ids(published: str) -> list[str]:
            listed = office.client.get("/v1/restructurings", params={"published": published})
            return [one["id"] for one in listed.json()["restructurings"]]

        assert (ids("true"), ids("false")) == ([shown], [hidden])


class WhatIsSaidOfAPlan:
    def test_names_it_and_the_change_it_was_drawn_at_in_the_headers(self, office: Office) -> None:
        plan = office.file(CONVERSION)
        now = office.client.get(f"/v1/addresses/{office.door}")
        answered = office.ask(plan)

        digest = office.client.get(f"/v1/restructurings/{plan}/preview").json()["digest"]
        assert answered.headers["Registry-Plan"] == f"{plan}; digest={digest}"
        assert answered.headers["Registry-Change"] == now.headers["Registry-Change"]
        assert answered.headers["ETag"] != now.headers["ETag"]
        assert answered.json()["address"]["text"] == "福建省厦门市翔安区马巷街道琼头村琼头中里1号"

    def test_is_of_its_day_unless_another_is_asked_for(self, office: Office) -> None:
        plan = office.file(CONVERSION)

        assert office.names_shown(plan) == {"马巷街道", "新圩镇"}
        assert office.names_shown(plan, at=EVE) == {"马巷镇", "新圩镇"}
        assert office.names_shown(plan, at="2030-01-01") == {"马巷街道", "新圩镇"}

    def test_of_two_at_once_is_each_by_itself(self, office: Office) -> None:
        one, other = office.file(CONVERSION), office.file(RENAMING)

        assert office.names_shown(one) == {"马巷街道", "新圩镇"}
        assert office.names_shown(other) == {"马巷镇", "大圩镇"}
        assert office.names_shown(one) == {"马巷街道", "新圩镇"}

    def test_is_of_one_change_until_it_is_asked_for_anew(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("registry.rehearsal.model.RESTS", 0)
        plan = office.file(CONVERSION)
        first = int(office.ask(plan).headers["Registry-Change"])
        office.builder.doors("350213103201", 1)

        same = int(office.ask(plan).headers["Registry-Change"])
        anew = int(office.ask(plan, **{"Cache-Control": "no-cache"}).headers["Registry-Change"])

        assert (same, anew) == (first, first + 1)

    def test_on_a_page_for_people_is_that_it_is_proposed(self, office: Office) -> None:
        plan = office.file(CONVERSION)
        page = {"path": f"/a/{office.door}", "Accept": "text/html"}
        chinese = office.ask(plan, **page, **{"Accept-Language": "zh"}).text
        english = office.ask(plan, **page, lang="en").text
        today = office.client.get(page["path"], headers={"Accept": "text/html"}).text
        found = office.ask(plan, path="/", q="马巷街道琼头中里1号", lang="zh").text

        assert "拟调整" in chinese and "马巷街道" in chinese and "2027年3月1日" in chinese
        assert "Proposed" in english and CONVERSION["title"] in english
        assert "拟调整" not in today and "马巷街道" not in today
        assert "拟调整" in found and f"plan={plan}" in found


class WhatAPlanIsNotReadFor:
    def test_is_what_was_known_some_other_time(self, office: Office) -> None:
        refused = office.ask(office.file(CONVERSION), known="2026-01-01T00:00:00Z")

        assert (refused.status_code, refused.json()["code"]) == (422, "plan-goes-without-known")

    @pytest.mark.parametrize("plan", ["x", "7f3a1c1e-6f0d-5c55-9a35-0a8f6ad8b4c7"])
    def test_is_a_plan_there_is_not(self, office: Office, plan: str) -> None:
        refused = office.ask(plan)

        assert (refused.status_code, refused.json()["code"]) == (404, "restructuring-is-unknown")

    def test_is_one_that_was_withdrawn(self, office: Office) -> None:
        plan = office.file(CONVERSION)
        office.step(plan, "publish")
        assert office.ask(plan, None).status_code == 200
        office.step(plan, "withdraw")

        refused = office.ask(plan, None)

        assert (refused.status_code, refused.json()["code"]) == (409, "state-forbids")

    def test_is_one_that_cannot_be_carried_out_any_more(self, office: Office) -> None:
        plan = office.file(CONVERSION)
        office.step(plan, "publish")
        rival = office.file({**CONVERSION, "title": "抢先", "effective_on": "2027-02-01"})
        for verb, role in (("submit", "reviewer"), ("approve", "approver"), ("commit", "approver")):
            office.step(rival, verb, role)

        refused = office.ask(plan, None)

        assert (refused.status_code, refused.json()["code"]) == (409, "not-in-force")


class WhenThePlanIsCommitted:
    def test_its_address_shows_the_registry_and_says_so(self, office: Office) -> None:
        plan = office.file(CONVERSION)
        office.step(plan, "publish")
        proposed = office.ask(plan, None)
        for verb, role in (("submit", "reviewer"), ("approve", "approver")):
            office.step(plan, verb, role)
        change = office.step(plan, "commit", "approver")["change"]

        done = office.ask(plan, None)

        assert done.json() == proposed.json()
        assert done.headers["Registry-Plan"].endswith(f"; committed={change}")
        assert done.headers["Registry-Change"] == str(change)
        page = office.ask(plan, None, path=f"/a/{office.door}", Accept="text/html").text
        assert "拟调整" not in page and "马巷街道" in page

    def test_the_crosswalk_goes_from_draft_to_final_at_one_address(self, office: Office) -> None:
        plan = office.file(CONVERSION)
        place = f"/v1/restructurings/{plan}/crosswalk"
        office.step(plan, "publish")
        draft = office.client.get(place)
        unsigned = office.client.get(f"{place}/signature")
        for verb, role in (("submit", "reviewer"), ("approve", "approver")):
            office.step(plan, verb, role)
        change = office.step(plan, "commit", "approver")["change"]
        final = office.client.get(place)
        signed = office.client.get(final.links["signature"]["url"])

        said = draft.json()
        assert (said["status"], said["published"]) == ("draft", True)
        assert (said["from_change"], said["digest"]) == (change - 1, said["digest"])
        assert draft.headers["Registry-Plan"] == f"{plan}; digest={said['digest']}"
        assert unsigned.status_code == 409
        assert final.json()["status"] == "final" and "digest" not in final.json()
        strip = [{**row, "changes": []} for row in final.json()["rows"]]
        assert strip == said["rows"]
        assert signed.status_code == 200 and f"change {change}" in signed.text


class WhenManyReadAtOnce:
    def test_nobody_is_told_anything_of_another_plan(self, office: Office) -> None:
        plans = {
            office.file({**RENAMING, "title": f"更名{n}", "operations": [
                {"rename": {"division": "350213103", "name": f"第{n}镇"}}]}): f"第{n}镇"
            for n in range(4)
        }  # fmt: skip

        def read(place: int) -> tuple[set[str], str]:
            plan, name = list(plans.items())[place % len(plans)]
            return office.names_shown(plan), name

        with ThreadPoolExecutor(8) as readers:
            found = list(readers.map(read, range(48)))

        assert all(shown == {"马巷镇", name} for shown, name in found)
