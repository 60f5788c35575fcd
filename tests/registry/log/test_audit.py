"""Whatever is altered by hand in the database, the audit finds it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Boolean, Connection, Engine, Integer, Table, Text, func, select, text

from api.log_keys import current_checkpoint, prepare_log
from api.work import works_on
from registry.addresses.tables import address, address_version
from registry.changes.annulment import annul
from registry.changes.model import Intent, Verb
from registry.changes.period import AsOf
from registry.divisions.store import DivisionStore
from registry.divisions.tables import division_version
from registry.lines.commands import set_marker
from registry.lines.following import derive_all
from registry.lines.model import MarkerKind
from registry.lines.store import LineStore
from registry.log.audit import audit
from registry.log.faults import FaultKind
from registry.names.commands import open_window
from registry.plates.commands import issue_plates
from registry.plates.model import PlateKind
from registry.tables import LOGGED_TABLES

BY_HAND = {
    "a change's title": "UPDATE change SET title = title || ' ' WHERE number = 5",
    "a change's moment": (
        "UPDATE change SET recorded_at = recorded_at - interval '1 microsecond' WHERE number = 5"
    ),
    "a decree": "UPDATE decree SET number = '无' WHERE number = '闽政文〔2021〕3号'",
    "a record": "UPDATE log_entry SET record = replace(record, 'demo', 'dem0') WHERE number = 9",
    "a record, taken away": (
        "ALTER TABLE change DROP CONSTRAINT change_sealed_fkey;"
        "DELETE FROM log_entry WHERE number = 9"
    ),
    "a hash": "UPDATE log_node SET hash = sha256('x') WHERE level = 2 AND place = 1",
    "a hash too many": "INSERT INTO log_node VALUES (0, 99999, sha256('x'))",
    "two succession rows, swapped": (
        "UPDATE succession_version a SET predecessor_id = b.predecessor_id"
        " FROM succession_version b WHERE (a.version_id, b.version_id) IN ((1, 2), (2, 1))"
    ),
    "a row, taken away": "DELETE FROM position_version WHERE version_id = 5",
    "a hash, taken away": "DELETE FROM log_node WHERE level = 3 AND place = 0",
    "a checkpoint": "UPDATE log_checkpoint SET note = replace(note, E'\\n', E'\\nA')",
    "the head": "UPDATE registry_head SET number = number + 1",
    "the moment of the head": "UPDATE registry_head SET recorded_at = recorded_at + interval '1 s'",
    "a row of a change to come": (
        "INSERT INTO division VALUES ('00000000-0000-0000-0000-000000000001', 'statutory', 99999)"
    ),
}


@pytest.fixture
def audited(city: Engine, tmp_path: Path) -> Iterator[Connection]:
    """A demo city with a signed checkpoint, in a transaction that is never committed."""
    prepare_log(city, tmp_path, None)
    _fill_every_table(city)
    with city.connect() as connection:
        current_checkpoint(connection, tmp_path)
        connection.commit()
    with city.connect() as opened:
        yield opened


def _fill_every_table(city: Engine) -> None:
    """What the demo city does not hold by itself: plates, lines, both names of a town, an annulment."""
    work_on = works_on(city)
    with work_on(Intent("a clerk", Verb.IMPORT, "lines and a marker")) as work:
        at = AsOf(date(2026, 1, 1), work.number)
        within = DivisionStore(work.connection).resolve("350213", at)
        derive_all(work, within, 4, on=at.valid_on)
        line = LineStore(work.connection).lines(at, limit=1)[0]
        set_marker(
            work,
            line.line_id,
            number="0001001Q",
            kind=MarkerKind.SINGLE,
            spot=line.course.interpolate(0.5, normalized=True),
            on=at.valid_on,
        )
    with work_on(Intent("a clerk", Verb.IMPORT, "a plate")) as work:
        doors = select(address.c.code).join(address_version).where(address_version.c.number > 0)
        code = work.connection.scalars(doors.order_by(address.c.code).limit(1)).one()
        issue_plates(work, [code], kind=PlateKind.SMALL, on=date(2026, 1, 1))
    with work_on(Intent("a clerk", Verb.CHANGE, "both names")) as work:
        work.start()
        retyped = select(func.max(division_version.c.recorded_from)).where(
            division_version.c.cause == "retype"
        )
        open_window(work, work.connection.scalars(retyped).one(), until=date(2030, 1, 1))
        both_names = work.number
    with work_on(Intent("a clerk", Verb.ANNUL, "annulled")) as work:
        annul(work, both_names)


def another(table: Table) -> str:
    """SQL that alters one value column of some row."""
    names = {"recorded_from", "recorded_to", "version_id", table.info["key"]}
    for column in table.columns:
        if column.name in names or column.foreign_keys:
            continue
        if isinstance(column.type, Boolean):
            return f'"{column.name}" = NOT "{column.name}"'
        if isinstance(column.type, Integer):
            return f'"{column.name}" = coalesce("{column.name}", 0) + 1'
        if isinstance(column.type, Text) and column.name == "cause":
            return "cause = cause || '!'"
    return "recorded_from = recorded_from + 1"


class WhenSomebodyAltersTheDatabaseByHand:
    def test_an_untouched_registry_has_no_fault(self, audited: Connection) -> None:
        size, _root, faults = audit(audited)

        assert faults == []
        assert size > 30

    @pytest.mark.parametrize("what", BY_HAND)
    def test_it_is_found_in_the_log_itself(self, audited: Connection, what: str) -> None:
        audited.execute(text(BY_HAND[what]))

        assert audit(audited)[2] != []

    def test_it_is_found_in_every_table(self, audited: Connection) -> None:
        audited.execute(text("SET session_replication_role = replica"))
        audited.commit()
        for table in LOGGED_TABLES:
            place = audited.scalar(text(f'SELECT ctid::text FROM "{table.name}" LIMIT 1'))
            for by_hand in (
                f"UPDATE \"{table.name}\" SET {another(table)} WHERE ctid = '{place}'",
                f"DELETE FROM \"{table.name}\" WHERE ctid = '{place}'",
            ):
                audited.execute(text(by_hand))
                kinds = {fault.kind for fault in audit(audited)[2]}
                assert FaultKind.ROWS_DIFFER in kinds, by_hand
                audited.rollback()

    def test_it_is_found_when_a_belief_is_brought_back(self, audited: Connection) -> None:
        audited.execute(text("SET session_replication_role = replica"))
        audited.execute(
            text("ALTER TABLE division_version DROP CONSTRAINT division_version_one_belief_excl")
        )
        audited.execute(
            text(
                "UPDATE division_version SET recorded_to = NULL WHERE version_id ="
                " (SELECT min(version_id) FROM division_version WHERE recorded_to IS NOT NULL)"
            )
        )

        assert audit(audited)[2] != []
