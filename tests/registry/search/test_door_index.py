"""Doors at hand: the index answers as the database does, and says when it cannot."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, select

from registry.addresses.commands import change_address, change_number
from registry.addresses.tables import address, position_version
from registry.addresses.text import Profile
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.changes.timeline import change_from
from registry.hot import HotReads
from registry.search.door_index_building import write_index
from registry.search.doors_at_hand import DoorsAtHand
from registry.search.finder import Finder
from registry.search.gazetteers import Gazetteers
from registry.search.held_doors import NotAtHand
from tests.builder import MAXIANG, RegistryBuilder

BEFORE, CHANGED, NOW = date(2020, 1, 1), date(2021, 5, 1), date(2023, 1, 1)


@pytest.fixture
def builder(engine: Engine) -> RegistryBuilder:
    made = RegistryBuilder(engine)
    made.tree(MAXIANG)
    made.squares("350213102001", "350213102201", "350213102202", "350213103201")
    return made


@pytest.fixture
def place(builder: RegistryBuilder) -> UUID:
    found = builder.carrier("琼头中里", "350213102201")
    builder.doors("350213102201", 3, found)
    builder.doors("350213102202", 2)
    return found


@pytest.fixture
def kept(
    place: UUID, engine: Engine, database_url: str, tmp_path: Path
) -> Iterator[tuple[Finder, Connection]]:
    write_index(engine, tmp_path)
    hot = HotReads(database_url)
    hot.open()
    with engine.connect() as connection:
        yield Finder(hot.rows, Gazetteers(), DoorsAtHand(tmp_path)), connection
    hot.close()


def brought_up(finder: Finder, connection: Connection, on: date = NOW) -> AsOf:
    connection.rollback()
    at = ChangeStore(connection).as_of(on)
    assert finder.keep_up(connection, at)
    return at


TEXTS = ["翔安区琼头中里2号", "马巷镇琼头村琼头中里1号", "翔安区马巷镇后亭村2号", "琼头中里3号"]


class WhenDoorsAreAtHand:
    @pytest.mark.parametrize("text", TEXTS)
    @pytest.mark.parametrize("on", [BEFORE, NOW])
    def test_an_answer_is_the_one_the_database_gives(
        self, kept: tuple[Finder, Connection], text: str, on: date
    ) -> None:
        finder, connection = kept
        at = brought_up(finder, connection, on)

        assert finder.at_hand(text, at, limit=5) == finder.ask(connection, text, at, limit=5)

    @pytest.mark.parametrize("text", TEXTS)
    @pytest.mark.parametrize("on", [BEFORE, NOW])
    def test_a_straight_answer_says_the_same_of_the_door(
        self, kept: tuple[Finder, Connection], text: str, on: date
    ) -> None:
        finder, connection = kept
        at = brought_up(finder, connection, on)
        if not finder.ask(connection, text, at, limit=5).found:
            assert finder.straight(text, at) is None
            return
        # Names are read at length once.
        assert finder.straight(text, at) is None
        (found,) = finder.at_hand(text, at, limit=5).found

        straight = finder.straight(text, at)

        assert straight is not None
        assert (straight.grade, straight.score) == (found.match.grade, found.match.score)
        assert straight.place.said.via == found.match.via
        assert (straight.row.code, straight.text()) == (found.address.code, found.address.text())
        assert straight.texts() == {str(one): found.address.text(one) for one in Profile}

    def test_many_are_answered_alike_whether_at_hand_or_not(
        self, kept: tuple[Finder, Connection]
    ) -> None:
        finder, connection = kept
        at = brought_up(finder, connection)
        texts = [*TEXTS, "琼头中里99号", "无此路1号", "琼头中里"]

        found = finder.ask_many(connection, texts, at, limit=5)

        assert found == [finder.ask(connection, text, at, limit=5) for text in texts]

    def test_what_takes_more_than_doors_is_left_to_the_database(
        self, kept: tuple[Finder, Connection]
    ) -> None:
        finder, connection = kept
        at = brought_up(finder, connection)

        for text in ("琼头中里99号", "琼头中里"):
            with pytest.raises(NotAtHand):
                finder.at_hand(text, at, limit=5)

    def test_what_was_known_at_another_time_is_left_to_it_too(
        self, kept: tuple[Finder, Connection]
    ) -> None:
        finder, connection = kept
        at = brought_up(finder, connection)

        with pytest.raises(NotAtHand):
            finder.at_hand(TEXTS[0], AsOf(NOW, at.known - 1), limit=5)


class WhenTheRegistryGoesOn:
    def test_a_new_door_is_found_and_the_others_stay_at_hand(
        self, kept: tuple[Finder, Connection], builder: RegistryBuilder, place: UUID
    ) -> None:
        finder, connection = kept
        with builder.work("door") as work:
            builder.door(work, "350213102201", 77, place)

        at = brought_up(finder, connection)

        assert finder.at_hand(TEXTS[0], at, limit=5).found[0].match.grade == "A"
        assert finder.straight(TEXTS[0], at) is not None
        assert finder.straight("翔安区琼头中里77号", at) is None
        with pytest.raises(NotAtHand):
            finder.at_hand("翔安区琼头中里77号", at, limit=5)
        (answer,) = finder.ask_many(connection, ["翔安区琼头中里77号"], at, limit=5)
        assert answer.found[0].match.grade == "A"

    def test_neither_an_old_number_nor_a_new_one_is_answered_from_what_was(
        self, kept: tuple[Finder, Connection], builder: RegistryBuilder
    ) -> None:
        finder, connection = kept
        moved = self.address_of(finder, connection, TEXTS[0])
        with builder.work("renumber") as work:
            change_number(work, moved, 88, on=CHANGED)

        at = brought_up(finder, connection)

        for text in (TEXTS[0], "翔安区琼头中里88号"):
            assert finder.straight(text, at) is None
            with pytest.raises(NotAtHand):
                finder.at_hand(text, at, limit=5)
        old, new = finder.ask_many(connection, [TEXTS[0], "翔安区琼头中里88号"], at, limit=5)
        assert old.found[0].address.address_id == new.found[0].address.address_id == moved

    def test_a_door_that_was_surveyed_anew_is_read_anew(
        self, kept: tuple[Finder, Connection], builder: RegistryBuilder
    ) -> None:
        finder, connection = kept
        moved = self.address_of(finder, connection, TEXTS[0])
        with builder.work("survey") as work:
            key = work.connection.scalars(
                select(address.c.object_id).where(address.c.address_id == moved)
            ).one()
            before = work.believed(position_version, [key])[key]
            after = change_from(before, CHANGED, {"accuracy_m": 0.1}, "survey")
            work.rewrite(position_version, key, before, after)

        at = brought_up(finder, connection)

        assert finder.straight(TEXTS[0], at) is None
        with pytest.raises(NotAtHand):
            finder.at_hand(TEXTS[0], at, limit=5)

    def test_an_index_written_anew_knows_doors_with_a_past_and_leaves_them_to_the_database(
        self,
        kept: tuple[Finder, Connection],
        builder: RegistryBuilder,
        engine: Engine,
        tmp_path: Path,
    ) -> None:
        finder, connection = kept
        moved = self.address_of(finder, connection, TEXTS[0])
        patch = {"division_id": builder.ids["350213103201"]}
        with builder.work("transfer") as work:
            change_address(work, moved, patch, on=CHANGED, cause="transfer")
        folder = write_index(engine, tmp_path)

        again = DoorsAtHand(tmp_path)
        connection.rollback()
        at = ChangeStore(connection).as_of(NOW)
        assert again.reach(connection, at.known)

        assert folder.name == f"doors-{at.known}" and [*tmp_path.glob("doors-*")] == [folder]
        newest = again.newest
        assert newest is not None and newest.moved == frozenset()
        finder.doors = again
        at = brought_up(finder, connection)
        with pytest.raises(NotAtHand):
            finder.at_hand(TEXTS[0], at, limit=5)

    def address_of(self, finder: Finder, connection: Connection, text: str) -> UUID:
        at = brought_up(finder, connection)
        return finder.at_hand(text, at, limit=5).found[0].address.address_id


class WhenAnIndexCannotBeBelieved:
    def test_it_is_not_believed(
        self, place: UUID, engine: Engine, connection: Connection, tmp_path: Path
    ) -> None:
        folder = write_index(engine, tmp_path)
        other = folder.with_name("doors-1")
        folder.rename(other)
        tables = (other / "tables").read_bytes()
        year = tables.index(b"20", tables.index(b"recorded_at"))
        (other / "tables").write_bytes(tables[:year] + b"19" + tables[year + 2 :])

        found = DoorsAtHand(tmp_path).reach(connection, ChangeStore(connection).head())

        assert not found
        assert not other.exists()

    def test_one_that_was_cut_off_is_passed_over(
        self, place: UUID, engine: Engine, connection: Connection, tmp_path: Path
    ) -> None:
        folder = write_index(engine, tmp_path)
        (folder / "tables").write_bytes(b"\x81")

        assert not DoorsAtHand(tmp_path).reach(connection, ChangeStore(connection).head())

    @pytest.mark.parametrize("file", ["keys", "parts", "rows", "cells", "spots"])
    @pytest.mark.parametrize("missing", [1, 8])
    def test_one_whose_last_bytes_never_reached_the_disk_is_passed_over(
        self,
        place: UUID,
        engine: Engine,
        connection: Connection,
        tmp_path: Path,
        file: str,
        missing: int,
    ) -> None:
        cut = write_index(engine, tmp_path) / file
        cut.write_bytes(cut.read_bytes()[:-missing])

        assert not DoorsAtHand(tmp_path).reach(connection, ChangeStore(connection).head())

    def test_a_newer_one_is_left_to_those_who_read_it(
        self, place: UUID, engine: Engine, tmp_path: Path
    ) -> None:
        older, newer = tmp_path / "doors-0", tmp_path / "doors-999999"
        older.mkdir()
        newer.mkdir()

        written = write_index(engine, tmp_path)

        assert {*tmp_path.iterdir()} == {written, newer}

    def test_what_a_killed_writer_left_is_taken_away_by_the_next_one_and_by_nobody_else(
        self, tmp_path: Path
    ) -> None:
        doors, left = DoorsAtHand(tmp_path), tmp_path / "building-1" / "index"
        with doors.to_be_written():
            left.mkdir(parents=True)
            with doors.to_be_written() as other:
                assert other is None
            assert left.exists()

        with doors.to_be_written() as home:
            assert home == tmp_path
            assert not left.exists()
