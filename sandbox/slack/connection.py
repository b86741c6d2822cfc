"""Ends a connection without an answer, as a network does between the deed and the reply."""

import asyncio

from starlette.types import Scope

RAW_SEND = "sandbox.send"


async def cut_connection(scope: Scope) -> None:
    """Under uvicorn the socket is reset; in-process the caller gets the same error a client would."""
    server_side = getattr(scope.get(RAW_SEND), "__self__", None)
    transport = getattr(server_side, "transport", None)
    if transport is None:
        raise ConnectionResetError("the sandbox cut the connection")
    transport.abort()
    await asyncio.sleep(0.01)  # lets the server notice, so that it does not answer 500 to nobody
