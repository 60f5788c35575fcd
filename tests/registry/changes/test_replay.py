"""The feed from nothing to the head, replayed into an empty copy, gives equal tables."""

import msgspec
import pytest
from sqlalchemy import Engine, text

from api.replica.model import RowLine
from registry.changes.replay import Replay, continue_numbering
from registry.errors import ReplayOutOfOrder, ReplicaDiffers
from registry.log.checking import RECORD_LINE
from registry.log.receiving import receive, refuse_differences
from registry.log.record import ChangeRecord, read_record
from registry.log.store import LogStore
from registry.log.stream import log_lines
from registry.tables import LOGGED_TABLES

COMPARED = [
    *(str(table.name) for table in LOGGED_TABLES),
    "change",
    "decree",
    "registry_head",
    "log_entry",
    "log_node",
]


def contents(engine: Engine) -> dict[str, tuple[int, str]]:
    """Of every table what the log speaks of: how many rows, and a digest of all of them."""
    with engine.connect() as connection:
        return {
            name: tuple(
                connection.execute(
                    text(
                        f"SELECT count(*), coalesce(md5(string_agg(r, chr(10) ORDER BY r)), '') "
                        f'FROM (SELECT t::text AS r FROM "{name}" t) AS rows'
                    )
                ).one()
            )
            for name in COMPARED
        }


def replayed(lines: list[bytes], engine: Engine) -> None:
    """Lines of a log, written into a copy."""
    records: list[ChangeRecord] = []
    rows: list[tuple[int, RowLine]] = []
    for line in lines:
        if line.startswith(RECORD_LINE):
            records.append(read_record(line))
        else:
            rows.append((records[-1].number, msgspec.json.decode(line, type=RowLine)))
    with engine.connect() as target:
        replay = Replay(target)
        receive(target, records)
        for number, row in rows:
            replay.take(number, row.table, row.side, row.row)
        replay.flush()
        refuse_differences(target, records)
        continue_numbering(target)
        target.commit()


def lines_of(source: Engine, first: int, last: int | None = None) -> list[bytes]:
    with source.connect() as connection:
        return list(log_lines(connection, first, last or LogStore(connection).size()))


class WhenTheFeedIsReplayed:
    def test_every_table_of_the_copy_is_equal(self, demo: Engine, engine: Engine) -> None:
        replayed(lines_of(demo, 1), engine)

        assert contents(engine) == contents(demo)

    def test_it_does_not_matter_where_it_is_cut(self, demo: Engine, engine: Engine) -> None:
        replayed(lines_of(demo, 1, 17), engine)
        replayed(lines_of(demo, 18, 18), engine)
        replayed(lines_of(demo, 19), engine)

        assert contents(engine) == contents(demo)

    def test_no_change_may_be_left_out(self, demo: Engine, engine: Engine) -> None:
        with pytest.raises(ReplayOutOfOrder):
            replayed(lines_of(demo, 2, 2), engine)

        with engine.connect() as connection:
            assert LogStore(connection).size() == 0

    def test_an_altered_row_is_refused(self, demo: Engine, engine: Engine) -> None:
        lines = lines_of(demo, 1, 2)
        place = next(n for n, line in enumerate(lines) if b"division_version" in line[:40])
        lines[place] = lines[place].replace(b'"cause":"import"', b'"cause":"invent"')

        with pytest.raises(ReplicaDiffers, match="division_version"):
            replayed(lines, engine)

        with engine.connect() as connection:
            assert LogStore(connection).size() == 0
