"""`place-registry boundary`: the same verbs at the command line."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.cli.main import run
from tests.builder import RegistryBuilder
from tests.data.survey.deliveries import frame, written
from tests.grid_city import grid_city
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
