"""What an attacker would try at the wire: a status or a sentence, nothing changed, and no body in a log."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx
import pytest

from tests.e2e.world import Json, World, find_button, open_world, text_of, until

CANARY = "canary-91ce"
EVIL = "<!channel> *Bold* <https://evil.test|Pay here> & Söhne"


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Two workspaces, each with its own books."""
    async with open_world(Path(tmp_path_factory.mktemp("attacks")), "--join", "finance") as running:
        await running.install("maya")
        await running.install("sam", "prairie-dental")
        maya, sam = running.person("maya"), running.person("sam", "prairie-dental")
        await running.connect(maya)
        await running.connect(sam, realm=await running.realm(1))
        await maya.sees("The books are up to date", "app")
        await sam.sees("The books are up to date", "app")
        yield running


async def forged(world: World, path: str, forge: Json, **body: object) -> Json:
    return await world.slack("POST", path, {"as": "maya", "channel": "finance", **body, "forge": forge})


@pytest.mark.parametrize(
    "request_", [{"unsigned": True}, {"secret": "wrong"}, {"age": 600}, {"age": -600}, {"signature": "v0=00"}]
)
async def test_a_request_that_slack_did_not_sign_now_is_turned_away(world: World, request_: Json) -> None:
    answer = await forged(world, "/commands", {"request": request_}, text=f"/runway {CANARY}")
    assert answer["status"] == 401
    assert CANARY not in answer["answer"]
    assert CANARY not in world.log("bot")


async def test_a_button_that_names_another_companys_bill_finds_nothing_there(world: World) -> None:
    maya, sam = world.person("maya"), world.person("sam", "prairie-dental")
    theirs = find_button(await maya.types("console bills"), "Approve")
    ref = re.findall(r"B-\d+", theirs["value"])[0]
    before = text_of(await maya.types(f"audit {ref}"))
    mine = await sam.types("console bills")
    button = find_button(mine, "Approve")
    stolen = {"actions": [{**button, "block_id": "b", "action_ts": "1.0", "value": theirs["value"]}]}
    body = {"as": "sam", "team": "prairie-dental", "channel": "finance", "ts": mine["ts"]}
    click = {**body, "action_id": button["action_id"], "value": button["value"], "forge": {"patch": stolen}}
    assert (await world.slack("POST", "/clicks", click))["status"] == 200
    assert text_of(await maya.types(f"audit {ref}")) == before


async def test_a_response_url_of_somebody_else_is_never_called(world: World) -> None:
    called: list[str] = []

    def note(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.append("called")
        writer.close()

    maya = world.person("maya")
    console = await maya.types("console bills")
    button = find_button(console, "Approve")
    body = {"ts": console["ts"], "action_id": button["action_id"], "value": button["value"]}
    async with await asyncio.start_server(note, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/{CANARY}"
        answer = await forged(world, "/clicks", {"patch": {"response_url": url}}, **body)
    assert answer["status"] == 200
    assert called == []
    assert "response_url.not_slacks" in world.log("bot")
    assert CANARY not in world.log("bot")


async def test_a_person_of_another_team_is_told_who_can_help(world: World) -> None:
    body = {"as": "oleg", "channel": "with-foxglove-signs", "text": "/runway console"}
    answer = await world.slack("POST", "/commands", body)
    assert answer["status"] == 200
    assert "only to members of this workspace" in answer["answer"]


async def test_somebody_who_pretends_to_be_of_this_team_is_still_who_slack_says(world: World) -> None:
    oleg = (await world.slack("GET", "/session", {"as": "oleg"}))["me"]["id"]
    answer = await forged(world, "/commands", {"patch": {"user_id": oleg}}, text="/runway console")
    assert answer["status"] == 200
    assert "Runway answers only to members" in answer["answer"]


async def test_an_expired_trigger_is_a_sentence(world: World) -> None:
    maya = world.person("maya")
    ref = re.findall(r"B-\d+", text_of(await maya.types("console bills")))[0]
    answer = await forged(world, "/commands", {"patch": {"trigger_id": "1.1.x"}}, text=f"/runway hold {ref}")
    assert answer["status"] == 200
    assert "Slack did not open the form. Nothing was changed" in answer["answer"]


async def test_a_form_that_is_sent_again_later_decides_nothing_twice(world: World) -> None:
    maya = world.person("maya")
    ref = re.findall(r"B-\d+", text_of(await maya.types("console bills 2")))[-1]
    await world.slack("POST", "/commands", {"as": "maya", "channel": "finance", "text": f"/runway hold {ref}"})
    form = await maya.modal()
    assert form.get("submit"), form
    assert "Held by" in str(await maya.submits(form))
    sent = {key: form[key] for key in ("callback_id", "private_metadata", "state", "blocks")}
    forge = {"patch": {"view": sent}}
    again = await world.slack("POST", "/submissions", {"as": "maya", "view": form["id"], "forge": forge})
    assert "already held by" in str(again)
    assert text_of(await maya.types(f"audit {ref}")).lower().count("held") <= 2


async def test_a_value_that_no_card_of_ours_carries_is_refused_in_words(world: World) -> None:
    maya = world.person("maya")
    console = await maya.types("console bills")
    button = find_button(console, "Approve")
    for value in (
        "",
        "x" * 2000,
        "card|B-1'; DROP TABLE decisions;--|",
        "lone|../../etc/passwd|",
        "card|B-999999999|1",
    ):
        patch = {"actions": [{**button, "block_id": "b", "action_ts": "1.0", "value": value}]}
        body = {"ts": console["ts"], "action_id": button["action_id"], "value": button["value"]}
        assert (await forged(world, "/clicks", {"patch": patch}, **body))["status"] == 200, value
    assert '"event": "request.failed"' not in world.log("bot")


async def test_a_vendors_name_pings_nobody_and_forges_no_link(world: World) -> None:
    maya, realm = world.person("maya"), await world.realm()
    bill = next(iter((await world.qbo("GET", f"/companies/{realm}/truth"))["live"]["Bill"]))
    vendor = bill["VendorRef"]["value"]
    named = {"op": "raw", "entity": "Vendor", "id": vendor, "set": {"DisplayName": EVIL}}
    await world.qbo("POST", f"/companies/{realm}/mutate", named)

    async def renamed() -> str | None:
        shown = str(await maya.types("vendors"))
        return shown if "evil.test" in shown else None

    shown = str(await until(renamed))
    assert "<!channel>" not in shown
    assert "<https://evil.test" not in shown


async def test_an_install_cannot_be_finished_twice_nor_in_another_browser(world: World) -> None:
    async with httpx.AsyncClient(trust_env=False) as mine, httpx.AsyncClient(trust_env=False) as theirs:
        asked = await mine.get(f"{world.bot_url}/slack/install")
        state = dict(parse_qsl(urlsplit(asked.headers["location"]).query))["state"]
        back = f"{world.bot_url}/slack/oauth_redirect?{urlencode({'code': CANARY, 'state': state})}"
        assert (await theirs.get(back)).status_code == 400
        first = await mine.get(back)
        assert first.status_code == 400
        assert "Nothing was set up" in first.text
        again = await mine.get(back)
        assert again.status_code in {400, 401}
        assert CANARY not in first.text + again.text + world.log("bot")


async def test_a_realm_that_was_swapped_on_the_way_back_connects_nothing(world: World) -> None:
    maya = world.person("maya")
    url = find_button(await maya.types("connect"), "Connect")["url"]
    consent = (await world.client.get(url)).headers["location"]
    form = dict(parse_qsl(urlsplit(consent).query)) | {"decision": "connect", "realm": await world.realm()}
    back = (await world.client.post(consent.partition("?")[0], data=form)).headers["location"]
    parts = urlsplit(back)
    query = dict(parse_qsl(parts.query)) | {"realmId": await world.realm(1)}
    swapped = await world.client.get(urlunsplit(parts._replace(query=urlencode(query))))
    assert "QuickBooks is connected" not in swapped.text
    assert swapped.status_code < 500
    replayed = await world.client.get(back)
    assert "QuickBooks is connected" not in replayed.text
