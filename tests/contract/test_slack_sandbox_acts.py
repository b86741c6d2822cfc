"""Commands, clicks, modals and Home: what a person does reaches a Bolt app, and its answer reaches the person."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.responses import JSONResponse, PlainTextResponse

from tests.contract.slack_sandbox_stage import Stage, stage

pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")

JsonObject = dict[str, Any]


def plain(text: str) -> JsonObject:
    return {"type": "plain_text", "text": text}


CARD: list[JsonObject] = [
    {"type": "section", "block_id": "what", "text": {"type": "mrkdwn", "text": "*Rent*"}},
    {
        "type": "actions",
        "block_id": "do",
        "elements": [
            {"type": "button", "action_id": "approve", "text": plain("Approve"), "value": "42", "style": "primary"},
            {
                "type": "static_select",
                "action_id": "snooze",
                "options": [{"text": plain("Tomorrow"), "value": "1"}, {"text": plain("Next week"), "value": "7"}],
            },
        ],
    },
]
MODAL: JsonObject = {
    "type": "modal",
    "callback_id": "settings",
    "title": plain("Settings"),
    "submit": plain("Save"),
    "notify_on_close": True,
    "private_metadata": "b1",
    "blocks": [
        {
            "type": "input",
            "block_id": "floor",
            "label": plain("Floor"),
            "element": {"type": "number_input", "action_id": "n", "is_decimal_allowed": False, "min_value": "0"},
        },
        {
            "type": "input",
            "block_id": "who",
            "label": plain("Who"),
            "element": {"type": "users_select", "action_id": "u"},
        },
    ],
}


async def installed(s: Stage) -> None:
    await s.post("install-flow", **{"as": "maya"})


async def test_command_answers_privately_and_only_the_caller_sees_it(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await installed(s)

        @s.app.command("/runway")
        async def listen(ack: AsyncAck, command: JsonObject) -> None:
            await ack(f"{command['user_name']} asked {command['text']} in {command['channel_name']}")

        result = await s.post("commands", channel="general", text="/runway tray @daniel & co")
        assert (result["ok"], result["status"]) == (True, 200)
        message = await s.last("general", "maya")
        daniel = await s.person_id("daniel")
        assert message["text"] == f"maya asked tray <@{daniel}|daniel> &amp; co in general"
        assert message["ephemeral"]
        assert not (await s.last("general", "tom"))["ephemeral"]


async def test_in_channel_answer_is_seen_by_all_and_private_one_can_be_dismissed(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.install()
        s.answers.append(JSONResponse({"response_type": "in_channel", "text": "for all"}))
        await s.post("commands", channel="general", text="/runway")
        assert (await s.last("general", "tom"))["text"] == "for all"
        s.answers.append(PlainTextResponse("for me"))
        await s.post("commands", channel="general", text="/runway")
        ts = (await s.last())["ts"]
        await s.post("dismissals", channel="general", ts=ts)
        assert (await s.last())["text"] == "for all"


@pytest.mark.parametrize(
    ("status", "error"), [(500, "dispatch_failed"), (404, "dispatch_failed"), (302, "dispatch_failed")]
)
async def test_failed_command_is_shown_to_the_caller_as_slack_words_it(tmp_path: Path, status: int, error: str) -> None:
    async with stage(tmp_path) as s:
        await s.install()
        s.answers.append(PlainTextResponse("no", status))
        result = await s.post("commands", channel="general", text="/runway")
        assert result["error"] == error
        assert (await s.last())["text"] == f':warning: /runway failed with the error "{error}"'


async def test_slow_app_misses_the_deadline_and_the_person_reads_operation_timeout(tmp_path: Path) -> None:
    async with stage(tmp_path, ack_deadline=0.05) as s:
        await installed(s)

        @s.app.command("/runway")
        async def listen(ack: AsyncAck) -> None:
            import asyncio

            await asyncio.sleep(0.2)
            await ack("too late")

        result = await s.post("commands", channel="general", text="/runway")
        assert result["error"] == "operation_timeout"
        assert "operation_timeout" in (await s.last())["text"]


async def test_unknown_command_and_missing_app_stay_in_slack(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        assert (await s.post("commands", channel="general", text="/runway"))["error"] == "not_a_command"
        await s.install()
        await s.ask("PUT", "settings", commands=[{"command": "/runway"}])
        assert (await s.post("commands", channel="general", text="/other"))["error"] == "not_a_command"
        assert s.seen == []


async def test_click_is_acknowledged_and_its_response_url_replaces_the_message(tmp_path: Path) -> None:
    async with stage(tmp_path, auto_join=("general",)) as s:
        await installed(s)
        bodies: list[JsonObject] = []

        @s.app.command("/runway")
        async def post(ack: AsyncAck, client: AsyncWebClient, command: JsonObject) -> None:
            await ack()
            await client.chat_postMessage(channel=command["channel_id"], text="Rent", blocks=CARD)

        @s.app.action("approve")
        async def approve(ack: AsyncAck, respond: AsyncRespond, body: JsonObject) -> None:
            bodies.append(body)
            await ack()
            await respond(text="Approved", blocks=[CARD[0]], replace_original=True)

        await s.post("commands", channel="general", text="/runway")
        ts = (await s.last())["ts"]
        result = await s.post("clicks", channel="general", ts=ts, action_id="approve", **{"as": "daniel"})
        assert result["ok"]
        message = await s.last("general", "tom")
        assert (message["ts"], message["text"], len(message["blocks"])) == (ts, "Approved", 1)
        assert message["edited"]
        [body] = bodies
        assert body["actions"][0]["value"] == "42"
        assert body["actions"][0]["block_id"] == "do"
        assert body["message"]["ts"] == ts
        assert body["container"]["is_ephemeral"] is False
        assert body["user"]["id"] == await s.person_id("daniel")


async def test_click_on_an_ephemeral_message_carries_no_message_and_can_delete_it(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await installed(s)
        bodies: list[JsonObject] = []

        @s.app.command("/runway")
        async def show(ack: AsyncAck) -> None:
            await ack(text="Rent", blocks=CARD)

        @s.app.action("snooze")
        async def snooze(ack: AsyncAck, respond: AsyncRespond, body: JsonObject) -> None:
            bodies.append(body)
            await ack()
            await respond(delete_original=True)

        before = len(await s.messages())
        await s.post("commands", channel="general", text="/runway")
        ts = (await s.last())["ts"]
        await s.post("clicks", channel="general", ts=ts, action_id="snooze", value="7")
        assert len(await s.messages()) == before
        [body] = bodies
        assert "message" not in body
        assert body["container"]["is_ephemeral"] is True
        assert body["actions"][0]["selected_option"]["value"] == "7"
        assert body["state"]["values"]["do"]["snooze"]["selected_option"]["value"] == "7"


async def test_response_url_lives_five_uses_and_thirty_minutes(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.install()
        for _ in range(2):
            s.answers.append(PlainTextResponse(""))
            await s.post("commands", channel="general", text="/runway")
        first, second = (parse_qs(body)["response_url"][0] for body, _ in s.seen)
        answers = [await s.http.post(first, json={"text": f"n{n}"}) for n in range(6)]
        assert [one.status_code for one in answers] == [200] * 5 + [404]
        assert answers[5].json()["error"] == "used_url"
        assert (await s.http.post(second, json={"text": ""})).json()["error"] == "no_text"
        await s.post("clock", advance=1801)
        assert (await s.http.post(second, json={"text": "late"})).json()["error"] == "expired_url"


async def test_response_url_can_fail_once_and_bad_blocks_are_refused_there_too(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.install()
        s.answers.append(PlainTextResponse(""))
        await s.post("commands", channel="general", text="/runway")
        url = parse_qs(s.seen[0][0])["response_url"][0]
        await s.post("faults", method="response_url", kind="ratelimited", retry_after=3)
        limited = await s.http.post(url, json={"text": "x"})
        assert (limited.status_code, limited.headers["Retry-After"]) == (429, "3")
        refused = await s.http.post(url, json={"text": "x", "blocks": [{"type": "section"}]})
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_blocks")
        assert (await s.http.post(url, json={"text": "fine"})).text == "ok"
        await s.ask("DELETE", "installations")
        assert (await s.http.post(url, json={"text": "x"})).status_code == 403


async def test_progress_edits_the_reply_of_a_command(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.install()
        s.answers.append(PlainTextResponse("Syncing…"))
        await s.post("commands", channel="general", text="/runway sync")
        count, url = len(await s.messages()), parse_qs(s.seen[0][0])["response_url"][0]
        await s.http.post(url, json={"text": "50 %", "replace_original": True})
        assert ((await s.last())["text"], len(await s.messages())) == ("50 %", count)


async def test_modal_opens_by_trigger_shows_errors_then_updates_then_closes(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await installed(s)
        closed: list[str] = []

        @s.app.command("/runway")
        async def listen(ack: AsyncAck, client: AsyncWebClient, command: JsonObject) -> None:
            await client.views_open(trigger_id=command["trigger_id"], view=MODAL)
            await ack()

        @s.app.view("settings")
        async def save(ack: AsyncAck, view: JsonObject) -> None:
            values = view["state"]["values"]
            if int(values["floor"]["n"]["value"]) < 100:
                await ack(response_action="errors", errors={"floor": "At least 100."})
            elif values["who"]["u"]["selected_user"] and view["private_metadata"] == "b1":
                done = {"type": "modal", "title": plain("Saved"), "blocks": [CARD[0]], "notify_on_close": True}
                await ack(response_action="update", view={**done, "callback_id": "done"})

        @s.app.view_closed("done")
        async def gone(ack: AsyncAck, view: JsonObject) -> None:
            closed.append(view["id"])
            await ack()

        await s.post("commands", channel="general", text="/runway settings")
        [view] = (await s.get("modals"))["views"]
        seen = len(s.seen)
        missing = await s.post("submissions", view=view["id"], values={"floor": "1.5"})
        assert set(missing["errors"]) == {"floor", "who"}
        assert len(s.seen) == seen
        daniel = await s.person_id("daniel")
        refused = await s.post("submissions", view=view["id"], values={"floor": "5", "u": daniel})
        assert refused["errors"] == {"floor": "At least 100."}
        saved = await s.post("submissions", view=view["id"], values={"floor": {"n": "500"}})
        assert saved["ok"]
        [updated] = (await s.get("modals"))["views"]
        assert (updated["title"]["text"], updated["id"]) == ("Saved", view["id"])
        assert updated["hash"] != view["hash"]
        await s.post("closings", view=view["id"])
        assert (await s.get("modals"))["views"] == []
        assert closed == [view["id"]]


async def test_pushed_views_stack_up_to_three_and_clear_together(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        client = await s.install()
        step = {"type": "modal", "title": plain("Step"), "submit": plain("Next"), "blocks": [CARD[0], CARD[1]]}
        s.answers.append(PlainTextResponse(""))
        await s.post("commands", channel="general", text="/runway")
        first = await client.views_open(trigger_id=parse_qs(s.seen[0][0])["trigger_id"][0], view=step)
        view_id = first["view"]["id"]
        for _ in range(2):
            s.answers.append(JSONResponse({"response_action": "push", "view": step}))
            await s.post("submissions", view=view_id, values={})
            view_id = (await s.get("modals"))["views"][-1]["id"]
        assert len((await s.get("modals"))["views"]) == 3
        s.answers.append(PlainTextResponse(""))
        await s.post("clicks", view=view_id, action_id="approve")
        trigger = json.loads(parse_qs(s.seen[-1][0])["payload"][0])["trigger_id"]
        with pytest.raises(SlackApiError, match="push_limit_reached"):
            await client.views_push(trigger_id=trigger, view=step)
        s.answers.append(JSONResponse({"response_action": "clear"}))
        await s.post("submissions", view=view_id, values={})
        assert (await s.get("modals"))["views"] == []


async def test_trigger_ids_work_once_and_for_three_seconds(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        client = await s.install()
        for _ in range(2):
            s.answers.append(PlainTextResponse(""))
            await s.post("commands", channel="general", text="/runway")
        first, second = (parse_qs(body)["trigger_id"][0] for body, _ in s.seen)
        await client.views_open(trigger_id=first, view=MODAL)
        for trigger, error in ((first, "exchanged_trigger_id"), ("1.2.x", "invalid_trigger_id")):
            with pytest.raises(SlackApiError, match=error):
                await client.views_open(trigger_id=trigger, view=MODAL)
        await s.post("clock", advance=3.1)
        with pytest.raises(SlackApiError, match="expired_trigger_id"):
            await client.views_open(trigger_id=second, view=MODAL)


async def test_stale_hash_is_a_conflict_and_a_closed_view_is_not_found(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        client = await s.install()
        s.answers += [PlainTextResponse(""), PlainTextResponse("")]
        await s.post("commands", channel="general", text="/runway")
        opened = await client.views_open(trigger_id=parse_qs(s.seen[0][0])["trigger_id"][0], view=MODAL)
        view_id, old = opened["view"]["id"], opened["view"]["hash"]
        await client.views_update(view_id=view_id, hash=old, view=MODAL)
        with pytest.raises(SlackApiError, match="hash_conflict"):
            await client.views_update(view_id=view_id, hash=old, view=MODAL)
        await s.post("closings", view=view_id)
        with pytest.raises(SlackApiError, match="not_found"):
            await client.views_update(view_id=view_id, view=MODAL)


async def test_home_is_published_on_open_and_redrawn_by_a_click(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await installed(s)
        views: list[Any] = []

        @s.app.event("app_home_opened")
        async def opened(event: JsonObject, client: AsyncWebClient) -> None:
            views.append(event.get("view"))
            await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": CARD})

        @s.app.action("approve")
        async def approve(ack: AsyncAck, client: AsyncWebClient, body: JsonObject) -> None:
            assert "response_url" not in body
            await ack()
            await client.views_publish(user_id=body["user"]["id"], view={"type": "home", "blocks": [CARD[0]]})

        await s.post("home", tab="home", wait=True)
        view = await until_home(s, blocks=2)
        await s.post("clicks", view=view["id"], action_id="approve")
        assert len((await s.get("home"))["view"]["blocks"]) == 1
        assert (await s.get("home", **{"as": "daniel"}))["view"] is None
        await s.post("home", tab="home", wait=True)
        await until_home(s, blocks=2)
        assert [bool(one) for one in views] == [False, True]


async def until_home(s: Stage, blocks: int) -> JsonObject:
    """Bolt acknowledges an event before its listener has run."""
    async for _ in s.changes():
        view = (await s.get("home"))["view"]
        if view and len(view["blocks"]) == blocks:
            return dict(view)
    raise AssertionError("the stream ended")


async def test_strangers_guests_and_the_deactivated_act_as_slack_lets_them(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.install()
        s.answers.append(PlainTextResponse(""))
        await s.post("commands", channel="with-foxglove-signs", text="/runway", **{"as": "oleg"})
        assert parse_qs(s.seen[0][0])["user_id"] == [await s.person_id("oleg")]
        assert (await s.post("commands", channel="general", text="/runway", **{"as": "oleg"}))["http_status"] == 400
        assert (await s.post("posts", channel="general", text="hi", **{"as": "ruth"}))["http_status"] == 400
        await s.ask("PATCH", "channels", channel="finance", archived=True)
        assert "archived" in (await s.post("posts", channel="finance", text="hi"))["error"]
