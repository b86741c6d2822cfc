"""An organisation installs once for all its workspaces; it turns tokens over, leaves in any order, and comes back."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from tests.e2e.world import World, open_world, text_of, until

ENTERPRISE = "E0HARBOR"


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with open_world(Path(tmp_path_factory.mktemp("organisation")), "--join", "finance") as running:
        settings = {"enterprise": ENTERPRISE, "token_rotation": True, "token_life": 43_200}
        await running.slack("PUT", "/settings", settings)
        await running.install("maya")
        yield running


async def rows(world: World, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(world.environment["DATABASE_URL"].replace("runway_app", "runway_owner"))
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL ROLE runway_system")
            found: list[asyncpg.Record] = await connection.fetch(statement)
            return found
    finally:
        await connection.close()


async def test_one_installation_serves_the_organisation_and_greets_its_installer(world: World) -> None:
    await world.person("maya").sees("I never move money", "app")
    [row] = await rows(world, "SELECT enterprise_id, team_id FROM workspaces")
    assert (row["enterprise_id"], row["team_id"]) == (ENTERPRISE, "")


async def test_commands_buttons_forms_and_home_know_whose_they_are(world: World) -> None:
    maya = world.person("maya")
    settings = await maya.types("settings")
    await maya.clicks(settings, "Cash floor")
    form = await maya.modal()
    assert form["app_installed_team_id"] == ENTERPRISE
    assert not (await maya.submits(form, floor_cash="12500")).get("errors")
    assert "$12,500.00" in text_of(await maya.types("settings"))
    assert "Connect" in text_of(await maya.home())


async def test_a_person_of_the_organisation_has_an_id_of_their_own_kind_and_no_rights_yet(world: World) -> None:
    card = (await world.slack("POST", "/people", {"name": "wanda"}))["person"]
    assert card["id"].startswith("W")
    wanda = world.person("wanda")
    refused = text_of(await wanda.types("console", "general"))
    assert "can" in refused
    assert "<@U" in refused


@pytest.mark.parametrize("order", [("tokens_revoked", "app_uninstalled"), ("app_uninstalled", "tokens_revoked")])
async def test_it_leaves_in_either_order_and_comes_back_as_itself(world: World, order: tuple[str, str]) -> None:
    [before] = await rows(world, "SELECT business_id FROM workspaces")
    events = {
        "app_uninstalled": {"type": "app_uninstalled"},
        "tokens_revoked": {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["UBOT"]}},
    }
    for name in order:
        answer = await world.slack("POST", "/events", {"event": events[name], "wait": True})
        assert answer["status"] == 200

    async def ended() -> bool:
        [row] = await rows(world, "SELECT dead, bot_token FROM workspaces")
        return bool(row["dead"]) and row["bot_token"] is None

    assert await until(ended)
    answer = await world.slack("POST", "/commands", {"as": "maya", "channel": "finance", "text": "/runway"})
    assert answer["status"] == 200
    assert "not installed" in answer["answer"]
    await world.install("maya")
    [after] = await rows(world, "SELECT business_id, dead FROM workspaces")
    assert (after["business_id"], after["dead"]) == (before["business_id"], False)
    assert "$12,500.00" in text_of(await world.person("maya").types("settings"))


async def test_news_of_an_old_uninstall_does_not_end_the_new_install(world: World) -> None:
    heard = len(await rows(world, "SELECT 1 FROM outbox WHERE kind = 'Uninstalled'"))
    body = {"event": {"type": "app_uninstalled"}, "late": 3600}
    await world.slack("POST", "/events", body)
    await world.slack("POST", "/settle")

    async def taken() -> bool:
        now = await rows(world, "SELECT done_at FROM outbox WHERE kind = 'Uninstalled'")
        return len(now) == heard + 1 and all(row["done_at"] for row in now)

    assert await until(taken)
    assert "$12,500.00" in text_of(await world.person("maya").types("settings"))


async def test_a_token_that_is_about_to_end_is_replaced_without_anybody_noticing(world: World) -> None:
    await world.slack("PUT", "/settings", {"token_life": 600})  # shorter than the margin: due at the next look
    await world.install("maya")
    await world.slack("PUT", "/settings", {"token_life": 43_200})
    maya = world.person("maya")
    await maya.clicks(await maya.types("settings"), "Cash floor")
    assert (await maya.modal()).get("submit")

    async def turned_over() -> bool:
        tokens = (await world.slack("GET", "/state"))["tokens"]
        return [one["state"] for one in tokens if one["kind"] == "refresh"].count("used") == 1

    assert await until(turned_over)
    assert '"event": "request.failed"' not in world.log("bot")
