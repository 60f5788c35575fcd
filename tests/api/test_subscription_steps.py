"""What holders do with their webhooks: see, try, pause, resume, end, and ask again."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from registry.subscriptions.store import KEPT_DELIVERED
from tests.api.followed import Town, built, read, subscribe
from tests.api.receiver import Receiver, always, is_signed, receiving


@pytest.fixture
def town(engine: Engine, database_url: str, tmp_path: Path) -> Town:
    return built(engine, database_url, tmp_path)


@pytest.fixture
def api(town: Town) -> Iterator[httpx.Client]:
    with town.served() as client:
        yield client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


class TheSubscriptions:
    def test_are_seen_by_their_holder_and_by_administrators(
        self, town: Town, api: httpx.Client, receiver: Receiver
    ) -> None:
        made = subscribe(api, receiver.url)
        place = f"/subscriptions/{made['id']}"

        listed = api.get("/subscriptions").json()["subscriptions"]
        others = api.get("/subscriptions", headers=town.bearer("乙")).json()["subscriptions"]
        every = api.get("/subscriptions", headers=town.bearer("管")).json()["subscriptions"]

        assert [one["id"] for one in listed] == [made["id"]] == [one["id"] for one in every]
        assert "secret" not in listed[0]
        assert others == []
        for verb, path in (("GET", ""), ("DELETE", ""), ("POST", "/pause"), ("GET", "/deliveries"),
                           ("POST", "/ping"), ("POST", "/resume"), ("GET", "/dead-letters")):  # fmt: skip
            refused = api.request(verb, place + path, headers=town.bearer("乙"))
            assert (refused.status_code, refused.json()["code"]) == (404, "subscription-is-unknown")
        assert api.get(place, headers=town.bearer("管")).status_code == 200
        assert api.get(place, headers=town.bearer("众")).status_code == 403
        assert api.get(place, headers={"Authorization": ""}).status_code == 401

    def test_can_be_paused_and_lose_nothing(
        self, town: Town, api: httpx.Client, receiver: Receiver
    ) -> None:
        made = subscribe(api, receiver.url)
        paused = api.post(f"/subscriptions/{made['id']}/pause").json()
        last = town.change(3)
        time.sleep(0.3)
        assert receiver.came == []

        api.post(f"/subscriptions/{made['id']}/resume")
        receiver.wait_for(last - 2, last - 1, last)

        assert (paused["state"], paused["paused_why"]) == ("paused", "paused by 甲")

    def test_end_when_they_are_deleted(
        self, town: Town, api: httpx.Client, receiver: Receiver
    ) -> None:
        made = subscribe(api, receiver.url)
        head = town.change()
        receiver.wait_for(head)
        receiver.wait(lambda: read(api, made)["delivered_to"] == head)

        assert api.delete(f"/subscriptions/{made['id']}").status_code == 204
        town.change()
        time.sleep(0.5)

        assert receiver.changes == [head]
        assert api.get(f"/subscriptions/{made['id']}").status_code == 404

    def test_can_be_tried_without_a_change(self, api: httpx.Client, receiver: Receiver) -> None:
        made = subscribe(api, receiver.url)
        place = f"/subscriptions/{made['id']}/ping"

        well = api.post(place).json()
        receiver.answer = always(500)
        badly = api.post(place).json()

        assert well == {"delivered": True, "status": 204, "error": None}
        assert badly == {"delivered": False, "status": 500, "error": "HTTP 500"}
        assert is_signed(receiver.came[0], made["secret"])
        assert receiver.came[0].event["type"] == "place-registry.ping.v1"

    def test_remember_the_latest_deliveries_only(
        self, town: Town, api: httpx.Client, receiver: Receiver
    ) -> None:
        made = subscribe(api, receiver.url)
        last = town.change(KEPT_DELIVERED + 5)
        receiver.wait(lambda: read(api, made)["delivered_to"] == last, seconds=60)

        kept = read(api, made, "/deliveries?limit=1000")["deliveries"]

        assert len(kept) == KEPT_DELIVERED
        assert kept[0]["change"] == last

    @pytest.mark.parametrize(
        ("asked", "status", "code"),
        [
            ({"url": "http://10.0.0.1/hook"}, 422, "target-is-forbidden"),
            ({"url": "http://[::1]/hook"}, 422, "target-is-forbidden"),
            ({"url": "http://169.254.169.254/latest/meta-data"}, 422, "target-is-forbidden"),
            ({"url": "ftp://127.0.0.1/"}, 422, "target-is-forbidden"),
            ({"url": "http://127.0.0.1/", "after": 999}, 404, "change-is-unknown"),
            ({"url": "http://127.0.0.1/", "after": -1}, 422, "request-is-invalid"),
            ({"url": "http://127.0.0.1/", "within": "9"}, 404, "division-is-unknown"),
            ({"url": "http://127.0.0.1/", "collections": ["x"]}, 422, "request-is-invalid"),
            ({"url": "http://127.0.0.1/", "kinds": ["x"]}, 422, "request-is-invalid"),
            ({"url": "http://127.0.0.1/", "payload": "fat"}, 422, "request-is-invalid"),
            ({"url": "http://127.0.0.1/", "secret": "x"}, 422, "request-is-invalid"),
            ({}, 422, "request-is-invalid"),
        ],
    )
    def test_that_cannot_be_are_refused_with_the_reason(
        self, api: httpx.Client, asked: dict[str, Any], status: int, code: str
    ) -> None:
        refused = api.post("/subscriptions", json=asked)

        assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert api.get("/subscriptions").json() == {"subscriptions": []}

    def test_send_again_only_what_had_its_turn(
        self, town: Town, api: httpx.Client, receiver: Receiver
    ) -> None:
        made = subscribe(api, receiver.url)
        api.post(f"/subscriptions/{made['id']}/pause")
        head = town.change()
        place = f"/subscriptions/{made['id']}/redeliver"

        early = api.post(place, json={"change": head})
        never = api.post(place, json={"change": head + 1})

        assert (early.status_code, early.json()["code"]) == (409, "change-is-not-yet-delivered")
        assert (never.status_code, never.json()["code"]) == (404, "change-is-unknown")
        assert receiver.came == []

    def test_are_not_signed_with_a_new_key_when_theirs_is_lost(
        self, town: Town, api: httpx.Client, receiver: Receiver
    ) -> None:
        subscribe(api, receiver.url)
        key = town.home / "keys" / "webhooks.key"
        kept = key.read_bytes()
        key.unlink()

        refused = api.post("/subscriptions", json={"url": receiver.url})
        head = town.change()
        time.sleep(0.3)
        key.write_bytes(kept)

        receiver.wait_for(head)
        assert (refused.status_code, refused.json()["code"]) == (503, "webhook-key-is-missing")
