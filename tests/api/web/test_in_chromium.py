"""The pages of residents in a real browser over the real demo city: phone, no script, no network."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageOps
from playwright.sync_api import Browser, BrowserContext, Page

from api.security import ensure_demo_keys
from registry.database import make_engine
from tests.api.test_plate_life import DOORS, Office
from tests.api.web.phone import chromium, overflow_px, phone
from tests.conftest import Databases, serving

MOST_BYTES = 60_000
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
DARK = {"scan", "revoked", "verdict"}
"""Pages that between them have every colour."""
WITHOUT_ED25519 = """
const known = SubtleCrypto.prototype.importKey;
SubtleCrypto.prototype.importKey = function (form, key, kind, ...more) {
  if ((kind.name || kind) === "Ed25519") return Promise.reject(new DOMException("", "NotSupportedError"));
  return known.call(this, form, key, kind, ...more);
};
"""
"""A browser that does not know Ed25519 by itself."""


@dataclass(frozen=True)
class Town:
    """A registry with plates that were issued before both restructurings."""

    office: Office
    door: str
    other: str
    short: str
    """What the symbol on the plate says."""
    signed: str
    revoked: str
    """The signed code of a plate that was called back."""

    @property
    def url(self) -> str:
        return str(self.office.client.base_url).rstrip("/")

    def artwork(self) -> bytes:
        """What the printed plate looks like."""
        plates = self.office.client.get("/v1/plates").json()["plates"]
        [plate] = [one for one in plates if one["address_code"] == self.door]
        return self.office.get(f"/v1/plates/{plate['id']}/artwork", format="png").content

    def path_of(self, code: str) -> str:
        return "/P/" + code.rpartition("/P/")[2]


@pytest.fixture(scope="module")
def town(
    databases: Databases, demo_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    name, home = f"city_{uuid4().hex[:12]}", tmp_path_factory.mktemp("home")
    url = databases.make(name, demo_template)
    engine = make_engine(url)
    keys = ensure_demo_keys(engine, home)
    engine.dispose()
    with serving(url, home) as place, httpx.Client(base_url=place, timeout=60) as client:
        office = Office(client, keys, home, url)
        found = client.get("/v1/geocode", params={"q": DOORS[0]}).json()
        door = str(found["results"][0]["address"]["code"])
        listed = client.get("/v1/addresses", params={"thoroughfare": "琼头中里", "limit": 9}).json()
        other = next(
            str(one["address"]["code"])
            for one in listed["addresses"]
            if one["address"]["code"] != door and not one["address"]["components"]["room"]
        )
        plate, lost = office.issue(door, other, kind="medium")
        revoked = office.code_on(lost, "signed")
        office.post(f"/v1/plates/{lost['id']}/revoke", json={"reason": "stolen"})
        yield Town(
            office, door, other, office.code_on(plate), office.code_on(plate, "signed"), revoked
        )
    databases.drop(name)


@pytest.fixture(scope="module")
def browser(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose camera sees the plate."""
    film = tmp_path_factory.mktemp("film") / "plate.y4m"
    film.write_bytes(filmed(town.artwork()))
    with chromium(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ) as opened:
        yield opened


def kept(page: Page) -> None:
    """Wait until the service worker holds what it needs without a network."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    until(page, "caches.match('/v1/plates/revocations').then(Boolean)")


def until(page: Page, expression: str) -> None:
    """Wait until something holds; playwright's own way would need eval, which the policy forbids."""
    for _turn in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(expression)


def opened_twice(context: BrowserContext, url: str) -> Page:
    """A page that was opened before, as the service worker keeps it from then on."""
    page = context.new_page()
    page.goto(url, wait_until="load")
    kept(page)
    page.reload(wait_until="load")
    return page


class WhenAPlateIssuedBeforeBothActsIsScanned:
    def test_a_phone_without_scripts_shows_standing_both_names_and_the_door(
        self, browser: Browser, town: Town
    ) -> None:
        with phone(browser, java_script_enabled=False) as context:
            page = context.new_page()
            page.goto(town.url + town.path_of(town.short))

            standing, plate = (
                page.locator(each).bounding_box() for each in ("#standing", ".plate")
            )
            assert page.locator("#standing h2").inner_text().startswith("真牌")
            assert "马巷镇" in page.locator("#standing").inner_text()
            assert "凤翔街道" in page.locator("#text").inner_text()
            assert "闽政文〔2021〕3号" in page.locator("main").inner_text()
            assert page.locator("#map svg").is_visible()
            assert standing is not None and plate is not None
            assert standing["y"] < plate["y"] < 740
            assert overflow_px(page) == 0
            assert context.cookies() == []

    def test_under_another_public_url_it_still_opens_its_door(
        self, browser: Browser, town: Town
    ) -> None:
        office = town.office
        with (
            serving(office.url, office.home, PUBLIC_URL="https://new.example.cn") as moved,
            phone(browser) as context,
        ):
            page = context.new_page()
            page.goto(moved + town.path_of(town.signed))

            assert page.url.startswith(f"{moved}/a/{town.door}")
            assert page.locator("#standing h2").inner_text().startswith("真牌")
            assert "马巷镇" in page.content() and "凤翔街道" in page.content()

    @pytest.mark.parametrize("native", [True, False], ids=["webcrypto", "noble"])
    def test_offline_it_opens_again_and_its_signature_is_verified_on_the_phone(
        self, browser: Browser, town: Town, native: bool
    ) -> None:
        with phone(browser) as context:
            if not native:
                context.add_init_script(WITHOUT_ED25519)
            page = opened_twice(context, f"{town.url}/a/{town.door}?lang=zh")
            page.wait_for_timeout(300)
            context.set_offline(True)

            def standing(code: str) -> str:
                page.goto(town.url + town.path_of(code))
                page.wait_for_selector("[id^=h-kept-]")
                return page.locator("[id^=h-kept-]").inner_text()

            assert standing(town.signed) == "签名真实（离线核验）"
            assert "琼头中里9号" in page.locator("[data-told]").inner_text()
            assert "凤翔街道" in page.content() and "马巷镇" in page.content()
            assert page.locator("#kept").is_visible()
            assert standing(town.short) == "需要联网核验"
            assert standing(town.revoked) == "已作废（离线核验）"
            altered = town.signed[:-9] + ("0" if town.signed[-9] != "0" else "1") + town.signed[-8:]
            assert standing(altered) == "签名不符（离线核验）"
            page.goto(f"{town.url}/a/{town.door}?lang=zh")
            assert "凤翔街道" in page.locator("#text").inner_text()

    def test_a_certificate_is_proven_offline_by_its_symbol(
        self, browser: Browser, town: Town
    ) -> None:
        file = town.office.client.get(f"/v1/addresses/{town.door}/certificate").json()
        with phone(browser) as context:
            page = opened_twice(context, f"{town.url}/verify?lang=zh")
            verdicts = page.evaluate(
                "async (file) => { const trust = await plates.trust();"
                " const whole = (await plates.judgeDocument(file, trust))[0];"
                " file.certificate.address += '1';"
                " return [whole, (await plates.judgeDocument(file, trust))[0]]; }",
                file,
            )
            context.set_offline(True)
            page.goto(f"{town.url}/C/{file['seal']}")
            page.wait_for_selector("#h-kept-certificate")

            assert verdicts == ["genuine", "forged"]
            assert file["certificate"]["address"] in page.locator("#main").inner_text()


class TheFirstLoad:
    def test_is_small_and_asks_nobody_else(self, browser: Browser, town: Town) -> None:
        with phone(browser) as context:
            asked: list[str] = []
            context.on("request", lambda request: asked.append(request.url))
            page = context.new_page()
            session = context.new_cdp_session(page)
            session.send("Network.enable")
            sizes: list[int] = []
            session.on(
                "Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"])
            )
            page.goto(town.url + town.path_of(town.short), wait_until="load")
            page.locator("img").first.scroll_into_view_if_needed()
            kept(page)
            page.wait_for_timeout(500)
            # What the service worker fetches does not show in the page's session.
            worker = sum(
                size_of(town, path)
                for path in ("/verify", "/v1/plates/keys", "/v1/plates/revocations")
            )
            scripts = sum(
                size_of(town, f"/assets/{name}.js") for name in ("plate", "verify", "page")
            )

            shown = sum(sizes)
            assert 10_000 < shown < MOST_BYTES
            assert shown + worker + scripts + size_of(town, "/sw.js") < MOST_BYTES
            assert {httpx.URL(one).host for one in asked} == {"127.0.0.1"}
            assert context.cookies() == []

    def test_is_under_a_policy_that_lets_nothing_else_in(self, town: Town) -> None:
        for path in (f"/a/{town.door}", "/verify", f"/a/{town.door}/report", "/reports", "/"):
            headers = town.office.client.get(path).headers
            policy = headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy and "unsafe" not in policy
            assert headers["Referrer-Policy"] == "no-referrer"
            assert "set-cookie" not in headers


def size_of(town: Town, path: str) -> int:
    """Bytes of an answer as they travel, with some for its head."""
    with town.office.client.stream("GET", path) as answered:
        return sum(map(len, answered.iter_raw())) + 400


def pages_of(town: Town) -> dict[str, str]:
    return {
        "scan": town.path_of(town.short),
        "door": f"/a/{town.door}?lang=en",
        "then": f"/a/{town.door}?lang=zh&at=2020-12-31",
        "revoked": town.path_of(town.revoked),
        "report": f"/a/{town.door}/report?lang=zh",
        "tickets": "/reports?lang=en",
        "verify": "/verify?lang=zh",
        "verdict": f"/verify?lang=en&code={town.path_of(town.short)[3:]}&door={town.other}",
    }


class EveryPageOfResidents:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_has_no_barrier_that_axe_finds(self, browser: Browser, town: Town, scheme: str) -> None:
        found: dict[str, Any] = {}
        with phone(browser, color_scheme=scheme) as context:
            page = context.new_page()
            for name, path in pages_of(town).items():
                if scheme == "dark" and name not in DARK:
                    continue
                page.goto(town.url + path)
                answered = Axe().run(page, options=WCAG).response
                assert len(answered["passes"]) > 15, name
                for one in answered["violations"]:
                    found[f"{name} {one['id']}"] = [node["html"][:200] for node in one["nodes"]]

        assert found == {}

    def test_fits_a_narrow_phone_and_type_twice_as_large(
        self, browser: Browser, town: Town
    ) -> None:
        with phone(browser, width_px=320) as context:
            page = context.new_page()
            for name, path in pages_of(town).items():
                page.goto(town.url + path)
                assert overflow_px(page) == 0, name
                page.evaluate("document.documentElement.style.fontSize = '200%'")
                assert overflow_px(page) == 0, name
                cut = page.evaluate(
                    "[...document.querySelectorAll('main a, main button, main h1, main h2, main p')]"
                    ".filter((each) => each.scrollWidth > each.clientWidth + 1 && each.clientWidth)"
                    ".map((each) => each.outerHTML.slice(0, 120))"
                )
                assert cut == [], name

    def test_prints_on_paper_with_the_address_and_without_buttons(
        self, browser: Browser, town: Town, tmp_path: Path
    ) -> None:
        import subprocess

        with phone(browser, java_script_enabled=False) as context:
            page = context.new_page()
            page.goto(town.url + town.path_of(town.short))
            printed = tmp_path / "page.pdf"
            page.pdf(path=printed, format="A4", print_background=True)

        text = subprocess.run(
            ["pdftotext", printed, "-"], capture_output=True, text=True, check=True
        ).stdout
        info = subprocess.run(["pdfinfo", printed], capture_output=True, text=True, check=True)
        assert "真牌" in text and "凤翔街道" in text and "马巷镇" in text
        assert "复制地址" not in text and "高德地图" not in text
        assert int(info.stdout.partition("Pages:")[2].split()[0]) <= 4


class WhenScriptsRun:
    def test_the_map_can_be_moved_and_shows_doors_from_this_server(
        self, browser: Browser, town: Town
    ) -> None:
        with phone(browser) as context:
            asked: list[str] = []
            context.on("request", lambda request: asked.append(request.url))
            page = context.new_page()
            page.goto(f"{town.url}/a/{town.door}?lang=zh")
            with page.expect_response("**/map/**"):
                page.locator("#map-open").click()
            page.wait_for_selector("#map canvas")
            page.wait_for_timeout(400)
            before = page.locator("#map canvas").screenshot()
            page.get_by_role("button", name="放大").click()
            page.locator("#map canvas").press("ArrowLeft")
            page.wait_for_timeout(300)
            after = page.locator("#map canvas").screenshot()
            violations = Axe().run(page, options=WCAG).response["violations"]

            assert colours(before) > 3 and before != after
            assert {httpx.URL(one).host for one in asked} == {"127.0.0.1"}
            assert [one["id"] for one in violations] == []

    def test_the_address_and_the_emergency_text_are_copied_in_one_tap(
        self, browser: Browser, town: Town
    ) -> None:
        with phone(browser, permissions=["clipboard-read", "clipboard-write"]) as context:
            page = context.new_page()
            page.goto(f"{town.url}/a/{town.door}?lang=zh")
            copied = []
            for name in ("复制地址", "复制这段话"):
                page.get_by_role("button", name=name).click()
                page.get_by_role("button", name="已复制").first.wait_for()
                copied.append(page.evaluate("navigator.clipboard.readText()"))
                page.wait_for_timeout(2100)

            assert copied[0] == page.locator("#text").inner_text()
            assert copied[1].startswith("我在福建省") and "北纬" in copied[1]

    def test_a_problem_is_reported_in_three_taps(self, browser: Browser, town: Town) -> None:
        with phone(browser, java_script_enabled=False) as context:
            page = context.new_page()
            page.goto(town.url + town.path_of(town.short))
            page.locator("nav.three").get_by_text("报告问题").tap()
            page.get_by_text("门牌损坏、看不清").tap()
            page.get_by_role("button", name="提交").tap()
            page.wait_for_url("**/reports/**")

            assert page.locator("h1").inner_text() == "报告已收到"
            assert "/reports/" in page.url

    def test_the_camera_reads_a_plate(self, browser: Browser, town: Town) -> None:
        with phone(browser, permissions=["camera"]) as context:
            page = context.new_page()
            page.goto(f"{town.url}/verify?lang=zh")
            page.locator("#camera").click()
            page.wait_for_url("**/verify?*code=*", timeout=20_000)

            assert page.locator("#standing h2").inner_text().startswith("真牌")
            assert "琼头中里" in page.locator(".plate.mini").inner_text()


def filmed(picture: bytes) -> bytes:
    """A still picture as a film a camera might take (YUV4MPEG2, 4:2:0)."""
    width, height = 640, 480
    with Image.open(io.BytesIO(picture)) as opened:
        still = ImageOps.pad(opened.convert("RGB"), (width, height), color="#888")
    planes = np.asarray(still.convert("YCbCr"))
    luma, blue, red = planes[..., 0], planes[::2, ::2, 1], planes[::2, ::2, 2]
    frame = b"FRAME\n" + luma.tobytes() + blue.tobytes() + red.tobytes()
    return f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 10


def colours(shot: bytes) -> int:
    """How many colours a picture has."""
    with Image.open(io.BytesIO(shot)) as opened:
        found = opened.convert("RGB").getcolors(1 << 24)
    return len(found or ())
