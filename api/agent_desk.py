"""Where an agent's question is answered: a day, a moment's knowledge, or a plan that has not come to be."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from mcp.server.mcpserver.exceptions import ToolError
from sqlalchemy import Connection, Engine

from api import clock
from api.problems import Refusal
from api.rehearsing import AskedPlan, Rehearsals, is_public, plan_filed, wanted_of
from api.time_travel import parse_date, parse_moment
from registry.changes.period import AsOf
from registry.changes.store import ChangeStore
from registry.errors import RegistryError
from registry.search.finder import Finder


@dataclass(frozen=True, slots=True)
class AgentDesk:
    """What one question is answered with."""

    connection: Connection
    finder: Finder
    at: AsOf
    plan: AskedPlan | None = None
    """The plan whose outcome is read; None: what is recorded."""


class AgentDesks:
    """Opens a desk for each question."""

    def __init__(
        self, engine: Engine, finder: Finder, rehearsals: Rehearsals, *, drafts: bool
    ) -> None:
        """`drafts`: whether plans that are not public yet may be read."""
        self._engine = engine
        self._finder = finder
        self._rehearsals = rehearsals
        self._drafts = drafts

    @contextmanager
    def open(self, at: str | None, known: str | None, plan: str | None) -> Iterator[AgentDesk]:
        """A desk; what the registry refuses is told as an error of the tool."""
        try:
            day = parse_date(at) if at else None
            if plan is None:
                yield from self._recorded(day, known)
            else:
                yield from self._planned(day, known, plan)
        except (RegistryError, Refusal) as error:
            raise ToolError(f"{error.code}: {error}") from error

    def _recorded(self, day: date | None, known: str | None) -> Iterator[AgentDesk]:
        moment = parse_moment(known) if known else None
        with self._engine.connect() as connection:
            at = ChangeStore(connection).as_of(day or clock.today(), moment)
            yield AgentDesk(connection, self._finder, at)

    def _planned(self, day: date | None, known: str | None, plan: str) -> Iterator[AgentDesk]:
        if known is not None:
            what = "known does not go with plan: a plan is drawn up on what is known now"
            raise Refusal("plan-goes-without-known", HTTPStatus.UNPROCESSABLE_ENTITY, what)
        with self._engine.connect() as connection:
            filed = plan_filed(connection, plan)
            if filed.change_number is not None:
                head = ChangeStore(connection).head()
                at = AsOf(day or max(clock.today(), filed.effective_on), head)
                yield AgentDesk(connection, self._finder, at, AskedPlan.came(filed, head))
                return
            if not (self._drafts or is_public(connection, filed)):
                what = "the plan is a draft: nobody has published it"
                raise Refusal("role-is-missing", HTTPStatus.FORBIDDEN, what)
            wanted = wanted_of(connection, filed)
        with self._rehearsals.open(wanted) as stage:
            found = stage.rehearsal
            at = AsOf(day or max(clock.today(), found.effective_on), found.number)
            asked = AskedPlan.proposed(filed, found)
            yield AgentDesk(stage.connection, stage.finder, at, asked)
