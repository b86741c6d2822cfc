"""Outgoing HTTP reaches only listed hosts, ends in time, and never swallows more than it may."""

import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from kit.errors import Busy, VendorFault
from kit.http import (
    IDLE_S,
    MIB,
    BodyTooLarge,
    BodyUnreadable,
    ConnectionFailed,
    DeadlineExceeded,
    Fetched,
    HostNotAllowed,
    fetch,
    is_loopback,
    new_client,
    require_allowed,
)

Respond = Callable[[asyncio.StreamWriter], Awaitable[None]]
SLACK = "https://hooks.slack.com/commands/1"


def mocked(handler: Callable[[httpx.Request], httpx.Response], *, plain_http: bool = False) -> httpx.AsyncClient:
    return new_client(
        allowed_hosts={"hooks.slack.com", "api.example.com:8443"},
        plain_http=plain_http,
        transport=httpx.MockTransport(handler),
    )


def never(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"{request.url} was reached")


@asynccontextmanager
async def server(respond: Respond) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        with contextlib.suppress(ConnectionError):  # the client going away is what these tests are about
            await respond(writer)
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"


async def fetched(respond: Respond, *, total: float = 30, cap: int = 16 * MIB) -> Fetched:
    async with server(respond) as host, new_client(allowed_hosts={host}) as client:
        return await fetch(client, "GET", f"http://{host}/", total=total, cap=cap)


def answering(body: bytes, *headers: str) -> Respond:
    async def respond(writer: asyncio.StreamWriter) -> None:
        lines = ["HTTP/1.1 200 OK", *headers, "Connection: close", "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        await writer.drain()

    return respond


async def test_an_answer_comes_back_whole_whatever_its_status() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert request.method == "POST"
        assert request.headers["x-ours"] == "1"
        return httpx.Response(429, headers={"Retry-After": "7"}, content=request.content)

    async with mocked(handler) as client:
        answer = await fetch(client, "POST", SLACK, content=b"hello", headers={"x-ours": "1"})
    assert (answer.status, answer.body, answer.headers["retry-after"]) == (429, b"hello", "7")


async def test_forms_queries_and_basic_auth_are_sent() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"].startswith("Basic ")
        return httpx.Response(200, content=request.url.query + b"|" + request.content)

    async with mocked(handler) as client:
        answer = await fetch(client, "POST", SLACK, params={"a": "1"}, data={"b": "2"}, auth=("id", "secret"))
    assert answer.body == b"a=1|b=2"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://hooks.slack.com.evil.example/",
        "https://hooks.slack.com@evil.example/",
        "https://user:pass@hooks.slack.com/",
        "https://hooks.slack.com:8443/",
        "https://api.example.com/",
        "https://api.example.com:443/",
        "http://hooks.slack.com/",
        "http://api.example.com:8443/",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1/",
        "http://[::1]/",
        "https://2130706433/",
        "ftp://hooks.slack.com/",
        "file:///etc/passwd",
        "//hooks.slack.com/",
        "hooks.slack.com",
        "",
        "https://hooks.slack.com\\@evil.example/",
        "https://hooks.slack.com:99999/",
        "http://[::1",
        "https://hooks.slack.com/\0",
    ],
)
async def test_an_address_off_the_list_is_refused_before_connecting(url: str) -> None:
    with pytest.raises(HostNotAllowed):
        require_allowed(url, {"hooks.slack.com", "api.example.com:8443"})
    async with mocked(never) as client:
        with pytest.raises(HostNotAllowed):
            await fetch(client, "GET", url)


@pytest.mark.parametrize(
    "url", ["https://hooks.slack.com/x", "https://HOOKS.slack.com:443/x", "https://api.example.com:8443/"]
)
async def test_listed_hosts_are_reached(url: str) -> None:
    async with mocked(lambda _: httpx.Response(204)) as client:
        assert (await fetch(client, "GET", url)).status == 204


async def test_plain_http_needs_loopback_or_an_explicit_yes() -> None:
    require_allowed("http://127.0.0.1:8100/", {"127.0.0.1:8100"})
    require_allowed("http://localhost:8100/", {"localhost:8100"})
    async with mocked(lambda _: httpx.Response(204), plain_http=True) as client:
        assert (await fetch(client, "GET", "http://api.example.com:8443/")).status == 204


def test_loopback_is_known_by_its_name() -> None:
    assert all(map(is_loopback, ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"]))
    assert not any(map(is_loopback, ["10.0.0.1", "::", "localhost.evil.example", ""]))


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with mocked(lambda _: httpx.Response(302, headers={"Location": "https://evil.example/"})) as client:
        assert (await fetch(client, "GET", SLACK)).status == 302


async def test_the_environment_cannot_send_requests_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert (await fetched(answering(b"direct", "Content-Length: 6"))).body == b"direct"


async def test_a_dripping_answer_ends_at_the_total_deadline() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    with pytest.raises(DeadlineExceeded) as failure:
        await fetched(drip, total=0.3)
    assert isinstance(failure.value, Busy)
    assert failure.value.may_have_arrived


async def test_a_silent_server_ends_at_the_read_timeout() -> None:
    released = asyncio.Event()

    async def silent(_: asyncio.StreamWriter) -> None:
        await released.wait()

    async with server(silent) as host, new_client(allowed_hosts={host}, read=0.1) as client:
        with pytest.raises(ConnectionFailed, match="ReadTimeout") as failure:
            await fetch(client, "GET", f"http://{host}/")
        released.set()
    assert failure.value.may_have_arrived


async def test_a_refused_connection_certainly_did_not_arrive() -> None:
    async with server(answering(b"")) as host:
        pass
    async with new_client(allowed_hosts={host}) as client:
        with pytest.raises(ConnectionFailed) as failure:
            await fetch(client, "GET", f"http://{host}/")
    assert not failure.value.may_have_arrived
    assert failure.value.retry_after > 0


async def test_a_connection_cut_in_the_middle_may_have_arrived() -> None:
    with pytest.raises(ConnectionFailed) as failure:
        await fetched(answering(b"short", "Content-Length: 100"))
    assert failure.value.may_have_arrived


async def test_a_gzip_answer_is_opened() -> None:
    body = gzip.compress(b"first ") + gzip.compress(b"second")
    answer = await fetched(answering(body, "Content-Encoding: gzip", f"Content-Length: {len(body)}"))
    assert answer.body == b"first second"


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "identity", "GZIP"])
async def test_an_empty_answer_is_empty_in_every_encoding(encoding: str) -> None:
    assert (await fetched(answering(b"", f"Content-Encoding: {encoding}", "Content-Length: 0"))).body == b""


async def test_the_cap_counts_bytes_after_decompression() -> None:
    bomb = gzip.compress(b"\0" * (64 * MIB), compresslevel=1)
    assert len(bomb) < MIB
    with pytest.raises(BodyTooLarge) as failure:
        await fetched(answering(bomb, "Content-Encoding: gzip"), cap=2 * MIB)
    assert isinstance(failure.value, VendorFault)
    assert failure.value.detail.vendor == "127.0.0.1"


async def test_an_answer_of_exactly_the_cap_is_fine_and_one_more_byte_is_not() -> None:
    assert len((await fetched(answering(b"x" * 1000), cap=1000)).body) == 1000
    with pytest.raises(BodyTooLarge):
        await fetched(answering(b"x" * 1001), cap=1000)


async def test_an_endless_answer_ends_at_the_cap() -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    with pytest.raises(BodyTooLarge):
        await fetched(endless, cap=MIB)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "deflate", "nonsense"])
async def test_an_encoding_nobody_asked_for_is_refused(encoding: str) -> None:
    with pytest.raises(BodyUnreadable):
        await fetched(answering(b"x", f"Content-Encoding: {encoding}"))


async def test_what_claims_to_be_gzip_and_is_not_is_refused() -> None:
    with pytest.raises(BodyUnreadable, match="not gzip"):
        await fetched(answering(b"plain", "Content-Encoding: gzip"))


async def test_a_truncated_gzip_is_never_taken_for_a_whole_answer() -> None:
    whole = gzip.compress(b"hello" * 1000)
    with pytest.raises(ConnectionFailed, match="ended in the middle"):
        await fetched(answering(whole[:-10], "Content-Encoding: gzip"))


async def test_every_request_is_told_to_who_counts() -> None:
    told: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/gone":
            raise httpx.ConnectError("x")
        return httpx.Response(429)

    observed = new_client(
        allowed_hosts={"hooks.slack.com"},
        transport=httpx.MockTransport(answer),
        observe=lambda outcome, seconds: told.append(outcome if seconds >= 0 else "?"),
    )
    async with observed as client:
        await fetch(client, "POST", "https://hooks.slack.com/x")
        with pytest.raises(ConnectionFailed):
            await fetch(client, "POST", "https://hooks.slack.com/gone")
        with pytest.raises(HostNotAllowed):
            await fetch(client, "POST", "https://example.com/")
    assert told == ["429", "ConnectError"]


@pytest.mark.parametrize(("idle", "connections"), [(IDLE_S, 1), (0.0, 2)])
async def test_a_connection_is_used_again_unless_it_was_idle_for_too_long(idle: float, connections: int) -> None:
    opened = list[int]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(1)
        with contextlib.suppress(asyncio.IncompleteReadError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        host = f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        async with new_client(allowed_hosts={host}, idle=idle) as client:
            for _ in range(2):
                await fetch(client, "POST", f"http://{host}/")
    assert len(opened) == connections
