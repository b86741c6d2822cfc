"""Waiting for what another process does: no clock decides a test, only that it happens at all."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")
PATIENCE_S = 30.0


@overload
async def until(look: Callable[[], Awaitable[T | None]], patience: float = PATIENCE_S) -> T: ...
@overload
async def until(look: Callable[[], T | None], patience: float = PATIENCE_S) -> T: ...
async def until(look: Callable[[], Any], patience: float = PATIENCE_S) -> Any:
    """The first truthy answer. Raises `TimeoutError`."""
    async with asyncio.timeout(patience):
        while True:
            answer = look()
            found = await answer if inspect.isawaitable(answer) else answer
            if found:
                return found
            await asyncio.sleep(0.02)
