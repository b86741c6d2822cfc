"""In development the bot reaches out to Slack instead of being reached: the same week over a WebSocket."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.world import World, open_world, text_of, until


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    home = Path(tmp_path_factory.mktemp("socket"))
    token = {"SLACK_APP_TOKEN": "xapp-1-A0SANDBOX-test"}
    async with open_world(home, "--join", "finance", "--socket-mode", more=token) as running:
        await running.install("maya")
        await until(lambda: answers(running))
        yield running


async def answers(world: World) -> bool:
    body = {"as": "maya", "channel": "finance", "text": "/runway help"}
    return bool((await world.slack("POST", "/commands", body)).get("status") == 200)


async def test_commands_clicks_forms_and_events_come_and_go_over_the_socket(world: World) -> None:
    maya = world.person("maya")
    assert "/runway console" in text_of(await maya.types("help"))
    settings = await maya.types("settings")
    await maya.clicks(settings, "Cash floor")
    form = await maya.modal()
    answer = await maya.submits(form, floor_cash="not a number")
    assert "floor_cash" in answer["errors"]
    answer = await maya.submits(form, floor_cash="12500")
    assert not answer.get("errors")
    assert "$12,500.00" in text_of(await maya.types("settings"))
    assert "Connect" in text_of(await maya.home())


async def test_when_slack_asks_to_reconnect_nothing_is_lost_for_long(world: World) -> None:
    await world.slack("POST", "/sockets", {"reason": "refresh_requested"})
    await until(lambda: answers(world))
    assert "/runway console" in text_of(await world.person("maya").types("help"))


async def test_a_socket_that_breaks_is_opened_again(world: World) -> None:
    await world.slack("POST", "/sockets", {"drop": True})
    assert await until(lambda: answers(world))


async def test_an_event_told_twice_over_the_socket_is_taken_once(world: World) -> None:
    me = (await world.slack("GET", "/session", {"as": "maya"}))["me"]["id"]
    event = {"type": "app_home_opened", "user": me, "tab": "home", "channel": "D0"}
    await world.slack("POST", "/events", {"event": event, "copies": 3})
    await world.slack("POST", "/settle")
    entries = (await world.slack("GET", "/ledger", {"kind": "event", "name": "app_home_opened"}))["entries"]
    assert all(one["ok"] for one in entries)
