"""The client in the guide for downstream systems does what the guide says."""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from api import events
from api.security import create_key
from tests.conftest import serving

PAGE = Path(__file__).parents[2] / "docs" / "downstream.md"
LONGEST = 60
START = 27
"""The demo city before its acts of 2021."""


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """The client, as the page prints it."""
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    code = found[1]
    assert len([line for line in code.splitlines() if line.strip()]) <= LONGEST
    file = tmp_path / "office.py"
    file.write_text(code, encoding="utf-8")
    return file


@pytest.fixture
def served(city_url: str, tmp_path: Path) -> Iterator[str]:
    with serving(city_url, tmp_path / "home") as url:
        yield url


def permits(url: str, file: Path) -> None:
    """Permits as they were issued in 2020: by village's township, some with an address."""
    with httpx.Client(base_url=url, timeout=30) as client:
        rows = _rows(client)
    with sqlite3.connect(file) as database:
        database.execute("UPDATE place SET change = ?", (START,))
        database.executemany("INSERT INTO permit VALUES (?, ?, ?, ?)", rows)
    database.close()


def _rows(client: httpx.Client) -> list[tuple[str, str, str | None, str | None]]:
    towns = {
        one["name"]: one["id"]
        for one in client.get("/v1/divisions?at=2020-12-31&level=4&limit=500").json()["divisions"]
    }
    doors = client.get("/v1/addresses?at=2020-12-31&within=350213102&limit=40").json()["addresses"]
    rows = [
        (f"门{n}", towns["马巷镇"], door["address"]["code"], door["address"]["text"])
        for n, door in enumerate(doors)
    ]
    return [*rows, ("无地址", towns["马巷镇"], None, None), ("内厝", towns["内厝镇"], None, None)]


def run(office: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, str(office), *arguments], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


class WhenASplitReachesAnOffice:
    def test_every_permit_ends_where_its_door_is(
        self, served: str, office: Path, city: Engine, tmp_path: Path
    ) -> None:
        file = tmp_path / "office.db"
        head = httpx.get(f"{served}/readyz").json()["change"]
        with city.begin() as connection:
            key = create_key(connection, holder="office", role="integrator")
        # The first run makes the file; begun at the head it has nothing to do.
        run(office, served, str(file))
        permits(served, file)

        run(office, served, str(file), key)
        run(office, served, str(file), key)

        database = sqlite3.connect(file)
        held = database.execute("SELECT id, division, address, text FROM permit").fetchall()
        to_decide = database.execute("SELECT permit, why FROM to_decide").fetchall()
        done = database.execute("SELECT change FROM place").fetchone()[0]
        database.close()
        assert done == head
        for permit, division, address, kept_text in held:
            if address is not None:
                now = httpx.get(f"{served}/v1/addresses/{address}").json()
                assert kept_text == now["address"]["text"], permit
                above = {one["id"] for one in now["divisions"]}
                assert division in above, permit
        assert [permit for permit, _why in to_decide] == ["无地址"]
        board = httpx.get(
            f"{served}/v1/consumers", headers={"Authorization": f"Bearer {key}"}
        ).json()
        assert "permit-office" in str(board) and str(head) in str(board)

    def test_a_change_too_large_to_hold_its_transforms_is_followed_too(
        self, served: str, office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(events, "TRANSFORMED_ROWS", 0)
        file = tmp_path / "office.db"
        run(office, served, str(file))
        permits(served, file)

        run(office, served, str(file))

        with sqlite3.connect(file) as database:
            to_decide = database.execute("SELECT permit FROM to_decide").fetchall()
        database.close()
        assert to_decide == [("无地址",)]
