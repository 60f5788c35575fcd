"""What HTTP promises of every resource: HEAD wherever GET is, and the original of every memento."""

import socket

import httpx
import pytest

LAST_DAY = "Thu, 31 Dec 2020 00:00:00 GMT"
BEYOND = 2**63


class TheHeadOfAnAnswer:
    @pytest.mark.parametrize(
        "path",
        [
            "/",
            "/v1/divisions?limit=3",
            "/v1/divisions/350213",
            "/v1/changes?after=0&limit=3",
            "/v1/changes/stream?after=0",
            "/v1/snapshot?change=3",
            "/v1/log/checkpoint",
            "/openapi.json",
        ],
    )
    def test_is_answered_like_a_read_without_its_body(
        self, client: httpx.Client, path: str
    ) -> None:
        with client.stream("GET", path) as read:
            wanted = read.status_code, read.headers["content-type"], read.headers.get("etag")

        asked = client.head(path)

        found = asked.status_code, asked.headers["content-type"], asked.headers.get("etag")
        assert found == wanted
        assert asked.content == b""

    def test_is_refused_where_nothing_can_be_read(self, client: httpx.Client) -> None:
        assert client.head("/v1/subscriptions/1/ping").status_code == 405
        assert client.head("/v1/changes/99999").status_code == 404


class RawBytesInAQuery:
    @pytest.mark.parametrize(
        ("target", "status"),
        [
            ("/v1/geocode?q=琼头中里9号", 200),
            ("/v1/reverse?lon=118.2&lat=24.6&lang=琼", 200),
            ("/?q=琼头", 200),
            ("/v1/divisions?limit=琼", 422),
        ],
    )
    @pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
    def test_are_read_as_if_they_were_escaped(
        self, client: httpx.Client, target: str, status: int, encoding: str
    ) -> None:
        where = client.base_url.host, client.base_url.port or 80
        with socket.create_connection(where, timeout=30) as line:
            ask = f"GET {target} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"
            line.sendall(ask.encode(encoding))
            said = line.makefile("rb").readline()

        assert said.split()[1] == str(status).encode()


class EveryMemento:
    @pytest.mark.parametrize(
        "path",
        [
            "/v1/divisions?limit=3&level=4",
            "/v1/divisions/350213",
            "/v1/divisions/350213/children",
            "/v1/divisions/350213/history",
            "/v1/divisions/350213/lineage",
            "/v1/codes/350213",
            "/v1/addresses?within=350213&limit=2",
            "/v1/geocode?q=%E6%BE%B3%E5%A4%B4",
            "/v1/reverse?lon=118.2&lat=24.6",
            "/v1/restructurings",
            "/?q=%E6%BE%B3%E5%A4%B4",
        ],
    )
    def test_says_when_it_is_of_and_what_it_is_of(self, client: httpx.Client, path: str) -> None:
        by_header = client.get(path, headers={"Accept-Datetime": LAST_DAY})
        joint = "&" if "?" in path else "?"
        by_parameter = client.get(f"{path}{joint}at=2020-12-31")
        present = client.get(path)

        for one in (by_header, by_parameter):
            assert one.status_code == 200, one.text
            assert one.headers["memento-datetime"] == LAST_DAY
            assert "Accept-Datetime" in one.headers["vary"]
            original, relation, _rest = (one.headers["link"] + ",").partition('; rel="original')
            assert relation
            same = client.get(original.rpartition("<")[2].rstrip(">"))
            assert same.content == present.content
        assert "memento-datetime" not in present.headers

    def test_of_no_moment_is_refused(self, client: httpx.Client) -> None:
        for said in ("yesterday", "2020-12-31", "Thu, 99 Dec 2020 00:00:00 GMT"):
            refused = client.get("/v1/divisions/350213", headers={"Accept-Datetime": said})
            assert refused.json()["code"] == "date-is-invalid"


class TheNumberOfNoChange:
    @pytest.mark.parametrize(
        "path",
        [
            f"/v1/changes?after={BEYOND}",
            f"/v1/changes/{BEYOND}",
            f"/v1/changes/{BEYOND}/items",
            f"/v1/changes/{BEYOND}/transforms",
            f"/v1/changes/{BEYOND}/addresses",
            f"/v1/changes/stream?after={BEYOND}",
            f"/v1/snapshot?change={BEYOND}",
            f"/v1/snapshot/hashes?change={BEYOND}",
            f"/v1/log/records?after={BEYOND}",
            f"/v1/log/inclusion?change={BEYOND}&size={BEYOND}",
            f"/v1/log/consistency?first=1&second={BEYOND}",
            f"/v1/log/tile/{BEYOND}/000",
            "/v1/log/tile/0/x999/x999/x999/x999/x999/x999/x999/000",
            "/v1/log/tile/entries/x999/x999/x999/x999/x999/x999/x999/000",
        ],
    )
    def test_is_unknown_and_no_fault_of_the_registry(self, client: httpx.Client, path: str) -> None:
        refused = client.get(path)

        assert refused.status_code == 404
        assert refused.json()["code"] in ("change-is-unknown", "log-has-no-such-size")


class WhoAsksWithEarlierKnowledge:
    def test_follows_no_further_than_was_known(self, client: httpx.Client) -> None:
        seventh = client.get("/v1/changes/7").json()["recorded_at"]
        asked = {"known": seventh, "limit": "5"}

        first = client.get("/v1/changes", params={**asked, "after": "0"})
        rest = client.get(first.links["next"]["url"])
        beyond = client.get("/v1/changes", params={**asked, "after": "8"})
        state = client.get("/v1/snapshot", params={"known": seventh})

        assert [int(event["id"]) for event in first.json() + rest.json()] == [*range(1, 8)]
        assert "next" not in rest.links
        assert beyond.json()["code"] == "change-is-unknown"
        assert state.content == client.get("/v1/snapshot?change=7").content
