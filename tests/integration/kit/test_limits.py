"""Limits hold across processes, on Redis's own clock and in its own memory."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from redis.asyncio import Redis

from kit.embedded import EmbeddedServices
from kit.errors import Busy
from kit.limits import SLOT_SECONDS, Limiter, Rate, new_redis


@pytest.fixture(scope="module")
async def redis_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with EmbeddedServices(tmp_path_factory.mktemp("redis"), durable=False) as urls:
        yield urls.redis_url


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with new_redis(redis_url, timeout=10) as connection:
        await connection.flushall()
        yield connection


@pytest.fixture
def limiters(redis: Redis) -> list[Limiter]:
    """As in several processes: each with a memory of its own."""
    return [Limiter(redis, 0.25) for _ in range(4)]


async def test_all_processes_together_get_one_burst(limiters: list[Limiter]) -> None:
    rates = (Rate(1, 3600, burst=7),)
    waits = await asyncio.gather(*(limiter.take("realm", rates) for limiter in limiters for _ in range(25)))
    assert waits.count(0) == 7
    assert all(0 < wait <= 3600 for wait in waits if wait)


async def test_the_wait_that_is_told_is_enough(limiters: list[Limiter]) -> None:
    rates = (Rate(50, 1),)
    assert await limiters[0].take("realm", rates) == 0
    wait = await limiters[1].take("realm", rates)
    assert 0 < wait <= 0.02
    await asyncio.sleep(wait)
    assert await limiters[2].take("realm", rates) == 0


async def test_over_time_no_more_is_granted_than_the_rate_and_the_burst(limiters: list[Limiter]) -> None:
    rate = Rate(100, 1, burst=5)
    granted, start = 0, time.monotonic()
    for _ in range(150):
        wait = await limiters[granted % 4].take("realm", (rate,))
        granted += wait == 0
        await asyncio.sleep(wait / 2)
    assert 5 < granted <= 5 + rate.n * (time.monotonic() - start)


async def test_a_refusal_by_one_rate_counts_against_none(limiters: list[Limiter]) -> None:
    tight, wide = Rate(1, 3600), Rate(1, 3600, burst=3)
    assert await limiters[0].take("realm", (tight, wide)) == 0
    for limiter in limiters:
        assert await limiter.take("realm", (tight, wide)) > 0
    assert [await limiters[0].take("realm", (wide,)) == 0 for _ in range(3)] == [True, True, False]


async def test_keys_do_not_share_a_limit(limiters: list[Limiter]) -> None:
    assert await limiters[0].take("one", (Rate(1, 3600),)) == 0
    assert await limiters[0].take("two", (Rate(1, 3600),)) == 0


async def test_a_pause_holds_for_every_process_and_is_never_shortened(limiters: list[Limiter]) -> None:
    await limiters[0].pause("realm", 600)
    await limiters[1].pause("realm", 5)
    for limiter in limiters[2:]:
        assert 500 < await limiter.take("realm", (Rate(8, 1),)) <= 600


async def test_a_short_pause_ends(limiters: list[Limiter]) -> None:
    await limiters[0].pause("realm", 0.05)
    wait = await limiters[1].take("realm", (Rate(8, 1),))
    assert 0 < wait <= 0.05
    await asyncio.sleep(wait)
    assert await limiters[1].take("realm", (Rate(8, 1),)) == 0


async def test_slots_are_counted_across_processes_and_come_back(limiters: list[Limiter], redis: Redis) -> None:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(limiters[0].slot("realm", 2))
        await stack.enter_async_context(limiters[1].slot("realm", 2))
        with pytest.raises(Busy):
            await stack.enter_async_context(limiters[2].slot("realm", 2))
        assert 0 < await redis.ttl("slots:realm") <= SLOT_SECONDS
    async with limiters[3].slot("realm", 1):
        pass


async def test_the_slot_of_a_dead_holder_is_free_again_after_its_time(limiters: list[Limiter], redis: Redis) -> None:
    seconds, _ = await redis.time()
    await redis.zadd("slots:realm", {"dead": seconds - 1, "alive": seconds + SLOT_SECONDS})
    async with limiters[0].slot("realm", 2):
        with pytest.raises(Busy):
            async with limiters[1].slot("realm", 2):
                pass


async def test_nothing_stays_in_redis_once_it_no_longer_matters(limiters: list[Limiter], redis: Redis) -> None:
    await limiters[0].take("realm", (Rate(100, 1, burst=5), Rate(1, 30)))
    assert 0 < await redis.pttl("limit:realm") <= 30_000
    await limiters[0].pause("realm", 60)
    assert 30_000 < await redis.pttl("limit:realm") <= 60_000


async def test_a_flushed_redis_is_used_on_as_if_nothing_had_happened(limiters: list[Limiter], redis: Redis) -> None:
    assert await limiters[0].take("realm", (Rate(1, 3600),)) == 0
    await redis.flushall()
    await redis.script_flush()
    assert await limiters[0].take("realm", (Rate(1, 3600),)) == 0
    assert await limiters[0].take("realm", (Rate(1, 3600),)) > 0


async def test_a_slot_whose_redis_went_away_meanwhile_ends_quietly(tmp_path_factory: pytest.TempPathFactory) -> None:
    services = EmbeddedServices(tmp_path_factory.mktemp("short"), durable=False)
    async with AsyncExitStack() as stack:
        async with services as urls:
            redis = await stack.enter_async_context(new_redis(urls.redis_url, timeout=10))
            limiter = Limiter(redis, 1.0)
            held = AsyncExitStack()
            await held.enter_async_context(limiter.slot("realm", 1))
        await held.aclose()
        assert await limiter.take("realm", (Rate(8, 1),)) == 0
