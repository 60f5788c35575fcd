"""What the plan routes and commands ask for: regroupings, and plans to compare."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
import yaml
from sqlalchemy import Connection

from data.preview_tables import Table
from registry.errors import PlanIsMalformed
from registry.restructuring import commands
from registry.restructuring.compare import Comparison, Scenario
from registry.restructuring.preview import Study
from registry.restructuring.proposals import Proposal, Wish
from registry.restructuring.regroup import STARTS, Bounds, Effort
from registry.restructuring.store import RestructuringStore

MOST_SCENARIOS = 8
MOST_STARTS = 60

Positive = Annotated[float, msgspec.Meta(gt=0)]


class AskedProposals(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The body of a request for regroupings."""

    within: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=100)]
    k: Annotated[int, msgspec.Meta(ge=1, le=60)]
    effective_on: date
    min_population: Positive | None = None
    max_population: Positive | None = None
    min_area_km2: Positive | None = None
    max_area_km2: Positive | None = None
    seed: Annotated[int, msgspec.Meta(ge=0, le=2**31)] = 1
    count: Annotated[int, msgspec.Meta(ge=1, le=10)] = 3
    starts: Annotated[int, msgspec.Meta(ge=1, le=MOST_STARTS)] = STARTS

    def wish(self) -> Wish:
        """What it asks the registry for."""
        return Wish(
            within=self.within,
            k=self.k,
            bounds=Bounds(
                self.min_population, self.max_population, self.min_area_km2, self.max_area_km2
            ),
            effort=Effort(self.seed, self.count, self.starts),
            effective_on=self.effective_on,
        )


def read_asked_proposals(raw: Any, *, strict: bool = True) -> AskedProposals:
    """Read a request strictly.

    Raises:
        PlanIsMalformed: says where and why.
    """
    try:
        return msgspec.convert(raw, AskedProposals, strict=strict)
    except msgspec.ValidationError as error:
        raise PlanIsMalformed("proposals", str(error)) from error


def paper_yaml(proposal: Proposal) -> str:
    """The paper of a proposal as a person edits it."""
    text: str = yaml.safe_dump(proposal.paper, allow_unicode=True, sort_keys=False, width=100)
    return text


def filed_scenarios(
    connection: Connection, ids: Sequence[UUID]
) -> tuple[list[Scenario], list[Study]]:
    """Filed restructurings, each drawn up as of now; each named twice counts once.

    Raises:
        RestructuringIsUnknown: one of them does not exist.
        PlanIsMalformed: fewer than two, or too many to read side by side.
    """
    unique = list(dict.fromkeys(ids))
    check_number(len(unique))
    scenarios, studies = [], []
    for one in unique:
        filed = RestructuringStore(connection).get(one)
        done = commands.study_filed(connection, one)
        scenarios.append(Scenario(one, str(filed.state), commands.preview_of(connection, done)))
        studies.append(done)
    return scenarios, studies


def check_number(scenarios: int) -> None:
    """Refuse what cannot be compared.

    Raises:
        PlanIsMalformed: fewer than two, or more than `MOST_SCENARIOS`.
    """
    if not 2 <= scenarios <= MOST_SCENARIOS:
        raise PlanIsMalformed("with", f"two to {MOST_SCENARIOS} different plans can be compared")


def comparison_table(found: Comparison) -> Table:
    """The figures as a table: one line a figure, one column a scenario."""
    names = [f"{place} {one.title}" for place, one in enumerate(found.scenarios, start=1)]
    rows = tuple(
        {
            "figure": line.figure,
            "unit": line.unit,
            "better": line.better.value,
            **dict(zip(names, line.values, strict=True)),
        }
        for line in found.figures
    )
    return Table(("figure", "unit", "better", *names), rows)
