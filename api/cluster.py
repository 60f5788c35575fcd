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
import stat
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

ROLE = "registry"
DATABASE = "registry"
LENT_TO = ("postgres", "nobody")
"""Accounts that may run the cluster for root, in order."""
SOCKET_PATH_LIMIT = 100
"""Bytes; the system's limit is 107 for the whole path of the socket file."""
OUTSIDE = Path("/var/lib/place-registry")
"""Where root keeps the cluster when REGISTRY_HOME cannot be reached by the account."""


ORPHANS_END_S = 60.0
"""How long connections of a killed server may keep us from starting it again."""
RECOVERY_S = 300.0
"""How long a crashed server may take to replay its log."""


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
        with self._alone() as lock:
            self._make(lock)
            adopted = self.running() and self._listens_as_asked() and self._answers()
            if not adopted:
                self._restart()
            self._ensure_database()
            return not adopted

    def stop(self) -> None:
        """Stop it, if it runs; open transactions are rolled back."""
        with self._alone():
            if self.running():
                self._ctl("stop", "-w", "-m", "fast", "-t", "60")

    def running(self) -> bool:
        """Whether the postmaster of this data directory is alive."""
        # After a crash the recorded number may belong to somebody else by now.
        pid = _line(self.files / "postmaster.pid", 1)
        if not pid.isdigit():
            return False
        try:
            return os.fsencode(self.files) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False

    def _listens_as_asked(self) -> bool:
        own = self.files / "postmaster.pid"
        return _line(own, 4) == str(self._port) and _line(own, 5) == str(self.socket)

    def _restart(self) -> None:
        if self.running():
            self._ctl("stop", "-w", "-m", "fast", "-t", "60")
        self._configure()
        give_up_at = time.monotonic() + ORPHANS_END_S
        while True:
            self._forget_stranger()
            try:
                return self._ctl("start", "-w", "-t", "120", "-l", str(self.log))
            except ClusterIsUnavailable as error:
                # A killed server's connections live on until their statement ends.
                if "shared memory" not in str(error) or time.monotonic() > give_up_at:
                    raise
            time.sleep(0.5)

    def _forget_stranger(self) -> None:
        # PostgreSQL refuses while any process has the dead server's number: a stranger after a
        # reboot, or the dead server itself where nobody has buried it yet.
        # A number nobody has is left to PostgreSQL, which looks for orphans by it.
        if self.running():
            return
        own = self.files / "postmaster.pid"
        if Path("/proc", _line(own, 1) or "none").exists():
            own.unlink()
        for lock in self.socket.glob(".s.PGSQL.*"):  # the directory is ours alone
            lock.unlink()

    def _answers(self) -> bool:
        """Wait for a server that may be recovering; False when it dies meanwhile."""
        give_up_at = time.monotonic() + RECOVERY_S
        while self.running():
            try:
                psycopg.connect(self._dsn("postgres")).close()
                return True
            except psycopg.OperationalError as error:
                if time.monotonic() > give_up_at:
                    raise ClusterIsUnavailable(
                        f"PostgreSQL runs but does not answer: {_last_line(str(error))}"
                    ) from error
            time.sleep(0.1)
        return False

    def _make(self, lock: int) -> None:
        if (self.files / "PG_VERSION").exists():
            return
        # A kill in the middle leaves only `pg.new`, which the next start throws away. An initdb
        # that outlives us keeps the lock, so that nobody works beside it.
        fresh = self.place / "pg.new"
        if fresh.exists():
            shutil.rmtree(fresh)
        made = self._run(
            [str(self.bin / "initdb"), "-D", str(fresh), "-U", ROLE, "-E", "UTF8",
             "--auth-local=trust", "--auth-host=scram-sha-256",
             "--locale=C.UTF-8", "--data-checksums", "--no-instructions"],
            keep=(lock,),
        )  # fmt: skip
        if made.returncode != 0:
            raise ClusterIsUnavailable(f"initdb failed: {_last_line(made.stdout)}")
        with (fresh / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("\ninclude = 'registry.conf'\n")
        fresh.rename(self.files)

    def _configure(self) -> None:
        self.socket.mkdir(mode=0o700, exist_ok=True)
        # The directory may lie in /tmp: nobody else's, no link, whatever was there before us.
        found = self.socket.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in self._owners():
            raise ClusterIsUnavailable(f"{self.socket} belongs to somebody else: remove it")
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

    def _owners(self) -> set[int]:
        return {os.geteuid(), *([pwd.getpwnam(self.account).pw_uid] if self.account else [])}

    def _ctl(self, *arguments: str) -> None:
        done = self._run([str(self.bin / "pg_ctl"), "-D", str(self.files), *arguments])
        if done.returncode != 0:
            log = self.log.read_text("utf-8", "replace") if self.log.exists() else done.stdout
            why = _last_line("\n".join(line for line in log.splitlines() if "FATAL" in line) or log)
            raise ClusterIsUnavailable(f"PostgreSQL did not {arguments[0]}: {why} (see {self.log})")

    def _run(
        self, command: list[str], keep: tuple[int, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        # The started postmaster keeps our pipes if it gets them: output goes to a file instead.
        lent: dict[str, Any] = {} if self.account is None else _identity(self.account)
        with (
            Path(os.devnull).open("rb") as nothing,
            (self.place / "last-command.log").open("w+") as out,
        ):
            done = subprocess.run(
                command,
                stdin=nothing,
                stdout=out,
                stderr=out,
                cwd="/",
                check=False,
                pass_fds=keep,
                **lent,
            )
            out.seek(0)
            return subprocess.CompletedProcess(command, done.returncode, out.read())

    def _lend(self, path: Path) -> None:
        if self.account is not None:
            shutil.chown(path, self.account)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[int]:
        self.place.mkdir(parents=True, exist_ok=True)
        self._lend(self.place)
        with (self.home / "cluster.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield lock.fileno()


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
        socket = _short_directory(account) / f"place-registry-{digest}"
    return Cluster(home, place, socket, _binaries(), account, port)


def _short_directory(account: str | None) -> Path:
    if account is not None:
        return Path("/run")
    own = os.environ.get("XDG_RUNTIME_DIR", "")
    fits = 0 < len(own.encode()) < SOCKET_PATH_LIMIT // 2 and os.access(own, os.W_OK)
    return Path(own if fits else "/tmp")  # noqa: S108 -- made private and checked in _configure


def _binaries() -> Path:
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda p: int(p.parts[-3]),
        reverse=True,
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


def _identity(account: str) -> dict[str, Any]:
    entry = pwd.getpwnam(account)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _reachable(directory: Path, account: str) -> bool:
    done = subprocess.run(
        ["test", "-x", str(directory)],  # noqa: S607 -- a coreutils program
        cwd="/",
        check=False,
        **_identity(account),
    )
    return done.returncode == 0


def _line(file: Path, number: int) -> str:
    """A line of a file, counted from 1; empty when there is none."""
    try:
        return file.read_text().splitlines()[number - 1].strip()
    except (OSError, IndexError):
        return ""


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no message"
