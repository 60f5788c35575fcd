"""A restructuring's life: every step by somebody, logged, safe to repeat, and one wins."""

import threading
from typing import Any

import pytest
from sqlalchemy import text

from registry.changes.model import Intent, Verb
from registry.changes.work import Work
from registry.errors import PlanIsStale, RegistryError, StateForbids
from registry.log.sealing import seal
from registry.restructuring import commands
from registry.restructuring.docket import Docket
from registry.restructuring.errors import (
    ActIsSettled,
    AuthorityIsTooLow,
    EarlierActIsOpen,
    PaperWasEdited,
    ScenarioIsTaken,
)
from registry.restructuring.model import State
from tests.registry.restructuring.people import CONVERT, DECREE, DIVIDE, ON, Case


class WhenStepsAreTaken:
    def test_each_is_logged_with_who_when_why_and_on_what(self, case: Case) -> None:
        one = case.file(CONVERT)
        case.do(commands.submit, one, who="甲", reason="市里来函")
        case.do(commands.approve, one, who="乙")
        case.do(commands.schedule, one, who="乙")

        with case.engine.connect() as connection:
            steps = Docket(connection).steps(one)

        assert [(step.number, step.step, step.who, step.state.value) for step in steps] == [
            (1, "create", "甲", "draft"),
            (2, "submit", "甲", "submitted"),
            (3, "approve", "乙", "approved"),
            (4, "schedule", "乙", "scheduled"),
        ]
        assert steps[1].reason == "市里来函"
        assert steps[1].digest == steps[2].digest == case.get(one).effects_digest

    def test_the_same_step_again_changes_nothing(self, case: Case) -> None:
        one = case.file(CONVERT)
        case.approve(one)
        before = case.get(one)

        case.do(commands.approve, one, who="乙")
        number = case.carry_out(one)
        with case.engine.connect() as connection:
            again = commands.commit_once(connection, one, who="乙")

        assert before.revision + 1 == case.get(one).revision
        assert (again.change_number, again.work) == (number, None)
        assert [step for step, _who in case.steps(one)] == ["create", "submit", "approve", "commit"]

    def test_of_two_who_approve_at_once_one_wins_and_the_other_is_told(self, case: Case) -> None:
        one = case.file(CONVERT)
        case.do(commands.submit, one, who="甲")
        together = threading.Barrier(2)
        outcomes: dict[str, str] = {}

        def decide(who: str) -> None:
            together.wait()
            try:
                case.do(commands.approve, one, who=who)
                outcomes[who] = "approved"
            except RegistryError as error:
                outcomes[who] = error.code

        threads = [threading.Thread(target=decide, args=(who,)) for who in ("乙", "丙")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(outcomes.values()) == ["approved", "state-forbids"]
        winner = next(who for who, what in outcomes.items() if what == "approved")
        assert case.get(one).approved_by == winner

    def test_a_change_carries_the_decree_as_given_at_approval(self, case: Case) -> None:
        one = case.file({**CONVERT, "decree": None})
        case.do(commands.submit, one, who="甲")
        case.do(commands.approve, one, who="乙", decree=DECREE)
        number = case.carry_out(one)

        with case.engine.connect() as connection:
            found = connection.execute(
                text(
                    "SELECT d.number, d.approved_on FROM change c JOIN decree d USING (decree_id) "
                    "WHERE c.number = :n"
                ),
                {"n": number},
            ).one()
        assert tuple(found) == ("闽政文〔2021〕3号", ON)


class WhoMayApprove:
    def test_a_decree_of_too_low_an_authority_needs_a_written_reason(self, case: Case) -> None:
        one = case.file({**CONVERT, "decree": {"authority": "厦门市人民政府"}})
        case.do(commands.submit, one, who="甲")

        with pytest.raises(AuthorityIsTooLow) as refused:
            case.do(commands.approve, one, who="乙")
        case.do(commands.approve, one, who="乙", reason="省政府授权")

        assert refused.value.facts["needed"] == "省级人民政府"
        with case.engine.connect() as connection:
            facts = Docket(connection).steps(one)[-1].facts
        assert facts is not None and any("V11" in line for line in facts["warnings"])

    @pytest.mark.parametrize(
        ("operation", "authority", "may"),
        [
            ({"rename": {"division": "350213102", "name": "新镇"}}, "福建省人民政府", True),
            ({"rename": {"division": "350213102", "name": "新镇"}}, "厦门市人民政府", False),
            ({"rename": {"division": "350213", "name": "新区"}}, "国务院", True),
            ({"rename": {"division": "350213", "name": "新区"}}, "福建省人民政府", False),
            (
                {"rename": {"division": "350213102201", "name": "新村"}},
                "厦门市翔安区人民政府",
                True,
            ),
            ({"rename": {"division": "350213102", "name": "新镇"}}, "某某委员会", True),
        ],
    )
    def test_the_level_of_the_division_a_government_is_called_after_decides(
        self, case: Case, operation: dict[str, Any], authority: str, may: bool
    ) -> None:
        one = case.file(
            {
                "title": "更名",
                "effective_on": "2021-01-06",
                "decree": {"authority": authority},
                "operations": [operation],
            }
        )
        case.do(commands.submit, one, who="甲")
        if may:
            assert case.do(commands.approve, one, who="乙").state is State.APPROVED
        else:
            with pytest.raises(AuthorityIsTooLow):
                case.do(commands.approve, one, who="乙")


class WhenACaseHasTwoActs:
    def test_the_second_is_drawn_on_the_first_before_that_is_carried_out(self, case: Case) -> None:
        first = case.file(CONVERT)
        second = case.file(DIVIDE, case=str(first))

        foreseen = case.preview(second)
        case.approve(first)
        case.approve(second)
        case.carry_out(first)
        after_first = case.preview(second)
        case.carry_out(second)

        assert (case.get(second).case_id, case.get(second).act_number) == (first, 2)
        assert [unit.name for unit in foreseen.begun] == ["凤翔街道"]
        assert [(m.from_name, m.to_name) for m in foreseen.moved] == [("马巷街道", "凤翔街道")]
        assert foreseen.digest == after_first.digest
        assert foreseen.rows_to_write == after_first.rows_to_write
        assert case.get(second).state is State.COMMITTED

    def test_it_cannot_be_carried_out_before_the_first(self, case: Case) -> None:
        first = case.file(CONVERT)
        second = case.file(DIVIDE, case=str(first))
        case.approve(second)

        with pytest.raises(EarlierActIsOpen) as refused:
            case.carry_out(second)

        assert refused.value.facts["earlier"] == 1
        assert case.get(second).state is State.APPROVED

    def test_taken_alone_it_is_not_even_understood(self, case: Case) -> None:
        alone = case.file(DIVIDE)

        with pytest.raises(RegistryError) as refused:
            case.preview(alone)

        assert refused.value.code == "division-is-unknown"


class WhenAnActHasScenarios:
    def other(self) -> dict[str, Any]:
        return {
            "operations": [
                {
                    "retype": {
                        "division": "350213102",
                        "kind": "subdistrict",
                        "name": "马巷新街道",
                        "code": "350213005",
                    }
                }
            ]
        }

    def test_they_stand_side_by_side_and_one_is_carried_out(self, case: Case) -> None:
        first = case.file(CONVERT)
        copy = case.do(commands.duplicate, first, who="丙", edits=self.other())
        other = copy.restructuring_id
        case.approve(first)
        case.do(commands.submit, other, who="丙")
        number = case.carry_out(first)

        closed = case.get(other)
        assert (copy.scenario, copy.act_number, closed.state) == ("B", 1, State.SUPERSEDED)
        assert case.steps(other)[-1] == ("supersede", "scheduler")
        with case.engine.connect() as connection:
            assert str(number) in (Docket(connection).steps(other)[-1].reason or "")
        for verb in (commands.submit, commands.approve, commands.withdraw):
            with pytest.raises(StateForbids):
                case.do(verb, other, who="丁")
        with pytest.raises(ActIsSettled):
            case.do(commands.duplicate, first, who="丙")

    def test_a_draft_is_edited_on_the_revision_that_was_read(self, case: Case) -> None:
        one = case.file(CONVERT)
        revision = case.get(one).revision
        renamed = {**CONVERT, "title": "另一标题"}

        edited = case.do(commands.edit, one, renamed, who="甲", revision=revision)
        with pytest.raises(PaperWasEdited):
            case.do(commands.edit, one, CONVERT, who="丙", revision=revision)
        case.do(commands.submit, one, who="甲")
        with pytest.raises(StateForbids):
            case.do(commands.edit, one, CONVERT, who="甲")

        assert (edited.title, edited.revision) == ("另一标题", revision + 1)

    def test_a_name_is_given_once(self, case: Case) -> None:
        one = case.file(CONVERT, scenario="稳妥")

        with pytest.raises(ScenarioIsTaken):
            case.file(CONVERT, case=str(one), act=1, scenario="稳妥")

        assert case.get(case.file(CONVERT, case=str(one), act=1)).scenario == "A"


class WhenEverydayEditsGoOn:
    def test_an_approval_holds_while_doors_and_members_names_are_edited(self, case: Case) -> None:
        one = case.file(CONVERT)
        case.approve(one)
        edit = case.everyday({"rename": {"division": "350213102202", "name": "后亭新村"}})
        with case.builder.work() as work:
            case.builder.door(work, "350213102201", 99)
            doors = work.number

        done = case.do(commands.rebase, one, who="甲")
        moved = {(m.object, m.name): m.changes for m in done.comparison.moved}

        assert done.approval == "holds"
        assert done.filed.state is State.APPROVED
        assert moved["division", "后亭新村"] == (edit,)
        assert [changes for (what, _n), changes in moved.items() if what == "address"] == [(doors,)]
        assert case.carry_out(one) > doors

    def test_it_lapses_when_the_effects_differ(self, case: Case) -> None:
        one = case.file(
            {
                **CONVERT,
                "title": "并入",
                "operations": [{"absorb": {"divisions": ["350213102"], "into": "350213103"}}],
            }
        )
        case.approve(one)
        case.everyday(
            {
                "establish": {
                    "name": "新生村",
                    "kind": "village",
                    "parent": "350213102",
                    "code": "350213102209",
                }
            }
        )

        with pytest.raises(PlanIsStale) as refused:
            case.carry_out(one)
        done = case.do(commands.rebase, one, who="甲")

        assert "新生村" in str(refused.value.facts["moved"])
        assert done.approval == "lapsed"
        assert (done.filed.state, done.filed.approved_by) == (State.SUBMITTED, None)
        case.do(commands.approve, one, who="丙")
        assert case.carry_out(one) > 0

    def test_conflicts_are_listed_by_object_and_nothing_is_patched(self, case: Case) -> None:
        one = case.file(CONVERT)
        case.approve(one)
        number = case.everyday({"rename": {"division": "350213102", "name": "马巷大镇"}})
        before = case.get(one)

        with pytest.raises(PlanIsStale) as refused:
            case.carry_out(one)
        done = case.do(commands.rebase, one, who="甲")

        (conflict,) = done.comparison.conflicts
        assert (conflict.object, conflict.changes) == ("division", (number,))
        assert case.get(one) == before
        objects = refused.value.facts["objects"]
        assert isinstance(objects, list)
        assert [(o["object"], o["changes"]) for o in objects] == [("division", [number])]

    def test_what_cannot_be_drawn_any_more_says_why(self, case: Case) -> None:
        one = case.file(CONVERT)
        case.approve(one)
        case.everyday(
            {
                "establish": {
                    "name": "占码街道",
                    "kind": "subdistrict",
                    "parent": "350213",
                    "code": "350213002",
                }
            }
        )

        with pytest.raises(PlanIsStale) as refused:
            case.carry_out(one)
        done = case.do(commands.rebase, one, who="甲")

        assert "code-was-used" in str(refused.value.facts["objects"])
        assert [conflict.why.split(":")[0] for conflict in done.comparison.conflicts] == [
            "code-was-used"
        ]

    def test_an_address_added_between_drawing_and_lock_is_taken_along(self, case: Case) -> None:
        one = case.file(
            {
                **CONVERT,
                "title": "并村",
                "operations": [{"absorb": {"divisions": ["350213102001"], "into": "350213102202"}}],
            }
        )
        case.approve(one)
        with case.engine.connect() as slow:
            slow.execute(text("SELECT number FROM registry_head FOR UPDATE"))
            together = threading.Thread(target=case.carry_out, args=(one,))
            together.start()
            waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            with case.engine.connect() as watcher:
                while not watcher.scalar(waiting):
                    watcher.rollback()
            work = Work(slow, Intent("builder", Verb.IMPORT, "door"))
            code = case.builder.door(work, "350213102001", 1)
            seal(work)
            slow.commit()
            together.join()

        with case.engine.connect() as connection:
            home = connection.scalar(
                text(
                    "SELECT division_id FROM address_version v JOIN address a USING (address_id) "
                    "WHERE a.code = :code AND v.recorded_to IS NULL AND v.valid @> :on"
                ),
                {"code": code, "on": ON},
            )
        assert home == case.builder.ids["350213102202"]
