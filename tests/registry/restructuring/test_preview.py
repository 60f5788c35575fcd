"""The preview says what the commit then does: item by item, for plans nobody thought of."""

import csv
from dataclasses import replace
from datetime import date
from itertools import count
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, select

from registry.addresses.store import AddressStore
from registry.addresses.tables import address_version
from registry.addresses.text import Profile
from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.changes.store import ChangeStore
from registry.changes.work import Work
from registry.divisions.tables import territory_version
from registry.log.sealing import seal
from registry.restructuring import commands
from registry.restructuring.door_texts import stream_csv
from registry.restructuring.impact import LineStatus, NameConflictKind, Need
from registry.restructuring.model import Preview
from registry.restructuring.paper import Paper
from registry.subscriptions.tables import consumer, subscription
from tests.builder import RegistryBuilder
from tests.grid_city import COUNTY, ON, SPLIT, grid_city, paper, village
from tests.random_papers import RandomPlans, populate


@pytest.fixture
def builder(engine: Engine) -> RegistryBuilder:
    return grid_city(engine)


def preview(builder: RegistryBuilder, one: Paper) -> Preview:
    with builder.engine.connect() as connection:
        return commands.preview_paper(connection, one)


def commit(builder: RegistryBuilder, one: Paper) -> int:
    with builder.engine.connect() as connection:
        work = Work(connection, commands.intent_of(one, author="甲"))
        commands.commit_paper(work, one)
        seal(work)
        connection.commit()
        return work.number


def table(builder: RegistryBuilder, one: Paper) -> dict[str, dict[str, str]]:
    """The whole table of addresses, by code."""
    with builder.engine.connect() as connection:
        done = commands.study_paper(connection, one)
        lines = [line.decode() for line in stream_csv(connection, done.addresses())]
    return {row["code"]: row for row in csv.DictReader(lines)}


Texts = tuple[str, str, str]


def texts(connection: Connection, codes: list[str], at: AsOf) -> dict[str, Texts]:
    """Full, legal and plate text of addresses in force."""
    return {
        one.code: (one.text(), one.text(Profile.LEGAL), one.text(Profile.PLATE))
        for one in AddressStore(connection).many(codes, at)
        if one.stage.value == "current"
    }


class TheTableOfAddresses:
    def test_composes_as_the_registry_composes(self, builder: RegistryBuilder) -> None:
        place = builder.carrier("A座路1", village(0, 0))
        with builder.work("odd doors") as work:
            codes = [
                builder.door(work, village(0, 0), 1, place),
                builder.door(work, village(0, 0), 2),
                builder.door(work, village(0, 3), 3),
            ]
            for code, parts in zip(
                codes,
                (
                    {"sub_number": "A8", "building": "3栋", "room": "301室"},
                    {"sub_number": "2", "room": "301"},
                    {"number": None, "building": "B2", "unit": "1单元"},
                ),
                strict=True,
            ):
                key = builder.address_ids[code]
                before = work.believed(address_version, [key])[key]
                from registry.changes.timeline import change_from

                work.rewrite(
                    address_version, key, before, change_from(before, date(2000, 1, 1), parts, "t")
                )
        one = paper(*SPLIT)

        found = table(builder, one)
        with builder.engine.connect() as connection:
            head = ChangeStore(connection).head()
            was = texts(connection, codes, AsOf(ON, head))
        number = commit(builder, one)
        with builder.engine.connect() as connection:
            now = texts(connection, codes, AsOf(ON, number))

        assert set(found) == set(codes)
        for code in codes:
            row = found[code]
            assert (row["text_before"], row["legal_before"], row["plate_before"]) == was[code]
            assert (row["text_after"], row["legal_after"], row["plate_after"]) == now[code]


class TheFigures:
    @pytest.mark.parametrize("seed", range(12))
    def test_of_a_random_plan_are_what_the_commit_does(
        self, builder: RegistryBuilder, seed: int
    ) -> None:
        codes = populate(builder, seed)
        plans = RandomPlans(seed)
        one, shown = _possible(builder, plans)
        found = table(builder, one)
        with builder.engine.connect() as connection:
            head = ChangeStore(connection).head()
            was = texts(connection, codes, AsOf(ON, head))
            villages_before = _doors(connection, builder, AsOf(ON, head))
            townships_before = _townships(connection, codes, AsOf(ON, head))
        number = commit(builder, one)
        with builder.engine.connect() as connection:
            now = texts(connection, codes, AsOf(ON, number))
            townships_after = _townships(connection, codes, AsOf(ON, number))
            villages_after = _doors(connection, builder, AsOf(ON, number))
            homes = _homes(connection, codes, AsOf(ON, number))
            areas = _areas(connection, AsOf(ON, number))

        changed = {code for code in codes if was[code][:2] != now[code][:2]}
        assert set(found) == changed
        for code in changed:
            row = found[code]
            assert (row["text_before"], row["legal_before"], row["plate_before"]) == was[code]
            assert (row["text_after"], row["legal_after"], row["plate_after"]) == now[code]
            assert row["division_before"] == str(villages_before[code][0])
            assert row["division_after"] == str(villages_after[code][0])
            assert row["plate"] == ("valid" if was[code][2] == now[code][2] else "remake")
        assert shown.addresses.full_text_changes == sum(was[c][0] != now[c][0] for c in codes)
        moved = [c for c in codes if villages_before[c][0] != villages_after[c][0]]
        assert shown.addresses.rehomed == len(moved)
        for sample in shown.addresses.samples:
            which = 0 if was[sample.code][0] != now[sample.code][0] else 1
            assert sample.before == was[sample.code][which]
            assert sample.after == now[sample.code][which]
        assert shown.addresses.legal_text_changes == sum(was[c][1] != now[c][1] for c in codes)
        assert sum(group.plates for group in shown.plates.groups) == shown.plates.remake
        assert shown.plates.remake == len(
            {
                # Of one door some addresses may go one way and some another.
                (villages_before[code], villages_after[code][0])
                for code in codes
                if was[code][2] != now[code][2]
            }
        )
        assert {cut.named_place_id: len(cut.after) for cut in shown.thoroughfares} == {
            carrier: len(townships_after[carrier])
            for carrier in townships_after
            if len(townships_after[carrier]) > len(townships_before[carrier])
        }
        for unit in shown.divisions:
            assert unit.addresses == sum(unit.division_id in homes[code] for code in codes)
            if unit.area_m2 is not None:
                assert unit.area_m2 == pytest.approx(areas[unit.division_id])


class WhenAnActIsOnTopOfAnother:
    @pytest.mark.parametrize("seed", range(8))
    def test_is_shown_as_it_will_be_once_the_other_is_carried_out(
        self, builder: RegistryBuilder, seed: int
    ) -> None:
        populate(builder, seed)
        plans = RandomPlans(seed)
        first, second, shown = _possible_case(builder, plans)
        found = _filed_table(builder, second)

        with builder.engine.connect() as connection:
            commands.submit(connection, first, who="甲")
            commands.approve(connection, first, who="乙")
            seal(commands.commit(connection, first, who="乙"))
            connection.commit()
        with builder.engine.connect() as connection:
            then = commands.preview(connection, second)

        assert _comparable(then) == _comparable(shown)
        assert _filed_table(builder, second) == found


def _comparable(shown: Preview) -> Preview:
    """A preview but for the change it was drawn at, and which addresses it shows by the way."""
    addresses = replace(shown.addresses, samples=())
    return replace(shown, drawn_at=0, addresses=addresses)


def _possible_case(builder: RegistryBuilder, plans: RandomPlans) -> tuple[UUID, UUID, Preview]:
    """Two random acts of one case that can both be carried out."""
    from registry.errors import RegistryError

    for attempt in count():
        first, second = (
            {
                "title": f"第{act}次调整{attempt}",
                "effective_on": f"2021-01-{6 + act:02}",
                "operations": plans.operations(),
            }
            for act in (0, 1)
        )
        with builder.engine.connect() as connection:
            try:
                one = commands.create(connection, first, author="甲").restructuring_id
                if commands.preview(connection, one).breaches:
                    continue
                place = {**second, "case": str(one)}
                two = commands.create(connection, place, author="甲").restructuring_id
                shown = commands.preview(connection, two)
            except RegistryError:
                continue
            if not shown.breaches:
                connection.commit()
                return one, two, shown
    raise AssertionError


def _filed_table(builder: RegistryBuilder, filed: UUID) -> list[bytes]:
    with builder.engine.connect() as connection:
        done = commands.study_filed(connection, filed)
        return list(stream_csv(connection, done.addresses()))


def _possible(builder: RegistryBuilder, plans: RandomPlans) -> tuple[Paper, Preview]:
    from registry.errors import RegistryError

    while True:
        one = plans.paper()
        try:
            shown = preview(builder, one)
        except RegistryError:
            continue
        if not shown.breaches:
            return one, shown


def _townships(connection: Connection, codes: list[str], at: AsOf) -> dict[UUID, set[UUID | None]]:
    found: dict[UUID, set[UUID | None]] = {}
    for one in AddressStore(connection).many(codes, at):
        if one.carrier is not None:
            township = next((link.division_id for link in one.chain if link.level == 4), None)
            found.setdefault(one.carrier.named_place_id, set()).add(township)
    return found


def _homes(connection: Connection, codes: list[str], at: AsOf) -> dict[str, set[UUID]]:
    """All divisions each address lies in."""
    found = AddressStore(connection).many(codes, at)
    return {one.code: {link.division_id for link in one.chain} for one in found}


def _areas(connection: Connection, at: AsOf) -> dict[UUID, float]:
    rows = connection.execute(
        select(territory_version.c.division_id, territory_version.c.area_m2).where(
            seen_at(territory_version, at)
        )
    )
    return {row[0]: row[1] for row in rows}


Door = tuple[UUID, UUID | None, int]


def _doors(connection: Connection, builder: RegistryBuilder, at: AsOf) -> dict[str, Door]:
    """Village, carrier and number of each address, by code."""
    codes = {address_id: code for code, address_id in builder.address_ids.items()}
    rows = connection.execute(
        select(
            address_version.c.address_id,
            address_version.c.division_id,
            address_version.c.carrier_id,
            address_version.c.number,
        ).where(seen_at(address_version, at))
    )
    return {codes[row[0]]: (row[1], row[2], row[3]) for row in rows}


class TheLines:
    def test_are_created_ended_and_given_other_sides(self, builder: RegistryBuilder) -> None:
        shown = preview(builder, paper(*SPLIT))

        lines = {(one.level, one.status, one.left, one.right): one.length_m for one in shown.lines}
        created = {key[2:] for key in lines if key[1] is LineStatus.CREATED}
        ended = {key[2:] for key in lines if key[1] is LineStatus.ENDED}
        others = {key[2:] for key in lines if key[1] is LineStatus.OTHER_SIDES}
        assert created == {("新街道", "甲街道"), ("乙镇", "新街道")}
        assert ended == {("乙镇", "甲镇")}
        assert others == {("丙镇", "新街道")}
        # One side of a square of 0.01 degrees, northwards, on the ellipsoid.
        assert lines[4, LineStatus.CREATED, "新街道", "甲街道"] == pytest.approx(1107.6, abs=1)
        assert {one.point for one in shown.markers if one.status is LineStatus.CREATED} == {
            (118.03, 24.01),
            (118.03, 24.02),
        }
        assert not [one for one in shown.markers if one.status is LineStatus.ENDED]

    def test_stay_where_only_a_kind_or_name_changes(self, builder: RegistryBuilder) -> None:
        shown = preview(builder, paper(SPLIT[0]))

        assert (shown.lines, shown.markers) == ((), ())


class TheConflicts:
    def test_of_thoroughfares_come_from_bringing_two_of_one_name_together(
        self, builder: RegistryBuilder
    ) -> None:
        builder.doors(village(0, 3), 3, builder.carrier("长里", village(0, 3)))
        builder.doors(village(1, 3), 2, builder.carrier("长里", village(1, 3)))

        shown = preview(builder, paper(*SPLIT))

        (conflict,) = shown.names
        assert conflict.kind is NameConflictKind.THOROUGHFARE
        assert (conflict.name, conflict.scope, conflict.doors) == ("长里", "新街道", 5)
        assert conflict.holders == ("乙镇长里", "甲镇长里")

    def test_of_divisions_are_looked_for_in_the_whole_scope(self, builder: RegistryBuilder) -> None:
        builder.tree({"3503": "莆田市", "350302": "城厢区", "350302001": "新街道"})

        shown = preview(builder, paper(*SPLIT))

        (conflict,) = shown.names
        assert conflict.kind is NameConflictKind.DIVISION
        assert conflict.scope == "福建省"
        assert conflict.holders == ("福建省厦门市翔安区新街道", "福建省城厢区新街道")

    def test_of_plates_that_would_lead_elsewhere_come_first(self, builder: RegistryBuilder) -> None:
        builder.doors(village(0, 0), 4)
        builder.doors(village(0, 1), 2)
        swap = [
            {"rename": {"division": village(0, 0), "name": "甲南村"}},
            {"rename": {"division": village(0, 1), "name": "全新村"}},
        ]

        shown = preview(builder, paper(*swap))

        assert [(one.need, one.place_before, one.plates) for one in shown.plates.groups] == [
            (Need.MISLEADING, "甲南村", 2),
            (Need.OUTDATED, "甲东村", 4),
        ]


class TheFollowers:
    def test_are_counted_by_scope_and_never_named(self, builder: RegistryBuilder) -> None:
        with builder.engine.connect() as connection:
            for within in (None, builder.ids[COUNTY], builder.ids[village(0, 3)], None):
                _follow(connection, within, collections=[])
            _follow(connection, builder.ids[village(2, 0)], collections=[])
            _follow(connection, None, collections=["names"])
            connection.execute(
                consumer.insert().values(
                    name="公安", holder="x", acknowledged=0, acknowledged_at="2026-01-01"
                )
            )
            connection.commit()

        audience = preview(builder, paper(*SPLIT)).audience

        assert (audience.subscriptions, audience.everywhere, audience.consumers) == (4, 2, 1)
        assert {one.name: one.subscriptions for one in audience.scopes} == {
            "翔安区": 1,
            "甲北村": 1,
        }
        assert "holder" not in str(audience)


def _follow(connection: Connection, within: UUID | None, *, collections: list[str]) -> None:
    connection.execute(
        subscription.insert().values(
            subscription_id=uuid4(),
            holder="某系统",
            url="https://example.net/hook",
            within=within,
            collections=collections,
            kinds=[],
            payload="thin",
            delivered_to=0,
            sent_to=0,
        )
    )
