"""Waiting for what another process does: no clock decides a test, only that it happens at all."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE_S = 30.0


async def until(look: Callable[[], T | Awaitable[T]], patience: float = PATIENCE_S) -> T:
    """The first truthy answer. Raises `TimeoutError`."""
    async with asyncio.timeout(patience):
        while True:
            answer = look()
            found: T = await answer if inspect.isawaitable(answer) else answer
            if found:
                return found
            await asyncio.sleep(0.02)
