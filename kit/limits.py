"""Vendors' rate limits kept together by all processes: buckets, pauses and slots in Redis, on Redis's own clock.

When Redis is away every process keeps to its share of each limit; no limit is ever lifted.
"""

import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from kit.errors import Busy

# How long a Redis that failed is left alone: each further try could cost its whole timeout.
REST = 1.0
SLOT_SECONDS = 60

# Each rate is a "generic cell": the time up to which the bucket is spent. A request fits when that time is no further
# ahead than `burst` requests. Nothing is written unless all rates agree.
TAKE = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local paused = tonumber(redis.call('HGET', KEYS[1], 'pause') or '0')
local wait, spent, last = math.max(0, paused - now), {}, paused
for i = 1, #ARGV, 3 do
  local interval, burst = ARGV[i + 1] / ARGV[i], tonumber(ARGV[i + 2])
  local name = ARGV[i] .. '/' .. ARGV[i + 1]
  local until_ = math.max(now, tonumber(redis.call('HGET', KEYS[1], name) or '0'))
  wait = math.max(wait, until_ - (burst - 1) * interval - now)
  spent[name] = until_ + interval
  last = math.max(last, until_ + interval)
end
if wait > 0 then return tostring(wait) end
for name, at in pairs(spent) do redis.call('HSET', KEYS[1], name, string.format('%.6f', at)) end
redis.call('PEXPIRE', KEYS[1], math.max(redis.call('PTTL', KEYS[1]), math.ceil((last - now) * 1000)))
return '0'
"""
PAUSE = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local ends = math.max(now + ARGV[1], tonumber(redis.call('HGET', KEYS[1], 'pause') or '0'))
redis.call('HSET', KEYS[1], 'pause', string.format('%.6f', ends))
redis.call('PEXPIRE', KEYS[1], math.max(redis.call('PTTL', KEYS[1]), math.ceil((ends - now) * 1000)))
"""
OCCUPY = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""

log = structlog.get_logger(__name__)


def new_redis(url: str, *, timeout: float = 0.25) -> Redis:
    """`redis://`, `rediss://` or `unix://`. No retries: what waits here is a person or a job that has its own."""
    return Redis.from_url(
        url, socket_timeout=timeout, socket_connect_timeout=timeout, retry=Retry(NoBackoff(), 0), retry_on_error=[]
    )


@dataclass(frozen=True, slots=True)
class Rate:
    """On average `n` per `per_seconds`, and never more than `n + burst` within any span of `per_seconds`.

    Set both from the vendor's limit: 10 a second becomes Rate(8, 1, burst=2).
    """

    n: float
    per_seconds: float
    burst: int = 1

    def __post_init__(self) -> None:
        if not (self.n > 0 and self.per_seconds > 0 and self.burst >= 1):
            raise ValueError(f"{self} would let nothing through")


@dataclass(slots=True)
class _Local:
    """One process's share of one key."""

    spent: dict[Rate, float] = field(default_factory=dict)
    paused: float = 0
    slots: int = 0


class Limiter:
    """`fallback_share` (0 to 1) is what this process may use of each limit while Redis is away: 1 ÷ processes."""

    def __init__(self, redis: Redis, fallback_share: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        if not 0 < fallback_share <= 1:
            raise ValueError(f"a share is above 0 and at most 1, not {fallback_share}")
        self._redis = redis
        self._share = fallback_share
        self._monotonic = monotonic
        self._local: dict[str, _Local] = {}
        self._resting_until = -math.inf
        self._take = redis.register_script(TAKE)
        self._pause = redis.register_script(PAUSE)
        self._occupy = redis.register_script(OCCUPY)

    async def take(self, key: str, rates: tuple[Rate, ...]) -> float:
        """0: go ahead, one request is counted against every rate. Else seconds to wait; nothing was counted."""
        if (local := self._local.get(key)) and (paused := local.paused - self._monotonic()) > 0:
            return paused
        arguments = [part for rate in rates for part in (rate.n, rate.per_seconds, rate.burst)]
        if self._reachable():
            try:
                return float(await self._take(keys=[f"limit:{key}"], args=arguments))
            except RedisError as error:
                self._rest(error)
        return self._take_share(key, rates)

    async def pause(self, key: str, seconds: float) -> None:
        """Nobody gets through for so long: what a vendor's Retry-After asks for. A longer pause is never shortened."""
        local = self._of(key)
        local.paused = max(local.paused, self._monotonic() + seconds)
        if self._reachable():
            try:
                await self._pause(keys=[f"limit:{key}"], args=[seconds])
            except RedisError as error:
                self._rest(error)

    @asynccontextmanager
    async def slot(self, key: str, limit: int) -> AsyncIterator[None]:
        """One of `limit` places in flight, or `Busy`.

        A place whose holder died is free again after a minute, so what is done inside must end sooner.
        """
        token = uuid4().hex
        shared = await self._occupy_shared(key, limit, token)
        if not shared:
            self._occupy_share(key, limit)
        try:
            yield
        finally:
            await self._leave(key, token, shared=shared)

    def _take_share(self, key: str, rates: tuple[Rate, ...]) -> float:
        spent, now = self._of(key).spent, self._monotonic()
        wait, after = 0.0, {}
        for rate in rates:
            interval = rate.per_seconds / (rate.n * self._share)
            burst = max(1, math.floor(rate.burst * self._share))
            until = max(now, spent.get(rate, now))
            wait = max(wait, until - (burst - 1) * interval - now)
            after[rate] = until + interval
        if wait == 0:
            spent.update(after)
        return wait

    async def _occupy_shared(self, key: str, limit: int, token: str) -> bool:
        if not self._reachable():
            return False
        try:
            granted = await self._occupy(keys=[f"slots:{key}"], args=[token, limit, SLOT_SECONDS])
        except RedisError as error:
            self._rest(error)
            return False
        if not granted:
            raise Busy(f"all {limit} places of {key} are taken", retry_after=1)
        return True

    def _occupy_share(self, key: str, limit: int) -> None:
        local = self._of(key)
        if local.slots >= max(1, math.floor(limit * self._share)):
            raise Busy(f"this process's places of {key} are taken", retry_after=1)
        local.slots += 1

    async def _leave(self, key: str, token: str, *, shared: bool) -> None:
        if not shared:
            self._of(key).slots -= 1
            return
        try:
            await self._redis.zrem(f"slots:{key}", token)
        except RedisError as error:
            self._rest(error)  # the place frees itself when it expires

    def _of(self, key: str) -> _Local:
        return self._local.setdefault(key, _Local())

    def _reachable(self) -> bool:
        return self._monotonic() >= self._resting_until

    def _rest(self, error: RedisError) -> None:
        self._resting_until = self._monotonic() + REST
        log.warning("limits.redis_unavailable", error=type(error).__name__, share=self._share)
