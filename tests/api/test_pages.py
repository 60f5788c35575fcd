"""Pages for people, from the real registry: useful on a cheap phone, in two languages."""

import re

import httpx
import pytest

LARGEST_BYTES = 60_000


@pytest.fixture(scope="module")
def code(client: httpx.Client) -> str:
    found = client.get("/v1/geocode", params={"q": "翔安区琼头社区琼头中里9号"}).json()
    made: str = found["results"][0]["address"]["code"]
    return made


class WhenAPlateIsScanned:
    def test_the_page_tells_the_address_now_and_what_it_was_called_before(
        self, client: httpx.Client, code: str
    ) -> None:
        page = client.get(f"/a/{code}").text

        assert "凤翔街道" in page
        assert "马巷镇" in page
        assert "闽政文〔2021〕3号" in page
        assert "<svg" in page
        assert "<script>" not in page
        assert len(page.encode()) < LARGEST_BYTES

    def test_the_page_of_an_earlier_day_shows_the_town(
        self, client: httpx.Client, code: str
    ) -> None:
        page = client.get(f"/a/{code}", params={"at": "2020-12-31"}).text

        assert "福建省厦门市翔安区马巷镇琼头社区琼头中里9号" in page

    def test_the_reader_chooses_the_language(self, client: httpx.Client, code: str) -> None:
        path = f"/a/{code}"

        assert '<html lang="en"' in client.get(path, params={"lang": "en"}).text
        assert '<html lang="en"' in client.get(path, headers={"Accept-Language": "en-GB"}).text
        assert '<html lang="zh' in client.get(path).text

    def test_a_machine_gets_json(self, client: httpx.Client, code: str) -> None:
        answered = client.get(f"/a/{code}", headers={"Accept": "application/json"})

        assert answered.json()["address"]["code"] == code

    def test_either_case_of_the_code_opens_it(self, client: httpx.Client, code: str) -> None:
        assert client.get(f"/a/{code.lower()}").status_code == 200
        assert client.get(f"/A/{code}").status_code == 200

    def test_a_slip_of_the_pen_gets_a_friendly_page(self, client: httpx.Client, code: str) -> None:
        slip = code[:-1] + ("0" if code[-1] != "0" else "1")

        answered = client.get(f"/a/{slip}")

        assert answered.status_code == 404
        assert answered.headers["content-type"].startswith("text/html")
        assert f"/a/{code}" in answered.text

    def test_the_same_slip_is_a_problem_to_a_machine(self, client: httpx.Client, code: str) -> None:
        answered = client.get(f"/a/{code}X", headers={"Accept": "application/json"})

        assert answered.status_code == 404
        assert answered.headers["content-type"] == "application/problem+json"


class WhenTheFrontPageIsOpened:
    def test_it_shows_the_city_and_its_restructurings(self, client: httpx.Client) -> None:
        page = client.get("/").text

        assert "厦门市" in page
        assert "撤销马巷镇" in page

    def test_a_former_name_finds_the_door_and_says_why(
        self, client: httpx.Client, code: str
    ) -> None:
        page = client.get("/", params={"q": "马巷镇琼头中里9号"}).text

        assert f"/a/{code}" in page
        assert "闽政文〔2021〕3号" in page

    @pytest.mark.parametrize("q", ["<script>alert(1)</script>", "%", "' OR 1=1 --", "号" * 150])
    def test_whatever_is_typed_is_shown_as_text(self, client: httpx.Client, q: str) -> None:
        answered = client.get("/", params={"q": q})

        assert answered.status_code == 200
        assert "<script>alert" not in answered.text


class WhenARestructuringIsOpened:
    def test_what_it_did_is_shown_after_it_was_done(self, client: httpx.Client) -> None:
        acts = client.get("/v1/restructurings").json()["restructurings"]
        act = next(one for one in acts if one["title"].startswith("撤销马巷镇"))

        page = client.get(f"/restructurings/{act['id']}")

        assert page.status_code == 200
        assert "350213102" in page.text
        assert "350213002" in page.text

    def test_one_that_does_not_exist_gets_a_friendly_page(self, client: httpx.Client) -> None:
        answered = client.get("/restructurings/9a3c5a0e-0000-4000-8000-000000000000")

        assert answered.status_code == 404
        assert answered.headers["content-type"].startswith("text/html")

    def test_neither_does_a_word(self, client: httpx.Client) -> None:
        assert client.get("/restructurings/nothing").status_code == 404


class TheLogForPeople:
    def test_shows_every_change_newest_first(self, client: httpx.Client) -> None:
        head = client.get("/readyz").json()["change"]
        page = client.get("/changes", headers={"Accept-Language": "zh-CN"}).text

        assert "撤销马巷镇、新店镇，设立马巷街道、新店街道" in page
        assert page.index(f"<b>{head}</b>") < page.index(f"<b>{head - 1}</b>")
        assert "<script" not in page
        english = client.get("/changes?before=3&lang=en").text
        assert "<b>2</b>" in english and "<b>3</b>" not in english

    def test_leads_to_what_each_change_did(self, client: httpx.Client) -> None:
        page = client.get("/changes").text
        link = re.search(r'href="(/v1/diff\?[^"]+)"', page)

        assert link is not None
        shown = client.get(link[1].replace("&amp;", "&"))
        assert shown.status_code == 200
        assert shown.headers["content-type"].startswith("text/html")
        assert "<script" not in shown.text
