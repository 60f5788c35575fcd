"""The papers of Xiamen, enacted in a real registry, against the published editions."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from sqlalchemy import Engine, select

from api.work import works_on
from data.demo.baseline import load_baseline
from data.editions.draft import as_paper, draft_papers, to_yaml
from data.editions.loading import silent
from data.history import history_papers, restructuring_papers
from registry.changes.model import Intent, Verb
from registry.changes.rows import seen_at
from registry.changes.store import ChangeStore
from registry.divisions.model import STATISTICAL
from registry.divisions.tables import division_code_version, division_version
from registry.restructuring.commands import commit_paper, intent_of
from registry.restructuring.paper import Paper, read_paper_text
from tests.data.plans.published import XIAMEN, Members, members, rows_of

EDITIONS = ("2016-07-31", "2018-10-31", "2020-06-30", "2021-10-31", "2022-10-31", "2023-06-30")


def enact(engine: Engine, papers: Iterable[Paper]) -> None:
    """The baseline, then every paper in a work of its own."""
    open_work = works_on(engine)
    with open_work(Intent(author="test", verb=Verb.IMPORT, title="baseline")) as work:
        load_baseline(work, silent)
    for paper in papers:
        with open_work(intent_of(paper, author="test")) as work:
            commit_paper(work, paper)


def read(paths: Iterable[Path]) -> list[Paper]:
    return [read_paper_text(path.read_text(encoding="utf-8")) for path in paths]


def registered(engine: Engine, day: str, length: int) -> Members:
    """What the registry holds on a day: code -> published name, code of the parent."""
    unit, code = division_version, division_code_version
    above = division_code_version.alias("above")
    with engine.connect() as connection:
        at = ChangeStore(connection).as_of(date.fromisoformat(day))
        found = connection.execute(
            select(code.c.code, unit.c.published_name, above.c.code)
            .join(unit, unit.c.division_id == code.c.division_id)
            .join(above, above.c.division_id == unit.c.parent_id)
            .where(
                code.c.scheme == STATISTICAL,
                above.c.scheme == STATISTICAL,
                seen_at(unit, at),
                seen_at(code, at),
                seen_at(above, at),
            )
        )
        return {
            own: (name, parent)
            for own, name, parent in found
            if len(own) == length and own.startswith(XIAMEN)
        }


class TheHistoryOfXiamen:
    def test_agrees_with_every_edition_to_the_last_village(self, engine: Engine) -> None:
        enact(engine, read([*history_papers(), *restructuring_papers()]))

        for edition in EDITIONS:
            for length in (9, 12):
                expected = members(rows_of(edition), length, XIAMEN)
                assert registered(engine, edition, length) == expected
        towns, subdistricts = (registered(engine, f"2021-01-0{day}", 9) for day in (5, 6))
        assert towns["350213102"] == ("马巷镇", "350213")
        assert subdistricts["350213002"] == ("马巷街道", "350213")
        assert "350213102" not in subdistricts


class WhenADraftIsGivenADate:
    def test_it_leads_the_registry_to_the_later_edition(self, engine: Engine) -> None:
        drafts = draft_papers(
            rows_of("2020-06-30"),
            rows_of("2021-10-31"),
            from_edition=date(2020, 6, 30),
            to_edition=date(2021, 10, 31),
            within="350213",
        )
        days = [date(2021, 1, 6), *[date(2021, 10, 31)] * (len(drafts) - 1)]
        dated = [
            {**as_paper(draft), "effective_on": day}
            for draft, day in zip(drafts, days, strict=True)
        ]

        decided = [read_paper_text(to_yaml(draft)) for draft in dated]
        enact(engine, [*read(history_papers()), *decided])

        for length in (9, 12):
            found = registered(engine, "2021-10-31", length)
            assert {code: unit for code, unit in found.items() if code.startswith("350213")} == (
                members(rows_of("2021-10-31"), length, "350213")
            )
