"""All outgoing HTTP: allow-listed hosts only, no redirects, one total deadline, one size cap after decompression."""

import asyncio
import ipaddress
import time
import zlib
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import httpx

from kit.errors import Busy, FaultDetail, RunwayError, VendorFault

Observe: TypeAlias = Callable[[str, float], None]

DEFAULT_PORTS = {"https": 443, "http": 80}
MIB = 1024 * 1024
# 16 + MAX_WBITS reads gzip. It is the only encoding asked for: its decoder can stop in the middle of a bomb.
GZIP = 16 + zlib.MAX_WBITS
# Servers commonly close what was idle for five seconds. Into a connection that just closes a request may have been sent
# or not, so ours are closed first.
IDLE_S = 4.0
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class HostNotAllowed(RunwayError):
    """The address is not on this client's list; nothing was sent."""


class ConnectionFailed(Busy):
    """No complete answer came. `may_have_arrived` is False only when the request certainly was not delivered."""

    def __init__(self, reason: str, *, may_have_arrived: bool, retry_after: float = 2) -> None:
        super().__init__(reason, retry_after=retry_after)
        self.may_have_arrived = may_have_arrived


class DeadlineExceeded(ConnectionFailed):
    """The whole exchange took longer than it may; the request may have been carried out."""


class BodyTooLarge(VendorFault):
    """More bytes than the cap, counted after decompression."""


class BodyUnreadable(VendorFault):
    """Compressed in a way we did not ask for, or not what it says it is."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A complete answer. Header names are case-insensitive."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def new_client(
    *,
    allowed_hosts: Collection[str],
    connect: float = 3,
    read: float = 10,
    connections: int = 20,
    idle: float = IDLE_S,
    plain_http: bool = False,
    transport: httpx.AsyncBaseTransport | None = None,
    observe: Observe | None = None,
) -> httpx.AsyncClient:
    """A client that reaches `allowed_hosts` ("host" means its scheme's default port, "host:port" exactly that one).

    Plain http is for loopback only, unless `plain_http`. Proxies and .netrc of the environment are not used.
    `observe` is told the outcome (a status, or the name of the error) of each request and its seconds to the headers.
    """
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=idle)
    inner = transport or httpx.AsyncHTTPTransport(limits=limits, trust_env=False)
    return httpx.AsyncClient(
        transport=_Guarded(inner, frozenset(map(str.lower, allowed_hosts)), observe, plain_http=plain_http),
        timeout=httpx.Timeout(read, connect=connect),
        headers={"accept-encoding": "gzip"},
        follow_redirects=False,
        trust_env=False,
    )


class _Guarded(httpx.AsyncBaseTransport):
    """Asks before a connection is opened, whatever built the request."""

    def __init__(
        self, inner: httpx.AsyncBaseTransport, hosts: frozenset[str], observe: Observe | None, *, plain_http: bool
    ) -> None:
        self._inner = inner
        self._hosts = hosts
        self._observe = observe or _nobody
        self._plain_http = plain_http

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        require_allowed(request.url, self._hosts, plain_http=self._plain_http)
        began = time.monotonic()
        try:
            answer = await self._inner.handle_async_request(request)
        except httpx.TransportError as error:
            self._observe(type(error).__name__, time.monotonic() - began)
            raise
        self._observe(str(answer.status_code), time.monotonic() - began)
        return answer

    async def aclose(self) -> None:
        await self._inner.aclose()


def _nobody(_outcome: str, _seconds: float) -> None:
    """Nobody counts."""


def require_allowed(url: httpx.URL | str, allowed_hosts: Collection[str], *, plain_http: bool = False) -> None:
    """Raises `HostNotAllowed`. Also the check for an address that somebody else hands us, before it is kept."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise HostNotAllowed("this is not an address") from None
    host, port = parsed.host.lower(), parsed.port or DEFAULT_PORTS.get(parsed.scheme)
    named = {f"{host}:{port}"} | ({host} if port == DEFAULT_PORTS.get(parsed.scheme) else set())
    if port is None or parsed.userinfo or named.isdisjoint(allowed_hosts):
        raise HostNotAllowed(f"{parsed.scheme}://{host}:{port} is not an allowed host")
    if parsed.scheme == "http" and not (plain_http or is_loopback(host)):
        raise HostNotAllowed(f"{host} must be reached over https")


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


async def fetch(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    total: float = 30,
    cap: int = 16 * MIB,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    content: bytes | str | None = None,
    data: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
) -> Fetched:
    """One exchange, any status. Raises `ConnectionFailed`, `DeadlineExceeded`, `BodyTooLarge`, `BodyUnreadable`.

    `total` is seconds for everything, a dripping answer included; `cap` is bytes of the decompressed body.
    """
    try:
        async with asyncio.timeout(total):
            sent = client.stream(method, url, headers=headers, params=params, content=content, data=data, auth=auth)
            async with sent as response:
                return Fetched(response.status_code, response.headers, await _read(response, cap))
    except httpx.InvalidURL:
        raise HostNotAllowed("this is not an address") from None
    except TimeoutError:
        raise DeadlineExceeded(f"no complete answer within {total:g} s", may_have_arrived=True) from None
    except NEVER_SENT as error:
        raise ConnectionFailed(_named(error), may_have_arrived=False) from error
    except httpx.TransportError as error:
        raise ConnectionFailed(_named(error), may_have_arrived=True) from error


def _named(error: Exception) -> str:
    return f"the connection failed ({type(error).__name__})"


async def _read(response: httpx.Response, cap: int) -> bytes:
    body = bytearray()
    async for piece in _decoded(response, cap):
        body += piece
        if len(body) > cap:
            raise BodyTooLarge(f"the answer is larger than {cap} bytes", _detail(response, "body_too_large"))
    return bytes(body)


def _decoded(response: httpx.Response, cap: int) -> AsyncIterator[bytes]:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if response.is_stream_consumed:  # a transport that answers from memory hands over read and decoded bodies
        return response.aiter_bytes()
    if encoding == "identity":
        return response.aiter_raw()
    if encoding in {"gzip", "x-gzip"}:
        return _gunzipped(response, cap)
    raise BodyUnreadable("the answer has an encoding nobody asked for", _detail(response, "content_encoding"))


async def _gunzipped(response: httpx.Response, cap: int) -> AsyncIterator[bytes]:
    inflate = zlib.decompressobj(GZIP)
    started = False
    async for raw in response.aiter_raw():
        piece, started = raw, True
        while piece:
            if inflate.eof:  # several gzip members may follow each other
                inflate = zlib.decompressobj(GZIP)
            try:
                yield inflate.decompress(piece, cap + 1)
            except zlib.error:
                raise BodyUnreadable("the answer is not gzip", _detail(response, "gzip")) from None
            piece = inflate.unconsumed_tail or inflate.unused_data
    if started and not inflate.eof:
        raise ConnectionFailed("the answer ended in the middle", may_have_arrived=True)


def _detail(response: httpx.Response, code: str) -> FaultDetail:
    return FaultDetail(vendor=response.request.url.host, code=code)
