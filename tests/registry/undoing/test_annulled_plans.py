"""Whatever random plan was carried out: annulled, every read is what it would be without it."""

import random
from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select

from registry.addresses.store import AddressStore
from registry.addresses.tables import address
from registry.addresses.text import Profile
from registry.changes.annulment import annul, withdraw
from registry.changes.model import Intent, Verb
from registry.changes.period import AsOf
from registry.changes.rows import seen_at
from registry.changes.store import ChangeStore
from registry.changes.work import Work
from registry.divisions.lineage import LineageStore
from registry.divisions.store import DivisionStore
from registry.divisions.values import DivisionFilter
from registry.errors import RegistryError
from registry.log.audit import audit
from registry.log.sealing import seal
from registry.names.tables import place_name_version
from registry.quality.run import run
from registry.tables import VERSION_TABLES
from registry.undoing_errors import LaterWorkStands
from tests.builder import RegistryBuilder
from tests.grid_city import ON, TOWNS, VILLAGES, grid_city, town, village
from tests.random_papers import RandomPlans, populate
from tests.registry.undoing.works import MoreEdits, Outcome, do, enact, state

SEEN: Counter[str] = Counter()
PLACES = [village(place, number) for place in range(TOWNS) for number in range(VILLAGES)]
ATTEMPTS = 8
"""Papers a seed may try: not every random one may be carried out."""
Reads = dict[tuple[str, date], Any]


@pytest.fixture
def builder(engine: Engine) -> RegistryBuilder:
    made = grid_city(engine)
    populate(made, 7)
    return made


class TheAnnulmentOfARandomPlan:
    @pytest.mark.parametrize("examples", [10, pytest.param(300, marks=pytest.mark.drill)])
    def test_gives_every_read_back_or_is_refused_whole(
        self, builder: RegistryBuilder, examples: int
    ) -> None:
        with builder.engine.connect() as connection:

            @settings(
                max_examples=examples,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                database=None,
            )
            @given(st.integers(0, 10**6), st.integers(0, 5))
            def annulled(seed: int, how_many: int) -> None:
                annulled_or_refused(connection, builder, seed, how_many)

            annulled()
        assert SEEN["annulled"] > 0


def annulled_or_refused(
    connection: Connection, builder: RegistryBuilder, seed: int, how_many: int
) -> None:
    connection.rollback()  # whatever an example that failed left behind
    towns = [town(place) for place in range(TOWNS)]
    edits = MoreEdits(builder, random.Random(seed), PLACES, towns).some(how_many)
    start = ChangeStore(connection).head()
    number = _carried_out(connection, RandomPlans(seed))
    if number is None:
        SEEN["no plan"] += 1
        return
    done = [edit for edit in edits if do(connection, edit) is Outcome.DONE]
    head, days = ChangeStore(connection).head(), _days(connection)
    believed, read = state(connection), reads(connection, days)
    listed = withdraw(connection, number).obstacles
    work = Work(connection, Intent("甲", Verb.ANNUL, "撤销"))
    refused = _refusal(work, number)
    if refused is not None:
        # Nothing was undone: what stands in the way was found before anything was written.
        assert listed
        assert refused.facts["obstacles"]
        assert state(connection) == believed
        SEEN["refused"] += 1
        connection.rollback()
        return
    seal(work)
    after, found = state(connection), reads(connection, days)
    verdicts, faults = run(connection), audit(connection)[2]
    assert reads(connection, days, head) == read
    connection.rollback()

    assert listed == ()
    # The same edits in a registry in which the act never was.
    for edit in done:
        assert do(connection, edit) is not Outcome.FORBIDDEN
    assert after == state(connection)
    assert found == reads(connection, days)
    assert verdicts == run(connection)
    assert faults == []
    connection.rollback()
    if not done:
        assert found == reads(connection, days, start)
        assert [(one.invariant, one.breaches) for one in verdicts if one.count] == []
    SEEN["annulled"] += 1
    SEEN["annulled under edits"] += bool(done)


def _carried_out(connection: Connection, plans: RandomPlans) -> int | None:
    for attempt in range(ATTEMPTS):
        paper = {
            "title": f"随机调整{attempt}",
            "effective_on": ON.isoformat(),
            "decree": {"authority": "福建省人民政府", "number": "闽政文〔2021〕3号"},
            "operations": plans.operations(),
        }
        inner = connection.begin_nested()
        try:
            _id, number = enact(connection, paper)
        except RegistryError:
            inner.rollback()
            continue
        return number
    connection.rollback()
    return None


def _refusal(work: Work, number: int) -> LaterWorkStands | None:
    try:
        annul(work, number)
    except LaterWorkStands as error:
        return error
    return None


def _days(connection: Connection) -> list[date]:
    """Every day on which anything that was ever believed begins or ends, and the first of all."""
    found = {date.min}
    for table in VERSION_TABLES:
        for valid in connection.scalars(select(table.c.valid).distinct()):
            found |= {day for day in (valid.lower, valid.upper) if day is not None}
    return sorted(found)


def reads(connection: Connection, days: list[date], known: int | None = None) -> Reads:
    """What readers are told of every day, with the titles of works for their numbers."""
    head = ChangeStore(connection).head() if known is None else known
    numbers = list(range(1, head + 1))
    titles = {n: one.title for n, one in ChangeStore(connection).many(numbers, head).items()}
    found: Reads = {}
    for day in days:
        at = AsOf(day, head)
        found["divisions", day] = _divisions(connection, at, titles)
        found["addresses", day] = _addresses(connection, at)
        found["names", day] = _names(connection, at)
        found["lineage", day] = [
            (edge.on, edge.predecessor_id, edge.successor_id, edge.kind)
            for edge in LineageStore(connection).between(AsOf(date.min, 0), at)
        ]
    return found


def _divisions(connection: Connection, at: AsOf, titles: dict[int, str]) -> Any:
    store = DivisionStore(connection)
    units = store.page(DivisionFilter(), at, limit=500, cursor=None).divisions
    land = store.territories([one.division_id for one in units], at)
    return {
        one.division_id: (
            one.kind,
            one.name,
            one.published_name,
            one.parent_id,
            one.codes,
            one.valid,
            one.cause,
            titles[one.begun_by],
            _plain_land(land.get(one.division_id)),
        )
        for one in units
    }


def _plain_land(land: Any) -> Any:
    return land and (land.territory.wkb_hex, land.area_m2, land.basis, land.source, land.valid)


def _addresses(connection: Connection, at: AsOf) -> dict[str, Any]:
    codes = list(connection.scalars(select(address.c.code)))
    return {
        one.code: (
            one.text(),
            one.text(Profile.LEGAL),
            one.text(Profile.PLATE),
            one.stage,
            one.chain,
            one.position,
            (one.valid_from, one.valid_to, one.in_force),
        )
        for one in AddressStore(connection).many(codes, at)
    }


def _names(connection: Connection, at: AsOf) -> list[tuple[UUID, str, str, str]]:
    table = place_name_version
    rows = connection.execute(
        select(table.c.place_name_id, table.c.text, table.c.status, table.c.language)
        .where(seen_at(table, at))
        .order_by(table.c.place_name_id)
    )
    return [tuple(row) for row in rows]
