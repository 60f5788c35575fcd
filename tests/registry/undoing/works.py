"""Acts and everyday edits that can be done twice alike: with the act, and as if it had never been."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Any
from uuid import UUID, uuid5

from shapely.affinity import translate
from sqlalchemy import Connection, Table, func, select

from registry.addresses.commands import (
    NewAddress,
    approve_address,
    change_address,
    change_number,
    correct_number,
    propose_address,
    retire_address,
)
from registry.addresses.text import AddressParts
from registry.changes.annulment import annul
from registry.changes.model import Intent, Verb
from registry.changes.period import Period
from registry.changes.rows import timelines
from registry.changes.store import ChangeStore
from registry.changes.tables import amendment_version, change
from registry.changes.timeline import change_from
from registry.changes.work import Work
from registry.divisions.commands import correct_name, redigitise_territory
from registry.divisions.tables import division_version, territory_version
from registry.errors import RegistryError
from registry.log.sealing import seal
from registry.names.tables import place_name_version
from registry.restructuring import commands
from registry.tables import VERSION_TABLES
from tests.builder import RegistryBuilder

NEW = UUID("aa6f1a52-2f0b-4f0e-9f54-6a3c8f8f3f10")
CITY = {
    "35": "福建省",
    "3502": "厦门市",
    "350213": "翔安区",
    "350213102": "马巷镇",
    "350213102001": "五星社区",
    "350213102201": "琼头村",
    "350213102202": "后亭村",
    "350213103": "新圩镇",
    "350213103201": "古宅村",
    "350213103202": "金柄村",
    "350213104": "内厝镇",
    "350213104201": "赵岗村",
}
VILLAGES = tuple(code for code in CITY if len(code) == 12)
TOWNS = tuple(code for code in CITY if len(code) == 9)
ON = date(2021, 1, 6)

ACTS: tuple[dict[str, Any], ...] = (
    {
        "retype": {
            "division": "350213102",
            "kind": "subdistrict",
            "name": "马巷街道",
            "code": "350213002",
        }
    },
    {"rename": {"division": "350213103", "name": "新墟镇"}},
    {"absorb": {"divisions": ["350213104"], "into": "350213103"}},
    {
        "merge": {
            "divisions": ["350213103", "350213104"],
            "into": {"name": "新厝街道", "kind": "subdistrict", "code": "350213009"},
        }
    },
    {
        "split": {
            "division": "350213102",
            "keeps": True,
            "into": [
                {
                    "name": "凤翔街道",
                    "kind": "subdistrict",
                    "code": "350213004",
                    "members": ["350213102201"],
                    "codes": {"350213102201": "350213004201"},
                }
            ],
        }
    },
    {"transfer": {"divisions": ["350213102202"], "to": "350213103"}},
    {"abolish": {"division": "350213103202", "successors": ["350213103201"]}},
    {"recode": {"codes": {"350213102001": "350213102009"}}},
)


def paper_of(chance: random.Random, on: date = ON) -> dict[str, Any]:
    """One to three operations that can stand together, on a day."""
    wanted = chance.sample(ACTS, k=chance.randint(1, 3))
    return {
        "title": "随机调整",
        "effective_on": on.isoformat(),
        "decree": {"authority": "福建省人民政府", "number": "闽政文〔2021〕3号"},
        "operations": wanted,
    }


def city(builder: RegistryBuilder) -> None:
    """A small city in which every village has land and doors."""
    builder.tree(CITY)
    builder.squares(*VILLAGES)
    for village in VILLAGES:
        builder.doors(village, 2, builder.carrier(f"{CITY[village][:2]}里", village))


@dataclass(frozen=True)
class Edit:
    """An everyday work, the same whenever it is done."""

    title: str
    verb: Verb
    do: Callable[[Work], Any]


class Edits:
    """Random everyday works on a city."""

    def __init__(
        self,
        builder: RegistryBuilder,
        chance: random.Random,
        villages: Sequence[str] = VILLAGES,
        towns: Sequence[str] = TOWNS,
    ) -> None:
        self._builder = builder
        self._chance = chance
        self._villages, self._towns = villages, towns

    def some(self, how_many: int) -> list[Edit]:
        return [self._chance.choice(self.makers)(f"edit {number}") for number in range(how_many)]

    @property
    def makers(self) -> tuple[Callable[[str], Edit], ...]:
        """Kinds of works, each as often as it stands here."""
        return (
            self._new_door,
            self._new_door,
            self._renumber,
            self._correct_number,
            self._retire,
            self._correct_name,
            self._correct_name,
            self._rename,
            self._redraw,
            self._move,
        )

    def _day(self) -> date:
        return ON + timedelta(days=self._chance.choice((-400, -30, 0, 30, 200, 400)))

    def _village(self) -> UUID:
        return self._builder.ids[self._chance.choice(self._villages)]

    def _unit(self) -> UUID:
        return self._builder.ids[self._chance.choice((*self._villages, *self._towns))]

    def _door(self) -> UUID:
        return self._builder.address_ids[self._chance.choice(sorted(self._builder.address_ids))]

    def _new_door(self, title: str) -> Edit:
        village, day = self._village(), self._day()
        new = NewAddress(
            address_id=uuid5(NEW, title),
            code=f"N{uuid5(NEW, title).hex[:11].upper()}",
            object_id=uuid5(NEW, f"object {title}"),
            object_kind="site",
            division_id=village,
            carrier_id=None,
            parts=AddressParts(number=7),
        )

        def do(work: Work) -> None:
            propose_address(work, new, on=day)
            approve_address(work, new.address_id, on=day + timedelta(days=1))

        return Edit(title, Verb.CHANGE, do)

    def _renumber(self, title: str) -> Edit:
        door, day, number = self._door(), self._day(), self._chance.randint(10, 99)
        return Edit(title, Verb.CHANGE, lambda work: change_number(work, door, number, on=day))

    def _correct_number(self, title: str) -> Edit:
        door, day, number = self._door(), self._day(), self._chance.randint(10, 99)
        span = Period(day, day + timedelta(days=300))
        return Edit(
            title, Verb.CORRECT, lambda work: correct_number(work, door, number, during=span)
        )

    def _retire(self, title: str) -> Edit:
        door, day = self._door(), self._day()
        return Edit(title, Verb.CHANGE, lambda work: retire_address(work, door, on=day))

    def _correct_name(self, title: str) -> Edit:
        unit, day = self._unit(), self._day()
        span = Period(day, day + timedelta(days=100))
        return Edit(
            title, Verb.CORRECT, lambda work: correct_name(work, unit, "更名村", during=span)
        )

    def _rename(self, title: str) -> Edit:
        unit, day = self._unit(), self._day()
        return Edit(
            title,
            Verb.CHANGE,
            lambda work: _change(work, division_version, unit, day, {"name": f"{title}镇"}),
        )

    def _move(self, title: str) -> Edit:
        village, day = self._village(), self._day()
        town = self._builder.ids[self._chance.choice(self._towns)]
        return Edit(
            title,
            Verb.CHANGE,
            lambda work: _change(work, division_version, village, day, {"parent_id": town}),
        )

    def _redraw(self, title: str) -> Edit:
        village, day = self._village(), self._day()

        def do(work: Work) -> None:
            before = work.believed(territory_version, [village])[village]
            moved = translate(before[-1].value("territory"), xoff=1e-6)
            redigitise_territory(work, village, moved, on=day, basis="digitised", source=title)

        return Edit(title, Verb.REDIGITISE, do)


class MoreEdits(Edits):
    """Also works on doors and places, and works that take an earlier one back."""

    @property
    def makers(self) -> tuple[Callable[[str], Edit], ...]:
        return (*super().makers, self._rehouse, self._rename_place, self._take_back)

    def _rehouse(self, title: str) -> Edit:
        door, day, village = self._door(), self._day(), self._village()
        patch = {"division_id": village}
        return Edit(
            title,
            Verb.CHANGE,
            lambda work: change_address(work, door, patch, on=day, cause="rehouse"),
        )

    def _rename_place(self, title: str) -> Edit:
        key, row = place_name_version.c.place_name_id, place_name_version.c.version_id
        with self._builder.engine.connect() as connection:
            names = connection.scalars(select(key).group_by(key).order_by(func.min(row))).all()
        name, day = self._chance.choice(names), self._day()
        patch = {"text": f"{title}路", "specific": title, "generic": "路"}
        return Edit(
            title,
            Verb.CHANGE,
            lambda work: _change(work, place_name_version, name, day, patch),
        )

    def _take_back(self, title: str) -> Edit:
        taken = f"edit {self._chance.randint(0, 3)}"

        def do(work: Work) -> None:
            numbers = select(change.c.number).where(
                change.c.title == taken, change.c.number < work.number
            )
            for number in list(work.connection.scalars(numbers)):
                annul(work, number)

        return Edit(title, Verb.ANNUL, do)


def _change(work: Work, table: Table, key: UUID, day: date, patch: dict[str, Any]) -> None:
    before = work.believed(table, [key])[key]
    work.rewrite(table, key, before, change_from(before, day, patch, "edit"))


def enact(connection: Connection, paper: dict[str, Any]) -> tuple[UUID, int]:
    """File, approve and carry a paper out in the caller's transaction."""
    filed = commands.create(connection, paper, author="甲")
    commands.submit(connection, filed.restructuring_id, who="甲")
    commands.approve(connection, filed.restructuring_id, who="乙")
    work = commands.commit(connection, filed.restructuring_id, who="乙")
    seal(work)
    return filed.restructuring_id, work.number


class Outcome(Enum):
    """What came of an edit."""

    DONE = "done"
    NOTHING = "it was so already"
    FORBIDDEN = "a rule forbade it"


def do(connection: Connection, edit: Edit) -> Outcome:
    """Do an edit in the caller's transaction; what comes to nothing leaves no change."""
    inner = connection.begin_nested()
    try:
        work = Work(connection, Intent("edits", edit.verb, edit.title))
        work.start()
        edit.do(work)
        seal(work)
    except RegistryError:
        inner.rollback()
        return Outcome.FORBIDDEN
    if not touched(connection, work.number):
        inner.rollback()
        return Outcome.NOTHING
    inner.commit()
    return Outcome.DONE


def touched(connection: Connection, number: int) -> bool:
    """Whether a work wrote anything."""
    return any(
        connection.scalar(
            select(table.c.version_id).where(table.c.recorded_from == number).limit(1)
        )
        for table in VERSION_TABLES
    )


State = dict[tuple[str, UUID], list[tuple[Any, ...]]]


def state(connection: Connection) -> State:
    """Everything believed now, row by row, with the title of the work it comes from."""
    head = ChangeStore(connection).head()
    titles = {
        number: one.title.removeprefix("更正:")
        for number, one in ChangeStore(connection).many(list(range(1, head + 1)), head).items()
    }
    found: State = {}
    for table in VERSION_TABLES:
        if table is amendment_version:
            continue
        for key, timeline in timelines(connection, table, table.c.version_id > 0).items():
            found[str(table.name), key] = [
                (
                    one.valid.start,
                    one.valid.end,
                    sorted(
                        (k, getattr(v, "wkb_hex", v))
                        for k, v in one.values.items()
                        if v is not None
                    ),
                    one.cause,
                    titles[one.begun_by or 0],
                )
                for one in timeline
            ]
    return found
