"""The worker: carries scheduled restructurings out at 00:00 Asia/Shanghai of their day.

Any number of workers may run, and die at any point. A worker holds the rows of a case
(`FOR UPDATE SKIP LOCKED`) in the very transaction that carries the act out, so each is carried out
once: whoever comes second finds the rows locked, or the state moved on. One that dies leaves its
transaction undone and the case to the next. What a downtime passed over is caught up, in order.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, time, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from api import clock
from registry.database import make_engine
from registry.errors import RegistryError
from registry.log.sealing import seal
from registry.restructuring import commands
from registry.restructuring.completion import SCHEDULER
from registry.restructuring.docket import Docket
from registry.restructuring.model import Restructuring

LOOK_UP_S = 5.0
"""How often a worker looks for what has become due otherwise than by midnight."""
STOP_S = 5.0
log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


class Worker:
    """Carries out what is due; told the time by whoever makes it."""

    def __init__(self, database_url: str, now: Clock = clock.now) -> None:
        self._url = database_url
        self._now = now
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, in a thread of its own; returns at once."""
        self._thread = threading.Thread(target=self.run, daemon=True, name="worker")
        self._thread.start()

    def stop(self) -> None:
        """End after what is under way; a commit that takes longer than a few seconds is left to
        the database, which carries it out whole or not at all."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=STOP_S)

    def run(self) -> None:
        """Look, carry out, wait for midnight or the next look; until it is stopped."""
        engine = make_engine(self._url, pool_size=1)
        try:
            while not self._stopping.is_set():
                try:
                    self.carry_out_due(engine)
                except OperationalError as error:
                    log.warning("the worker cannot reach the database: %s", type(error).__name__)
                self._stopping.wait(min(LOOK_UP_S, self._until_midnight_s()))
        finally:
            engine.dispose()

    def carry_out_due(self, engine: Engine) -> list[int]:
        """Everything that is due by now, one transaction each; the numbers of the changes."""
        done = []
        for filed in self._due(engine):
            if self._stopping.is_set():
                break
            number = self._carry_out(engine, filed)
            if number is not None:
                done.append(number)
        return done

    def _due(self, engine: Engine) -> list[Restructuring]:
        today = self._now().astimezone(clock.SHANGHAI).date()
        with engine.connect() as connection:
            return Docket(connection).due(today)

    def _carry_out(self, engine: Engine, filed: Restructuring) -> int | None:
        try:
            return _commit(engine, filed)
        except RegistryError as error:
            _hold(engine, filed, error)
        except OperationalError:
            raise
        except DBAPIError as error:
            # The database refused a row: no rule of ours foresaw it, a person must look.
            _hold(engine, filed, RegistryError(f"the database refused it: {_said(error)}"))
        return None

    def _until_midnight_s(self) -> float:
        now = self._now().astimezone(clock.SHANGHAI)
        midnight = datetime.combine(now.date() + timedelta(days=1), time(), clock.SHANGHAI)
        return max(0.05, (midnight - now).total_seconds())


def _commit(engine: Engine, filed: Restructuring) -> int | None:
    with engine.connect() as connection:
        docket = Docket(connection)
        if not docket.claim(filed):
            return None
        steps = docket.steps(filed.restructuring_id)
        who = next((one.who for one in reversed(steps) if one.step == "schedule"), SCHEDULER)
        done = commands.commit_once(connection, filed.restructuring_id, who=who, step_by=SCHEDULER)
        if done.work is not None:
            seal(done.work)
        connection.commit()
    log.info("carried out %s as change %s", filed.restructuring_id, done.change_number)
    return done.change_number


def _hold(engine: Engine, filed: Restructuring, error: RegistryError) -> None:
    with engine.connect() as connection:
        held = commands.hold(connection, filed.restructuring_id, error)
        connection.commit()
    if held is not None:
        log.warning("put %s aside: %s", filed.restructuring_id, error.code)


def _said(error: DBAPIError) -> str:
    return str(error.orig).splitlines()[0]
