"""OGC API Features, Part 4: what is written becomes a proposal in a surveyor's draft."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import numpy as np
import pyproj
import pytest
import shapely
from shapely.geometry import MultiPolygon, box, mapping, shape

from api.security import create_key
from registry.database import make_engine
from tests.api.ogc.asking import COLLECTIONS, EPSG
from tests.builder import MAXIANG, RegistryBuilder
from tests.conftest import Databases, serving

GEOJSON = "application/geo+json"
PATCH = "application/merge-patch+json"
VILLAGES = ("350213102001", "350213102201", "350213102202")


@dataclass
class Office:
    """A small registry, its surveyors, and one of its villages."""

    client: httpx.Client
    keys: dict[str, str]
    village: str

    @property
    def path(self) -> str:
        return f"/ogc/collections/divisions/items/{self.village}"

    def read(self) -> httpx.Response:
        return self.client.get(self.path)

    def write(self, body: Any, *, method: str = "PUT", who: str = "甲", path: str | None = None, **headers: str) -> httpx.Response:  # fmt: skip
        given = {
            "Authorization": f"Bearer {self.keys[who]}",
            "Accept-Language": "en",
            "Content-Type": GEOJSON,
        }
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        given = {name: value for name, value in given.items() if value}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.request(method, path or self.path, content=content, headers=given)

    def draft(self, answered: httpx.Response) -> dict[str, Any]:
        assert answered.status_code == 202, answered.text
        assert answered.headers["Location"] == answered.json()["href"]
        told = self.client.get(
            answered.json()["href"], headers={"Authorization": f"Bearer {self.keys['甲']}"}
        )
        assert told.status_code == 200, told.text
        return dict(told.json())


@contextmanager
def opened(databases: Databases, template: str, home: Path) -> Iterator[Office]:
    """An office over a registry of its own."""
    name = f"office_{uuid4().hex[:12]}"
    url = databases.make(name, template)
    engine = make_engine(url)
    builder = RegistryBuilder(engine)
    builder.tree(MAXIANG)
    builder.squares(*VILLAGES)
    with engine.connect() as connection:
        keys = {
            who: create_key(connection, holder=who, role=role)
            for who, role in (("甲", "surveyor"), ("乙", "surveyor"), ("丙", "public"))
        }
        connection.commit()
    engine.dispose()
    with serving(url, home) as place, httpx.Client(base_url=place, timeout=60) as client:
        yield Office(client, keys, str(builder.ids[VILLAGES[0]]))
    databases.drop(name)


@pytest.fixture
def office(databases: Databases, template: str, tmp_path: Path) -> Iterator[Office]:
    with opened(databases, template, tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def desk(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """An office for those who change nothing."""
    with opened(databases, template, tmp_path_factory.mktemp("desk")) as made:
        yield made


def moved(feature: dict[str, Any], east_deg: float = 0.001) -> dict[str, Any]:
    """The feature with its eastern edge elsewhere."""
    west, south, east, north = shape(feature["geometry"]).bounds
    return {
        **feature,
        "geometry": mapping(MultiPolygon([box(west, south, east + east_deg, north)])),
    }


class TheSurface:
    def test_names_the_methods_of_every_resource(self, desk: Office) -> None:
        for name in COLLECTIONS:
            several = desk.client.options(f"/ogc/collections/{name}/items")
            created = "" if name == "plates" else ", POST"
            wanted = (200, f"GET, HEAD, OPTIONS{created}")
            assert (several.status_code, several.headers["Allow"]) == wanted
        single = desk.client.options(desk.path)
        assert single.headers["Allow"] == "GET, HEAD, OPTIONS, PUT, PATCH, DELETE"
        assert PATCH in single.headers["Accept-Patch"]
        inside = desk.write({}, method="POST")
        assert (inside.status_code, inside.headers["Allow"]) == (405, single.headers["Allow"])
        for method in ("PUT", "PATCH", "DELETE"):
            refused = desk.write({}, method=method, path="/ogc/collections/divisions/items")
            assert (refused.status_code, refused.headers["Allow"]) == (
                405,
                "GET, HEAD, OPTIONS, POST",
            )

    def test_is_described_with_its_security(self, desk: Office) -> None:
        document = desk.client.get("/ogc/api").json()
        verbs = document["paths"]["/collections/divisions/items/{featureId}"]

        assert set(verbs) == {"get", "put", "patch", "delete"}
        assert set(document["paths"]["/collections/divisions/items"]) == {"get", "post"}
        assert verbs["put"]["security"] == [{"key": []}]
        assert document["components"]["securitySchemes"]["key"] == {
            "type": "http",
            "scheme": "bearer",
        }
        assert "put" not in document["paths"]["/collections/plates/items/{featureId}"]
        declared = desk.client.get("/ogc/conformance").json()["conformsTo"]
        assert (
            "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/optimistic-locking-etags"
            in declared
        )


class WhenASurveyorReplacesATerritory:
    def test_it_becomes_a_draft_and_the_registry_stays_as_it_is(self, office: Office) -> None:
        read = office.read()

        answered = office.write(moved(read.json()), If_Match=read.headers["ETag"])

        draft = office.draft(answered)
        assert answered.json()["state"] == "draft"
        assert office.village in json.dumps(draft)
        assert office.read().json()["geometry"] == read.json()["geometry"]
        assert office.read().headers["ETag"] == read.headers["ETag"]

    def test_it_may_send_only_what_changes(self, office: Office) -> None:
        read = office.read()
        patch = {"geometry": moved(read.json(), 0.002)["geometry"]}

        answered = office.write(
            patch, method="PATCH", If_Match=read.headers["ETag"], Content_Type=PATCH
        )

        assert office.village in json.dumps(office.draft(answered))

    def test_it_joins_the_draft_that_is_open(self, office: Office) -> None:
        read = office.read()

        first = office.write(moved(read.json()), If_Match=read.headers["ETag"])
        second = office.write(moved(read.json(), 0.003), If_Match=read.headers["ETag"])

        assert first.json()["boundary_update"] == second.json()["boundary_update"]

    def test_it_may_be_drawn_in_a_zone(self, office: Office) -> None:
        read = office.read()
        into = pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:4548")
        asked = moved(read.json(), 0.004)
        drawn = shapely.transform(
            shape(asked["geometry"]),
            lambda points: np.column_stack(into.transform(points[:, 0], points[:, 1])),
        )

        answered = office.write(
            {**asked, "geometry": mapping(drawn)},
            If_Match=read.headers["ETag"],
            Content_Crs=f"<{EPSG}4548>",
        )
        again = office.write(asked, If_Match=read.headers["ETag"])

        assert answered.status_code == again.status_code == 202, answered.text
        assert answered.json()["boundary_update"] == again.json()["boundary_update"]

    def test_another_who_touches_the_edge_is_told_whose_draft_does(self, office: Office) -> None:
        read = office.read()
        first = office.write(moved(read.json()), If_Match=read.headers["ETag"])

        second = office.write(moved(read.json(), 0.002), who="乙", If_Match=read.headers["ETag"])

        assert (second.status_code, second.json()["code"]) == (409, "edge-is-taken")
        (other,) = second.json()["drafts"]
        assert other["update_id"] == first.json()["boundary_update"] and other["author"] == "甲"


class EveryBadWrite:
    @pytest.mark.parametrize(
        ("change", "headers", "status"),
        [
            ({"geometry": None}, {}, 400), ({"geometry": {"type": "Point", "coordinates": [118, 24]}}, {}, 400),
            ({"geometry": {"type": "Polygon", "coordinates": "x"}}, {}, 400),
            ({"geometry": {"type": "Polygon", "coordinates": [[[118, 24], [119, 24]]]}}, {}, 400),
            ({"geometry": {"type": "Polygon", "coordinates": [[[1e9, 24], [119, 24], [119, 25], [1e9, 24]]]}}, {}, 400),
            ({"id": "7f3a1c1e-6f0d-5c55-9a35-0a8f6ad8b4c7"}, {}, 400), ({"type": "FeatureCollection"}, {}, 400),
            ({"properties": {"name": "别村"}}, {}, 400), ({"properties": "x"}, {}, 400),
            ({}, {"Content_Type": ""}, 400), ({}, {"Content_Type": "application/gml+xml"}, 415),
            ({}, {"Content_Crs": f"<{EPSG}9999>"}, 400),
            ({}, {"Authorization": ""}, 401), ({}, {"Authorization": "Bearer wrong"}, 401),
        ],
    )  # fmt: skip
    def test_is_refused_and_changes_nothing(
        self, desk: Office, change: dict[str, Any], headers: dict[str, str], status: int
    ) -> None:
        read = desk.read()

        answered = desk.write(
            {**moved(read.json()), **change}, If_Match=read.headers["ETag"], **headers
        )

        assert answered.status_code == status, answered.text
        assert answered.headers["content-type"] == "application/problem+json"
        assert desk.read().json() == read.json()

    @pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b"\xff\xfe", b"[" * 100_000])
    def test_that_is_no_feature_is_refused(self, desk: Office, body: bytes) -> None:
        tag = desk.read().headers["ETag"]

        assert desk.write(body, If_Match=tag).status_code == 400

    def test_that_is_too_large_is_not_read_to_its_end(self, desk: Office) -> None:
        answered = desk.write(b" " * (17 * 1024 * 1024), If_Match="*")

        assert (answered.status_code, answered.json()["code"]) == (413, "too-large")

    def test_that_does_not_say_what_it_was_made_on_is_refused(self, desk: Office) -> None:
        read = desk.read()
        for method, kind in (("PUT", GEOJSON), ("PATCH", PATCH)):
            silent = desk.write(moved(read.json()), method=method, Content_Type=kind)
            stale = desk.write(moved(read.json()), method=method, Content_Type=kind, If_Match='"0"')

            assert (silent.status_code, silent.json()["code"]) == (428, "if-match-is-missing")
            assert (stale.status_code, stale.json()["code"]) == (412, "feature-is-stale")

    def test_of_what_never_was_is_not_found(self, desk: Office) -> None:
        body = moved(desk.read().json())
        for feature in ("7f3a1c1e-6f0d-5c55-9a35-0a8f6ad8b4c7", "nonsense"):
            path = f"/ogc/collections/divisions/items/{feature}"
            assert desk.write(body, path=path, If_Match='"xyz"').status_code == 404

    def test_by_who_may_not_or_where_nothing_is_drawn_is_refused(self, desk: Office) -> None:
        read = desk.read()

        public = desk.write(moved(read.json()), who="丙", If_Match=read.headers["ETag"])
        elsewhere = desk.write({}, path="/ogc/collections/plates/items/7K3M9QXA2FDT", If_Match="*")

        assert (public.status_code, public.json()["code"]) == (403, "role-is-missing")
        assert (elsewhere.status_code, elsewhere.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
