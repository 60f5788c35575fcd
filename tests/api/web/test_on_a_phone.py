"""The pages in a real browser at phone size, without JavaScript."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from api.web.page import (
    render_address_page,
    render_error_page,
    render_home,
)
from api.web.plans import render_restructuring
from tests.api.web.pages import ACT, ASKED, POOR, RETIRED, RICH, in_english

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PAGES = {
    "address-zh": render_address_page(RICH),
    "address-en": render_address_page(in_english(RICH)),
    "address-poor": render_address_page(POOR),
    "address-retired": render_address_page(RETIRED),
    "home-zh": render_home(ASKED),
    "home-en": render_home(in_english(ASKED)),
    "act-zh": render_restructuring(ACT),
    "act-en": render_restructuring(in_english(ACT)),
    "error": render_error_page("地址代码有误", "校验不符", 404, "zh", RICH.code),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=list(ARGUMENTS)
        )
        yield opened
        opened.close()


class WhenAPageOpensOnAPhone:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("width_px", [320, 360])
    @pytest.mark.parametrize("name", list(PAGES))
    def test_the_plate_is_seen_and_nothing_scrolls_sideways(
        self, browser: Browser, tmp_path: Path, name: str, width_px: int, scheme: str
    ) -> None:
        context = browser.new_context(
            viewport={"width": width_px, "height": 740},
            java_script_enabled=False,
            color_scheme="dark" if scheme == "dark" else "light",
        )
        page = context.new_page()
        page.set_content(PAGES[name])

        plate = page.locator(".plate").bounding_box()
        body = page.locator("html").bounding_box()

        assert plate is not None
        assert body is not None
        assert plate["y"] + plate["height"] < 740
        assert plate["width"] > width_px * 0.8
        overflow = context.new_cdp_session(page).send("Page.getLayoutMetrics")
        assert overflow["cssContentSize"]["width"] <= width_px
        context.close()
