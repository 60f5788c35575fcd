"""OGC API Features, Part 3: queryables, and CQL2 filters in text and JSON."""

import json
import subprocess
import sys
from typing import Any

import httpx
import jsonschema
import pytest
from shapely.geometry import box

from tests.api.ogc.asking import (
    COLLECTIONS,
    CRS84,
    EPSG,
    FULL,
    ask,
    every_page,
    geometry_of,
    ids,
    items,
)

QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
REGION = "BBOX(118.06,24.42,118.2,24.56)"


@pytest.fixture(scope="module")
def divisions(client: httpx.Client) -> list[dict[str, Any]]:
    """All divisions in force, to hold filters against."""
    return every_page(client, "divisions", limit=1000)


class TheQueryables:
    @pytest.mark.parametrize("name", COLLECTIONS)
    def test_are_a_json_schema_that_the_collection_links_to(
        self, client: httpx.Client, name: str
    ) -> None:
        links = client.get(f"/ogc/collections/{name}").json()["links"]
        there = next(one["href"] for one in links if one["rel"] == QUERYABLES)

        answered = client.get(there, headers={"Accept": "application/schema+json"})
        schema = answered.json()

        assert answered.headers["content-type"] == "application/schema+json"
        assert schema["$schema"] == "https://json-schema.org/draft/2019-09/schema"
        assert schema["$id"] == there and schema["type"] == "object"
        assert schema["properties"]["geometry"]["$ref"].startswith("https://geojson.org/schema/")
        jsonschema.Draft201909Validator.check_schema(schema)

    @pytest.mark.parametrize("name", FULL)
    def test_describe_what_features_carry(self, client: httpx.Client, name: str) -> None:
        schema = client.get(f"/ogc/collections/{name}/queryables").json()["properties"]
        one = items(client, name, limit=1)["features"][0]["properties"]

        assert set(schema) - {"geometry"} <= set(one)

    @pytest.mark.parametrize("name", FULL)
    def test_are_parameters_too(self, client: httpx.Client, name: str) -> None:
        schema = client.get(f"/ogc/collections/{name}/queryables").json()["properties"]
        one = items(client, name, limit=1)["features"][0]

        for key in schema:
            value = one["properties"].get(key)
            if key == "geometry" or value is None or isinstance(value, float):
                continue
            told = str(value).lower() if isinstance(value, bool) else value
            found = items(client, name, **{key + "_": told}, limit=1000)
            assert found["features"], key
            assert all(each["properties"][key] == value for each in found["features"]), key


def level(one: dict[str, Any]) -> int:
    return int(one["properties"]["level"])


def named(one: dict[str, Any], *, ending: str) -> bool:
    return str(one["properties"]["name"]).endswith(ending)


FILTERS: list[tuple[str, Any]] = [
    ("level = 4", lambda one: level(one) == 4),
    ("level <> 5", lambda one: level(one) != 5),
    ("level < 4 AND NOT level = 3", lambda one: level(one) < 3),
    ("level >= 4 OR kind = 'district'", lambda one: level(one) >= 3),
    ("4 > level", lambda one: level(one) < 4),
    ("name LIKE '%镇'", lambda one: named(one, ending="镇")),
    ("name NOT LIKE '%镇'", lambda one: not named(one, ending="镇")),
    ("kind IN ('town', 'township')", lambda one: one["properties"]["kind"] in ("town", "township")),
    ("kind NOT IN ('village', 'community')", lambda one: one["properties"]["kind"] not in ("village", "community")),
    ("level BETWEEN 2 AND 3", lambda one: level(one) in (2, 3)),
    ("code IS NULL", lambda one: one["properties"]["code"] is None),
    ("valid_from IS NOT NULL", lambda one: one["properties"]["valid_from"] is not None),
    ("geometry IS NULL", lambda one: one["geometry"] is None),
    ("CASEI(kind) = CASEI('TOWN')", lambda one: one["properties"]["kind"] == "town"),
    ("valid_from >= DATE('2021-01-01')", lambda one: (one["properties"]["valid_from"] or "") >= "2021-01-01"),
    ("valid_from >= TIMESTAMP('2020-12-31T20:00:00Z')", lambda one: (one["properties"]["valid_from"] or "") >= "2021-01-01"),
    ("level * 2 + 1 = 9", lambda one: level(one) == 4),
    ("level / 2 = 2.5", lambda one: level(one) == 5),
    ("level % 2 = 0", lambda one: level(one) % 2 == 0),
    ("level ^ 2 = 16", lambda one: level(one) == 4),
    ("level div 2 = 2", lambda one: level(one) // 2 == 2),
    ("kind = name", lambda one: False),
    ("name = name", lambda one: True),
    ("area_m2 > 1e8", lambda one: (one["properties"]["area_m2"] or 0) > 1e8),
    ("1 = 1", lambda one: True),
    (f"S_INTERSECTS(geometry, {REGION})", lambda one: meets(one, "intersects")),
    (f"S_INTERSECTS({REGION}, geometry)", lambda one: meets(one, "intersects")),
    (f"NOT S_INTERSECTS(geometry, {REGION}) AND level = 5", lambda one: level(one) == 5 and one["geometry"] is not None and not meets(one)),
    (f"S_WITHIN(geometry, {REGION})", lambda one: meets(one, "within")),
    (f"S_CONTAINS({REGION}, geometry)", lambda one: meets(one, "within")),
    ("S_CONTAINS(geometry, POINT(118.1 24.48))", lambda one: meets(one, "contains_point")),
    (f"S_DISJOINT(geometry, {REGION})", lambda one: one["geometry"] is not None and not meets(one)),
    ("T_AFTER(valid_from, DATE('2020-12-31'))", lambda one: (one["properties"]["valid_from"] or "") > "2020-12-31"),
    ("T_BEFORE(valid_from, DATE('2021-01-01'))", lambda one: "" < (one["properties"]["valid_from"] or "") < "2021-01-01"),
    ("T_INTERSECTS(valid_from, INTERVAL('2021-01-01','9999-12-31'))", lambda one: (one["properties"]["valid_from"] or "9") >= "2021-01-01"),
    ("T_BEFORE(valid_from, DATE('9999-12-31'))", lambda one: one["properties"]["valid_from"] is not None),
    ("T_DURING(valid_from, INTERVAL('2021-01-01','2022-12-31'))", lambda one: "2021-01-01" < (one["properties"]["valid_from"] or "") < "2022-12-31"),
]  # fmt: skip


def meets(one: dict[str, Any], how: str = "intersects") -> bool:
    if one["geometry"] is None:
        return False
    if how == "contains_point":
        from shapely.geometry import Point

        return geometry_of(one).contains(Point(118.1, 24.48))
    region = box(118.06, 24.42, 118.2, 24.56)
    return bool(getattr(geometry_of(one), how)(region))


class EveryFilter:
    @pytest.mark.parametrize(("text", "wanted"), FILTERS)
    def test_picks_what_it_says_in_text_and_in_json(
        self, client: httpx.Client, divisions: list[dict[str, Any]], text: str, wanted: Any
    ) -> None:
        import cql2

        expected = sorted(one["id"] for one in divisions if wanted(one))

        by_text = every_page(client, "divisions", filter=text, limit=1000)
        as_json = json.dumps(cql2.parse_text(text).to_json())
        by_json = every_page(
            client, "divisions", filter=as_json, filter__lang="cql2-json", limit=1000
        )

        assert [one["id"] for one in by_text] == expected
        assert [one["id"] for one in by_json] == expected

    @pytest.mark.parametrize("name", FULL)
    def test_works_on_every_collection(self, client: httpx.Client, name: str) -> None:
        everything = f"S_INTERSECTS(geometry, BBOX({','.join(map(str, extent(client, name)))}))"

        plain = items(client, name, limit=50)
        filtered = items(client, name, filter=everything, limit=50)

        assert [one for one in ids(plain) if one in ids(filtered)] or not ids(plain)
        assert len(ids(filtered)) > 0

    def test_goes_with_other_parameters(self, client: httpx.Client) -> None:
        region = f"S_INTERSECTS(geometry, {REGION})"

        both = items(
            client, "divisions", filter=region, bbox="118.06,24.42,118.2,24.56", limit=1000
        )
        neither = items(client, "divisions", filter=region, bbox="10,10,11,11")
        by_kind = items(client, "divisions", filter="level = 4", kind="town", limit=1000)

        assert ids(both) == ids(items(client, "divisions", filter=region, limit=1000))
        assert neither["features"] == []
        assert {one["properties"]["kind"] for one in by_kind["features"]} == {"town"}

    def test_is_text_and_in_degrees_unless_it_says_otherwise(self, client: httpx.Client) -> None:
        plain = ids(
            items(client, "divisions", filter=f"S_INTERSECTS(geometry, {REGION})", limit=1000)
        )
        said = {"filter__lang": "cql2-text", "filter__crs": CRS84}
        flipped = "S_INTERSECTS(geometry, BBOX(24.42,118.06,24.56,118.2))"

        assert (
            ids(
                items(
                    client,
                    "divisions",
                    filter=f"S_INTERSECTS(geometry, {REGION})",
                    limit=1000,
                    **said,
                )
            )
            == plain
        )
        assert (
            ids(items(client, "divisions", filter=flipped, filter__crs=f"{EPSG}4490", limit=1000))
            == plain
        )

    def test_reads_intervals_of_the_whole_life(self, client: httpx.Client) -> None:
        found = every_page(
            client,
            "divisions",
            filter="T_INTERSECTS(valid, INTERVAL('..','2003-01-01'))",
            limit=1000,
        )

        assert found
        assert all((one["properties"]["valid_from"] or "") <= "2003-01-01" for one in found)


HOSTILE = [
    "THIS IS NOT A FILTER", "this_is_not_a_queryable = 1", "this_is_not_a_queryable IS NULL", "level = 'four'",
    "name = 4", "name > TRUE", "level LIKE '4%'", "name", "level", "level + name = 1", "foo(name) = 'x'",
    "A_CONTAINS(name, ('x'))", "S_INTERSECTS(name, POINT(1 2))", "S_INTERSECTS(geometry, geometry)",
    "S_INTERSECTS(geometry, BBOX(1000000,1000000,2000000,2000000))", "S_INTERSECTS(geometry, BBOX(3,3,1,1))",
    "S_INTERSECTS(geometry, POLYGON((0 0,1 1,1 0,0 1,0 0)))", "parent_id = 'abc'", "valid_from = 'x'",
    "valid_from > DATE('2021-02-30')", "T_AFTER(name, DATE('2020-01-01'))", "level = 1e400",
    "T_DURING(valid_from, INTERVAL('2022-01-01','2021-01-01'))", "kind IN ()", "text = 'x'", "",
    "1=1; DROP TABLE division", "name = 'x' UNION SELECT 1", "(" * 3000 + "1=1" + ")" * 3000,
    "NOT " * 5000 + "1=1", "1=" + "-" * 4000 + "1", "1=1 AND " * 1500 + "1=1", "level IN (" + "1," * 3000 + "1)",
    "ACCENTI(name) = 'x'", "S_INTERSECTS(geometry, POINT EMPTY)", "name LIKE '%\\'", "level * 1e300 * 1e300 = 1",
    "(0 * level) ^ -1 = 1", "(0 - level) ^ 0.5 = 1",
]  # fmt: skip
HOSTILE_JSON = [
    "nonsense", "[1]", '{"op":"foo","args":[]}', '{"a":1}', '{"op":"=","args":[{"property":"level"}]}',
    '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[[[0,0],[1,1]]]}]}',
    '{"op":"not","args":[' * 300 + "true" + "]}" * 300, '"x"', "null", "1",
]  # fmt: skip


class EveryBadFilter:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_in_text_is_a_bad_request_that_says_why(self, client: httpx.Client, text: str) -> None:
        answered = ask(client, "divisions", filter=text)

        assert answered.status_code == 400, answered.text
        assert answered.json()["code"] in ("filter-is-invalid", "request-is-invalid")
        assert answered.json()["detail"]

    @pytest.mark.parametrize("text", HOSTILE_JSON)
    def test_in_json_is_one_too(self, client: httpx.Client, text: str) -> None:
        answered = ask(client, "divisions", filter=text, filter__lang="cql2-json")

        assert answered.status_code == 400, answered.text
        assert answered.json()["code"] == "filter-is-invalid"

    def test_leaves_quotes_harmless(self, client: httpx.Client) -> None:
        for name in ("it''s", "%", "_", "\\", "'' OR 1=1 --"):
            assert items(client, "divisions", filter=f"name = '{name}'")["features"] == []


class TheParser:
    def test_cannot_be_made_to_end_the_process(self) -> None:
        texts = [
            "(" * 499 + "1=1" + ")" * 499,
            "NOT " * 18 + "1=1",
            "1+" * 7000 + "1=1",
            "1=1 AND " * 1900 + "1=1",
        ]
        program = (
            "import sys, threading\nfrom registry.features.filtering import parse_text\n"
            "from registry.features.errors import FilterIsInvalid\n"
            "def ask():\n for text in sys.argv[1:]:\n  try: parse_text(text, lambda g: g)\n"
            "  except FilterIsInvalid: pass\n"
            "thread = threading.Thread(target=ask); thread.start(); thread.join()"
        )  # fmt: skip
        done = subprocess.run([sys.executable, "-c", program, *texts], check=False)

        assert done.returncode == 0


def extent(client: httpx.Client, name: str) -> list[float]:
    return list(client.get(f"/ogc/collections/{name}").json()["extent"]["spatial"]["bbox"][0])
