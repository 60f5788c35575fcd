"""The private cluster on the real PostgreSQL: made, killed at bad moments, brought up again."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from api.cluster import Cluster, ClusterIsUnavailable, cluster_at

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="reg-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        yield Path(made) / "home"


@pytest.fixture
def cluster(home: Path) -> Iterator[Cluster]:
    made = cluster_at(home)
    yield made
    made.stop()


def ask(cluster: Cluster, question: str) -> object:
    """The single value a query on the registry's database gives."""
    with psycopg.connect(cluster.url().replace("+psycopg", ""), autocommit=True) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return row[0]


def postmaster(cluster: Cluster) -> int:
    return int((cluster.files / "postmaster.pid").read_text().splitlines()[0])


def command_line(home: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """`place-registry` on a home, in a process of its own."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DATABASE")}
    return subprocess.Popen(
        [sys.executable, "-m", "api.cli.main", *arguments],
        cwd=ROOT,
        env={**environment, "REGISTRY_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


class TheCluster:
    def test_starts_once_and_stops(self, cluster: Cluster) -> None:
        assert not cluster.running()
        assert cluster.start()
        assert cluster.running()
        assert not cluster.start()
        cluster.stop()
        assert not cluster.running()

    def test_is_fit_for_a_register(self, cluster: Cluster) -> None:
        cluster.start()

        assert ask(cluster, "SELECT cardinality(show_trgm('厦门路'))") == 4
        assert ask(cluster, "SELECT '厦' ~ '[[:alpha:]]'") is True
        for setting, value in {
            "fsync": "on",
            "full_page_writes": "on",
            "synchronous_commit": "on",
            "data_checksums": "on",
            "listen_addresses": "",
            "server_encoding": "UTF8",
        }.items():
            assert ask(cluster, f"SHOW {setting}") == value, setting

    def test_keeps_its_socket_to_itself(self, cluster: Cluster) -> None:
        cluster.start()

        assert cluster.socket.stat().st_mode & 0o077 == 0
        assert cluster.files.stat().st_mode & 0o077 == 0

    def test_is_started_once_by_many(self, home: Path, cluster: Cluster) -> None:
        started: list[bool] = []
        threads = [
            threading.Thread(target=lambda: started.append(cluster_at(home).start()))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(started) == [False, False, False, True]

    def test_opens_a_port_only_when_asked(self, home: Path, cluster: Cluster) -> None:
        cluster.start()
        ported = cluster_at(home, port=54_329)

        assert ported.start(), "a running cluster without the port is started again with it"
        assert ask(ported, "SHOW listen_addresses") == "127.0.0.1"
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect("host=127.0.0.1 port=54329 user=registry dbname=registry")
        ported.stop()

    def test_takes_a_home_whose_path_is_too_long_for_a_socket(self, home: Path) -> None:
        cluster = cluster_at(home / ("x" * 100))
        try:
            cluster.start()
            assert ask(cluster, "SELECT 1") == 1
        finally:
            cluster.stop()
            if cluster.socket.exists():
                cluster.socket.rmdir()


class WhenSomethingIsKilled:
    def test_a_killed_postmaster_is_replaced_and_what_was_committed_stays(
        self, cluster: Cluster
    ) -> None:
        cluster.start()
        with psycopg.connect(cluster.url().replace("+psycopg", "")) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        os.kill(postmaster(cluster), signal.SIGKILL)

        cluster.start()

        assert ask(cluster, "SELECT number FROM kept") == 7

    def test_a_number_taken_over_by_a_stranger_does_not_stop_us(self, cluster: Cluster) -> None:
        cluster.start()
        pid_file = cluster.files / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        cluster.stop()
        pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")

        assert not cluster.running()
        assert cluster.start()

    @pytest.mark.parametrize("after_s", [0.4, 0.7, 1.0, 1.5])
    def test_a_command_killed_while_it_makes_the_cluster(
        self, home: Path, cluster: Cluster, after_s: float
    ) -> None:
        command = command_line(home, "db", "start")
        time.sleep(after_s)
        command.kill()
        command.wait()

        cluster.start()

        assert ask(cluster, "SELECT 1") == 1
        assert not (cluster.place / "pg.new").exists()

    def test_a_cluster_left_running_is_adopted(self, home: Path, cluster: Cluster) -> None:
        command = command_line(home, "db", "start")
        assert command.wait(timeout=60) == 0
        before = postmaster(cluster)

        assert not cluster.start()

        assert postmaster(cluster) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the cluster to another account")
class WhenRootRunsIt:
    def test_postgres_runs_it(self, cluster: Cluster) -> None:
        cluster.start()

        assert Path(f"/proc/{postmaster(cluster)}").stat().st_uid != 0

    def test_a_home_only_root_can_reach_still_works(self, home: Path) -> None:
        home.mkdir()
        home.chmod(0o700)
        cluster = cluster_at(home)
        try:
            cluster.start()
            assert ask(cluster, "SELECT 1") == 1
            assert cluster_at(home).running()
        finally:
            cluster.stop()
            subprocess.run(["rm", "-r", str(cluster.place)], check=True)

    def test_a_directory_that_is_not_ours_is_refused(self, cluster: Cluster) -> None:
        cluster.start()
        cluster.stop()
        for left in cluster.socket.iterdir():
            left.unlink()
        cluster.socket.rmdir()
        cluster.socket.symlink_to("/var/tmp")

        with pytest.raises(ClusterIsUnavailable, match="somebody else"):
            cluster.start()

        cluster.socket.unlink()
