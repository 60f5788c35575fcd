"""`place-registry serve`: everything script/server promises, in one process to stop."""

import contextlib
import fcntl
import signal
import socket
import sys
import time
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

import click
import uvicorn
from sqlalchemy import Engine

from api.bulletin import Bulletin
from api.cli.session import private_cluster
from api.cluster import ClusterIsUnavailable
from api.log_keys import prepare_log
from api.settings import Settings, read_settings
from api.worker import Worker
from registry.database import make_engine
from registry.migrations import migrate

LEAVE_S = 3
"""How long a stop waits for answers that are under way."""


SWITCH_S = 0.0005
"""How long one thread may keep the interpreter while others wait, seconds. A plan is worked out in a
thread; at Python's 5 ms every step of every answer beside it would wait that long."""


class _Server(uvicorn.Server):
    """A server that lets the readers of streams go when it is told to stop."""

    def __init__(self, config: uvicorn.Config, bulletin: Bulletin) -> None:
        super().__init__(config)
        self._bulletin = bulletin

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The signal to stop has come."""
        self._bulletin.end_soon()
        super().handle_exit(sig, frame)


@click.command()
def serve() -> None:
    """Start the database, load the demo city, serve; Ctrl-C stops all of it."""
    began = time.monotonic()
    settings = read_settings()
    signal.signal(signal.SIGTERM, _interrupt)
    with _home(settings), _port(settings) as listening, _database(settings) as url:
        _step("schema")
        migrate(url)
        if settings.demo:
            from api.cli.demo import load_demo_city

            load_demo_city(
                url,
                addresses=settings.demo_addresses,
                files=settings.home / "files",
                outlines=settings.outlines,
            )
        engine = make_engine(url)
        prepare_log(engine, settings.home, settings.log_origin)
        keys = _keys(settings, engine)
        engine.dispose()
        from api.app import create_app

        app = create_app(settings, url)
        sys.setswitchinterval(SWITCH_S)
        _welcome(settings, keys, time.monotonic() - began)
        server = _Server(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                lifespan="on",
                timeout_graceful_shutdown=LEAVE_S,
            ),
            app.state.bulletin,
        )
        worker = Worker(url)
        worker.start()
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listening])
        worker.stop()
    click.echo("stopped", err=True)


@contextlib.contextmanager
def _home(settings: Settings) -> Iterator[None]:
    """One server to a home: the first to end would stop the other's database."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "serve.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ClusterIsUnavailable(
                f"a server already runs from {settings.home}: stop it, or set REGISTRY_HOME"
            ) from error
        yield


@contextlib.contextmanager
def _port(settings: Settings) -> Iterator[socket.socket]:
    """The port, taken before any work is done, listened on only when all is ready."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind((settings.host, settings.port))
        except OSError as error:
            raise ClusterIsUnavailable(
                f"cannot listen on {settings.host}:{settings.port} ({error.strerror}): "
                "stop what uses it, or set PORT"
            ) from error
        yield taken


@contextlib.contextmanager
def _database(settings: Settings) -> Iterator[str]:
    cluster = private_cluster(settings)
    if cluster is None:
        assert settings.database_url is not None
        yield settings.database_url
        return
    _step("PostGIS")
    try:
        cluster.start()
        yield cluster.url()
    finally:
        # An impatient second Ctrl-C must not leave PostgreSQL behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        cluster.stop()


def _keys(settings: Settings, engine: Engine) -> dict[str, str]:
    from api.security import ensure_demo_keys

    return ensure_demo_keys(engine, settings.home) if settings.demo else {}


def _welcome(settings: Settings, keys: dict[str, str], seconds: float) -> None:
    url = f"http://{settings.host}:{settings.port}"
    lines = ["", f"Place Registry 地名地址登记库: {url}/   (ready in {seconds:.1f} s)"]
    if keys:
        lines += [
            "",
            "Keys of the demo, one per role:",
            *(f"  {r:<14} {k}" for r, k in keys.items()),
        ]
        lines += [
            "",
            "Five things to try:",
            f"  1. open {url}/ and search 翔安区马巷镇琼头社区琼头中里9号",
            f"  2. curl -G {url}/v1/geocode --data-urlencode q=翔安区新店镇彭厝村彭厝北里12号 -d at=2020-12-31",
            f"  3. curl '{url}/v1/codes/350213102'",
            f"  4. curl '{url}/v1/crosswalk?from=2020-06-30&to=2022-10-31&format=csv'",
            f"  5. curl '{url}/v1/changes?after=0&limit=3'",
        ]
    click.echo("\n".join([*lines, "", "Ctrl-C stops everything."]))
    sys.stdout.flush()


def _step(name: str) -> None:
    click.echo(f"… {name}", err=True)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
