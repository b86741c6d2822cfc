"""Long work in the one loop gives way now and then: whoever else clicked is answered meanwhile."""

import asyncio
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
TURN = 200  # a few milliseconds
LARGE = 5_000


async def in_turns(make: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """`[make(one) for one in items]`, some at a time."""
    made: list[R] = []
    left = iter(items)
    while part := [make(one) for one in islice(left, TURN)]:
        made += part
        if len(part) == TURN:
            await asyncio.sleep(0)
    return made


async def aside(make: Callable[[], R], *, size: int) -> R:
    """`make()`, which cannot give way: for many records in a thread, which shares the processor with the loop."""
    return make() if size <= LARGE else await asyncio.to_thread(make)
