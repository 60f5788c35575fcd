"""What names, codes and corrections of a paper leave in the database, and how it reads then."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from registry.addresses.store import AddressStore
from registry.addresses.text import Profile
from registry.changes.tables import change
from registry.divisions.tables import division_code_version
from registry.errors import StateForbids
from registry.log.sealing import seal
from registry.restructuring import commands
from registry.restructuring.code_publication import (
    provisional_codes,
    publication,
    publish_codes,
    release_codes,
    reserve_codes,
)
from registry.restructuring.paper import read_paper
from registry.restructuring.refusals import CodeIsNotProvisional
from tests.builder import MAXIANG, RegistryBuilder

ON = date(2025, 1, 6)
BEFORE = date(2025, 1, 5)


@pytest.fixture
def builder(engine: Engine) -> RegistryBuilder:
    made = RegistryBuilder(engine)
    made.tree(MAXIANG)
    return made


def paper(*operations: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "title": "调整",
        "effective_on": "2025-01-06",
        "operations": list(operations),
        **more,
    }


def convert(name: str, **more: Any) -> dict[str, Any]:
    new = {"name": name, "kind": "subdistrict", "parent": "350213", "code": "auto"}
    return paper({"establish": new}, title=name, **more)


def texts(builder: RegistryBuilder, code: str, on: date) -> tuple[str, str]:
    """Full and legal text of an address on a day."""
    with builder.engine.connect() as connection:
        found = AddressStore(connection).get(code, builder.as_of(connection, on))
    return found.text(), found.text(Profile.LEGAL)


class WhenAStreetIsRenamedByAnAct:
    def test_its_addresses_read_so_from_the_day_on(self, builder: RegistryBuilder) -> None:
        place = builder.carrier("中山路", "350213102201")
        (door,) = builder.doors("350213102201", 1, place)
        raw = paper({"rename": {"place": str(place), "name": "马巷中山路"}})

        with builder.work() as work:
            commands.commit_paper(work, read_paper(raw))

        assert texts(builder, door, BEFORE)[1].endswith("翔安区中山路1号")
        assert texts(builder, door, ON)[1].endswith("翔安区马巷中山路1号")

    def test_one_written_with_its_division_carries_it_in_the_legal_text(
        self, builder: RegistryBuilder
    ) -> None:
        place = builder.carrier("中山路", "350213102201")
        (door,) = builder.doors("350213102201", 1, place)
        raw = paper({"rename": {"place": "中山路", "written_with": "township"}})

        with builder.work() as work:
            commands.commit_paper(work, read_paper(raw))

        assert texts(builder, door, BEFORE)[1] == "福建省厦门市翔安区中山路1号"
        assert texts(builder, door, ON)[1] == "福建省厦门市翔安区马巷镇中山路1号"
        assert texts(builder, door, BEFORE)[0] == texts(builder, door, ON)[0]
        history = self.history(builder, door)
        assert [one.legal for one in history.texts] == [
            "福建省厦门市翔安区中山路1号",
            "福建省厦门市翔安区马巷镇中山路1号",
        ]

    def history(self, builder: RegistryBuilder, door: str) -> Any:
        with builder.engine.connect() as connection:
            return AddressStore(connection).history(door, builder.as_of(connection).known)


class WhenCodesAreReserved:
    def filed(self, builder: RegistryBuilder, raw: dict[str, Any]) -> UUID:
        with builder.engine.connect() as connection:
            made = commands.create(connection, raw, author="甲")
            connection.commit()
        return made.restructuring_id

    def reserved(self, builder: RegistryBuilder, filed: UUID) -> list[str]:
        with builder.engine.connect() as connection:
            kept = reserve_codes(connection, filed)
            connection.commit()
        return sorted(kept.values())

    def test_two_drafts_do_not_get_the_same(self, builder: RegistryBuilder) -> None:
        first = self.filed(builder, convert("凤翔街道"))
        second = self.filed(builder, convert("民安街道"))

        assert self.reserved(builder, first) == ["350213001"]
        assert self.reserved(builder, second) == ["350213002"]
        assert self.reserved(builder, first) == ["350213001"], "asking again changes nothing"

    def test_what_is_withdrawn_or_released_keeps_nothing(self, builder: RegistryBuilder) -> None:
        first = self.filed(builder, convert("凤翔街道"))
        second = self.filed(builder, convert("民安街道"))
        self.reserved(builder, first)
        with builder.engine.connect() as connection:
            commands.withdraw(connection, first, who="甲")
            connection.commit()

        assert self.reserved(builder, second) == ["350213001"]
        with builder.engine.connect() as connection:
            release_codes(connection, second)
            connection.commit()
        assert self.reserved(builder, self.filed(builder, convert("香山街道"))) == ["350213001"]

    def test_a_plan_that_is_over_keeps_none(self, builder: RegistryBuilder) -> None:
        filed = self.filed(builder, convert("凤翔街道"))
        with builder.engine.connect() as connection:
            commands.withdraw(connection, filed, who="甲")
            with pytest.raises(StateForbids):
                reserve_codes(connection, filed)


class WhenCodesArePublished:
    def committed(self, builder: RegistryBuilder) -> int:
        with builder.work() as work:
            commands.commit_paper(work, read_paper(convert("凤翔街道")))
            return work.number

    def published(self, builder: RegistryBuilder, number: int, **fixed: str) -> None:
        on = date(2025, 2, 1)
        with builder.engine.connect() as connection:
            from registry.changes.work import Work

            work = Work(connection, publication("公布代码", author="乙", on=on))
            work.start()
            found = provisional_codes(connection, work.number, on, number)
            codes = dict.fromkeys(found, fixed["code"]) if fixed else None
            publish_codes(work, found, scheme="statistical", on=on, fixed=codes)
            seal(work)
            connection.commit()

    def test_they_are_provisional_until_the_day(self, builder: RegistryBuilder) -> None:
        number = self.committed(builder)
        self.published(builder, number)

        assert self.states(builder) == [("350213001", True), ("350213001", False)]

    def test_the_authority_may_fix_another(self, builder: RegistryBuilder) -> None:
        number = self.committed(builder)
        self.published(builder, number, code="350213004")

        assert self.states(builder) == [("350213001", True), ("350213004", False)]

    def test_nothing_is_published_twice(self, builder: RegistryBuilder) -> None:
        self.committed(builder)
        with pytest.raises(CodeIsNotProvisional), builder.work() as work:
            publish_codes(
                work, [builder.ids["350213102"]], scheme="statistical", on=date(2025, 2, 1)
            )

    def states(self, builder: RegistryBuilder) -> list[tuple[str, bool]]:
        codes = division_code_version.c
        with builder.engine.connect() as connection:
            rows = connection.execute(
                select(codes.code, codes.provisional)
                .where(codes.code.like("35021300_"), codes.recorded_to.is_(None))
                .order_by(codes.valid)
            )
            return [(row.code, row.provisional) for row in rows]


class WhenAPaperCorrects:
    def test_its_change_is_recorded_as_a_correction(self, builder: RegistryBuilder) -> None:
        raw = paper({"correct": {"division": "350213102201", "name": "琼头社区"}})
        read = read_paper(raw)
        with builder.engine.connect() as connection:
            from registry.changes.work import Work

            work = Work(connection, commands.intent_of(read, author="甲"))
            commands.commit_paper(work, read)
            seal(work)
            connection.commit()
            verb = connection.scalar(select(change.c.verb).where(change.c.number == work.number))
        assert verb == "correct"
