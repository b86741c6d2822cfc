"""A Bolt app is installed, rotated and removed the way Slack does it."""

from pathlib import Path

import pytest
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.contract.slack_sandbox_stage import SCOPES, stage

# slack_sdk 3.47 still hands client secrets to aiohttp in the way aiohttp 3.14 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")


async def test_install_flow_ends_with_a_stored_token_that_works(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        result = await s.post("install-flow", **{"as": "maya"})
        assert result["status"] == 200
        state = await s.get("state")
        [token] = state["tokens"]
        assert token["scopes"] == list(SCOPES)
        who = await s.client(token["value"]).auth_test()
        assert (who["team"], who["user"]) == ("Harbor & Pine Studio", "runway")
        assert set(str(who.headers["x-oauth-scopes"]).split(",")) == set(SCOPES)


async def test_declined_install_reaches_the_app_as_access_denied(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        result = await s.post("install-flow", decision="cancel")
        assert "error=access_denied" in result["url"]
        assert (await s.get("state"))["installations"] == []


async def test_consent_page_offers_people_who_may_install_and_redirects_with_a_code(tmp_path: Path) -> None:
    async with stage(tmp_path, redirect_urls=("http://127.0.0.1/back",)) as s:
        asked = {"client_id": s.sandbox.settings.client_id, "scope": "commands", "state": "s1"}
        page = await s.http.get("/oauth/v2/authorize", params=asked | {"redirect_uri": "http://127.0.0.1/back"})
        assert "Maya Okafor" in page.text
        assert "Lena Vogt" not in page.text
        team = (await s.get("session"))["team"]["id"]
        form = asked | {"decision": "allow", "person": f"{team}/{await s.person_id('priya')}"}
        answer = await s.http.post("/oauth/v2/authorize", data=form)
        assert answer.status_code == 303
        assert "state=s1" in answer.headers["location"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"client_id": "wrong"}, "Invalid client_id"),
        ({"scope": ""}, "No scopes"),
        ({"scope": "commands,admin"}, "Invalid permissions"),
        ({"redirect_uri": "http://evil.test/"}, "redirect_uri did not match"),
    ],
)
async def test_bad_authorize_links_end_on_slacks_error_page(
    tmp_path: Path, change: dict[str, str], sentence: str
) -> None:
    async with stage(tmp_path, scopes=SCOPES) as s:
        asked = {"client_id": s.sandbox.settings.client_id, "scope": "commands"} | change
        page = await s.http.get("/oauth/v2/authorize", params=asked)
        assert page.status_code == 400
        assert sentence in page.text


async def test_codes_work_once_and_only_with_the_right_secret(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        settings = s.sandbox.settings
        team = (await s.get("session"))["team"]["id"]
        form = {"client_id": settings.client_id, "scope": "commands", "decision": "allow"}
        form["person"] = f"{team}/{await s.person_id('maya')}"
        location = (await s.http.post("/oauth/v2/authorize", data=form)).headers["location"]
        code = location.split("code=")[1]
        client = s.client("")
        with pytest.raises(SlackApiError, match="bad_client_secret"):
            await client.oauth_v2_access(client_id=settings.client_id, client_secret="no", code=code)
        secrets = {"client_id": settings.client_id, "client_secret": settings.client_secret}
        granted = await client.oauth_v2_access(**secrets, code=code)
        assert granted["team"]["id"] == team
        with pytest.raises(SlackApiError, match="invalid_code"):
            await client.oauth_v2_access(**secrets, code=code)


async def test_rotated_tokens_expire_and_refresh_tokens_are_single_use(tmp_path: Path) -> None:
    async with stage(tmp_path, token_rotation=True) as s:
        answer = await s.post("installations", scopes=["commands"])
        secrets = {"client_id": s.sandbox.settings.client_id, "client_secret": s.sandbox.settings.client_secret}
        assert answer["bot_token"].startswith("xoxe.xoxb-")
        await s.post("clock", advance=43_201)
        with pytest.raises(SlackApiError, match="token_expired"):
            await s.client(answer["bot_token"]).auth_test()
        refresh = {"grant_type": "refresh_token", "refresh_token": answer["refresh_token"]}
        renewed = await s.client("").oauth_v2_access(**secrets, **refresh)
        assert renewed["expires_in"] == 43_200
        assert (await s.client(renewed["access_token"]).auth_test())["ok"]
        with pytest.raises(SlackApiError, match="invalid_refresh_token"):
            await s.client("").oauth_v2_access(**secrets, **refresh)


async def test_bolt_rotates_a_token_that_is_about_to_expire(tmp_path: Path) -> None:
    async with stage(tmp_path, token_rotation=True, token_life=600) as s:
        await s.post("install-flow")

        @s.app.command("/runway")
        async def listen(ack: AsyncAck, client: AsyncWebClient) -> None:
            await ack((await client.auth_test())["team"])

        result = await s.post("commands", channel="general", text="/runway")
        assert result["ok"], result
        state = await s.get("state")
        assert [one["kind"] for one in state["tokens"]].count("refresh") == 2


async def test_uninstall_kills_the_token_and_sends_both_events(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        client = await s.install()
        await s.ask("DELETE", "installations")
        await s.post("settle")
        names = [one["name"] for one in (await s.get("ledger", kind="event"))["entries"] if not one["attempt"]]
        assert sorted(set(names)) == ["app_uninstalled", "tokens_revoked"]
        with pytest.raises(SlackApiError, match="account_inactive"):
            await client.auth_test()


async def test_revoked_token_and_unknown_token_have_their_own_errors(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        client = await s.install()
        assert (await client.auth_revoke())["revoked"]
        with pytest.raises(SlackApiError, match="token_revoked"):
            await client.auth_test()
        with pytest.raises(SlackApiError, match="invalid_auth"):
            await s.client("xoxb-unknown").auth_test()


async def test_reinstall_keeps_the_bot_user_and_revives_it(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        first = await s.post("installations", scopes=["commands"])
        await s.ask("DELETE", "installations")
        second = await s.post("installations", scopes=["commands", "chat:write"])
        assert first["bot_user_id"] == second["bot_user_id"]
        assert first["bot_token"] != second["bot_token"]
        assert (await s.client(second["bot_token"]).auth_test())["ok"]
