"""A scope of the registry: what it shows, and what every change does to it."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from registry.addresses.tables import address_version, position_version
from registry.changes.period import Period
from registry.changes.roots import Root, roots_of
from registry.changes.scope import Movement, ScopedItem, ScopedRow, scoped_items, scoped_rows
from registry.changes.scope_step import Step
from registry.changes.store import ChangeStore
from registry.changes.timeline import change_from
from registry.changes.view import WHOLE, FeedView
from registry.divisions.tables import division_version
from registry.names.tables import place_extent_version
from tests.builder import RegistryBuilder
from tests.registry.changes.scope_city import (
    DAYS,
    DISTRICTS,
    SAMPLED,
    TOWNS,
    VILLAGES,
    City,
    Reading,
    dangling,
    shown_on,
)

ALWAYS = "{(,)}"
ON = DAYS[2]

Shown = dict[tuple[str, UUID, int | None], str | None]
Act = tuple[str, int, int, int, int, int]
ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "move village",
                "move town",
                "correct village",
                "correct town",
                "rename",
                "retype",
                "absorb village",
                "absorb town",
                "new door",
                "new room",
                "move door",
                "correct door",
                "carry door",
                "strike door",
                "correct position",
                "move place",
                "rename place",
            ]
        ),
        st.integers(0, 3),
        st.integers(0, 3),
        st.integers(0, 3),
        st.integers(0, len(DAYS) - 1),
        st.integers(1, len(DAYS)),
    ),
    min_size=1,
    max_size=9,
)


def do(city: City, act: Act) -> None:
    """One act of a list; those the timelines refuse do nothing."""
    verb, which, other, third, begun, ended = act
    day = DAYS[begun]
    span = Period(day, DAYS[ended] if begun < ended < len(DAYS) else None)
    village, town = VILLAGES[which], TOWNS[which % 3]
    door = city.doors[which % len(city.doors)]
    place = city.places[which % len(city.places)]
    into_town = {"parent_id": city.id(TOWNS[other % 3])}
    into_district = {"parent_id": city.id(DISTRICTS[other % 2])}
    elsewhere = {"division_id": city.id(VILLAGES[other])}
    carrier = None if third == 0 else city.places[other % len(city.places)]
    match verb:
        case "move village":
            city.change(division_version, city.id(village), day, **into_town)
        case "move town":
            city.change(division_version, city.id(town), day, **into_district)
        case "correct village":
            city.correct(division_version, city.id(village), span, into_town)
        case "correct town":
            city.correct(division_version, city.id(town), span, into_district)
        case "rename":
            city.change(division_version, city.id(village), day, name=f"新村{other}")
        case "retype":
            city.correct(division_version, city.id(town), span, {"kind": "subdistrict"})
        case "absorb village" if which != other:
            city.absorb(village, VILLAGES[other], day)
        case "absorb town" if which % 3 != other % 3:
            city.absorb(town, TOWNS[other % 3], day)
        case "new door":
            city.door(village, carrier, since=span)
        case "new room":
            city.door(village, carrier, since=span, site=other)
        case "move door":
            city.change(address_version, door, day, **elsewhere)
        case "correct door":
            city.correct(address_version, door, span, elsewhere)
        case "carry door":
            city.change(address_version, door, day, carrier_id=carrier)
        case "strike door":
            city.correct(address_version, door, span, None)
        case "correct position":
            site = city.sites[which % len(city.sites)]
            city.correct(position_version, site, span, {"accuracy_m": 5.0})
        case "move place":
            city.correct(place_extent_version, place, span, elsewhere)
        case "rename place":
            city.rename(place, day, f"新里{other}")


def views_of(city: City) -> list[FeedView]:
    return [
        FeedView(within=city.id("350213")),
        FeedView(within=city.id("350213102")),
        FeedView(within=city.id("350213102201")),
        FeedView(within=city.id("350213"), kinds=frozenset({"town", "room", "area"})),
        FeedView(within=city.id("350211"), kinds=frozenset({"building", "village"})),
        FeedView(kinds=frozenset({"subdistrict", "site"})),
        FeedView(within=city.id("350211"), collections=frozenset({"addresses"})),
        WHOLE,
    ]


def shown(connection: Connection, view: FeedView, known: int) -> Shown:
    return {
        (row.table, row.key, row.version_id): row.within
        for row in scoped_rows(connection, view, known)
    }


def apply(held: Shown, items: list[ScopedItem]) -> Shown:
    """What a consumer does: old rows out, new rows in."""
    left = dict(held)
    for item in items:
        for row in item.old:
            key = (item.table, item.object_id, row.get("version_id"))
            assert left.pop(key) == row["within"]
    for item in items:
        for row in item.new:
            key = (item.table, item.object_id, row.get("version_id"))
            assert key not in left
            left[key] = row["within"]
    return left


class TheItemsOfEveryChange:
    @settings(
        max_examples=4,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(acts=ACTS)
    def test_lead_from_one_snapshot_to_the_next(self, engine: Engine, acts: list[Act]) -> None:
        with engine.connect() as connection:
            start = ChangeStore(connection).head()
        city = City.built(RegistryBuilder(engine))
        for act in acts:
            do(city, act)

        with engine.connect() as connection:
            head = ChangeStore(connection).head()
            for place, view in enumerate(views_of(city)):
                held = shown(connection, view, start)
                for number in range(start + 1, head + 1):
                    items = list(scoped_items(connection, view, number))
                    held = apply(held, items)
                    assert held == shown(connection, view, number), (view, number)
                    if place % 3 == 0:
                        assert compared_whole(connection, view, number) == named_rows(items)
                if not view.collections:
                    assert dangling(connection, rows_of(connection, view, head)) == set()

    @settings(
        max_examples=4,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(acts=ACTS)
    def test_keep_to_what_a_plain_reading_of_every_day_finds(
        self, engine: Engine, acts: list[Act]
    ) -> None:
        city = City.built(RegistryBuilder(engine))
        for act in acts:
            do(city, act)

        with engine.connect() as connection:
            head = ChangeStore(connection).head()
            for view in views_of(city):
                if view.collections:
                    continue
                rows = rows_of(connection, view, head)
                for day in SAMPLED:
                    wanted = Reading.on(connection, view, head, day).shown()
                    assert shown_on(rows, day) == wanted, (view, day)

    def test_are_of_facts_the_change_can_have_touched_or_of_all(self, engine: Engine) -> None:
        city = City.built(RegistryBuilder(engine))
        city.absorb("350213102", "350213103", ON)
        view = FeedView(within=city.id("350213"))

        with engine.connect() as connection:
            for number in range(1, ChangeStore(connection).head() + 1):
                step = Step.of(connection, view, number)
                touched = step.candidates(connection)
                assert touched is not None
                for most in range(3 * len(touched)):
                    assert step.candidates(connection, most=most) in (None, touched)
                assert step.candidates(connection, most=0) is None


def rows_of(connection: Connection, view: FeedView, known: int) -> list[ScopedRow]:
    return list(scoped_rows(connection, view, known))


def compared_whole(connection: Connection, view: FeedView, number: int) -> set[object]:
    """The difference of two whole answers, without asking which facts the change can touch."""
    facts = connection.execute(Step.of(connection, view, number).difference(None)).mappings()
    return {
        (fact["table_name"], fact["key"], side, row, within)
        for fact in facts
        for side in ("old", "new")
        for row, within in zip(fact[f"{side}_ids"] or (), fact[f"{side}_within"] or (), strict=True)
    }


def named_rows(items: list[ScopedItem]) -> set[object]:
    return {
        (item.table, item.object_id, side, row.get("version_id"), row["within"])
        for item in items
        for side, rows in (("old", item.old), ("new", item.new))
        for row in rows
    }


@pytest.fixture
def city(engine: Engine) -> City:
    return City.built(RegistryBuilder(engine))


def items_of_view(engine: Engine, view: FeedView, number: int | None) -> list[ScopedItem]:
    assert number is not None
    with engine.connect() as connection:
        return list(scoped_items(connection, view, number, exact=True))


def of(items: list[ScopedItem], table: str) -> dict[UUID, ScopedItem]:
    return {item.object_id: item for item in items if item.table == table}


def from_day(day: date) -> str:
    return f"{{[{day},)}}"


def until(day: date) -> str:
    return f"{{(,{day})}}"


class WhenATownMovesToAnotherDistrict:
    def test_it_leaves_this_one_from_that_day_with_every_door(
        self, engine: Engine, city: City
    ) -> None:
        city.door("350213102201")
        number = city.change(
            division_version, city.id("350213102"), ON, parent_id=city.id("350211")
        )

        items = items_of_view(engine, FeedView(within=city.id("350213")), number)

        doors = of(items, "address_version")
        assert len(doors) == 2
        assert {city.id(code) for code in ("350213102", "350213102201", "350213102202")} == set(
            of(items, "division_version")
        )
        for item in items:
            assert (item.movement, item.movement_days) == (Movement.LEAVE, from_day(ON))
            assert {row["within"] for row in item.old} == {ALWAYS}
            assert {row["within"] for row in item.new} == {until(ON)}

    def test_it_enters_the_other_in_full_though_no_door_was_written(
        self, engine: Engine, city: City
    ) -> None:
        number = city.change(
            division_version, city.id("350213102"), ON, parent_id=city.id("350211")
        )
        view = FeedView(within=city.id("350211"))

        items = items_of_view(engine, view, number)

        assert {item.movement for item in items} == {Movement.ENTER}
        (door,) = of(items, "address_version").values()
        assert door.synthetic
        assert door.movement_days == from_day(ON)
        assert door.old == ()
        (row,) = door.new
        assert row["division_id"] == city.id("350213102201")
        assert row["within"] == from_day(ON)
        (position,) = of(items, "position_version").values()
        assert isinstance(position.new[0]["position"], str)
        assert not of(items, "division_version")[city.id("350213102")].synthetic
        assert of(items, "division_version")[city.id("350213102")].cause == "act"
        assert {item.table for item in items} >= {"addressable_object", "address", "named_place"}

    def test_what_holds_both_districts_sees_only_the_town(self, engine: Engine, city: City) -> None:
        number = city.change(
            division_version, city.id("350213102"), ON, parent_id=city.id("350211")
        )

        (item,) = items_of_view(engine, FeedView(within=city.id("3502")), number)

        assert item.object_id == city.id("350213102")
        assert (item.movement, item.synthetic) == (None, False)
        assert [row["within"] for row in item.old] == [ALWAYS]
        assert [row["within"] for row in item.new] == [until(ON), from_day(ON)]

    def test_a_corrected_day_moves_the_edge_and_nothing_else(
        self, engine: Engine, city: City
    ) -> None:
        town, later = city.id("350213102"), Period(ON, DAYS[4])
        city.change(division_version, town, ON, parent_id=city.id("350211"))
        number = city.correct(division_version, town, later, {"parent_id": city.id("350213")})

        items = items_of_view(engine, FeedView(within=city.id("350213")), number)

        (door,) = of(items, "address_version").values()
        assert door.movement is Movement.ENTER
        assert door.movement_days == f"{{[{ON},{DAYS[4]})}}"
        assert [row["within"] for row in door.new] == [until(DAYS[4])]


class WhenTheDivisionOfAScopeIsAbsorbed:
    def test_the_scope_goes_on_with_its_heir(self, engine: Engine, city: City) -> None:
        number = city.absorb("350213102", "350213103", ON)
        view = FeedView(within=city.id("350213102"))

        items = items_of_view(engine, view, number)

        assert of(items, "address_version") == {}
        heir = of(items, "division_version")[city.id("350213103")]
        assert (heir.movement, heir.movement_days) == (Movement.ENTER, from_day(ON))
        joined = of(items, "division_version")[city.id("350213103201")]
        assert [row["within"] for row in joined.new] == [from_day(ON)]

        door = city.door("350213103201")
        with engine.connect() as connection:
            rows = rows_of(connection, view, ChangeStore(connection).head())
        assert [row.within for row in rows if row.key == door] == [None, from_day(ON)]

    def test_heirs_of_heirs_follow_each_from_its_day(self, engine: Engine, city: City) -> None:
        known = city.absorb("350213102", "350213103", DAYS[1])
        city.absorb("350213103", "350211101", DAYS[3])
        town, heir, last = (city.id(c) for c in ("350213102", "350213103", "350211101"))

        with engine.connect() as connection:
            head = ChangeStore(connection).head()
            assert known is not None
            assert roots_of(connection, town, known - 1) == (Root(town, Period(None, None)),)
            assert roots_of(connection, town, head) == (
                Root(town, Period(None, None)),
                Root(heir, Period.since(DAYS[1])),
                Root(last, Period.since(DAYS[3])),
            )

    def test_what_was_split_off_before_is_no_heir(self, engine: Engine, city: City) -> None:
        town, heir = city.id("350213102"), city.id("350213103")
        city.split_off("350213102", "350211101", DAYS[1])
        city.absorb("350213102", "350213103", DAYS[3])

        with engine.connect() as connection:
            found = roots_of(connection, town, ChangeStore(connection).head())

        assert found == (Root(town, Period(None, None)), Root(heir, Period.since(DAYS[3])))

    def test_who_goes_on_is_not_followed_to_what_left(self, engine: Engine, city: City) -> None:
        town, village = city.id("350213102"), city.id("350213102202")
        number = city.change(division_version, village, ON, parent_id=city.id("350213103"))

        items = items_of_view(engine, FeedView(within=town), number)

        assert set(of(items, "division_version")) == {village}
        assert {item.movement for item in items} == {Movement.LEAVE}


class WhenADivisionWithAHistoryComesIn:
    def test_its_succession_comes_too_and_whom_it_succeeded(
        self, engine: Engine, city: City
    ) -> None:
        heir, gone = city.id("350213102201"), city.id("350213102202")
        city.absorb("350213102202", "350213102201", DAYS[1])
        number = city.change(division_version, heir, DAYS[3], parent_id=city.id("350213103"))

        items = items_of_view(engine, FeedView(within=city.id("350213103")), number)

        (edge,) = of(items, "succession_version").values()
        assert (edge.movement, edge.synthetic) == (Movement.ENTER, True)
        assert edge.new[0]["predecessor_id"] == gone
        assert set(of(items, "division")) == {heir, gone}
        assert set(of(items, "division_version")) == {heir}


class WhatBeginsOrEnds:
    def test_does_not_enter_and_does_not_leave(self, engine: Engine, city: City) -> None:
        view = FeedView(within=city.id("350213"))
        door = city.door("350213102201")
        with engine.connect() as connection:
            begun = ChangeStore(connection).head()
        ended = city.rewrite(address_version, door, lambda b: change_from(b, ON, None, "end"))

        new = items_of_view(engine, view, begun)
        gone = items_of_view(engine, view, ended)

        assert {(item.movement, item.synthetic) for item in new} == {(None, False)}
        item = of(gone, "address_version")[door]
        assert (item.movement, item.synthetic) == (None, False)
        assert [row["within"] for row in item.new] == [until(ON)]


class WhenADoorTurnsOutToLieAcrossTheEdge:
    def test_it_leaves_with_its_building_and_its_road(self, engine: Engine, city: City) -> None:
        door, place = city.doors[1], city.places[1]
        far = {"division_id": city.id("350211101201")}
        view = FeedView(within=city.id("350213"))
        city.correct(place_extent_version, place, Period(), far)
        number = city.correct(address_version, door, Period(), far)

        items = items_of_view(engine, view, number)

        assert {item.movement for item in items} == {Movement.LEAVE}
        assert of(items, "address")[door].new == ()
        assert set(of(items, "named_place")) == {place}
        assert set(of(items, "place_name_version"))
        # The road was drawn in the other district's village, which nothing shown refers to now.
        assert set(of(items, "division")) == {city.id("350211101201")}


class WhatAChangeElsewhereDoes:
    def test_is_nothing_to_this_scope(self, engine: Engine, city: City) -> None:
        village = city.id("350211101201")
        renamed = city.change(division_version, village, ON, name="新村")
        city.door("350211101201")
        with engine.connect() as connection:
            built = ChangeStore(connection).head()

        for number in (renamed, built):
            assert items_of_view(engine, FeedView(within=city.id("350213")), number) == []


class WhatAViewOfKindsShows:
    def test_changes_when_a_town_becomes_a_subdistrict(self, engine: Engine, city: City) -> None:
        number = city.change(division_version, city.id("350213102"), ON, kind="subdistrict")

        items = items_of_view(engine, FeedView(kinds=frozenset({"town"})), number)

        assert {item.table for item in items} == {"division_version", "division_code_version"}
        (code,) = of(items, "division_code_version").values()
        assert (code.movement, code.synthetic) == (Movement.LEAVE, True)
        assert [row["within"] for row in code.new] == [until(ON)]

    def test_is_only_the_collections_asked_for(self, engine: Engine, city: City) -> None:
        view = FeedView(within=city.id("350213"), collections=frozenset({"names"}))
        number = city.change(
            division_version, city.id("350213102"), ON, parent_id=city.id("350211")
        )

        items = items_of_view(engine, view, number)

        assert {item.table for item in items} == {"place_extent_version", "place_name_version"}
        assert {item.collection for item in items} == {"names"}
