"""While one writes for long, the others wait, lose nothing, and take nothing from the readers."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import Engine, create_engine, text

from api.app import ROUTERS, WRITING, create_app
from api.security import create_key
from api.settings import read_settings
from api.turns import AT_ONCE, SAFE, Turns
from registry.changes.store import ChangeStore
from tests.conftest import serving
from tests.registry.restructuring.people import CONVERT, Case

WRITERS = 25
"""More than a process has connections left over for its readers."""


@pytest.fixture
def act(engine: Engine) -> str:
    """The path of a restructuring that was carried out."""
    case = Case(engine)
    one = case.file(CONVERT)
    case.approve(one)
    case.carry_out(one)
    return f"/v1/restructurings/{one}/dual-names"


@pytest.fixture
def approver(engine: Engine) -> dict[str, str]:
    with engine.connect() as connection:
        key = create_key(connection, holder="乙", role="approver")
        connection.commit()
    return {"Authorization": f"Bearer {key}"}


@contextmanager
def writing(engine: Engine) -> Iterator[None]:
    """Somebody is at a great work: the head is theirs."""
    with engine.connect() as connection:
        connection.execute(text("SELECT number FROM registry_head FOR UPDATE"))
        yield
        connection.rollback()


def waiting(engine: Engine) -> int:
    asked = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with engine.connect() as connection:
        return connection.scalar(asked) or 0


def head(engine: Engine) -> int:
    with engine.connect() as connection:
        return ChangeStore(connection).head()


class WhoeverQueuesForTheRegistry:
    @pytest.mark.parametrize(
        "place",
        ["/v1/boundary-updates", "/v1/boundary-lines", "/v1/boundary-markers", "/v1/checkouts"],
    )
    def test_takes_a_turn_first(self, place: str) -> None:
        queueing = [
            router
            for router in ROUTERS
            for route in router.routes
            if isinstance(route, APIRoute)
            and route.path.startswith(place)
            and not route.methods & SAFE
        ]

        assert queueing
        assert all(router in WRITING for router in queueing)


class WhenAGreatWorkIsWritten:
    def test_writers_wait_and_readers_do_not(
        self,
        engine: Engine,
        database_url: str,
        act: str,
        approver: dict[str, str],
        tmp_path: Path,
    ) -> None:
        before = head(engine)
        with (
            serving(database_url, tmp_path) as url,
            httpx.Client(base_url=url, timeout=60) as client,
            ThreadPoolExecutor(WRITERS) as people,
        ):

            def edit(day: int) -> int:
                body = {"until": f"2021-03-{day:02d}"}
                return client.post(act, json=body, headers=approver).status_code

            with writing(engine):
                asked = [people.submit(edit, day) for day in range(1, WRITERS + 1)]
                while waiting(engine) < AT_ONCE:
                    assert not any(one.done() for one in asked)
                read = [client.get("/v1/divisions", params={"limit": 2}) for _ in range(20)]
                held = waiting(engine)
                early = sum(one.done() for one in asked)
            written = [one.result() for one in asked]

        assert [one.status_code for one in read] == [200] * 20
        assert (held, early) == (AT_ONCE, 0)
        assert written == [201] * WRITERS
        assert head(engine) == before + WRITERS

    @pytest.mark.parametrize(
        ("language", "said"), [("en", "nothing was changed"), ("zh", "未作任何更改")]
    )
    def test_whoever_waits_too_long_is_told_to_come_again(
        self,
        engine: Engine,
        database_url: str,
        act: str,
        approver: dict[str, str],
        tmp_path: Path,
        language: str,
        said: str,
    ) -> None:
        before = head(engine)
        settings = read_settings({"REGISTRY_HOME": str(tmp_path), "DATABASE_URL": database_url})
        app = create_app(settings, database_url)
        app.state.engine = create_engine(
            database_url, connect_args={"options": "-c lock_timeout=300ms"}
        )
        app.state.turns = Turns(at_once=1, longest_wait_s=0.1)

        async def ask() -> list[httpx.Response]:
            transport = httpx.ASGITransport(app)
            headers = {**approver, "Accept-Language": language}
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                posts = (
                    client.post(act, json={"until": "2021-03-01"}, headers=headers)
                    for _ in range(2)
                )
                return list(await asyncio.gather(*posts))

        with writing(engine):
            answers = asyncio.run(ask())
        app.state.engine.dispose()

        assert [one.status_code for one in answers] == [503, 503]
        assert {one.json()["code"] for one in answers} == {"registry-is-busy"}
        assert all(said in one.json()["detail"] for one in answers)
        assert {one.headers["retry-after"] for one in answers} == {"30"}
        assert head(engine) == before
