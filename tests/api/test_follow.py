"""`place-registry follow`: copies in PostGIS and in a GeoPackage, whole or of a scope."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas
import pyogrio
import pytest
from sqlalchemy import Engine, make_url, text

from api.cli.main import run
from api.log_keys import rotate_key
from registry.changes.annulment import annul
from registry.changes.model import Intent, Verb
from registry.changes.work import Work
from registry.database import make_engine
from registry.errors import RegistryIsReplica
from registry.log.sealing import seal
from registry.restructuring.correction import correct_act
from tests.conftest import Databases, serving
from tests.random_works import RandomWorks
from tests.registry.changes.test_replay import contents
from tests.registry.undoing.works import enact


def undone(city: Engine, paper: dict[str, Any]) -> Iterator[int]:
    """An act, its correction, its annulment; the change of each."""
    with city.connect() as connection:
        restructuring_id, number = enact(connection, paper)
        connection.commit()
        yield number
        work = Work(connection, Intent("甲", Verb.CORRECT, "更正"))
        correct_act(work, restructuring_id, {"effective_on": "2024-02-01"})
        seal(work)
        connection.commit()
        yield work.number
        work = Work(connection, Intent("甲", Verb.ANNUL, "撤销"))
        annul(work, number)
        seal(work)
        connection.commit()
        yield work.number


@pytest.fixture
def served(city_url: str, tmp_path: Path) -> Iterator[str]:
    with serving(city_url, tmp_path / "home") as url:
        yield url


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "en")


class WhenACopyFollows:
    @pytest.mark.parametrize(
        "view",
        [
            [],
            ["--within", "350213"],
            ["--collection", "divisions"],
            ["--kind", "subdistrict", "--within", "350212"],
        ],
        ids=["whole", "district", "divisions", "subdistricts"],
    )
    @pytest.mark.parametrize("kind", ["postgis", "geopackage"])
    def test_it_is_equal_at_first_and_after_every_change(
        self,
        served: str,
        city: Engine,
        database_url: str,
        tmp_path: Path,
        kind: str,
        view: list[str],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        target = database_url if kind == "postgis" else str(tmp_path / "copy.gpkg")
        arguments = ["follow", served, "--into", target, "--once", *view]

        assert run(arguments) == 0, capsys.readouterr().err
        RandomWorks(city, 11).do_many(15)
        assert run(arguments) == 0, capsys.readouterr().err
        assert run(arguments) == 0

        assert capsys.readouterr().err.count("all hashes equal") == 3

    @pytest.mark.parametrize("kind", ["postgis", "geopackage"])
    def test_that_of_a_district_is_equal_through_both_names_correction_and_annulment(
        self,
        served: str,
        city: Engine,
        database_url: str,
        tmp_path: Path,
        kind: str,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        target = database_url if kind == "postgis" else str(tmp_path / "copy.gpkg")
        arguments = ["follow", served, "--into", target, "--once", "--within", "350213"]
        assert run(arguments) == 0, capsys.readouterr().err

        paper = {
            "title": "新圩镇改名",
            "effective_on": "2024-01-06",
            "decree": {"authority": "福建省人民政府", "number": "闽政文〔2024〕3号"},
            "dual_names": {"until": "2027-01-06"},
            "operations": [{"rename": {"division": "350213103", "name": "新墟镇"}}],
        }
        for step in undone(city, paper):
            assert step
            assert run(arguments) == 0, capsys.readouterr().err

        assert capsys.readouterr().err.count("all hashes equal") == 4

    def test_a_whole_one_is_a_registry_that_takes_no_works(
        self, served: str, city: Engine, database_url: str, engine: Engine, tmp_path: Path
    ) -> None:
        assert run(["follow", served, "--into", database_url, "--once"]) == 0

        assert contents(engine) == contents(city)
        with engine.connect() as connection, pytest.raises(RegistryIsReplica):
            Work(connection, Intent("甲", Verb.IMPORT, "在副本上办理")).start()
        with serving(database_url, tmp_path / "other") as copy:
            assert run(["log", "monitor", copy, "--once", "--state", str(tmp_path / "m")]) == 0

    def test_a_geopackage_opens_in_any_desktop_gis(
        self, served: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "district.gpkg"
        assert run(["follow", served, "--into", str(file), "--within", "350213", "--once"]) == 0

        layer = pyogrio.read_info(file, layer="territory_version")
        territories = geopandas.read_file(file, layer="territory_version")

        assert (layer["geometry_type"], layer["crs"]) == ("MultiPolygon", "EPSG:4490")
        assert len(territories) > 50
        assert territories.is_valid.all()
        assert 118.0 < territories.total_bounds[0] < territories.total_bounds[2] < 118.6

    def test_what_was_altered_in_it_by_hand_is_found(
        self, served: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "city.gpkg"
        arguments = ["follow", served, "--into", str(file), "--collection", "divisions", "--once"]
        assert run(arguments) == 0
        with sqlite3.connect(file) as connection:
            connection.execute("UPDATE division_version SET name = '别名' WHERE version_id = 9")
        connection.close()

        assert run(arguments) == 1

        assert "replica-differs" in capsys.readouterr().err

    def test_a_source_that_was_altered_is_refused(
        self,
        served: str,
        city: Engine,
        database_url: str,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        with city.begin() as connection:
            connection.execute(
                text("UPDATE division_version SET name = '别名' WHERE version_id = 9")
            )

        assert run(["follow", served, "--into", database_url, "--once"]) == 1

        assert "replica-differs" in capsys.readouterr().err

    def test_it_goes_along_when_the_source_changes_its_key(
        self,
        city_url: str,
        city: Engine,
        database_url: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        with serving(city_url, tmp_path / "home") as served:
            arguments = ["follow", served, "--into", database_url, "--once"]
            assert run(arguments) == 0
            with city.connect() as connection:
                rotate_key(connection, tmp_path / "home")
                connection.commit()
            RandomWorks(city, 11).do_many(2)
            assert run(arguments) == 0

        monkeypatch.setenv("DATABASE_URL", database_url)
        monkeypatch.setenv("REGISTRY_HOME", str(tmp_path / "copy"))
        assert run(["log", "verify"]) == 0
        with serving(database_url, tmp_path / "copy") as copy:
            assert run(["log", "monitor", copy, "--once", "--state", str(tmp_path / "m")]) == 0

    def test_a_source_that_tells_another_story_is_refused(
        self,
        city_url: str,
        city: Engine,
        database_url: str,
        databases: Databases,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """Restored from a backup, it went on with other changes than the copy has taken in."""
        with serving(city_url, tmp_path / "home"):
            city.dispose()
        backup = databases.make("backup", make_url(city_url).database)
        RandomWorks(city, 11).do_many(3)
        with serving(city_url, tmp_path / "home") as served:
            assert run(["follow", served, "--into", database_url, "--once"]) == 0
        restored = make_engine(backup)
        RandomWorks(restored, 12).do_many(5)
        restored.dispose()

        with serving(backup, tmp_path / "home") as served:
            assert run(["follow", served, "--into", database_url, "--once"]) == 1

        databases.drop("backup")
        assert "replica-differs" in capsys.readouterr().err

    def test_it_is_told_plainly_what_it_cannot_do(
        self,
        served: str,
        city_url: str,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        taken = tmp_path / "taken.gpkg"
        taken.write_bytes(b"not a GeoPackage")
        for arguments, status, code in (
            (["follow", served, "--into", city_url, "--once"], 1, "replica-follows-another"),
            (["follow", served, "--into", str(taken), "--once"], 1, "replica-follows-another"),
            (
                ["follow", "http://127.0.0.1:9", "--into", str(tmp_path / "x.gpkg"), "--once"],
                3,
                "remote-is-unavailable",
            ),
            (["follow", served, "--into", "nowhere", "--once"], 2, "URL of a database"),
            (["follow", served, "--into", "/none/x.gpkg", "--once"], 2, "is no folder"),
            (
                ["follow", served, "--into", city_url, "--collection", "roads"],
                2,
                "'roads' is not one of",
            ),
            (
                ["follow", "ftp://x", "--into", str(tmp_path / "x.gpkg"), "--once"],
                1,
                "remote-refuses",
            ),
        ):
            assert run(arguments) == status
            said = capsys.readouterr().err.strip().splitlines()
            assert code in said[-1], arguments
