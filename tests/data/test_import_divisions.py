"""Editions taken into a registry from the command line."""

import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from api.cli.main import run
from registry.changes.tables import change, registry_head
from registry.divisions.tables import division, division_code_version, division_version

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
NATIONAL = (
    str(SAMPLE / "nbs_upper_levels.csv.gz"),
    str(SAMPLE / "nbs_townships_national_2023-06-30.csv.gz"),
)
SECONDS_ALLOWED = 40
"""Far above the few seconds it takes, so that a busy machine does not fail the test."""


def count(engine: Engine) -> tuple[int, int]:
    with engine.connect() as connection:
        divisions = connection.scalar(select(func.count()).select_from(division))
        head = connection.scalar(select(registry_head.c.number))
    return divisions or 0, head or 0


@pytest.fixture
def here(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The command line pointed at a database of one's own."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    return database_url


class WhenTheNationalTownshipsAreImported:
    def test_they_come_in_as_one_change_and_never_twice(
        self, here: str, engine: Engine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        began = time.monotonic()
        assert run(["import", "divisions", "--edition", "2023-06-30", *NATIONAL]) == 0
        assert time.monotonic() - began < SECONDS_ALLOWED

        divisions, head = count(engine)
        assert (divisions, head) == (44_679, 1)
        with engine.connect() as connection:
            verbs = connection.scalars(select(change.c.verb)).all()
            row = connection.execute(
                select(division_version.c.name, division_version.c.kind, division_version.c.valid)
                .join(
                    division_code_version,
                    division_code_version.c.division_id == division_version.c.division_id,
                )
                .where(division_code_version.c.code == "350213004")
            ).one()
        assert verbs == ["import"]
        assert (row.name, row.kind) == ("凤翔街道", "subdistrict")
        assert row.valid.lower.isoformat() == "2023-06-30"

        capsys.readouterr()
        assert run(["import", "divisions", "--edition", "2023-06-30", *NATIONAL]) == 1
        assert "44,679 agree, nothing was written" in capsys.readouterr().out
        assert count(engine) == (44_679, 1)


class WhenAnImportIsRefused:
    def test_nothing_is_written(
        self, here: str, engine: Engine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(["import", "divisions", NATIONAL[1]]) == 1

        assert "give the file with the upper levels too" in capsys.readouterr().err
        assert count(engine) == (0, 0)

    def test_a_dry_run_writes_nothing(self, here: str, engine: Engine) -> None:
        arguments = ["import", "divisions", "--dry-run", "--edition", "2023-06-30", "--under", "35"]

        assert run([*arguments, "--json", *NATIONAL]) == 0

        assert count(engine) == (0, 0)
