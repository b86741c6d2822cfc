"""The page in a real browser: what a person sees, clicks, types and hears."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient
from starlette.responses import PlainTextResponse

from tests.contract.slack_sandbox_stage import Stage, stage
from tests.contract.test_slack_sandbox_acts import CARD, MODAL, plain

JsonObject = dict[str, Any]

CHROMIUM = next((Path(one) for one in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(one).exists()), None)
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        await launched.close()


async def open_page(browser: Browser, s: Stage, path: str = "/w/harbor-pine?as=maya&channel=general") -> Page:
    page = await browser.new_page()
    await page.goto(s.sandbox.base_url + path)
    await page.wait_for_selector("[data-testid=message]")
    return page


async def test_text_is_shown_as_slack_shows_it_and_escapes_stay_literal(tmp_path: Path, browser: Browser) -> None:
    async with stage(tmp_path, auto_join=("general",)) as s:
        client = await s.install()
        maya = await s.person_id("maya")
        page = await open_page(browser, s)
        for text in (
            "Literal &lt;!channel&gt; &lt;@U1&gt; &amp;lt;",
            f"Real <!here> <@{maya}> <https://a.test/?a=1&amp;b=2|a &lt;link&gt;> *bold <https://b.test|b>*",
            "a*b*c 2*3 snake_case_name ~gone~ `x &lt; *y*`\n&gt; quoted",
        ):
            await client.chat_postMessage(channel="general", text=text)
        shown = page.locator("[data-testid=message] .text")
        await expect(shown.nth(-3)).to_have_text("Literal <!channel> <@U1> &lt;")
        await expect(shown.nth(-3).locator(".mention")).to_have_count(0)
        await expect(shown.nth(-2).locator(".mention")).to_have_text(["@here", "@Maya Okafor"])
        await expect(shown.nth(-2).locator("a").first).to_have_attribute("href", "https://a.test/?a=1&b=2")
        await expect(shown.nth(-2).locator("a").first).to_have_text("a <link>")
        await expect(shown.nth(-2).locator("strong")).to_have_text("bold b")
        await expect(shown.nth(-1).locator("strong, em")).to_have_count(0)
        await expect(shown.nth(-1).locator("s")).to_have_text("gone")
        await expect(shown.nth(-1).locator("code")).to_have_text("x < *y*")
        await expect(shown.nth(-1).locator("blockquote")).to_have_text("quoted")


async def test_a_person_lives_a_command_a_click_and_a_modal_by_keyboard(tmp_path: Path, browser: Browser) -> None:
    commands = [{"command": "/runway", "usage_hint": "[card | settings]", "description": "Cash"}]
    async with stage(tmp_path) as s:
        await s.ask("PUT", "settings", commands=commands)
        await s.post("install-flow")
        _listen(s)
        page = await open_page(browser, s)
        composer = page.get_by_test_id("composer")
        await composer.press_sequentially("/ru")
        await expect(page.get_by_role("option", name="/runway")).to_be_visible()
        await composer.press("Tab")
        await composer.press_sequentially("card")
        await composer.press("Enter")
        await expect(page.get_by_test_id("only-visible-to-you")).to_be_visible()
        await page.get_by_test_id("button:approve").press("Enter")
        await expect(page.get_by_test_id("message").last).to_contain_text("Approved by @Maya Okafor")
        await expect(page.get_by_test_id("button:approve")).to_have_count(0)
        await expect(page.get_by_test_id("message").last).to_be_focused()  # the button is gone, its message is not
        await composer.fill("/runway settings")
        await composer.press("Enter")
        floor = page.get_by_label("Floor")
        await expect(floor).to_be_focused()
        await floor.press_sequentially("5")
        await floor.press("Enter")
        await expect(page.get_by_test_id("error:who")).to_contain_text("required")
        await page.get_by_label("Who").select_option(label="Daniel Reyes")
        await page.get_by_test_id("modal-submit").press("Enter")
        await expect(page.get_by_test_id("error:floor")).to_contain_text("At least 100.")
        await expect(floor).to_be_focused()
        await floor.fill("500")
        await floor.press("Enter")
        await expect(page.get_by_test_id("modal")).to_have_count(0)
        await expect(composer).to_be_focused()  # where the form was asked for


def _listen(s: Stage) -> None:
    @s.app.command("/runway")
    async def command(ack: AsyncAck, client: AsyncWebClient, command: JsonObject) -> None:
        if command["text"] == "card":
            await ack(text="Rent", blocks=CARD)
            return
        await client.views_open(trigger_id=command["trigger_id"], view=MODAL)
        await ack()

    @s.app.action("approve")
    async def approve(ack: AsyncAck, respond: AsyncRespond, body: JsonObject) -> None:
        await ack()
        await respond(text=f"Approved by <@{body['user']['id']}>", replace_original=True)

    @s.app.view("settings")
    async def save(ack: AsyncAck, view: JsonObject) -> None:
        if int(view["state"]["values"]["floor"]["n"]["value"]) < 100:
            await ack(response_action="errors", errors={"floor": "At least 100."})
        else:
            await ack()


async def test_two_people_side_by_side_see_the_same_change_at_once(tmp_path: Path, browser: Browser) -> None:
    async with stage(tmp_path, auto_join=("general",)) as s:
        client = await s.install()
        page = await browser.new_page()
        await page.goto(f"{s.sandbox.base_url}/side?left=harbor-pine/maya/general&right=harbor-pine/daniel/general")
        panes = [page.frame_locator(f"[data-testid=pane-{side}]") for side in ("left", "right")]
        for pane in panes:
            await expect(pane.get_by_test_id("message").first).to_be_visible()
        posted = await client.chat_postMessage(channel="general", text="Rent", blocks=CARD)
        await asyncio.gather(*(expect(pane.get_by_test_id("button:approve")).to_be_visible() for pane in panes))
        await client.chat_update(channel=posted["channel"], ts=posted["ts"], text="Decided", blocks=[])
        for pane in panes:
            await expect(pane.get_by_test_id("message").last).to_contain_text("Decided")


async def test_charts_and_tables_can_be_read_without_seeing_them(tmp_path: Path, browser: Browser) -> None:
    points = [{"label": "Jan", "value": 10}, {"label": "Feb", "value": -2}]
    chart = {
        "type": "data_visualization",
        "title": "Cash",
        "chart": {
            "type": "line",
            "series": [{"name": "Cash", "data": points}],
            "axis_config": {"categories": ["Jan", "Feb"]},
        },
    }
    table = {"type": "table", "rows": [[{"type": "raw_text", "text": "Vendor"}], [{"type": "raw_text", "text": "<b>"}]]}
    async with stage(tmp_path, auto_join=("general",)) as s:
        client = await s.install()
        page = await open_page(browser, s)
        blocks = [chart, table]
        await client.api_call("chat.postMessage", json={"channel": "general", "blocks": blocks})
        await expect(page.get_by_role("img", name="line chart: Cash. Cash.")).to_be_visible()
        await expect(page.get_by_role("row", name="Feb -2")).to_have_count(1)
        await expect(page.get_by_test_id("table").locator("td")).to_have_text("<b>")
        await expect(page.get_by_test_id("lacks-text")).to_be_visible()


async def test_an_app_that_does_not_answer_is_named_at_the_button(tmp_path: Path, browser: Browser) -> None:
    async with stage(tmp_path, auto_join=("general",)) as s:
        client = await s.install()
        page = await open_page(browser, s)
        await client.chat_postMessage(channel="general", text="Rent", blocks=CARD)
        s.answers.append(PlainTextResponse("", 404))
        await page.get_by_test_id("button:approve").click()
        await expect(page.get_by_role("alert")).to_contain_text("status 404")


async def test_adding_the_app_starts_its_install_link(tmp_path: Path, browser: Browser) -> None:
    async with stage(tmp_path) as s:
        page = await open_page(browser, s)
        await expect(page.get_by_test_id("add-to-slack")).to_have_attribute("href", f"{s.app_url}/slack/install")
        await s.install()
        await expect(page.get_by_test_id("place:app")).to_be_visible()


async def test_threads_menus_and_confirmations_work_in_place(tmp_path: Path, browser: Browser) -> None:
    confirm = {"title": plain("Pay?"), "text": plain("Rent"), "confirm": plain("Yes"), "deny": plain("No")}
    sure = {"type": "button", "action_id": "sure", "text": plain("Sure"), "confirm": confirm}
    menu = {"type": "overflow", "action_id": "more", "options": [{"text": plain("Why?"), "value": "why"}]}
    async with stage(tmp_path, auto_join=("general",)) as s:
        client = await s.install()
        page = await open_page(browser, s)
        blocks = [{"type": "actions", "elements": [sure, menu]}]
        posted = await client.chat_postMessage(channel="general", text="Rent", blocks=blocks)
        await page.get_by_test_id("button:sure").click()
        await page.keyboard.press("Escape")
        await expect(page.get_by_test_id("confirm")).to_have_count(0)
        assert s.seen == []
        s.answers += [PlainTextResponse(""), PlainTextResponse("")]
        await page.get_by_test_id("overflow:more").press("Enter")
        await page.get_by_role("menuitem", name="Why?").press("Enter")
        await page.get_by_test_id("button:sure").click()
        async with page.expect_response("**/_sandbox/clicks"):
            await page.get_by_test_id("confirm-ok").click()
        assert [one["name"] for one in (await s.get("ledger", kind="interaction"))["entries"]] == ["more", "sure"]
        await client.chat_postMessage(channel="general", text="because", thread_ts=posted["ts"])
        await page.get_by_test_id("open-thread").click()
        await expect(page.get_by_role("log", name="Replies")).to_contain_text("because")
        await page.get_by_test_id("thread-composer").fill("thanks")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("log", name="Replies")).to_contain_text("thanks")
