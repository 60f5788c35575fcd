"""`script/server` for real: killed while it loads, started again, stopped by Ctrl-C."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from sqlalchemy import create_engine, text

from api.cluster import cluster_at

ROOT = Path(__file__).parents[2]
ACTS_AND_LOADS = 43
"""Changes of a whole demo city: baseline, acts, territories, figures, places, one batch of
addresses, boundary lines."""


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="reg-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        yield Path(made)
        cluster_at(Path(made)).stop()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def start(home: Path, port: int, **settings: str) -> subprocess.Popen[str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE", "REGISTRY"))}
    mine = {"REGISTRY_HOME": str(home), "PORT": str(port), "REGISTRY_DEMO_ADDRESSES": "500"}
    outlines = os.environ.get("REGISTRY_OUTLINES")
    return subprocess.Popen(
        [sys.executable, "-m", "api.cli.main", "serve"],
        cwd=ROOT,
        env={
            **inherited,
            **({"REGISTRY_OUTLINES": outlines} if outlines else {}),
            **mine,
            **settings,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def ready(port: int, server: subprocess.Popen[str], seconds: float = 120) -> dict[str, object]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answered:
                found: dict[str, object] = json.load(answered)
                return found
        except URLError:
            time.sleep(0.2)
    raise AssertionError(f"not ready: {server.poll()}")


def said(server: subprocess.Popen[str]) -> str:
    output, _none = server.communicate(timeout=60)
    return output


class WhenTheServerIsKilledWhileItLoads:
    def test_the_next_start_goes_on_and_nothing_is_loaded_twice(self, home: Path) -> None:
        port = free_port()
        for seconds in (2.0, 5.0):
            killed = start(home, port)
            time.sleep(seconds)
            killed.kill()
            said(killed)

        server = start(home, port)
        found = ready(port, server)
        with urlopen(f"http://127.0.0.1:{port}/v1/changes?after=0&limit=100", timeout=30) as page:
            keys = [one["data"]["source_key"] for one in json.load(page)]
        os.kill(server.pid, signal.SIGINT)
        output = said(server)

        assert found["change"] == ACTS_AND_LOADS
        assert len(set(keys)) == len(keys) == ACTS_AND_LOADS
        assert server.returncode == 0
        for role in ("public", "reviewer", "approver", "administrator"):
            assert role in output
        assert "Five things to try" in output
        assert not cluster_at(home).running()


class WhenAnotherDatabaseIsNamed:
    def test_it_is_used_and_left_running(self, home: Path, database_url: str) -> None:
        port = free_port()
        server = start(home, port, DATABASE_URL=database_url, REGISTRY_DEMO="0")
        found = ready(port, server)
        os.kill(server.pid, signal.SIGTERM)
        said(server)

        assert found["change"] == 0
        assert not (home / "cluster").exists()
        engine = create_engine(database_url)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT 1")) == 1
        engine.dispose()
