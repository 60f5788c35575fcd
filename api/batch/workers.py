"""Blocks of rows answered by several processes, handed back in order; memory stays flat."""

import gc
import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

from sqlalchemy import Connection

from api.batch.answers import ASKED, Row, answered
from api.batch.columns import AddressColumns
from api.batch.reading import InputRow
from data.nation import national_names
from registry.changes.period import AsOf
from registry.database import make_engine
from registry.hot import HotReads
from registry.search.finder import Finder, Found
from registry.search.gazetteers import Gazetteers

AHEAD = 3
"""Blocks each process may be ahead of the one that is waited for."""

Block = Sequence[InputRow]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where rows are answered: one process, its connections and the names it works with."""

    connection: Connection
    finder: Finder
    at: AsOf

    def ask(self, texts: Sequence[str]) -> list[tuple[Found, ...]]:
        """What each text may mean."""
        found = self.finder.ask_many(self.connection, texts, self.at, limit=ASKED)
        return [one.found for one in found]


def answered_here(
    url: str, at: AsOf, blocks: Iterable[Block], columns: AddressColumns
) -> Iterator[list[Row]]:
    """Blocks answered one after the other in this process."""
    with ExitStack() as stack:
        desk = _desk(stack, url, at, Gazetteers(national_names()))
        for block in blocks:
            yield answered(block, columns, desk.ask)


def answered_by_many(
    url: str, at: AsOf, blocks: Iterable[Block], columns: AddressColumns, *, processes: int
) -> Iterator[list[Row]]:
    """Blocks answered by several processes, in the order they came in.

    The names are read once, before the processes part, so that they are held once.
    """
    gazetteers = Gazetteers(national_names())
    engine = make_engine(url)
    with engine.connect() as connection:
        _names = gazetteers.known_at(connection, at.known)
    # Connections do not survive the parting of processes.
    engine.dispose()
    gc.collect()
    gc.freeze()
    waiting: deque[Future[list[Row]]] = deque()
    with ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("fork"),
        initializer=_sit_down,
        initargs=(url, at, gazetteers),
    ) as pool:
        for block in blocks:
            waiting.append(pool.submit(_answered_at_desk, block, columns))
            while len(waiting) >= processes * AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


_desks: list[Desk] = []  # filled once in each process of the pool, never in the one that parts


def _sit_down(url: str, at: AsOf, gazetteers: Gazetteers) -> None:
    _desks.append(_desk(ExitStack(), url, at, gazetteers))


def _answered_at_desk(block: Block, columns: AddressColumns) -> list[Row]:
    return answered(block, columns, _desks[0].ask)


def _desk(stack: ExitStack, url: str, at: AsOf, gazetteers: Gazetteers) -> Desk:
    engine = make_engine(url)
    stack.callback(engine.dispose)
    hot = HotReads(url, size=1)
    hot.open()
    stack.callback(hot.close)
    connection = stack.enter_context(engine.connect())
    return Desk(connection, Finder(hot.rows, gazetteers), at)
