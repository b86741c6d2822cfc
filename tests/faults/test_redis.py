"""Redis may forget everything, die, hang or be full: hints are lost, work is not, and nobody waits for it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from kit.limits import new_redis
from tests.faults.jobs import Strike
from tests.faults.plant import Plant, open_plant, strikes
from tests.waiting import until


@pytest.fixture(scope="module")
async def plant(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plant]:
    async with open_plant(tmp_path_factory.mktemp("plant")) as opened:
        yield opened


@pytest.fixture
async def redis(plant: Plant) -> AsyncIterator[Redis]:
    async with new_redis(plant.urls.redis_url, timeout=5) as connection:
        yield connection


async def assert_each_once(plant: Plant, orders: list[Strike]) -> None:
    effects = await plant.effects()
    assert [effects.count(order.key) for order in orders] == [1] * len(orders)
    await plant.is_sound()


@asynccontextmanager
async def forgetting(redis: Redis) -> AsyncIterator[list[int]]:
    """Meanwhile everything in Redis is thrown away again and again; gives how often so far."""
    done = [0]

    async def forget() -> None:
        while True:
            await redis.flushall()
            done[0] += 1
            await asyncio.sleep(0.05)

    task = asyncio.create_task(forget())
    try:
        yield done
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_a_redis_that_forgets_all_the_time_loses_nothing(plant: Plant, redis: Redis) -> None:
    orders = strikes(120, seconds=0.01, point="claimed")
    async with plant.workers("forgetful") as keeper:
        first = keeper.pid("forgetful")
        async with forgetting(redis) as times:
            await plant.order(*orders)
            await plant.quiet()
        assert keeper.pid("forgetful") == first
    assert times[0] > 3
    await assert_each_once(plant, orders)


async def test_a_redis_that_dies_takes_no_work_and_no_worker_with_it(plant: Plant) -> None:
    before, during, after = strikes(10), strikes(10), strikes(10)
    async with plant.workers("bereft") as keeper:
        first = keeper.pid("bereft")
        await plant.order(*before)
        os.kill(plant.services._servers[1].pid, signal.SIGKILL)
        await plant.order(*during)
        await plant.quiet()
        async with plant.workers("born in the dark"):
            await plant.order(*(late := strikes(5)))
            await plant.quiet()
            await until(lambda: plant.services.find_ended() == "redis")
            assert await asyncio.to_thread(plant.services.restart_ended) == ["redis"]
            await plant.order(*after)
            await plant.quiet()
        assert keeper.pid("bereft") == first
    await assert_each_once(plant, [*before, *during, *late, *after])


async def test_after_redis_came_back_hints_are_heard_again(plant: Plant, redis: Redis) -> None:
    """The worker's consumer reconnects: its heartbeat stands in Redis again."""
    async with plant.workers("hearing"):
        os.kill(plant.services._servers[1].pid, signal.SIGKILL)
        await until(lambda: plant.services.find_ended() == "redis")
        await asyncio.to_thread(plant.services.restart_ended)
        await until(lambda: redis.exists("dramatiq:__heartbeats__"))
        await redis.delete("dramatiq:__heartbeats__")
        assert await until(lambda: redis.exists("dramatiq:__heartbeats__"))


async def test_a_redis_that_hangs_makes_nobody_wait(plant: Plant) -> None:
    orders = strikes(30)
    pid = plant.services._servers[1].pid
    async with plant.workers("unheard"):
        os.kill(pid, signal.SIGSTOP)
        try:
            await plant.order(*orders)
            await plant.quiet()
        finally:
            os.kill(pid, signal.SIGCONT)
        await plant.order(*(more := strikes(5)))
        await plant.quiet()
    await assert_each_once(plant, [*orders, *more])


async def test_a_redis_that_is_full_says_so_and_the_work_goes_on(plant: Plant, redis: Redis) -> None:
    orders = strikes(20)
    async with plant.workers("squeezed"):
        await redis.config_set("maxmemory", "1mb")
        try:
            await plant.order(*orders)
            await plant.quiet()
        finally:
            await redis.config_set("maxmemory", "0")
    await assert_each_once(plant, orders)
