"""An act on very many doors while the registry is in use, and killed at any moment of it."""

import multiprocessing
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import Engine, select, text

from api.clock import SHANGHAI
from api.security import create_key
from api.worker import Worker
from registry.addresses.tables import address_version
from registry.changes.store import ChangeStore
from registry.database import make_engine
from registry.log.audit import audit
from registry.quality.run import run
from registry.restructuring import commands
from registry.restructuring.model import State
from registry.restructuring.store import RestructuringStore
from tests.conftest import Databases
from tests.drills.crowd import CONVERSION, build, merging
from tests.drills.processes import ROOT, free_port, server, wait_until_ready

READS_PER_S, EDITS_PER_S = 180.0, 20.0
MIDNIGHT = datetime(2027, 1, 6, tzinfo=SHANGHAI)


def approved(engine: Engine, paper: dict[str, Any]) -> UUID:
    with engine.connect() as connection:
        one = commands.create(connection, paper, author="甲").restructuring_id
        commands.submit(connection, one, who="甲")
        commands.approve(connection, one, who="乙")
        connection.commit()
    return one


def whole(engine: Engine) -> None:
    """The log verifies, and every invariant holds."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        assert audit(connection)[2] == []
        assert [(one.invariant, one.breaches) for one in run(connection) if one.count] == []


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


def carry_out(database_url: str) -> None:
    """What a worker does at midnight, in a process of its own."""
    engine = make_engine(database_url, pool_size=1)
    Worker(database_url, lambda: MIDNIGHT).carry_out_due(engine)
    os._exit(0)


def kill_at_random_moments(
    databases: Databases, name: str, paper: dict[str, Any], *, times: int
) -> dict[str, int]:
    """SIGKILL a worker at a random moment of its work, many times; how often the act was there."""
    copy = f"{name}_killed"
    source = make_engine(databases.url(name))
    one = approved(source, paper)
    with source.connect() as connection:
        commands.schedule(connection, one, who="乙")
        connection.commit()
        head = ChangeStore(connection).head()
    source.dispose()
    chance = random.Random(20270106)
    forked = multiprocessing.get_context("fork")
    outcomes = {"whole": 0, "nothing": 0}
    longest_s: float | None = None
    fresh = True
    for _time in range(times + 1):
        if fresh:
            databases.drop(copy)
            url = databases.make(copy, name)
        worker = forked.Process(target=carry_out, args=(url,))
        began = time.monotonic()
        worker.start()
        worker.join(timeout=None if longest_s is None else chance.uniform(0, longest_s * 1.05))
        worker.kill()
        worker.join()
        longest_s = longest_s or time.monotonic() - began
        fresh = _looked_at(url, one, head)
        outcomes["whole" if fresh else "nothing"] += 1
    engine = make_engine(url)
    Worker(url, lambda: MIDNIGHT).carry_out_due(engine)
    whole(engine)
    engine.dispose()
    databases.drop(copy)
    return outcomes


def _looked_at(url: str, one: UUID, head: int) -> bool:
    """Whether the act is there; it is whole, or there is nothing of it."""
    engine = make_engine(url, pool_size=1)
    with engine.connect() as connection:
        while connection.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        ):
            connection.rollback()  # the dead one's transaction is being undone
            time.sleep(0.01)
        filed = RestructuringStore(connection).get(one)
        now = ChangeStore(connection).head()
        rows = connection.scalar(
            text("SELECT count(*) FROM division_version WHERE recorded_from > :head"),
            {"head": head},
        )
    done = filed.state is State.COMMITTED
    assert (filed.state, now, bool(rows)) == (
        (State.COMMITTED, head + 1, True) if done else (State.SCHEDULED, head, False)
    )
    if done:
        whole(engine)
    engine.dispose()
    return done


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


class WhenAWorkerIsKilled:
    @pytest.mark.parametrize(
        ("doors", "times"),
        [(2000, 6), pytest.param(30_000, 100, marks=pytest.mark.drill)],
    )
    @pytest.mark.parametrize("kind", list(PAPERS))
    def test_the_act_is_wholly_there_or_not_at_all(
        self,
        databases: Databases,
        engine: Engine,
        kind: str,
        doors: int,
        times: int,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        build(engine, doors)
        name = str(engine.url.database)
        engine.dispose()

        outcomes = kill_at_random_moments(databases, name, PAPERS[kind], times=times)

        if doors > 2000:
            with capsys.disabled():
                sys.stdout.write(f"{kind}: {outcomes}\n")
        assert outcomes["whole"] + outcomes["nothing"] == times + 1
        assert outcomes["whole"] >= 1
