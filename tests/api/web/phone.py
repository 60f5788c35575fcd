"""A real chromium as a phone, for the tests beside."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    """Debian's browser."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=[*ARGUMENTS, *more]
        )
        yield opened
        opened.close()


@contextmanager
def phone(browser: Browser, *, width_px: int = 360, **more: Any) -> Iterator[BrowserContext]:
    """A phone of its own: nothing kept from before."""
    context = browser.new_context(
        viewport={"width": width_px, "height": 740}, has_touch=True, **{"locale": "zh-CN", **more}
    )
    yield context
    context.close()


def overflow_px(page: Page) -> int:
    """How far a page reaches beyond the screen sideways."""
    found: int = page.evaluate(
        "Math.max(0, document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth)"
    )
    return found
