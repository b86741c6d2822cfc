"""The stand-in grants, rotates and takes away access the way Intuit is known to."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from sandbox.qbo import TokenMode
from tests.contract.qbo_sandbox_world import REALM, REDIRECT, Stand, stand

BASIC = {"authorization": "Basic " + base64.b64encode(b"sandbox-client:sandbox-secret").decode()}
ASKED = {
    "client_id": "sandbox-client",
    "response_type": "code",
    "scope": "com.intuit.quickbooks.accounting",
    "redirect_uri": REDIRECT,
    "state": "s3cret & more",
}


async def decide(at: Stand, **choice: str) -> dict[str, list[str]]:
    answer = await at.http.post("/connect/oauth2", data={**ASKED, "realm": REALM, **choice})
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(REDIRECT + "?")
    return parse_qs(urlsplit(answer.headers["location"]).query)


async def token(at: Stand, headers: dict[str, str] | None = None, **form: str) -> httpx.Response:
    return await at.http.post("/oauth2/v1/tokens/bearer", data=form, headers=headers or BASIC)


async def connect(at: Stand) -> Any:
    back = await decide(at, decision="connect")
    answer = await token(at, grant_type="authorization_code", code=back["code"][0], redirect_uri=REDIRECT)
    assert answer.status_code == 200
    return answer.json()


async def refresh(at: Stand, value: str) -> httpx.Response:
    return await token(at, grant_type="refresh_token", refresh_token=value)


async def test_consent_leads_back_with_code_state_and_realm_and_the_token_opens_that_company() -> None:
    async with stand() as at:
        page = await at.http.get("/connect/oauth2", params=ASKED)
        assert "Bare Ltd" in page.text
        back = await decide(at, decision="connect")
        assert (back["state"], back["realmId"]) == (["s3cret & more"], [REALM])
        pair = await connect(at)
        assert pair["token_type"] == "bearer"
        assert (pair["expires_in"], pair["x_refresh_token_expires_in"]) == (3600, 8_726_400)
        assert "realmId" not in pair
        assert "x_refresh_token_hard_expires_in" not in pair
        headers = {"authorization": f"Bearer {pair['access_token']}"}
        answer = await at.http.get(f"{at.base}/preferences", headers=headers)
        assert answer.status_code == 200


async def test_declining_leads_back_with_access_denied() -> None:
    async with stand() as at:
        back = await decide(at, decision="cancel")
        assert back["error"] == ["access_denied"]
        assert "code" not in back


@pytest.mark.parametrize("wrong", [{"redirect_uri": REDIRECT + "/"}, {"client_id": "x"}, {"state": ""}, {"scope": "x"}])
async def test_a_wrong_authorize_request_is_never_redirected(wrong: dict[str, str]) -> None:
    async with stand() as at:
        answer = await at.http.get("/connect/oauth2", params={**ASKED, **wrong})
        assert answer.status_code == 400


async def test_a_code_used_twice_kills_what_its_first_use_got() -> None:
    async with stand() as at:
        back = await decide(at, decision="connect")
        form = {"grant_type": "authorization_code", "code": back["code"][0], "redirect_uri": REDIRECT}
        first = (await token(at, None, **form)).json()
        assert (await token(at, None, **form)).json()["error"] == "invalid_grant"
        assert (await refresh(at, first["refresh_token"])).status_code == 400


async def test_client_may_authenticate_in_the_body_and_a_wrong_secret_is_401() -> None:
    async with stand() as at:
        pair = await connect(at)
        form = {"grant_type": "refresh_token", "refresh_token": pair["refresh_token"], "client_id": "sandbox-client"}
        none = {"authorization": ""}
        assert (await token(at, none, **form, client_secret="sandbox-secret")).status_code == 200
        refused = await token(at, none, **form, client_secret="wrong")
        assert (refused.status_code, refused.json()) == (401, {"error": "invalid_client"})


async def test_refresh_value_stays_for_a_day_then_changes_and_the_old_one_is_dead_at_once() -> None:
    async with stand() as at:
        pair = await connect(at)
        same = (await refresh(at, pair["refresh_token"])).json()
        assert same["refresh_token"] == pair["refresh_token"]
        at.clock[0] += timedelta(hours=25)
        rotated = (await refresh(at, pair["refresh_token"])).json()
        assert rotated["refresh_token"] != pair["refresh_token"]
        assert (await refresh(at, pair["refresh_token"])).json()["error"] == "invalid_grant"
        assert (await refresh(at, rotated["refresh_token"])).status_code == 200


async def test_grace_mode_keeps_the_old_value_for_a_day_and_no_longer() -> None:
    async with stand(token_mode=TokenMode.GRACE_24H) as at:
        pair = await connect(at)
        at.clock[0] += timedelta(hours=25)
        await refresh(at, pair["refresh_token"])
        assert (await refresh(at, pair["refresh_token"])).status_code == 200
        at.clock[0] += timedelta(hours=25)
        assert (await refresh(at, pair["refresh_token"])).status_code == 400


async def test_always_rotate_changes_every_time() -> None:
    async with stand(token_mode=TokenMode.ALWAYS_ROTATE) as at:
        pair = await connect(at)
        assert (await refresh(at, pair["refresh_token"])).json()["refresh_token"] != pair["refresh_token"]
        assert (await refresh(at, pair["refresh_token"])).status_code == 400


async def test_a_dropped_answer_has_rotated_the_token_all_the_same() -> None:
    async with stand(token_mode=TokenMode.ALWAYS_ROTATE) as at:
        pair = await connect(at)
        await at.control("tokens", {"do": "drop-response"})
        with pytest.raises(ConnectionResetError):
            await refresh(at, pair["refresh_token"])
        assert (await refresh(at, pair["refresh_token"])).status_code == 400


async def test_hard_expiry_is_told_on_request_and_ends_the_connection() -> None:
    async with stand() as at:
        pair = await connect(at)
        asked = {**BASIC, "x-include-refresh-token-hard-expires-in": "true"}
        form = {"grant_type": "refresh_token", "refresh_token": pair["refresh_token"]}
        assert (await token(at, asked, **form)).json()["x_refresh_token_hard_expires_in"] > 4 * 365 * 86_400
        await at.control("tokens", {"do": "expire-hard", "realm": REALM})
        assert (await refresh(at, pair["refresh_token"])).status_code == 400


async def test_revocation_and_a_disconnecting_user_end_refresh_and_access() -> None:
    async with stand() as at:
        for end in ("app", "user"):
            pair = await connect(at)
            if end == "app":
                body = {"token": pair["refresh_token"]}
                answer = await at.http.post("/v2/oauth2/tokens/revoke", json=body, headers=BASIC)
                assert (answer.status_code, answer.content) == (200, b"")
            else:
                await at.control("tokens", {"do": "revoke", "realm": REALM})
            assert (await refresh(at, pair["refresh_token"])).status_code == 400
            headers = {"authorization": f"Bearer {pair['access_token']}"}
            assert (await at.http.get(f"{at.base}/preferences", headers=headers)).status_code == 401


async def test_idle_for_a_hundred_days_ends_the_connection() -> None:
    async with stand() as at:
        pair = await connect(at)
        at.clock[0] += timedelta(days=102)
        assert (await refresh(at, pair["refresh_token"])).status_code == 400


async def test_an_expired_access_token_is_a_lower_case_401_with_a_challenge() -> None:
    async with stand() as at:
        at.clock[0] += timedelta(seconds=3601)
        answer = await at.get("preferences")
        assert answer.status_code == 401
        assert answer.json()["fault"]["error"][0]["code"] == "3200"
        assert answer.json()["cdcresponse"] == []
        assert "invalid_token" in answer.headers["www-authenticate"]


async def test_another_company_s_token_is_a_403_of_code_3100() -> None:
    async with stand() as at:
        answer = await at.http.get("/v3/company/999/preferences")
        assert (answer.status_code, answer.json()["fault"]["error"][0]["code"]) == (403, "3100")


async def test_the_discovery_document_names_the_stand_in_s_own_endpoints() -> None:
    async with stand() as at:
        found = (await at.http.get("/.well-known/openid_sandbox_configuration")).json()
        assert found["token_endpoint"] == "http://qbo.test/oauth2/v1/tokens/bearer"
        assert found["revocation_endpoint"] == "http://qbo.test/v2/oauth2/tokens/revoke"


async def test_the_token_endpoint_breaks_only_when_named() -> None:
    async with stand() as at:
        pair = await connect(at)
        await at.control("faults", {"trouble": "429"})
        assert (await refresh(at, pair["refresh_token"])).status_code == 200
        for trouble, status in (("503", 503), ("html", 500), ("429", 429)):
            await at.control("faults", {"trouble": trouble, "endpoint": "token"})
            assert (await refresh(at, pair["refresh_token"])).status_code == status
        await at.control("faults", {"trouble": "reset", "endpoint": "token"})
        with pytest.raises(ConnectionResetError):
            await refresh(at, pair["refresh_token"])
