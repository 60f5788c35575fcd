"""The private PostGIS cluster under REGISTRY_HOME: made, started, adopted after a crash, stopped.

PostgreSQL refuses to run as root, so root lends the cluster to an unprivileged account. Whatever
is killed at whatever moment, `start` brings the same cluster up again.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

ROLE = "registry"
DATABASE = "registry"
LENT_TO = ("postgres", "nobody")
"""Accounts that may run the cluster for root, in order."""
SOCKET_PATH_LIMIT = 100
"""Bytes; the system's limit is 107 for the whole path of the socket file."""
OUTSIDE = Path("/var/lib/place-registry")
"""Where root keeps the cluster when REGISTRY_HOME cannot be reached by the account."""


class ClusterIsUnavailable(Exception):
    """The private cluster cannot be had; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A private cluster; make one with `cluster_at`."""

    home: Path
    """REGISTRY_HOME."""
    place: Path
    """Holds `pg` (data), `run` (socket) and the log; inside `home` wherever that is possible."""
    socket: Path
    bin: Path
    account: str | None
    """Who runs it when we are root; None: ourselves."""
    port: int | None = None
    """TCP port on loopback, when one was asked for."""

    @property
    def files(self) -> Path:
        """PostgreSQL's data directory."""
        return self.place / "pg"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.place / "postgresql.log"

    def url(self, database: str = DATABASE) -> str:
        """How SQLAlchemy reaches a database of this cluster."""
        return f"postgresql+psycopg://{ROLE}@/{database}?host={self.socket}&port={self._port}"

    @property
    def _port(self) -> int:
        return self.port or 5432

    def start(self) -> bool:
        """Make the cluster if there is none, and start it if it is down.

        Returns:
            Whether it had to be started; False when it was running already.

        Raises:
            ClusterIsUnavailable: with the last lines of its log.
        """
        with self._alone():
            self._make()
            if self.running():
                return False
            self._forget_stale_owner()
            self._configure()
            self._ctl("start", "-w", "-t", "120", "-l", str(self.log))
            self._ensure_database()
            return True

    def stop(self) -> None:
        """Stop it, if it runs; open transactions are rolled back."""
        with self._alone():
            if self.running():
                self._ctl("stop", "-w", "-m", "fast", "-t", "60")

    def running(self) -> bool:
        """Whether the postmaster of this data directory is alive."""
        if not (self.files / "postmaster.pid").exists():
            return False
        return self._run([str(self.bin / "pg_ctl"), "-D", str(self.files), "status"]).returncode == 0

    def _make(self) -> None:
        if (self.files / "PG_VERSION").exists():
            return
        # A kill in the middle leaves only `pg.new`, which the next start throws away.
        fresh = self.place / "pg.new"
        if fresh.exists():
            shutil.rmtree(fresh)
        made = self._run(
            [str(self.bin / "initdb"), "-D", str(fresh), "-U", ROLE, "-A", "trust", "-E", "UTF8",
             "--locale=C.UTF-8", "--data-checksums", "--no-instructions"]
        )  # fmt: skip
        if made.returncode != 0:
            raise ClusterIsUnavailable(f"initdb failed: {_last_line(made.stderr)}")
        with (fresh / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("\ninclude = 'registry.conf'\n")
        fresh.rename(self.files)

    def _configure(self) -> None:
        self.socket.mkdir(parents=True, exist_ok=True)
        self._lend(self.socket)
        self.socket.chmod(0o700)
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        settings = {
            "listen_addresses": "127.0.0.1" if self.port else "",
            "port": self._port,
            "unix_socket_directories": str(self.socket),
            "fsync": "on",
            "full_page_writes": "on",
            "shared_buffers": f"{max(64, min(4096, memory // 8))}MB",
            "effective_cache_size": f"{max(128, memory // 2)}MB",
            "maintenance_work_mem": f"{max(32, min(512, memory // 32))}MB",
            "work_mem": "32MB",
            "max_wal_size": "4GB",
            "wal_compression": "on",
            "random_page_cost": "1.1",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "max_connections": "100",
        }
        text = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
        target = self.files / "registry.conf"
        target.write_text(text, encoding="utf-8")
        self._lend(target)

    def _ensure_database(self) -> None:
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            if not connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE}")
        with psycopg.connect(self._dsn(DATABASE), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            found = connection.execute("SELECT cardinality(show_trgm('厦门路'))").fetchone()
        if not found or not found[0]:
            raise ClusterIsUnavailable(
                "this system's C.UTF-8 locale does not know Chinese characters; "
                "install the package libc-bin of Debian 12 or set DATABASE_URL"
            )

    def _dsn(self, database: str) -> str:
        return f"host={self.socket} port={self._port} user={ROLE} dbname={database}"

    def _forget_stale_owner(self) -> None:
        # After a crash the recorded process number may belong to somebody else by now, and
        # PostgreSQL would wait for that process for ever.
        pid_file = self.files / "postmaster.pid"
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int(pid_file.read_text().splitlines()[0])
            command = Path(f"/proc/{pid}/cmdline")
            if not command.exists() or b"postgres" not in command.read_bytes():
                pid_file.unlink()

    def _ctl(self, *arguments: str) -> None:
        done = self._run([str(self.bin / "pg_ctl"), "-D", str(self.files), *arguments])
        if done.returncode != 0:
            tail = _last_line(self.log.read_text("utf-8", "replace") if self.log.exists() else "")
            raise ClusterIsUnavailable(f"PostgreSQL did not {arguments[0]}: {tail or _last_line(done.stderr)}")

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        # The started postmaster keeps our pipes if it gets them: output goes to a file instead.
        lent = {} if self.account is None else _identity(self.account)
        with open(os.devnull, "rb") as nothing, (self.place / "last-command.log").open("w+") as out:
            done = subprocess.run(
                command, stdin=nothing, stdout=out, stderr=out, cwd="/", check=False, **lent
            )
            out.seek(0)
            return subprocess.CompletedProcess(command, done.returncode, "", out.read())

    def _lend(self, path: Path) -> None:
        if self.account is not None:
            shutil.chown(path, self.account)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        self.place.mkdir(parents=True, exist_ok=True)
        self._lend(self.place)
        with (self.home / "cluster.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def cluster_at(home: Path, *, port: int | None = None) -> Cluster:
    """The private cluster of a REGISTRY_HOME; nothing is started.

    Raises:
        ClusterIsUnavailable: PostgreSQL is not installed, or no account can run it for root.
    """
    home = home.absolute()
    home.mkdir(parents=True, exist_ok=True)
    account = _account() if os.geteuid() == 0 else None
    place = home / "cluster"
    digest = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    if account is not None and not _reachable(home, account):
        place = OUTSIDE / digest
    socket = place / "run"
    if len(str(socket / ".s.PGSQL.5432").encode()) > SOCKET_PATH_LIMIT:
        socket = Path("/tmp") / f"place-registry-{digest}"  # noqa: S108 -- owned 0700, see _configure
    return Cluster(home, place, socket, _binaries(), account, port)


def _binaries() -> Path:
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]), reverse=True
    )
    found = next((path for path in versions if int(path.parts[-3]) >= 15), None)
    on_path = shutil.which("initdb")
    if found is None and on_path is None:
        raise ClusterIsUnavailable(
            "PostgreSQL 15 is not installed: run script/server, or apt-get install "
            "postgresql-15-postgis-3, or set DATABASE_URL"
        )
    return (found or Path(str(on_path))).parent


def _account() -> str:
    for name in LENT_TO:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise ClusterIsUnavailable("PostgreSQL refuses root and there is no account postgres: add one")


def _identity(account: str) -> dict[str, int | list[int]]:
    entry = pwd.getpwnam(account)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _reachable(directory: Path, account: str) -> bool:
    done = subprocess.run(
        ["test", "-x", str(directory)],  # noqa: S607 -- a coreutils program
        cwd="/",
        check=False,
        **_identity(account),  # type: ignore[arg-type]
    )
    return done.returncode == 0


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no message"
