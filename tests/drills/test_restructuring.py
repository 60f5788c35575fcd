"""An act on very many doors while the registry is in use."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import Engine, select

from api.security import create_key
from registry.addresses.tables import address_version
from tests.drills.crowd import CONVERSION, build, merging
from tests.drills.killing import approved, whole
from tests.drills.processes import ROOT, free_port, server, wait_until_ready

READS_PER_S, EDITS_PER_S = 180.0, 20.0


@dataclass(frozen=True)
class Answer:
    asked: float
    took: float
    status: int
    on: str
    text: str


@contextmanager
def crowd(
    url: str, database_url: str, codes: list[str], home: Path, pace: float
) -> Iterator[Callable[[], Any]]:
    """Readers and editors at work; called, it stops them and returns what they saw and did."""
    stop, listed = home / "stop", home / "codes"
    listed.write_text("\n".join(codes[:: max(1, len(codes) // 2000)]))
    started = [
        subprocess.Popen(
            [sys.executable, "-m", f"tests.drills.{module}", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for module, arguments in (
            ("load", [url, str(READS_PER_S * pace), str(listed), str(stop)]),
            ("editors", [database_url, str(EDITS_PER_S * pace), str(stop)]),
        )
    ]

    def ended() -> tuple[list[Answer], list[list[str]]]:
        stop.touch()
        read, edited = (one.communicate(timeout=120)[0] for one in started)
        answers = [
            Answer(float(a), float(b), int(c), d, e)
            for a, b, c, d, e in (line.split(" ", 4) for line in read.splitlines())
        ]
        return answers, [line.split() for line in edited.splitlines()]

    try:
        give_up_at = time.monotonic() + 60
        while len(list(home.glob("stop.*"))) < len(started):
            assert time.monotonic() < give_up_at and all(one.poll() is None for one in started)
            time.sleep(0.05)
        yield ended
    finally:
        for one in started:
            one.kill()
            one.wait()


def p99_s(answers: list[Answer]) -> float:
    return sorted(one.took for one in answers)[int(len(answers) * 0.99)]


def rehearse(
    engine: Engine,
    database_url: str,
    home: Path,
    paper: dict[str, Any],
    doors: int,
    calm_s: float,
    pace: float = 1.0,
) -> dict[str, float]:
    """Carry an act out over HTTP in the middle of the traffic; the figures."""
    codes = build(engine, doors)
    one = approved(engine, paper)
    with engine.connect() as connection:
        key = create_key(connection, holder="乙", role="approver")
        connection.commit()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    serving = server(database_url, home, port)
    serving.start()
    try:
        wait_until_ready(port)
        with crowd(url, database_url, codes, home, pace) as ended:
            time.sleep(calm_s)
            began = time.monotonic()
            done = httpx.post(
                f"{url}/v1/restructurings/{one}/commit",
                headers={"Authorization": f"Bearer {key}"},
                timeout=300,
            )
            over = time.monotonic()
            time.sleep(calm_s / 4)
            answers, edits = ended()
    finally:
        serving.kill()
    assert done.status_code == 201, done.text
    unread = [one for one in answers if one.status != 200]
    before = [one for one in answers if one.asked < began and one.asked > began - calm_s + 1]
    during = [one for one in answers if began <= one.asked <= over]
    refused = [edit for edit in edits if edit[0] == "0"]
    assert unread == []
    _no_edit_lost(engine, [edit for edit in edits if edit[0] != "0"])
    return {
        "commit s": over - began,
        "reads before": len(before),
        "reads during": len(during),
        "p99 before ms": 1000 * p99_s(before),
        "p99 during ms": 1000 * p99_s(during or before),
        "edits": len(edits),
        "edits refused": len(refused),
        "longest edit s": max(float(took) for *_rest, took in edits),
        "change": done.json()["change"],
    }


def _no_edit_lost(engine: Engine, edits: list[list[str]]) -> None:
    last = {
        UUID(door): int(number)
        for _change, door, number, _took in sorted(edits, key=lambda edit: int(edit[0]))
    }
    with engine.connect() as connection:
        rows = connection.execute(
            select(address_version.c.address_id, address_version.c.number).where(
                address_version.c.address_id.in_(last), address_version.c.recorded_to.is_(None)
            )
        ).all()
    held: dict[UUID, set[int]] = {}
    for door, number in rows:
        held.setdefault(door, set()).add(number)
    assert edits
    assert held == {door: {number} for door, number in last.items()}


PAPERS = {"conversion": CONVERSION, "merging": merging()}


class WhenVeryManyDoorsAreTouchedWhileTheRegistryIsInUse:
    @pytest.mark.parametrize("kind", list(PAPERS))
    def test_no_read_fails_and_no_edit_is_lost(
        self, engine: Engine, database_url: str, tmp_path: Path, kind: str
    ) -> None:
        figures = rehearse(
            engine, database_url, tmp_path, PAPERS[kind], doors=2000, calm_s=2, pace=0.2
        )

        assert figures["edits refused"] == 0
        whole(engine)

    @pytest.mark.drill
    @pytest.mark.parametrize("kind", list(PAPERS))
    def test_three_hundred_thousand_doors_in_a_minute(
        self,
        engine: Engine,
        database_url: str,
        tmp_path: Path,
        kind: str,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        figures = rehearse(engine, database_url, tmp_path, PAPERS[kind], 300_000, 20)

        with capsys.disabled():
            sys.stdout.write(f"{kind}: {figures}\n")
        whole(engine)
        assert figures["edits refused"] == 0
        assert figures["commit s"] <= 60
        assert figures["p99 during ms"] <= 2 * figures["p99 before ms"]
