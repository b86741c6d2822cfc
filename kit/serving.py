"""An ASGI app on a port of this process, beside whatever else it does; the process decides when it ends."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

DRAIN_S = 10


class _Guest(uvicorn.Server):
    """Leaves the signals to its host, and tells it when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(app: Any, port: int, *, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """Yields the port that is really served (0 asks for a free one). Raises `OSError` when it is taken."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_S,
        timeout_keep_alive=75,
    )
    sock = config.bind_socket() if port == 0 else _bound(host, port)
    server = _Guest(config)
    task = asyncio.create_task(server.serve(sockets=[sock]))
    try:
        await server.listening.wait()
        yield sock.getsockname()[1]
    finally:
        server.should_exit = True
        await task


def _bound(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, port))
    return sock
