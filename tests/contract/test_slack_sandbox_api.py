"""The Web API as an independent client meets it: refusals by name, scopes, limits, paging, files."""

from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from tests.contract.slack_sandbox_stage import Stage, stage

JsonObject = dict[str, Any]

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}


async def channel_id(s: Stage, name: str) -> str:
    session = await s.get("session")
    return str(next(one["id"] for one in session["channels"] if one.get("name") == name))


async def test_posting_needs_membership_an_open_channel_and_something_to_say(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        client = await s.install()
        general = await channel_id(s, "general")
        cases: list[tuple[JsonObject, str]] = [
            ({"channel": "C404", "text": "x"}, "channel_not_found"),
            ({"channel": general, "text": "x"}, "not_in_channel"),
            ({"channel": await s.person_id("ruth"), "text": "x"}, "channel_not_found"),
        ]
        for arguments, error in cases:
            with pytest.raises(SlackApiError, match=error):
                await client.chat_postMessage(**arguments)
        await s.ask("PATCH", "channels", channel="general", add=["app"])
        with pytest.raises(SlackApiError, match="no_text"):
            await client.api_call("chat.postMessage", json={"channel": general})
        await s.ask("PATCH", "channels", channel="general", archived=True)
        with pytest.raises(SlackApiError, match="is_archived"):
            await client.chat_postMessage(channel=general, text="x")


async def test_chat_write_public_replaces_membership(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        client = await s.install("chat:write", "chat:write.public")
        assert (await client.chat_postMessage(channel="general", text="x"))["ok"]


async def test_bad_blocks_are_listed_with_pointers_and_nothing_is_posted(tmp_path: Path) -> None:
    async with stage(tmp_path, auto_join=("general",)) as s:
        client = await s.install()
        before = len(await s.messages())
        blocks = [SECTION, {"type": "header", "text": {"type": "mrkdwn", "text": "no"}}]
        with pytest.raises(SlackApiError) as caught:
            await client.chat_postMessage(channel="general", text="x", blocks=blocks)
        answer = caught.value.response
        assert answer["error"] == "invalid_blocks"
        assert answer["errors"] == ["must be of type plain_text [json-pointer:/blocks/1/text/type]"]
        assert answer["response_metadata"]["messages"] == [f"[ERROR] {answer['errors'][0]}"]
        assert len(await s.messages()) == before


async def test_newer_blocks_can_be_refused_so_that_fallbacks_are_tried(tmp_path: Path) -> None:
    async with stage(tmp_path, auto_join=("general",)) as s:
        client = await s.install()
        table = {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]}
        await s.post("faults", reject_blocks=["table"])
        with pytest.raises(SlackApiError, match="invalid_blocks"):
            await client.chat_postMessage(channel="general", text="x", blocks=[table])
        await s.ask("DELETE", "faults")
        assert (await client.chat_postMessage(channel="general", text="x", blocks=[table]))["ok"]


async def test_missing_scope_names_what_is_needed_and_what_was_given(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        client = await s.install("chat:write")
        with pytest.raises(SlackApiError) as caught:
            await client.users_list()
        assert caught.value.response["error"] == "missing_scope"
        assert (caught.value.response["needed"], caught.value.response["provided"]) == ("users:read", "chat:write")
        with pytest.raises(SlackApiError, match="missing_scope"):
            await client.conversations_history(channel=await channel_id(s, "general"))


async def test_bots_edit_and_delete_only_their_own_messages(tmp_path: Path) -> None:
    async with stage(tmp_path, auto_join=("general",)) as s:
        client = await s.install()
        general, human = await channel_id(s, "general"), (await s.messages())[0]["ts"]
        posted = await client.chat_postMessage(channel=general, text="one", blocks=[SECTION])
        await client.chat_update(channel=general, ts=posted["ts"], text="two", blocks=[])
        assert ((await s.last())["text"], (await s.last()).get("blocks")) == ("two", None)
        with pytest.raises(SlackApiError, match="cant_update_message"):
            await client.chat_update(channel=general, ts=human, text="x")
        with pytest.raises(SlackApiError, match="cant_delete_message"):
            await client.chat_delete(channel=general, ts=human)
        await client.chat_delete(channel=general, ts=posted["ts"])
        with pytest.raises(SlackApiError, match="message_not_found"):
            await client.chat_update(channel=general, ts=posted["ts"], text="x")


async def test_ephemeral_messages_reach_members_only_and_cannot_be_edited(tmp_path: Path) -> None:
    async with stage(tmp_path, auto_join=("finance",)) as s:
        client = await s.install()
        finance, maya, aiko = await channel_id(s, "finance"), await s.person_id("maya"), await s.person_id("aiko")
        sent = await client.chat_postEphemeral(channel=finance, user=maya, text="psst")
        assert (await s.last("finance", "maya"))["text"] == "psst"
        assert (await s.last("finance", "daniel"))["text"] != "psst"
        with pytest.raises(SlackApiError, match="user_not_in_channel"):
            await client.chat_postEphemeral(channel=finance, user=aiko, text="psst")
        with pytest.raises(SlackApiError, match="message_not_found"):
            await client.chat_update(channel=finance, ts=sent["message_ts"], text="x")


async def test_direct_messages_open_once_and_obey_the_messages_tab(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        client = await s.install()
        maya = await s.person_id("maya")
        first = await client.conversations_open(users=maya)
        again = await client.conversations_open(users=maya)
        assert (first["channel"]["id"], again["already_open"]) == (again["channel"]["id"], True)
        await client.chat_postMessage(channel=maya, text="hi")
        assert (await s.last("app", "maya"))["text"] == "hi"
        with pytest.raises(SlackApiError, match="user_disabled"):
            await client.conversations_open(users=await s.person_id("ruth"))
        await s.ask("PUT", "settings", messages_tab=False)
        with pytest.raises(SlackApiError, match="messages_tab_disabled"):
            await client.chat_postMessage(channel=maya, text="hi")


async def test_threads_keep_replies_out_of_the_channel(tmp_path: Path) -> None:
    async with stage(tmp_path, auto_join=("general",)) as s:
        client = await s.install()
        root = await client.chat_postMessage(channel="general", text="root")
        await client.chat_postMessage(channel="general", text="reply", thread_ts=root["ts"])
        assert ((await s.last())["text"], (await s.last())["reply_count"]) == ("root", 1)
        assert [one["text"] for one in await s.messages(thread=root["ts"])] == ["root", "reply"]
        with pytest.raises(SlackApiError, match="thread_not_found"):
            await client.chat_postMessage(channel="general", text="x", thread_ts="1.000001")


async def test_users_are_described_and_paged(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        client = await s.install()
        pages = [page["members"] async for page in await client.users_list(limit=3)]
        everyone = {one["name"]: one for page in pages for one in page}
        assert all(len(page) == 3 for page in pages[:-1])
        assert (everyone["maya"]["is_owner"], everyone["priya"]["is_admin"]) == (True, True)
        assert (everyone["lena"]["is_ultra_restricted"], everyone["ruth"]["deleted"]) == (True, True)
        stranger = (await client.users_info(user=everyone["oleg"]["id"]))["user"]
        assert stranger["is_stranger"]
        assert stranger["team_id"] != everyone["maya"]["team_id"]
        sam = (await s.get("session", team="prairie-dental", **{"as": "sam"}))["me"]["id"]
        with pytest.raises(SlackApiError, match="user_not_found"):
            await client.users_info(user=sam)


async def test_tokens_open_only_their_own_workspace(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.install()
        other = await s.install(team="prairie-dental", **{"as": "sam"})
        assert (await other.auth_test())["team"] == "Prairie Dental Group"
        with pytest.raises(SlackApiError, match="channel_not_found"):
            await other.chat_postMessage(channel=await channel_id(s, "general"), text="x")


async def test_rate_limit_answers_429_with_retry_after_until_time_passes(tmp_path: Path) -> None:
    async with stage(tmp_path, auto_join=("general",), rate_limits=True) as s:
        client = await s.install()
        await s.ask("PUT", "limits", enabled=True, overrides={"chat.postMessage": [6, 1]})
        await client.chat_postMessage(channel="general", text="1")
        with pytest.raises(SlackApiError) as caught:
            await client.chat_postMessage(channel="general", text="2")
        assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "10")
        await client.chat_postMessage(channel=await s.person_id("maya"), text="another channel")
        await s.post("clock", advance=10)
        await client.chat_postMessage(channel="general", text="2")


async def test_files_upload_v2_shares_a_downloadable_file(tmp_path: Path) -> None:
    async with stage(tmp_path, auto_join=("general",)) as s:
        client = await s.install()
        general = await channel_id(s, "general")
        text = "vendor,amount\nRent,3200.00\n"
        await client.files_upload_v2(channel=general, filename="paylist.csv", content=text, title="Pay list")
        [file] = (await s.last())["files"]
        assert (file["title"], file["mimetype"], file["size"]) == ("Pay list", "text/csv", len(text))
        seen = await s.http.get(f"/_sandbox/files/{file['id']}", params={"as": await s.person_id("maya")})
        assert seen.text == text
        unseen = await s.http.get(f"/_sandbox/files/{file['id']}", params={"as": "U404"})
        assert unseen.status_code == 404
        private = await s.http.get(file["url_private"], headers={"Authorization": f"Bearer {client.token}"})
        assert private.text == text
        assert (await s.http.get(file["url_private"])).status_code == 403


async def test_a_file_that_never_arrived_cannot_be_shared(tmp_path: Path) -> None:
    async with stage(tmp_path, auto_join=("general",)) as s:
        client = await s.install()
        started = await client.files_getUploadURLExternal(filename="a.csv", length=5)
        assert (await s.http.post(started["upload_url"], content=b"too long")).status_code == 400
        with pytest.raises(SlackApiError, match="file_not_found"):
            await client.files_completeUploadExternal(files=[{"id": started["file_id"]}], channel_id="general")


@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [
        ({"kind": "error", "error": "fatal_error"}, 200, "fatal_error"),
        ({"kind": "ratelimited", "retry_after": 7}, 429, "ratelimited"),
        ({"kind": "http", "status": 503}, 503, ""),
        ({"kind": "html", "status": 200}, 200, ""),
    ],
)
async def test_faults_hit_the_next_call_only(tmp_path: Path, fault: JsonObject, status: int, error: str) -> None:
    async with stage(tmp_path, auto_join=("general",)) as s:
        client = await s.install()
        await s.post("faults", method="chat.postMessage", **fault)
        headers = {"Authorization": f"Bearer {client.token}"}
        body = {"channel": "general", "text": "x"}
        hit = await s.http.post("/api/chat.postMessage", json=body, headers=headers)
        assert hit.status_code == status
        assert error in hit.text
        assert (await s.http.post("/api/chat.postMessage", json=body, headers=headers)).json()["ok"]


@pytest.mark.parametrize(("kind", "posted"), [("drop", 1), ("refuse", 0)])
async def test_cut_connections_leave_the_client_in_doubt(tmp_path: Path, kind: str, posted: int) -> None:
    async with stage(tmp_path, auto_join=("general",)) as s:
        client = await s.install()
        before = len(await s.messages())
        await s.post("faults", method="chat.postMessage", kind=kind)
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await client.chat_postMessage(channel="general", text="x")
        assert len(await s.messages()) == before + posted


async def test_all_encodings_and_unknown_names(tmp_path: Path) -> None:
    async with stage(tmp_path, auto_join=("general",)) as s:
        client = await s.install()
        token = str(client.token)
        form = await s.http.post("/api/chat.postMessage", data={"token": token, "channel": "general", "text": "form"})
        query = await s.http.post("/api/auth.test", params={"token": token})
        got = await s.http.get("/api/users.list", headers={"Authorization": f"Bearer {token}"})
        assert form.json()["ok"]
        assert query.json()["ok"]
        assert got.json()["ok"]
        assert (await s.http.post("/api/no.such")).json()["error"] == "unknown_method"
        assert (await s.http.post("/api/auth.test")).json()["error"] == "not_authed"
        missing = (await s.http.post("/api/chat.update", json={}, headers={"Authorization": f"Bearer {token}"})).json()
        assert missing["error"] == "invalid_arguments"


async def test_permalinks_lead_to_the_page(tmp_path: Path) -> None:
    async with stage(tmp_path, auto_join=("general",)) as s:
        client = await s.install()
        posted = await client.chat_postMessage(channel="general", text="x")
        link = (await client.chat_getPermalink(channel=posted["channel"], message_ts=posted["ts"]))["permalink"]
        answer = await s.http.get(link)
        assert answer.headers["location"].startswith(f"/w/{(await s.get('session'))['team']['id']}")


async def test_state_file_resumes_messages_installs_and_tokens(tmp_path: Path) -> None:
    state = tmp_path / "slack.json"
    async with stage(tmp_path, auto_join=("general",), state_file=state) as s:
        client = await s.install()
        await client.chat_postMessage(channel="general", text="kept")
        team = (await s.get("session"))["team"]["id"]
    async with stage(tmp_path, state_file=state) as again:
        assert (await again.last())["text"] == "kept"
        who = await again.client(str(client.token)).auth_test()
        assert who["team_id"] == team
        posted = await again.client(str(client.token)).chat_postMessage(channel="general", text="later")
        assert (await again.last())["ts"] == posted["ts"]
