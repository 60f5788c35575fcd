"""Previews as files, the report for a submission, comparison and proposals over HTTP."""

import csv
import io
import re
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import yaml

from api.security import create_key
from data.preview_tables import TABLE_NAMES
from registry.database import make_engine
from registry.divisions.figures import DivisionFigures, record_figures
from registry.restructuring.paper import read_paper_text
from tests.builder import RegistryBuilder
from tests.conftest import Databases, serving
from tests.grid_city import COUNTY, SPLIT, TOWNS, VILLAGES, grid_city, town, village

STATEMENT = {
    "submitted_by": "翔安区人民政府",
    "submitted_to": "厦门市人民政府",
    "reasons": "城镇化加快，原管辖范围过大。\n群众办事不便。",
    "risk": "风险等级为低。",
}
RENAME = {"rename": {"division": village(0, 0), "name": "甲东新村"}}
DRAFT: dict[str, Any] = {
    "title": "甲镇撤镇设街并析置新街道",
    "effective_on": "2021-01-06",
    "statement": STATEMENT,
    "operations": [*SPLIT, RENAME],
}
SMALLER: dict[str, Any] = {
    "title": "甲镇撤镇设街",
    "effective_on": "2021-01-06",
    "operations": [SPLIT[0]],
}


@pytest.fixture(scope="module")
def city_url(databases: Databases, template: str) -> Iterator[str]:
    """A city for all tests here: drafts do not disturb each other."""
    name = f"test_{uuid4().hex[:12]}"
    yield databases.make(name, template)
    databases.drop(name)


@pytest.fixture(scope="module")
def builder(city_url: str) -> Iterator[RegistryBuilder]:
    engine = make_engine(city_url)
    made = grid_city(engine)
    made.doors(village(0, 0), 3)
    made.doors(village(0, 3), 4, made.carrier("长里", village(0, 3)))
    made.doors(village(1, 3), 2, made.carrier("长里", village(1, 3)))
    with made.work("figures") as work:
        record_figures(
            work,
            {
                made.ids[village(place, number)]: DivisionFigures(
                    date(2020, 11, 1),
                    "census",
                    "第七次全国人口普查",
                    resident_population=10_000 + 1_000 * number,
                    households=4_000,
                )
                for place in range(TOWNS)
                for number in range(VILLAGES)
            },
        )
    yield made
    engine.dispose()


@pytest.fixture(scope="module")
def api(
    builder: RegistryBuilder, city_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    with builder.engine.connect() as connection:
        key = create_key(connection, holder="甲", role="reviewer")
        connection.commit()
    with (
        serving(city_url, tmp_path_factory.mktemp("home")) as url,
        httpx.Client(base_url=f"{url}/v1/", timeout=120) as client,
    ):
        client.headers["Authorization"] = f"Bearer {key}"
        yield client


def filed(api: httpx.Client, paper: dict[str, Any]) -> str:
    answered = api.post("restructurings", json=paper)
    assert answered.status_code == 201, answered.text
    return str(answered.json()["id"])


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def words_of(pdf: bytes, file: Path) -> str:
    file.write_bytes(pdf)
    done = subprocess.run(
        ["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True
    )
    return re.sub(r"\s+", "", done.stdout)


class WhenAPlanIsPreviewed:
    def test_it_comes_as_tables_that_agree_with_the_figures(self, api: httpx.Client) -> None:
        place = filed(api, DRAFT)

        found = api.get(f"restructurings/{place}/preview").json()
        archive = zipfile.ZipFile(
            io.BytesIO(api.get(f"restructurings/{place}/preview?format=csv").content)
        )
        addresses = rows_of(
            api.get(f"restructurings/{place}/preview?format=csv&table=addresses").content
        )
        lines = api.get(f"restructurings/{place}/preview?format=ndjson").text.splitlines()

        assert sorted(archive.namelist()) == sorted(f"{name}.csv" for name in TABLE_NAMES)
        for name in TABLE_NAMES:
            single = api.get(f"restructurings/{place}/preview?format=csv&table={name}")
            assert single.content == archive.read(f"{name}.csv")
        assert len(rows_of(archive.read("codes.csv"))) == len(found["codes"])
        assert len(rows_of(archive.read("villages.csv"))) == len(found["moved"]) == 2
        statistics = {row["name"]: row for row in rows_of(archive.read("statistics.csv"))}
        assert statistics["新街道"]["resident_population"] == "26000"
        assert statistics["甲街道"]["resident_population"] == "33000"
        assert statistics["新街道"]["resident_population_basis"] == "census"
        assert len(addresses) == len(lines) == found["addresses"]["full_text_changes"] == 9
        assert sum(row["plate"] == "remake" for row in addresses) == found["plates"]["remake"] == 3
        assert [one["name"] for one in found["names"]] == ["长里"]

    def test_its_map_shows_both_sides(self, api: httpx.Client) -> None:
        place = filed(api, DRAFT)

        before, after = (
            api.get(f"restructurings/{place}/preview?format=svg&side={side}")
            for side in ("before", "after")
        )

        assert before.headers["content-type"] == "image/svg+xml"
        assert ("新街道" in before.text, "新街道" in after.text) == (False, True)
        assert ("甲镇" in before.text, "甲街道" in after.text) == (True, True)

    def test_an_edited_draft_is_never_answered_from_memory(self, api: httpx.Client) -> None:
        answered = api.get(f"restructurings/{filed(api, DRAFT)}/preview")

        assert "ETag" not in answered.headers
        assert answered.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("query", ["format=docx", "table=nothing", "side=left", "paper=1"])
    def test_what_there_is_not_is_refused(self, api: httpx.Client, query: str) -> None:
        refused = api.get(f"restructurings/{filed(api, SMALLER)}/preview?{query}")

        assert (refused.status_code, refused.json()["code"]) == (422, "request-is-invalid")


LINE = {"type": "LineString", "coordinates": [[118.00501, 23.99], [118.00501, 24.02]]}
DIVIDED: dict[str, Any] = {
    "title": "甲东村分设甲社区",
    "effective_on": "2021-01-06",
    "operations": [
        {
            "split": {
                "division": village(0, 0),
                "keeps": True,
                "line": LINE,
                "into": [{"name": "甲社区", "kind": "community", "side": "left"}],
            }
        }
    ],
}
"""The line runs a metre from all three doors of the village: a person must say where each goes."""


class WhenDoorsStandOnTheEdge:
    def test_every_form_of_the_preview_lists_them_and_what_was_found(
        self, api: httpx.Client
    ) -> None:
        one = filed(api, DIVIDED)
        place = f"restructurings/{one}"
        shown = api.get(f"{place}/preview").json()
        doors = [door["code"] for door in shown["edge_doors"]]
        assert len(doors) == 3
        (found,) = [each for each in shown["findings"] if set(each["addresses"]) == {*doors}]

        def table(name: str) -> list[dict[str, str]]:
            asked = {"format": "csv", "table": name}
            return rows_of(api.get(f"{place}/preview", params=asked).content)

        assert [(row["code"], row["reason"]) for row in table("edge_doors")] == [
            (code, "near_line") for code in doors
        ]
        assert {row["zh"] for row in table("findings")} >= {found["zh"]}
        report = api.get(f"{place}/report", params={"format": "html"}).text
        assert "归属待定的门牌（3 个）" in report and found["zh"] in report
        for language, said in (("zh", found["zh"]), ("en", found["en"])):
            page = api.get(f"{api.base_url.copy_with(path='/')}{place}?lang={language}").text
            assert unescape(page).count(said) == 1
            assert all(code in page for code in doors)


class TheReport:
    TOLD = (
        "甲镇撤镇设街并析置新街道",
        "厦门市人民政府：",
        "一、基本情况",
        "二、调整方案",
        "撤销甲镇，设立甲街道",
        "设立新街道，隶属翔安区",
        "群众办事不便。",
        "表1",
        "26,000",
        "第七次全国人口普查",
        "区划代码对照表",
        "350213101204",
        "350213002201",
        "须重制门楼牌3块",
        "甲东新村",
        "界线变化表",
        "街路巷重名",
        "风险等级为低。",
        "专家论证报告",
        "翔安区人民政府",
        "无法判定",
    )

    def test_holds_what_a_submission_needs_as_a_page_and_as_pdf(
        self, api: httpx.Client, tmp_path: Path
    ) -> None:
        place = filed(api, DRAFT)

        html = api.get(f"restructurings/{place}/report?format=html")
        pdf = api.get(f"restructurings/{place}/report")
        said = words_of(pdf.content, tmp_path / "report.pdf")

        assert (pdf.headers["content-type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
        page = re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", html.text))
        assert [told for told in self.TOLD if told not in page] == []
        assert [told for told in self.TOLD if told not in said] == []
        assert html.text.count("<svg") == 2
        assert "http" not in re.sub(r'xmlns="[^"]+"', "", html.text)
        digest = api.get(f"restructurings/{place}/preview").json()["digest"]
        assert digest in page
        assert digest in said

    def test_says_what_its_authors_have_not_written(self, api: httpx.Client) -> None:
        page = api.get(f"restructurings/{filed(api, SMALLER)}/preview?format=html").text

        assert "〔调整理由由呈报单位填写〕" in page
        assert "社会稳定风险评估报告" in page

    def test_marks_a_plan_that_breaks_rules(self, api: httpx.Client) -> None:
        gone = {**SMALLER, "operations": [{"abolish": {"division": town(1), "no_successor": "x"}}]}

        page = api.get(f"restructurings/{filed(api, gone)}/report?format=html").text

        assert "改正前不能实施" in page

    def test_prints_names_as_text_whatever_they_hold(self, api: httpx.Client) -> None:
        nasty = {**SMALLER, "title": "<script>x</script>&"}

        page = api.get(f"restructurings/{filed(api, nasty)}/report?format=html").text

        assert "<script" not in page
        assert "&lt;script&gt;x&lt;/script&gt;&amp;" in page


class WhenPlansAreCompared:
    def test_every_figure_stands_beside_the_others(self, api: httpx.Client) -> None:
        one, other = filed(api, DRAFT), filed(api, SMALLER)
        previews = [api.get(f"restructurings/{place}/preview").json() for place in (one, other)]

        found = api.get(f"restructurings/{one}/compare?with={other}").json()
        table = rows_of(api.get(f"restructurings/{one}/compare?with={other}&format=csv").content)
        page = api.get(f"restructurings/{one}/compare?with={other}&format=html&lang=en").text

        figures = {line["figure"]: line for line in found["figures"]}
        assert [scenario["id"] for scenario in found["scenarios"]] == [one, other]
        assert figures["addresses_full"]["values"] == [
            shown["addresses"]["full_text_changes"] for shown in previews
        ]
        assert figures["plates_remake"]["values"] == [3, 0]
        assert figures["plates_remake"]["best"] == [1]
        assert figures["population_least"]["values"] == [26_000, 46_000]
        assert len(table) == len(figures)
        assert len(found["divisions"][0]) == len(previews[0]["divisions"])
        assert page.count("<svg") == 4
        assert "Plates to remake" in page

    def test_it_takes_two_that_exist(self, api: httpx.Client) -> None:
        one = filed(api, SMALLER)
        nobody = "7f3a1c1e-6f0d-5c55-9a35-0a8f6ad8b4c7"

        answers = [
            api.get(f"restructurings/{one}/compare"),
            api.get(f"restructurings/{one}/compare?with={one}"),
            api.get(f"restructurings/{one}/compare?with={nobody}"),
            api.get(f"restructurings/{one}/compare?with=x"),
        ]

        assert [(one.status_code, one.json()["code"]) for one in answers] == [
            (422, "request-is-invalid"),
            (422, "plan-is-malformed"),
            (404, "restructuring-is-unknown"),
            (422, "request-is-invalid"),
        ]


class WhenRegroupingsAreProposed:
    WISH: dict[str, Any] = {
        "within": [COUNTY],
        "k": 4,
        "effective_on": "2021-06-01",
        "min_population": 20_000,
        "max_population": 50_000,
        "seed": 5,
        "count": 2,
        "starts": 8,
    }

    def test_each_is_a_paper_that_reads_previews_and_keeps_its_bounds(
        self, api: httpx.Client
    ) -> None:
        first = api.post("restructurings/proposals", json=self.WISH)
        again = api.post("restructurings/proposals", json=self.WISH)

        assert first.status_code == 200, first.text
        assert first.content == again.content
        for one in first.json()["proposals"]:
            assert read_paper_text(one["yaml"]).title == one["paper"]["title"]
            assert yaml.safe_load(one["yaml"]) == one["paper"]
            place = filed(api, one["paper"])
            shown = api.get(f"restructurings/{place}/preview").json()
            # Two streets of one name may come together; that is for the plan's author to settle.
            assert all(one.startswith("N09") for one in shown["breaches"])
            people = {
                unit["name"]: unit["resident_population"]["value"]
                for unit in shown["divisions"]
                if unit["kind"] == "subdistrict"
            }
            assert people == {unit["name"]: unit["population"] for unit in one["units"]}
            assert all(20_000 <= value <= 50_000 for value in people.values())
            assert sum(len(unit["villages"]) for unit in one["units"]) == TOWNS * VILLAGES

    def test_fewer_units_than_towns_end_the_rest(self, api: httpx.Client) -> None:
        wish = {"within": [COUNTY], "k": 2, "effective_on": "2021-06-01", "count": 1}

        (one,) = api.post("restructurings/proposals", json=wish).json()["proposals"]

        shown = api.get(f"restructurings/{filed(api, one['paper'])}/preview").json()
        # Two streets of one name may come together; that is for the plan's author to settle.
        assert all(one.startswith("N09") for one in shown["breaches"])
        assert len(shown["ended"]) == 1

    @pytest.mark.parametrize(
        ("change", "status", "code"),
        [
            ({"min_population": 90_000}, 409, "bounds-cannot-be-met"),
            ({"k": 0}, 422, "plan-is-malformed"),
            ({"k": "many"}, 422, "plan-is-malformed"),
            ({"colour": "red"}, 422, "plan-is-malformed"),
            ({"within": ["999999"]}, 404, "division-is-unknown"),
            ({"within": ["35"]}, 409, "bounds-cannot-be-met"),
            ({"effective_on": "2021-02-30"}, 422, "plan-is-malformed"),
        ],
    )
    def test_what_cannot_be_is_said_and_nothing_is_filed(
        self, api: httpx.Client, change: dict[str, Any], status: int, code: str
    ) -> None:
        before = api.get("restructurings").json()
        refused = api.post("restructurings/proposals", json={**self.WISH, **change})

        assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
        assert api.get("restructurings").json() == before

    def test_a_key_is_needed(self, api: httpx.Client) -> None:
        refused = api.post(
            "restructurings/proposals", json=self.WISH, headers={"Authorization": "Bearer x"}
        )

        assert refused.status_code == 401
