"""Wrong words and wrong bytes: a sentence for people, a status and silence for strangers, nothing half-done."""

import hmac
import time
from hashlib import sha256
from urllib.parse import urlencode

import httpx
import pytest

from tests.e2e.world import World, text_of, until

CANARY = "canary-7f3a"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def signed(world: World, body: bytes, *, at: float | None = None) -> dict[str, str]:
    stamp = str(int(at or time.time()))
    secret = world.environment["SLACK_SIGNING_SECRET"].encode()
    digest = hmac.new(secret, f"v0:{stamp}:".encode() + body, sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}", **FORM}


async def post(world: World, body: bytes, headers: dict[str, str], path: str = "/slack/events") -> httpx.Response:
    return await world.client.post(f"{world.bot_url}{path}", content=body, headers=headers)


@pytest.fixture(scope="module", autouse=True)
async def installed(world: World) -> None:
    await world.install("maya")


BODY = urlencode({"command": "/runway", "text": CANARY, "user_id": "U1", "team_id": "T1"}).encode()


async def test_what_slack_did_not_sign_is_answered_with_silence(world: World) -> None:
    garbage = urlencode({"payload": f"{{{CANARY}"}).encode()
    cases = [
        (BODY, dict(FORM), 401),
        (BODY, signed(world, BODY) | {"X-Slack-Signature": "v0=" + "0" * 64}, 401),
        (BODY, signed(world, BODY, at=time.time() - 600), 401),
        (garbage, signed(world, garbage), 400),
        (b"x" * (1024 * 1024 + 1), dict(FORM), 413),
    ]
    for body, headers, status in cases:
        answer = await post(world, body, headers)
        assert answer.status_code == status
        assert CANARY not in answer.text
    assert CANARY not in world.log("bot")


async def test_slacks_notice_about_withheld_events_is_taken(world: World) -> None:
    body = b'{"type":"app_rate_limited","token":"x","team_id":"T1","minute_rate_limited":1518467820,"api_app_id":"A1"}'
    answer = await post(world, body, signed(world, body) | {"Content-Type": "application/json"})
    assert (answer.status_code, answer.text) == (200, "")


async def test_an_unsigned_webhook_of_quickbooks_is_refused(world: World) -> None:
    body = b'[{"specversion":"1.0","id":"1","type":"qbo.bill.updated.v1","intuitaccountid":"1"}]'
    for headers in ({}, {"intuit-signature": "AAAA"}, {"intuit-signature": "not base64!"}):
        assert (await post(world, body, headers, "/qbo/webhooks")).status_code == 401


async def test_an_unknown_word_gets_the_nearest_command_and_the_help(world: World) -> None:
    maya = world.person("maya")
    assert "/runway console" in text_of(await maya.types("consle"))
    assert "/runway help" in text_of(await maya.types("xylophone"))


async def test_every_command_without_books_says_how_to_connect_them(world: World) -> None:
    maya = world.person("maya")
    for words in ("", "tray", "console", "forecast", "sync", "digest preview"):
        assert "connect" in text_of(await maya.types(words)).lower(), words


@pytest.mark.parametrize("handle", ["lena", "tom"])
async def test_who_may_not_read_the_books_is_told_who_can_help(world: World, handle: str) -> None:
    said = text_of(await world.person(handle).types("console"))
    assert "can" in said
    assert "<@U" in said or "Maya" in said, said
    assert "refused" in text_of(await world.person("maya").types("audit")).lower()


async def test_a_ticket_to_quickbooks_works_once_and_an_invented_one_never(world: World) -> None:
    answer = await world.client.get(f"{world.bot_url}/qbo/connect", params={"ticket": "invented"})
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.text
    callback = await world.client.get(
        f"{world.bot_url}/qbo/callback", params={"code": "x", "state": "y", "realmId": "1"}
    )
    assert callback.status_code == 400
    assert "Nothing was changed" in callback.text


async def test_an_install_from_another_browser_sets_nothing_up(world: World) -> None:
    answer = await world.client.get(f"{world.bot_url}/slack/oauth_redirect", params={"code": "x", "state": "y"})
    assert answer.status_code == 400
    assert "Nothing was set up" in answer.text


async def test_somebody_who_leaves_the_company_loses_their_rights_at_once(world: World) -> None:
    maya, priya = world.person("maya"), world.person("priya")
    await maya.types("roles")
    people = (await world.slack("GET", "/session", {"as": "maya"}))["people"]
    leaver = next(one["id"] for one in people if one["name"] == "priya")
    await priya.types("")
    await world.slack("PATCH", "/people", {"person": leaver, "deleted": True})

    async def refused() -> bool:
        delivery = await world.slack(
            "POST",
            "/commands",
            {"as": "maya", "channel": "finance", "text": "/runway", "forge": {"patch": {"user_id": leaver}}},
        )
        return "deactivated" in str(delivery)

    assert await until(refused)


async def test_a_person_chooses_their_own_quiet_hours_by_hand(world: World) -> None:
    tom = world.person("tom")
    await tom.presses(await tom.home(), "Quiet hours")
    form = await tom.modal()
    await tom.submits(form, quiet_from="19", quiet_to="7")
    assert "7:00 PM to 7:00 AM" in text_of(await tom.modal())
