"""What every answer carries, and what every error looks like."""

import httpx
import pytest


class EveryAnswer:
    def test_says_which_change_it_knows_and_can_be_asked_for_again_for_nothing(
        self, client: httpx.Client
    ) -> None:
        first = client.get("/v1/divisions/3502?geometry=false")
        again = client.get(
            "/v1/divisions/3502?geometry=false", headers={"If-None-Match": first.headers["ETag"]}
        )

        assert int(first.headers["Registry-Change"]) > 0
        assert (again.status_code, again.content) == (304, b"")

    def test_is_a_memento_when_it_travels(self, client: httpx.Client) -> None:
        by_parameter = client.get("/v1/divisions/350213102?at=2020-12-31")
        by_header = client.get(
            "/v1/divisions/350213102",
            headers={"Accept-Datetime": "Thu, 31 Dec 2020 12:00:00 GMT"},
        )

        assert by_parameter.headers["Memento-Datetime"] == "Thu, 31 Dec 2020 00:00:00 GMT"
        assert by_header.json() == by_parameter.json()


PROBLEMS = [
    ("/v1/divisions?at=2021-02-30", 422, "date-is-invalid"),
    ("/v1/divisions?at=yesterday", 422, "date-is-invalid"),
    ("/v1/divisions?known=2021-13-01T00:00:00Z", 422, "date-is-invalid"),
    ("/v1/divisions?limt=3", 422, "request-is-invalid"),
    ("/v1/divisions?limit=0", 422, "request-is-invalid"),
    ("/v1/divisions?limit=many", 422, "request-is-invalid"),
    ("/v1/divisions?kind=planet", 422, "request-is-invalid"),
    ("/v1/divisions?bbox=1,2,3", 422, "geometry-is-invalid"),
    ("/v1/divisions?bbox=9,2,3,4", 422, "geometry-is-invalid"),
    ("/v1/divisions?cursor=nonsense", 422, "cursor-is-invalid"),
    ("/v1/changes?after=999999", 404, "change-is-unknown"),
    ("/v1/changes/999999", 404, "change-is-unknown"),
    ("/v1/crosswalk?from=2022-01-01&to=2021-01-01", 422, "period-is-empty"),
    ("/v1/crosswalk?from=2022-01-01", 422, "request-is-invalid"),
    ("/v1/restructurings/7f3a1c1e-6f0d-5c55-9a35-0a8f6ad8b4c7", 404, "restructuring-is-unknown"),
    ("/v1/nothing", 404, "not-found"),
    ("/v1/addresses/AAAAAAAAAAAA", 404, "address-code-is-mistyped"),
]


class EveryError:
    @pytest.mark.parametrize(("path", "status", "code"), PROBLEMS)
    def test_is_a_problem_document_in_the_readers_language(
        self, client: httpx.Client, path: str, status: int, code: str
    ) -> None:
        chinese = client.get(path, headers={"Accept-Language": "zh-CN"})
        english = client.get(path, headers={"Accept-Language": "en-GB,en;q=0.9"})

        assert (chinese.status_code, chinese.json()["code"]) == (status, code)
        assert chinese.headers["content-type"] == "application/problem+json"
        assert chinese.json()["type"] == f"/problems/{code}"
        assert chinese.json()["title"] != english.json()["title"]
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese.json()["detail"])
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in english.json()["title"])

    def test_is_explained_at_its_own_address(self, client: httpx.Client) -> None:
        for code in {code for _path, _status, code in PROBLEMS}:
            explained = client.get(f"/problems/{code}")
            assert explained.status_code == 200
            assert explained.json()["title_zh"]
        assert client.get("/problems/nothing").status_code == 404

    def test_of_the_wrong_method_is_one_too(self, client: httpx.Client) -> None:
        answered = client.delete("/v1/divisions")

        assert (answered.status_code, answered.json()["code"]) == (405, "method-not-allowed")


class TheDescription:
    def test_names_every_route_with_an_example(self, client: httpx.Client) -> None:
        document = client.get("/openapi.json").json()

        bare = []
        for path, verbs in document["paths"].items():
            for verb, operation in verbs.items():
                assert operation["operationId"] and operation["summary"], path
                content = operation["responses"].get("200", {}).get("content", {})
                as_json = content.get("application/json")
                wants = verb == "get" and path.startswith("/v1/") and "items" not in path
                if wants and as_json is not None and "example" not in as_json:
                    bare.append(path)
        assert bare == []

    def test_is_readable_by_people(self, client: httpx.Client) -> None:
        page = client.get("/docs").text

        assert "/v1/crosswalk" in page and "<script" not in page

    def test_the_service_is_ready_alive_and_measured(self, client: httpx.Client) -> None:
        assert client.get("/healthz").status_code == 200
        ready = client.get("/readyz").json()
        assert ready["status"] == "ready" and ready["change"] > 0
        assert 'http_requests_total{route="/readyz"' in client.get("/metrics").text
