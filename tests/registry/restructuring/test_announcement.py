"""The announcement carries every field or is refused; deadlines count from the approval."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from registry.restructuring import commands
from registry.restructuring.announcement import announce, as_text
from registry.restructuring.deadlines import Dates, Standing, deadlines_of
from registry.restructuring.errors import AnnouncementIsIncomplete, MilestoneIsUnknown
from tests.registry.restructuring.people import CONVERT, DIVIDE, ON, Case


class WhenItIsAnnounced:
    def announced(self, case: Case, one: UUID) -> Any:
        with case.engine.connect() as connection:
            return announce(connection, one, announced_on=None, today=date(2021, 1, 10))

    def test_it_says_abolish_and_establish_with_every_field(self, case: Case) -> None:
        one = case.file(CONVERT)
        case.approve(one)

        found = self.announced(case, one)

        assert found.clauses == (
            "撤销马巷镇。",
            "设立马巷街道，以原马巷镇的行政区域为马巷街道的管辖范围。",
        )
        (unit,) = found.units
        assert (unit.name, unit.code, unit.belongs_to) == (
            "马巷街道",
            "350213002",
            "福建省厦门市翔安区",
        )
        assert unit.former == ("马巷镇（350213102）",)
        text_ = as_text(found)
        for said in ("闽政文〔2021〕3号", "2021年1月6日", "罗马字母拼写", "Mǎxiàng", "五星社区"):
            assert said in text_

    def test_it_is_the_same_after_the_act(self, case: Case) -> None:
        one = case.file(CONVERT)
        case.approve(one)
        before = self.announced(case, one)
        case.carry_out(one)

        assert self.announced(case, one) == before

    def test_it_is_refused_while_a_field_is_missing_and_lists_them_all(self, case: Case) -> None:
        first = case.file(CONVERT)
        case.approve(first)
        second = case.file(
            {
                **DIVIDE,
                "effective_precision": "month",
                "operations": [
                    {
                        "establish": {
                            "name": "凤翔街道",
                            "kind": "subdistrict",
                            "parent": "350213",
                        }
                    }
                ],
            },
            case=str(first),
        )

        with pytest.raises(AnnouncementIsIncomplete) as refused:
            self.announced(case, second)

        missing = str(refused.value.facts["missing"])
        for what in ("批准", "文号", "批准时间", "生效日期", "罗马字母", "位置", "代码"):
            assert what in missing


class TheDeadlines:
    def test_count_from_the_approval_and_are_met_by_what_staff_record(self, case: Case) -> None:
        dates = Dates(ON, date(2021, 1, 31), None, {"announced": date(2021, 1, 21)})
        found = {one.rule: one for one in deadlines_of(dates, date(2021, 3, 1))}

        assert (found["P04"].due_on, found["P04"].standing) == (date(2021, 1, 21), Standing.LATE)
        assert found["P05"].standing is Standing.MET
        assert (found["V05"].due_on, found["V05"].standing) == (date(2022, 1, 6), Standing.OPEN)
        assert (found["V07"].due_on, found["V07"].standing) == (date(2021, 2, 28), Standing.LATE)

    def test_wait_for_an_approval(self) -> None:
        found = deadlines_of(Dates(None, ON, None, {}), ON)
        assert [one.standing.value for one in found] == ["waiting", "waiting", "waiting", "open"]

    def test_only_days_the_rules_ask_for_are_recorded(self, case: Case) -> None:
        one = case.file(CONVERT)
        case.approve(one)

        case.do(commands.reach, one, who="甲", milestone="filed", on=date(2021, 1, 20))
        with pytest.raises(MilestoneIsUnknown):
            case.do(commands.reach, one, who="甲", milestone="party", on=ON)

        assert case.steps(one)[-1] == ("milestone", "甲")
