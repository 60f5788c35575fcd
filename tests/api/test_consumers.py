"""The consumer board: acknowledgements only go forward, and staff see who lags."""

import base64
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from api.security import create_key
from tests.api.test_restructurings import PAPER
from tests.builder import MAXIANG, RegistryBuilder
from tests.conftest import serving

PEOPLE = (
    ("甲", "integrator"),
    ("乙", "integrator"),
    ("文", "reviewer"),
    ("批", "approver"),
    ("管", "administrator"),
    ("众", "public"),
)


@pytest.fixture
def keys(engine: Engine) -> dict[str, str]:
    builder = RegistryBuilder(engine)
    builder.tree(MAXIANG)
    for place in range(3):
        builder.carrier(f"第{place}里", "350213102201")
    with engine.connect() as connection:
        made = {name: create_key(connection, holder=name, role=role) for name, role in PEOPLE}
        connection.commit()
    return made


@pytest.fixture
def site(database_url: str, keys: dict[str, str], tmp_path: Path) -> Iterator[httpx.Client]:
    with (
        serving(database_url, tmp_path, WEBHOOK_ALLOW="127.0.0.0/8") as url,
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        yield client


def bearer(keys: dict[str, str], name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {keys[name]}", "Accept-Language": "en"}


def basic(key: str, language: str = "zh") -> dict[str, str]:
    credentials = base64.b64encode(f"anybody:{key}".encode()).decode()
    return {"Authorization": f"Basic {credentials}", "Accept-Language": language}


def acknowledge(
    site: httpx.Client, keys: dict[str, str], who: str, name: str, change: int
) -> httpx.Response:
    return site.put(
        f"/v1/consumers/{name}/acknowledged", json={"change": change}, headers=bearer(keys, who)
    )


def carry_out(site: httpx.Client, keys: dict[str, str]) -> int:
    place = site.post("/v1/restructurings", json=PAPER, headers=bearer(keys, "文")).json()["id"]
    site.post(f"/v1/restructurings/{place}/submit", headers=bearer(keys, "文"))
    site.post(f"/v1/restructurings/{place}/approve", headers=bearer(keys, "批"))
    done = site.post(f"/v1/restructurings/{place}/commit", headers=bearer(keys, "批"))
    return int(done.json()["change"])


class WhenAConsumerAcknowledges:
    def test_it_goes_forward_and_never_back(self, site: httpx.Client, keys: dict[str, str]) -> None:
        first = acknowledge(site, keys, "甲", "platform", 2)
        again = acknowledge(site, keys, "甲", "platform", 2)
        further = acknowledge(site, keys, "甲", "platform", 4)
        back = acknowledge(site, keys, "甲", "platform", 3)

        assert [one.status_code for one in (first, again, further)] == [200] * 3
        assert (further.json()["acknowledged"], further.json()["holder"]) == (4, "甲")
        assert (back.status_code, back.json()["code"]) == (409, "acknowledgement-goes-back")
        assert back.json()["acknowledged"] == 4

    def test_not_beyond_the_head(self, site: httpx.Client, keys: dict[str, str]) -> None:
        refused = acknowledge(site, keys, "甲", "platform", 999)

        assert (refused.status_code, refused.json()["code"]) == (404, "change-is-unknown")
        assert site.get("/v1/consumers", headers=bearer(keys, "甲")).json()["consumers"] == []

    def test_its_name_is_its_own(self, site: httpx.Client, keys: dict[str, str]) -> None:
        acknowledge(site, keys, "甲", "平台 一", 2)

        taken = acknowledge(site, keys, "乙", "平台 一", 3)
        kept = site.delete("/v1/consumers/平台 一", headers=bearer(keys, "乙"))

        assert (taken.status_code, taken.json()["code"]) == (403, "consumer-belongs-to-another")
        assert (kept.status_code, kept.json()["code"]) == (403, "consumer-belongs-to-another")

    def test_one_that_starts_over_is_taken_off_first(
        self, site: httpx.Client, keys: dict[str, str]
    ) -> None:
        acknowledge(site, keys, "甲", "platform", 4)

        gone = site.delete("/v1/consumers/platform", headers=bearer(keys, "甲"))
        twice = site.delete("/v1/consumers/platform", headers=bearer(keys, "甲"))

        assert (gone.status_code, twice.status_code) == (204, 404)
        assert acknowledge(site, keys, "甲", "platform", 1).status_code == 200

    def test_only_integrators_do(self, site: httpx.Client, keys: dict[str, str]) -> None:
        assert acknowledge(site, keys, "众", "platform", 1).status_code == 403
        assert acknowledge(site, keys, "文", "platform", 1).status_code == 403
        assert site.put("/v1/consumers/x/acknowledged", json={"change": 1}).status_code == 401


class TheBoard:
    def test_tells_who_lags_by_how_much(self, site: httpx.Client, keys: dict[str, str]) -> None:
        acknowledge(site, keys, "甲", "慢", 1)
        acknowledge(site, keys, "乙", "快", 4)

        board = site.get("/v1/consumers", headers=bearer(keys, "文"))

        found = board.json()
        assert (found["head"], board.headers["Registry-Change"]) == (4, "4")
        slow, quick = found["consumers"]
        assert (slow["name"], slow["holder"], slow["acknowledged"], slow["lag"]) == (
            "慢",
            "甲",
            1,
            3,
        )
        assert 0 < slow["lag_s"] < 600
        assert (quick["name"], quick["lag"], quick["lag_s"]) == ("快", 0, 0)

    def test_tells_who_has_moved_past_a_restructuring(
        self, site: httpx.Client, keys: dict[str, str]
    ) -> None:
        acknowledge(site, keys, "甲", "慢", 4)
        acknowledge(site, keys, "乙", "快", 4)
        change = carry_out(site, keys)
        acknowledge(site, keys, "乙", "快", change)

        (act,) = site.get("/v1/consumers", headers=bearer(keys, "文")).json()["restructurings"]

        assert (act["title"], act["change"]) == (PAPER["title"], change)
        assert (act["passed"], act["waiting"]) == (["快"], ["慢"])

    def test_shows_webhooks_without_what_may_be_secret_in_their_address(
        self, site: httpx.Client, keys: dict[str, str]
    ) -> None:
        for who in ("甲", "乙"):
            url = "http://127.0.0.1:9/token-in-the-path?key=1"
            made = site.post("/v1/subscriptions", json={"url": url}, headers=bearer(keys, who))
            assert made.status_code == 201
        acknowledge(site, keys, "甲", "platform", 4)

        answered = site.get("/v1/consumers", headers=bearer(keys, "文"))

        (platform,) = answered.json()["consumers"]
        (hook,) = platform["webhooks"]
        (silent,) = answered.json()["webhooks"]
        assert (hook["host"], hook["state"], hook["delivered_to"]) == ("127.0.0.1", "active", 4)
        assert silent["holder"] == "乙"
        assert "token-in-the-path" not in answered.text

    def test_is_for_staff_and_integrators(self, site: httpx.Client, keys: dict[str, str]) -> None:
        asked = [site.get("/v1/consumers", headers=bearer(keys, name)) for name, _role in PEOPLE]

        assert [one.status_code for one in asked] == [200, 200, 200, 200, 200, 403]
        assert site.get("/v1/consumers").status_code == 401


class ThePage:
    def test_opens_in_a_browser_with_the_key_as_password(
        self, site: httpx.Client, keys: dict[str, str]
    ) -> None:
        acknowledge(site, keys, "甲", "区平台", 4)
        change = carry_out(site, keys)

        locked = site.get("/consumers")
        opened = site.get("/consumers", headers=basic(keys["文"]))
        english = site.get("/consumers", headers=basic(keys["文"], "en"))

        assert locked.status_code == 401
        assert locked.headers["www-authenticate"].startswith("Basic realm=")
        assert locked.headers["content-type"].startswith("text/html")
        assert opened.status_code == 200
        for told in ("区平台", PAPER["title"], "未跟进", f"最新变更号 {change}"):
            assert told in opened.text
        assert "Not yet" in english.text
        assert "<script" not in opened.text

    def test_stays_shut_to_the_wrong_key_and_the_wrong_role(
        self, site: httpx.Client, keys: dict[str, str]
    ) -> None:
        wrong = site.get("/consumers", headers=basic("made-up"))
        nobody = site.get("/consumers", headers=basic(keys["众"]))
        garbled = site.get("/consumers", headers={"Authorization": "Basic *"})

        assert [one.status_code for one in (wrong, nobody, garbled)] == [401, 403, 401]

    def test_a_browsers_password_posts_nothing(
        self, site: httpx.Client, keys: dict[str, str]
    ) -> None:
        posted = site.post("/v1/restructurings", json=PAPER, headers=basic(keys["文"]))

        assert posted.status_code == 401

    def test_shows_whatever_a_consumer_calls_itself_as_text(
        self, site: httpx.Client, keys: dict[str, str]
    ) -> None:
        name = "%3Cscript%3Ealert(1)%3C%2Fscript%3E"
        said = acknowledge(site, keys, "甲", name, 1)
        page = site.get("/consumers", headers=basic(keys["文"])).text

        assert said.status_code in (200, 404)
        assert "<script" not in page

    def test_of_an_empty_board_says_so(self, site: httpx.Client, keys: dict[str, str]) -> None:
        assert "还没有系统确认过变更" in site.get("/consumers", headers=basic(keys["批"])).text
