"""The operations port of a process: is it alive, may it be sent work, and what does it count."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from kit import outbox
from kit.config import Environment
from kit.errors import Busy
from kit.metrics import ops_app
from kit.runtime import Runtime
from kit.serving import serving

# Work that waits longer than this means that nobody is running it.
LAG_S = 60.0
SPARE_PORTS = 100


async def troubles(runtime: Runtime) -> list[str]:
    """One sentence per reason not to send work here. Redis only makes things slower, so it is no reason."""
    try:
        async with runtime.db.system_session() as session:
            await session.execute(text("SELECT 1 FROM businesses LIMIT 1"))
            lag, dead = await outbox.oldest_due_age(session), await outbox.count_dead(session)
    except (OSError, SQLAlchemyError, Busy):
        return ["the database does not answer"]
    runtime.metrics.outbox_oldest_seconds.set(lag)
    runtime.metrics.outbox_dead.set(dead)
    return [f"the oldest due job has waited {lag:.0f} s"] if lag > LAG_S else []


@asynccontextmanager
async def serve_ops(
    runtime: Runtime, *, alive: Callable[[], bool], default: int | None = None
) -> AsyncIterator[int | None]:
    """Gives the port that is served: the one that is set, else `default`; none of both, and nothing is served.

    A default that is taken on a local machine gives way to the next free port.
    """
    settings = runtime.settings
    port = default if settings.ops_port is None else settings.ops_port
    if port is None:
        yield None
        return
    app = ops_app(alive, lambda: troubles(runtime), runtime.metrics.registry)
    spare = settings.ops_port is None and settings.env is Environment.LOCAL
    async with serving(app, port, or_next=SPARE_PORTS if spare else 0) as served:
        yield served
