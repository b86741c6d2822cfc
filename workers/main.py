"""`runway work`: a Dramatiq worker whose one actor runs the outbox row that a hint names, and a sweeper beside it.

Everything asynchronous lives on the event loop thread that Dramatiq's AsyncIO middleware starts.
"""

import asyncio
import signal
import threading
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
from kit.errors import Busy, Misconfigured
from kit.ops import serve_ops
from kit.runtime import open_runtime
from workers import import_all
from workers.actor import run_next
from workers.broker import ACTOR, QUEUE, Hinter, new_broker
from workers.process import Watchdog
from workers.relay import Sweeper

# The default of a second would make an idle bot answer a third of a second late for nothing.
POLL_MS = 20
FINISH_MS = 25_000

log = structlog.get_logger(__name__)


class Household(Middleware):
    """Opens the tools on the loop thread before the first message and closes them after the last."""

    def __init__(self, settings: Settings, hinter: Hinter) -> None:
        self._settings = settings
        self._hinter = hinter
        self._stack = AsyncExitStack()
        self.tools: Tools | None = None

    def before_worker_boot(self, _broker: Any, _worker: Any) -> None:
        _on_loop(self._open())

    def before_worker_shutdown(self, _broker: Any, _worker: Any) -> None:
        _on_loop(self._stop_sweeping())

    def close(self) -> None:
        _on_loop(self._stack.aclose())

    async def _open(self) -> None:
        settings, stack = self._settings, self._stack
        pool = settings.worker_threads + 4
        runtime = await stack.enter_async_context(open_runtime(settings, hint=self._hinter, pool_size=pool))
        self.tools = await stack.enter_async_context(open_tools(runtime))
        watchdog = Watchdog(asyncio.get_running_loop())
        stack.callback(watchdog.stop)
        await stack.enter_async_context(serve_ops(runtime, alive=watchdog.alive))
        self._sweeper = Sweeper(self.tools, width=max(2, settings.worker_threads // 2))
        self._sweeping = asyncio.create_task(self._sweeper.run())

    async def _stop_sweeping(self) -> None:
        """No new claims; what runs may finish, what will not is cancelled and gives its row back."""
        self._sweeper.stop()
        _, late = await asyncio.wait({self._sweeping}, timeout=FINISH_MS / 1000)
        for task in late:
            task.cancel()


def _on_loop(coroutine: Any) -> None:
    thread = get_event_loop_thread()
    if thread is None:
        raise RuntimeError("the AsyncIO middleware has not started its loop")
    thread.run_coroutine(coroutine)


def work(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; finish what runs, take nothing new."""
    if not settings.redis_url:
        raise Misconfigured("REDIS_URL must be set; `runway up` and `runway demo` bring their own")
    import_all()
    broker = new_broker(settings.redis_url)
    hinter = Hinter(broker)
    household = Household(settings, hinter)
    broker.add_middleware(household)

    async def run_outbox_row(row: str) -> None:
        """A forged or doubled hint finds nothing to claim; a database that is away leaves the row to the sweeper."""
        tools = household.tools
        if tools is not None:
            try:
                await run_next(tools, only=UUID(row))
            except (OSError, SQLAlchemyError, Busy, ValueError) as error:
                log.warning("hint.not_run", error=type(error).__name__)

    dramatiq.actor(broker=broker, queue_name=QUEUE, actor_name=ACTOR)(run_outbox_row)
    worker = Worker(broker, worker_threads=settings.worker_threads, worker_timeout=POLL_MS)
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    worker.start()
    log.info("worker.started", threads=settings.worker_threads)
    told.wait()
    worker.stop(timeout=FINISH_MS)
    hinter.close()
    log.info("worker.stopped")
