"""Webhooks on a real server and a real receiver: signed, in order, at least once, never too often."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, text

from tests.api.followed import Town, built, read, subscribe
from tests.api.receiver import Answer, Delivered, Receiver, always, is_signed, receiving

ROOT = Path(__file__).parents[2]


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


class WhenAChangeIsCommitted:
    def test_every_subscriber_gets_it_signed_with_its_own_secret(
        self, town: Town, api: httpx.Client, receiver: Receiver
    ) -> None:
        with receiving() as other:
            mine = subscribe(api, receiver.url)
            its = subscribe(api, other.url)
            head = town.change()
            receiver.wait_for(head)
            other.wait_for(head)

        assert is_signed(receiver.came[0], mine["secret"])
        assert is_signed(other.came[0], its["secret"])
        assert not is_signed(receiver.came[0], its["secret"])
        assert receiver.came[0].headers["webhook-id"] == f"{mine['id']}:{head}"

    def test_it_arrives_within_a_second(
        self, town: Town, api: httpx.Client, receiver: Receiver
    ) -> None:
        subscribe(api, receiver.url)
        began = time.monotonic()

        head = town.change()
        receiver.wait_for(head)

        assert time.monotonic() - began < 1.5

    def test_the_event_is_that_of_the_feed(
        self, town: Town, api: httpx.Client, receiver: Receiver
    ) -> None:
        subscribe(api, receiver.url)

        head = town.change()
        receiver.wait_for(head)

        (came,) = receiver.came
        assert came.headers["content-type"] == "application/cloudevents+json"
        (event,) = api.get("/changes", params={"after": head - 1}).json()
        assert came.event == event
        assert came.event["data"]["items"]

    def test_a_thin_event_says_where_to_read_the_rest(
        self, town: Town, api: httpx.Client, receiver: Receiver
    ) -> None:
        subscribe(api, receiver.url, payload="thin")

        head = town.change()
        receiver.wait_for(head)

        body = receiver.came[0].event["data"]
        assert "items" not in body
        assert body["number"] == head
        assert api.get(httpx.URL(body["href"]).raw_path.decode().removeprefix("/v1")).json()[
            "items"
        ]

    def test_a_subscriber_may_begin_with_the_first(
        self, town: Town, api: httpx.Client, receiver: Receiver
    ) -> None:
        head = town.change(4)

        made = subscribe(api, receiver.url, after=0)
        receiver.wait_for(*range(1, head + 1))

        receiver.wait(lambda: read(api, made)["delivered_to"] == head)
        assert [one.previous for one in receiver.came] == list(range(head))

    def test_what_does_not_concern_a_subscriber_is_passed_over_without_a_gap(
        self, town: Town, api: httpx.Client, receiver: Receiver
    ) -> None:
        made = subscribe(api, receiver.url, within="350213103")
        start = town.head

        town.change(2)
        seen = town.change(1, village="350213103201")
        last = town.change(2)
        receiver.wait(lambda: read(api, made)["delivered_to"] == last)

        assert receiver.changes == [seen]
        assert receiver.came[0].previous == start

    def test_only_the_collections_asked_for_are_delivered(
        self, town: Town, api: httpx.Client, receiver: Receiver
    ) -> None:
        made = subscribe(api, receiver.url, collections=["addresses"])

        town.change(2)
        carrier = town.builder.carrier("后里", "350213102202")
        town.builder.doors("350213102202", 1, carrier)
        receiver.wait(lambda: read(api, made)["delivered_to"] == town.head)

        assert receiver.changes == [town.head]


class WhenTheReceiverFails:
    def test_the_change_is_tried_again_and_none_overtakes_it(
        self, town: Town, api: httpx.Client, receiver: Receiver
    ) -> None:
        made = subscribe(api, receiver.url)
        start = town.head
        answers = iter([500, 503, 404])
        receiver.answer = lambda one: (
            (next(answers, 204) if one.change == start + 1 else 204),
            {},
        )

        town.change(3)
        receiver.wait_for(*[start + 1] * 4, start + 2, start + 3)

        assert len({one.headers["webhook-id"] for one in receiver.came[:4]}) == 1
        receiver.wait(lambda: read(api, made)["delivered_to"] == start + 3)
        latest = read(api, made, "/deliveries")["deliveries"]
        assert [(one["change"], one["attempts"], one["state"]) for one in latest] == [
            (start + 3, 1, "delivered"),
            (start + 2, 1, "delivered"),
            (start + 1, 4, "delivered"),
        ]

    def test_while_it_is_being_tried_the_last_answer_can_be_read(
        self, town: Town, receiver: Receiver
    ) -> None:
        with town.served(WEBHOOK_RETRY_MS="3600000") as api:
            made = subscribe(api, receiver.url)
            receiver.answer = always(500)
            head = town.change()
            receiver.wait(lambda: read(api, made)["next_attempt_at"] is not None)

            (pending,) = read(api, made, "/deliveries")["deliveries"]

        assert (pending["change"], pending["state"]) == (head, "retrying")
        assert (pending["last_status"], pending["last_error"]) == (500, "HTTP 500")

    def test_it_is_left_alone_as_long_as_it_asks(
        self, town: Town, api: httpx.Client, receiver: Receiver
    ) -> None:
        subscribe(api, receiver.url)
        times: list[float] = []

        def answer(_one: Delivered) -> Answer:
            times.append(time.monotonic())
            return (204, {}) if len(times) > 1 else (429, {"Retry-After": "2"})

        receiver.answer = answer
        head = town.change()
        receiver.wait_for(head, head)

        assert times[1] - times[0] >= 1.9

    def test_others_do_not_wait_for_it(
        self, town: Town, api: httpx.Client, receiver: Receiver
    ) -> None:
        release = threading.Event()

        def hang(_one: Delivered) -> Answer:
            release.wait(8)
            return 204, {}

        with receiving() as slow:
            slow.answer = hang
            subscribe(api, slow.url)
            subscribe(api, receiver.url)
            head = town.change()
            receiver.wait_for(head)
            assert slow.came == []
            release.set()
            slow.wait_for(head)

    def test_ten_failures_make_a_dead_letter_and_the_next_change_has_its_turn(
        self, town: Town, api: httpx.Client, receiver: Receiver
    ) -> None:
        made = subscribe(api, receiver.url)
        start = town.head
        receiver.answer = lambda one: (500 if one.change == start + 1 else 204, {})

        town.change(2)
        receiver.wait_for(*[start + 1] * 10, start + 2)

        receiver.wait(lambda: read(api, made)["delivered_to"] == start + 2)
        (dead,) = read(api, made, "/dead-letters")["deliveries"]
        assert (dead["change"], dead["attempts"], dead["last_status"]) == (start + 1, 10, 500)
        # A receiver that took `start` sees that one is missing.
        assert receiver.came[-1].previous == start + 1
        assert read(api, made)["state"] == "active"

    def test_a_dead_letter_can_be_sent_again(
        self, town: Town, api: httpx.Client, receiver: Receiver
    ) -> None:
        made = subscribe(api, receiver.url)
        receiver.answer = always(500)
        head = town.change()
        receiver.wait(lambda: read(api, made)["delivered_to"] == head)
        place = f"/subscriptions/{made['id']}"

        still = api.post(f"{place}/redeliver", json={"change": head}).json()
        receiver.answer = always(200)
        done = api.post(f"{place}/redeliver", json={"change": head}).json()
        receiver.answer = always(500)
        later = api.post(f"{place}/redeliver", json={"change": head}).json()

        assert (still["delivered"], still["state"], still["status"]) == (False, "dead", 500)
        assert (done["delivered"], done["state"]) == (True, "delivered")
        assert (later["delivered"], later["state"]) == (False, "delivered")
        assert receiver.came[-1].headers["registry-redelivery"] == "1"
        assert is_signed(receiver.came[-1], made["secret"])
        assert read(api, made, "/dead-letters")["deliveries"] == []

    def test_five_dead_letters_in_a_row_pause_it_until_it_is_resumed(
        self, town: Town, receiver: Receiver
    ) -> None:
        with town.served(WEBHOOK_RETRY_MS="1") as api:
            made = subscribe(api, receiver.url)
            start = town.head
            receiver.answer = always(500)
            town.change(7)
            receiver.wait(lambda: read(api, made)["state"] == "paused", seconds=40)
            stopped = read(api, made)
            tried = len(receiver.came)

            receiver.answer = always(204)
            resumed = api.post(f"/subscriptions/{made['id']}/resume").json()
            receiver.wait(lambda: receiver.changes[tried:] == [start + 6, start + 7])

        assert stopped["delivered_to"] == start + 5
        assert "5 changes in a row" in stopped["paused_why"]
        assert tried == 50
        assert (resumed["state"], resumed["failures"]) == ("active", 0)

    def test_a_receiver_that_is_gone_is_not_asked_again(
        self, town: Town, api: httpx.Client, receiver: Receiver
    ) -> None:
        made = subscribe(api, receiver.url)
        receiver.answer = always(410)
        head = town.change()
        receiver.wait(lambda: read(api, made)["state"] == "paused")

        assert "410" in read(api, made)["paused_why"]
        assert receiver.changes == [head]
        receiver.answer = always(204)
        api.post(f"/subscriptions/{made['id']}/resume")
        receiver.wait_for(head, head)


class WhenTheServerIsRestarted:
    def test_delivery_goes_on_where_it_was(self, town: Town, receiver: Receiver) -> None:
        with town.served() as api:
            made = subscribe(api, receiver.url, after=0)
            receiver.wait(lambda: read(api, made)["delivered_to"] == town.head)
        first = town.head
        last = town.change(3)

        with town.served() as api:
            receiver.wait(lambda: read(api, made)["delivered_to"] == last)

        assert receiver.changes == list(range(1, last + 1))
        assert all(is_signed(one, made["secret"]) for one in receiver.came)
        assert first < last

    def test_it_stops_at_once_and_repeats_at_most_what_was_under_way(
        self, town: Town, receiver: Receiver
    ) -> None:
        release = threading.Event()

        def hang(_one: Delivered) -> Answer:
            release.wait(8)
            return 204, {}

        receiver.answer = hang
        with town.served() as api:
            made = subscribe(api, receiver.url)
            head = town.change(2)
            time.sleep(0.5)
            began = time.monotonic()
        stopped_s = time.monotonic() - began
        release.set()
        receiver.answer = always(204)
        with town.served() as api:
            receiver.wait(lambda: read(api, made)["delivered_to"] == head)

        assert stopped_s < 3
        assert receiver.changes == [head - 1, head - 1, head]

    def test_two_servers_deliver_everything_once(self, town: Town, receiver: Receiver) -> None:
        with town.served() as one, town.served():
            made = subscribe(one, receiver.url)
            start = town.head
            last = town.change(20)
            receiver.wait(lambda: read(one, made)["delivered_to"] == last)

        assert receiver.changes == list(range(start + 1, last + 1))

    def test_it_survives_that_the_database_throws_it_out(
        self, town: Town, api: httpx.Client, receiver: Receiver
    ) -> None:
        made = subscribe(api, receiver.url)
        head = town.change()
        receiver.wait(lambda: read(api, made)["delivered_to"] == head)

        with town.builder.engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        last = town.change()
        receiver.wait_for(head, last)


SERVER = """
import sys, time
from pathlib import Path
from tests.conftest import serving

with serving(sys.argv[1], Path(sys.argv[2]), WEBHOOK_ALLOW="127.0.0.0/8"):
    time.sleep(60)
"""
KILLED = 3


class WhenTheServerIsKilled:
    def test_at_worst_the_delivery_under_way_is_repeated(
        self, town: Town, receiver: Receiver
    ) -> None:
        def slowly(_one: Delivered) -> Answer:
            time.sleep(0.02)
            return 204, {}

        with town.served() as api:
            made = subscribe(api, receiver.url)
            start = town.head
        last = town.change(40)
        receiver.answer = slowly

        for turn in range(1, KILLED + 1):
            server = subprocess.Popen(
                [sys.executable, "-c", SERVER, town.url, str(town.home)], cwd=ROOT
            )
            try:
                receiver.wait(lambda wanted=turn * 10: len(receiver.came) >= wanted, seconds=40)  # type: ignore[misc]  # -- the default binds the loop's number
            finally:
                server.kill()
                server.wait()
        with town.served() as api:
            receiver.wait(lambda: read(api, made)["delivered_to"] == last)

        assert receiver.changes == sorted(receiver.changes)
        assert set(receiver.changes) == set(range(start + 1, last + 1))
        assert len(receiver.changes) <= last - start + KILLED
