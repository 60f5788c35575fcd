"""Blocks of rows answered by several processes, handed back in order; memory stays flat."""

import gc
import logging
import multiprocessing
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine

from api.batch.answers import Values, answered, asking, graded
from api.batch.columns import AddressColumns
from api.batch.reading import InputRow
from api.batch.writing import writer
from api.door_keeper import UNWRITABLE, write_here
from data.nation import national_names
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.database import make_engine
from registry.hot import HotReads
from registry.search.doors_at_hand import DoorsAtHand
from registry.search.finder import Finder
from registry.search.gazetteers import Gazetteers

AHEAD = 3
"""Blocks each process may be ahead of the one that is waited for."""

Block = Sequence[InputRow]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where rows are answered: one process, its connections and the names it works with."""

    connection: Connection
    finder: Finder
    at: AsOf

    def ask(self, texts: Sequence[str]) -> Sequence[Values]:
        """What each text means."""
        return asking(self.finder, self.connection, self.at)(texts)


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked about every row, and how the answers are written."""

    url: str
    at: AsOf
    doors: Path
    """Where indexes of doors are kept."""
    columns: AddressColumns
    form: str
    shown: Sequence[str]


@dataclass(frozen=True, slots=True)
class WrittenBlock:
    """A block of rows with their matches, as it goes out."""

    text: bytes
    rows: int
    grades: Mapping[str, int]


def answered_here(order: Order, blocks: Iterable[Block]) -> Iterator[WrittenBlock]:
    """Blocks answered one after the other in this process."""
    with ExitStack() as stack:
        desk = _desk(stack, order, Gazetteers(national_names()))
        for block in blocks:
            yield _written(desk, order, block)


def answered_by_many(
    order: Order, blocks: Iterable[Block], *, processes: int
) -> Iterator[WrittenBlock]:
    """Blocks answered by several processes, in the order they came in.

    The names are read once, before the processes part, so that they are held once; so are the
    doors, of which an index is written when there is none.
    """
    gazetteers = Gazetteers(national_names())
    url, at = order.url, order.at
    engine = make_engine(url)
    with engine.connect() as connection:
        _names = gazetteers.known_at(connection, at.known)
        there = DoorsAtHand(order.doors).reach(connection, at.known)
        newest = ChangeStore(connection).head() == at.known
    if newest and not there:
        _write_doors(engine, order.doors)
    # Connections do not survive the parting of processes.
    engine.dispose()
    gc.collect()
    gc.freeze()
    waiting: deque[Future[WrittenBlock]] = deque()
    with ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("fork"),
        initializer=_sit_down,
        initargs=(order, gazetteers),
    ) as pool:
        for block in blocks:
            waiting.append(pool.submit(_answered_at_desk, block))
            while len(waiting) >= processes * AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _write_doors(engine: Engine, place: Path) -> None:
    """Write an index; where that is not possible the answers take longer, and are the same."""
    try:
        with DoorsAtHand(place).to_be_written() as home:
            if home is not None:
                write_here(engine, home)
    except UNWRITABLE as error:
        log.warning("no index of doors is written: %s", error)


_desks: list[tuple[Desk, Order]] = []
# filled once in each process of the pool, never in the one that parts


def _sit_down(order: Order, gazetteers: Gazetteers) -> None:
    _desks.append((_desk(ExitStack(), order, gazetteers), order))


def _answered_at_desk(block: Block) -> WrittenBlock:
    return _written(*_desks[0], block)


def _written(desk: Desk, order: Order, block: Block) -> WrittenBlock:
    rows = answered(block, order.columns, desk.ask)
    text = writer(order.form, order.shown)(rows)
    return WrittenBlock(text, len(rows), Counter(graded(row) for row in rows))


def _desk(stack: ExitStack, order: Order, gazetteers: Gazetteers) -> Desk:
    engine = make_engine(order.url)
    stack.callback(engine.dispose)
    hot = HotReads(order.url, size=1)
    hot.open()
    stack.callback(hot.close)
    connection = stack.enter_context(engine.connect())
    finder = Finder(hot.rows, gazetteers, DoorsAtHand(order.doors))
    finder.keep_up(connection, order.at)
    return Desk(connection, finder, order.at)
