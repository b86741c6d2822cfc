"""Any number of schedulers may run, or none for a while: what is due is ordered, and ordered once."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from kit.clock import SystemClock
from kit.config import child_environment
from kit.crypto import generate_key
from orchestrators.digest_schedule import plan
from tests.faults.plant import ROOT, VENDORS, Plant, open_plant
from tests.waiting import until

NAMES = ("first", "second", "third")


@pytest.fixture(scope="module")
async def plant(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plant]:
    async with open_plant(tmp_path_factory.mktemp("plant")) as opened:
        yield opened


@asynccontextmanager
async def scheduler(plant: Plant, name: str) -> AsyncIterator[asyncio.subprocess.Process]:
    made = plant.urls.environment() | {"RUNWAY_HOME": str(plant.home), "RUNWAY_ENV": "local"} | VENDORS
    environment = child_environment(made | {"RUNWAY_ENCRYPTION_KEYS": generate_key("test")})
    with (plant.home / f"{name}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "runway", "schedule", cwd=ROOT, env=environment, stderr=log
        )
    try:
        await until(lambda: "scheduler.started" in plant.log(name))
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def count(plant: Plant, what: str) -> int:
    [row] = await plant.rows(f"SELECT count(*) AS n FROM {what}")
    return int(row.n)


async def reviews(plant: Plant) -> int:
    return await count(plant, "outbox WHERE kind = 'ReviewAlerts'")


async def test_what_fell_due_while_no_scheduler_ran_is_ordered_once_by_all_that_start(plant: Plant) -> None:
    began = datetime.now(UTC)
    async with AsyncExitStack() as stack:
        lonely = await stack.enter_async_context(scheduler(plant, "lonely"))
        await until(lambda: reviews(plant))
        lonely.kill()
        await lonely.wait()
        await due_an_hour_ago(plant)
        tickers = await asyncio.gather(*(stack.enter_async_context(scheduler(plant, name)) for name in NAMES))
        await until(lambda: plant.rows("SELECT 1 FROM digest_schedule WHERE next_at > now()"))
    assert {ticker.returncode for ticker in tickers} == {0}, "a scheduler that is told to stop ends well"
    assert await count(plant, "digest_runs") == 1
    assert await count(plant, "outbox WHERE kind = 'DeliverDigest'") == 1
    hours = {at.strftime("%H") for at in (began, datetime.now(UTC))}
    assert await reviews(plant) <= len(hours), "every scheduler asks as soon as it starts, and the hour is ordered once"
    assert all("tick.failed" not in plant.log(name) for name in ("lonely", *NAMES))


async def due_an_hour_ago(plant: Plant) -> None:
    async with plant.db.tenant_session(plant.business) as session:
        assert await plan(session, SystemClock()) == 0
        await session.execute(text("UPDATE digest_schedule SET next_at = now() - interval '1 h', checked_at = NULL"))
