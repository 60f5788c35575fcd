"""The demonstration city, step by step; each step is one work, done once, whole or not at all."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID, uuid5

import yaml
from sqlalchemy import Connection

from data.demo.addresses import load_addresses
from data.demo.baseline import load_baseline
from data.demo.city import BASELINE_EDITION, DISTRICTS
from data.demo.coarse import COARSE_SOURCE, coarse_outlines
from data.demo.figures import load_figures
from data.demo.ground import baseline_day
from data.demo.lines import load_lines
from data.demo.outlines import SOURCE, get_outlines
from data.demo.places import load_places
from data.demo.territories import load_territories
from data.demo.units import units_on
from data.editions.loading import Progress, silent
from data.history import history_papers, restructuring_papers
from registry.changes.model import Intent, Verb
from registry.changes.store import ChangeStore
from registry.changes.work import OpenWork, Work
from registry.errors import SourceIsUnreadable
from registry.restructuring.commands import enact, intent_of
from registry.restructuring.paper import read_paper

AUTHOR = "demo"
APPROVER = "demo-approver"
"""Nobody approves their own plan, not even here."""
RESTRUCTURINGS = UUID("5b0c2f0e-3a57-5d27-9a57-8f7f0f2b1c33")
BASELINE_DAY = date.fromisoformat(BASELINE_EDITION)
Connect = Callable[[], AbstractContextManager[Connection]]


@dataclass(frozen=True, slots=True)
class DemoOrder:
    """What the demonstration shall hold."""

    addresses: int
    files: Path
    """Directory for what is fetched."""
    outlines: Path | None = None
    """A GeoJSON file of district outlines in GCJ-02, instead of fetching."""
    acts: bool = True
    """Whether the acts after the baseline's day are committed too."""


def load_demo(
    open_work: OpenWork, connect: Connect, order: DemoOrder, progress: Progress = silent
) -> list[str]:
    """Load what is missing of the demonstration; may be stopped anywhere and called again.

    Returns:
        Remarks for the operator, such as outlines that could not be had.
    """
    loading = _Loading(open_work, connect, progress)
    loading.step("baseline", "Divisions before 2000", load_baseline)
    loading.papers("history", history_papers())
    remarks: list[str] = []
    loading.step("territories", "Territories", _territories(order, remarks))
    loading.step("places", "Roads and settlements", load_places)
    loading.step("figures", "Figures", _figures)
    load_addresses(open_work, connect, order.addresses, progress)
    if order.acts:
        loading.papers("act", restructuring_papers())
    loading.step("lines", "Boundary lines", _lines)
    return remarks


def _territories(order: DemoOrder, remarks: list[str]) -> "Step":
    def step(work: Work, progress: Progress) -> object:
        try:
            outlines, source = get_outlines(order.files, DISTRICTS, order.outlines), SOURCE
        except SourceIsUnreadable as error:
            if order.outlines is not None:
                raise
            remarks.append(f"{error}; went on with coarse outlines")
            outlines, source = coarse_outlines(), COARSE_SOURCE
        units = units_on(work.connection, baseline_day(work.connection))
        return load_territories(work, units, outlines, source=source, progress=progress)

    return step


def _lines(work: Work, progress: Progress) -> object:
    return load_lines(work, progress=progress)


def _figures(work: Work, progress: Progress) -> object:
    return load_figures(work, baseline_day(work.connection).valid_on, progress=progress)


Step = Callable[[Work, Progress], object]


class _Loading:
    """Runs steps that have not been done."""

    def __init__(self, open_work: OpenWork, connect: Connect, progress: Progress) -> None:
        self._open_work = open_work
        self._connect = connect
        self._progress = progress

    def step(self, key: str, title: str, step: Step) -> None:
        """Do a step in a work of its own."""
        source_key = f"demo:{key}"
        if self._is_done(source_key):
            return
        self._progress(title, 0, 1)
        intent = Intent(AUTHOR, Verb.IMPORT, f"Demonstration: {title}", source_key=source_key)
        with self._open_work(intent) as work:
            work.start()
            step(work, self._progress)

    def papers(self, kind: str, papers: Sequence[Path]) -> None:
        """Commit the papers of acts in order, each in a work of its own."""
        for number, path in enumerate(papers, start=1):
            source_key = f"demo:{kind}:{path.stem}"
            if self._is_done(source_key):
                continue
            raw = yaml.safe_load(path.read_text(encoding="utf-8"))
            paper = read_paper(raw)
            intent = intent_of(
                paper,
                author=APPROVER,
                restructuring_id=uuid5(RESTRUCTURINGS, path.stem),
                source_key=source_key,
            )
            with self._open_work(intent) as work:
                enact(work, raw, author=AUTHOR, approver=APPROVER)
            self._progress(paper.title, number, len(papers))

    def _is_done(self, source_key: str) -> bool:
        with self._connect() as connection:
            return ChangeStore(connection).find_by_source_key(source_key) is not None
