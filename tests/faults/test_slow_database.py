"""A database that takes seconds to answer keeps nobody at Slack waiting, and what Slack repeats happens once."""

import hashlib
import hmac
import json
import sys
import time
from asyncio import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from kit.config import child_environment
from tests.faults.plant import ROOT, VENDORS, Plant, free_port, open_plant
from tests.faults.slow import Slow, slowed
from tests.installs import workspace_row
from tests.waiting import until

SECRET = "test-signing"
TEAM = "T0SLOW"


@pytest.fixture(scope="module")
async def plant(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plant]:
    async with open_plant(tmp_path_factory.mktemp("plant")) as opened:
        async with opened.db.tenant_session(opened.business) as session:
            session.add(workspace_row(team_id=TEAM))
        yield opened


@pytest.fixture(scope="module")
async def slow(plant: Plant) -> AsyncIterator[Slow]:
    async with slowed(plant.urls.database_url, plant.home, 0) as way:
        yield way


@pytest.fixture(scope="module")
async def bot(plant: Plant, slow: Slow) -> AsyncIterator[httpx.AsyncClient]:
    """The real bot, with the slow way to its database."""
    port = free_port()
    own = {"RUNWAY_PORT": str(port), "SLACK_SIGNING_SECRET": SECRET, "RUNWAY_ENCRYPTION_KEYS": "k:" + "A" * 43 + "="}
    made = plant.urls.environment() | VENDORS | own | {"DATABASE_URL": slow.url, "RUNWAY_HOME": str(plant.home)}
    async with running(plant, made), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        yield client


@asynccontextmanager
async def running(plant: Plant, made: dict[str, str]) -> AsyncIterator[None]:
    with (plant.home / "bot.log").open("wb") as log:
        command = (sys.executable, "-m", "runway", "serve")
        process = await subprocess.create_subprocess_exec(*command, cwd=ROOT, env=child_environment(made), stderr=log)
    try:
        await until(lambda: "bot.started" in plant.log("bot") or process.returncode is not None)
        yield
    finally:
        process.terminate()
        await process.wait()


async def send(bot: httpx.AsyncClient, event_id: str) -> int:
    event = {"type": "user_change", "user": {"id": "U1", "team_id": TEAM}}
    body = json.dumps(
        {"type": "event_callback", "event_id": event_id, "team_id": TEAM, "api_app_id": "A0", "event": event}
    )
    stamp = str(int(time.time()))
    seal = hmac.new(SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={seal}",
        "Content-Type": "application/json",
    }
    return (await bot.post("/slack/events", content=body, headers=headers)).status_code


async def written(plant: Plant, event_id: str) -> list[object]:
    return await plant.rows("SELECT 1 FROM outbox WHERE dedupe_key = :key", key=f"slack:{event_id}")


async def test_a_healthy_database_is_written_before_slack_is_answered(bot: httpx.AsyncClient, plant: Plant) -> None:
    assert await send(bot, "Ev1") == 200
    assert len(await written(plant, "Ev1")) == 1


async def test_an_event_is_sent_back_to_slack_in_time_and_its_repeat_does_nothing_twice(
    bot: httpx.AsyncClient, plant: Plant, slow: Slow
) -> None:
    slow.seconds = 1.0
    assert await send(bot, "Ev2") == 503
    slow.seconds = 0.0
    await until(lambda: written(plant, "Ev2"))
    assert await send(bot, "Ev2") == 200
    assert len(await written(plant, "Ev2")) == 1


async def test_the_repeat_of_an_event_is_acknowledged_although_the_database_stays_slow(
    bot: httpx.AsyncClient, plant: Plant, slow: Slow
) -> None:
    slow.seconds = 0.7
    assert await send(bot, "Ev4") == 503
    await until(lambda: written(plant, "Ev4"))
    assert await send(bot, "Ev4") == 200
    slow.seconds = 0.0
    assert len(await written(plant, "Ev4")) == 1


async def test_a_database_that_is_away_is_no_answer_of_ours_and_no_end_of_the_bot(
    bot: httpx.AsyncClient, plant: Plant
) -> None:
    plant.services._servers[0].stop()
    try:
        assert await send(bot, "Ev3") == 503
    finally:
        plant.services.restart_ended()
    assert await send(bot, "Ev3") == 200
    assert len(await written(plant, "Ev3")) == 1
