"""Events with retries, hostile requests, Socket Mode."""

import json
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient
from starlette.responses import PlainTextResponse, Response

from tests.contract.slack_sandbox_stage import stage

JsonObject = dict[str, Any]

pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")


async def test_failed_event_is_retried_three_times_with_reason_and_the_same_id(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.install()
        s.answers += [PlainTextResponse("", 500)] * 4
        await s.post("events", event={"type": "team_join", "user": {"id": "U1"}})
        await s.post("settle")
        assert [headers.get("x-slack-retry-num") for _, headers in s.seen] == [None, "1", "2", "3"]
        assert {headers.get("x-slack-retry-reason") for _, headers in s.seen[1:]} == {"http_error"}
        assert len({json.loads(body)["event_id"] for body, _ in s.seen}) == 1


async def test_no_retry_header_and_success_end_the_retries(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.install()
        s.answers.append(Response("", 500, {"x-slack-no-retry": "1"}))
        await s.post("events", event={"type": "team_join"})
        await s.post("settle")
        s.answers += [PlainTextResponse("", 500), PlainTextResponse("")]
        await s.post("events", event={"type": "team_join"})
        await s.post("settle")
        assert len(s.seen) == 3


async def test_people_changes_are_told_only_when_subscribed(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.install()
        s.answers += [PlainTextResponse("")] * 2
        await s.ask("PATCH", "people", person="tom", is_admin=True)
        await s.post("people", name="zoe", real_name="Zoe Lund")
        await s.post("settle")
        events = [json.loads(body)["event"] for body, _ in s.seen]
        assert sorted((one["type"], one["user"]["name"]) for one in events) == [
            ("team_join", "zoe"),
            ("user_change", "tom"),
        ]
        await s.ask("PUT", "settings", events=["app_uninstalled"])
        await s.ask("PATCH", "people", person="tom", deleted=True)
        await s.post("settle")
        assert len(s.seen) == 2


async def test_url_verification_passes_through_bolt(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        assert (await s.post("verify-url"))["ok"]
        s.answers.append(PlainTextResponse("something else"))
        assert (await s.post("verify-url"))["error"] == "challenge_failed"


@pytest.mark.parametrize(
    "request_forgery",
    [{"unsigned": True}, {"age": 400}, {"secret": "wrong"}, {"signature": "v0=00"}],
)
async def test_forged_requests_are_refused_by_bolt(tmp_path: Path, request_forgery: JsonObject) -> None:
    async with stage(tmp_path) as s:
        await s.post("install-flow")
        forge = {"request": request_forgery}
        result = await s.post("commands", channel="general", text="/runway", forge=forge)
        assert result["status"] == 401


async def test_a_delivery_can_be_replayed_byte_for_byte(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.install()
        s.answers += [PlainTextResponse("")] * 2
        first = await s.post("commands", channel="general", text="/runway")
        await s.post("replays", delivery=first["delivery"], fresh=True)
        assert s.seen[0][0] == s.seen[1][0]


async def test_payloads_can_be_patched_to_claim_another_team(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.install()
        s.answers.append(PlainTextResponse(""))
        await s.post("commands", channel="general", text="/runway", forge={"patch": {"team_id": "T0EVIL"}})
        assert "team_id=T0EVIL" in s.seen[0][0]


async def test_socket_mode_carries_commands_both_ways(tmp_path: Path) -> None:
    async with stage(tmp_path, socket_mode=True) as s:
        client = await s.install()
        app = AsyncApp(token=client.token, client=AsyncWebClient(client.token, base_url=client.base_url))

        @app.command("/runway")
        async def listen(ack: AsyncAck, command: JsonObject) -> None:
            await ack(f"over the socket: {command['text']}")

        assert (await s.post("commands", channel="general", text="/runway hi"))["error"] == "dispatch_failed"
        handler: Any = AsyncSocketModeHandler(app, s.sandbox.settings.app_token, web_client=app.client)
        await handler.connect_async()
        result = await s.post("commands", channel="general", text="/runway hi")
        await handler.close_async()
        assert result["ok"]
        assert (await s.last())["text"] == "over the socket: hi"


async def test_the_ledger_tells_what_crossed_the_wire_without_tokens(tmp_path: Path) -> None:
    async with stage(tmp_path, auto_join=("general",)) as s:
        client = await s.install()
        await client.chat_postMessage(channel="general", text="x")
        s.answers.append(PlainTextResponse(""))
        await s.post("commands", channel="general", text="/runway")
        entries = (await s.get("ledger"))["entries"]
        assert [(one["kind"], one["name"], one["ok"]) for one in entries] == [
            ("api", "chat.postMessage", True),
            ("command", "/runway", True),
        ]
        assert str(client.token) not in json.dumps(entries)
