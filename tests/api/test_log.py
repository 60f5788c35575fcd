"""The verifiable log from outside: proofs, tiles, the command line, and a monitor that alarms."""

import base64
import hashlib
import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection, Engine, text

from api.cli.main import run
from api.log_keys import rotate_key
from api.remote import Remote, RemoteIsUnavailable, RemoteLog
from api.witness import witnessed
from registry.log.faults import FaultKind
from registry.log.merkle import consistency_holds, inclusion_holds, leaf_hash
from registry.log.notes import Checkpoint
from registry.log.sealing import seal_backlog
from registry.log.store import LogStore
from registry.log.watch import Watched, watch
from tests.conftest import serving
from tests.random_works import RandomWorks
from tests.registry.log import independent

TILE = 256


def checkpoint(client: httpx.Client) -> Checkpoint:
    return Checkpoint.parse(client.get("/v1/log/checkpoint").text)


class TheLog:
    def test_is_signed_by_the_key_it_publishes(self, client: httpx.Client) -> None:
        note = client.get("/v1/log/checkpoint").text
        keys = [one["key"] for one in client.get("/v1/log/keys").json()["keys"]]

        _text, by = independent.signers(note, keys)

        assert by == {keys[-1]}
        as_json = client.get("/v1/log/checkpoint", headers={"Accept": "application/json"}).json()
        assert as_json["note"] == note

    def test_proves_every_change(self, client: httpx.Client) -> None:
        signed = checkpoint(client)
        for change in (1, 2, signed.size // 2, signed.size):
            body = client.get(f"/v1/log/inclusion?change={change}&size={signed.size}").json()
            assert inclusion_holds(
                leaf=leaf_hash(body["record"].encode()),
                index=change - 1,
                size=signed.size,
                path=[base64.b64decode(step) for step in body["path"]],
                root=signed.root,
            )

    def test_proves_that_it_only_grew(self, client: httpx.Client) -> None:
        signed = checkpoint(client)
        for first in (1, 7, signed.size - 1):
            body = client.get(f"/v1/log/consistency?first={first}").json()
            assert consistency_holds(
                first=first,
                first_root=base64.b64decode(body["first_root"]),
                second=signed.size,
                second_root=signed.root,
                path=[base64.b64decode(step) for step in body["path"]],
            )

    @pytest.mark.parametrize(
        "path",
        [
            "/v1/log/inclusion?change=99999",
            "/v1/log/inclusion?change=5&size=4",
            "/v1/log/consistency?first=9&second=3",
            "/v1/log/consistency?first=1&second=99999",
            "/v1/log/tile/0/999",
            "/v1/log/tile/0/x1",
            "/v1/log/tile/entries/000.p/256",
        ],
    )
    def test_proves_nothing_it_does_not_hold(self, client: httpx.Client, path: str) -> None:
        answered = client.get(path)

        assert (answered.status_code, answered.json()["code"]) == (404, "log-has-no-such-size")

    def test_reads_as_tiles(self, client: httpx.Client) -> None:
        signed = checkpoint(client)
        assert signed.size < TILE

        hashes = client.get(f"/v1/log/tile/0/000.p/{signed.size}").content
        bundle = client.get(f"/v1/log/tile/entries/000.p/{signed.size}").content

        leaves = [hashes[place : place + 32] for place in range(0, len(hashes), 32)]
        entries = []
        while bundle:
            length = int.from_bytes(bundle[:2], "big")
            entries.append(bundle[2 : 2 + length])
            bundle = bundle[2 + length :]
        assert independent.root(leaves) == signed.root
        assert [independent.sha(b"\x00", entry) for entry in entries] == leaves

    def test_gives_its_lines_for_ever_or_says_that_there_may_be_more(
        self, client: httpx.Client
    ) -> None:
        size = checkpoint(client).size
        full = client.get("/v1/log/records?after=2&limit=3")
        whole = client.get("/v1/log/records?after=0&limit=1000")

        assert "immutable" in full.headers["cache-control"]
        assert whole.headers["cache-control"] == "no-cache"
        lines = whole.content.splitlines()
        assert lines[-1] == b'{"end":%d}' % size
        assert len(independent.leaves_of(lines[:-1])) == size
        assert client.get(f"/v1/log/records?after={size}").content == b'{"end":%d}\n' % size
        beyond = client.get(f"/v1/log/records?after={size + 1}")
        assert (beyond.status_code, beyond.json()["code"]) == (404, "change-is-unknown")

    @pytest.mark.parametrize("form", ["csv", "json", "parquet"])
    def test_signs_final_crosswalks(self, client: httpx.Client, form: str) -> None:
        change = client.get("/readyz").json()["change"]
        asked = f"from=28&to={change}&at=2023-12-31&level=4&format={form}"
        file = client.get(f"/v1/crosswalk?{asked}").content
        note = client.get(f"/v1/crosswalk/signature?{asked}").text
        keys = [one["key"] for one in client.get("/v1/log/keys").json()["keys"]]

        said, by = independent.signers(note, keys)

        assert by
        assert f"sha256 {hashlib.sha256(file).hexdigest()}" in said.splitlines()
        assert f"format {form}" in said.splitlines()


class TheCommandLine:
    @pytest.fixture
    def home(self, city_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("DATABASE_URL", city_url)
        monkeypatch.setenv("REGISTRY_HOME", str(tmp_path))
        monkeypatch.setenv("LANG", "en")
        return tmp_path

    def test_verifies_itself_and_what_it_exported(
        self, home: Path, city: Engine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = home / "log.ndjson.gz"
        assert run(["log", "export", str(file)]) == 0
        assert run(["log", "checkpoint"]) == 0
        assert run(["log", "verify"]) == 0
        assert run(["log", "verify", str(file)]) == 0
        capsys.readouterr()
        assert run(["log", "proof", "--change", "3"]) == 0
        assert json.loads(capsys.readouterr().out)["change"] == 3
        stranger = "place-registry/x+00000000+AAAA"
        assert run(["log", "verify", str(file), "--key", stranger]) == 1

    def test_says_what_was_altered_by_hand(
        self, home: Path, city: Engine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(["log", "checkpoint"]) == 0
        with city.begin() as connection:
            connection.execute(
                text("UPDATE address_version SET number = number + 1 WHERE version_id = 7")
            )
        capsys.readouterr()

        assert run(["log", "verify"]) == 1

        said = [line for line in capsys.readouterr().err.splitlines() if "rows differ" in line]
        assert len(said) == 1 and "address_version" in said[0]
        assert run(["log", "export", str(home / "bad.ndjson")]) == 0
        assert run(["log", "verify", str(home / "bad.ndjson")]) == 1

    def test_finds_a_log_that_was_rewritten_until_everything_fitted_again(
        self, home: Path, city: Engine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Somebody with the database, but without the key, tells another story from the start."""
        assert run(["log", "checkpoint"]) == 0
        with city.begin() as connection:
            connection.execute(text("UPDATE change SET title = '另一件事' WHERE number = 5"))
            for table in ("log_checkpoint", "log_entry", "log_node"):
                connection.execute(text(f"DELETE FROM {table}"))
            seal_backlog(connection)

        assert run(["log", "verify"]) == 1
        assert run(["log", "checkpoint"]) == 0
        RandomWorks(city, 3).do_many(1)
        assert run(["log", "checkpoint"]) == 0
        assert run(["log", "verify"]) == 1

        said = capsys.readouterr().err
        assert said.count("kept outside the database") == 2

    def test_says_when_it_remembers_nothing_or_another_log(
        self, home: Path, city: Engine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(["log", "verify"]) == 0
        assert "remembers no checkpoint" in capsys.readouterr().err
        assert run(["log", "checkpoint"]) == 0
        with city.begin() as connection:
            connection.execute(text("DELETE FROM log_checkpoint"))
            connection.execute(text("DELETE FROM log_key"))

        run(["log", "verify"])

        assert "also remembers the log of" in capsys.readouterr().err


class TheService:
    def test_signs_what_the_log_has_grown_to_without_being_asked(
        self, city_url: str, city: Engine, tmp_path: Path
    ) -> None:
        with serving(city_url, tmp_path):
            last = RandomWorks(city, 3).do_many(3)
        with city.connect() as connection:
            kept = dict(LogStore(connection).checkpoints())

        assert Checkpoint.parse(kept[last]) in witnessed(tmp_path)


class TheMonitor:
    def look(self, url: str, seen: Watched) -> list[FaultKind]:
        source = RemoteLog(Remote(url))
        return [fault.kind for fault in watch(seen, source, again=1000, chance=random.Random(1))]

    def test_goes_along_with_a_log_that_grows_and_changes_its_key(
        self, city_url: str, city: Engine, tmp_path: Path
    ) -> None:
        seen = Watched(keys=[])
        with serving(city_url, tmp_path) as url:
            assert self.look(url, seen) == []
            before = seen.size
            RandomWorks(city, 3).do_many(5)
            assert self.look(url, seen) == []
            with city.connect() as connection:
                rotate_key(connection, tmp_path)
                connection.commit()
            RandomWorks(city, 4).do_many(2)
            assert self.look(url, seen) == []

        assert seen.size == before + 7
        assert len(seen.keys) == 2
        with pytest.raises(RemoteIsUnavailable):
            self.look(url, seen)

    def test_alarms_when_a_row_was_rewritten(
        self, city_url: str, city: Engine, tmp_path: Path
    ) -> None:
        seen = Watched(keys=[])
        with serving(city_url, tmp_path) as url:
            assert self.look(url, seen) == []
            with city.begin() as connection:
                connection.execute(
                    text("UPDATE division_version SET name = '别名村' WHERE version_id = 50")
                )
            assert self.look(url, seen) == [FaultKind.ROWS_DIFFER]

    def test_alarms_when_the_log_was_forked(
        self, city_url: str, city: Engine, tmp_path: Path
    ) -> None:
        """Somebody with the key and the database tells another story under the same numbers."""
        seen = Watched(keys=[])
        RandomWorks(city, 5).do_many(2)
        with serving(city_url, tmp_path) as url:
            assert self.look(url, seen) == []
        with city.begin() as connection:
            for statement in (
                "UPDATE log_entry SET record = replace(record, 'random', 'nobody')"
                " WHERE number = (SELECT max(number) FROM log_entry)",
                "UPDATE change SET author = replace(author, 'random', 'nobody')"
                " WHERE number = (SELECT max(number) FROM change)",
                "DELETE FROM log_checkpoint",
                "DELETE FROM log_node WHERE (place + 1) << level >= (SELECT max(number) FROM change)",
            ):
                connection.execute(text(statement))
            _grow_again(connection)
        with serving(city_url, tmp_path) as url:
            assert self.look(url, seen) == [FaultKind.CHECKPOINT_DIFFERS]

    @pytest.mark.parametrize(
        ("path", "lie", "said"),
        [
            ("/v1/log/consistency", (404, b"{}"), FaultKind.CHECKPOINT_DIFFERS),
            ("/v1/log/consistency", (200, b'{"path":["!"]}'), FaultKind.CHECKPOINT_DIFFERS),
            ("/v1/log/inclusion", (404, b"{}"), FaultKind.RECORD_DIFFERS),
            ("/v1/log/inclusion", (200, b'{"path":[7]}'), FaultKind.RECORD_DIFFERS),
            ("/v1/log/checkpoint", (200, b"\xff<html>"), FaultKind.SIGNATURE_FALSE),
            (
                "/v1/log/keys",
                (200, b'{"keys":[{"key":"x","introduction":null}]}'),
                FaultKind.SIGNATURE_FALSE,
            ),
        ],
    )
    def test_alarms_when_it_is_told_nonsense_or_refused_a_proof(
        self,
        city_url: str,
        city: Engine,
        tmp_path: Path,
        path: str,
        lie: tuple[int, bytes],
        said: FaultKind,
    ) -> None:
        seen = Watched(keys=[])
        with serving(city_url, tmp_path) as url, lying(url, path, *lie) as liar:
            assert self.look(url, seen) == []
            RandomWorks(city, 3).do_many(2)
            found = self.look(liar, Watched(keys=[]) if path.endswith("keys") else seen)

        assert set(found) == {said}

    def test_waits_when_a_proxy_answers_instead(self, city_url: str, tmp_path: Path) -> None:
        with serving(city_url, tmp_path) as url:
            for nonsense in (b"<html>", b'{"keys":7}'):
                with (
                    lying(url, "/v1/log/keys", 200, nonsense) as liar,
                    pytest.raises(RemoteIsUnavailable),
                ):
                    self.look(liar, Watched(keys=[]))

    def test_alarms_when_the_log_got_shorter(
        self, city_url: str, city: Engine, tmp_path: Path
    ) -> None:
        seen = Watched(keys=[])
        RandomWorks(city, 5).do_many(1)
        with serving(city_url, tmp_path) as url:
            assert self.look(url, seen) == []
        with city.begin() as connection:
            connection.execute(text("ALTER TABLE change DROP CONSTRAINT change_sealed_fkey"))
            connection.execute(
                text("DELETE FROM log_entry WHERE number = (SELECT max(number) FROM log_entry)")
            )
            connection.execute(text("UPDATE registry_head SET number = number - 1"))
            connection.execute(text("DELETE FROM log_checkpoint"))
        with serving(city_url, tmp_path) as url:
            assert self.look(url, seen) == [FaultKind.CHECKPOINT_DIFFERS]


@contextmanager
def lying(url: str, path: str, status: int, body: bytes) -> Iterator[str]:
    """Somebody in between, who answers one path as it likes and hands the rest through."""

    class Liar(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith(path):
                self.answer(status, body)
            else:
                passed = httpx.get(url + self.path, timeout=30)
                self.answer(passed.status_code, passed.content)

        def answer(self, number: int, content: bytes) -> None:
            self.send_response(number)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_what: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Liar)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _grow_again(connection: Connection) -> None:
    """Hash the last record anew, as a forger would."""
    from registry.log.merkle import completed, frontier
    from registry.log.sealing import fetch_nodes
    from registry.log.store import LogStore
    from registry.log.tables import log_node

    store = LogStore(connection)
    size = store.size()
    leaf = leaf_hash(store.records(size, size)[size].encode())
    nodes = fetch_nodes(connection, frontier(size - 1))
    for place, value in completed(size - 1, leaf, nodes).items():
        connection.execute(
            log_node.insert().values(level=place.level, place=place.index, hash=value)
        )
