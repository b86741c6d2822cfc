"""The stand-in as one object: its world, its settings, and what watches them."""

import asyncio
import functools
import json
import ssl
import tempfile
from collections.abc import Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx

from sandbox.slack.config import AppSettings, SlackSandboxConfig
from sandbox.slack.faults import Faults
from sandbox.slack.ledger import Entry, Ledger
from sandbox.slack.limits import Limits
from sandbox.slack.live import Live
from sandbox.slack.seed import seed
from sandbox.slack.socket_mode import Sockets
from sandbox.slack.world import World, load_world

SAVE_EVERY = 1.0


class SlackSandbox:
    def __init__(self, config: SlackSandboxConfig) -> None:
        self.config = config
        self.settings: AppSettings = config.app
        self.base_url = config.public_url.rstrip("/")
        self.live = Live()
        self.faults = Faults()
        self.sockets = Sockets()
        self.world = _open_world(config.state_file)
        self.ledger = Ledger(self.now, self._on_entry)
        self.limits = Limits(self.now, config.rate_limits)
        self.retry_delays = config.event_retry_delays
        self.http = httpx.AsyncClient(
            transport=config.transport, timeout=60, verify=_trust(), trust_env=False, limits=httpx.Limits()
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._dirty = False

    def now(self) -> float:
        return self.world.clock.now()

    def reset(self) -> None:
        self.world = World()
        seed(self.world)
        self.ledger.clear()
        self.faults.clear()
        self.changed("reset")

    def changed(self, kind: str, **facts: object) -> None:
        """To be called after every change a person could see."""
        self._dirty = True
        self.live.publish(kind, **facts)

    def start_task(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Waits for deliveries under way (events are sent in the background)."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def keep_saving(self) -> None:
        while True:
            await asyncio.sleep(SAVE_EVERY)
            self.save()

    def save(self) -> None:
        if self._dirty and self.config.state_file is not None:
            _write_atomically(self.config.state_file, json.dumps(self.world.dump()))
        self._dirty = False

    async def close(self) -> None:
        self.live.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.http.aclose()
        self.save()

    def _on_entry(self, entry: Entry) -> None:
        self.live.publish("ledger", entry=asdict(entry))


@functools.cache
def _trust() -> ssl.SSLContext:
    """Reading the certificate bundle takes 0.1 s; once is enough for all stand-ins of a process."""
    return ssl.create_default_context()


def _open_world(path: Path | None) -> World:
    if path is not None and path.exists():
        return load_world(json.loads(path.read_text()))
    world = World()
    seed(world)
    return world


def _write_atomically(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(text)
    Path(file.name).replace(path)
