"""The OGC interface over the grid city with lines, a street, doors, and a key for each surveyor."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Engine

from api.security import create_key
from registry.changes.store import ChangeStore
from registry.changes.timeline import begin
from registry.database import make_engine
from registry.names.tables import named_place, place_extent_version, place_name_version
from tests.builder import BEFORE_RECORDS, RegistryBuilder
from tests.conftest import Databases, serving
from tests.grid_city import COUNTY, grid_city, town, village

GEOJSON, PATCH = "application/geo+json", "application/merge-patch+json"
NEW_VILLAGE = f"{town(2)}209"
"""In force, and without a territory."""
LOSING = village(1, 3)
"""The one whose territory is taken away."""
PEOPLE = (("甲", "surveyor"), ("乙", "surveyor"), ("审", "reviewer"), ("丙", "public"))
Json = dict[str, Any]


class Desk:
    """Surveyors at one service; every test begins with no draft open."""

    def __init__(self, client: httpx.Client, engine: Engine, city: RegistryBuilder) -> None:
        self.client, self.engine, self.city = client, engine, city
        self.url = str(client.base_url).rstrip("/")
        with engine.connect() as connection:
            self.keys = {who: create_key(connection, holder=who, role=role) for who, role in PEOPLE}
            connection.commit()
        lines = "/v1/boundary-lines"
        derived = self.ask("POST", lines, "审", json={"within": COUNTY, "level": 5})
        assert derived.status_code == 201, derived.text
        found = self.ask("GET", lines, None, params={"level": 5}).json()["lines"]
        # A village loses its territory in one test: its lines end.
        lost = str(city.ids[LOSING])
        kept = [one for one in found if lost not in (one["left"]["id"], one["right"]["id"])]
        self.lines: list[Json] = sorted(kept, key=lambda one: json.dumps(one["geometry"]))
        self.turn = 0

    def ask(self, method: str, path: str, who: str | None = "甲", **more: Any) -> httpx.Response:
        headers = {"Accept-Language": "en", **more.pop("headers", {})}
        if who is not None:
            headers["Authorization"] = f"Bearer {self.keys[who]}"
        return self.client.request(method, path, headers=headers, **more)

    def read(self, collection: str, feature: str) -> httpx.Response:
        found = self.client.get(at(collection, feature))
        assert found.status_code == 200, found.text
        return found

    def write(
        self, method: str, path: str, body: Any = None, who: str = "甲", **headers: str
    ) -> httpx.Response:
        """A write; `If_Match` and others go as headers, empty ones are left out."""
        kind = PATCH if method == "PATCH" else GEOJSON
        given = {"Content-Type": kind} if body is not None else {}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        given = {name: value for name, value in given.items() if value}
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        return self.ask(method, path, who, content=content, headers=given)

    def alter(self, collection: str, feature: str, patch: Json, who: str = "甲") -> httpx.Response:
        """A PATCH made on what is there."""
        tag = self.read(collection, feature).headers["ETag"]
        return self.write("PATCH", at(collection, feature), patch, who, If_Match=tag)

    def draft(self, answered: httpx.Response) -> Json:
        """The report of the draft a write became part of."""
        assert answered.status_code in (201, 202), answered.text
        told = self.ask("GET", answered.json()["href"])
        assert told.status_code == 200, told.text
        return dict(told.json())

    def edit(self, answered: httpx.Response) -> Json:
        """The only feature edit of that draft."""
        (found,) = self.draft(answered)["edits"]
        return dict(found)

    def step(self, answered: httpx.Response, verb: str, who: str) -> httpx.Response:
        return self.ask("POST", f"{answered.json()['href']}/{verb}", who)

    def approved(self, answered: httpx.Response) -> Json:
        """Submitted by who wrote it, approved and carried out by another; the report afterwards."""
        for verb, who, status in (
            ("submit", "甲", 200),
            ("approve", "审", 200),
            ("commit", "审", 201),
        ):
            told = self.step(answered, verb, who)
            assert told.status_code == status, told.text
        return dict(told.json())

    def head(self) -> int:
        with self.engine.connect() as connection:
            return ChangeStore(connection).head()

    def withdraw_all(self) -> None:
        for who in ("甲", "乙"):
            found = self.ask("GET", "/v1/boundary-updates", who, params={"author": who}).json()
            for one in found["updates"]:
                if one["state"] in ("draft", "submitted", "approved", "rejected"):
                    told = self.ask("POST", f"/v1/boundary-updates/{one['id']}/withdraw", who)
                    assert told.status_code == 200, told.text

    def take_a_line(self) -> Json:
        """A numbered line, with the number of a marker nobody has set on it."""
        self.turn += 1
        place = self.turn % len(self.lines)
        taken, number = self.lines[place], f"{place + 1:04d}"
        if self.turn <= len(self.lines):
            said = {"number": number, "on": "2020-01-01"}
            told = self.ask("PATCH", f"/v1/boundary-lines/{taken['id']}", "审", json=said)
            assert told.status_code == 200, told.text
        (west, south), (east, north) = _ends(taken["geometry"])
        sides = sorted((taken["left"]["id"], taken["right"]["id"]), key=UUID)
        return {
            "id": taken["id"],
            "marker": f"{number}{self.turn:03d}Q",
            "feature": "_".join(sides),
            "spot": [round((west + east) / 2, 6), round((south + north) / 2, 6)],
        }

    def marker(self, line: Json, **more: Any) -> Json:
        """A marker in the middle of a line, as it is sent."""
        properties = {"number": line["marker"], "kind": "single", **more}
        point = {"type": "Point", "coordinates": line["spot"]}
        return {"type": "Feature", "geometry": point, "properties": properties}

    def standing(self, line: Json) -> str:
        """A marker that is recorded; returns its id."""
        made = self.ask(
            "POST",
            f"/v1/boundary-lines/{line['id']}/markers",
            "审",
            json={
                "number": line["marker"],
                "kind": "single",
                "lon": line["spot"][0],
                "lat": line["spot"][1],
                "on": "2020-03-01",
            },
        )
        assert made.status_code == 201, made.text
        return str(made.json()["id"])


def at(collection: str, feature: str = "") -> str:
    path = f"/ogc/collections/{collection}/items"
    return f"{path}/{feature}" if feature else path


def point(lon: float, lat: float) -> Json:
    return {"type": "Point", "coordinates": [lon, lat]}


def _ends(course: Json) -> list[list[float]]:
    points = (
        course["coordinates"][0] if course["type"].startswith("Multi") else course["coordinates"]
    )
    return [points[0], points[-1]]


def street(
    city: RegistryBuilder, name: str, in_village: str, course: BaseGeometry
) -> tuple[str, str]:
    """A recorded street; returns the ids of the place and of its name."""
    place, place_name = uuid4(), uuid4()
    with city.work("street") as work:
        work.establish(named_place, [{"named_place_id": place, "category": "thoroughfare"}])
        extent = {
            "extent": course,
            "division_id": city.ids[in_village],
            "basis": "digitised",
            "source": "test",
        }
        work.rewrite(place_extent_version, place, (), begin((), BEFORE_RECORDS, extent, "import"))
        named = {
            "named_place_id": place,
            "text": name,
            "specific": name[:-1],
            "generic": name[-1],
            "status": "standard",
            "language": "zh",
        }
        work.rewrite(place_name_version, place_name, (), begin((), BEFORE_RECORDS, named, "import"))
    return str(place), str(place_name)


@contextmanager
def opened(databases: Databases, template: str, home: Path) -> Iterator[Desk]:
    """A desk over a registry of its own."""
    name = f"desk_{uuid4().hex[:12]}"
    url = databases.make(name, template)
    engine = make_engine(url)
    city = grid_city(engine)
    city.tree({NEW_VILLAGE: "丙新村"})
    with city.work("doors") as work:
        city.door(work, village(0, 0), 1, spot=(118.005, 24.005))
        city.door(work, village(0, 1), 2, spot=(118.015, 24.005))
    with serving(url, home) as place, httpx.Client(base_url=place, timeout=60) as client:
        yield Desk(client, engine, city)
    engine.dispose()
    databases.drop(name)
