"""`place-registry plan annul` and `plan correct` as a person runs them: refused, and done."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine

from tests.builder import RegistryBuilder
from tests.registry.undoing.works import ACTS, ON, city, enact

PAPER: dict[str, Any] = {
    "title": "马巷撤镇设街并分设凤翔街道",
    "effective_on": ON.isoformat(),
    "decree": {"authority": "福建省人民政府", "number": "闽政文〔2021〕3号"},
    "operations": [ACTS[0], ACTS[4]],
}
ANNULLING = ("--reason", "原批复撤销", "--authority", "福建省人民政府", "--author", "甲")


@dataclass(frozen=True)
class Shell:
    """A registry in which an act was carried out, and a command line beside it."""

    restructuring_id: str
    change: int
    environment: dict[str, str]
    file: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "api.cli.main", "plan", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def write(self, fields: dict[str, Any]) -> str:
        self.file.write_text(yaml.safe_dump(fields, allow_unicode=True), encoding="utf-8")
        return str(self.file)


@pytest.fixture
def shell(engine: Engine, database_url: str, tmp_path: Path) -> Shell:
    city(RegistryBuilder(engine))
    with engine.connect() as connection:
        restructuring_id, number = enact(connection, PAPER)
        connection.commit()
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "REGISTRY_HOME": str(tmp_path),
        "LANG": "en_GB.UTF-8",
    }
    return Shell(str(restructuring_id), number, environment, tmp_path / "fields.yaml")


class TheCommandThatAnnuls:
    def test_refuses_in_one_line_and_then_does_it_once(self, shell: Shell) -> None:
        one = shell.restructuring_id
        preview = shell.run("annul", one, "--preview", "--json")
        nobody = shell.run("annul", one, *ANNULLING)
        himself = shell.run("annul", one, *ANNULLING, "--approved-by", "甲")
        nonsense = shell.run("annul", "abc", *ANNULLING, "--approved-by", "乙")
        done = shell.run("annul", one, *ANNULLING, "--approved-by", "乙", "--json")
        again = shell.run("annul", one, *ANNULLING, "--approved-by", "乙")

        assert [part["name"] for part in json.loads(preview.stdout)["plan"]["ended"]] == [
            "凤翔街道"
        ]
        assert (nobody.returncode, himself.returncode, nonsense.returncode) == (2, 1, 1)
        assert "approver-is-author" in himself.stderr
        assert json.loads(done.stdout)["change"] == shell.change + 1
        assert (again.returncode, done.returncode) == (1, 0)
        assert "change-is-annulled" in again.stderr
        for refused in (himself, nonsense, again):
            assert len(refused.stderr.strip().splitlines()) == 1
            assert not refused.stdout


class TheCommandThatCorrects:
    def test_refuses_in_one_line_and_then_does_it(self, shell: Shell) -> None:
        one = shell.restructuring_id
        right = shell.write({"effective_on": ON.replace(month=3)})
        done_by = ("--reason", "日期有误", "--author", "甲", "--approved-by")
        preview = shell.run("correct", one, right, "--preview")
        himself = shell.run("correct", one, right, *done_by, "甲")
        done = shell.run("correct", one, right, *done_by, "乙")
        same = shell.run("correct", one, right, *done_by, "乙")
        unknown = shell.run("correct", one, shell.write({"colour": "red"}), *done_by, "乙")

        assert preview.returncode == 0
        assert "马巷街道 → 马巷镇" in preview.stdout
        assert (done.returncode, himself.returncode) == (0, 1)
        assert str(shell.change + 1) in done.stdout
        assert "nothing-is-corrected" in same.stderr
        assert "undoing-is-malformed" in unknown.stderr
        for refused in (himself, same, unknown):
            assert refused.returncode == 1
            assert len(refused.stderr.strip().splitlines()) == 1
