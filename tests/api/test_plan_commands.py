"""`place-registry plan …` on the file of a paper and on its id; `worker` and `quality run` beside it."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine, text

from api.cli.main import run
from registry.quality.run import INVARIANTS
from tests.builder import MAXIANG, RegistryBuilder

PAPER: dict[str, Any] = {
    "title": "撤销马巷镇,设立马巷街道",
    "effective_on": "2021-01-06",
    "operations": [
        {
            "retype": {
                "division": "350213102",
                "kind": "subdistrict",
                "name": "马巷街道",
                "code": "350213002",
                "romanisation": "Mǎxiàng Jiēdào",
            }
        }
    ],
}
DECREE = ["--authority", "福建省人民政府", "--number", "闽政文〔2021〕3号"]


@pytest.fixture
def paper(
    engine: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The file of a paper, in a registry it can be carried out in."""
    RegistryBuilder(engine).tree(MAXIANG)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("REGISTRY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    (tmp_path / "home").mkdir()
    file = tmp_path / "paper.yaml"
    file.write_text(yaml.safe_dump(PAPER, allow_unicode=True), encoding="utf-8")
    return str(file)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert run([*arguments, "--json"]) == 0, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


class WhenStepsAreTakenOnTheCommandLine:
    def test_a_file_stands_for_what_was_filed_from_it(
        self, paper: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        submitted = said(capsys, "plan", "submit", paper, "--author", "甲")
        one = submitted["restructuring_id"]
        said(capsys, "plan", "reject", paper, "--who", "乙", "--reason", "补充材料")
        said(capsys, "plan", "submit", one, "--author", "甲")
        day = ["--approved-on", "2021-01-06"]
        approved = said(capsys, "plan", "approve", paper, "--who", "乙", *DECREE, *day)
        notice = said(capsys, "plan", "announcement", one)
        rebased = said(capsys, "plan", "rebase", paper, "--who", "甲")
        said(capsys, "plan", "schedule", one, "--who", "乙")
        carried_out = said(capsys, "worker", "--once")
        shown = said(capsys, "plan", "show", paper)

        assert approved["decree"]["approved_on"] == "2021-01-06"
        assert notice["units"][0]["name"] == "马巷街道"
        assert rebased["approval"] == "holds"
        assert carried_out["changes"] == [shown["restructuring"]["change_number"]]
        assert [step["step"] for step in shown["steps"]] == [
            "create",
            "submit",
            "reject",
            "submit",
            "approve",
            "rebase",
            "schedule",
            "commit",
        ]

    def test_an_approved_file_is_carried_out_by_hand(
        self, paper: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        said(capsys, "plan", "submit", paper, "--author", "甲")
        said(capsys, "plan", "approve", paper, "--who", "乙")
        done = said(capsys, "plan", "commit", paper)

        assert (
            done["change"] == said(capsys, "plan", "show", paper)["restructuring"]["change_number"]
        )

    def test_a_file_nobody_filed_is_refused_in_one_line(
        self, paper: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        status = run(["plan", "approve", paper, "--who", "乙"])

        line = capsys.readouterr().err
        assert status == 1
        assert line.startswith("restructuring-is-unknown: ") and line.count("\n") == 1

    def test_a_withdrawn_one_says_so(self, paper: str, capsys: pytest.CaptureFixture[str]) -> None:
        said(capsys, "plan", "submit", paper, "--author", "甲")
        assert run(["plan", "withdraw", paper, "--who", "甲"]) == 0
        assert " withdrawn " in capsys.readouterr().out


class TheQualityRun:
    def test_is_silent_about_a_sound_registry_and_names_what_is_broken(
        self, paper: str, engine: Engine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        sound = run(["quality", "run"])
        lines = capsys.readouterr().out.splitlines()
        with engine.begin() as connection:
            connection.execute(
                text("UPDATE division_code_version SET code = '350213103' WHERE code = '350213102'")
            )
        broken = run(["quality", "run", "--rule", "one_bearer_per_code"])

        assert (sound, broken) == (0, 1)
        assert len(lines) == len(INVARIANTS) and all(line.startswith("✓") for line in lines)
        assert "350213103" in capsys.readouterr().out
