"""The week's first day once more, in a real browser: only what a person can read, type and press."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.browser import CHROMIUM, PATIENCE_MS, open_browser, open_window
from tests.e2e.world import World, open_world

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with open_world(Path(tmp_path_factory.mktemp("browser")), "--join", "finance") as running:
        yield running


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as running:
        yield running


async def test_install_connect_read_and_approve(world: World, browser: Browser) -> None:
    maya = await open_window(browser, world.slack_url, "maya")

    await maya.goes("finance")
    await maya.page.get_by_test_id("add-to-slack").click()
    await maya.presses(maya.page, "Allow")
    await maya.sees("It has sent you a direct message")
    await maya.page.get_by_role("link", name="Open Slack").click()

    await maya.goes("finance")
    reply = await maya.types("/runway connect")
    async with maya.page.context.expect_page() as opened:
        await reply.get_by_role("link", name="Connect QuickBooks").click()
    intuit = await opened.value
    await intuit.get_by_role("button", name="Connect").click()
    await expect(intuit.get_by_text("QuickBooks is connected")).to_be_visible(timeout=PATIENCE_MS)
    await intuit.reload()
    await expect(intuit.get_by_text("QuickBooks was connected here")).to_be_visible(timeout=PATIENCE_MS)

    await maya.goes("app&tab=messages")
    await maya.sees("The books are up to date")

    await maya.goes("finance")
    headline = await maya.types("/runway")
    await expect(headline.get_by_text("Available cash")).to_be_visible()
    tray = await maya.types("/runway tray")
    await expect(tray.get_by_role("button", name="Resolve").first).to_be_visible()
    console = await maya.types("/runway console bills")
    await maya.presses(console, "Approve")
    await expect(console.get_by_text("1 decided")).to_be_visible(timeout=PATIENCE_MS)

    await maya.goes("app&tab=home")
    await maya.sees("1 approved bill")


async def test_somebody_without_rights_reads_who_can_help(world: World, browser: Browser) -> None:
    tom = await open_window(browser, world.slack_url, "tom")
    await tom.goes("finance")
    reply = await tom.types("/runway console")
    await expect(reply.get_by_text("Maya")).to_be_visible()
