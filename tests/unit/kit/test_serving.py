"""An app is served on the port that was asked for, or not at all; it ends when its host says so."""

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from kit.errors import Misconfigured
from kit.serving import serving


async def hello(_: Request) -> Response:
    return PlainTextResponse("hello")


APP = Starlette(routes=[Route("/", hello)])


async def asked(port: int, host: str = "127.0.0.1") -> str:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(f"http://{host}:{port}/")).text


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        yield one.getsockname()[1]


async def test_zero_asks_for_any_port_and_says_which() -> None:
    async with serving(APP, 0) as port:
        assert await asked(port) == "hello"
    with pytest.raises(httpx.ConnectError):
        await asked(port)


async def test_a_port_can_be_served_again_at_once() -> None:
    async with serving(APP, 0) as port:
        pass
    async with serving(APP, port) as again:
        assert again == port
        assert await asked(again) == "hello"


async def test_a_taken_port_is_refused(taken: int) -> None:
    with pytest.raises(Misconfigured, match=f"port {taken}: Address already in use"):
        async with serving(APP, taken):
            pass


async def test_a_taken_port_gives_way_to_the_next_free_one(taken: int) -> None:
    async with serving(APP, taken, or_next=50) as port:
        assert taken < port <= taken + 50
        assert await asked(port) == "hello"


async def test_an_app_that_does_not_start_is_an_error_and_no_silence() -> None:
    @asynccontextmanager
    async def broken(_: Starlette) -> AsyncIterator[None]:
        raise ValueError("no keys")
        yield

    with pytest.raises(RuntimeError, match="did not start"):
        async with serving(Starlette(lifespan=broken), 0):
            pass


async def test_an_app_may_be_served_on_the_sixth_protocol_too() -> None:
    async with serving(APP, 0, host="::1") as port:
        assert await asked(port, "[::1]") == "hello"
