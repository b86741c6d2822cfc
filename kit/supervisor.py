"""Keeps a handful of child processes running: a crash is started again, one signal ends them all in order."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from kit.guard import Guard

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Child:
    """One process. Its output goes to `log_file`, or to ours. `essential`: when it ends, everything ends."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log_file: Path | None = None
    essential: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: before each restart in a row, after which a life counts as steady, and given to finish."""

    restart: tuple[float, ...] = (0.5, 1.0, 2.0, 5.0)
    steady: float = 30.0
    finish: float = 30.0


class Supervisor:
    """Start order is the order given; the stop order is its reverse."""

    def __init__(self, children: Sequence[Child], pace: Pace | None = None) -> None:
        self._children = children
        self._pace = pace or Pace()
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._stopping = asyncio.Event()
        self._guard = Guard(signal.SIGTERM)

    async def run(self) -> None:
        """Until told to stop, or until an essential child ends."""
        with self._guard:
            keepers = [asyncio.create_task(self._keep(child)) for child in self._children]
            await self._stopping.wait()
            for child in reversed(self._children):
                await self._end(child.name)
            await asyncio.gather(*keepers)

    def stop(self) -> None:
        self._stopping.set()

    def pid(self, name: str) -> int | None:
        process = self._running.get(name)
        return process.pid if process else None

    async def _keep(self, child: Child) -> None:
        crashes = 0
        while not self._stopping.is_set():
            began = asyncio.get_running_loop().time()
            code = await self._try(child)
            if self._stopping.is_set():
                return
            log.error("child.ended", child=child.name, exit_status=code)
            if child.essential:
                self.stop()
                return
            steady = asyncio.get_running_loop().time() - began > self._pace.steady
            crashes = 0 if steady else crashes + 1
            await self._pause(self._pace.restart[min(crashes, len(self._pace.restart) - 1)])

    async def _try(self, child: Child) -> int | None:
        """None when it could not even be started: a full disk may have room again."""
        try:
            return await self._once(child)
        except OSError as error:
            log.warning("child.not_started", child=child.name, error=type(error).__name__)
            return None

    async def _once(self, child: Child) -> int:
        with contextlib.ExitStack() as stack:
            out = stack.enter_context(child.log_file.open("ab")) if child.log_file else None
            process = await asyncio.create_subprocess_exec(
                *child.command, env=dict(child.environment), stdout=out, stderr=out, start_new_session=True
            )
            self._running[child.name] = process
            self._guard.watch(one.pid for one in self._running.values() if one.returncode is None)
            return await process.wait()

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _end(self, name: str) -> None:
        """The child leads a session of its own, so that a terminal's Ctrl-C reaches only us and the order is kept."""
        process = self._running.get(name)
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), self._pace.finish)
        except TimeoutError:
            log.warning("child.killed", child=name)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def python(*words: str) -> tuple[str, ...]:
    """A child that runs this very interpreter."""
    return (sys.executable, *words)
