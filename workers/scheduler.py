"""The clock: APScheduler as a ticker and nothing more. It keeps no jobs of its own; the database says what is due."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.exc import SQLAlchemyError

from bot.tools import Tools, open_tools
from kit.config import Settings
from kit.errors import Busy
from kit.ops import serve_ops
from kit.runtime import open_runtime
from workers import import_all
from workers.broker import Hinter, new_broker
from workers.process import Watchdog, until_told
from workers.ticks import TICKS, Tick

log = structlog.get_logger(__name__)


class Ticker:
    """Asks each tick at its pace, one ask of a kind at a time; a failing database costs one ask."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def start(self) -> None:
        for tick in TICKS:
            self._scheduler.add_job(
                self._ask,
                "interval",
                args=[tick],
                seconds=tick.seconds,
                jitter=min(tick.seconds // 10, 30) or None,
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
                next_run_time=datetime.now(UTC),  # nobody who starts us should wait a whole pace for the first answer
            )
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)

    async def _ask(self, tick: Tick) -> None:
        try:
            await tick.ask(self._tools)
        except (OSError, SQLAlchemyError, Busy) as error:
            log.warning("tick.failed", tick=tick.name, error=type(error).__name__)


async def schedule(settings: Settings) -> None:
    """`runway schedule`: tick until told to stop."""
    import_all()
    async with AsyncExitStack() as stack:
        hinter = Hinter(new_broker(settings.redis_url)) if settings.redis_url else None
        runtime = await stack.enter_async_context(open_runtime(settings, hint=hinter, pool_size=2))
        tools = await stack.enter_async_context(open_tools(runtime))
        watchdog = Watchdog(asyncio.get_running_loop(), runtime.metrics)
        stack.callback(watchdog.stop)
        ticker = Ticker(tools)
        ticker.start()
        stack.callback(ticker.stop)
        await stack.enter_async_context(serve_ops(runtime, alive=watchdog.alive))
        log.info("scheduler.started", ticks=len(TICKS))
        await until_told()
    if hinter:
        hinter.close()
