"""Reading the registry as a plan would leave it: before the commit what is read after it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from api.security import create_key
from registry.database import make_engine
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
        filed = client.post(
            "/v1/restructurings", json=filled(PAPER, names), headers=bearer(keys["reviewer"])
        )
        assert filed.status_code == 201, filed.text
        head = int(client.get("/v1/changes/1").headers["Registry-Change"])
        yield Town(client, keys, filed.json()["id"], names, head)
    databases.drop("city_rehearsed")


READS = {
    "/v1/divisions": ["?within=350213&limit=1000", "?parent=350213&format=csv", "?name=新圩街道",
                      "?within=350213&level=4&format=geojson"],
    "/v1/divisions/{division}": ["/{town_id}", "/{first_id}", "/{moved_id}", "/350213"],
    "/v1/divisions/{division}/children": ["/{town_id}/children", "/350213/children"],
    "/v1/divisions/{division}/history": ["/{town_id}/history", "/{first_id}/history"],
    "/v1/divisions/{division}/lineage": ["/{town_id}/lineage", "/{first_id}/lineage"],
    "/v1/codes/{code}": ["/350213103", "/350213010"],
    "/v1/addresses": ["?within={town_id}&limit=500", "?within=350213&format=ndjson&limit=50",
                      "?within=350213&number=2&format=csv"],
    "/v1/addresses/{code}": ["/{merged}", "/{kept}", "/{across}"],
    "/v1/addresses/{code}/history": ["/{merged}/history", "/{kept}/history"],
    "/v1/geocode": ["?q={text}", "?q={kept_text}", "?q={across_text}"],
    "/v1/reverse": ["?lon={lon}&lat={lat}&limit=5"],
    "/v1/crosswalk": ["?from=2020-06-30&to=2027-03-01&within=350213",
                      "?from=2027-02-28&to=2027-03-01&format=csv"],
    "/v1/diff": ["?from=2027-02-28&to=2027-03-01&within=350213",
                 "?from=2027-02-28&to=2027-03-01&format=geojson"],
}  # fmt: skip
"""Of every route that takes a plan: what is asked of it."""
PAGES = {"/a/{code}", "/"}
"""Pages for people take a plan too; they say on top that it is one."""


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
            found[path, at] = answered.text.replace(f"&plan={town.plan}", "")
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
            if "get" not in verbs:
                continue
            if "plan" in {one["name"] for one in verbs["get"].get("parameters", [])}:
                takes.add(path)
                continue
            url = path.replace("{", "").replace("}", "")
            refused = town.client.get(url, params={"plan": town.plan})
            assert (refused.status_code, refused.json()["code"]) == (
                422,
                "plan-does-not-apply",
            ), path

        assert takes == set(READS) | PAGES
