"""`runway work`: a Dramatiq worker whose one actor runs the outbox row that a hint names, and a sweeper beside it.

Everything asynchronous lives on the event loop thread that Dramatiq's AsyncIO middleware starts.
"""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import dramatiq
import structlog
from dramatiq import Middleware
from dramatiq.asyncio import get_event_loop_thread
from dramatiq.worker import Worker
from sqlalchemy.exc import SQLAlchemyError

from bot.tools import Tools, open_tools
from kit.config import Settings
from kit.errors import Busy
from kit.ops import serve_ops
from kit.runtime import open_runtime, wiring_of
from workers import import_all
from workers.actor import run_next
from workers.broker import ACTOR, QUEUE, Hinter, new_broker
from workers.process import Watchdog
from workers.relay import Sweeper

# The default of a second would make an idle bot answer a third of a second late for nothing.
POLL_MS = 20
# Together less than the supervisor's patience.
FINISH_MS = 20_000
LAST_MS = 5_000
# On a machine that both share the bot goes first: behind it somebody waits.
YIELDING = 5

log = structlog.get_logger(__name__)


class Household(Middleware):
    """The tools on the loop thread: open before work is taken, closed after the last of it and before the loop ends."""

    def __init__(self, settings: Settings, hinter: Hinter, told: threading.Event) -> None:
        self._settings = settings
        self._hinter = hinter
        self._told = told
        self._stack = AsyncExitStack()
        self._hinted: set[asyncio.Task[Any]] = set()
        self.tools: Tools | None = None
        self.failed = False

    def open(self) -> None:
        """Not in a hook of Dramatiq's, which would swallow what goes wrong."""
        _on_loop(self._open())

    def after_worker_shutdown(self, _broker: Any, _worker: Any) -> None:
        _on_loop(self._stack.aclose())

    async def _open(self) -> None:
        settings, stack = self._settings, self._stack
        pool = settings.worker_threads + 4
        runtime = await stack.enter_async_context(open_runtime(settings, hint=self._hinter, pool_size=pool))
        tools = await stack.enter_async_context(open_tools(runtime))
        watchdog = Watchdog(asyncio.get_running_loop(), runtime.metrics)
        stack.callback(watchdog.stop)
        await stack.enter_async_context(serve_ops(runtime, alive=watchdog.alive))
        self._sweeper = Sweeper(tools, width=max(2, settings.worker_threads // 2))
        self._sweeping = asyncio.create_task(self._sweeper.run())
        self._sweeping.add_done_callback(self._swept)
        stack.push_async_callback(self._finish)
        self.tools = tools

    async def run_hinted(self, row: str) -> None:
        """A forged or doubled hint finds nothing to claim; a database that is away leaves the row to the sweeper."""
        running = asyncio.current_task()
        if self.tools is None or running is None:
            return
        self._hinted.add(running)
        running.add_done_callback(self._hinted.discard)
        try:
            await run_next(self.tools, only=UUID(row))
        except (OSError, SQLAlchemyError, Busy, ValueError) as error:
            log.warning("hint.not_run", error=type(error).__name__)
        except asyncio.CancelledError:
            log.info("hint.cut_short")  # by `_finish` alone, after which nothing of this task is left to cancel

    def _swept(self, sweeping: asyncio.Task[None]) -> None:
        """Without its sweeper a worker would look well and leave for ever what no hint names: it ends instead."""
        fault = None if sweeping.cancelled() else sweeping.exception()
        if fault is not None:
            log.critical("sweeper.failed", exc_info=fault)
            self.failed = True
            self._told.set()

    def leave(self) -> None:
        """No new claims; what runs may finish."""
        if self.tools is not None:
            _on_loop(_done(self._sweeper.stop))

    async def _finish(self) -> None:
        """What will not finish, swept or hinted, is cancelled and gives its row back."""
        self._sweeper.stop()
        _, late = await asyncio.wait({self._sweeping, *self._hinted}, timeout=LAST_MS / 1000)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


async def _done(step: Callable[[], None]) -> None:
    step()


def _on_loop(coroutine: Coroutine[Any, Any, None]) -> None:
    thread = get_event_loop_thread()
    if thread is None:
        raise RuntimeError("the AsyncIO middleware has not started its loop")
    thread.run_coroutine(coroutine)


def work(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; finish what runs, take nothing new."""
    wiring = wiring_of(settings)
    os.nice(YIELDING)
    import_all()
    broker = new_broker(wiring.redis_url)
    hinter = Hinter(broker)
    told = threading.Event()
    household = Household(settings, hinter, told)
    broker.add_middleware(household)
    dramatiq.actor(broker=broker, queue_name=QUEUE, actor_name=ACTOR)(household.run_hinted)
    worker = Worker(broker, worker_threads=settings.worker_threads, worker_timeout=POLL_MS)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    worker.start()
    try:
        household.open()
        log.info("worker.started", threads=settings.worker_threads)
        told.wait()
    finally:
        household.leave()
        worker.stop(timeout=FINISH_MS)
        hinter.close()
    log.info("worker.stopped")
    if household.failed:
        raise SystemExit(1)
