"""How a process of ours ends: at a signal, in order, or hard when its event loop is stuck."""

import asyncio
import faulthandler
import os
import signal
import threading
import time

import structlog

from kit.metrics import Metrics

STUCK_S = 15.0

log = structlog.get_logger(__name__)


async def until_told() -> None:
    """Return at SIGTERM or SIGINT."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    await told.wait()


class Watchdog:
    """A blocked event loop serves nobody and renews no lease: show where it hangs and let the supervisor begin anew."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, metrics: Metrics | None = None, *, stuck_after: float = STUCK_S
    ) -> None:
        self._loop = loop
        self._lag = (metrics or Metrics()).loop_lag_seconds
        self._stuck_after = stuck_after
        self._beat = time.monotonic()
        self._ended = threading.Event()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def alive(self) -> bool:
        return time.monotonic() - self._beat < self._stuck_after / 3

    def stop(self) -> None:
        self._ended.set()

    def _watch(self) -> None:
        while not self._ended.wait(1):
            if time.monotonic() - self._beat > self._stuck_after:
                faulthandler.dump_traceback()
                os._exit(1)
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._tick, time.monotonic())

    def _tick(self, asked: float) -> None:
        self._beat = time.monotonic()
        self._lag.observe(self._beat - asked)
