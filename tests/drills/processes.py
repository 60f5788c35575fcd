"""Real processes of the product, started and killed the hard way."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@dataclass
class Program:
    """`place-registry …` as a process of its own; `kill` is SIGKILL, to it and what it started."""

    arguments: list[str]
    environment: dict[str, str]
    log: Path
    running: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.running = subprocess.Popen(
                [sys.executable, "-m", "api.cli.main", *self.arguments],
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def kill(self) -> None:
        if self.running is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()

    def alive(self) -> bool:
        return self.running is not None and self.running.poll() is None

    def finish(self, timeout_s: float) -> int:
        assert self.running is not None
        return self.running.wait(timeout_s)


def server(database_url: str, home: Path, port: int) -> Program:
    """`serve` over a database that holds something already."""
    environment = {
        "DATABASE_URL": database_url,
        "REGISTRY_HOME": str(home),
        "PORT": str(port),
        "REGISTRY_DEMO": "0",
    }
    return Program(["serve"], environment, home / "server.log")


def wait_until_ready(port: int, timeout_s: float = 60) -> None:
    give_up_at = time.monotonic() + timeout_s
    while True:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"no server on port {port}")
        time.sleep(0.1)
