"""Cases (案): the acts and scenarios that belong together, and a plan drawn on the acts before it.

One restructuring often takes two decrees of two authorities, months apart: the province abolishes
the town and keeps its territory, the city then divides the new subdistrict. Those are two *acts*
of one case, and the second is drawn on top of the first before that is carried out. *Scenarios* of
one act are alternatives; when one is carried out the others are closed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import count, product
from string import ascii_uppercase
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from registry.changes.period import AsOf
from registry.errors import PlanIsMalformed, RestructuringIsUnknown
from registry.restructuring.docket import Docket
from registry.restructuring.errors import (
    ActIsSettled,
    CaseIsUnknown,
    EarlierActIsOpen,
    ScenarioIsTaken,
)
from registry.restructuring.ledger import Ledger
from registry.restructuring.model import CLOSED, Restructuring, State
from registry.restructuring.paper import read_paper
from registry.restructuring.plan import Plan, draw_up
from registry.restructuring.references import divided_by
from registry.restructuring.stacking import joint_paper, on_top
from registry.restructuring.store import RestructuringStore

MOST_ACTS = 99
LONGEST_SCENARIO = 40
FURTHEST_FIRST = (
    State.SCHEDULED,
    State.APPROVED,
    State.HELD,
    State.SUBMITTED,
    State.DRAFT,
    State.REJECTED,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where an author wants a paper to stand; None: the registry chooses."""

    case: UUID | None = None
    act: int | None = None
    scenario: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a paper stands."""

    case_id: UUID
    act_number: int
    scenario: str


def split_place(raw: Mapping[str, Any]) -> tuple[Wanted, dict[str, Any]]:
    """Take `case`, `act` and `scenario` off a paper.

    Raises:
        PlanIsMalformed: one of them has another form.
    """
    rest = {key: value for key, value in raw.items() if key not in ("case", "act", "scenario")}
    case, act, scenario = raw.get("case"), raw.get("act"), raw.get("scenario")
    if act is not None and (type(act) is not int or not 1 <= act <= MOST_ACTS):
        raise PlanIsMalformed("act", f"expected a number from 1 to {MOST_ACTS}")
    if scenario is not None and (
        not isinstance(scenario, str) or not 1 <= len(scenario.strip()) <= LONGEST_SCENARIO
    ):
        raise PlanIsMalformed("scenario", f"expected a name of up to {LONGEST_SCENARIO} letters")
    return Wanted(_case_id(case), act, scenario.strip() if scenario else None), rest


def find_place(connection: Connection, wanted: Wanted, own_id: UUID) -> Place:
    """The place of a new paper: a case of its own, or a free place in the case asked for.

    Raises:
        CaseIsUnknown: nothing belongs to that case.
        ScenarioIsTaken: the act has a scenario of that name.
        ActIsSettled: a scenario of the act has been carried out.
    """
    if wanted.case is None:
        return Place(own_id, wanted.act or 1, wanted.scenario or ascii_uppercase[0])
    case = _case_of(connection, wanted.case)
    act = wanted.act or max(one.act_number for one in case) + 1
    siblings = [one for one in case if one.act_number == act]
    refuse_settled(siblings)
    taken = {one.scenario for one in siblings}
    if wanted.scenario in taken:
        raise ScenarioIsTaken(act=act, scenario=wanted.scenario)
    return Place(case[0].case_id, act, wanted.scenario or _free_letter(taken))


def draw_filed(
    connection: Connection, filed: Restructuring, known: int | None = None
) -> tuple[Plan, Ledger]:
    """The plan of a filed paper, on top of the acts of its case that come before it.

    Args:
        known: draw it up on what was known after that change; None: on what is known now.

    Raises:
        RegistryError: it, or an act before it, cannot be drawn up; the class says why.
    """
    *beneath, own = acts_of(connection, filed)
    paper, before = read_paper(own.paper), [read_paper(one.paper) for one in beneath]
    joint = reduce(lambda later, earlier: joint_paper(earlier, later), reversed(before), paper)
    ledger = RestructuringStore(connection, known).ledger(joint)
    for act in before:
        plan = draw_up(act, ledger)
        if divided_by(paper):
            # What ends in an earlier act may be divided under its heir in this one.
            doors = RestructuringStore(connection, known).doors(
                set(plan.rehomed) - set(ledger.doors), AsOf(paper.effective_on, ledger.head)
            )
            ledger = replace(ledger, doors={**ledger.doors, **doors})
        ledger = on_top(ledger, plan)
    return draw_up(paper, ledger), ledger


def acts_of(connection: Connection, filed: Restructuring) -> list[Restructuring]:
    """What is to be carried out for a restructuring to be: the acts of its case before it that
    are still open, in order, and itself; of one that is committed, itself alone."""
    if filed.change_number is not None:
        return [filed]
    return [*_acts_beneath(Docket(connection).case(filed.case_id), filed), filed]


def refuse_settled(siblings: Sequence[Restructuring]) -> None:
    """Refuse when a scenario of the act has been carried out.

    Raises:
        ActIsSettled: one has.
    """
    for one in siblings:
        if one.state is State.COMMITTED:
            raise ActIsSettled(act=one.act_number, scenario=one.scenario, change=one.change_number)


def refuse_out_of_turn(case: Sequence[Restructuring], filed: Restructuring) -> None:
    """Refuse to carry an act out before the acts it was drawn on.

    Raises:
        EarlierActIsOpen: one of them is neither carried out nor given up.
        ActIsSettled: another scenario of this act was carried out.
    """
    refuse_settled([one for one in case if one.act_number == filed.act_number])
    for number, options in _open_acts(case, filed.act_number).items():
        names = [f"{one.title} ({one.scenario}, {one.state.value})" for one in options]
        raise EarlierActIsOpen(act=filed.act_number, earlier=number, open_=names)


def _acts_beneath(case: Sequence[Restructuring], filed: Restructuring) -> list[Restructuring]:
    """One open scenario of every earlier act: of the same name if there is one, else the furthest."""
    return [
        min(
            options,
            key=lambda one: (one.scenario != filed.scenario, FURTHEST_FIRST.index(one.state)),
        )
        for _number, options in sorted(_open_acts(case, filed.act_number).items())
    ]


def _open_acts(case: Sequence[Restructuring], below: int) -> dict[int, list[Restructuring]]:
    acts: dict[int, list[Restructuring]] = {}
    for one in case:
        if one.act_number < below:
            acts.setdefault(one.act_number, []).append(one)
    return {
        number: still_open
        for number, scenarios in acts.items()
        if all(one.state is not State.COMMITTED for one in scenarios)
        and (still_open := [one for one in scenarios if one.state not in CLOSED])
    }


def _case_of(connection: Connection, wanted: UUID) -> list[Restructuring]:
    docket = Docket(connection)
    try:
        case_id = RestructuringStore(connection).get(wanted).case_id
    except RestructuringIsUnknown:
        case_id = wanted
    case = docket.lock_case(case_id)
    if not case:
        raise CaseIsUnknown(str(wanted))
    return case


def _case_id(given: object) -> UUID | None:
    if given is None:
        return None
    try:
        return UUID(str(given))
    except ValueError as error:
        raise PlanIsMalformed("case", "expected the id of a case or of one of its acts") from error


def _free_letter(taken: set[str]) -> str:
    letters = (
        "".join(word) for length in count(1) for word in product(ascii_uppercase, repeat=length)
    )
    return next(letter for letter in letters if letter not in taken)
