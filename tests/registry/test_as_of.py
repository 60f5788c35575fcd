"""Every read at every (at, known) agrees with a plain model that remembers everything ever said."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from registry.changes.model import Verb
from registry.changes.period import AsOf, Period
from registry.changes.store import ChangeStore
from registry.changes.timeline import at, change_from, correct
from registry.divisions.store import DivisionStore
from registry.divisions.tables import division_version
from registry.errors import LaterActExists, NotInForce
from tests.builder import MAXIANG, RegistryBuilder

FIRST = date(2020, 1, 1)
DAYS = [FIRST + timedelta(days=30 * n) for n in range(12)]
VILLAGES = ("350213102001", "350213102201", "350213102202")
TOWNS = ("350213102", "350213103")

Step = tuple[str, str, int, int, str]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["change", "correct", "move"]),
        st.sampled_from(VILLAGES),
        st.integers(0, 11),
        st.integers(1, 12),
        st.sampled_from(["甲村", "乙村", "丙村", *TOWNS]),
    ),
    min_size=1,
    max_size=8,
)
State = dict[tuple[str, date], tuple[str, UUID]]


class WhatIsRead:
    @settings(
        max_examples=12,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(steps=STEPS)
    def test_is_what_was_said_of_that_day_by_that_change(
        self, engine: Engine, steps: list[Step]
    ) -> None:
        builder = RegistryBuilder(engine)
        with engine.connect() as connection:
            offset = ChangeStore(connection).head()
        builder.tree(MAXIANG)
        model: State = {
            (code, day): (MAXIANG[code], builder.ids["350213102"])
            for code in VILLAGES
            for day in DAYS
        }
        remembered: dict[int, State] = {offset + 1: dict(model)}

        for verb, code, begin, end, word in steps:
            number = self._do(builder, model, verb, code, begin, end, word)
            if number is not None:
                remembered[number] = dict(model)

        with engine.connect() as connection:
            store = DivisionStore(connection)
            for number, state in remembered.items():
                for day in DAYS:
                    ids = [builder.ids[code] for code in VILLAGES]
                    found = store.many(ids, AsOf(day, number))
                    for code in VILLAGES:
                        one = found[builder.ids[code]]
                        assert (one.name, one.parent_id) == state[code, day], (number, day, code)
                    for town in TOWNS:
                        members = {
                            child.division_id
                            for child in store.children(builder.ids[town], AsOf(day, number))
                        } & set(ids)
                        assert members == {
                            builder.ids[code]
                            for code in VILLAGES
                            if state[code, day][1] == builder.ids[town]
                        }

    def _do(
        self,
        builder: RegistryBuilder,
        model: State,
        verb: str,
        code: str,
        begin: int,
        end: int,
        word: str,
    ) -> int | None:
        key = builder.ids[code]
        patch: dict[str, Any] = (
            {"parent_id": builder.ids[word]} if word in TOWNS else {"name": word}
        )
        span = Period(DAYS[begin], DAYS[end] if begin < end < len(DAYS) else None)
        try:
            with builder.work(verb, Verb.CORRECT if verb == "correct" else Verb.CHANGE) as work:
                before = work.believed(division_version, [key])[key]
                after = (
                    correct(before, span, patch, verb)
                    if verb == "correct"
                    else change_from(before, DAYS[begin], patch, verb)
                )
                work.rewrite(division_version, key, before, after)
                number = work.number
        except (LaterActExists, NotInForce):
            return None
        held = at(before, DAYS[begin])
        assert held is not None
        for day in DAYS:
            touched = day in span if verb == "correct" else day >= DAYS[begin]
            if touched:
                name, parent = model[code, day]
                model[code, day] = (patch.get("name", name), patch.get("parent_id", parent))
        return number
