"""kill -9 where it hurts a person most: the worker in the middle of the first sync, the bot right after a click."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from tests.e2e.books import read_truth
from tests.e2e.world import Json, World, find_button, open_world, text_of, until


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with open_world(Path(tmp_path_factory.mktemp("world")), "--join", "finance") as running:
        await running.install("maya")
        yield running


async def rows(world: World, statement: str) -> list[asyncpg.Record]:
    """As the tenant sees them, of the only business that is installed."""
    connection = await asyncpg.connect(world.environment["DATABASE_OWNER_URL"])
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL ROLE runway_system")
            business = await connection.fetchval("SELECT business_id FROM workspaces")
            await connection.execute("RESET ROLE")
            await connection.execute("SET LOCAL ROLE runway_tenant")
            await connection.execute("SELECT set_config('app.business_id', $1, true)", str(business))
            found: list[asyncpg.Record] = await connection.fetch(statement)
            return found
    finally:
        await connection.close()


async def some_rows_but_not_all(world: World, expected: int) -> int:
    async def look() -> int:
        [row] = await rows(world, "SELECT count(*) AS n FROM records")
        return int(row["n"]) if 0 < row["n"] < expected else 0

    stored: int = await until(look)
    return stored


async def test_a_worker_killed_in_the_first_sync_is_followed_by_one_that_finishes_it(world: World) -> None:
    maya = world.person("maya")
    realm = await world.realm()
    truth = await read_truth(world, realm)
    expected = sum(len(found) for found in truth.rows.values())
    await world.qbo("POST", "/settings", {"latency_seconds": 0.25})
    await world.connect(maya)
    await some_rows_but_not_all(world, expected)
    await world.kill("worker")
    lapsed = "UPDATE outbox SET lease_until = now() - interval '9 s' WHERE lease_token IS NOT NULL RETURNING 1"
    assert await rows(world, lapsed), "as if so much time had passed"
    await world.qbo("POST", "/settings", {"latency_seconds": 0})
    await world.start("worker", "work")

    await maya.sees("The books are up to date", "app")
    mirrored = {(row["entity"], row["qbo_id"]) for row in await rows(world, "SELECT entity, qbo_id FROM records")}
    entities = {entity for entity, _ in mirrored}
    assert mirrored == {(entity, row["Id"]) for entity in entities for row in truth.of(entity)}
    runs = await rows(world, "SELECT state FROM sync_runs WHERE kind = 'full'")
    assert [run["state"] for run in runs] == ["succeeded"]


async def test_a_bot_killed_right_after_a_click_has_decided_once_or_not_at_all(world: World) -> None:
    maya = world.person("maya")
    if not await rows(world, "SELECT 1 FROM sync_runs"):  # this test is run alone
        await world.connect(maya)
    await maya.sees("The books are up to date", "app")
    console = await maya.types("console bills")
    button = find_button(console, "Approve")
    ref = re.search(r"B-\d+", button["value"])
    assert ref
    await maya.clicks(console, "Approve")
    await world.kill("bot")
    await world.start("bot", "serve")
    await world.bot_answers()

    decided = await rows(world, f"SELECT phase FROM decisions WHERE bill_id = '{ref.group(0)[2:]}'")
    assert [row["phase"] for row in decided] == ["approved"]
    again = text_of(await maya.types(f"approve {ref.group(0)}"))
    assert "lready approved by" in again

    async def home_knows() -> Json | None:
        home = await maya.home()
        return home if "1 approved bill" in text_of(home) else None

    assert await until(home_knows)
    unfinished = await rows(world, "SELECT kind FROM outbox WHERE dead_at IS NOT NULL")
    assert unfinished == []
