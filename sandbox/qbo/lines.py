"""The ways a connection goes wrong under a good answer: cut, dripped, or blown up."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from sandbox.qbo.wire import JSON, Answer, headers

# Where the server puts its transport for BrokenLine to cut.
TRANSPORT_KEY = "sandbox.transport"


class BrokenLine(Response):
    """Sends part of an answer (or none of it) and cuts the connection.

    Without a server's transport (in-process clients) the cut is a ConnectionResetError.
    """

    def __init__(self, sent: bytes = b"", promised: int = 0) -> None:
        super().__init__(b"")
        self._sent = sent
        self._promised = promised

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        transport = scope.get(TRANSPORT_KEY)
        if transport is None:
            raise ConnectionResetError("the sandbox cut the connection")
        if self._promised:
            fields = [(b"content-type", JSON.encode()), (b"content-length", str(self._promised).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": fields})
            await send({"type": "http.response.body", "body": self._sent, "more_body": True})
            transport.close()
        else:
            transport.abort()
        await asyncio.sleep(0)


def drip(answer: Answer, tid: str, seconds: float, pieces: int = 50) -> Response:
    """The right answer, a few bytes at a time over `seconds`."""
    whole = answer.whole
    size = len(whole) // pieces + 1

    async def body() -> AsyncIterator[bytes]:
        for start in range(0, len(whole), size):
            yield whole[start : start + size]
            await asyncio.sleep(seconds / pieces)

    return StreamingResponse(body(), answer.status, headers=headers(answer, tid))


def gzip_bomb(tid: str, megabytes: int) -> Response:
    """A small body that inflates to `megabytes` of blanks."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    blank = b" " * (1 << 20)
    body = b"".join(packer.compress(blank) for _ in range(megabytes)) + packer.flush()
    return Response(body, 200, headers={**headers(Answer(b""), tid), "content-encoding": "gzip"})
