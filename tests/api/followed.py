"""A small registry that is followed by webhook, and what tests do with it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, text

from api.security import create_key
from tests.builder import MAXIANG, RegistryBuilder
from tests.conftest import serving

PEOPLE = (("甲", "integrator"), ("乙", "integrator"), ("管", "administrator"), ("众", "public"))


@dataclass
class Town:
    """A small registry, the keys to it, and a way to serve it."""

    builder: RegistryBuilder
    keys: dict[str, str]
    url: str
    home: Path

    def change(self, how_many: int = 1, village: str = "350213102201") -> int:
        """Record some changes; the number of the last."""
        for place in range(how_many):
            self.builder.carrier(f"第{place}里", village)
        return self.head

    @property
    def head(self) -> int:
        with self.builder.engine.connect() as connection:
            return int(connection.scalar(text("SELECT number FROM registry_head")) or 0)

    def served(self, **environment: str) -> AbstractContextManager[httpx.Client]:
        @contextmanager
        def opened() -> Iterator[httpx.Client]:
            settings = {"WEBHOOK_ALLOW": "127.0.0.0/8", "WEBHOOK_RETRY_MS": "10", **environment}
            with (
                serving(self.url, self.home, **settings) as url,
                httpx.Client(base_url=f"{url}/v1", timeout=30, headers=self.bearer("甲")) as made,
            ):
                yield made

        return opened()

    def bearer(self, name: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[name]}", "Accept-Language": "en"}


def built(engine: Engine, url: str, home: Path) -> Town:
    """A small registry with a key for everybody."""
    builder = RegistryBuilder(engine)
    builder.tree(MAXIANG)
    with engine.connect() as connection:
        keys = {name: create_key(connection, holder=name, role=role) for name, role in PEOPLE}
        connection.commit()
    return Town(builder, keys, url, home)


def subscribe(api: httpx.Client, url: str, **asked: Any) -> dict[str, Any]:
    answered = api.post("/subscriptions", json={"url": url, **asked})
    assert answered.status_code == 201, answered.text
    made: dict[str, Any] = answered.json()
    return made


def read(api: httpx.Client, made: dict[str, Any], what: str = "") -> Any:
    return api.get(f"/subscriptions/{made['id']}{what}").json()
