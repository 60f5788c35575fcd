"""What is answered in front of the routes is what the route behind would say, and as new."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from api import clock, door_keeper
from api.app import create_app
from api.present import MANY, Present
from api.settings import read_settings
from api.work import works_on
from registry.addresses.commands import change_number
from registry.addresses.tables import address
from registry.changes.model import Intent, Verb
from registry.changes.period import AsOf
from registry.database import make_engine

DOOR = "翔安区琼头社区琼头中里9号"
FORMER = "翔安区马巷镇琼头村琼头中里9号"
TEXTS = [DOOR, FORMER, "琼头中里99号", "湖滨南路388号", "翔安区", "翔安区琼头社区琼头中里009号"]
PATIENCE_S = 60.0
SAID = ("registry-change", "etag", "vary", "memento-datetime", "link", "content-type", "content-length")  # fmt: skip


@asynccontextmanager
async def service(url: str, home: Path) -> AsyncIterator[tuple[httpx.AsyncClient, Any]]:
    """A service whose doors are at hand, and its application."""
    app = create_app(read_settings({"REGISTRY_HOME": str(home), "DATABASE_URL": url}), url)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://here") as client,
    ):
        await client.get("/v1/geocode", params={"q": DOOR})
        async with asyncio.timeout(PATIENCE_S):
            await app.state.doors.in_step_with(await app.state.present.number())
        yield client, app


class WhenDoorsAreAtHand:
    def test_answers_are_those_of_the_route_to_the_byte(
        self, demo_url: str, tmp_path: Path
    ) -> None:
        async def asking() -> None:
            async with service(demo_url, tmp_path) as (client, app):
                known = await app.state.present.number()
                at_hand = app.state.finder.at_hand(DOOR, AsOf(clock.today(), known), limit=5)
                assert at_hand.found[0].match.grade == "A"
                # Names are read at length once, and straight from then on.
                for text in (*TEXTS, *TEXTS):
                    for more in ({}, {"at": "2020-12-31"}, {"limit": "1", "lang": "en"}):
                        params = {"q": text, **more}
                        quick = await client.get("/v1/geocode", params=params)
                        # Whoever has an answer already is left to the route.
                        plain = await client.get(
                            "/v1/geocode", params=params, headers={"If-None-Match": '"none"'}
                        )
                        assert quick.content == plain.content
                        assert [quick.headers.get(one) for one in SAID] == [
                            plain.headers.get(one) for one in SAID
                        ]
                straight = app.state.finder.straight(FORMER, AsOf(clock.today(), known))
                assert straight is not None and straight.place.said.via

        asyncio.run(asking())

    def test_what_is_wrong_with_a_question_is_said_by_the_route(
        self, demo_url: str, tmp_path: Path
    ) -> None:
        async def asking() -> None:
            async with service(demo_url, tmp_path) as (client, _app):
                for query in ("", "q=", "q=9&q=8", "q=9&limit=0", "q=9&at=", "q=9&at=2021-02-30", "q=9&lmit=3"):  # fmt: skip
                    refused = await client.get(f"/v1/geocode?{query}")
                    plain = await client.get(f"/v1/geocode?{query}", headers={"If-None-Match": "-"})
                    assert (refused.status_code, refused.content) == (
                        plain.status_code,
                        plain.content,
                    )
                long = await client.get("/v1/geocode", params={"q": "路" * 1001})
                assert (long.status_code, long.json()["code"]) == (422, "text-is-too-long")

        asyncio.run(asking())

    def test_an_answer_is_never_older_than_a_change_that_was_committed_before_it_was_asked_for(
        self, city_url: str, tmp_path: Path
    ) -> None:
        engine = make_engine(city_url)

        def renumber(code: str, number: int) -> int:
            with works_on(engine)(Intent("clerk", Verb.CHANGE, "renumber")) as work:
                key = work.connection.scalars(
                    select(address.c.address_id).where(address.c.code == code)
                ).one()
                change_number(work, key, number, on=date(2022, 1, 1))
                return work.number

        async def asking() -> None:
            async with service(city_url, tmp_path) as (client, app):
                first = (await client.get("/v1/geocode", params={"q": DOOR})).json()
                code = first["results"][0]["address"]["code"]
                for number in (901, 902, 903):
                    change = renumber(code, number)
                    text = DOOR.replace("9号", f"{number}号")
                    found = await client.get("/v1/geocode", params={"q": text})
                    assert found.headers["Registry-Change"] == str(change)
                    assert found.json()["results"][0]["address"]["code"] == code
                    other = await client.get("/v1/geocode", params={"q": "湖滨南路388号"})
                    assert other.headers["Registry-Change"] == str(change)
                async with asyncio.timeout(PATIENCE_S):
                    await app.state.doors.in_step_with(change)
                assert app.state.finder.doors.newest.known == change

        asyncio.run(asking())
        engine.dispose()


class WhenAnIndexCannotBeWritten:
    def test_the_database_is_asked_and_doors_come_to_hand_once_it_can(
        self, demo_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(door_keeper, "LOOK_UP_S", 0.1)
        in_the_way = tmp_path / door_keeper.FOLDER
        in_the_way.write_text("no folder")

        async def asking() -> None:
            app = create_app(read_settings({"REGISTRY_HOME": str(tmp_path)}), demo_url)
            transport = httpx.ASGITransport(app)
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(transport=transport, base_url="http://here") as client,
            ):
                for _round in range(3):
                    found = await client.get("/v1/geocode", params={"q": DOOR})
                    assert found.json()["results"][0]["match"]["grade"] == "A"
                    await asyncio.sleep(0.2)
                assert app.state.finder.doors.newest is None
                in_the_way.unlink()
                async with asyncio.timeout(PATIENCE_S):
                    await app.state.doors.in_step_with(await app.state.present.number())
                assert app.state.finder.doors.newest is not None

        asyncio.run(asking())


class WhenTheDatabaseIsAskedForTheHead:
    def test_those_who_ask_together_are_told_together_and_nobody_an_older_one(
        self, demo_url: str, tmp_path: Path
    ) -> None:
        async def asking() -> None:
            async with service(demo_url, tmp_path) as (_client, app):
                numbers = await asyncio.gather(*(app.state.present.number() for _ in range(50)))
                assert set(numbers) == {app.state.bulletin.head}

        asyncio.run(asking())

    def test_while_many_ask_one_number_serves_them_until_this_process_writes(
        self, demo_url: str, tmp_path: Path
    ) -> None:
        async def asking() -> None:
            async with service(demo_url, tmp_path) as (client, app):
                present: Present = app.state.present
                head = await present.number()
                assert present.recent() is None
                async with asyncio.timeout(PATIENCE_S):
                    # On a busy machine a number may be stale before a crowd has come.
                    while (told := told_to_many(present)) is None:
                        await present.number()
                assert told == head

                await client.post("/v1/geocode/batch", content=b"")

                assert present.recent() is None

        asyncio.run(asking())

    def test_a_change_of_another_process_is_told_within_a_second_however_many_ask(
        self, city_url: str, tmp_path: Path
    ) -> None:
        engine = make_engine(city_url)

        async def asking() -> None:
            async with service(city_url, tmp_path) as (_client, app):
                with works_on(engine)(Intent("clerk", Verb.CHANGE, "renumber")) as work:
                    key = work.connection.scalars(select(address.c.address_id).limit(1)).one()
                    change_number(work, key, 977, on=date(2022, 1, 1))
                await app.state.bulletin.later_than(work.number - 1, timeout_s=1.0)
                assert told_to_many(app.state.present) in (None, work.number)
                async with asyncio.timeout(PATIENCE_S):
                    while (told := told_to_many(app.state.present)) is None:
                        await app.state.present.number()
                assert told == work.number

        asyncio.run(asking())
        engine.dispose()


def told_to_many(present: Present) -> int | None:
    """What the last of a crowd is told; None: to ask the database."""
    told = [present.recent() for _one in range(3 * MANY)]
    return told[-1]
