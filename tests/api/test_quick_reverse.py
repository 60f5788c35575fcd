"""What lies around a point, answered in front of the routes, is what the route would say, and as new."""

import asyncio
import random
from datetime import date
from pathlib import Path
from typing import Any

import httpx
from shapely.geometry import Point
from sqlalchemy import select

from api import clock
from api.coordinates import Crs, given_out
from api.work import works_on
from registry.addresses.tables import address, position_version
from registry.changes.model import Intent, Verb
from registry.changes.period import AsOf
from registry.changes.timeline import change_from
from registry.database import make_engine
from registry.search.held_doors import NotAtHand
from tests.api.test_quick import DOOR, PATIENCE_S, SAID, service

SEA, BEIJING = (119.5, 23.0), (116.4, 39.9)
TO_THE_ROUTE = {"If-None-Match": '"none"'}
"""Whoever has an answer already is left to the route, which asks the database."""


async def places(client: httpx.AsyncClient) -> list[tuple[float, float]]:
    """Points beside doors all over the city, and some where there are none."""
    chance = random.Random(7)
    found: list[tuple[float, float]] = [SEA, BEIJING, (0.0, 0.0), (118.1, -89.0), (118.9, 24.5)]
    for county in ("350203", "350211", "350213"):
        page = await client.get("/v1/addresses", params={"within": county, "limit": 40})
        for one in page.json()["addresses"]:
            where = one["position"]
            found.append((where["lon"], where["lat"]))
            found.append(tuple(where[axis] + chance.uniform(-0.003, 0.003) for axis in ("lon", "lat")))  # fmt: skip
    return found


class WhenDoorsAreAtHand:
    def test_answers_are_those_of_the_route_to_the_byte(
        self, demo_url: str, tmp_path: Path
    ) -> None:
        async def asking() -> None:
            async with service(demo_url, tmp_path) as (client, app):
                number = await app.state.present.number()
                systems, at_hand = [*Crs], 0
                for place, point in enumerate(await places(client)):
                    crs = systems[place % len(systems)]
                    lon, lat = (round(one, 7) for one in given_out(*point, crs))
                    params = {"lon": f"{lon:.7f}", "lat": f"{lat:.7f}", "crs": crs.value, "limit": f"{1 + place % 20}"}  # fmt: skip
                    quick = await client.get("/v1/reverse", params=params)
                    plain = await client.get("/v1/reverse", params=params, headers=TO_THE_ROUTE)
                    assert quick.status_code == plain.status_code == 200
                    assert quick.content == plain.content
                    assert [quick.headers.get(one) for one in SAID] == [
                        plain.headers.get(one) for one in SAID
                    ]
                    assert quick.headers["registry-change"] == str(number)
                    at_hand += is_at_hand(app, point)
                assert at_hand > place * 0.95

        asyncio.run(asking())

    def test_what_is_wrong_with_a_question_is_said_by_the_route(
        self, demo_url: str, tmp_path: Path
    ) -> None:
        async def asking() -> None:
            async with service(demo_url, tmp_path) as (client, _app):
                for query in (
                    "", "lon=118", "lon=118&lat=91", "lon=181&lat=24", "lon=118&lat=24&limit=0",
                    "lon=118&lat=24&limit=21", "lon=118&lat=24&crs=epsg:3857", "lon=a&lat=24",
                    "lon=118&lat=24&lon=119", "lon=118&lat=24&zoom=18", "lon=nan&lat=24",
                    "lon=118&lat=24&at=2021-02-30",
                ):  # fmt: skip
                    refused = await client.get(f"/v1/reverse?{query}")
                    plain = await client.get(f"/v1/reverse?{query}", headers=TO_THE_ROUTE)
                    assert (refused.status_code, refused.content) == (
                        plain.status_code,
                        plain.content,
                    )

        asyncio.run(asking())

    def test_an_answer_is_never_older_than_a_change_that_was_committed_before_it_was_asked_for(
        self, city_url: str, tmp_path: Path
    ) -> None:
        engine = make_engine(city_url)

        def survey(code: str, spot: tuple[float, float]) -> int:
            with works_on(engine)(Intent("surveyor", Verb.CHANGE, "survey")) as work:
                key = work.connection.scalars(
                    select(address.c.object_id).where(address.c.code == code)
                ).one()
                before = work.believed(position_version, [key])[key]
                moved = {"position": Point(*spot), "method": "surveyed", "accuracy_m": 0.1}
                after = change_from(before, date(2022, 1, 1), moved, "survey")
                work.rewrite(position_version, key, before, after)
                return work.number

        async def asking() -> None:
            async with service(city_url, tmp_path) as (client, app):
                first = (await client.get("/v1/geocode", params={"q": DOOR})).json()
                code = first["results"][0]["address"]["code"]
                for step in range(3):
                    spot = (118.2601 + step * 0.01, 24.6001)
                    params = {"lon": f"{spot[0]:.4f}", "lat": f"{spot[1]:.4f}"}
                    change = survey(code, spot)
                    found = await client.get("/v1/reverse", params=params)
                    assert found.headers["Registry-Change"] == str(change)
                    (nearest,) = found.json()["results"]
                    assert nearest["address"]["code"] == code
                    assert nearest["distance_m"] == 0.0
                    async with asyncio.timeout(PATIENCE_S):
                        await app.state.doors.in_step_with(change)
                    again = await client.get("/v1/reverse", params=params)
                    assert again.content == found.content
                    assert is_at_hand(app, spot)

        asyncio.run(asking())
        engine.dispose()


def is_at_hand(app: Any, point: tuple[float, float]) -> bool:
    """Whether a point is answered without the database."""
    state = app.state
    try:
        at = AsOf(clock.today(), state.bulletin.head)
        state.finder.around.at_hand(*point, at, limit=1)
    except NotAtHand:
        return False
    return True
