"""Plans filed, read, withdrawn and swept away by many at once: nobody reads anything but their own."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text

from api.rehearsing import Rehearsals
from api.security import create_key
from tests.builder import MAXIANG, RegistryBuilder
from tests.conftest import serving

CLIENTS = 8
LASTS_S = 20.0
NOW = {"马巷镇", "新圩镇"}


def paper(name: str) -> dict[str, Any]:
    return {
        "title": f"更名为{name}",
        "effective_on": "2030-01-01",
        "operations": [{"rename": {"division": "350213103", "name": name}}],
    }


class Client:
    """Files plans, reads them and takes them back; remembers what was wrong."""

    def __init__(self, url: str, key: str, place: int) -> None:
        self._url, self._place = url, place
        self._headers = {"Authorization": f"Bearer {key}", "Accept-Language": "en"}
        self._chance = random.Random(place)
        self.reads = 0
        self.wrong: list[str] = []

    def go_on(self, until: float) -> None:
        with httpx.Client(base_url=self._url, timeout=60, headers=self._headers) as client:
            turn = 0
            while time.monotonic() < until:
                turn += 1
                self._one_plan(client, f"第{self._place}之{turn}镇", until)

    def _one_plan(self, client: httpx.Client, name: str, until: float) -> None:
        plan = client.post("/v1/restructurings", json=paper(name)).json()["id"]
        for _read in range(self._chance.randint(1, 8)):
            if self.reads and time.monotonic() > until:
                return
            anew = {"Cache-Control": "no-cache"} if self._chance.random() < 0.5 else {}
            self._expect(client, plan, {"马巷镇", name}, {}, anew)
            self._expect(client, plan, NOW, {"at": "2029-12-31"}, {})
        if self._chance.random() < 0.5:
            client.post(f"/v1/restructurings/{plan}/withdraw")
            refused = client.get("/v1/divisions", params={"plan": plan})
            if refused.status_code != httpx.codes.CONFLICT:
                self.wrong.append(f"withdrawn {name}: {refused.status_code}")

    def _expect(
        self,
        client: httpx.Client,
        plan: str,
        names: set[str],
        query: dict[str, str],
        headers: dict[str, str],
    ) -> None:
        asked = {"plan": plan, "level": "4", **query}
        answered = client.get("/v1/divisions", params=asked, headers=headers)
        self.reads += 1
        if answered.status_code != httpx.codes.OK:
            self.wrong.append(f"{answered.status_code} {answered.text}")
            return
        shown = {one["name"] for one in answered.json()["divisions"]}
        if shown != names:
            self.wrong.append(f"{shown} instead of {names}")


@pytest.mark.drill
class WhenManyRehearseAtOnce:
    def test_nobody_reads_another_plan_or_the_present_instead(
        self, database_url: str, engine: Engine, tmp_path: Path
    ) -> None:
        builder = RegistryBuilder(engine)
        builder.tree(MAXIANG)
        with engine.connect() as connection:
            key = create_key(connection, holder="甲", role="reviewer")
            connection.commit()
        sweeping = Rehearsals(database_url)
        over = threading.Event()

        def sweep() -> None:
            while not over.wait(0.05):
                sweeping.sweep(idle_s=2.0, superseded_s=0.5)

        def edit() -> None:
            while not over.wait(0.1):
                builder.doors("350213103201", 1)

        others = [threading.Thread(target=one) for one in (sweep, edit)]
        with serving(database_url, tmp_path) as url, ThreadPoolExecutor(CLIENTS) as pool:
            for other in others:
                other.start()
            clients = [Client(url, key, place) for place in range(CLIENTS)]
            until = time.monotonic() + LASTS_S
            list(pool.map(lambda client: client.go_on(until), clients))
            over.set()
            for other in others:
                other.join()
        sweeping.sweep(idle_s=0, superseded_s=0)
        sweeping.close()

        assert [wrong for client in clients for wrong in client.wrong] == []
        assert all(client.reads > 0 for client in clients)
        with engine.connect() as connection:
            kept = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'rehearsal%'"
            assert connection.scalar(text(kept)) == 0
