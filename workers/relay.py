"""The sweeper: finds due work that no hint announced, so that losing Redis costs half a second and never a job."""

import asyncio
import random

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.tools import Tools
from kit.errors import Busy
from workers.actor import run_next

PAUSE_S = 0.5
PAUSE_WITHOUT_DATABASE_S = 2.0

log = structlog.get_logger(__name__)


class Sweeper:
    """Runs up to `width` rows at a time beside the hinted ones. `stop` lets what runs finish."""

    def __init__(self, tools: Tools, *, width: int) -> None:
        self._tools = tools
        self._width = width
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(self._width):
                group.create_task(self._sweep())

    def stop(self) -> None:
        self._stopping.set()

    async def _sweep(self) -> None:
        while not self._stopping.is_set():
            pause = await self._look()
            if pause:
                await self._wait(pause)

    async def _look(self) -> float:
        """Seconds to pause: none after a job, there may be another."""
        try:
            found = await run_next(self._tools)
        except (OSError, SQLAlchemyError, Busy) as error:
            log.warning("sweep.failed", error=type(error).__name__)
            return PAUSE_WITHOUT_DATABASE_S
        self._tools.runtime.metrics.jobs_swept.inc(found)
        return 0.0 if found else PAUSE_S * random.uniform(0.5, 1.5)

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
