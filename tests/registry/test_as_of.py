"""Every read at every (at, known) agrees with a plain model that remembers everything ever said."""

import random
import sys
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine

from registry.addresses.hot_reads import HotAddresses
from registry.addresses.store import AddressStore
from registry.addresses.tables import address_version
from registry.changes.annulment import annul
from registry.changes.model import Verb
from registry.changes.period import AsOf, Period
from registry.changes.store import ChangeStore
from registry.changes.timeline import begin, change_from, correct
from registry.changes.work import Work
from registry.database import make_engine
from registry.divisions.model import DivisionKind
from registry.divisions.store import DivisionStore
from registry.divisions.tables import division, division_version
from registry.divisions.values import DivisionStatus
from registry.errors import LaterActExists, NotInForce
from registry.hot import HotReads
from registry.undoing_errors import ChangeIsAnnulled, LaterWorkStands
from tests.builder import MAXIANG, RegistryBuilder
from tests.conftest import Databases
from tests.registry.as_of_model import DAYS, LAST, Facts, Model, Refused, Row

TOWNS = ("350213102", "350213103")
UPPER = "福建省厦门市翔安区"
NAMES = ("甲", "乙", "丙", "丁")
DAY = st.integers(0, LAST)
STATUS_ASKED = 4
COMPARED = {"reads": 0, "changes": 0, "annulled under later work": 0}


def period_of(start: int, end: int) -> Period:
    return Period(DAYS[start], None if end > LAST else DAYS[end])


class RandomRegistry(RuleBasedStateMachine):
    """Works on a real registry and on the model at once; reads of both are compared all the time."""

    def __init__(self, engine: Engine, hot: HotReads, close: Callable[[], None]) -> None:
        super().__init__()
        self.engine = engine
        self.hot = HotAddresses(hot.rows)
        self.close = close
        self.builder = RegistryBuilder(engine)
        self.model = Model()
        self.ids: dict[str, UUID] = {}
        self.codes: list[str] = []
        self.chance = random.Random(4)

    @initialize()
    def a_small_district(self) -> None:
        self.builder.tree(MAXIANG, Period(DAYS[0], None))
        carrier = self.builder.carrier("里甲里", "350213102201")
        del carrier
        for code, name in MAXIANG.items():
            if len(code) > len("350213"):
                values = {"name": name, "parent_id": str(self.builder.ids[code[:9]])}
                if code in TOWNS:
                    values["parent_id"] = str(self.builder.ids["350213"])
                self._known(f"division {code}", self.builder.ids[code], values)
        self._settle(1)

    @rule(village=st.sampled_from([c for c in MAXIANG if len(c) == 12]), day=DAY)
    def a_door_is_numbered(self, village: str, day: int) -> None:
        def real(work: Work) -> None:
            code = self.builder.door(work, village, len(self.codes) + 1, since=DAYS[day])
            self.codes.append(code)
            self.ids[f"address {code}"] = self.builder.address_ids[code]

        number = self._work(real, Verb.CHANGE)
        values = {"number": len(self.codes), "division_id": str(self.builder.ids[village])}
        self.model.begin(f"address {self.codes[-1]}", day, values)
        self.model.recorded(number)

    @rule(day=DAY, name=st.sampled_from(NAMES), town=st.sampled_from(TOWNS))
    def a_village_is_established(self, day: int, name: str, town: str) -> None:
        key, fact = uuid4(), f"division new {len(self.ids)}"
        values = {"name": f"{name}村", "parent_id": self.builder.ids[town]}

        def real(work: Work) -> None:
            work.establish(division, [{"division_id": key, "layer": "statutory"}])
            row = {**values, "kind": DivisionKind.VILLAGE.value, "published_name": values["name"]}
            after = begin((), Period.since(DAYS[day]), row, "establish")
            work.rewrite(division_version, key, (), after)

        number = self._work(real, Verb.CHANGE)
        self.ids[fact] = key
        self.model.names[str(key)] = fact
        self.model.begin(fact, day, {**values, "parent_id": str(values["parent_id"])})
        self.model.recorded(number)

    @rule(pick=st.randoms(use_true_random=False), day=DAY, name=st.sampled_from(NAMES))
    def a_division_is_renamed(self, pick: random.Random, day: int, name: str) -> None:
        self._change(self._one(pick, "division"), day, {"name": f"{name}村"})

    @rule(pick=st.randoms(use_true_random=False), day=DAY, town=st.sampled_from(TOWNS))
    def a_village_moves(self, pick: random.Random, day: int, town: str) -> None:
        fact = self._one(pick, "division", but=TOWNS)
        self._change(fact, day, {"parent_id": self.builder.ids[town]})

    @rule(pick=st.randoms(use_true_random=False), day=DAY)
    def a_village_ends(self, pick: random.Random, day: int) -> None:
        self._change(self._one(pick, "division", but=TOWNS), day, None)

    @rule(pick=st.randoms(use_true_random=False), start=DAY, end=DAY, name=st.sampled_from(NAMES))
    def a_name_is_corrected(self, pick: random.Random, start: int, end: int, name: str) -> None:
        self._correct(self._one(pick, "division"), start, end, {"name": f"{name}更村"})

    @rule(pick=st.randoms(use_true_random=False), start=DAY, end=DAY)
    def days_are_struck(self, pick: random.Random, start: int, end: int) -> None:
        self._correct(self._one(pick, "division", but=TOWNS), start, end, None)

    @precondition(lambda self: self.codes)
    @rule(pick=st.randoms(use_true_random=False), day=DAY, number=st.integers(1, 9))
    def a_door_is_renumbered(self, pick: random.Random, day: int, number: int) -> None:
        self._change(self._one(pick, "address"), day, {"number": number})

    @precondition(lambda self: self.codes)
    @rule(pick=st.randoms(use_true_random=False), start=DAY, end=DAY, number=st.integers(1, 9))
    def a_number_is_corrected(self, pick: random.Random, start: int, end: int, number: int) -> None:
        self._correct(self._one(pick, "address"), start, end, {"number": number})

    @precondition(lambda self: self.codes)
    @rule(pick=st.randoms(use_true_random=False), day=DAY)
    def a_door_moves(self, pick: random.Random, day: int) -> None:
        village = pick.choice([c for c in MAXIANG if len(c) == 12])
        self._change(self._one(pick, "address"), day, {"division_id": self.builder.ids[village]})

    @precondition(lambda self: len(self.model.known) > 1)
    @rule(pick=st.randoms(use_true_random=False))
    def a_change_is_annulled(self, pick: random.Random) -> None:
        change = pick.choice(sorted(self.model.known)[1:])
        before, own = dict(self.model.now), max(self.model.known) + 1
        may = self.model.stands(change)
        try:
            self.model.annul(change, own)
        except Refused:
            may = False
        try:
            real = self._work(lambda work: annul(work, change), Verb.ANNUL)
        except (LaterWorkStands, ChangeIsAnnulled):
            # What nobody can tell is for a person to decide: only where later work bears on it.
            assert not may or self.model.touched_since(change)
            self.model.forget(before)
            self.model.annuls.pop(own, None)
            return
        assert may, "annulled what should have been refused"
        assert real == own
        COMPARED["annulled under later work"] += self.model.touched_since(change)
        self.model.recorded(own)

    @rule(pick=st.randoms(use_true_random=False))
    def everything_reads_alike(self, pick: random.Random) -> None:
        self._compare(max(self.model.known), pick.choice(DAYS))
        self._compare(pick.choice(sorted(self.model.known)), pick.choice(DAYS))

    def teardown(self) -> None:
        try:
            for known in self.model.known:
                for day in DAYS[::4]:
                    self._compare(known, day)
            COMPARED["changes"] += len(self.model.known)
        finally:
            self.close()

    def _change(self, fact: str, day: int, patch: dict[str, Any] | None) -> None:
        self._both(
            fact,
            lambda model: model.change(fact, day, _plain(patch)),
            lambda before: change_from(before, DAYS[day], patch, "change"),
            Verb.CHANGE,
        )

    def _correct(self, fact: str, start: int, end: int, patch: dict[str, Any] | None) -> None:
        last = end if end > start else LAST + 1
        span = period_of(start, last)
        self._both(
            fact,
            lambda model: model.correct(fact, start, last, _plain(patch)),
            lambda before: correct(before, span, patch, "correct"),
            Verb.CORRECT,
        )

    def _both(
        self,
        fact: str,
        modelled: Callable[[Model], None],
        rewritten: Callable[[Any], Any],
        verb: Verb,
    ) -> None:
        table = division_version if fact.startswith("division") else address_version
        key = self.ids[fact]

        def real(work: Work) -> None:
            before = work.believed(table, [key]).get(key, ())
            work.rewrite(table, key, before, rewritten(before))

        before = dict(self.model.now)
        try:
            modelled(self.model)
        except Refused:
            self.model.forget(before)
            with pytest.raises((NotInForce, LaterActExists)):
                self._work(real, verb)
            return
        self.model.recorded(self._work(real, verb))

    def _work(self, real: Callable[[Work], Any], verb: Verb) -> int:
        with self.builder.work("as of", verb) as work:
            real(work)
            return work.number

    def _known(self, fact: str, key: UUID, values: dict[str, Any]) -> None:
        self.ids[fact] = key
        self.model.names[str(key)] = fact
        self.model.begin(fact, 0, values)

    def _settle(self, _first: int) -> None:
        with self.engine.connect() as connection:
            head = ChangeStore(connection).head()
        self.model.recorded(head)

    def _one(self, pick: random.Random, kind: str, but: tuple[str, ...] = ()) -> str:
        left_out = {f"division {code}" for code in but}
        return pick.choice(
            sorted(f for f in self.model.now if f.startswith(kind) and f not in left_out)
        )

    def _compare(self, known: int, day: date) -> None:
        facts, place, at = self.model.known[known], DAYS.index(day), AsOf(day, known)
        with self.engine.connect() as connection:
            self._divisions(DivisionStore(connection), facts, place, at)
            self._addresses(AddressStore(connection), facts, place, at)
        COMPARED["reads"] += len(facts) * 3

    def _divisions(self, store: DivisionStore, facts: Facts, place: int, at: AsOf) -> None:
        rows = {self.ids[f]: row for f, row in facts.items() if f.startswith("division")}
        found = store.many(list(rows), at)
        for key, row in rows.items():
            held = row[place]
            one = found.get(key)
            assert (one is None) == (held is None), (key, at)
            if one is not None and held is not None:
                assert (one.name, str(one.parent_id)) == (held.get("name"), held.get("parent_id"))
        # One question each, so only of some: over a run all come to be asked.
        for key in self.chance.sample(sorted(rows), k=min(STATUS_ASKED, len(rows))):
            assert store.get(key, at).status is status_of(rows[key], place)
        for town in TOWNS:
            children = {child.division_id for child in store.children(self.builder.ids[town], at)}
            inside = str(self.builder.ids[town])
            held_by = {key: row[place] for key, row in rows.items()}
            assert children == {
                key for key, held in held_by.items() if held and held.get("parent_id") == inside
            }

    def _addresses(self, store: AddressStore, facts: Facts, place: int, at: AsOf) -> None:
        codes = [f.removeprefix("address ") for f in facts if f.startswith("address")]
        wanted = {
            code: text
            for code in codes
            if (text := self._text(facts, facts[f"address {code}"], place)) is not None
        }
        for found in (
            store.many(codes, at),
            self.hot.by_codes(codes, at.valid_on, at.known).addresses if codes else [],
        ):
            assert {one.code: one.text() for one in found} == wanted, at

    def _text(self, facts: Facts, row: Row, place: int) -> str | None:
        held = row[place]
        if held is None:
            return None
        by_id = {str(self.ids[f]): row for f, row in facts.items() if f.startswith("division")}
        names: list[str] = []
        above = by_id.get(held.get("division_id"))
        while above is not None and (unit := above[place]) is not None:
            names.insert(0, unit.get("name"))
            above = by_id.get(unit.get("parent_id"))
            if unit.get("parent_id") == str(self.builder.ids["350213"]):
                names.insert(0, UPPER)
        return "".join(names) + f"{held.get('number')}号"


def status_of(row: Row, place: int) -> DivisionStatus:
    if row[place] is not None:
        return DivisionStatus.IN_FORCE
    if all(one is None for one in row):
        return DivisionStatus.ANNULLED
    ended = any(one is not None for one in row[:place])
    return DivisionStatus.ENDED if ended else DivisionStatus.NOT_YET


def _plain(patch: dict[str, Any] | None) -> dict[str, Any] | None:
    if patch is None:
        return None
    return {name: str(v) if isinstance(v, UUID) else v for name, v in patch.items()}


@pytest.fixture
def fresh(databases: Databases, template: str) -> Callable[[], RandomRegistry]:
    """Machines, each on a registry of its own that goes with it."""

    def one() -> RandomRegistry:
        name = f"asof_{uuid4().hex[:12]}"
        url = databases.make(name, template)
        engine, hot = make_engine(url), HotReads(url, size=1)
        hot.open()

        def close() -> None:
            hot.close()
            engine.dispose()
            databases.drop(name)

        return RandomRegistry(engine, hot, close)

    return one


def run(fresh: Callable[[], RandomRegistry], examples: int, steps: int) -> None:
    run_state_machine_as_test(
        fresh,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )


class WhatIsRead:
    def test_is_what_was_said_of_that_day_by_that_change(
        self, fresh: Callable[[], RandomRegistry]
    ) -> None:
        run(fresh, examples=4, steps=20)

    @pytest.mark.drill
    def test_stays_so_through_thousands_of_changes(
        self, fresh: Callable[[], RandomRegistry], capsys: pytest.CaptureFixture[str]
    ) -> None:
        run(fresh, examples=60, steps=100)

        with capsys.disabled():
            sys.stdout.write(f"compared: {COMPARED}\n")
        assert COMPARED["changes"] > 2000
        assert COMPARED["annulled under later work"] > 50
