"""Real PostGIS for every test: one private cluster a run, databases made from a migrated template."""

import contextlib
import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import hypothesis
import pytest
import uvicorn
from sqlalchemy import Connection, Engine, create_engine, text

from api.cluster import cluster_at
from api.settings import Settings, read_settings
from registry.database import make_engine
from registry.migrations import migrate

DEMO_ADDRESSES = 3000

# How long an example takes says something of the machine, not of the code.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


MEMORY = Path("/dev/shm")
ROOM_BYTES = 4 << 30
"""What the clusters of a whole run may need, the write-ahead log included."""


@pytest.fixture(scope="session")
def server_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of a server's maintenance database; a private cluster unless TEST_DATABASE_URL is set."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(
        prefix="registry-", dir=_folder(request.config), ignore_cleanup_errors=True
    ) as home:
        Path(home).chmod(0o755)
        cluster = cluster_at(Path(home))
        cluster.start()
        _do_not_wait_for_the_disk(cluster.url("postgres"))
        try:
            yield cluster.url("postgres")
        finally:
            cluster.stop()


def _folder(config: pytest.Config) -> Path | None:
    """In memory where there is room: a thousand databases are copied. What is measured lies on a disk."""
    drill = config.getoption("markexpr") != "not drill"
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES
    return MEMORY if roomy and not drill else None


def _do_not_wait_for_the_disk(url: str) -> None:
    """The run's cluster outlives no power cut; what survives one is tested on clusters of their own."""
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for setting, value in {
            "fsync": "off",
            "full_page_writes": "off",
            "max_wal_size": "512MB",
        }.items():
            connection.execute(text(f"ALTER SYSTEM SET {setting} = '{value}'"))
        connection.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()


@dataclass(frozen=True)
class Databases:
    """Makes and drops databases on the server."""

    server: str
    admin: Engine

    def url(self, name: str) -> str:
        return self.server.replace("/postgres?", f"/{name}?")

    def make(self, name: str, template: str | None = None) -> str:
        with self.admin.connect() as connection:
            source = f' TEMPLATE "{template}" STRATEGY file_copy' if template else ""
            connection.execute(text(f'CREATE DATABASE "{name}"{source}'))
        return self.url(name)

    def drop(self, name: str) -> None:
        with self.admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


@pytest.fixture(scope="session")
def databases(server_url: str) -> Iterator[Databases]:
    admin = create_engine(server_url, isolation_level="AUTOCOMMIT")
    yield Databases(server_url, admin)
    admin.dispose()


@pytest.fixture(scope="session")
def template(databases: Databases) -> str:
    """Name of a migrated, empty database that nobody is connected to."""
    name = "template_migrated"
    databases.drop(name)
    migrate(databases.make(name))
    return name


@pytest.fixture
def database_url(databases: Databases, template: str) -> Iterator[str]:
    """A database of one's own, migrated and empty."""
    name = f"test_{uuid4().hex[:12]}"
    yield databases.make(name, template)
    databases.drop(name)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = make_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as opened:
        yield opened


@pytest.fixture(scope="session")
def demo_template(databases: Databases) -> Iterator[str]:
    """Name of a demo city with few addresses, all acts enacted, that nobody is connected to."""
    from api.cli.demo import load_demo_city

    name = "template_demo"
    databases.drop(name)
    url = databases.make(name)
    migrate(url)
    settings = read_settings()
    load_demo_city(
        url,
        addresses=DEMO_ADDRESSES,
        files=settings.home / "files",
        outlines=settings.outlines,
        progress=lambda _message, _done, _total: None,
    )
    yield name
    databases.drop(name)


@pytest.fixture(scope="session")
def demo_url(databases: Databases, demo_template: str) -> Iterator[str]:
    """The demo city; tests only read it."""
    name = "demo_city"
    databases.drop(name)
    yield databases.make(name, demo_template)
    databases.drop(name)


@pytest.fixture
def city_url(databases: Databases, demo_template: str) -> Iterator[str]:
    """A demo city of one's own, to do works in."""
    name = f"city_{uuid4().hex[:12]}"
    yield databases.make(name, demo_template)
    databases.drop(name)


@pytest.fixture
def city(city_url: str) -> Iterator[Engine]:
    made = make_engine(city_url)
    yield made
    made.dispose()


@pytest.fixture(scope="session")
def demo(demo_url: str) -> Iterator[Engine]:
    made = make_engine(demo_url)
    yield made
    made.dispose()


@contextlib.contextmanager
def serving(url: str, home: Path, **environment: str) -> Iterator[str]:
    """A real server on a free loopback port over a database; more settings by name."""
    from api.app import create_app
    from api.log_keys import prepare_log

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        settings: Settings = read_settings(
            {
                "REGISTRY_HOME": str(home),
                "PORT": str(port),
                "DATABASE_URL": url,
                **environment,
            }
        )
        own = make_engine(url)
        prepare_log(own, home, None)
        own.dispose()
        app = create_app(settings, url)
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            app.state.bulletin.end_soon()
            server.should_exit = True
            thread.join(timeout=20)


@pytest.fixture(scope="session")
def base_url(demo_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service over the demo city."""
    with serving(demo_url, tmp_path_factory.mktemp("home")) as url:
        yield url


@pytest.fixture(scope="session")
def client(base_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=base_url, timeout=30) as made:
        yield made
