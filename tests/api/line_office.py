"""The service over a small city with lines: what surveyors and reviewers do with them, tried for real."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import shapely
from PIL import Image
from sqlalchemy import Engine

from api import clock
from api.security import create_key
from registry.changes.store import ChangeStore
from registry.database import make_engine
from tests.builder import RegistryBuilder
from tests.conftest import Databases, serving
from tests.grid_city import COUNTY, grid_city

LINES, MARKERS = "/v1/boundary-lines", "/v1/boundary-markers"
ON = "2020-03-01"
AGREED = {
    "legal_status": "agreed",
    "technical_status": "surveyed",
    "accuracy_m": 0.5,
    "agreement_number": "翔政〔2020〕3号",
    "agreement_on": "2020-02-29",
    "on": ON,
}
TO_COME = str(clock.today() + timedelta(days=2))
"""A day to come, also when midnight passes meanwhile."""


class Office:
    """The service over the grid city with its village lines, and a key for each person."""

    def __init__(
        self, client: httpx.Client, engine: Engine, city: RegistryBuilder, home: Path
    ) -> None:
        self.client, self.engine, self.city, self.home = client, engine, city, home
        with engine.connect() as connection:
            self.keys = {
                role: create_key(connection, holder=role, role=role)
                for role in ("public", "surveyor", "reviewer", "approver", "integrator")
            }
            connection.commit()
        derived = self.ask("POST", LINES, json={"within": COUNTY, "level": 5})
        assert derived.status_code == 201, derived.text
        self.lines = self.client.get(LINES, params={"level": 5}).json()["lines"]
        self.turn = 0

    def take_a_line(self) -> None:
        """Turn to a line nobody has said anything of, with a number of its own, and a neighbour."""
        taken = self.lines[self.turn]
        self.turn += 1
        sides = {taken["left"]["id"], taken["right"]["id"]}
        self.line, self.number = taken["id"], f"{self.turn:04d}"
        self.one_side = taken["left"]["id"]
        self.beside = next(
            one["id"]
            for one in self.lines[::-1]
            if len(sides & {one["left"]["id"], one["right"]["id"]}) == 1
        )
        self.west, self.south, self.east, self.north = shapely.geometry.shape(
            taken["geometry"]
        ).bounds
        self.agreed = {**AGREED, "number": self.number}
        self.post = {
            "number": f"{self.number}001Q",
            "kind": "single",
            "lon": (self.west + self.east) / 2,
            "lat": (self.south + self.north) / 2,
            "on": ON,
        }

    def ask(self, method: str, path: str, who: str | None = "reviewer", **more: Any) -> Any:
        headers = {"Accept-Language": "en", **more.pop("headers", {})}
        if who is not None:
            headers["Authorization"] = f"Bearer {self.keys[who]}"
        return self.client.request(method, path, headers=headers, **more)

    def head(self) -> int:
        with self.engine.connect() as connection:
            return ChangeStore(connection).head()

    def marker(self, **said: Any) -> Any:
        made = self.ask("POST", f"{LINES}/{self.line}/markers", json={**self.post, **said})
        assert made.status_code == 201, made.text
        return made.json()

    def photographed(
        self, marker: str, body: bytes, who: str | None = "surveyor", **said: str
    ) -> Any:
        return self.ask(
            "POST", f"{MARKERS}/{marker}/photos", who, files={"photo": ("p", body)}, data=said
        )  # fmt: skip


@contextmanager
def opened_office(databases: Databases, template: str, home: Path) -> Iterator[Office]:
    """The office over a database of its own."""
    name = f"test_{uuid4().hex[:12]}"
    url = databases.make(name, template)
    engine = make_engine(url)
    city = grid_city(engine)
    with serving(url, home) as place, httpx.Client(base_url=place, timeout=60) as client:
        yield Office(client, engine, city, home)
    engine.dispose()
    databases.drop(name)


def picture(form: str = "JPEG", colour: str = "blue") -> bytes:
    exif = Image.Exif()
    exif[0x013B] = "张三"
    shot = io.BytesIO()
    Image.new("RGB", (2000, 900), colour).save(shot, form, exif=exif)
    return shot.getvalue()
