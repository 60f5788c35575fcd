"""Reports: taken down without a person, moved one way only."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from registry.changes.store import ChangeStore
from registry.reports.commands import file_report, move_report
from registry.reports.errors import ReportIsSettled, ReportIsUnknown
from registry.reports.model import (
    ALLOWED,
    LONGEST_NOTE,
    Report,
    ReportKind,
    ReportState,
    check_step,
    without_personal,
)
from registry.reports.store import ReportFilter, ReportStore
from registry.reports.tables import report

ON = date(2026, 1, 1)


def filed(connection: Connection, ticket: bytes = b"1" * 32, note: str | None = None) -> Report:
    at = ChangeStore(connection).as_of(ON)
    from registry.addresses.model import AddressFilter
    from registry.addresses.store import AddressStore

    door = AddressStore(connection).page(AddressFilter(), at, limit=1)[0]
    return file_report(
        connection,
        ticket,
        code=door.code,
        kind=ReportKind.PLATE_DAMAGED,
        note=note,
        serial=None,
        at=at,
    )


class WhenSomebodyReports:
    def test_what_is_kept_says_nothing_of_them(self, city: Engine) -> None:
        with city.connect() as connection:
            made = filed(connection, note="牌子断了 打我电话 138 0013 8000")

            kept = ReportStore(connection).by_ticket(b"1" * 32)

        assert kept == made
        assert kept.note == "牌子断了 打我电话 ***"
        assert set(report.c.keys()) == {
            *("report_id", "ticket_sha256", "address_id", "plate_id", "kind", "note"),
            *("state", "received_at", "moved_at", "moved_by", "answer"),
        }

    @pytest.mark.parametrize(
        ("written", "kept"),
        [
            ("联系 zhang.san@example.cn", "联系 ***"),
            ("电话05921234567", "电话***"),
            ("身份证 35020319900101123X 谢谢", "身份证 *** 谢谢"),
            ("+86 138-0013-8000", "***"),
            ("9号之2的牌子，旁边是101号", "9号之2的牌子，旁边是101号"),
            ("2020年换的，号码388-390", "2020年换的，号码388-390"),
            ("   ", None),
        ],
    )
    def test_numbers_of_persons_are_taken_out_and_door_numbers_stay(
        self, written: str, kept: str | None
    ) -> None:
        assert without_personal(written) == kept

    @given(st.text(max_size=500))
    def test_no_long_number_is_ever_kept(self, note: str) -> None:
        kept = without_personal(f"{note} 13800138000") or ""

        assert "13800138000" not in kept
        assert len(kept) <= LONGEST_NOTE


class WhenTheOfficeMovesAReport:
    @pytest.mark.parametrize("held", list(ReportState))
    @pytest.mark.parametrize("wanted", list(ReportState))
    def test_it_goes_on_and_never_back(self, held: ReportState, wanted: ReportState) -> None:
        if wanted in ALLOWED[held]:
            check_step(held, wanted)
        else:
            with pytest.raises(ReportIsSettled):
                check_step(held, wanted)

    def test_its_author_reads_the_answer(self, city: Engine) -> None:
        with city.connect() as connection:
            made = filed(connection)
            move_report(
                connection, made.report_id, ReportState.RESOLVED, answer="已换新牌", by="demo"
            )

            found = ReportStore(connection).by_ticket(b"1" * 32)
            with pytest.raises(ReportIsSettled):
                move_report(
                    connection, made.report_id, ReportState.IN_PROGRESS, answer=None, by="demo"
                )

        assert (found.state, found.answer) == (ReportState.RESOLVED, "已换新牌")
        assert found.moved_at is not None

    def test_the_list_can_be_narrowed_and_is_read_page_by_page(self, city: Engine) -> None:
        with city.connect() as connection:
            every = [filed(connection, bytes([n]) * 32) for n in range(5)]
            store, at = ReportStore(connection), ChangeStore(connection).as_of(ON)
            move_report(
                connection, every[2].report_id, ReportState.DECLINED, answer="无", by="demo"
            )

            first = store.page(ReportFilter(), at, limit=3)
            rest = store.page(
                ReportFilter(), at, limit=3, after=(first[-1].received_at, first[-1].report_id)
            )
            waiting = store.page(ReportFilter(state=ReportState.RECEIVED), at, limit=9)

        assert {one.report_id for one in first + rest} == {one.report_id for one in every}
        assert len(first) == 3
        assert every[2].report_id not in {one.report_id for one in waiting}

    def test_a_ticket_of_nobody_opens_nothing(self, city: Engine) -> None:
        with city.connect() as connection, pytest.raises(ReportIsUnknown):
            ReportStore(connection).by_ticket(b"0" * 32)
