"""Readings that are kept say what reading anew says."""

from hypothesis import given
from hypothesis import strategies as st

from geo.geocode.gazetteer import Gazetteer, Names
from geo.geocode.lookups import attempts
from geo.geocode.match import read
from geo.geocode.readings import Readings
from geo.geocode.straight import Routes
from tests.geo.ground import CARRIERS, DIVISIONS, carrier, gazetteer

WITH_DIGITS = tuple(carrier(name, "bin") for name in ("国贸1号", "3号路", "新名0路", "318国道"))
NAMES = sorted(
    {one.name for one in (*CARRIERS, *WITH_DIGITS, *DIVISIONS)}
    | {"湖滨", "路", "南", "号", "之", "新", "国贸", "新名", "国道"}
)
PIECES = [
    "号",
    "之",
    "栋",
    "幢",
    "座",
    "号楼",
    "单元",
    "梯",
    "层",
    "室",
    " ",
    "-",
    "A",
    "BC",
    "附近",
]

heads = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map("".join)
numbers = st.integers(0, 200_000).map(str)
tails = st.lists(st.one_of(numbers, st.sampled_from(PIECES)), max_size=7).map("".join)


class TheReadingsKept:
    @given(head=heads, number=numbers, first=tails, second=tails, other=numbers)
    def test_are_what_reading_anew_gives(
        self, head: str, number: str, first: str, second: str, other: str
    ) -> None:
        names = gazetteer()
        readings = Readings(names)
        for text in (f"{head}{number}号{first}", f"{head}{other}号{second}", f"{head}1号"):
            for _again in range(2):
                assert readings.read(text) == read(text, names)

    @given(head=heads, number=numbers, first=tails, second=tails, other=numbers)
    def test_are_so_where_names_hold_digits_too(
        self, head: str, number: str, first: str, second: str, other: str
    ) -> None:
        names = Gazetteer(Names.of(DIVISIONS, (*CARRIERS, *WITH_DIGITS)))
        readings = Readings(names)
        for text in (f"{head}{number}号{first}", f"{head}{other}号{second}", f"{head}1号"):
            for _again in range(2):
                assert readings.read(text) == read(text, names)

    def test_are_not_those_of_a_name_that_reaches_into_a_door(self) -> None:
        names = Gazetteer(Names.of(DIVISIONS, (*CARRIERS, *WITH_DIGITS)))
        readings = Readings(names)

        for text in ("思明区国贸2号", "思明区国贸1号", "思明区国贸1号2室", "思明区国贸12号"):
            assert readings.read(text) == read(text, names)
        assert readings.ways("思明区国贸") == ()

    def test_leave_digits_of_full_width_to_be_normalised(self) -> None:
        names = gazetteer()
        readings = Readings(names)
        readings.read("思明区湖滨南路388号")

        for text in ("思明区湖滨南路３８８号", "思明区湖滨南路388号４０１室"):
            assert readings.read(text) == read(text, names)

    @given(head=heads, number=numbers, first=tails, second=tails, other=numbers)
    def test_that_go_straight_look_for_what_any_reading_looks_for(
        self, head: str, number: str, first: str, second: str, other: str
    ) -> None:
        names = gazetteer()
        readings = Readings(names)
        routes = Routes(readings)
        for text in (f"{head}{number}号{first}", f"{head}{other}号{second}", f"{head}1号{first}"):
            readings.read(text)
            route = routes.route(text)
            if route is not None:
                (parse,) = read(text, names).parses[0]
                (only,) = attempts(parse, names)
                asked, way = only.lookup, route.opening
                assert (way.carriers, way.villages) == (asked.carrier_ids, asked.division_ids)
                assert int(route.digits) == asked.number
                inner = asked.sub, asked.building, asked.unit, asked.floor, asked.room
                assert route.ending.wanted == inner

    def test_are_kept_for_the_next_door(self) -> None:
        readings = Readings(gazetteer())
        one = readings.read("思明区湖滨南路388号").parses[0][0]
        other = readings.read("思明区湖滨南路12号之3 401室").parses[0][0]

        again = readings.read("思明区湖滨南路2号").parses[0][0]

        assert one.names is None
        assert other.names is not None and again.names is other.names
        assert (again.number, other.tail.room) == (2, "401室")
