"""The command line's promises: exit statuses, one plain line, commands that exist."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from api.cli.main import COMMANDS, cli
from api.cluster import cluster_at

ROOT = Path(__file__).parents[2]
OK, REFUSED, USAGE, UNAVAILABLE = 0, 1, 2, 3


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="reg-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        yield Path(made)


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """`place-registry` in a process of its own, with these settings and no other database."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("DATABASE")}
    return subprocess.run(
        [sys.executable, "-m", "api.cli.main", *arguments],
        cwd=ROOT,
        env={**inherited, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class TheCommandLine:
    @pytest.mark.parametrize("name", list(COMMANDS))
    def test_has_every_command_it_lists(self, name: str) -> None:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        assert command.help

    def test_answers_usage_mistakes_with_2(self) -> None:
        assert run("db", "dance").returncode == USAGE

    def test_answers_a_wrong_setting_with_2_and_its_name(self, home: Path) -> None:
        done = run("db", "status", REGISTRY_HOME=str(home), PORT="eighty")
        assert done.returncode == USAGE
        assert "PORT" in done.stderr

    def test_answers_a_database_that_is_not_there_with_3_and_one_line(self) -> None:
        done = run("db", "migrate", DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
        assert done.returncode == UNAVAILABLE
        assert len(done.stderr.splitlines()) == 1

    def test_starts_and_stops_the_private_cluster(self, home: Path) -> None:
        try:
            assert run("db", "start", REGISTRY_HOME=str(home)).returncode == OK
            status = run("db", "status", "--json", REGISTRY_HOME=str(home))
            assert '"running": true' in status.stdout
            assert run("db", "migrate", REGISTRY_HOME=str(home)).returncode == OK
            assert run("doctor", REGISTRY_HOME=str(home)).returncode == OK
            assert run("db", "stop", REGISTRY_HOME=str(home)).returncode == OK
            assert run("doctor", REGISTRY_HOME=str(home)).returncode == REFUSED
        finally:
            cluster_at(home).stop()


class TheScripts:
    @pytest.mark.parametrize("name", ["script/server", "script/test", "script/bench", ".ci/run"])
    def test_can_be_run(self, name: str) -> None:
        path = ROOT / name
        assert os.access(path, os.X_OK)
        assert subprocess.run(["bash", "-n", str(path)], check=False).returncode == OK

    def test_name_only_packages_of_the_distribution_and_the_lock(self) -> None:
        text = (ROOT / "script/_setup").read_text("utf-8")
        assert not re.search(r"\b(curl|wget|docker)\b|https?://", text)


class WhenACommandIsRefused:
    def test_it_says_so_in_the_users_language(self, home: Path) -> None:
        paper = home / "paper.yaml"
        paper.write_text("title: 无\neffective_on: 2021-01-06\noperations: []\n", encoding="utf-8")

        settings = {"REGISTRY_HOME": str(home)}
        chinese = run("plan", "check", str(paper), **settings, LANG="zh_CN.UTF-8")
        english = run("plan", "check", str(paper), **settings, LANG="en_GB.UTF-8")
        run("db", "stop", **settings)

        assert (chinese.returncode, english.returncode) == (REFUSED, REFUSED)
        assert "方案格式有误" in chinese.stderr.splitlines()[-1]
        assert "at least one operation" in english.stderr.splitlines()[-1]
