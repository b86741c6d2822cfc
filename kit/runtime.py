"""What a process is made of: built once by a composition root, handed down, closed in reverse order."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis

from kit.clock import Clock, ShiftedClock, SystemClock
from kit.config import Settings
from kit.crypto import Keyring
from kit.db import Database, Hint, new_engine
from kit.errors import Misconfigured
from kit.limits import new_redis
from kit.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Runtime:
    settings: Settings
    db: Database
    redis: Redis
    clock: Clock
    keyring: Keyring
    metrics: Metrics


def clock_of(settings: Settings) -> Clock:
    return ShiftedClock(settings.now) if settings.now else SystemClock()


@dataclass(frozen=True, slots=True)
class Wiring:
    """What no process works without."""

    database_url: str
    redis_url: str
    keyring: Keyring


def wiring_of(settings: Settings) -> Wiring:
    """Raises `Misconfigured` when a service or the keys are not named."""
    if not settings.database_url or not settings.redis_url:
        raise Misconfigured("DATABASE_URL and REDIS_URL must be set; `runway up` and `runway demo` bring their own")
    if settings.encryption_keys is None:
        raise Misconfigured("RUNWAY_ENCRYPTION_KEYS must be set: without keys no token can be read or kept")
    keyring = Keyring.parse(settings.encryption_keys.get_secret_value())
    return Wiring(settings.database_url, settings.redis_url, keyring)


@asynccontextmanager
async def open_runtime(settings: Settings, *, hint: Hint | None = None, pool_size: int = 10) -> AsyncIterator[Runtime]:
    """Nothing is contacted before it is used. Raises what `wiring_of` raises."""
    wiring = wiring_of(settings)
    db = Database(new_engine(wiring.database_url, pool_size=pool_size), hint=hint)
    redis = new_redis(wiring.redis_url)
    try:
        yield Runtime(settings, db, redis, clock_of(settings), wiring.keyring, Metrics())
    finally:
        await redis.aclose()
        await db.close()
