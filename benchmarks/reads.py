"""One address over HTTP, against its SQL on one prepared connection and a bare hello."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psycopg

from benchmarks.load import one_of, requests_per_second
from benchmarks.measure import Measured, compared
from benchmarks.town import code_of
from registry.addresses.hot_reads import HOT_BY_CODE
from registry.hot import OPTIONS, Row, conninfo_of, run

NAME = "one address"
ON = date(2021, 1, 1)
PATIENCE_S = 60.0


def single_reads(url: str, *, doors: int, repeats: int, duration_s: float) -> list[Measured]:
    """Requests a second of each way, taken in turns so that a busy machine hits all alike."""
    codes = [code_of(place) for place in range(0, doors, max(1, doors // 5000))]
    at = f"?at={ON}"
    figures: dict[str, list[float]] = {}
    with serving(url, "service") as (service, _pid), serving(url, "bare") as (bare, _other):
        ways = {
            "HTTP, whole service": (service, [f"/v1/addresses/{code}{at}" for code in codes]),
            "HTTP, psycopg in threads": (bare, [f"/sync/{code}" for code in codes]),
            "HTTP, psycopg async": (bare, [f"/async/{code}" for code in codes]),
            "HTTP, bare hello": (bare, ["/hello"]),
        }
        for seed in range(repeats + 1):
            for what, (port, paths) in ways.items():
                rate = requests_per_second(port, one_of(paths, seed), duration_s)
                figures.setdefault(what, []).append(rate)
            figures.setdefault("same SQL, one prepared connection", []).append(
                _sql_per_second(url, codes, duration_s)
            )
    # The first round warms caches, plans and connections up.
    found = {what: Measured(NAME, what, "1/s", tuple(rates[1:])) for what, rates in figures.items()}
    prepared, hello = found["same SQL, one prepared connection"], found["HTTP, bare hello"]
    whole = found["HTTP, whole service"]
    return [
        compared(whole, prepared),
        compared(whole, hello),
        compared(found["HTTP, psycopg in threads"], hello),
        compared(found["HTTP, psycopg async"], hello),
        prepared,
        hello,
    ]


def _sql_per_second(url: str, codes: list[str], duration_s: float) -> float:
    connection: psycopg.Connection[Row] = psycopg.connect(
        conninfo_of(url), autocommit=True, options=OPTIONS
    )
    with connection:
        code = one_of(codes, 0)
        began, count = time.perf_counter(), 0
        while time.perf_counter() < began + duration_s:
            run(connection, HOT_BY_CODE, keys=[code()], on=ON, known=None)
            count += 1
        return count / (time.perf_counter() - began)


@contextmanager
def serving(url: str, which: str, home: Path | None = None) -> Iterator[tuple[int, int]]:
    """A served application over a database: its port, and its number as the system knows it.

    Args:
        home: its REGISTRY_HOME, when it is to be another than ours.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.serve", url, str(port), which]
    own = {} if home is None else {"REGISTRY_HOME": str(home)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, env={**os.environ, **own}) as server:
        try:
            _wait_for(port)
            yield port, server.pid
        finally:
            assert server.stdin is not None
            server.stdin.close()
            server.wait(timeout=PATIENCE_S)


def _wait_for(port: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
