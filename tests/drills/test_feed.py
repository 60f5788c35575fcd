"""Eight writers at once, readers all the while: no gap, no reordering, no change seen half."""

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from api.log_keys import prepare_log
from registry.log.audit import audit
from tests.drills.processes import ROOT, free_port, server, wait_until_ready

WRITERS = 8
POLL_S = 0.25
Seen = dict[int, float]


@dataclass
class Reader:
    """Somebody who follows the feed and remembers when each change came."""

    url: str
    after: int
    until: int
    seen: Seen = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def take(self, event: dict[str, Any], moment: float) -> None:
        number, body = int(event["id"]), event["data"]
        if number != self.after + 1:
            self.wrong.append(f"{number} after {self.after}")
        rows = sum(len(item["old"]) + len(item["new"]) for item in body["items"])
        if rows != body["row_count"] or rows == 0:
            self.wrong.append(f"{number} has {rows} of {body['row_count']} rows")
        self.seen[number] = moment
        self.after = number

    def poll(self) -> None:
        with httpx.Client(base_url=self.url, timeout=60) as client:
            while self.after < self.until:
                batch = client.get(f"/v1/changes?after={self.after}&limit=500").json()
                moment = time.monotonic()
                for event in batch:
                    self.take(event, moment)
                if not batch:
                    time.sleep(POLL_S)

    def listen(self) -> None:
        path = f"{self.url}/v1/changes/stream?after={self.after}"
        with httpx.stream("GET", path, timeout=120) as answered:
            for line in answered.iter_lines():
                if line.startswith("data: "):
                    self.take(json.loads(line[6:]), time.monotonic())
                if self.after >= self.until:
                    return


def p99(seen: Seen, committed: Seen) -> float:
    late = sorted(max(0.0, seen[number] - moment) for number, moment in committed.items())
    return late[int(len(late) * 0.99)]


def rehearse(city: Engine, city_url: str, home: Path, changes: int) -> dict[str, float]:
    prepare_log(city, home, None)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    source = server(city_url, home, port)
    source.start()
    try:
        wait_until_ready(port)
        head = int(httpx.get(f"{url}/readyz").json()["change"])
        readers = [Reader(url, head, head + changes) for _ in range(3)]
        following = [
            threading.Thread(target=readers[0].poll),
            threading.Thread(target=readers[1].poll),
            threading.Thread(target=readers[2].listen),
        ]
        for one in following:
            one.start()
        began = time.monotonic()
        wrote = subprocess.run(
            [sys.executable, "-m", "tests.drills.writers", city_url, str(WRITERS), str(changes)],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        took = time.monotonic() - began
        for one in following:
            one.join(timeout=120)
    finally:
        source.kill()
    pairs = (line.split() for line in wrote.stdout.splitlines())
    committed = {int(number): float(moment) for number, moment in pairs}
    assert [reader.wrong for reader in readers] == [[], [], []]
    numbers = set(range(head + 1, head + changes + 1))
    assert set(committed) == numbers
    assert [set(reader.seen) for reader in readers] == [numbers] * 3
    return {
        "changes/s": changes / took,
        "polling p99 s": max(p99(reader.seen, committed) for reader in readers[:2]),
        "stream p99 s": p99(readers[2].seen, committed),
    }


class WhenEightWriteAtOnce:
    def test_readers_see_every_change_once_whole_and_in_order(
        self, city: Engine, city_url: str, tmp_path: Path
    ) -> None:
        rehearse(city, city_url, tmp_path, 160)

    @pytest.mark.drill
    def test_twenty_thousand_times(
        self, city: Engine, city_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        figures = rehearse(city, city_url, tmp_path, 20_000)

        with capsys.disabled():
            sys.stdout.write(f"{figures}\n")
        with city.connect() as connection:
            assert audit(connection)[2] == []
        assert figures["polling p99 s"] <= 1.0
        assert figures["stream p99 s"] <= 0.2
