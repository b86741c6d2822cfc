"""Runs a stand-in on loopback inside a running event loop, and stops it again without touching signals."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import uvicorn
from starlette.types import ASGIApp

HOST = "127.0.0.1"
_GRACE = 2


class LoopbackServer(uvicorn.Server):
    """Leaves SIGINT and SIGTERM to whoever runs several servers in one process."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self.stopping = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def main_loop(self) -> None:
        """As uvicorn's, but it ends when asked instead of at the next tenth of a second."""
        counter = 0
        while not await self.on_tick(counter):
            counter = (counter + 1) % 864_000
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), 0.1)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(port: int) -> socket.socket:
    """A listening socket on this port; 0, or a port that is taken, gives the next free one."""
    for candidate in (port, *range(port + 1, port + 50)) if port else (0,):
        # Only of a socket that names TCP does asyncio turn off the delay of small packets: 40 ms an answer.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, candidate))
        except OSError:
            listener.close()
            continue
        listener.listen(512)
        return listener
    raise OSError(f"no free port from {port} on")


def url_of(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


@asynccontextmanager
async def serving(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    """Serves until the block is left; the app's lifespan has run when the block begins."""
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=_GRACE)
    server = LoopbackServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    listening = asyncio.create_task(server.listening.wait())
    try:
        await asyncio.wait({task, listening}, return_when=asyncio.FIRST_COMPLETED)
        yield
    finally:
        listening.cancel()
        server.should_exit = True
        server.stopping.set()
        await task
        listener.close()
