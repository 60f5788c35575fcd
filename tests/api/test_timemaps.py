"""Time travel by HTTP's own means (RFC 7089): time gates, mementos, time maps."""

import re

import httpx
import pytest

# What each GET takes to answer; the paths not named here read no state of a day.
EXAMPLES = {
    "/v1/divisions": "/v1/divisions?limit=1",
    "/v1/divisions/{division}": "/v1/divisions/350213?geometry=false",
    "/v1/divisions/{division}/children": "/v1/divisions/350213/children",
    "/v1/divisions/{division}/history": "/v1/divisions/350213/history",
    "/v1/divisions/{division}/lineage": "/v1/divisions/350213/lineage",
    "/v1/divisions/{division}/timemap": "/v1/divisions/350213/timemap",
    "/v1/codes/{code}": "/v1/codes/350213",
    "/v1/codes/{code}/timemap": "/v1/codes/350213/timemap",
    "/v1/addresses": "/v1/addresses?limit=1",
    "/v1/addresses/{code}": "/v1/addresses/{code}",
    "/v1/addresses/{code}/certificate": "/v1/addresses/{code}/certificate",
    "/v1/addresses/{code}/history": "/v1/addresses/{code}/history",
    "/v1/addresses/{code}/timemap": "/v1/addresses/{code}/timemap",
    "/v1/crosswalk": "/v1/crosswalk?from=2020-01-01&to=2021-01-01&level=4",
    "/v1/diff": "/v1/diff?from=2020-01-01&to=2021-01-01&collection=divisions",
    "/v1/geocode": "/v1/geocode?q=翔安区",
    "/v1/reverse": "/v1/reverse?lon=118.2&lat=24.6",
    "/v1/autocomplete": "/v1/autocomplete?q=翔安",
    "/v1/boundary-lines": "/v1/boundary-lines?within=350213&level=4",
    "/v1/boundary-markers": "/v1/boundary-markers?limit=1",
    "/v1/plates/reprints": "/v1/plates/reprints?within=350213",
}
WITHOUT_A_DAY = re.compile(
    r"/v1/(changes|log|snapshot|subscriptions|consumers|restructurings|undoings|crosswalk/signature"
    r"|plates(?!/reprints)|reports|boundary-updates"
    # The demonstration has no lines and markers, so there is no single one to ask for.
    r"|boundary-(lines|markers)/)"
)
THEN = {"Accept-Datetime": "Thu, 31 Dec 2020 12:00:00 GMT"}


@pytest.fixture(scope="module")
def door(client: httpx.Client) -> str:
    found = client.get("/v1/addresses?within=350213&limit=1").json()
    return str(found["addresses"][0]["address"]["code"])


class EveryReadOfAState:
    def test_goes_back_to_the_moment_asked_for(self, client: httpx.Client, door: str) -> None:
        paths = client.get("/openapi.json").json()["paths"]
        reads = {
            path for path, verbs in paths.items() if path.startswith("/v1/") and "get" in verbs
        }

        assert {path for path in reads if not WITHOUT_A_DAY.match(path)} == EXAMPLES.keys()
        for path in EXAMPLES.values():
            answered = client.get(path.replace("{code}", door), headers=THEN)
            assert answered.status_code == 200, path
            assert answered.headers["Memento-Datetime"] == "Thu, 31 Dec 2020 00:00:00 GMT", path
            assert "Accept-Datetime" in answered.headers["Vary"], path

    def test_a_moment_that_is_none_is_refused(self, client: httpx.Client) -> None:
        answered = client.get("/v1/divisions", headers={"Accept-Datetime": "long ago"})

        assert (answered.status_code, answered.json()["code"]) == (422, "date-is-invalid")


class TheTimeMap:
    @pytest.mark.parametrize("path", ["/v1/divisions/350213002", "/v1/codes/350213102"])
    def test_leads_to_every_stretch(self, client: httpx.Client, path: str) -> None:
        links = client.get(path).links

        listed = client.get(links["timemap"]["url"])

        assert listed.headers["content-type"].startswith("application/link-format")
        mementos = re.findall(r'<([^>]+)>; rel="[a-z ]*memento"; datetime="([^"]+)"', listed.text)
        assert len(mementos) >= 2
        for address, moment in mementos:
            assert client.get(address).headers["Memento-Datetime"] == moment
        assert 'rel="first memento"' in listed.text and 'rel="last memento"' in listed.text

    def test_of_a_town_has_the_day_it_became_a_subdistrict(self, client: httpx.Client) -> None:
        timegate = client.get("/v1/divisions/350213002").links["original timegate"]["url"]

        listed = client.get(f"{timegate}/timemap", headers={"Accept": "application/json"}).json()

        assert f"{timegate}?at=2021-01-06" in [one["href"] for one in listed["mementos"]]
        before = client.get(timegate, headers={"Accept-Datetime": "Tue, 05 Jan 2021 12:00:00 GMT"})
        assert before.json()["division"]["name"] == "马巷镇"
        assert before.json()["division"]["status"] == "in_force"

    def test_of_a_door_has_a_memento_a_text(self, client: httpx.Client, door: str) -> None:
        texts = client.get(f"/v1/addresses/{door}/history").json()["texts"]

        listed = client.get(client.get(f"/v1/addresses/{door}").links["timemap"]["url"])

        assert listed.text.count("memento") == len(texts)
