"""Any number of schedulers may run: what is due is ordered once, and one that dies is not missed."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

import pytest

from kit.config import child_environment
from kit.crypto import generate_key
from tests.faults.plant import ROOT, VENDORS, Plant, open_plant
from tests.waiting import until


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


async def reviews(plant: Plant) -> int:
    rows = await plant.rows("SELECT count(*) AS found FROM outbox WHERE kind = 'ReviewAlerts'")
    return int(rows[0].found)


async def test_two_schedulers_order_each_hour_once_and_one_goes_on_alone(plant: Plant) -> None:
    began = datetime.now(UTC)
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(scheduler(plant, "first"))
        await stack.enter_async_context(scheduler(plant, "second"))
        await until(lambda: reviews(plant))
        first.send_signal(signal.SIGKILL)
        await first.wait()
        third = await stack.enter_async_context(scheduler(plant, "third"))
        await until(lambda: "scheduler.started" in plant.log("third"))
        third.terminate()
        assert await asyncio.wait_for(third.wait(), 30) == 0, "a scheduler that is told to stop ends well"
    hours = {at.strftime("%H") for at in (began, datetime.now(UTC))}
    assert await reviews(plant) <= len(hours), "every scheduler asks as soon as it starts, and the hour is ordered once"
    assert all("tick.failed" not in plant.log(name) for name in ("first", "second", "third"))
