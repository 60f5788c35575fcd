"""Reading a plan ahead: what making its rehearsal costs, and what each read costs with it."""

import http.client
import urllib.parse
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from benchmarks.measure import Measured, compared, seconds
from benchmarks.reads import serving
from benchmarks.town import UPPER, code_of, village_code
from registry.changes.work import Work
from registry.database import make_engine
from registry.rehearsal.commands import make_rehearsal, publish
from registry.restructuring import commands
from registry.restructuring.commands import commit_paper, intent_of
from registry.restructuring.model import Restructuring
from registry.restructuring.paper import read_paper

NAME = "a plan read ahead"
TOWN = UPPER[-1][0]
ON = date(2030, 1, 1)
REQUESTS = 20
CONVERSION: dict[str, Any] = {
    "title": "撤镇设街(预演)",
    "effective_on": ON.isoformat(),
    "operations": [
        {
            "retype": {
                "division": TOWN,
                "kind": "subdistrict",
                "name": "预演街道",
                "code": "350213088",
            }
        }
    ],
}
MERGER: dict[str, Any] = {
    "title": "两村合并(预演)",
    "effective_on": ON.isoformat(),
    "operations": [
        {
            "merge": {
                "divisions": [village_code(0), village_code(1)],
                "into": {
                    "name": "合一村",
                    "kind": "village",
                    "code": f"{TOWN}399",
                    "parent": TOWN,
                },
            }
        }
    ],
}
"""A tenth of the town's doors move to another division: each is written anew."""
READS = {
    "one address": f"/v1/addresses/{code_of(7)}",
    "its history": f"/v1/addresses/{code_of(7)}/history",
    "a hundred addresses": f"/v1/addresses?within={UPPER[-2][0]}&limit=100",
    "divisions in the town": f"/v1/divisions?within={UPPER[-2][0]}&limit=1000",
    "a text": "/v1/geocode?q=" + urllib.parse.quote("翔安区测试8里1号"),
    "a place": "/v1/reverse?lon=118.2007&lat=24.6001&limit=5",
}


def rehearsal(url: str, *, doors: int, repeats: int) -> list[Measured]:
    """A conversion of the whole town, and a merger that moves a tenth of its doors."""
    engine = make_engine(url)
    found: list[Measured] = []
    for what, paper in (("a conversion", CONVERSION), ("a merger", MERGER)):
        name = f"{NAME}, {what} of {doors:,} doors"
        filed = _file(engine, paper)
        found += _making(engine, name, filed, repeats)
        found += _reading(url, name, filed, repeats)
    engine.dispose()
    return found


def _file(engine: Engine, paper: dict[str, Any]) -> Restructuring:
    with engine.connect() as connection:
        filed = commands.create(connection, paper, author="bench")
        publish(connection, filed.restructuring_id, who="bench")
        connection.commit()
    return filed


def _making(engine: Engine, name: str, filed: Restructuring, repeats: int) -> list[Measured]:
    paper = read_paper(filed.paper)
    snapshot = engine.execution_options(isolation_level="REPEATABLE READ")

    def commit() -> None:
        with engine.connect() as connection:
            commit_paper(Work(connection, intent_of(paper, author="bench")), paper)
            connection.rollback()

    def rehearse() -> None:
        with snapshot.connect() as connection:
            make_rehearsal(connection, filed)
            connection.rollback()

    times = [(seconds(commit), seconds(rehearse)) for _round in range(repeats)]
    limit = Measured(name, "the acts carried out, not kept", "s", tuple(one for one, _ in times))
    made = Measured(name, "its rehearsal made", "s", tuple(one for _, one in times))
    return [compared(made, limit), limit]


def _reading(url: str, name: str, filed: Restructuring, repeats: int) -> list[Measured]:
    found: list[Measured] = []
    with serving(url, "service") as (port, pid):
        for path in READS.values():
            _drain(port, path, 3)
        before = _resident_mb(pid)
        for what, path in READS.items():
            day = f"{path}{'&' if '?' in path else '?'}at={ON}"
            ahead = f"{day}&plan={filed.restructuring_id}"
            _drain(port, ahead, 3)
            rounds = [
                (_milliseconds(port, day), _milliseconds(port, ahead)) for _ in range(repeats)
            ]
            limit = Measured(name, f"{what}, no plan", "ms", tuple(one for one, _ in rounds))
            ours = Measured(name, f"{what}, with the plan", "ms", tuple(one for _, one in rounds))
            found += [compared(ours, limit), limit]
        after = _resident_mb(pid)
    limit = Measured(name, "memory before plans were read", "MB", (before,))
    return [*found, compared(Measured(name, "memory after", "MB", (after,)), limit), limit]


def _milliseconds(port: int, path: str) -> float:
    return seconds(_asked(port, path)) / REQUESTS * 1000


def _asked(port: int, path: str) -> Callable[[], None]:
    return lambda: _drain(port, path, REQUESTS)


def _drain(port: int, path: str, times: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    for _time in range(times):
        connection.request("GET", path)
        answered = connection.getresponse()
        body = answered.read()
        if answered.status != http.client.OK:
            raise RuntimeError(f"{path}: {answered.status} {body[:200]!r}")
    connection.close()


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(one for one in status.splitlines() if one.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
