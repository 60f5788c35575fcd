"""For a set period the old text counts beside the new one, and then stops by itself."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import Engine

from registry.addresses.hot_reads import HotAddresses
from registry.addresses.store import AddressStore
from registry.changes.model import Intent, Verb
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.changes.work import Work
from registry.hot import HotReads
from registry.log.sealing import seal
from registry.names.commands import open_window
from registry.restructuring.correction import correct_act
from registry.search.finder import Finder, Found
from registry.undoing_errors import WindowIsInvalid
from tests.builder import RegistryBuilder
from tests.registry.undoing.works import CITY, city, enact

DISTRICT = "福建省厦门市翔安区"
PAPER = {
    "title": "马巷撤镇设街并分设凤翔街道",
    "effective_on": "2021-01-06",
    "decree": {"authority": "福建省人民政府", "number": "闽政文〔2021〕3号"},
    "dual_names": {"until": "2022-01-06"},
    "operations": [
        {
            "retype": {
                "division": "350213102",
                "kind": "subdistrict",
                "name": "马巷街道",
                "code": "350213002",
            }
        },
        {
            "establish": {
                "name": "凤翔街道",
                "kind": "subdistrict",
                "parent": "350213",
                "code": "350213004",
            }
        },
        {"transfer": {"divisions": ["350213102201"], "to": "350213004"}},
        {"abolish": {"division": "350213103202", "successors": ["350213103201"]}},
    ],
}


@dataclass(frozen=True)
class Enacted:
    """A city in which the act was carried out."""

    builder: RegistryBuilder
    restructuring_id: UUID
    number: int

    @property
    def engine(self) -> Engine:
        return self.builder.engine


@pytest.fixture
def enacted(engine: Engine) -> Enacted:
    """A town that became a subdistrict, a village that went to another, one that was taken over."""
    builder = RegistryBuilder(engine)
    city(builder)
    with engine.connect() as connection:
        restructuring_id, number = enact(connection, PAPER)
        connection.commit()
    return Enacted(builder, restructuring_id, number)


def door_of(enacted: Enacted, village: str) -> str:
    """The code of the first door made in a village."""
    place = [v for v in CITY if len(v) == 12].index(village)
    return sorted(enacted.builder.address_ids)[place * 2]


def dual(engine: Engine, code: str, on: date) -> tuple[str | None, str | None]:
    """The dual text and the former text, as every way of reading an address gives them."""
    with engine.connect() as connection:
        at = AsOf(on, ChangeStore(connection).head())
        plain = AddressStore(connection).get(code, at)
    hot = HotReads(engine.url.render_as_string(hide_password=False), size=1)
    hot.open()
    try:
        (fast,) = HotAddresses(hot.rows).by_codes([code], on, None).addresses
    finally:
        hot.close()
    assert fast == plain
    return (None, None) if plain.dual is None else (plain.dual.text, plain.dual.former)


class WhenOldAndNewNamesBothCount:
    def test_an_address_shows_both(self, enacted: Enacted) -> None:
        stayed = dual(enacted.engine, door_of(enacted, "350213102202"), date(2021, 6, 1))
        moved = dual(enacted.engine, door_of(enacted, "350213102201"), date(2021, 6, 1))
        taken_over = dual(enacted.engine, door_of(enacted, "350213103202"), date(2021, 6, 1))
        untouched = dual(enacted.engine, door_of(enacted, "350213104201"), date(2021, 6, 1))

        assert stayed == (
            f"{DISTRICT}马巷街道（原马巷镇）后亭村后亭里1号",
            f"{DISTRICT}马巷镇后亭村后亭里1号",
        )
        assert moved == (
            f"{DISTRICT}凤翔街道（原马巷镇）琼头村琼头里1号",
            f"{DISTRICT}马巷镇琼头村琼头里1号",
        )
        assert taken_over == (
            f"{DISTRICT}新圩镇古宅村（原金柄村）金柄里1号",
            f"{DISTRICT}新圩镇金柄村金柄里1号",
        )
        assert untouched == (None, None)

    def test_it_stops_by_itself(self, enacted: Enacted) -> None:
        code = door_of(enacted, "350213102202")

        assert dual(enacted.engine, code, date(2022, 1, 5))[0] is not None
        assert dual(enacted.engine, code, date(2022, 1, 6)) == (None, None)
        assert dual(enacted.engine, code, date(2021, 1, 5)) == (None, None)

    def test_another_day_replaces_the_first_and_none_ends_it(self, enacted: Enacted) -> None:
        code = door_of(enacted, "350213102202")
        _window(enacted, date(2023, 1, 6))
        longer = dual(enacted.engine, code, date(2022, 6, 1))
        _window(enacted, None)

        assert longer[0] is not None
        assert dual(enacted.engine, code, date(2021, 6, 1)) == (None, None)

    def test_a_window_that_ends_before_the_act_is_refused(self, enacted: Enacted) -> None:
        with pytest.raises(WindowIsInvalid):
            _window(enacted, date(2021, 1, 6))

    def test_it_goes_where_a_correction_puts_the_act(self, enacted: Enacted) -> None:
        code = door_of(enacted, "350213102202")
        with enacted.engine.connect() as connection:
            work = Work(connection, Intent("甲", Verb.CORRECT, "更正"))
            correct_act(work, enacted.restructuring_id, {"effective_on": "2021-03-01"})
            seal(work)
            connection.commit()

        assert dual(enacted.engine, code, date(2021, 2, 1)) == (None, None)
        assert dual(enacted.engine, code, date(2021, 3, 1))[0] is not None

    @pytest.mark.parametrize(
        "town", ["马巷街道", "马巷镇", "马巷街道（原马巷镇）", "马巷街道(原马巷镇)"]
    )
    def test_the_geocoder_is_as_certain_of_either(self, enacted: Enacted, town: str) -> None:
        (found, *more) = _found(enacted, f"翔安区{town}后亭村后亭里1号")

        assert not more
        assert found.match.grade == "A"
        assert found.address.dual is not None
        assert ("马巷镇" in town) == any(via.text == "马巷镇" for via in found.match.via)

    def test_a_former_name_that_is_not_true_proves_nothing(self, enacted: Enacted) -> None:
        found = _found(enacted, "翔安区马巷街道（原新圩镇）后亭村后亭里1号")

        assert {one.match.grade for one in found} <= {"C"}


def _window(enacted: Enacted, until: date | None) -> None:
    with enacted.builder.work("window", Verb.CHANGE) as work:
        open_window(work, enacted.number, until=until)


def _found(builder: Enacted, text: str) -> list[Found]:
    hot = HotReads(builder.engine.url.render_as_string(hide_password=False), size=1)
    hot.open()
    try:
        with builder.engine.connect() as connection:
            at = AsOf(date(2021, 6, 1), ChangeStore(connection).head())
            return Finder(hot.rows).by_text(connection, text, at, limit=5)
    finally:
        hot.close()
