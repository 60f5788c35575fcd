"""The life of a plate: issued, put up, damaged, called back, followed by the next."""

from datetime import date

import pytest
from sqlalchemy import Connection, Engine

from registry.addresses import commands as addresses
from registry.changes.model import Verb
from registry.changes.scope_step import Step
from registry.changes.view import FeedView
from registry.log.audit import audit
from registry.plates import commands
from registry.plates.errors import (
    AddressBearsNoPlate,
    PlateAlreadyIssued,
    PlateIsUnknown,
    PlateStateForbids,
)
from registry.plates.model import (
    AT_WRONG_DOOR,
    Inspection,
    Plate,
    PlateKind,
    PlateState,
    RevocationReason,
    Spot,
)
from registry.plates.need import Need
from registry.plates.office import PlateOffice
from registry.plates.reprint import Reprint
from registry.plates.store import PlateStore
from tests.builder import MAXIANG, RegistryBuilder

ISSUED, HUNG, LATER = date(2020, 6, 30), date(2020, 7, 3), date(2021, 3, 1)


@pytest.fixture
def builder(engine: Engine) -> RegistryBuilder:
    made = RegistryBuilder(engine)
    made.tree(MAXIANG)
    made.doors("350213102201", 3, made.carrier("琼头中里", "350213102201"))
    made.doors("350213102202", 2)
    return made


def codes(builder: RegistryBuilder) -> list[str]:
    return list(builder.address_ids)


def issue(builder: RegistryBuilder, *which: str, on: date = ISSUED) -> None:
    with builder.work("issue", Verb.CHANGE) as work:
        commands.issue_plates(work, which, kind=PlateKind.SMALL, on=on)


def plates(builder: RegistryBuilder, code: str, on: date = LATER) -> list[Plate]:
    with builder.engine.connect() as connection:
        return PlateStore(connection).of_address(code, builder.as_of(connection, on))


class WhenPlatesAreIssued:
    def test_each_shows_what_its_door_is_called(self, builder: RegistryBuilder) -> None:
        with builder.work("issue", Verb.CHANGE) as work:
            wanted = commands.unplated(work, builder.ids["350213"], ISSUED)
            count = commands.issue_plates(work, list(wanted), kind=PlateKind.SMALL, on=ISSUED)

        shown = [plates(builder, code)[0] for code in codes(builder)]
        assert count == 5
        assert [one.shown_text for one in shown] == [
            *("琼头中里1号", "琼头中里2号", "琼头中里3号"),
            *("后亭村1号", "后亭村2号"),
        ]
        assert {(one.serial, one.state) for one in shown} == {(1, PlateState.ISSUED)}

    def test_a_door_has_one_at_a_time_and_a_second_is_refused_whole(
        self, builder: RegistryBuilder
    ) -> None:
        first, second, *_rest = codes(builder)
        issue(builder, first)

        with pytest.raises(PlateAlreadyIssued):
            issue(builder, second, first)

        assert plates(builder, second) == []

    def test_a_retired_address_bears_none(self, builder: RegistryBuilder) -> None:
        code = codes(builder)[0]
        with builder.work("retire", Verb.CHANGE) as work:
            addresses.retire_address(work, builder.address_ids[code], on=ISSUED)

        with pytest.raises(AddressBearsNoPlate):
            issue(builder, code)

    def test_they_stand_in_the_log_and_in_views_of_their_division(
        self, builder: RegistryBuilder
    ) -> None:
        issue(builder, codes(builder)[0], codes(builder)[3])

        with builder.engine.connect() as connection:
            number = builder.as_of(connection).known
            here = FeedView(builder.ids["350213102201"], frozenset(), frozenset())
            elsewhere = FeedView(builder.ids["350213103"], frozenset(), frozenset())
            seen = _touched(connection, here, number)

            assert seen == {"plate": 1, "plate_version": 1}
            assert _touched(connection, elsewhere, number) == {}
            assert audit(connection)[2] == []


class WhenAPlateLives:
    def test_it_is_printed_put_up_damaged_and_replaced(self, builder: RegistryBuilder) -> None:
        code = codes(builder)[0]
        issue(builder, code)
        held = plates(builder, code)[0]
        with builder.work("life", Verb.CHANGE) as work:
            commands.mark_printed(work, [held.plate_id], on=date(2020, 7, 1))
        with builder.work("life", Verb.CHANGE) as work:
            spot = Spot(118.2401, 24.6602)
            commands.install_plate(work, held.plate_id, on=HUNG, spot=spot, photo_sha256="ab" * 32)
        with builder.work("life", Verb.CHANGE) as work:
            commands.report_damaged(work, held.plate_id, on=date(2021, 2, 1))
        with builder.work("life", Verb.CHANGE) as work:
            new = commands.reissue_plate(work, held, on=LATER, reason=RevocationReason.DAMAGED)

        by_day = {
            day: plates(builder, code, day)[0].state
            for day in (ISSUED, date(2020, 7, 1), HUNG, date(2021, 2, 1), LATER)
        }
        assert list(by_day.values()) == [
            *(PlateState.ISSUED, PlateState.PRINTED, PlateState.INSTALLED),
            *(PlateState.DAMAGED, PlateState.REVOKED),
        ]
        assert plates(builder, code, HUNG)[0].spot == Spot(118.2401, 24.6602)
        assert (new.serial, new.state, new.shown_text) == (2, PlateState.ISSUED, "琼头中里1号")
        assert plates(builder, code, LATER)[0].reason is RevocationReason.DAMAGED

    def test_a_revoked_plate_answers_for_ever_and_goes_nowhere(
        self, builder: RegistryBuilder
    ) -> None:
        code = codes(builder)[0]
        issue(builder, code)
        held = plates(builder, code)[0]
        with builder.work("revoke", Verb.CHANGE) as work:
            commands.revoke_plate(work, held.plate_id, on=HUNG, reason=RevocationReason.STOLEN)

        with builder.engine.connect() as connection:
            at = builder.as_of(connection, LATER)
            found = PlateStore(connection).get(held.plate_id, at)
            assert PlateStore(connection).revoked(at) == [(code, 1)]
        assert (found.state, found.reason) == (PlateState.REVOKED, RevocationReason.STOLEN)
        with (
            pytest.raises(PlateStateForbids),
            builder.work("again", Verb.CHANGE) as work,
        ):
            commands.mark_printed(work, [held.plate_id], on=LATER)

    def test_a_renumbered_door_gets_the_next_plate_and_others_keep_theirs(
        self, builder: RegistryBuilder
    ) -> None:
        first, second, *_rest = codes(builder)
        issue(builder, first, second)
        with builder.work("renumber", Verb.CHANGE) as work:
            addresses.change_number(work, builder.address_ids[first], 88, on=HUNG)

        with builder.work("replace", Verb.CHANGE) as work:
            done = commands.replace_renumbered(work, [first, second], on=LATER)

        assert [one.shown_text for one in done] == ["琼头中里88号"]
        assert [one.serial for one in plates(builder, first) if one.live] == [2]
        assert [one.serial for one in plates(builder, second) if one.live] == [1]

    def test_a_serial_nobody_issued_is_unknown(self, connection: Connection) -> None:
        from registry.changes.period import AsOf

        with pytest.raises(PlateIsUnknown):
            PlateStore(connection).by_serial("000000000000", 1, AsOf(LATER, 0))


class WhenTheOfficeWorks:
    def test_an_order_is_ticked_off_and_closes_itself(self, builder: RegistryBuilder) -> None:
        first, second, *_rest = codes(builder)
        issue(builder, first, second)
        held = [plates(builder, code)[0] for code in (first, second)]
        wanted = [Reprint(one, one.shown_text, Need.NONE, valid=True) for one in held]
        with builder.engine.connect() as connection:
            office = PlateOffice(connection)
            order = office.order(builder.ids["350213102201"], "inspect", wanted)
            for one in held:
                seen = Inspection(one.plate_id, one.plate_id, HUNG, "good", None, None)
                assert office.orders(None, limit=9)
                office.inspect(seen)

            closed = office.get_order(order.work_order_id)
            assert [item.done_on for item in closed.items] == [HUNG, HUNG]
            assert closed.closed_at is not None
            assert office.orders(None, limit=9) == []
            assert [one.condition for one in office.inspections(held[0].plate_id)] == ["good"]

    def test_a_defect_met_twice_is_counted_not_repeated(self, builder: RegistryBuilder) -> None:
        code = codes(builder)[0]
        issue(builder, code)
        held = plates(builder, code)[0]
        with builder.engine.connect() as connection:
            office = PlateOffice(connection)
            for day in (ISSUED, HUNG):
                office.raise_defect(AT_WRONG_DOOR, plate_id=held.plate_id, address_id=None, on=day)

            [one] = office.defects(limit=9)
            assert (one.times, one.first_found_on, one.last_found_on) == (2, ISSUED, HUNG)
            assert office.close_defect(one.defect_id, on=LATER)
            assert not office.close_defect(one.defect_id, on=LATER)
            assert office.defects(limit=9) == []


def _touched(connection: Connection, view: FeedView, number: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for fact in Step.of(connection, view, number).facts(connection):
        found[fact["table_name"]] = found.get(fact["table_name"], 0) + 1
    return found
