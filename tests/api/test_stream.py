"""The feed as server-sent events: every change once, in order, the moment it is committed."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from tests.conftest import serving
from tests.random_works import RandomWorks


@dataclass
class Event:
    id: int
    event: str | None = None
    data: dict[str, Any] | None = None


@dataclass
class Listener:
    """A reader of the stream, as the standard describes one."""

    url: str
    query: str = ""
    last_event_id: str | None = None
    heard: list[Event] = field(default_factory=list)
    ready: threading.Event = field(default_factory=threading.Event)

    def listen(self, until: int) -> None:
        """Read until the change `until` was passed."""
        headers = {"Last-Event-ID": self.last_event_id} if self.last_event_id else {}
        path = f"{self.url}/v1/changes/stream{self.query}"
        with httpx.stream("GET", path, headers=headers, timeout=30) as answered:
            assert answered.headers["content-type"].startswith("text/event-stream")
            for event in self._events(answered.iter_lines()):
                self.heard.append(event)
                if event.id >= until:
                    return

    def _events(self, lines: Iterator[str]) -> Iterator[Event]:
        fields: dict[str, str] = {}
        for line in lines:
            self.ready.set()
            if line:
                name, _colon, value = line.partition(": ")
                fields[name] = value
            elif "id" in fields:
                data = json.loads(fields["data"]) if "data" in fields else None
                yield Event(int(fields["id"]), fields.get("event"), data)
                fields = {}
            else:
                fields = {}


@pytest.fixture
def served(city_url: str, tmp_path: Path) -> Iterator[str]:
    with serving(city_url, tmp_path) as url:
        yield url


def head_of(url: str) -> int:
    return int(httpx.get(f"{url}/readyz").json()["change"])


class TheStream:
    def test_tells_of_each_change_as_it_is_committed(self, served: str, city: Engine) -> None:
        head = head_of(served)
        listener = Listener(served)
        listening = threading.Thread(target=listener.listen, args=(head + 5,))
        listening.start()
        assert listener.ready.wait(10)
        time.sleep(0.3)

        RandomWorks(city, 1).do_many(5)

        listening.join(timeout=15)
        assert [event.id for event in listener.heard] == list(range(head + 1, head + 6))
        for event in listener.heard:
            assert event.event == "change"
            assert event.data is not None
            page = httpx.get(f"{served}/v1/changes?after={event.id - 1}&limit=1").json()
            assert page == [event.data]

    def test_goes_on_where_the_reader_was(self, served: str) -> None:
        head = head_of(served)
        by_header = Listener(served, last_event_id=str(head - 4))
        by_header.listen(head)
        by_parameter = Listener(served, query="?after=0")
        by_parameter.listen(head)

        assert [event.id for event in by_header.heard] == list(range(head - 3, head + 1))
        assert [event.id for event in by_parameter.heard] == list(range(1, head + 1))

    def test_of_a_scope_moves_the_id_on_and_is_silent(self, served: str) -> None:
        head = head_of(served)
        listener = Listener(served, query="?after=0&within=350212&collection=divisions")
        listener.listen(head)

        told = [event.id for event in listener.heard if event.data is not None]
        page = httpx.get(
            f"{served}/v1/changes?after=0&limit=500&within=350212&collection=divisions", timeout=60
        ).json()
        assert told == [int(event["id"]) for event in page]
        assert 0 < len(told) < head

    @pytest.mark.parametrize(
        ("query", "headers", "status"),
        [
            ("?after=99999", {}, 404),
            ("", {"Last-Event-ID": "99999"}, 404),
            ("", {"Last-Event-ID": "yesterday"}, 422),
            ("?kind=planet", {}, 422),
            ("?within=999999", {}, 404),
        ],
    )
    def test_refuses_what_it_cannot_tell(
        self, base_url: str, query: str, headers: dict[str, str], status: int
    ) -> None:
        answered = httpx.get(f"{base_url}/v1/changes/stream{query}", headers=headers)

        assert answered.status_code == status
        assert answered.headers["content-type"] == "application/problem+json"

    def test_ends_when_the_server_does(self, city_url: str, tmp_path: Path) -> None:
        with serving(city_url, tmp_path) as url:
            listener = Listener(url)
            listening = threading.Thread(target=listener.listen, args=(10**9,))
            listening.start()
            assert listener.ready.wait(10)
            began = time.monotonic()

        listening.join(timeout=5)
        assert not listening.is_alive()
        assert time.monotonic() - began < 5
