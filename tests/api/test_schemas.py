"""Everything the feed says is described by the schemas it names, and nothing else passes."""

import copy
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from referencing import Registry, Resource

FILES = Path(__file__).parents[2] / "api" / "schemas"
PUBLISHED = {
    "address-effect.v1.json": "c1391e921633f996f3636ff87ea716ed34881d835df71d25c4ce6825bb276904",
    "change-event.v1.json": "aa2acfc5b2832a288898591d3c817d5ebf267cbe861d9db55562fba6343d6a3c",
    "change-item.v1.json": "7689e0c1624d77f1038fe8f4f857f415c1b49b61c578f9c4152e057d0f133a94",
    "change.v1.json": "c13e2ccff81c72172c0bd041cfe347b9c70b3c93d6cde21f09247065c36ab7a9",
    "log-record.v1.json": "c1947511cd02f6895a043a783cae1fb0ed4d50189b0c287e1dcdd227dcc8d7dd",
    "snapshot-line.v1.json": "66ed4657b836d791d23343acd57d034a88a082f13e999d51c08157bd72faebe5",
    "transform.v1.json": "9a0be3e23f0753201255319ada3a989bacd4059a01e080ee570d09fd73bf343b",
}
Event = dict[str, Any]


@pytest.fixture(scope="module")
def schemas(client: httpx.Client) -> dict[str, dict[str, Any]]:
    listed = client.get("/schemas").json()["schemas"]
    return {one["name"]: client.get(httpx.URL(one["href"]).path).json() for one in listed}


@pytest.fixture(scope="module")
def validators(schemas: dict[str, dict[str, Any]]) -> dict[str, Draft202012Validator]:
    known: Registry[Any] = Registry().with_resources(
        [(schema["$id"], Resource.from_contents(schema)) for schema in schemas.values()]
    )
    return {
        name: Draft202012Validator(schema, registry=known, format_checker=FormatChecker())
        for name, schema in schemas.items()
    }


def feed(client: httpx.Client, **parameters: str) -> Iterator[Event]:
    path: str | None = "/v1/changes"
    answered = client.get(path, params={"after": "0", "limit": "20", **parameters})
    while True:
        yield from answered.json()
        following = answered.links.get("next")
        if following is None:
            return
        answered = client.get(following["url"])


VIEWS: list[dict[str, str]] = [
    {},
    {"within": "350213"},
    {"collection": "divisions", "expand": "addresses"},
]


class EveryEvent:
    @pytest.mark.parametrize("view", VIEWS, ids=["whole", "scope", "expanded"])
    def test_is_as_its_schema_says(
        self,
        client: httpx.Client,
        validators: dict[str, Draft202012Validator],
        view: dict[str, str],
    ) -> None:
        found = list(feed(client, **view))

        assert len(found) > 5
        for event in found:
            validators["change-event"].validate(event)

    def test_names_a_schema_the_service_serves(self, client: httpx.Client) -> None:
        event = next(feed(client))

        served = client.get(httpx.URL(event["dataschema"]).path)

        assert served.json()["$id"] == event["dataschema"]
        assert served.headers["content-type"].startswith("application/schema+json")
        assert "immutable" in served.headers["cache-control"]

    def test_holds_nothing_that_is_not_described(
        self, client: httpx.Client, schemas: dict[str, dict[str, Any]]
    ) -> None:
        for view in VIEWS:
            for event in feed(client, **view):
                known = {name: set(schema["properties"]) for name, schema in schemas.items()}
                body = event["data"]
                assert set(event) <= known["change-event"]
                assert set(body) <= known["change"]
                for item in body.get("items", []):
                    assert set(item) <= known["change-item"]
                for transform in body.get("transforms", []):
                    assert set(transform) <= known["transform"]
                for effect in body.get("addresses", []):
                    assert set(effect) <= known["address-effect"]


class TheSchemas:
    @pytest.mark.parametrize(
        "spoil",
        [
            lambda event: event["data"].pop("number"),
            lambda event: event["data"].update(number="31"),
            lambda event: event["data"].update(items_href="/too"),
            lambda event: event["data"].pop("items"),
            lambda event: event["data"].update(verb="invent"),
            lambda event: event["data"]["items"][0].pop("old"),
            lambda event: event.update(specversion="0.3"),
            lambda event: event["data"]["transforms"][0].pop("from"),
        ],
    )
    def test_refuse_what_is_wrong(
        self, client: httpx.Client, validators: dict[str, Draft202012Validator], spoil: Any
    ) -> None:
        good = next(e for e in feed(client) if e["data"]["effective_on"] == "2021-01-06")
        validators["change-event"].validate(good)
        bad = copy.deepcopy(good)
        spoil(bad)

        with pytest.raises(ValidationError):
            validators["change-event"].validate(bad)

    def test_describe_snapshots_and_the_log(
        self, client: httpx.Client, validators: dict[str, Draft202012Validator]
    ) -> None:
        import json

        snapshot = client.get("/v1/snapshot?collection=divisions").text.splitlines()
        for line in snapshot[1:200]:
            validators["snapshot-line"].validate(json.loads(line))
        records = client.get("/v1/log/records?rows=without").text.splitlines()
        for line in records[:-1]:
            validators["log-record"].validate(json.loads(line))

    def test_are_never_edited_once_published(self) -> None:
        found = {
            file.name: hashlib.sha256(file.read_bytes()).hexdigest()
            for file in FILES.glob("*.json")
        }

        assert found == PUBLISHED, "published schemas are never edited: write a new version"

    def test_an_unknown_one_is_a_problem(self, client: httpx.Client) -> None:
        answered = client.get("/schemas/change/v9")

        assert (answered.status_code, answered.json()["code"]) == (404, "not-found")
