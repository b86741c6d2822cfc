"""The operations port of a process: is it alive, may it be sent work, and what does it count."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from kit import outbox
from kit.db import Database
from kit.errors import Busy
from kit.metrics import ops_app
from kit.runtime import Runtime
from kit.serving import serving

# Work that waits longer than this means that nobody is running it.
LAG_S = 60.0


async def troubles(runtime: Runtime) -> list[str]:
    """One sentence per reason not to send work here. Redis only makes things slower, so it is no reason."""
    try:
        lag = await _lag(runtime.db)
    except (OSError, SQLAlchemyError, Busy):
        return ["the database does not answer"]
    runtime.metrics.outbox_oldest_seconds.set(lag)
    return [f"the oldest due job has waited {lag:.0f} s"] if lag > LAG_S else []


async def _lag(db: Database) -> float:
    async with db.system_session() as session:
        await session.execute(text("SELECT 1 FROM businesses LIMIT 1"))
        return await outbox.oldest_due_age(session)


async def redis_answers(runtime: Runtime) -> bool:
    try:
        return bool(await runtime.redis.ping())
    except (RedisError, OSError):
        return False


@asynccontextmanager
async def serve_ops(runtime: Runtime, *, alive: Callable[[], bool]) -> AsyncIterator[None]:
    """Nothing is served where no port is set."""
    port = runtime.settings.ops_port
    if port is None:
        yield
        return
    app = ops_app(alive, lambda: troubles(runtime), runtime.metrics.registry)
    async with serving(app, port):
        yield
