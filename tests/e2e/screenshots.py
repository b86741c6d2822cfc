"""Takes the README's pictures from a running week: `python -m tests.e2e.screenshots docs/screenshots`."""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser

from tests.e2e.browser import Window, open_browser, open_window
from tests.e2e.world import Person, World, open_world


async def take(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as home:
        async with open_world(Path(home), "--join", "finance") as world, open_browser() as browser:
            await _prepare(world)
            await _desktop(world, browser, folder)
            await _phone(world, browser, folder)


async def _prepare(world: World) -> None:
    """Maya installs, connects, chooses #finance for the digest and posts one."""
    await world.install("maya")
    maya = world.person("maya")
    await world.connect(maya)
    await maya.sees("The books are up to date", "app")
    await _choose_channel(world, maya)
    await maya.types("digest now")
    await maya.sees(
        lambda messages: next((one for one in messages if not one["ephemeral"] and one.get("bot_id")), None)
    )


async def _choose_channel(world: World, maya: Person) -> None:
    await maya.clicks(await maya.types("settings"), "Digest")
    channels = (await world.slack("GET", "/session", {"as": "maya"}))["channels"]
    finance = next(one["id"] for one in channels if one["name"] == "finance")
    await maya.submits(await maya.modal(), channel=finance, amounts_in_channel="show")


async def _desktop(world: World, browser: Browser, folder: Path) -> None:
    maya = await open_window(browser, world.slack_url, "maya", width=1100, height=1120)
    tom = await open_window(browser, world.slack_url, "tom", width=1100, height=1620)
    await tom.goes("finance")
    await _shoot(tom, folder / "digest.png")
    await maya.goes("finance")
    for name, words in (("headline", "/runway"), ("tray", "/runway tray"), ("console", "/runway console bills")):
        reply = await maya.types(words)
        await reply.scroll_into_view_if_needed()
        await _shoot(maya, folder / f"{name}.png")
    await maya.types("/runway forecast")
    await _shoot(maya, folder / "forecast.png")
    await maya.goes("app&tab=home")
    await maya.sees("Waiting for you")
    await _shoot(maya, folder / "home.png")


async def _phone(world: World, browser: Browser, folder: Path) -> None:
    maya = await open_window(browser, world.slack_url, "maya", width=390, height=844)
    await maya.goes("app&tab=messages")
    await _shoot(maya, folder / "phone.png")


async def _shoot(window: Window, path: Path) -> None:
    await window.page.wait_for_timeout(700)  # fonts and scrolling settle; a picture has no event to wait for
    await window.page.screenshot(path=path)


if __name__ == "__main__":
    pictures = Path(sys.argv[1])
    pictures.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(pictures))
