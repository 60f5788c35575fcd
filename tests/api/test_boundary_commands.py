"""`place-registry boundary`: the same verbs at the command line."""

import json
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from api.cli.main import run
from registry.changes.model import Verb
from registry.lines.commands import describe, line_id_of
from registry.lines.following import derive_all
from tests.builder import TODAY, RegistryBuilder
from tests.data.survey.deliveries import frame, written
from tests.grid_city import COUNTY, grid_city
from tests.registry.boundaries.grid import EAST, WEST, bent


@pytest.fixture
def city(
    engine: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> RegistryBuilder:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("REGISTRY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANG", "C")
    return grid_city(engine)


class TheCommandLine:
    def test_leads_from_a_file_to_a_change(
        self,
        engine: Engine,
        city: RegistryBuilder,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        with engine.connect() as connection:
            drawn = bent(connection, city, 24.005)
        file = tmp_path / "survey.gpkg"
        file.write_bytes(
            written(tmp_path, "GPKG", ".gpkg", frame(drawn.values(), codes=(WEST, EAST)))
        )

        assert run(["boundary", "check", str(file)]) == 0
        assert "甲东村 → 甲南村" in capsys.readouterr().out
        assert run(["boundary", "list"]) == 0
        assert capsys.readouterr().out == ""
        said = ["--title", "东界", "--reason", "re_digitisation", "--author", "li", "--json"]
        assert run(["boundary", "propose", str(file), *said]) == 0
        update_id = json.loads(capsys.readouterr().out)["update"]["id"]
        assert run(["boundary", "submit", update_id, "--who", "li"]) == 0
        assert run(["boundary", "approve", update_id, "--who", "li"]) == 1
        assert "approver-is-author" in capsys.readouterr().err
        assert run(["boundary", "approve", update_id, "--who", "wang"]) == 0
        assert run(["boundary", "commit", update_id, "--who", "wang"]) == 0
        assert "变更" in capsys.readouterr().out

    def test_says_what_is_wrong_in_one_line(
        self, city: RegistryBuilder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "survey.gpkg"
        content = written(tmp_path, "GPKG", ".gpkg", frame(codes=(EAST, WEST)))
        file.write_bytes(content)

        assert run(["boundary", "check", str(file), "--crs", "zone 40"]) == 1

        told = capsys.readouterr().err
        assert told.startswith("source-is-unreadable:") and told.count("\n") == 1


class TheCommandLineOfLines:
    def test_lists_inspects_and_marks(
        self, city: RegistryBuilder, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with city.work("lines") as work:
            derive_all(work, city.ids[COUNTY], 5, on=TODAY)
        line = str(line_id_of(city.ids[WEST], city.ids[EAST]))
        with city.work("agreement", Verb.CHANGE) as work:
            said = {"legal_status": "agreed", "agreement_on": date(2015, 3, 1)}
            describe(work, UUID(line), said, on=date(2015, 3, 1))

        def asked(*words: str) -> Any:
            assert run(["boundary", *words, "--json"]) == 0
            return json.loads(capsys.readouterr().out)

        assert len(asked("lines", "list", "--level", "5")["lines"]) == 17
        assert line in {one["id"] for one in asked("lines", "list", "--division", WEST)["lines"]}
        assert [one["id"] for one in asked("lines", "list", "--overdue")["lines"]] == [line]
        done = asked("lines", "inspect", line, "--on", "2024-02-29", "--who", "wang")
        assert done["inspection_due_on"] == "2029-03-01"
        assert asked("lines", "list", "--overdue")["lines"] == []
        here = ("--kind", "single", "--lon", "118.01", "--lat", "24.005", "--who", "wang")
        made = asked("markers", "add", line, "0001001Q", *here, "--keeper", "甲镇人民政府")
        assert made["keeper"] == "甲镇人民政府"
        assert asked("markers", "list", "--line", line)["markers"] == [made]
        assert asked("lines", "show", line)["markers"] == [made]
        assert run(["boundary", "lines", "show", line]) == 0
        assert "0001001Q  standing  118.010000 24.005000" in capsys.readouterr().out

        assert run(["boundary", "markers", "add", line, "0001001A", *here]) == 1
        assert capsys.readouterr().err.startswith("marker-number-is-invalid:")
        assert run(["boundary", "lines", "inspect", line, "--on", "2999-01-01", "--who", "li"]) == 1
        assert capsys.readouterr().err.startswith("day-is-to-come:")
        assert run(["boundary", "lines", "show", str(uuid4())]) == 1
        assert capsys.readouterr().err.startswith("line-is-unknown:")
        assert run(["boundary", "lines", "list", "--overdue", "--level", "5"]) == 2
