"""Readings that are kept say what reading anew says."""

from hypothesis import given
from hypothesis import strategies as st

from geo.geocode.match import read
from geo.geocode.readings import Readings
from tests.geo.ground import CARRIERS, DIVISIONS, gazetteer

NAMES = sorted(
    {one.name for one in (*CARRIERS, *DIVISIONS)} | {"湖滨", "路", "南", "号", "之", "新"}
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

    def test_are_kept_for_the_next_door(self) -> None:
        readings = Readings(gazetteer())
        one = readings.read("思明区湖滨南路388号").parses[0][0]
        other = readings.read("思明区湖滨南路12号之3 401室").parses[0][0]

        again = readings.read("思明区湖滨南路2号").parses[0][0]

        assert one.names is None
        assert other.names is not None and again.names is other.names
        assert (again.number, other.tail.room) == (2, "401室")
