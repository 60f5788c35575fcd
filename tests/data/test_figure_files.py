"""Figures of divisions: taken in whole or not at all, dated, corrected without forgetting."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from api.cli.main import run
from data.editions.loading import registered_codes
from data.figure_files import read_figure_file
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.divisions.figures import DivisionFigures, read_figures, record_figures
from registry.divisions.tables import division_statistics_version
from registry.errors import SourceIsUnreadable
from tests.builder import MAXIANG, RegistryBuilder

HEADER = "division_code,counted_on,basis,source,resident_population,households,published_area_m2\n"
TOWN = "350213102"


@pytest.fixture
def builder(engine: Engine) -> RegistryBuilder:
    made = RegistryBuilder(engine)
    made.tree(MAXIANG)
    return made


def read(
    builder: RegistryBuilder, file: Path, text: str, encoding: str = "utf-8"
) -> dict[str, DivisionFigures]:
    file.write_bytes(text.encode(encoding))
    with builder.engine.connect() as connection:
        found = read_figure_file(file, registered_codes(connection))
    names = {one: code for code, one in builder.ids.items()}
    return {names[one]: figures for one, figures in found.items()}


def people(builder: RegistryBuilder, on: date, known: int | None = None) -> int | None:
    with builder.engine.connect() as connection:
        at = AsOf(on, ChangeStore(connection).head() if known is None else known)
        found = read_figures(connection, [builder.ids[TOWN]], at)
    one = found.get(builder.ids[TOWN])
    return None if one is None else one.resident_population


class WhenAListIsRead:
    def test_it_says_who_counted_what_and_when(
        self, builder: RegistryBuilder, tmp_path: Path
    ) -> None:
        text = HEADER + f"{TOWN},2020-11-01,census,第七次全国人口普查,61000,21000,\n"

        assert read(builder, tmp_path / "a.csv", text, "gb18030") == {
            TOWN: DivisionFigures(
                counted_on=date(2020, 11, 1),
                basis="census",
                source="第七次全国人口普查",
                resident_population=61000,
                households=21000,
            )
        }

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", "empty|line 1|cannot"),
            ("division_code,population\n", "line 1: the columns are"),
            (HEADER.replace("households", "people"), "line 1: the columns are"),
            (HEADER + "999,2020-11-01,census,x,1,1,1\n", "line 2: no division bears"),
            (HEADER + f"{TOWN},2020-11-31,census,x,1,1,1\n", "line 2"),
            (HEADER + f"{TOWN},2020-11-01,guess,x,1,1,1\n", "line 2: basis 'guess'"),
            (HEADER + f"{TOWN},2020-11-01,census,,1,1,1\n", "line 2: the source is missing"),
            (HEADER + f"{TOWN},2020-11-01,census,x,many,1,1\n", "'many' is not a number"),
            (HEADER + f"{TOWN},2020-11-01,census,x,-1,1,1\n", "not a number from 0 up"),
            (HEADER + f"{TOWN},2020-11-01,census,x,1.5,1,1\n", "not a whole number"),
            (HEADER + f"{TOWN},2020-11-01,census,x,nan,1,1\n", "not a number from 0 up"),
            (HEADER + f"{TOWN},2020-11-01,census,x,,,\n", "it has no figure"),
            (HEADER + f"{TOWN},2020-11-01,census,x,1,1,1\n" * 2, "comes twice"),
        ],
    )
    def test_what_is_wrong_is_named_with_its_line(
        self, builder: RegistryBuilder, tmp_path: Path, text: str, said: str
    ) -> None:
        with pytest.raises(SourceIsUnreadable, match=said):
            read(builder, tmp_path / "bad.csv", text)


class WhenFiguresAreRecorded:
    def test_they_hold_until_later_ones_and_corrections_forget_nothing(
        self, builder: RegistryBuilder
    ) -> None:
        def figures(on: date, residents: int) -> DivisionFigures:
            return DivisionFigures(on, "census", "x", resident_population=residents)

        numbers = []
        for on, residents in (
            (date(2020, 11, 1), 100),
            (date(2010, 11, 1), 80),
            (date(2025, 11, 1), 120),
            (date(2020, 11, 1), 101),
        ):
            with builder.work("figures") as work:
                record_figures(work, {builder.ids[TOWN]: figures(on, residents)})
                numbers.append(work.number)

        assert people(builder, date(2009, 1, 1)) is None
        assert people(builder, date(2015, 1, 1)) == 80
        assert people(builder, date(2021, 1, 1)) == 101
        assert people(builder, date(2021, 1, 1), known=numbers[2]) == 100
        assert people(builder, date(2026, 1, 1)) == 120
        assert people(builder, date(2026, 1, 1), known=numbers[1]) == 100

    def test_the_command_line_writes_one_change_or_none(
        self,
        builder: RegistryBuilder,
        database_url: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", database_url)
        monkeypatch.setenv("REGISTRY_HOME", str(tmp_path))
        file = tmp_path / "figures.csv"
        file.write_text(HEADER + f"{TOWN},2020-11-01,census,普查,61000,,\n", encoding="utf-8")
        wrong = tmp_path / "wrong.csv"
        wrong.write_text(HEADER + "1,2020-11-01,census,普查,61000,,\n", encoding="utf-8")

        codes = [
            run(["import", "statistics", str(file), "--dry-run"]),
            run(["import", "statistics", str(wrong)]),
        ]
        with builder.engine.connect() as connection:
            before = connection.scalar(
                select(func.count()).select_from(division_statistics_version)
            )
        codes.append(run(["import", "statistics", str(file)]))

        assert (codes, before) == ([0, 1, 0], 0)
        assert people(builder, date(2021, 1, 1)) == 61000
        assert "1 divisions were imported (1 census)" in capsys.readouterr().out
