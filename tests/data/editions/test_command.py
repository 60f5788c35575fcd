"""`plan draft-from-editions` on the command line."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.cli.main import run
from api.work import works_on
from registry.errors import PlanIsMalformed
from registry.restructuring.commands import commit_paper, intent_of
from registry.restructuring.paper import Precision, read_paper_text
from tests.data.editions.france import COMMUNES, write_list
from tests.data.editions.land import write_country
from tests.data.plans.published import FILES, SAMPLE

UNDER = ("35",)
LISTS = [word for name in FILES for word in ("--list", str(SAMPLE / name))]
CITY = ["--within", "3502"]


def draft(*words: str) -> int:
    return run(["plan", "draft-from-editions", *words])


class WhenTwoEditionsOfACityAreGiven:
    def test_every_paper_is_a_draft_that_is_refused_until_it_is_dated(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert draft("2021-10-31", "2022-10-31", *LISTS, *CITY, "--out", str(tmp_path)) == 0

        papers = sorted(tmp_path.glob("*.yaml"))
        assert f"{len(papers)} 件" in capsys.readouterr().out
        assert [one.name for one in papers][:2] == ["0001.yaml", "0002.yaml"]
        for one in papers:
            with pytest.raises(PlanIsMalformed, match="draft"):
                read_paper_text(one.read_text(encoding="utf-8"))
        review = json.loads((tmp_path / "review.json").read_text(encoding="utf-8"))
        assert len(review) == len(papers)
        assert all(
            0 < one["confidence"] <= 1 for act in review for one in act["review"]["operations"]
        )

    def test_json_has_the_papers_and_a_summary(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert draft("2022-10-31", "2023-06-30", *LISTS, *CITY, "--json") == 0

        told = json.loads(capsys.readouterr().out)
        assert told["summary"]["papers"] == len(told["papers"])

    def test_assumed_papers_can_be_committed_as_they_are(
        self,
        engine: Engine,
        database_url: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", database_url)
        monkeypatch.setenv("REGISTRY_HOME", str(tmp_path / "home"))
        files = [str(SAMPLE / name) for name in FILES]
        under = [word for code in UNDER for word in ("--under", code)]
        assert run(["import", "divisions", "--edition", "2021-10-31", *under, *files]) == 0
        assumed = ("--assume-edition-date", "--within", "3502", "--out", str(tmp_path / "out"))

        assert draft("registry@2021-10-31", "2022-10-31", *LISTS, *assumed) == 0

        papers = sorted((tmp_path / "out").glob("*.yaml"))
        assert papers
        for one in papers:
            paper = read_paper_text(one.read_text(encoding="utf-8"))
            assert (str(paper.effective_on), paper.effective_precision) == (
                "2022-10-31",
                Precision.BY_EDITION,
            )
            with works_on(engine)(intent_of(paper, author="test")) as work:
                commit_paper(work, paper)
        capsys.readouterr()
        again = ("registry@2022-10-31", "2022-10-31", *LISTS, "--within", "3502", "--json")
        assert draft(*again) == 0
        assert json.loads(capsys.readouterr().out)["papers"] == []


class WhenForeignListsAreGiven:
    def test_their_form_is_told_by_what_is_in_them(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write_list(tmp_path / "2022.csv", "2022-01-01")

        assert draft(str(tmp_path / "2022.csv"), str(COMMUNES), "--json") == 0
        french = json.loads(capsys.readouterr().out)
        assert draft(*map(str, write_country(tmp_path)), "--json") == 0
        drawn = json.loads(capsys.readouterr().out)

        assert french["summary"]["operations"]["absorb"] > 0
        assert drawn["summary"]["operations"] == {"absorb": 25, "merge": 25}


class WhenAnEditionCannotBeOpened:
    @pytest.mark.parametrize(
        "words",
        [
            ("nowhere.csv", "2023-06-30", *LISTS),
            ("2021-10-31", "1999-01-01", *LISTS),
            ("2021-13-31", "2023-06-30", *LISTS),
            (f"{COMMUNES},{COMMUNES}", str(COMMUNES), "--format", "insee"),
            (str(SAMPLE / FILES[1]), str(COMMUNES), "--format", "insee"),
            (str(COMMUNES), str(COMMUNES), "--assume-edition-date"),
        ],
    )
    def test_it_is_refused_in_one_line(
        self, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert draft(*words) == 1

        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.startswith("source-is-unreadable: ")
        assert len(said.err.splitlines()) == 1

    def test_the_registry_is_no_later_edition(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert draft(str(COMMUNES), "registry") == 2
        assert "not the registry" in capsys.readouterr().err
