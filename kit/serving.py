"""An ASGI app on a port of this process, beside whatever else it does; the process decides when it ends."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from kit.errors import Misconfigured

DRAIN_S = 10


class _Guest(uvicorn.Server):
    """Leaves signals and exits to its host, and tells it when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit:  # how uvicorn says that the application's own start failed
            self.should_exit = True
        finally:
            self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(app: Any, port: int, *, host: str = "127.0.0.1", or_next: int = 0) -> AsyncIterator[int]:
    """Yields the port that is really served: 0 asks for any, `or_next` allows so many above it when it is taken.

    Raises `Misconfigured` when none is free, and `RuntimeError` when the app itself does not start.
    """
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_S,
        timeout_keep_alive=75,
    )
    sock = _bound(host, port, or_next)
    server = _Guest(config)
    task = asyncio.create_task(server.serve(sockets=[sock]))
    try:
        await server.listening.wait()
        if server.should_exit:
            raise RuntimeError("the application did not start; its log says why")
        yield sock.getsockname()[1]
    finally:
        server.should_exit = True
        await task
        sock.close()


def _bound(host: str, port: int, or_next: int) -> socket.socket:
    for wanted in range(port, port + or_next):
        with contextlib.suppress(OSError):
            return _listening(host, wanted)
    try:
        return _listening(host, port + or_next)
    except OSError as error:
        raise Misconfigured(
            f"Nothing can listen on {host}, port {port + or_next}: {os.strerror(error.errno or 0)}. "
            "Set another port, or end what uses it."
        ) from error


def _listening(host: str, port: int) -> socket.socket:
    # Only of a socket that names TCP does asyncio turn off the delay of small packets: 40 ms an answer.
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen()
    except OSError:
        sock.close()
        raise
    return sock
