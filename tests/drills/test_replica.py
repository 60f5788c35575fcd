"""A copy that is killed at any moment, and whose source is, still ends equal."""

import random
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.log_keys import prepare_log
from registry.changes.store import ChangeStore
from tests.drills.processes import Program, free_port, server, wait_until_ready
from tests.random_works import RandomWorks
from tests.registry.changes.test_replay import contents

SEED = 20261123


def rehearse(
    city: Engine, source: Program, copies: list[Program], port: int, *, works: int, kills: int
) -> None:
    """Works go on at the source while one side after the other is killed and started again."""
    chance = random.Random(SEED)
    writer = RandomWorks(city, SEED)
    writing = threading.Thread(target=writer.do_many, args=(works,))
    source.start()
    wait_until_ready(port)
    for copy in copies:
        copy.start()
    writing.start()
    done = 0
    while done < kills or writing.is_alive():
        time.sleep(chance.uniform(0.1, 1.5))
        if done < kills:
            victim = chance.choice([source, *copies])
            victim.kill()
            victim.start()
            done += 1
        for copy in copies:
            if not copy.alive():
                raise AssertionError(copy.log.read_text()[-2000:])
    writing.join()


def end_equal(copies: list[Program], port: int, timeout_s: float) -> None:
    """Each copy catches up and compares every hash with its source."""
    wait_until_ready(port)
    for copy in copies:
        copy.kill()
        copy.arguments.append("--once")
        copy.start()
    for copy in copies:
        assert copy.finish(timeout_s) == 0, copy.log.read_text()[-2000:]
        assert "all hashes equal" in copy.log.read_text()


def rehearsal(
    city: Engine,
    city_url: str,
    copy_url: str,
    home: Path,
    *,
    works: int,
    kills: int,
) -> None:
    prepare_log(city, home, None)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    source = server(city_url, home, port)
    whole = Program(["follow", url, "--into", copy_url, "--every", "0.2"], {}, home / "whole.log")
    part = Program(
        ["follow", url, "--into", str(home / "part.gpkg"), "--within", "350213", "--every", "0.2"],
        {},
        home / "part.log",
    )
    try:
        rehearse(city, source, [whole, part], port, works=works, kills=kills)
        end_equal([whole, part], port, timeout_s=300)
    finally:
        for program in (source, whole, part):
            program.kill()


class WhenBothSidesAreKilledAgainAndAgain:
    def test_every_copy_ends_equal(
        self, city: Engine, city_url: str, database_url: str, engine: Engine, tmp_path: Path
    ) -> None:
        rehearsal(city, city_url, database_url, tmp_path, works=60, kills=4)

        assert contents(engine) == contents(city)

    @pytest.mark.drill
    def test_fifty_times_over_a_thousand_works(
        self, city: Engine, city_url: str, database_url: str, engine: Engine, tmp_path: Path
    ) -> None:
        rehearsal(city, city_url, database_url, tmp_path, works=1000, kills=50)

        assert contents(engine) == contents(city)
        with city.connect() as connection:
            assert ChangeStore(connection).head() > 1000
