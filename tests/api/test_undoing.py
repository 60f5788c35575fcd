"""Acts annulled and corrected over HTTP: previewed, by two people, whole or not at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from api.security import create_key
from registry.log.audit import audit
from tests.builder import MAXIANG, RegistryBuilder
from tests.conftest import serving

PAPER: dict[str, Any] = {
    "title": "马巷撤镇设街并分设凤翔街道",
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
        },
        {
            "split": {
                "division": "350213002",
                "keeps": True,
                "into": [
                    {
                        "name": "凤翔街道",
                        "kind": "subdistrict",
                        "code": "350213004",
                        "members": ["350213102201"],
                    }
                ],
            }
        },
    ],
}
REASONED = {
    "reason": "原批复撤销",
    "decree": {"authority": "福建省人民政府", "number": "闽政文〔2021〕9号"},
}
READ = (
    "/divisions/350213102?at=2021-06-01",
    "/divisions?within=350213&at=2021-06-01",
    "/divisions?within=350213&at=2020-06-01",
    "/addresses?within=350213&at=2021-06-01",
    "/crosswalk?from=2020-06-30&to=2021-06-30&within=350213",
)


@pytest.fixture
def builder(engine: Engine) -> RegistryBuilder:
    made = RegistryBuilder(engine)
    made.tree(MAXIANG)
    made.squares("350213102001", "350213102201", "350213102202", "350213103201")
    made.doors("350213102201", 2, made.carrier("琼头中里", "350213102201"))
    made.doors("350213102202", 2)
    return made


@pytest.fixture
def keys(builder: RegistryBuilder) -> dict[str, str]:
    people = (("甲", "reviewer"), ("乙", "approver"), ("丙", "administrator"))
    with builder.engine.connect() as connection:
        made = {name: create_key(connection, holder=name, role=role) for name, role in people}
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


def enacted(api: httpx.Client, keys: dict[str, str], **more: Any) -> tuple[str, int]:
    """Where the restructuring is, and its change."""
    filed = api.post("/restructurings", json={**PAPER, **more}, headers=bearer(keys, "甲"))
    place = f"/restructurings/{filed.json()['id']}"
    for step, who in (("submit", "甲"), ("approve", "乙"), ("commit", "乙")):
        done = api.post(f"{place}/{step}", headers=bearer(keys, who))
        assert done.is_success, done.text
    return place, done.json()["change"]


def shown(api: httpx.Client, *, but: frozenset[str] = frozenset()) -> list[Any]:
    """What is read of the district; where a reader of the crosswalk stands is not part of it."""
    left_out = but | {"from_change", "to_change"}
    return [_plain(api.get(path).json(), left_out) for path in READ]


def _plain(body: Any, left_out: frozenset[str]) -> Any:
    if isinstance(body, dict):
        return {name: _plain(one, left_out) for name, one in body.items() if name not in left_out}
    return [_plain(one, left_out) for one in body] if isinstance(body, list) else body


class WhenARestructuringIsAnnulled:
    def test_every_read_is_as_it_was_and_the_log_verifies(
        self, api: httpx.Client, keys: dict[str, str], engine: Engine
    ) -> None:
        before = shown(api)
        place, number = enacted(api, keys)
        between = api.get(f"/changes/{number}").json()["recorded_at"]
        during = shown(api)

        preview = api.get(f"{place}/annul/preview").json()
        asked = api.post(f"{place}/annul", json=REASONED, headers=bearer(keys, "甲"))
        own = api.post(f"/undoings/{asked.json()['id']}/approve", headers=bearer(keys, "甲"))
        done = api.post(f"/undoings/{asked.json()['id']}/approve", headers=bearer(keys, "乙"))

        assert [one["name"] for one in preview["plan"]["ended"]] == ["凤翔街道"]
        assert [one["after"]["name"] for one in preview["plan"]["changed"]] == ["马巷镇"]
        assert preview["plan"]["addresses"]["full_text_changes"] == 4
        assert (preview["plates"], preview["obstacles"]) == (4, [])
        assert (asked.status_code, own.status_code, done.status_code) == (201, 403, 201)
        assert during != before
        assert shown(api) == before
        then = api.get("/divisions/350213002", params={"at": "2021-06-01", "known": between})
        assert then.json()["division"]["name"] == "马巷街道"
        with engine.connect() as connection:
            # The service may be signing meanwhile: an audit is of one snapshot.
            connection.execution_options(isolation_level="REPEATABLE READ")
            assert audit(connection)[2] == []

    def test_it_says_so_with_who_why_and_by_which_change(
        self, api: httpx.Client, keys: dict[str, str]
    ) -> None:
        place, _number = enacted(api, keys)
        change = annulled(api, keys, place)
        told = api.get(place).json()
        again = api.post(f"{place}/annul", json=REASONED, headers=bearer(keys, "甲"))
        page = httpx.get(f"{str(api.base_url).removesuffix('/v1/')}{place}?lang=zh").text

        assert told["state"] == "annulled"
        assert (told["steps"][-1]["step"], told["steps"][-1]["who"]) == ("annul", "乙")
        (amendment,) = told["amendments"]
        assert amendment.pop("recorded_at")
        assert amendment == {
            "kind": "annulled",
            "change": change,
            "asked_by": "甲",
            "decided_by": "乙",
            "reason": REASONED["reason"],
        }
        assert (again.status_code, again.json()["code"]) == (409, "change-is-annulled")
        assert "已撤销" in page
        assert f"原批复撤销（甲提出；变更 {change}）" in page

    def test_its_place_in_the_case_is_free_until_it_comes_back(
        self, api: httpx.Client, keys: dict[str, str]
    ) -> None:
        filed = api.post("/restructurings", json=PAPER, headers=bearer(keys, "甲")).json()
        place = f"/restructurings/{filed['id']}"
        body = {"edits": {"title": "另一方案"}}
        other = api.post(f"{place}/duplicate", json=body, headers=bearer(keys, "甲")).json()
        for step, who in (("submit", "甲"), ("approve", "乙"), ("commit", "乙")):
            assert api.post(f"{place}/{step}", headers=bearer(keys, who)).is_success

        def states() -> tuple[str, str]:
            both = (place, f"/restructurings/{other['id']}")
            first, second = (api.get(one).json()["state"] for one in both)
            return first, second

        closed = states()
        change = annulled(api, keys, place)
        free = states()
        asked = api.post(f"/changes/{change}/annul", json=REASONED, headers=bearer(keys, "甲"))
        decided(api, keys, asked.json()["id"])

        assert closed == ("committed", "superseded")
        assert free == ("annulled", "draft")
        assert states() == closed

    def test_its_crosswalk_is_empty_and_known_gives_the_old_one(
        self, api: httpx.Client, keys: dict[str, str]
    ) -> None:
        place, number = enacted(api, keys)
        between = api.get(f"/changes/{number}").json()["recorded_at"]
        first = api.get(f"{place}/crosswalk").json()
        change = annulled(api, keys, place)
        told = api.get(f"{place}/crosswalk").json()
        signed = api.get(f"{place}/crosswalk/signature").text

        assert first["rows"]
        assert (told["rows"], told["status"], told["annulled_by"]) == ([], "annulled", change)
        assert f"change {change}\n" in signed
        assert api.get(f"{place}/crosswalk", params={"known": between}).json() == first

    def test_it_is_one_change_of_kind_annul_that_says_what_it_means(
        self, api: httpx.Client, keys: dict[str, str]
    ) -> None:
        place, number = enacted(api, keys)
        fresh = api.get("/divisions/350213004", params={"at": "2021-06-01"}).json()["division"]
        change = annulled(api, keys, place)

        said = api.get(f"/changes/{change}").json()
        transforms = api.get(f"/changes/{change}/transforms").json()
        assert (said["verb"], said["decree"]["number"]) == ("annul", "闽政文〔2021〕9号")
        assert all("annulled" in one["kinds"] for one in transforms)
        assert "马巷镇" in [unit["name"] for one in transforms for unit in one["to"]]
        amendments = api.get(f"/changes/{number}/amendments").json()["amendments"]
        assert [(one["kind"], one["by"]) for one in amendments] == [("annulled", change)]
        gone = api.get(f"/divisions/{fresh['id']}")
        assert (gone.status_code, gone.json()["division"]["status"]) == (200, "annulled")

    def test_it_can_be_had_back_but_not_annulled_twice(
        self, api: httpx.Client, keys: dict[str, str]
    ) -> None:
        place, _number = enacted(api, keys)
        during = shown(api)
        change = annulled(api, keys, place)

        twice = api.post(f"{place}/annul", json=REASONED, headers=bearer(keys, "甲"))
        annulled(api, keys, f"/changes/{change}")

        assert (twice.status_code, twice.json()["code"]) == (409, "change-is-annulled")
        assert shown(api) == during

    def test_what_rests_on_it_is_listed_and_nothing_is_written(
        self, api: httpx.Client, keys: dict[str, str], builder: RegistryBuilder
    ) -> None:
        place, _number = enacted(api, keys)
        street = api.get("/divisions/350213004", params={"at": "2021-06-01"}).json()["division"]
        later = {
            "title": "古宅村划归凤翔街道",
            "effective_on": "2022-01-01",
            "area_changes": "各村地块互不相连",
            "operations": [{"transfer": {"divisions": ["350213103201"], "to": street["id"]}}],
        }
        enacted(api, keys, **later)
        head = api.get("/changes?after=0&limit=1").headers["Registry-Change"]

        preview = api.get(f"{place}/annul/preview").json()
        refused = api.post(f"{place}/annul", json=REASONED, headers=bearer(keys, "甲"))

        assert refused.status_code == 409
        assert refused.json()["code"] == "later-work-stands"
        village = [one for one in preview["obstacles"] if one["name"] == "古宅村"]
        assert {(one["why"], one["on"]) for one in village} >= {("depends", "凤翔街道")}
        assert {one["title"] for item in preview["obstacles"] for one in item["changes"]} == {
            "古宅村划归凤翔街道"
        }
        assert api.get("/changes?after=0&limit=1").headers["Registry-Change"] == head

    @pytest.mark.parametrize(
        ("body", "where"),
        [
            ({"decree": REASONED["decree"]}, "reason"),
            ({"reason": " ", "decree": REASONED["decree"]}, "reason"),
            ({"reason": "错"}, "decree"),
            ({"reason": "错", "decree": {"number": "1号"}}, "decree"),
            ({**REASONED, "when": "now"}, "when"),
        ],
    )
    def test_a_reason_and_a_decree_are_asked_for(
        self, api: httpx.Client, keys: dict[str, str], body: dict[str, Any], where: str
    ) -> None:
        place, _number = enacted(api, keys)

        refused = api.post(f"{place}/annul", json=body, headers=bearer(keys, "甲"))

        assert (refused.status_code, refused.json()["code"]) == (422, "undoing-is-malformed")
        assert refused.json()["where"] == where


class WhenAnActIsCorrected:
    def test_its_day_is_another_with_both_clocks_right(
        self, api: httpx.Client, keys: dict[str, str]
    ) -> None:
        place, number = enacted(api, keys)
        between = api.get(f"/changes/{number}").json()["recorded_at"]
        body = {"reason": "生效日期有误", "effective_on": "2021-03-01"}
        preview = api.post(f"{place}/correct/preview", json=body).json()
        change = corrected(api, keys, place, body)

        def name(at: str, **more: str) -> str:
            parent = api.get("/divisions/350213102202", params={"at": at, **more}).json()["chain"][
                1
            ]
            return str(parent["name"])

        assert preview["plan"]["changed"][0]["after"]["name"] == "马巷镇"
        assert (name("2021-02-01"), name("2021-03-01")) == ("马巷镇", "马巷街道")
        assert name("2021-02-01", known=between) == "马巷街道"
        said = api.get(f"/changes/{change}").json()
        transforms = api.get(f"/changes/{change}/transforms").json()
        assert said["verb"] == "correct"
        assert transforms
        assert all("corrected" in one["kinds"] for one in transforms)
        split = api.get("/divisions/350213004", params={"at": "2021-03-01"}).json()["division"]
        assert split["valid"]["from"] == "2021-03-01"

    def test_its_decree_is_shown_right_wherever_it_is_shown(
        self, api: httpx.Client, keys: dict[str, str]
    ) -> None:
        place, number = enacted(api, keys)
        between = api.get(f"/changes/{number}").json()["recorded_at"]
        right = {"authority": "福建省人民政府", "number": "闽政文〔2021〕4号"}
        corrected(api, keys, place, {"reason": "文号有误", "decree": right})

        def numbers(**known: str) -> set[str]:
            division = api.get("/divisions/350213002", params={"at": "2021-06-01", **known}).json()
            history = api.get("/divisions/350213002/history", params={"at": "2021-06-01", **known})
            lineage = api.get("/divisions/350213002/lineage", params={"at": "2021-06-01", **known})
            found = [division["decree"], history.json()["versions"][-1]["decree"]]
            found += [edge["decree"] for edge in lineage.json()["edges"]]
            return {one["number"] for one in found}

        assert numbers() == {"闽政文〔2021〕4号"}
        assert numbers(known=between) == {"闽政文〔2021〕3号"}
        crosswalk = api.get("/crosswalk?from=2020-06-30&to=2021-06-30&within=350213").text
        assert "4号" in crosswalk
        assert "3号" not in crosswalk
        # The record of the act stays as it was made.
        assert api.get(f"/changes/{number}").json()["decree"]["number"] == "闽政文〔2021〕3号"

    def test_its_membership_is_another_and_identities_stay(
        self, api: httpx.Client, keys: dict[str, str]
    ) -> None:
        place, _number = enacted(api, keys)
        before = api.get("/divisions/350213004", params={"at": "2021-06-01"}).json()["division"]
        operations = [dict(one) for one in PAPER["operations"]]
        split = dict(operations[1]["split"])
        split["into"] = [{**split["into"][0], "members": ["350213102202"]}]
        operations[1] = {"split": split}
        corrected(api, keys, place, {"reason": "社区名单有误", "operations": operations})

        after = api.get("/divisions/350213004", params={"at": "2021-06-01"}).json()["division"]
        inside = api.get("/divisions/350213004/children", params={"at": "2021-06-01"}).json()
        assert after["id"] == before["id"]
        assert [one["name"] for one in inside["divisions"]] == ["后亭村"]

    def test_it_can_be_corrected_again_and_annulled_after_all(
        self, api: httpx.Client, keys: dict[str, str]
    ) -> None:
        before = shown(api)
        place, _number = enacted(api, keys)
        # What is right again says by which change it is.
        by = frozenset({"change", "changes"})
        during = shown(api, but=by)
        corrected(api, keys, place, {"reason": "错", "effective_on": "2021-03-01"})
        corrected(api, keys, place, {"reason": "又错", "effective_on": "2021-01-06"})
        back = shown(api, but=by)
        annulled(api, keys, place)

        assert back == during
        assert shown(api) == before

    def test_what_a_correction_got_wrong_and_the_next_put_right_is_no_later_work(
        self, api: httpx.Client, keys: dict[str, str]
    ) -> None:
        before = shown(api)
        place, _number = enacted(api, keys)
        wrong = [dict(one) for one in PAPER["operations"]]
        split = dict(wrong[1]["split"])
        split["into"] = [{**split["into"][0], "members": ["350213102202"]}]
        wrong[1] = {"split": split}
        corrected(api, keys, place, {"reason": "错", "operations": wrong})
        corrected(api, keys, place, {"reason": "又错", "operations": PAPER["operations"]})
        annulled(api, keys, place)

        assert shown(api) == before

    def test_its_crosswalk_tells_the_corrected_act_and_known_the_old_one(
        self, api: httpx.Client, keys: dict[str, str]
    ) -> None:
        place, number = enacted(api, keys)
        between = api.get(f"/changes/{number}").json()["recorded_at"]
        first = api.get(f"{place}/crosswalk").json()
        operations = [dict(one) for one in PAPER["operations"]]
        split = dict(operations[1]["split"])
        split["into"] = [{**split["into"][0], "members": ["350213102202"]}]
        operations[1] = {"split": split}
        body = {"reason": "名单与日期有误", "operations": operations, "effective_on": "2021-03-01"}
        change = corrected(api, keys, place, body)
        told = api.get(f"{place}/crosswalk").json()

        def moved(table: dict[str, Any]) -> dict[str, set[str]]:
            found: dict[str, set[str]] = {}
            for row in table["rows"]:
                found.setdefault(row["old_name"], set()).add(row["new_parent"])
            return {name: found[name] for name in ("琼头村", "后亭村") if name in found}

        assert moved(first)["琼头村"] == {"凤翔街道"}
        assert moved(told)["后亭村"] == {"凤翔街道"}
        assert "凤翔街道" not in moved(told).get("琼头村", set())
        assert (told["to"], told["to_change"], told["corrections"]) == (
            "2021-03-01",
            change,
            [change],
        )
        assert all(row["on"] == ["2021-03-01"] for row in told["rows"])
        halves = [row for row in told["rows"] if row["old_name"] == "马巷镇"]
        assert {row["new_name"] for row in halves} == {"马巷街道", "凤翔街道"}
        assert sum(row["share_members"] for row in halves) == pytest.approx(1)
        assert api.get(f"{place}/crosswalk", params={"known": between}).json() == first
        assert api.get(f"{place}/crosswalk/signature").status_code == 200
        listed = api.get(place).json()
        assert listed["state"] == "committed"
        assert [(one["kind"], one["change"]) for one in listed["amendments"]] == [
            ("corrected", change)
        ]

    def test_nothing_different_is_no_correction(
        self, api: httpx.Client, keys: dict[str, str]
    ) -> None:
        place, _number = enacted(api, keys)

        same = {"reason": "错", "effective_on": PAPER["effective_on"]}
        refused = api.post(f"{place}/correct", json=same, headers=bearer(keys, "甲"))

        assert (refused.status_code, refused.json()["code"]) == (409, "nothing-is-corrected")


class WhenBothNamesCount:
    def test_an_address_shows_them_with_their_dates(
        self, api: httpx.Client, keys: dict[str, str], builder: RegistryBuilder
    ) -> None:
        place, _number = enacted(api, keys)
        done = api.post(
            f"{place}/dual-names", json={"until": "2022-01-06"}, headers=bearer(keys, "乙")
        )
        found = api.get(
            "/geocode", params={"q": "翔安区马巷镇后亭村1号", "at": "2021-06-01"}
        ).json()
        (result,) = found["results"]

        assert done.status_code == 201
        assert result["match"]["grade"] == "A"
        assert result["match"]["via"][0]["text"] == "马巷镇"
        assert result["address"]["text_dual"] == "福建省厦门市翔安区马巷街道（原马巷镇）后亭村1号"
        assert result["address"]["dual_names"] == {
            "former": "福建省厦门市翔安区马巷镇后亭村1号",
            "valid_from": "2021-01-06",
            "valid_to": "2022-01-06",
        }


def annulled(api: httpx.Client, keys: dict[str, str], place: str) -> int:
    asked = api.post(f"{place}/annul", json=REASONED, headers=bearer(keys, "甲"))
    assert asked.status_code == 201, asked.text
    return decided(api, keys, asked.json()["id"])


def corrected(api: httpx.Client, keys: dict[str, str], place: str, body: dict[str, Any]) -> int:
    asked = api.post(f"{place}/correct", json=body, headers=bearer(keys, "甲"))
    assert asked.status_code == 201, asked.text
    return decided(api, keys, asked.json()["id"])


def decided(api: httpx.Client, keys: dict[str, str], undoing: str) -> int:
    done = api.post(f"/undoings/{undoing}/approve", headers=bearer(keys, "乙"))
    assert done.status_code == 201, done.text
    number: int = done.json()["change"]
    return number
