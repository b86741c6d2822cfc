"""Without Redis a process keeps to its share of every limit; nothing is ever unlimited."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from kit.errors import Busy
from kit.limits import Limiter, Rate, new_redis

NOWHERE = "redis://127.0.0.1:1/0"


class Ticks:
    """A monotonic clock that moves when told."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@asynccontextmanager
async def alone(share: float = 1.0) -> AsyncIterator[tuple[Limiter, Ticks]]:
    ticks = Ticks()
    async with new_redis(NOWHERE) as redis:
        yield Limiter(redis, share, monotonic=ticks), ticks


async def granted(limiter: Limiter, rates: tuple[Rate, ...], tries: int = 100) -> int:
    return sum([await limiter.take("realm", rates) == 0 for _ in range(tries)])


@pytest.mark.parametrize(("share", "expected"), [(1.0, 8), (0.5, 4), (0.25, 2), (0.01, 1)])
async def test_a_process_alone_has_its_share_of_the_burst(share: float, expected: int) -> None:
    async with alone(share) as (limiter, _):
        assert await granted(limiter, (Rate(8, 1, burst=8),)) == expected


async def test_a_share_of_the_rate_comes_back_with_time() -> None:
    async with alone(0.5) as (limiter, ticks):
        rate = (Rate(8, 1),)
        assert await limiter.take("realm", rate) == 0
        assert await limiter.take("realm", rate) == pytest.approx(0.25)
        ticks.at += 0.25
        assert await limiter.take("realm", rate) == 0


async def test_a_refusal_by_one_rate_counts_against_none() -> None:
    async with alone() as (limiter, ticks):
        tight, wide = Rate(1, 1), Rate(100, 60, burst=2)
        assert await limiter.take("realm", (tight, wide)) == 0
        assert await limiter.take("realm", (tight, wide)) == pytest.approx(1)
        ticks.at += 1
        assert await limiter.take("realm", (tight, wide)) == 0


async def test_keys_do_not_share_a_limit() -> None:
    async with alone() as (limiter, _):
        assert await limiter.take("one", (Rate(1, 60),)) == 0
        assert await limiter.take("two", (Rate(1, 60),)) == 0


async def test_a_pause_holds_without_redis_and_is_never_shortened() -> None:
    async with alone() as (limiter, ticks):
        await limiter.pause("realm", 30)
        await limiter.pause("realm", 5)
        assert await limiter.take("realm", (Rate(8, 1),)) == 30
        ticks.at += 30
        assert await limiter.take("realm", (Rate(8, 1),)) == 0


async def test_slots_are_shared_out_and_come_back() -> None:
    async with alone(0.5) as (limiter, _):
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(limiter.slot("realm", 4))
            await stack.enter_async_context(limiter.slot("realm", 4))
            with pytest.raises(Busy) as refusal:
                await stack.enter_async_context(limiter.slot("realm", 4))
            assert refusal.value.retry_after > 0
        async with limiter.slot("realm", 4):
            pass


async def test_a_slot_is_given_back_when_the_work_fails() -> None:
    async with alone() as (limiter, _):
        for _attempt in range(3):
            with pytest.raises(ZeroDivisionError):
                async with limiter.slot("realm", 1):
                    raise ZeroDivisionError


async def test_a_redis_that_failed_is_left_alone_for_a_moment() -> None:
    async with alone() as (limiter, ticks):
        with capture_logs() as logs:
            await granted(limiter, (Rate(8, 1),), tries=5)
            await limiter.pause("other", 1)
            async with limiter.slot("realm", 1):
                pass
            assert [line["event"] for line in logs] == ["limits.redis_unavailable"]
            ticks.at += 2
            await limiter.take("realm", (Rate(8, 1),))
            ticks.at += 2
            await limiter.pause("other", 1)
            ticks.at += 2
            async with limiter.slot("realm", 1):
                pass
            assert len(logs) == 4


async def test_a_redis_that_hangs_is_given_up_at_its_timeout() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, new_redis(f"redis://127.0.0.1:{port}/0", timeout=0.05) as redis:
        with capture_logs() as logs:
            assert await Limiter(redis, 1.0).take("realm", (Rate(8, 1),)) == 0
    assert [line["error"] for line in logs] == ["TimeoutError"]


@given(
    share=st.sampled_from([1.0, 0.5, 0.2]),
    rate=st.builds(Rate, st.integers(1, 20), st.sampled_from([1, 7, 60]), st.integers(1, 20)),
    waits=st.lists(st.floats(0, 3), min_size=1, max_size=80),
)
async def test_no_span_of_time_sees_more_than_the_rate_and_the_burst(
    share: float, rate: Rate, waits: list[float]
) -> None:
    async with alone(share) as (limiter, ticks):
        times = []
        for wait in waits:
            ticks.at += wait
            if await limiter.take("realm", (rate,)) == 0:
                times.append(ticks.at)
    for at, start in enumerate(times):
        inside = sum(start <= time < start + rate.per_seconds for time in times[at:])
        assert inside <= rate.n * share + max(1, rate.burst * share) + 1e-6


@pytest.mark.parametrize(("n", "per", "burst"), [(0, 1, 1), (1, 0, 1), (1, 1, 0), (-1, 1, 1)])
def test_a_rate_that_lets_nothing_through_is_refused(n: float, per: float, burst: int) -> None:
    with pytest.raises(ValueError, match="nothing through"):
        Rate(n, per, burst)


@pytest.mark.parametrize("share", [0, -1, 1.5])
async def test_a_share_is_a_part_of_the_whole(share: float) -> None:
    async with new_redis(NOWHERE) as redis:
        with pytest.raises(ValueError, match="share"):
            Limiter(redis, share)
