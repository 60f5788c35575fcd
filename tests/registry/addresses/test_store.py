"""Addresses read from a real registry, before and after acts of their divisions and themselves."""

from datetime import date
from typing import Any

import pytest
import yaml
from sqlalchemy import Connection, Engine, select

from registry.addresses import commands
from registry.addresses.hot_reads import MOST_MOMENTS, HotAddresses
from registry.addresses.model import Address, AddressFilter, LifecycleStage
from registry.addresses.store import AddressStore
from registry.addresses.tables import address
from registry.addresses.text import Profile
from registry.changes.model import Verb
from registry.changes.period import AsOf, Period
from registry.changes.store import ChangeStore
from registry.errors import AddressIsUnknown, StageForbids
from registry.hot import HotReads
from registry.restructuring import commands as restructuring
from registry.restructuring.paper import read_paper
from tests.builder import MAXIANG, RegistryBuilder

ON = date(2021, 1, 6)
BEFORE = date(2020, 12, 31)
AFTER = date(2021, 6, 1)
DOOR = "琼头中里2号"
ACT: dict[str, Any] = yaml.safe_load("""
title: 马巷撤镇设街
effective_on: 2021-01-06
decree: {authority: 福建省人民政府, number: 闽政文〔2021〕3号}
operations:
  - retype: {division: "350213102", kind: subdistrict, name: 马巷街道, code: "350213002"}
  - retype: {division: "350213102201", kind: community, name: 琼头社区, code: "350213002101"}
""")


@pytest.fixture
def builder(engine: Engine) -> RegistryBuilder:
    made = RegistryBuilder(engine)
    made.tree(MAXIANG)
    made.doors("350213102201", 3, made.carrier("琼头中里", "350213102201"))
    made.doors("350213102202", 2)
    return made


def enact(builder: RegistryBuilder) -> None:
    paper = read_paper(ACT)
    intent = restructuring.intent_of(paper, author="clerk")
    with builder.work(
        paper.title, intent.verb, decree=intent.decree, effective_on=intent.effective_on
    ) as work:
        restructuring.commit_paper(work, paper)


def read(connection: Connection, code: str, on: date, known: int | None = None) -> Address:
    head = ChangeStore(connection).head() if known is None else known
    return AddressStore(connection).get(code, AsOf(on, head))


def id_of(connection: Connection, code: str) -> Any:
    return connection.scalar(select(address.c.address_id).where(address.c.code == code))


class WhenATownBecomesASubdistrict:
    def test_a_door_reads_differently_and_stays_the_same_door(
        self, builder: RegistryBuilder, connection: Connection
    ) -> None:
        enact(builder)

        before, after = (read(connection, "T00000000002", day) for day in (BEFORE, AFTER))

        assert before.text() == f"福建省厦门市翔安区马巷镇琼头村{DOOR}"
        assert after.text() == f"福建省厦门市翔安区马巷街道琼头社区{DOOR}"
        assert before.address_id == after.address_id
        assert before.text(Profile.LEGAL) == after.text(Profile.LEGAL)

    def test_who_knew_nothing_of_it_still_reads_the_old_text(
        self, builder: RegistryBuilder, connection: Connection
    ) -> None:
        known = ChangeStore(connection).head()
        enact(builder)

        assert "马巷镇" in read(connection, "T00000000002", AFTER, known).text()

    def test_its_history_tells_the_former_text_and_the_decree(
        self, builder: RegistryBuilder, connection: Connection
    ) -> None:
        enact(builder)

        found = AddressStore(connection).history("T00000000002", ChangeStore(connection).head())

        old, new = found.texts
        assert old.text == f"福建省厦门市翔安区马巷镇琼头村{DOOR}"
        assert (old.valid_from, old.valid_to) == (None, ON)
        assert new.text == f"福建省厦门市翔安区马巷街道琼头社区{DOOR}"
        assert new.valid_from == ON
        assert new.decree is not None
        assert new.decree.number == "闽政文〔2021〕3号"
        assert len(found.versions) == 1

    def test_the_chain_carries_codes_of_the_day(
        self, builder: RegistryBuilder, connection: Connection
    ) -> None:
        enact(builder)

        codes = [link.code for link in read(connection, "T00000000002", AFTER).chain]

        assert codes == ["350213002101", "350213002", "350213", "3502", "35"]


class WhenADoorIsRenumbered:
    def test_a_change_keeps_the_old_text_in_its_history(
        self, builder: RegistryBuilder, connection: Connection
    ) -> None:
        door = id_of(connection, "T00000000002")
        with builder.work("renumber", Verb.CHANGE) as work:
            commands.change_number(work, door, 20, on=ON)

        texts = AddressStore(connection).history("T00000000002", 9).texts

        assert [one.text[-3:] for one in texts] == ["里2号", "20号"]

    def test_a_correction_leaves_no_former_text(
        self, builder: RegistryBuilder, connection: Connection
    ) -> None:
        door = id_of(connection, "T00000000002")
        known = ChangeStore(connection).head()
        with builder.work("misprint", Verb.CORRECT) as work:
            commands.correct_number(work, door, 20, during=Period())

        texts = AddressStore(connection).history("T00000000002", known + 1).texts

        assert [one.text[-3:] for one in texts] == ["20号"]
        assert read(connection, "T00000000002", AFTER, known).text().endswith("里2号")


class WhenADoorIsRetired:
    def test_it_goes_on_answering_with_its_status(
        self, builder: RegistryBuilder, connection: Connection
    ) -> None:
        door = id_of(connection, "T00000000002")
        with builder.work("pulled down", Verb.CHANGE) as work:
            commands.retire_address(work, door, on=ON)

        assert read(connection, "T00000000002", AFTER).stage is LifecycleStage.RETIRED
        assert read(connection, "T00000000002", BEFORE).stage is LifecycleStage.CURRENT

    def test_it_cannot_be_approved_again(
        self, builder: RegistryBuilder, connection: Connection
    ) -> None:
        door = id_of(connection, "T00000000002")
        with builder.work("pulled down", Verb.CHANGE) as work:
            commands.retire_address(work, door, on=ON)

        with pytest.raises(StageForbids), builder.work("again", Verb.CHANGE) as work:
            commands.approve_address(work, door, on=AFTER)


class WhenADoorIsProposed:
    @pytest.fixture
    def proposed(self, builder: RegistryBuilder) -> commands.NewAddress:
        from uuid import uuid4

        from registry.addresses.text import AddressParts

        new = commands.NewAddress(
            address_id=uuid4(),
            code="T00000000099",
            object_id=uuid4(),
            object_kind="site",
            division_id=builder.ids["350213102202"],
            carrier_id=None,
            parts=AddressParts(99),
            longitude_deg=118.2,
            latitude_deg=24.6,
        )
        with builder.work("new door", Verb.CHANGE) as work:
            commands.propose_address(work, new, on=BEFORE)
        return new

    def test_approval_puts_it_in_force(
        self,
        builder: RegistryBuilder,
        connection: Connection,
        proposed: commands.NewAddress,
    ) -> None:
        with builder.work("approved", Verb.CHANGE) as work:
            commands.approve_address(work, proposed.address_id, on=ON)

        assert read(connection, proposed.code, BEFORE).stage is LifecycleStage.PROPOSED
        found = read(connection, proposed.code, AFTER)
        assert found.stage is LifecycleStage.CURRENT
        assert found.text().endswith("后亭村99号")
        assert found.position is not None
        assert (found.position.longitude_deg, found.position.latitude_deg) == (118.2, 24.6)

    def test_before_it_existed_its_first_version_answers_and_says_so(
        self, connection: Connection, proposed: commands.NewAddress
    ) -> None:
        found = read(connection, proposed.code, date(2019, 1, 1))

        assert not found.in_force
        assert found.valid_from == BEFORE


class WhenAddressesAreListed:
    @pytest.mark.parametrize(
        ("wanted", "count"),
        [
            ({"within": "350213"}, 5),
            ({"within": "350213102"}, 5),
            ({"within": "350213103"}, 0),
            ({"division_id": "350213102202"}, 2),
            ({"thoroughfare": "琼头中里"}, 3),
            ({"thoroughfare": "琼头中里", "number": 2}, 1),
            ({"bbox": (118.0, 24.0, 118.1, 24.1)}, 5),
            ({"bbox": (119.0, 24.0, 119.1, 24.1)}, 0),
            ({"stage": LifecycleStage.RETIRED}, 0),
        ],
    )
    def test_filters_narrow_the_list(
        self,
        builder: RegistryBuilder,
        connection: Connection,
        wanted: dict[str, Any],
        count: int,
    ) -> None:
        given = {
            key: builder.ids.get(value, value) if isinstance(value, str) else value
            for key, value in wanted.items()
        }

        found = AddressStore(connection).page(
            AddressFilter(**given), builder.as_of(connection, BEFORE), limit=100
        )

        assert len(found) == count

    def test_pages_follow_each_other_without_gap_or_repeat(
        self, builder: RegistryBuilder, connection: Connection
    ) -> None:
        store, at = AddressStore(connection), builder.as_of(connection)
        first = store.page(AddressFilter(), at, limit=3)
        second = store.page(AddressFilter(), at, limit=3, after=first[-1].code)

        codes = [one.code for one in (*first, *second)]
        assert codes == sorted(set(codes))
        assert len(codes) == 5


class WhenReadOnTheBareDriver:
    def test_the_answer_is_the_same(
        self, builder: RegistryBuilder, connection: Connection, database_url: str
    ) -> None:
        enact(builder)
        hot = HotReads(database_url)
        hot.open()
        try:
            found = HotAddresses(hot.rows).by_codes(["T00000000002"], AFTER, None)
        finally:
            hot.close()

        assert found.addresses[0] == read(connection, "T00000000002", AFTER)


class WhenACodeIsUnknown:
    def test_the_store_says_so(self, builder: RegistryBuilder, connection: Connection) -> None:
        with pytest.raises(AddressIsUnknown):
            read(connection, "T99", AFTER)
        with pytest.raises(AddressIsUnknown):
            AddressStore(connection).history("T99", 1)


def test_chains_carried_from_change_to_change_are_not_kept_for_ever(
    builder: RegistryBuilder, connection: Connection, database_url: str
) -> None:
    head = ChangeStore(connection).head()
    village = builder.ids["350213102201"]
    reads = HotReads(database_url)
    reads.open()
    addresses = HotAddresses(reads.rows)
    addresses.warm([village], AsOf(AFTER, head))

    for later in range(head, head + MOST_MOMENTS):
        addresses.carry_over(AsOf(AFTER, later), AsOf(AFTER, later + 1))

    reads.close()
    assert addresses.holds({village}, AsOf(AFTER, head + MOST_MOMENTS))
    assert not addresses.holds({village}, AsOf(AFTER, head))
