"""Chromium on the Slack-like page, driven as a person drives it: by what can be read and pressed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Locator, Page, async_playwright, expect

NAMES = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable")
CHROMIUM = next((path for path in map(Path, NAMES) if path.exists()), None)
ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PATIENCE_MS = 30_000


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        await browser.close()


@dataclass
class Window:
    """One person's window."""

    page: Page
    base_url: str
    handle: str

    async def goes(self, place: str) -> None:
        """A channel, or the app: `finance`, `app&tab=home`, `app&tab=messages`."""
        await self.page.goto(f"{self.base_url}/w/harbor-pine?as={self.handle}&channel={place}")
        if not place.endswith("tab=home"):
            await expect(self.messages.first).to_be_visible(timeout=PATIENCE_MS)

    async def types(self, words: str) -> Locator:
        """By keyboard alone; returns the private reply."""
        composer = self.page.get_by_test_id("composer")
        before = await self.messages.count()
        await composer.fill(words)
        await composer.press("Escape")  # closes the list of commands, so that Enter sends
        await composer.press("Enter")
        await expect(self.messages).to_have_count(before + 1, timeout=PATIENCE_MS)
        return self.messages.last

    @property
    def messages(self) -> Locator:
        return self.page.get_by_test_id("message")

    async def sees(self, words: str) -> Locator:
        found = self.page.get_by_text(words).last
        await expect(found).to_be_visible(timeout=PATIENCE_MS)
        return found

    async def presses(self, within: Locator | Page, label: str) -> None:
        await within.get_by_role("button", name=label).first.click()


async def open_window(browser: Browser, base_url: str, handle: str, *, width: int = 1280, height: int = 900) -> Window:
    page = await browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(PATIENCE_MS)
    return Window(page, base_url, handle)
