"""A business connected to a company of the stand-in, and the ways to compare its mirror with the truth."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import httpx
from redis.asyncio import Redis
from sqlalchemy import select
from starlette.applications import Starlette

from domains.connections import end_connection
from domains.mirror import Entity, RecordRow
from domains.qbo.auth import IntuitApp, IntuitAuth, TokenPair
from domains.qbo.changes import Changed
from domains.qbo.client import Pace
from domains.qbo.connecting import Grant, keep_grant
from domains.qbo.sync import Intuit, Merge, SmartSyncService, SyncOrder
from domains.qbo.tokens import TokenKeeper
from domains.sync_history import Kind, SyncRunRow
from kit.clock import FrozenClock
from kit.crypto import Keyring, Secret
from kit.db import Database, TenantSession
from kit.http import new_client
from kit.limits import Limiter, Rate
from sandbox.books.company import Company
from sandbox.qbo.app import create_app
from sandbox.qbo.config import QboSandboxConfig
from sandbox.qbo.state import QboSandbox

ORIGIN = "http://127.0.0.1:8101"
REDIRECT = "http://127.0.0.1:8000/qbo/callback"
APP = IntuitApp(
    "sandbox-client",
    Secret("sandbox-secret"),
    REDIRECT,
    f"{ORIGIN}/connect/oauth2",
    f"{ORIGIN}/oauth2/v1/tokens/bearer",
    f"{ORIGIN}/v2/oauth2/tokens/revoke",
)
_keys = count(1)


class OpenLimiter(Limiter):
    """Lets everything through at once: pace has tests of its own."""

    def __init__(self) -> None:
        super().__init__(Redis(), 1.0)
        self.paused: list[str] = []

    async def take(self, key: str, rates: tuple[Rate, ...]) -> float:
        return 0

    async def pause(self, key: str, seconds: float) -> None:
        self.paused.append(key)

    @asynccontextmanager
    async def slot(self, key: str, limit: int) -> AsyncIterator[None]:
        yield


class Line(httpx.ASGITransport):
    """In memory, but a cut line is what it would be on a wire; and what may come over it though nobody documents it.

    `largest`: the rows that a query is answered with at most. `surplus`: how many more are counted than there are.
    `hollow`: queries are answered without rows and counts.
    `meanwhile` happens once, after the next query for bills was answered.
    """

    largest: int | None = None
    surplus: int = 0
    hollow: bool = False
    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            answer = await super().handle_async_request(self._shortened(request))
        except ConnectionResetError as error:
            raise httpx.ReadError("the line was cut", request=request) from error
        if self.hollow and request.url.path.endswith(("/query", "/batch")):
            answer = await _rewritten(answer, _hollowed)
        if self.surplus and request.url.path.endswith("/batch"):
            answer = await _rewritten(answer, self._miscounted)
        happens = self.meanwhile if "FROM Bill " in request.url.params.get("query", "") else None
        if happens:
            self.meanwhile = None
            await happens()
        return answer

    def _shortened(self, request: httpx.Request) -> httpx.Request:
        statement = request.url.params.get("query") or request.content.decode()
        if not self.largest or "MAXRESULTS" not in statement:
            return request
        largest = self.largest
        shorter = re.sub(r"(?<=MAXRESULTS )\d+", lambda found: str(min(int(found.group()), largest)), statement)
        if "query" in request.url.params:
            request.url = request.url.copy_set_param("query", shorter)
            return request
        return httpx.Request(request.method, request.url, headers=_plain(request.headers), content=shorter)

    def _miscounted(self, body: bytes) -> bytes:
        def wrong(found: re.Match[bytes]) -> bytes:
            return b'"totalCount":%d' % max(0, int(found.group(1)) + self.surplus)

        return re.sub(rb'"totalCount":(\d+)', wrong, body)


def _hollowed(body: bytes) -> bytes:
    answer = json.loads(body)
    for part in answer.get("BatchItemResponse", [answer]):
        part["QueryResponse"] = {}
    return json.dumps(answer).encode()


async def _rewritten(answer: httpx.Response, by: Callable[[bytes], bytes]) -> httpx.Response:
    body = by(await answer.aread())
    return httpx.Response(answer.status_code, headers=_plain(answer.headers), content=body)


def _plain(headers: httpx.Headers) -> dict[str, str]:
    """Without those that belong to the body as it was."""
    return {name: value for name, value in headers.items() if name not in {"content-length", "content-encoding"}}


@dataclass
class Stage:
    db: Database
    keyring: Keyring
    clock: FrozenClock
    sandbox: QboSandbox
    service: SmartSyncService
    limiter: OpenLimiter
    line: Line
    realms: dict[UUID, str] = field(default_factory=dict)

    def unit(self, business: UUID) -> "UnitOf":
        return UnitOf(self.db, business)

    async def pair(self, realm: str) -> TokenPair:
        """Consent without the browser."""
        pair = self.sandbox.tokens.connect(realm)
        now = self.clock.now()
        return TokenPair(
            Secret(pair.access_token),
            Secret(pair.refresh_token),
            now + timedelta(hours=1),
            now + timedelta(days=100),
            None,
        )

    async def connect(self, business: UUID, realm: str) -> None:
        grant = Grant(realm, await self.pair(realm), "U1", switch=False)
        async with self.db.tenant_session(business) as session:
            await keep_grant(session, self.keeper(business), grant, self.clock.now())
        self.realms[business] = realm

    async def connect_again(self, business: UUID) -> None:
        """A fresh consent, as after a long absence."""
        await self.connect(business, self.realms[business])

    def keeper(self, business: UUID) -> TokenKeeper:
        return self.service.keeper(business)

    async def sync(
        self,
        business: UUID,
        kind: Kind = Kind.INCREMENTAL,
        *,
        job_key: str | None = None,
        merges: tuple[Merge, ...] = (),
    ) -> Changed:
        order = SyncOrder(kind, "U1", job_key or f"job-{next(_keys)}", merges)
        return await self.service.run(business, self.unit(business), order)

    def company(self, business: UUID) -> Company:
        return self.sandbox.companies[self.realms[business]]

    async def last_run(self, business: UUID) -> SyncRunRow:
        async with self.db.tenant_session(business) as session:
            statement = select(SyncRunRow).order_by(SyncRunRow.started_at.desc(), SyncRunRow.requests.desc()).limit(1)
            return (await session.execute(statement)).scalar_one()

    def requests(self, business: UUID) -> int:
        realm = self.realms[business]
        return sum(1 for entry in self.sandbox.ledger.entries if entry.realm == realm)


@dataclass(frozen=True)
class UnitOf:
    db: Database
    business: UUID

    def __call__(self) -> AbstractAsyncContextManager[TenantSession]:
        return self.db.tenant_session(self.business)


@asynccontextmanager
async def staged(
    db: Database, keyring: Keyring, clock: FrozenClock, companies: tuple[Company, ...], **config: Any
) -> AsyncIterator[Stage]:
    app: Starlette = create_app(QboSandboxConfig(companies, redirect_uris=(REDIRECT,), now=clock.now, **config))
    line = Line(app=app)
    http = new_client(allowed_hosts={"127.0.0.1:8101"}, transport=line)
    limiter = OpenLimiter()
    pace = Pace(limiter, longest_wait_s=1, pause_s=0.01, first_backoff_s=0.001)
    intuit = Intuit(http, ORIGIN, IntuitAuth(APP, http, clock), pace)
    service = SmartSyncService(db, keyring, clock, intuit)
    stage = Stage(db, keyring, clock, app.state.qbo, service, limiter, line)
    try:
        yield stage
    finally:
        await http.aclose()
        for business in stage.realms:  # one company, one business: the next test connects it again
            async with db.tenant_session(business) as session:
                await end_connection(session, clock.now())


def truth(company: Company) -> dict[tuple[str, str], dict[str, Any]]:
    """Every live record of a mirrored kind, as the API would answer it now."""
    return {
        (entity, row.id): json.loads(row.text, parse_float=Decimal)
        for entity in Entity
        for row in company.tables[entity].values()
    }


async def mirror(db: Database, business: UUID) -> dict[tuple[str, str], dict[str, Any]]:
    async with db.tenant_session(business) as session:
        rows = (await session.execute(select(RecordRow).where(RecordRow.deleted_at.is_(None)))).scalars().all()
    return {(row.entity, row.qbo_id): json.loads(row.document, parse_float=Decimal) for row in rows}


def differences(left: dict[Any, Any], right: dict[Any, Any]) -> list[str]:
    """In words, the first few."""
    only = [f"only in truth: {key}" for key in left.keys() - right.keys()]
    extra = [f"only in mirror: {key}" for key in right.keys() - left.keys()]
    other = [f"{key}: {_first(left[key], right[key])}" for key in left.keys() & right.keys() if left[key] != right[key]]
    return [*only, *extra, *other][:10]


def _first(left: dict[str, Any], right: dict[str, Any]) -> str:
    names = [name for name in left.keys() | right.keys() if left.get(name) != right.get(name)]
    return ", ".join(f"{name} {left.get(name)!r} != {right.get(name)!r}" for name in sorted(names))[:300]
