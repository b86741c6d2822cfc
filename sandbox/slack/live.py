"""Tells open pages that something changed, over server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

JsonObject = dict[str, Any]

HEARTBEAT = 15.0


class Live:
    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[JsonObject | None]] = set()
        self.closed = False

    def publish(self, kind: str, **facts: object) -> None:
        for queue in self._listeners:
            if queue.qsize() < 1000:
                queue.put_nowait({"kind": kind, **facts})

    def close(self) -> None:
        """Ends every stream, so that a server with open pages can stop."""
        self.closed = True
        for queue in self._listeners:
            queue.put_nowait(None)

    async def stream(self) -> AsyncIterator[str]:
        queue: asyncio.Queue[JsonObject | None] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            yield ": connected\n\n"
            while not self.closed:
                frame = await _next_frame(queue)
                if frame is None:
                    return
                yield frame
        finally:
            self._listeners.discard(queue)


async def _next_frame(queue: asyncio.Queue[JsonObject | None]) -> str | None:
    try:
        item = await asyncio.wait_for(queue.get(), HEARTBEAT)
    except TimeoutError:
        return ": still here\n\n"
    return None if item is None else f"data: {json.dumps(item)}\n\n"
