"""Territories and address lists from files."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from api.cli.main import run
from registry.addresses.tables import address, address_version
from registry.changes.tables import change, registry_head
from registry.divisions.tables import territory_version

HEADER = "division_code,carrier,number,sub_number,building,unit,floor,room,lon,lat\n"
DIVISIONS = "code,name\n35,福建省\n3502,厦门市\n350213,翔安区\n350213102,马巷镇\n350213102008,琼头社区居委会\n"
SQUARE = [[118.2, 24.6], [118.3, 24.6], [118.3, 24.7], [118.2, 24.7], [118.2, 24.6]]
BOW = [[118.2, 24.6], [118.3, 24.7], [118.3, 24.6], [118.2, 24.7], [118.2, 24.6]]


@pytest.fixture
def here(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A registry with one community, the command line pointed at it, and a directory."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    divisions = tmp_path / "divisions.csv"
    divisions.write_text(DIVISIONS, encoding="utf-8")
    assert run(["import", "divisions", "--valid-from", "2020-06-30", str(divisions)]) == 0
    return tmp_path


def head(engine: Engine) -> int:
    with engine.connect() as connection:
        number: int = connection.execute(select(registry_head.c.number)).scalar_one()
    return number


def outline(path: Path, ring: list[list[float]], *, code: str = "350213") -> Path:
    feature = {
        "type": "Feature",
        "properties": {"code": code},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return path


def import_outline(path: Path) -> int:
    return run(["import", "boundaries", "--basis", "surveyed", "--source", "survey", str(path)])


def import_addresses(path: Path) -> int:
    return run(["import", "addresses", "--valid-from", "2021-01-01", str(path)])


class WhenATerritoryIsDelivered:
    def test_it_is_redigitised_and_not_changed(self, here: Path, engine: Engine) -> None:
        assert import_outline(outline(here / "district.geojson", SQUARE)) == 0

        with engine.connect() as connection:
            verbs = connection.scalars(select(change.c.verb).order_by(change.c.number)).all()
            bases = connection.scalars(select(territory_version.c.basis)).all()
        assert verbs == ["import", "redigitise"]
        assert bases == ["surveyed"]

    def test_one_that_crosses_itself_is_refused(
        self, here: Path, engine: Engine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert import_outline(outline(here / "bow.geojson", BOW)) == 1

        message = capsys.readouterr().err
        assert "geometry-is-invalid" in message
        assert "Self-intersection[118.25 24.65" in message
        assert head(engine) == 1

    def test_one_of_an_unknown_division_is_refused(self, here: Path, engine: Engine) -> None:
        assert import_outline(outline(here / "other.geojson", SQUARE, code="110101")) == 1

        assert head(engine) == 1


class WhenAnAddressListIsImported:
    @pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-8-sig"])
    def test_it_comes_in_once_in_either_encoding(
        self, here: Path, engine: Engine, encoding: str
    ) -> None:
        path = here / "list.csv"
        rows = "350213102008,,12号,,,,,,118.25,24.65\n350213102008,,12,3,A座,,,501室,,\n"
        path.write_bytes((HEADER + rows).encode(encoding))

        assert import_addresses(path) == 0
        assert import_addresses(path) == 1

        with engine.connect() as connection:
            codes = connection.scalars(select(address.c.code)).all()
            rooms = connection.scalars(
                select(address_version.c.building).where(address_version.c.room == "501室")
            ).all()
        assert len(set(codes)) == 2
        assert rooms == ["A座"]
        assert head(engine) == 2

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (HEADER.replace("lon", "x"), "line 1: the columns are"),
            (HEADER + "350213102008,,12,,,,,,118.25", "cut off"),
            (HEADER + "350213102008,,12,,,,,,118.25\n", "line 2 has 9 columns"),
            (HEADER + "999999999999,,12,,,,,,,\n", "no division in force"),
            (HEADER + "350213102008,无此路,12,,,,,,,\n", "is called '无此路'"),
            (HEADER + "350213102008,,十二,,,,,,,\n", "is not a door number"),
            (HEADER + "350213102008,,,,,,,,,\n", "neither a number nor a building"),
            (HEADER + "350213102008,,12,,,,,,24.65,118.25\n", "no longitude and latitude"),
            (HEADER + "350213102008,,12,,,,,,,\n" * 2, "stands there twice"),
        ],
    )
    def test_a_bad_list_is_refused_whole(
        self,
        here: Path,
        engine: Engine,
        capsys: pytest.CaptureFixture[str],
        content: str,
        message: str,
    ) -> None:
        path = here / "list.csv"
        path.write_text(content, encoding="utf-8")
        capsys.readouterr()

        assert import_addresses(path) == 1

        said = capsys.readouterr().err
        assert message in said
        assert len(said.splitlines()) == 1
        with engine.connect() as connection:
            assert connection.scalar(select(func.count()).select_from(address)) == 0
        assert head(engine) == 1
