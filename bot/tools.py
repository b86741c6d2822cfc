"""What a listener or a job works with: the process's runtime and the two roads out, to Slack and to the books."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis

from bot.messenger import Messenger, open_messenger
from kit.clock import Clock
from kit.config import Settings
from kit.crypto import Keyring
from kit.db import Database
from kit.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Tools:
    settings: Settings
    db: Database
    redis: Redis
    clock: Clock
    keyring: Keyring
    messenger: Messenger


@asynccontextmanager
async def open_tools(runtime: Runtime) -> AsyncIterator[Tools]:
    async with open_messenger(runtime) as messenger:
        yield Tools(runtime.settings, runtime.db, runtime.redis, runtime.clock, runtime.keyring, messenger)
