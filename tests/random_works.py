"""Random works on a registry: what a busy year would bring, in no order and without sense."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from shapely.affinity import translate
from sqlalchemy import Connection, Engine, Table, func, select

from api.work import works_on
from registry.addresses.commands import (
    NewAddress,
    approve_address,
    change_address,
    change_number,
    correct_number,
    propose_address,
    retire_address,
)
from registry.addresses.tables import address_version
from registry.addresses.text import AddressParts
from registry.changes.annulment import annul
from registry.changes.model import Intent, Verb
from registry.changes.period import Period
from registry.changes.timeline import change_from
from registry.changes.work import Work
from registry.divisions.commands import correct_name, redigitise_territory
from registry.divisions.tables import division_version, territory_version
from registry.errors import ChangeIsUnknown, RegistryError
from registry.names.tables import place_name_version

TODAY = date(2026, 1, 1)
VILLAGES = ("village", "community")
TOWNSHIPS = ("town", "township", "subdistrict")


class RandomWorks:
    """Does one random work after another; each is committed or refused whole."""

    def __init__(self, engine: Engine, seed: int) -> None:
        self._engine = engine
        self._chance = random.Random(seed)
        self._ids: dict[str, list[UUID]] = {}
        self._refused = 0
        self._done: list[int] = []

    def do(self) -> int | None:
        """One work; returns its change, or None when a rule forbade it."""
        kinds: list[tuple[Callable[[Work], None], Verb, int]] = [
            (self._renumber, Verb.CHANGE, 30),
            (self._correct, Verb.CORRECT, 15),
            (self._retire, Verb.CHANGE, 5),
            (self._propose, Verb.CHANGE, 20),
            (self._rehouse, Verb.CHANGE, 10),
            (self._rename_place, Verb.CHANGE, 8),
            (self._correct_village, Verb.CORRECT, 5),
            (self._move_village, Verb.CHANGE, 4),
            (self._redraw, Verb.REDIGITISE, 3),
            (self._annul, Verb.CORRECT, 5),
        ]
        step, verb, _weight = self._chance.choices(kinds, [kind[2] for kind in kinds])[0]
        intent = Intent(author="random", verb=verb, title=step.__name__.strip("_"))
        try:
            with works_on(self._engine)(intent) as work:
                work.start()
                step(work)
            self._done.append(work.number)
            return work.number
        except RegistryError:
            self._refused += 1
            return None

    def do_many(self, how_many: int) -> int:
        """So many recorded works; returns the last change."""
        last, done = 0, 0
        while done < how_many:
            number = self.do()
            if number is not None:
                last, done = number, done + 1
        return last

    def _renumber(self, work: Work) -> None:
        change_number(work, self._address(work), self._number(), on=self._day())

    def _correct(self, work: Work) -> None:
        start = self._day()
        span = Period(start, start + timedelta(days=self._chance.randint(1, 900)))
        correct_number(work, self._address(work), self._number(), during=span)

    def _retire(self, work: Work) -> None:
        retire_address(work, self._address(work), on=self._day())

    def _propose(self, work: Work) -> None:
        address_id, village = uuid4(), self._village(work)
        new = NewAddress(
            address_id=address_id,
            code=f"R{uuid4().hex[:11].upper()}",
            object_id=uuid4(),
            object_kind="site",
            division_id=village,
            carrier_id=None,
            parts=AddressParts(number=self._number()),
            longitude_deg=118.0 + self._chance.random(),
            latitude_deg=24.4 + self._chance.random(),
        )
        propose_address(work, new, on=TODAY)
        approve_address(work, address_id, on=TODAY + timedelta(days=1))
        self._ids.setdefault("address", []).append(address_id)

    def _rehouse(self, work: Work) -> None:
        patch = {"division_id": self._village(work)}
        change_address(work, self._address(work), patch, on=self._day(), cause="rehouse")

    def _rename_place(self, work: Work) -> None:
        key = self._any(work.connection, place_name_version)
        patch = {
            "text": f"新{self._number()}路",
            "specific": f"新{self._number()}",
            "generic": "路",
        }
        self._change(work, place_name_version, key, patch)

    def _correct_village(self, work: Work) -> None:
        start = self._day()
        span = Period(start, start + timedelta(days=400))
        correct_name(work, self._village(work), f"更{self._number()}社区", during=span)

    def _move_village(self, work: Work) -> None:
        patch = {"parent_id": self._division(work, TOWNSHIPS)}
        self._change(work, division_version, self._village(work), patch)

    def _redraw(self, work: Work) -> None:
        key = self._any(work.connection, territory_version)
        before = work.believed(territory_version, [key])[key]
        moved = translate(before[-1].value("territory"), xoff=1e-6)
        redigitise_territory(work, key, moved, on=self._day(), basis="digitised", source="random")

    def _annul(self, work: Work) -> None:
        """Take one of the latest works back; rules forbid it where later ones build on it."""
        if not self._done:
            raise ChangeIsUnknown(number=0, head=0)
        annul(work, self._chance.choice(self._done[-30:]))

    def _change(self, work: Work, table: Table, key: UUID, patch: dict[str, Any]) -> None:
        before = work.believed(table, [key])[key]
        work.rewrite(table, key, before, change_from(before, self._day(), patch, "random"))

    def _address(self, work: Work) -> UUID:
        return self._any(work.connection, address_version)

    def _village(self, work: Work) -> UUID:
        return self._division(work, VILLAGES)

    def _division(self, work: Work, kinds: tuple[str, ...]) -> UUID:
        name = kinds[0]
        if name not in self._ids:
            self._ids[name] = list(
                work.connection.scalars(
                    select(division_version.c.division_id)
                    .where(
                        division_version.c.kind.in_(kinds),
                        division_version.c.recorded_to.is_(None),
                        func.upper_inf(division_version.c.valid),
                    )
                    .order_by(division_version.c.division_id)
                )
            )
        return self._chance.choice(self._ids[name])

    def _any(self, connection: Connection, table: Table) -> UUID:
        name = str(table.name).removesuffix("_version")
        if name not in self._ids:
            key = table.c[table.info["key"]]
            self._ids[name] = list(
                connection.scalars(
                    select(key).where(table.c.recorded_to.is_(None)).distinct().order_by(key)
                )
            )
        return self._chance.choice(self._ids[name])

    def _number(self) -> int:
        return self._chance.randint(1, 9999)

    def _day(self) -> date:
        return TODAY + timedelta(days=self._chance.randint(-1500, 700))
