"""A province, or a city, carried from edition to edition by acts alone, in a real registry."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, Engine, select

from api.work import works_on
from data.editions.comparison import gaps
from data.editions.difference import codes_ever_used
from data.editions.draft import Assumed, DraftPaper, as_paper, draft_from_editions
from data.editions.held import held_edition
from data.editions.reader import EditionRow, as_of, read_edition, to_row
from data.editions.units import COUNTY, TOWNSHIP, VILLAGE, Edition
from data.editions.witness import with_villages
from registry.changes.rows import seen_at
from registry.changes.store import ChangeStore
from registry.divisions.model import DivisionKind
from registry.divisions.tables import division_version
from registry.restructuring.commands import commit_paper, intent_of
from registry.restructuring.paper import read_paper
from tests.data.editions.shared import COUNTIES_BY_YEAR, FIRST, TOWNSHIPS, records
from tests.data.plans.published import FILES, SAMPLE

EDITIONS = (
    "2013",
    "2015-09-30",
    "2016-07-31",
    "2017-10-31",
    "2018-10-31",
    "2019-10-31",
    "2020-06-30",
    "2021-10-31",
    "2022-10-31",
    "2023-06-30",
)
WITNESS = "2016-07-31"
"""The first edition that lists villages by code."""


def upper_lines(year: str) -> list[EditionRow]:
    """Province, cities and counties at the end of a year, from the ministry's lists.

    Where these are not at hand, those of the first list that is shipped.
    """
    if not COUNTIES_BY_YEAR.exists():
        return list(read_edition(SAMPLE / FILES[0], "2015-09-30"))
    found = []
    for number, row in enumerate(records(COUNTIES_BY_YEAR), start=2):
        code = row["code"]
        if row["year"] == year and code.startswith("35"):
            kept = 2 if code.endswith("0000") else 4 if code.endswith("00") else 6
            found.append(to_row("counties", number, code[:kept], row["name"], year))
    return found


def edition_of(name: str, within: str) -> list[EditionRow]:
    """The rows of an edition of Fujian."""
    rows: list[EditionRow] = []
    if name == "2009":
        rows += first_edition()
    elif name == "2013":
        rows += [*upper_lines(name), *read_edition(SAMPLE / FILES[1], name)]
    else:
        for file in FILES:
            if name >= WITNESS or "villages" not in file:
                rows += read_edition(SAMPLE / file, name)
    above = {within[:2], within[:4]}
    return [row for row in rows if row.place.startswith(within) or row.code in above]


def first_edition() -> list[EditionRow]:
    """The lists of 2009, which may not be shipped: townships, and villages without codes.

    Where they are not at hand: the townships of 2013 with the villages of 2016 in them, their
    codes taken away, so that the same has to be found out.
    """
    if FIRST.exists() and TOWNSHIPS.exists():
        return [
            *upper_lines("2009"),
            *read_edition(TOWNSHIPS, "2009"),
            *read_edition(FIRST, "2009"),
        ]
    townships = list(read_edition(SAMPLE / FILES[1], "2013"))
    listed = {row.code for row in townships}
    villages = [
        replace(row, code="", under=row.code[:9])
        for row in read_edition(SAMPLE / FILES[2], WITNESS)
        if row.is_division and row.code[:9] in listed
    ]
    return [*upper_lines("2013"), *townships, *villages]


@dataclass
class Replay:
    """What happened on the way."""

    engine: Engine
    within: str
    acts: int = 0
    operations: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    papers: dict[str, list[DraftPaper]] = field(default_factory=dict)

    def carry_to(self, name: str) -> None:
        """Draft the acts that lead to an edition, and commit every one of them."""
        began = time.monotonic()
        after = Edition.of(edition_of(name, self.within))
        with self.engine.connect() as connection:
            before = self._held(connection, as_of(name))
            ever = codes_ever_used(connection)
        if before.level(VILLAGE) and not after.level(VILLAGE):
            after = with_villages(before, after, Edition.of(edition_of(WITNESS, self.within)))
        papers = draft_from_editions(
            before,
            after,
            evidence=f"截止日 {name} 的名录",
            assumed=Assumed(as_of(name), frozenset(ever)),
        )
        drafted = time.monotonic()
        self._commit(papers)
        self.papers[name] = papers
        self.seconds[f"{name} draft"] = round(drafted - began, 1)
        self.seconds[f"{name} commit"] = round(time.monotonic() - drafted, 1)

    def _commit(self, papers: Sequence[DraftPaper]) -> None:
        open_work = works_on(self.engine)
        for raw in papers:
            paper = read_paper(as_paper(raw))
            with open_work(intent_of(paper, author="replay")) as work:
                commit_paper(work, paper)
            self.acts += 1
            self.operations += len(paper.operations)

    def held(self, name: str) -> Edition:
        """What the registry holds on the day of an edition."""
        with self.engine.connect() as connection:
            return self._held(connection, as_of(name))

    def ids(self, name: str, level: int) -> set[UUID]:
        """Identities in force at a level on the day of an edition."""
        with self.engine.connect() as connection:
            at = ChangeStore(connection).as_of(as_of(name))
            table = division_version
            found = connection.execute(
                select(table.c.division_id, table.c.kind).where(seen_at(table, at))
            )
            return {row.division_id for row in found if DivisionKind(row.kind).level == level}

    def _held(self, connection: Connection, day: date) -> Edition:
        return held_edition(connection, ChangeStore(connection).as_of(day), self.within)


def differences(found: Edition, listed: Edition, levels: Iterable[int]) -> list[str]:
    """Where the registry and an edition disagree: code, published name, kind, parent.

    Units outside the law are compared only where the edition lists any at all, and townships only
    of counties the edition goes into; `gaps` says which it does not.
    """
    kinds = {unit.kind for unit in listed.units.values()}
    left_out = set(gaps(listed))
    lines = []
    for level in levels:
        ours = {
            (one.code, one.published_name, one.kind, _above(found, one.parent))
            for one in found.level(level).values()
            if found.county_of[one.key] not in left_out or level == COUNTY
            if one.kind in kinds or one.kind.value not in ("special_area", "special_village")
        }
        theirs = {
            (one.code, one.published_name, one.kind, _above(listed, one.parent))
            for one in listed.level(level).values()
        }
        lines += [f"only in the registry: {one}" for one in sorted(map(str, ours - theirs))]
        lines += [f"only in the edition: {one}" for one in sorted(map(str, theirs - ours))]
    return lines


def _above(edition: Edition, parent: str | None) -> str | None:
    return None if parent is None else edition.units[parent].code


LEVELS_OF = {
    "2009": (COUNTY, TOWNSHIP, VILLAGE),
    "2013": (COUNTY, TOWNSHIP),
    "2015-09-30": (COUNTY, TOWNSHIP),
}
ALL_LEVELS = (COUNTY, TOWNSHIP, VILLAGE)
